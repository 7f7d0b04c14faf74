//! Every sentence of the case files.

use serde_json::Value;

use super::{cases, cluster, text};
use pilot_core::intent::{Understood, understand};

#[test]
fn every_sentence_means_what_it_says() {
    let known = cluster();
    let cases = cases();
    assert!(cases.len() >= 400, "{} cases", cases.len());
    let mut failed = Vec::new();
    for case in &cases {
        let understood = understand(case.sentence, known);
        let found = text(&understood);
        // The question's wording may change; what can be chosen may not.
        let same = if case.want == "?" { found.starts_with('?') } else { found == case.want };
        let part = match (&case.json, &understood) {
            (None, _) => true,
            (Some(json), Understood::Actions(actions)) => {
                serde_json::to_value(&actions[0]).is_ok_and(|action| contains(&action, json))
            }
            _ => false,
        };
        if !same || !part {
            failed.push(format!(
                "{}: {}\n   want {}\n   have {found} {understood:?}",
                case.place, case.sentence, case.want
            ));
        }
    }
    assert!(failed.is_empty(), "{} of {} sentences:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[test]
fn no_sentence_stands_twice() {
    let mut seen = std::collections::BTreeSet::new();
    for case in cases() {
        assert!(seen.insert(case.sentence), "{}: {}", case.place, case.sentence);
    }
}

/// Whether `part` is somewhere in `whole`, field by field.
fn contains(whole: &Value, part: &Value) -> bool {
    let here = match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|w| w == value || contains(w, value)))
        }
        (whole, part) => whole == part,
    };
    here || whole.as_object().is_some_and(|fields| fields.values().any(|value| contains(value, part)))
}
