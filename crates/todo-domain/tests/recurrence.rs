//! Recurrence: rules as text, series against an independent implementation, and what completion makes of a due date.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use jiff::{Zoned, civil::Date};
use proptest::prelude::*;
use todo_domain::{
    Due, Recurrence,
    recurrence::{Anchor, End, RecurrenceError},
};

fn rule(text: &str) -> Recurrence {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn day(text: &str) -> Due {
    Due::Day(text.parse().unwrap())
}

fn at(text: &str) -> Due {
    Due::At(zoned(text))
}

fn zoned(text: &str) -> Zoned {
    text.parse().unwrap()
}

fn dates(text: &str, start: &str, count: usize) -> Vec<String> {
    rule(text).occurrences(&day(start)).take(count).map(|due| due.date().to_string()).collect()
}

/// The due dates of a task that is completed each time on the day it is due, in Paris at noon.
fn chain(text: &str, start: &str, count: usize) -> Vec<String> {
    let mut rule = rule(text);
    let mut due = day(start);
    let mut chain = Vec::new();
    for _ in 0..count {
        let noon = due.date().at(12, 0, 0, 0).in_tz("Europe/Paris").unwrap();
        let Some(next) = rule.next_after(&due, &noon) else { break };
        chain.push(next.due.date().to_string());
        (rule, due) = (next.rule, next.due);
    }
    chain
}

#[test]
fn text_round_trips() {
    for text in [
        "FREQ=DAILY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE",
        "FREQ=MONTHLY;BYDAY=1MO,-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=1,15,-1",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5;COUNT=10",
        "FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30;UNTIL=20261224",
        "FREQ=HOURLY;INTERVAL=2;UNTIL=20261224T170000Z",
        "FREQ=WEEKLY;UNTIL=20261224T170000;WKST=SU",
        "FREQ=MONTHLY;BYMONTHDAY=31;RSCALE=GREGORIAN;SKIP=OMIT",
    ] {
        assert_eq!(rule(text).to_string(), text);
    }
    assert_eq!(rule("rrule:freq=daily;interval=1;wkst=mo;").to_string(), "FREQ=DAILY");
    let stored = Recurrence::from_stored("FREQ=DAILY", "completion").unwrap();
    assert_eq!(stored.anchor(), Anchor::Completion);
    let json = serde_json::to_string(&stored).unwrap();
    assert_eq!(json, r#"{"rrule":"FREQ=DAILY","anchor":"completion"}"#);
    assert_eq!(serde_json::from_str::<Recurrence>(&json).unwrap(), stored);
}

#[test]
fn wrong_rules_are_refused_with_the_part_that_is_wrong() {
    let refused = |text: &str| text.parse::<Recurrence>().unwrap_err();
    assert_eq!(refused("INTERVAL=2"), RecurrenceError::NoFrequency);
    assert_eq!(refused("FREQ=DAILY;COUNT=2;UNTIL=20261224"), RecurrenceError::TwoEnds);
    for (text, part) in [
        ("", ""),
        ("FREQ", "FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ"),
        ("FREQ=DAILY;X=1", "X=1"),
        ("FREQ=SOMETIMES", "SOMETIMES"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=99999999999", "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;UNTIL=2026", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20261332", "UNTIL"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=é", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH"),
        ("FREQ=YEARLY;BYWEEKNO=1", "BYWEEKNO"),
        ("FREQ=YEARLY;BYYEARDAY=1", "BYYEARDAY"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR"),
        ("FREQ=HOURLY;BYMINUTE=1", "BYMINUTE"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=MONTHLY;BYMONTHDAY=1;SKIP=FORWARD", "SKIP"),
    ] {
        let message = refused(text).to_string();
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn month_ends_clamp_unless_the_rule_omits_them() {
    let clamped = ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"];
    assert_eq!(dates("FREQ=MONTHLY;BYMONTHDAY=31", "2026-11-01", 5), clamped);
    let omitted = ["2026-12-31", "2027-01-31", "2027-03-31"];
    assert_eq!(dates("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=OMIT", "2026-11-01", 3), omitted);
    // Two days that clamp to the same one occur once.
    assert_eq!(dates("FREQ=MONTHLY;BYMONTHDAY=30,31", "2027-02-01", 3), ["2027-02-28", "2027-03-30", "2027-03-31"]);
    assert_eq!(
        dates("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-01-01", 3),
        ["2028-02-29", "2029-02-28", "2030-02-28"]
    );
    assert_eq!(dates("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;SKIP=OMIT", "2028-01-01", 2), ["2028-02-29", "2032-02-29"]);
    // The day of the start clamps too.
    assert_eq!(dates("FREQ=MONTHLY", "2027-01-31", 3), ["2027-01-31", "2027-02-28", "2027-03-31"]);
}

#[test]
fn a_chain_of_completions_returns_to_the_day_it_began_with() {
    assert_eq!(chain("FREQ=MONTHLY", "2027-01-31", 4), ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]);
    assert_eq!(chain("FREQ=MONTHLY;BYMONTHDAY=30", "2027-01-30", 2), ["2027-02-28", "2027-03-30"]);
    assert_eq!(chain("FREQ=YEARLY", "2028-02-29", 4), ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]);
    assert_eq!(
        chain("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "2026-11-23", 3),
        ["2026-11-26", "2026-12-07", "2026-12-10"]
    );
    assert_eq!(chain("FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27", 2), ["2026-12-25", "2027-01-29"]);
}

#[test]
fn counted_series_end() {
    assert_eq!(chain("FREQ=DAILY;COUNT=3", "2026-11-18", 9), ["2026-11-19", "2026-11-20"]);
    assert_eq!(chain("FREQ=DAILY;COUNT=1", "2026-11-18", 9), Vec::<String>::new());
    assert_eq!(chain("FREQ=DAILY;UNTIL=20261120", "2026-11-18", 9), ["2026-11-19", "2026-11-20"]);
    // Missed occurrences count.
    let late = zoned("2026-11-20T12:00:00[Europe/Paris]");
    let next = rule("FREQ=DAILY;COUNT=4").next_after(&day("2026-11-18"), &late).unwrap();
    assert_eq!((next.due, next.rule.end()), (day("2026-11-20"), End::Count(2)));
    assert_eq!(rule("FREQ=DAILY;COUNT=2").next_after(&day("2026-11-18"), &late), None);
    // After completion, only completions count.
    let chores = rule("FREQ=DAILY;COUNT=4").with_anchor(Anchor::Completion);
    let next = chores.next_after(&day("2026-11-01"), &late).unwrap();
    assert_eq!((next.due, next.rule.end()), (day("2026-11-21"), End::Count(3)));
}

#[test]
fn missed_occurrences_are_passed_over() {
    let now = zoned("2026-11-18T10:00:00[Europe/Paris]");
    let next = |text: &str, due: Due| rule(text).next_after(&due, &now).unwrap().due;
    // Today is not in the past.
    assert_eq!(next("FREQ=DAILY", day("2026-11-01")), day("2026-11-18"));
    assert_eq!(next("FREQ=DAILY", day("2026-11-18")), day("2026-11-19"));
    assert_eq!(next("FREQ=DAILY;INTERVAL=3", day("2026-11-01")), day("2026-11-19"));
    assert_eq!(next("FREQ=DAILY", at("2026-11-01T09:00:00[Europe/Paris]")), at("2026-11-19T09:00:00[Europe/Paris]"));
    assert_eq!(next("FREQ=DAILY", at("2026-11-01T11:00:00[Europe/Paris]")), at("2026-11-18T11:00:00[Europe/Paris]"));
    // Done early: the one after.
    assert_eq!(next("FREQ=WEEKLY", day("2026-11-20")), day("2026-11-27"));
    // Years late.
    assert_eq!(next("FREQ=DAILY;INTERVAL=2", day("1990-01-01")), day("2026-11-18"));
    assert_eq!(
        next("FREQ=SECONDLY;INTERVAL=7", at("1990-01-01T00:00:00[Europe/Paris]")),
        at("2026-11-18T10:00:03[Europe/Paris]")
    );
}

#[test]
fn completion_anchors_count_from_the_day_of_completion() {
    let done = zoned("2026-11-18T22:00:00[Europe/Paris]");
    let next = |text: &str, due: Due| rule(text).with_anchor(Anchor::Completion).next_after(&due, &done).unwrap().due;
    assert_eq!(next("FREQ=DAILY;INTERVAL=3", day("2026-11-01")), day("2026-11-21"));
    assert_eq!(next("FREQ=DAILY;INTERVAL=3", day("2026-12-24")), day("2026-11-21"));
    assert_eq!(next("FREQ=WEEKLY;BYDAY=MO", day("2026-11-02")), day("2026-11-23"));
    assert_eq!(
        next("FREQ=DAILY;INTERVAL=3", at("2026-11-01T09:00:00[Europe/Paris]")),
        at("2026-11-21T09:00:00[Europe/Paris]")
    );
    assert_eq!(
        next("FREQ=HOURLY;INTERVAL=4", at("2026-11-01T09:00:00[Europe/Paris]")),
        at("2026-11-19T02:00:00[Europe/Paris]")
    );
    // The day of completion is that of the task's zone.
    assert_eq!(next("FREQ=DAILY", at("2026-11-01T09:00:00[Asia/Tokyo]")), at("2026-11-20T09:00:00[Asia/Tokyo]"));
    let end_of_month = zoned("2027-01-31T12:00:00[Europe/Paris]");
    let monthly = rule("FREQ=MONTHLY").with_anchor(Anchor::Completion);
    assert_eq!(monthly.next_after(&day("2027-01-10"), &end_of_month).unwrap().due, day("2027-02-28"));
}

#[test]
fn daily_rules_keep_their_clock_over_clock_changes() {
    let times = |text: &str, start: &str, count: usize| -> Vec<String> {
        let rule = rule(text);
        let times = rule.occurrences(&at(start)).take(count).map(|due| match due {
            Due::At(at) => at.strftime("%d %H:%M%:z").to_string(),
            Due::Day(day) => day.to_string(),
        });
        times.collect()
    };
    assert_eq!(
        times("FREQ=DAILY", "2026-10-24T09:00:00[Europe/Paris]", 3),
        ["24 09:00+02:00", "25 09:00+01:00", "26 09:00+01:00"]
    );
    assert_eq!(
        times("FREQ=DAILY", "2027-03-27T02:30:00[Europe/Paris]", 3),
        ["27 02:30+01:00", "28 03:30+02:00", "29 02:30+02:00"]
    );
    // Hours are elapsed time.
    assert_eq!(
        times("FREQ=HOURLY", "2026-10-25T01:00:00[Europe/Paris]", 4),
        ["25 01:00+02:00", "25 02:00+02:00", "25 02:00+01:00", "25 03:00+01:00"]
    );
    // Completing on the day of the gap does not move the task to 03:30 for good.
    let mut due = at("2027-03-27T02:30:00[Europe/Paris]");
    let mut daily = rule("FREQ=DAILY");
    for expected in ["2027-03-28T03:30:00[Europe/Paris]", "2027-03-29T02:30:00[Europe/Paris]"] {
        let next = daily.next_after(&due, &zoned("2027-03-27T12:00:00[Europe/Paris]")).unwrap();
        assert_eq!(next.due, at(expected));
        (due, daily) = (next.due, next.rule);
    }
}

#[test]
fn any_rule_ends_in_bounded_time() {
    for text in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2,4,6;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=100000;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;INTERVAL=99999;BYMONTH=2;BYDAY=MO;UNTIL=20270101",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=YEARLY;INTERVAL=100000",
    ] {
        let started = Instant::now();
        let found: Vec<Due> = rule(text)
            .occurrences(&day("2026-11-18"))
            .skip_while(|due| due.date().to_string() == "2026-11-18")
            .take(1)
            .collect();
        assert!(found.is_empty(), "{text}: {found:?}");
        assert!(started.elapsed() < Duration::from_secs(2), "{text}: {:?}", started.elapsed());
    }
    for text in [
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYHOUR=3",
        "FREQ=MINUTELY;INTERVAL=100000;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;SKIP=OMIT",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=4",
    ] {
        let started = Instant::now();
        let _ = rule(text).occurrences(&at("2026-11-18T10:00:00[Europe/Paris]")).take(3).count();
        assert!(started.elapsed() < Duration::from_secs(2), "{text}: {:?}", started.elapsed());
    }
    assert_eq!(rule("FREQ=HOURLY").occurrences(&day("2026-11-18")).next(), None);
}

#[test]
fn hours_and_minutes_run_only_where_the_rule_allows() {
    let times = |text: &str| -> Vec<String> {
        let from = at("2026-11-18T16:00:00[Europe/Paris]");
        rule(text)
            .occurrences(&from)
            .take(3)
            .map(|due| match due {
                Due::At(at) => at.strftime("%a %H:%M").to_string(),
                Due::Day(day) => day.to_string(),
            })
            .collect()
    };
    assert_eq!(times("FREQ=HOURLY;BYHOUR=9,17"), ["Wed 17:00", "Thu 09:00", "Thu 17:00"]);
    assert_eq!(times("FREQ=HOURLY;INTERVAL=4;BYDAY=MO"), ["Mon 00:00", "Mon 04:00", "Mon 08:00"]);
    assert_eq!(times("FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30"), ["Wed 17:30", "Thu 09:30", "Thu 17:30"]);
}

#[test]
fn rules_in_words() {
    for (text, words) in [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=2", "every other day"),
        ("FREQ=DAILY;INTERVAL=3", "every 3 days"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every other Monday"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "every Monday, Wednesday and Friday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;BYDAY=SA,SU", "every weekend day"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TH", "every 3 weeks on Monday and Thursday"),
        ("FREQ=MONTHLY", "every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "every month on the 1st and the 15th"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
        ("FREQ=MONTHLY;BYDAY=3FR", "every month on the 3rd Friday"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every month on the last workday"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5", "every year on the 5th of March"),
        ("FREQ=WEEKLY;BYMONTH=6;BYDAY=MO", "every Monday in June"),
        ("FREQ=HOURLY;INTERVAL=4", "every 4 hours"),
        ("FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30", "every day at 09:30 and 17:30"),
        ("FREQ=DAILY;COUNT=10", "every day, 10 times"),
        ("FREQ=DAILY;UNTIL=20261224", "every day, until 24 December 2026"),
    ] {
        assert_eq!(rule(text).describe(), words, "{text}");
    }
    let chores = rule("FREQ=DAILY;INTERVAL=3").with_anchor(Anchor::Completion);
    assert_eq!(chores.describe(), "every 3 days after completion");
}

#[test]
fn calendar_files_get_rules_that_mean_the_same_there() {
    assert_eq!(rule("FREQ=MONTHLY;BYMONTHDAY=31").to_calendar(), "FREQ=MONTHLY;BYMONTHDAY=-1");
    assert_eq!(rule("FREQ=MONTHLY;BYMONTHDAY=30").to_calendar(), "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1");
    assert_eq!(rule("FREQ=MONTHLY;BYMONTHDAY=15").to_calendar(), "FREQ=MONTHLY;BYMONTHDAY=15");
    assert_eq!(rule("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=OMIT").to_calendar(), "FREQ=MONTHLY;BYMONTHDAY=31");
    let theirs = Recurrence::from_calendar("FREQ=MONTHLY;BYMONTHDAY=31").unwrap();
    assert_eq!(theirs.to_string(), "FREQ=MONTHLY;BYMONTHDAY=31;RSCALE=GREGORIAN;SKIP=OMIT");
    // The same series on both sides.
    for text in ["FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYMONTHDAY=30", "FREQ=MONTHLY;BYMONTHDAY=29"] {
        assert_eq!(oracle(&rule(text).to_calendar(), "2026-01-15", 40), dates(text, "2026-01-15", 40), "{text}");
    }
}

/// The first occurrences by the `rrule` crate, which implements RFC 5545.
fn oracle(text: &str, start: &str, count: u16) -> Vec<String> {
    let start = start.replace('-', "");
    let set: rrule::RRuleSet =
        format!("DTSTART:{start}T000000Z\nRRULE:{text}").parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    set.all(count).dates.into_iter().map(|date| date.format("%Y-%m-%d").to_string()).collect()
}

fn one_of(choices: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(choices).prop_map(str::to_owned)
}

/// Rules in which both implementations mean the same: RFC 5545's own skipping, no clock.
fn rfc_rules() -> impl Strategy<Value = String> {
    let daily = (1_u32..40, one_of(&["", ";BYMONTH=1,6", ";BYDAY=MO,FR", ";BYMONTHDAY=1,15,-1"]))
        .prop_map(|(interval, by)| format!("FREQ=DAILY;INTERVAL={interval}{by}"));
    let weekly = (
        1_u32..6,
        one_of(&["", ";BYDAY=MO", ";BYDAY=SU,MO", ";BYDAY=TU,TH,SA", ";BYDAY=WE;BYMONTH=2,3"]),
        one_of(&["", ";WKST=SU"]),
    )
        .prop_map(|(interval, by, wkst)| format!("FREQ=WEEKLY;INTERVAL={interval}{by}{wkst}"));
    let monthly = (
        1_u32..8,
        one_of(&[
            "",
            ";BYMONTHDAY=31",
            ";BYMONTHDAY=1,15",
            ";BYMONTHDAY=-1",
            ";BYMONTHDAY=-3,28",
            ";BYDAY=1MO",
            ";BYDAY=-1FR",
            ";BYDAY=2TU,4TU",
            ";BYDAY=FR;BYMONTHDAY=13",
            ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-2",
            ";BYMONTH=1,3;BYMONTHDAY=30",
        ]),
    )
        .prop_map(|(interval, by)| format!("FREQ=MONTHLY;INTERVAL={interval}{by}"));
    let yearly = (
        1_u32..5,
        one_of(&[
            "",
            ";BYMONTH=3;BYMONTHDAY=5",
            ";BYMONTH=2;BYMONTHDAY=29",
            ";BYMONTH=11;BYDAY=4TH",
            ";BYDAY=20MO",
            ";BYDAY=-1FR",
            ";BYDAY=SU;BYMONTH=1",
            ";BYMONTHDAY=15",
            ";BYMONTH=6,9",
        ]),
    )
        .prop_map(|(interval, by)| format!("FREQ=YEARLY;INTERVAL={interval}{by}"));
    prop_oneof![daily, weekly, monthly, yearly]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn series_agree_with_an_independent_implementation(text in rfc_rules(), offset in 0_i64..1500) {
        let start = "2024-01-01".parse::<Date>().unwrap() + jiff::ToSpan::days(offset);
        let ours = dates(&format!("{text};SKIP=OMIT"), &start.to_string(), 30);
        let theirs = oracle(&text, &start.to_string(), 30);
        prop_assert_eq!(ours, theirs, "{} from {}", text, start);
    }

    #[test]
    fn no_text_panics_and_what_is_read_is_written_the_same(text in "([A-Z]{2,8}=[-0-9A-Z,]{0,12};?){0,6}|\\PC{0,60}") {
        if let Ok(rule) = text.parse::<Recurrence>() {
            prop_assert_eq!(rule.to_string().parse::<Recurrence>().unwrap(), rule);
        }
    }

    #[test]
    fn the_next_occurrence_is_later_than_the_last(text in rfc_rules(), offset in 0_i64..1500, late in 0_i64..400, completion: bool) {
        let start = "2024-01-01".parse::<Date>().unwrap() + jiff::ToSpan::days(offset);
        let done = (start + jiff::ToSpan::days(late)).at(12, 0, 0, 0).in_tz("Europe/Paris").unwrap();
        let anchor = if completion { Anchor::Completion } else { Anchor::Due };
        let rule = rule(&text).with_anchor(anchor);
        if let Some(next) = rule.next_after(&Due::Day(start), &done) {
            let day = next.due.date();
            prop_assert!(day >= done.date());
            let after = if completion { done.date() } else { start };
            prop_assert!(day > after);
        }
    }
}
