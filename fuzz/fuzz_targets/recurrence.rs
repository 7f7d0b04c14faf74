//! Any rule: no panic, its text reads back, its series moves forward and takes bounded time.
//!
//! `cargo +nightly fuzz run recurrence`

#![no_main]

use jiff::{Zoned, civil::date};
use libfuzzer_sys::fuzz_target;
use todo_domain::{Due, Recurrence};

fuzz_target!(|text: &str| {
    let Ok(rule) = text.parse::<Recurrence>() else { return };
    assert_eq!(rule.to_string().parse::<Recurrence>().as_ref(), Ok(&rule));
    let _ = rule.describe();
    let Ok(now) = "2026-11-18T10:00:00[Europe/Paris]".parse::<Zoned>() else { return };
    for start in [Due::Day(date(2026, 11, 18)), Due::At(now.clone())] {
        let mut last = None;
        for due in rule.occurrences(&start).take(20) {
            assert!(last.is_none_or(|last| due.date() >= last));
            last = Some(due.date());
        }
        if let Some(next) = rule.next_after(&start, &now) {
            assert!(next.due.date() >= now.date());
        }
    }
});
