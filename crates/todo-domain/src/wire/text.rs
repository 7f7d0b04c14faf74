//! Tasks as JSON text, without the steps between: lists of tasks are what is asked for most, and serde's way through [`TaskJson`] takes
//! more than three times the instructions. The bytes are the same; a property test holds the two together.
//!
//! [`TaskJson`]: super::TaskJson

use std::io::Write as _;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::due_text;
use crate::{recurrence::Recurrence, task::Task};

/// Room for a plain task, so that a list is written without growing its buffer often.
const ROOM: usize = 700;

/// Writes tasks as a JSON array.
pub fn write_tasks(out: &mut Vec<u8>, tasks: &[Task]) {
    out.reserve(2 + tasks.len() * ROOM);
    out.push(b'[');
    for (index, task) in tasks.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_task(out, task);
    }
    out.push(b']');
}

/// Writes a task as the JSON object that [`TaskJson`](super::TaskJson) describes.
pub fn write_task(out: &mut Vec<u8>, task: &Task) {
    out.extend_from_slice(b"{\"id\":");
    id(out, Some(task.id));
    out.extend_from_slice(b",\"number\":");
    json(out, &task.number);
    out.extend_from_slice(b",\"user_id\":");
    json(out, task.user_id.as_str());
    out.extend_from_slice(b",\"title\":");
    json(out, task.title.as_str());
    out.extend_from_slice(b",\"description\":");
    json(out, &task.description);
    out.extend_from_slice(b",\"status\":\"");
    out.extend_from_slice(task.status.as_str().as_bytes());
    out.extend_from_slice(if task.is_completed() { b"\",\"completed\":true" } else { b"\",\"completed\":false" });
    out.extend_from_slice(b",\"priority\":\"");
    out.extend_from_slice(task.priority.as_str().as_bytes());
    out.extend_from_slice(b"\",\"labels\":");
    twice(out, b",\"tags\":", |out| json(out, &task.labels));
    out.extend_from_slice(b",\"project_id\":");
    twice(out, b",\"category_id\":", |out| id(out, task.project_id));
    out.extend_from_slice(b",\"due_date\":");
    json(out, &task.due.as_ref().map(due_text));
    out.extend_from_slice(b",\"due_timezone\":");
    json(out, &task.due.as_ref().and_then(|due| due.zone_name()));
    out.extend_from_slice(b",\"reminders\":");
    json(out, &task.reminders);
    recurrence(out, task.recurrence.as_ref());
    out.extend_from_slice(b",\"series_id\":");
    id(out, task.series_id);
    out.extend_from_slice(b",\"duration_minutes\":");
    json(out, &task.duration_minutes);
    out.extend_from_slice(b",\"parent_id\":");
    id(out, task.parent_id);
    out.extend_from_slice(b",\"position\":");
    json(out, &task.position);
    out.extend_from_slice(b",\"created_at\":");
    instant(out, Some(task.created_at));
    out.extend_from_slice(b",\"updated_at\":");
    instant(out, Some(task.updated_at));
    out.extend_from_slice(b",\"completed_at\":");
    instant(out, task.completed_at);
    out.extend_from_slice(b",\"version\":");
    json(out, &task.version);
    out.push(b'}');
}

/// A value by serde. Into memory, and without maps whose keys are no text, that can't fail.
fn json(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    let _ = serde_json::to_writer(out, value);
}

/// The same value under a second name.
fn twice(out: &mut Vec<u8>, second: &[u8], write: impl Fn(&mut Vec<u8>)) {
    let start = out.len();
    write(out);
    let end = out.len();
    out.extend_from_slice(second);
    out.extend_from_within(start..end);
}

fn recurrence(out: &mut Vec<u8>, rule: Option<&Recurrence>) {
    let Some(rule) = rule else {
        return out.extend_from_slice(b",\"recurrence\":null,\"recurrence_text\":null,\"recurrence_anchor\":null");
    };
    out.extend_from_slice(b",\"recurrence\":");
    json(out, &rule.to_string());
    out.extend_from_slice(b",\"recurrence_text\":");
    json(out, &rule.describe());
    out.extend_from_slice(b",\"recurrence_anchor\":");
    json(out, rule.anchor().as_str());
}

fn id(out: &mut Vec<u8>, id: Option<Uuid>) {
    let Some(id) = id else { return out.extend_from_slice(b"null") };
    out.push(b'"');
    out.extend_from_slice(id.hyphenated().encode_lower(&mut [0; uuid::fmt::Hyphenated::LENGTH]).as_bytes());
    out.push(b'"');
}

/// An instant as RFC 3339 in UTC, with as many digits of the second as it has.
fn instant(out: &mut Vec<u8>, at: Option<Timestamp>) {
    let Some(at) = at else { return out.extend_from_slice(b"null") };
    out.push(b'"');
    match (u64::try_from(at.as_second()), u32::try_from(at.subsec_nanosecond())) {
        (Ok(seconds), Ok(nanos)) => since_1970(out, seconds, nanos),
        // Into memory that can't fail.
        _ => drop(write!(out, "{at}")),
    }
    out.push(b'"');
}

fn since_1970(out: &mut Vec<u8>, seconds: u64, nanos: u32) {
    const DAY: u64 = 86_400;
    // Days counted from 0000-03-01, so that the leap day is the last of its year: H. Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms", `civil_from_days`.
    let days = seconds / DAY + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let march = (5 * day + 2) / 153;
    let day = day - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 3 } else { march - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let clock = seconds % DAY;
    let mut text = *b"0000-00-00T00:00:00";
    for (at, two) in [
        (0, year / 100),
        (2, year % 100),
        (5, month),
        (8, day),
        (11, clock / 3600),
        (14, clock / 60 % 60),
        (17, clock % 60),
    ] {
        text[at..at + 2].copy_from_slice(digits(two));
    }
    out.extend_from_slice(&text);
    if nanos > 0 {
        // Nine digits and a zero, which is cut off with the zeros before it.
        let mut fraction = *b".0000000000";
        for (pair, power) in fraction[1..].chunks_exact_mut(2).zip([10_000_000, 100_000, 1000, 10]) {
            pair.copy_from_slice(digits(u64::from(nanos) / power % 100));
        }
        fraction[9..].copy_from_slice(digits(u64::from(nanos) % 10 * 10));
        let zeros = fraction.iter().rev().take_while(|digit| **digit == b'0').count();
        out.extend_from_slice(&fraction[..fraction.len() - zeros]);
    }
    out.push(b'Z');
}

/// The two digits of a number below 100.
fn digits(number: u64) -> &'static [u8] {
    const PAIRS: [u8; 200] = {
        let mut pairs = [b'0'; 200];
        let mut number = 0;
        while number < 100 {
            pairs[2 * number as usize] += number / 10;
            pairs[2 * number as usize + 1] += number % 10;
            number += 1;
        }
        pairs
    };
    let at = usize::try_from(number % 100).unwrap_or_default() * 2;
    &PAIRS[at..at + 2]
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::Date, tz::TimeZone};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{write_task, write_tasks};
    use crate::{
        due::Due, id::UserId, priority::Priority, reminder::Reminder, task::Status, task::Task, wire::TaskJson,
    };

    fn instant() -> impl Strategy<Value = Timestamp> {
        let edges = [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH, Timestamp::constant(0, -1)];
        let any = (Timestamp::MIN.as_second() + 1..Timestamp::MAX.as_second(), 0..1_000_000_000_i32)
            .prop_map(|(second, nanos)| Timestamp::new(second, nanos).unwrap_or(Timestamp::UNIX_EPOCH));
        let now = (0..4_000_000_000_000_000_i64).prop_map(|micros| Timestamp::from_microsecond(micros).unwrap());
        prop_oneof![proptest::sample::select(edges.to_vec()), any, now]
    }

    fn due() -> impl Strategy<Value = Option<Due>> {
        let day = (-9000..9000_i16, 1..=12_i8, 1..=28_i8).prop_map(|(y, m, d)| Due::Day(Date::constant(y, m, d)));
        let zones = proptest::sample::select(vec!["UTC", "Europe/Paris", "Asia/Kathmandu"]);
        let at = (0..4_000_000_000_i64, zones).prop_map(|(second, zone)| {
            Due::At(Timestamp::from_second(second).unwrap().to_zoned(TimeZone::get(zone).unwrap()))
        });
        proptest::option::of(prop_oneof![day, at])
    }

    prop_compose! {
        fn task()(
            ids in proptest::array::uniform4(proptest::option::of(any::<u128>().prop_map(Uuid::from_u128))),
            (number, occurrence, version) in any::<(i64, i64, i64)>(),
            (user, title, description) in any::<(String, String, Option<String>)>(),
            labels in proptest::collection::vec(any::<String>(), 0..3),
            rank in 0..5_i16,
            due in due(),
            reminders in proptest::collection::vec((0..1000_u32).prop_map(|minutes| Reminder::Before { minutes }), 0..3),
            rule in proptest::option::of(proptest::sample::select(vec!["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR"])),
            duration_minutes in any::<Option<u32>>(),
            position in any::<f64>(),
            times in (instant(), instant(), proptest::option::of(instant())),
        ) -> Task {
            Task {
                id: ids[0].unwrap_or_default(),
                number,
                user_id: UserId::new(user),
                title,
                description,
                status: if times.2.is_some() { Status::Completed } else { Status::Pending },
                priority: Priority::from_rank(rank),
                labels,
                project_id: ids[1],
                due,
                reminders,
                recurrence: rule.map(|rule| rule.parse().unwrap()),
                series_id: ids[2],
                occurrence,
                duration_minutes,
                parent_id: ids[3],
                position,
                created_at: times.0,
                updated_at: times.1,
                completed_at: times.2,
                version,
            }
        }
    }

    proptest! {
        #[test]
        fn the_bytes_are_those_of_serde(tasks in proptest::collection::vec(task(), 0..4)) {
            let mut text = Vec::new();
            write_tasks(&mut text, &tasks);
            let json: Vec<TaskJson> = tasks.iter().map(TaskJson::from).collect();
            prop_assert_eq!(String::from_utf8(text).unwrap(), serde_json::to_string(&json).unwrap());
        }
    }

    #[test]
    fn a_leap_day_and_the_ends_of_a_year_keep_their_dates() {
        let mut task = Task {
            id: Uuid::nil(),
            number: 1,
            user_id: UserId::new("u"),
            title: String::new(),
            description: None,
            status: Status::Pending,
            priority: Priority::None,
            labels: Vec::new(),
            project_id: None,
            due: None,
            reminders: Vec::new(),
            recurrence: None,
            series_id: None,
            occurrence: 1,
            duration_minutes: None,
            parent_id: None,
            position: 0.0,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            completed_at: None,
            version: 1,
        };
        for text in
            ["2024-02-29T23:59:59Z", "2000-02-29T00:00:00.5Z", "2100-03-01T00:00:00.00000001Z", "2025-12-31T23:00:00Z"]
        {
            task.created_at = text.parse().unwrap();
            let mut out = Vec::new();
            write_task(&mut out, &task);
            let out = String::from_utf8(out).unwrap();
            assert!(out.contains(&format!("\"created_at\":\"{text}\"")), "{out}");
        }
    }
}
