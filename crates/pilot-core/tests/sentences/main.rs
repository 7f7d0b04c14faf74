//! Sentences and what they mean in one cluster. Each line of a case file is `sentence => actions`, where actions are
//! separated by `;` and written as pilot prints them after `understood as:`. `? question` means that pilot asks back,
//! `? question | choice | choice` with these choices; `!` means that it does nothing. A JSON object at the end must be
//! part of the first action.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod cases;
mod safety;

use std::sync::LazyLock;

use jiff::Timestamp;
use pilot_core::intent::{Known, Understood, understand};
use pilot_core::snapshot::Snapshot;
use serde_json::Value;

/// The cluster of all sentences, read once for all tests.
fn cluster() -> &'static Known {
    static CLUSTER: LazyLock<Known> = LazyLock::new(read_cluster);
    &CLUSTER
}

fn read_cluster() -> Known {
    let objects: Vec<Value> = serde_json::from_str(include_str!("cluster.json")).unwrap();
    let snapshot = Snapshot::from_objects(objects.into_iter().map(|o| (o, None)), Timestamp::UNIX_EPOCH);
    assert_eq!(snapshot.errors, []);
    let mut known = Known::new(&snapshot, None);
    known.charts = vec!["./helm/frontend".to_owned(), "./deploy/chart/todo-chatbot".to_owned()];
    known
}

/// One case.
struct Case {
    place: String,
    sentence: &'static str,
    want: &'static str,
    json: Option<Value>,
}

const FILES: &[(&str, &str)] = &[
    ("sources", include_str!("sources.txt")),
    ("reads", include_str!("reads.txt")),
    ("writes", include_str!("writes.txt")),
    ("near_misses", include_str!("near_misses.txt")),
    ("ambiguous", include_str!("ambiguous.txt")),
    ("slips", include_str!("slips.txt")),
];

fn cases() -> Vec<Case> {
    let mut found = Vec::new();
    for (file, text) in FILES {
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let place = format!("{file}.txt:{}", number + 1);
            let (sentence, want) = line.split_once(" => ").unwrap_or_else(|| panic!("{place}: no =>"));
            let (want, json) = match want.find(" {") {
                Some(at) => {
                    (&want[..at], Some(serde_json::from_str(&want[at..]).unwrap_or_else(|e| panic!("{place}: {e}"))))
                }
                None => (want, None),
            };
            found.push(Case { place, sentence: sentence.trim(), want: want.trim(), json });
        }
    }
    found
}

/// What was understood, in the notation of the case files.
fn text(understood: &Understood) -> String {
    let join =
        |actions: &[pilot_core::action::Action]| actions.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    match understood {
        Understood::Actions(actions) => join(actions),
        Understood::Ask(ask) if ask.choices.is_empty() => format!("? {}", ask.question),
        Understood::Ask(ask) => {
            let choices: Vec<String> = ask.choices.iter().map(|c| join(c)).collect();
            format!("? {} | {}", ask.question, choices.join(" | "))
        }
        Understood::Unplaced(_) => "!".to_owned(),
    }
}

/// Prints what every line of standard input means: for writing cases.
#[test]
fn the_cluster_is_read() {
    let known = cluster();
    assert!(known.things.len() > 30);
    assert_eq!(text(&understand("scale web to 3", known)), "scale deployment shop/web to 3");
}
