//! `events`, newest last.

use pilot_core::finding::Severity;
use pilot_core::model::Event;
use serde_json::json;

use super::get::age;
use super::{Ask, analyze};
use crate::cli::Events;
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Report, Tone};

pub async fn run(ask: &Ask, args: Events) -> Result<Outcome, Error> {
    let loaded = ask.load(Wanted::objects().only(&["Event"])).await?;
    let snapshot = &loaded.snapshot;
    if let Some(gap) = snapshot.gaps.iter().find(|g| g.kind == "Event") {
        return Err(Error::Forbidden(format!("events cannot be listed (HTTP {})", gap.code)));
    }
    let now = snapshot.taken_at;
    let seconds = |event: &Event| event.last_seen().map(|t| now.as_second() - t.as_second());
    let about = |event: &Event, word: &str| {
        let object = &event.involved_object;
        let name = word.rsplit_once('/').map_or(word, |(_, name)| name);
        // Pods and ReplicaSets carry the name of their workload as a prefix.
        object.name == name || object.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
    };
    let mut found: Vec<&Event> = snapshot
        .events
        .iter()
        .filter(|e| ask.namespace().is_none_or(|n| e.involved_object.namespace == n || e.metadata.namespace == n))
        .filter(|e| !args.warnings || e.type_ == "Warning")
        .filter(|e| args.name.as_ref().is_none_or(|word| about(e, word)))
        .filter(|e| {
            args.since.is_none_or(|since| seconds(e).is_some_and(|s| s <= i64::try_from(since).unwrap_or(i64::MAX)))
        })
        .collect();
    found.sort_by_key(|e| (e.last_seen(), e.metadata.namespace.clone(), e.metadata.name.clone()));
    let mut report = Report::new("");
    let rows = found.iter().map(|e| {
        let tone = if e.type_ == "Warning" { Tone::Severity(Severity::Medium) } else { Tone::Plain };
        let object = &e.involved_object;
        vec![
            Cell::number(seconds(e).map_or_else(|| "–".to_owned(), age)),
            Cell::new(&e.type_).tone(tone),
            Cell::new(&e.reason),
            Cell::new(format!("{}/{}", object.namespace, object.name)),
            Cell::number(e.occurrences()),
            Cell::new(e.message.trim()),
        ]
    });
    if found.is_empty() {
        report.text("no events");
    } else {
        report.table(&["AGE", "TYPE", "REASON", "OBJECT", "COUNT", "MESSAGE"], rows.collect());
    }
    analyze::gaps(&mut report, snapshot);
    let items: Vec<_> = found
        .iter()
        .map(|e| {
            json!({"type": e.type_, "reason": e.reason, "message": e.message, "count": e.occurrences(), "lastSeen": e.last_seen().map(|t| t.to_string()),
                "object": {"kind": e.involved_object.kind, "namespace": e.involved_object.namespace, "name": e.involved_object.name}})
        })
        .collect();
    report.data = json!({"kind": "Events", "items": items});
    ask.answer(&report)
}
