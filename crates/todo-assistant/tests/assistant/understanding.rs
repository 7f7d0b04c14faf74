//! Properties of the grammar that hold for any sentence: it never panics, it works in bounded time, and what is no request never
//! writes.

use crate::support;
use proptest::prelude::*;
use todo_assistant::builtin::{Intent, Reading, Situation, understand};
use todo_domain::language;

fn steps(text: &str, tag: &str) -> Vec<Intent> {
    let context = language::Context::new(support::NOW.parse().unwrap());
    match understand(text, &Situation { context: &context, language: tag, pending: None }).0 {
        Reading::Steps(steps) => steps.into_iter().filter(|step| !step.doubt).map(|step| step.intent).collect(),
        Reading::Answer(_) => Vec::new(),
    }
}

/// Requests that change data, as they stand in the case files.
const REQUESTS: &[&str] = &[
    "delete the milk task",
    "delete 3",
    "complete 1 and 2",
    "complete everything",
    "mark the report as done",
    "add buy bread",
    "rename 3 to X",
    "move the passport to friday",
    "make 3 urgent",
    "tag 3 with home",
    "reopen 11",
    "clear completed tasks",
    "postpone 3 by a week",
];

/// What makes a question or a negation of a request.
const GUARDS: &[&str] = &[
    "don't",
    "do not",
    "please don't",
    "never",
    "should I",
    "did I",
    "what if I",
    "if I",
    "maybe",
    "why did you",
    "I might",
    "I never",
];

fn writes(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Add { .. }
            | Intent::Complete { .. }
            | Intent::Reopen { .. }
            | Intent::Delete { .. }
            | Intent::Change { .. }
            | Intent::Undo { .. }
    )
}

#[test]
fn no_guarded_request_writes() {
    for request in REQUESTS {
        assert!(steps(request, "en").iter().any(writes), "{request} should write");
        for guard in GUARDS {
            let text = format!("{guard} {request}");
            let intents = steps(&text, "en");
            assert!(!intents.iter().any(writes), "{text}: {intents:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,120}", tag in "(en|es|de|ur|xx)") {
        let _ = steps(&text, &tag);
    }

    #[test]
    fn words_of_the_grammar_in_any_order_are_read_without_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "complete", "delete", "add", "the", "all", "task", "tasks", "3", "#4", "and", "then", "not", "don't", "tomorrow",
            "every", "monday", "to", "from", "by", "a", "week", "@home", "#Work", "\"quoted", "text\"", "?", ",", "it", "both",
            "first", "one", "except", "due", "today", "priority", "high", "rename", "move", "undo", "I", "bought", "milk", "show",
        ]), 0..14),
    ) {
        let _ = steps(&words.join(" "), "en");
    }

    #[test]
    fn a_sentence_that_only_reads_stays_so_with_any_ending(ending in "[a-z ]{0,30}") {
        for lead in ["show my tasks", "how many tasks", "what is due", "when is", "did I finish", "is it true that"] {
            let text = format!("{lead} {ending}");
            // "… and delete 3" is a request of its own.
            prop_assume!(![" and ", " then ", " plus ", " also "].iter().any(|join| format!("{text} ").contains(join)));
            prop_assert!(!steps(&text, "en").iter().any(writes), "{}", text);
        }
    }

    /// Words of every language's commands, so that one language's ending makes no request of another's question.
    #[test]
    fn a_sentence_that_only_reads_stays_so_in_mixed_languages(
        lead in prop::sample::select(vec!["show my tasks", "list", "how many tasks", "what is due", "when is", "did I finish", "tell me"]),
        words in prop::collection::vec(prop::sample::select(vec![
            "ab", "erledigt", "fertig", "lösche", "löschen", "weg", "auf", "verschiebe", "neu", "hake", "borra", "hecho", "lista",
            "añade", "mueve", "completa", "la", "der", "die", "el", "a", "an", "zu", "milk", "3", "task", "done", "finished", "delete",
            "off", "up", "late", "home", "friday", "morgen", "mañana", "high", "dringend", "urgente", "حذف", "مکمل", "کر", "دو",
        ]), 0..8),
    ) {
        let text = format!("{lead} {}", words.join(" "));
        prop_assert!(!steps(&text, "en").iter().any(writes), "{}: {:?}", text, steps(&text, "en"));
    }

    #[test]
    fn quoted_text_is_a_title_and_nothing_else(inner in "[a-zA-Z0-9 ]{1,40}") {
        prop_assume!(!inner.trim().is_empty());
        let intents = steps(&format!("add \"{inner}\""), "en");
        prop_assert!(matches!(intents.as_slice(), [Intent::Add { items }] if items.len() == 1), "{:?}", intents);
    }
}
