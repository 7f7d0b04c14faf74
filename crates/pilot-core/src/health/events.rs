//! Warnings that repeat and that no other finding explains (HLT-281).

use std::collections::BTreeMap;

use super::catalogue::REPEATED_EVENTS;
use super::draft::{Draft, Found};
use super::world::{World, seconds_since};
use crate::model::{Event, ObjectRef};

const WINDOW_SECONDS: i64 = 15 * 60;
const ENOUGH: i64 = 3;

/// Findings about repeated warnings. `explained` says whether another finding is about the object or its owner.
pub fn check(world: &World<'_>, explained: impl Fn(&ObjectRef) -> bool) -> Vec<Found> {
    let mut groups: BTreeMap<(ObjectRef, &str), Vec<&Event>> = BTreeMap::new();
    for event in &world.snapshot.events {
        if event.type_ != "Warning" || seconds_since(world.now, event.last_seen()) > WINDOW_SECONDS {
            continue;
        }
        let about = &event.involved_object;
        let object = ObjectRef {
            api_version: about.api_version.clone(),
            kind: about.kind.clone(),
            namespace: about.namespace.clone(),
            name: about.name.clone(),
        };
        groups.entry((object, &event.reason)).or_default().push(event);
    }
    let mut found = Vec::new();
    for ((object, reason), events) in groups {
        let times: i64 = events.iter().map(|event| event.occurrences()).sum();
        let owner = world.object(&object.kind, &object.namespace, &object.name).map(|meta| world.root(meta));
        if times < ENOUGH || explained(&object) || owner.as_ref().is_some_and(&explained) {
            continue;
        }
        let Some(last) = events.iter().max_by_key(|event| event.last_seen()) else { continue };
        found.push(
            Draft::new(
                &REPEATED_EVENTS,
                format!("warning {reason} was seen {times} times in 15 minutes: {}", last.message.trim()),
            )
            .field(format!("events[{reason}]"))
            .event(last)
            .advice("Read the message; no rule of pilot knows this warning.", "the cause is not of a known kind")
            .about(object),
        );
    }
    found
}
