//! What single words can mean. A word may mean several things; its place in the sentence decides.

mod kind;

pub use kind::{WORKLOADS, is_workload_word, kind, plural};

/// Words that carry no meaning of their own in a command.
pub fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "a"
            | "an"
            | "my"
            | "our"
            | "your"
            | "this"
            | "that"
            | "these"
            | "those"
            | "please"
            | "kindly"
            | "me"
            | "us"
            | "just"
            | "now"
            | "thanks"
            | "thank"
            | "you"
            | "its"
            | "k8s"
            | "kubernetes"
            | "called"
            | "named"
            | "immediately"
            | "quickly"
            | "right"
            | "away"
            | "asap"
            | "so"
            | "there"
            | "currently"
    )
}

/// Words that may stand in front of a command: politeness, and saying that one wants it.
pub const OPENINGS: &[&[&str]] = &[
    &["i", "want", "you", "to"],
    &["i", "need", "you", "to"],
    &["i", "would", "like", "you", "to"],
    &["i", "would", "like", "to"],
    &["we", "would", "like", "to"],
    &["i", "want", "to"],
    &["we", "want", "to"],
    &["i", "need", "to"],
    &["we", "need", "to"],
    &["let", "us"],
    &["go", "ahead", "and"],
    &["help", "me", "to"],
    &["help", "me"],
    &["help", "us"],
    &["please"],
    &["kindly"],
    &["hey"],
    &["hi"],
    &["hello"],
    &["ok"],
    &["okay"],
    &["yes"],
    &["so"],
    &["well"],
    &["alright"],
    &["now"],
    &["just"],
    &["pilot"],
    &["kubectl", "pilot"],
    &["kubectl", "ai"],
    &["kubectl"],
    &["quickly"],
    &["immediately"],
    &["also"],
    &["and"],
    &["then"],
    &["next"],
    &["finally"],
    &["first"],
    &[","],
    &[":"],
];

/// Words that mean that something is wrong, with the state a pod shows for it.
pub fn symptom(word: &str) -> Option<&'static str> {
    Some(match word {
        "crashing" | "crash" | "crashes" | "crashed" | "crashloop" | "crashlooping" | "crashloopbackoff"
        | "looping" => "CrashLoopBackOff",
        "pending" | "unscheduled" | "unschedulable" => "Pending",
        "oom" | "oomkilled" | "oomkill" => "OOMKilled",
        "imagepullbackoff" | "errimagepull" | "imagepull" => "ImagePullBackOff",
        "evicted" => "Evicted",
        "terminating" => "Terminating",
        "notready" | "unready" | "unhealthy" | "failing" | "failed" | "fail" | "fails" | "broken" | "wrong"
        | "down" | "stuck" | "unreachable" | "notrunning" | "notworking" | "notstarting" | "unavailable" | "dead"
        | "dying" | "restarting" | "hanging" | "frozen" | "problem" | "problems" | "issue" | "issues" | "trouble"
        | "unstable" | "degraded" | "erroring" | "misbehaving" | "flapping" | "sick" | "503" | "502" | "500"
        | "504" => "",
        _ => return None,
    })
}

/// Words that no command has: what they stand in is a negation.
pub fn is_negation(word: &str) -> bool {
    matches!(
        word,
        "not"
            | "no"
            | "never"
            | "without"
            | "neither"
            | "nor"
            | "except"
            | "excluding"
            | "avoid"
            | "instead"
            | "rather"
            | "nothing"
            | "nobody"
            | "refrain"
            | "unless"
            | "but"
            | "hardly"
            | "cancel"
            | "abort"
            | "ignore"
            | "stop"
            | "skip"
            | "forget"
            | "keep"
            | "leave"
    )
}

/// Words that make what they stand in conditional or put it off: pilot acts now or not at all.
pub fn is_condition(word: &str) -> bool {
    matches!(
        word,
        "if" | "unless"
            | "when"
            | "whenever"
            | "once"
            | "until"
            | "till"
            | "after"
            | "before"
            | "while"
            | "case"
            | "provided"
            | "assuming"
            | "suppose"
            | "supposing"
            | "otherwise"
            | "else"
            | "every"
            | "each"
            | "daily"
            | "hourly"
            | "weekly"
            | "tomorrow"
            | "tonight"
            | "later"
            | "soon"
            | "eventually"
            | "maybe"
            | "perhaps"
            | "possibly"
            | "would"
            | "could"
            | "should"
            | "might"
            | "may"
            | "must"
            | "can"
            | "will"
            | "shall"
            | "or"
    )
}

/// Words that begin a question.
pub fn is_question_word(word: &str) -> bool {
    matches!(
        word,
        "what"
            | "which"
            | "who"
            | "whom"
            | "whose"
            | "why"
            | "when"
            | "where"
            | "how"
            | "is"
            | "are"
            | "was"
            | "were"
            | "am"
            | "do"
            | "does"
            | "did"
            | "has"
            | "have"
            | "had"
            | "can"
            | "could"
            | "should"
            | "would"
            | "will"
            | "may"
            | "might"
            | "must"
            | "shall"
            | "any"
            | "anything"
            | "anyone"
            | "whether"
            | "isn't"
            | "aren't"
    )
}

/// Nouns that turn a verb before them into a noun: `restart count`, `rollback history`, `scale events`.
pub fn is_reading_noun(word: &str) -> bool {
    matches!(
        word,
        "count"
            | "counts"
            | "counter"
            | "history"
            | "histories"
            | "status"
            | "statuses"
            | "state"
            | "policy"
            | "policies"
            | "event"
            | "events"
            | "log"
            | "logs"
            | "reason"
            | "reasons"
            | "time"
            | "times"
            | "rate"
            | "rates"
            | "frequency"
            | "list"
            | "report"
            | "reports"
            | "overview"
            | "summary"
            | "age"
            | "level"
            | "levels"
            | "cost"
            | "costs"
            | "strategy"
            | "option"
            | "options"
            | "plan"
            | "plans"
            | "permission"
            | "permissions"
            | "statistics"
            | "stats"
            | "date"
            | "dates"
            | "notes"
            | "details"
            | "info"
            | "information"
            | "documentation"
            | "docs"
            | "command"
            | "commands"
            | "instructions"
            | "procedure"
            | "error"
            | "errors"
            | "failure"
            | "failures"
            | "attempts"
            | "loop"
            | "loops"
            | "health"
            | "metrics"
            | "limit"
            | "limits"
            | "target"
            | "targets"
            | "candidates"
            | "was"
            | "is"
            | "were"
            | "are"
            | "has"
            | "had"
            | "happened"
            | "failed"
            | "succeeded"
            | "worked"
    )
}

/// Words of ordinary speech, which name no object unless the cluster has exactly one of that name.
pub fn is_common(word: &str) -> bool {
    is_filler(word)
        || is_question_word(word)
        || is_reading_noun(word)
        || is_negation(word)
        || is_condition(word)
        || symptom(word).is_some()
        || matches!(
            word,
            "show"
                | "sort"
                | "sorted"
                | "total"
                | "general"
                | "browser"
                | "json"
                | "order"
                | "place"
                | "web-browser"
                | "production-like"
                | "mind"
                | "list"
                | "get"
                | "give"
                | "tell"
                | "check"
                | "describe"
                | "display"
                | "print"
                | "find"
                | "see"
                | "view"
                | "fetch"
                | "search"
                | "grep"
                | "explain"
                | "verify"
                | "confirm"
                | "ensure"
                | "compare"
                | "analyze"
                | "analyse"
                | "identify"
                | "diagnose"
                | "investigate"
                | "count"
                | "scan"
                | "review"
                | "audit"
                | "watch"
                | "look"
                | "monitor"
                | "inspect"
                | "about"
                | "using"
                | "from"
                | "with"
                | "to"
                | "in"
                | "on"
                | "at"
                | "by"
                | "as"
                | "into"
                | "within"
                | "inside"
                | "across"
                | "between"
                | "of"
                | "for"
                | "like"
                | "than"
                | "per"
                | "via"
                | "all"
                | "every"
                | "some"
                | "many"
                | "much"
                | "more"
                | "most"
                | "less"
                | "least"
                | "few"
                | "other"
                | "only"
                | "top"
                | "usage"
                | "resource"
                | "resources"
                | "cluster"
                | "recent"
                | "recently"
                | "latest"
                | "newest"
                | "running"
                | "run"
                | "runs"
                | "ready"
                | "healthy"
                | "live"
                | "available"
                | "active"
                | "existing"
                | "current"
                | "actual"
                | "whole"
                | "entire"
                | "different"
                | "same"
                | "new"
                | "old"
                | "used"
                | "unused"
                | "violate"
                | "violates"
                | "violating"
                | "restarted"
                | "restarts"
                | "everything"
                | "something"
                | "someone"
                | "nobody"
                | "each"
                | "both"
                | "over"
                | "under"
                | "above"
                | "below"
                | "it"
                | "they"
                | "we"
                | "i"
                | "he"
                | "she"
                | "them"
                | "been"
                | "being"
                | "be"
                | "get's"
                | "going"
                | "doing"
                | "happening"
                | "need"
                | "needs"
                | "want"
                | "wants"
                | "know"
                | "think"
                | "seems"
                | "looks"
                | "keeps"
                | "getting"
                | "became"
                | "become"
                | "connect"
                | "reach"
                | "talk"
                | "access"
                | "allowed"
                | "label"
                | "labels"
                | "labeled"
                | "labelled"
                | "namespace"
                | "namespaces"
                | "stored"
                | "created"
                | "deleted"
                | "scaled"
                | "deployed"
                | "installed"
                | "updated"
                | "changed"
                | "added"
                | "removed"
                | "security"
                | "performance"
                | "optimize"
                | "optimise"
                | "usual"
                | "still"
                | "already"
                | "yet"
                | "again"
                | "too"
                | "very"
        )
}
