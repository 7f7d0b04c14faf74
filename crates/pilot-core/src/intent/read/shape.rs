//! What the whole sentence speaks for, beside its single words.

use super::cue::Question;
use crate::intent::lexicon;
use crate::intent::phrase::{Phrase, What};

/// What the whole sentence speaks for: how it begins, and what stands in it.
pub(super) fn shape(words: &[&str], phrases: &[Phrase], quoted: bool) -> Vec<(Question, f32)> {
    use Question::*;
    let has = |word: &str| words.contains(&word);
    let pair = |a: &str, b: &str| words.windows(2).any(|w| w == [a, b]);
    let names = phrases.iter().filter(|p| matches!(p.what, What::Name { .. } | What::Object(_) | What::It)).count();
    let kinds: Vec<&str> = phrases
        .iter()
        .filter_map(|p| match &p.what {
            What::Kind(kind) | What::Name { kind: Some(kind), .. } => Some(*kind),
            _ => None,
        })
        .collect();
    let first = words.first().copied().unwrap_or("");
    let asks = matches!(first, "is" | "are" | "was" | "were" | "does" | "do" | "did" | "has" | "have" | "any");
    let ill = phrases.iter().any(|p| matches!(p.what, What::Symptom(_)));
    let mut more = Vec::new();
    if !kinds.is_empty() || phrases.iter().any(|p| p.what == What::Workload) {
        more.push((List, 1.6));
    }
    if has("all") || has("every") {
        more.push((List, 0.6));
    }
    if names > 0 {
        more.extend([(Status, 1.0), (Describe, 0.6), (Diagnose, 0.3)]);
        if asks {
            more.push((Status, 1.8));
        }
        if has("version") {
            more.push((Images, 1.0));
        }
    } else {
        more.push((Describe, -2.0));
        let runs = has("runs") || has("running") || has("deployed") || has("installed");
        if kinds.is_empty() && runs && matches!(first, "what" | "which") {
            more.push((List, 2.2));
        }
        if has("everything") || has("anything") || has("all") && kinds.is_empty() {
            more.push(if asks || first == "check" { (Status, 1.8) } else { (List, 1.2) });
        }
    }
    if (has("most") || has("least") || has("highest") || has("top")) && (has("memory") || has("cpu") || has("ram")) {
        more.push((Top, 2.0));
    }
    if matches!(first, "scan" | "audit" | "inspect" | "analyze" | "analyse") && !has("policy") {
        more.push((Analyze, 2.6));
    }
    if asks && !kinds.is_empty() {
        more.push((Status, 1.2));
    }
    if ill && !asks && names > 0 {
        more.push((Diagnose, 1.8));
    }
    if ill && names == 0 {
        if kinds.is_empty() && !has("security") {
            more.push((Diagnose, 2.0));
        } else {
            more.push((List, 0.8));
        }
    }
    if pair("how", "many") || pair("number", "of") {
        more.push((Count, 4.0));
    }
    if pair("how", "is") || pair("how", "are") {
        more.push((Status, 2.2));
    }
    if pair("how", "much") && !has("cost") {
        more.push((Top, 1.2));
        more.push((Cost, 1.0));
    }
    if kinds.contains(&"Node") {
        more.push((Capacity, 0.8));
    }
    if kinds.contains(&"Release") || has("helm") {
        more.extend([(Releases, 1.4), (ReleaseStatus, if has("status") || names > 0 { 3.4 } else { 0.0 })]);
        if has("history") || has("revisions") {
            more.push((RolloutHistory, 3.0));
        }
        if has("values") {
            more.push((ReleaseValues, 2.0));
        }
        more.push((List, -1.6));
    } else {
        more.push((ReleaseValues, -1.0));
    }
    if has("rollout") && (has("status") || asks) {
        more.push((RolloutStatus, 4.0));
    }
    if first == "who" && (has("can") || has("may") || has("could")) {
        more.push((CanI, 6.0));
    }
    let may = matches!(first, "can" | "may" | "could" | "am") || pair("can", "not");
    if may && words.iter().any(|w| super::build::is_api_verb(w)) {
        more.push((CanI, 4.4));
    }
    if names >= 2
        && (has("reach")
            || has("connect")
            || has("talk")
            || has("blocked")
            || has("between")
            || has("connectivity")
            || has("reachable")
            || has("accessible"))
    {
        more.push((Reach, 5.0));
    }
    if has("cluster") && (has("which") || has("what") || has("connected")) {
        more.push((Contexts, 2.6));
    }
    if phrases.iter().any(|p| matches!(&p.what, What::Path(path) if path.to_lowercase().contains("dockerfile"))) {
        more.push((ImageReview, 8.0));
    }
    if pair("pod", "security") || has("root") && (has("run") || has("runs") || has("running") || has("as")) {
        more.push((Security, 4.2));
        more.push((Diagnose, -2.2));
    }
    if quoted {
        more.push((Explain, 1.5));
    }
    if has("restart") && (has("count") || has("counts")) {
        more.push((List, 4.0));
    }
    if has("must") && !kinds.is_empty() || pair("not", "allowed") || pair("only", "allowed") {
        more.push((Policy, 2.6));
    }
    if pair("you", "do") || pair("what", "can") {
        more.push((Help, 2.4));
    }
    if pair("can", "you") || pair("how", "do") || pair("how", "can") || pair("how", "to") {
        more.push((Help, 1.2));
    }
    if (first == "generate" || first == "write" || has("yaml") || has("manifest")) && !kinds.is_empty() && names == 0 {
        more.push((Generate, 1.6));
    }
    if has("error") || has("errors") {
        more.push((Logs, 1.8));
    }
    if words.iter().any(|w| lexicon::kind(w) == Some("NetworkPolicy")) {
        more.push((Policy, -4.2));
    }
    more
}
