//! Runs the data files of `tests/cases`: one sentence per line with what must be understood of it.
//!
//! Columns are separated by tabs: text, title, due, rule, everything else. `=` as title means the text itself, `-` means none,
//! columns at the end may be left out. Lines with `#` are comments; lines with `@` change the circumstances until the next one
//! of its kind: `@now`, `@week-start`, `@date-order`, `@language`.
//! "Everything else" is a list of words in the order anchor, priority, labels, project, duration, reminders, question:
//! `completion p1 @home #"the house" 30min remind:-PT10M ask:2026-11-20T22:00`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fmt::Write as _, fs, path::PathBuf};

use jiff::{Zoned, civil::Weekday};
use todo_domain::{
    Due,
    language::{Context, QuickAdd, Range, parse_range, parse_when, quick_add},
    recurrence::Anchor,
};

fn cases(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A Wednesday morning.
const NOW: &str = "2026-11-18T10:00:00[Europe/Paris]";

fn setting(context: Context, line: &str) -> Context {
    let (name, value) = line.split_once(' ').unwrap_or_else(|| panic!("bad setting: {line}"));
    match name {
        "@now" => Context { now: value.parse::<Zoned>().unwrap(), ..context },
        "@week-start" => context.with_week_start(match value {
            "monday" => Weekday::Monday,
            "sunday" => Weekday::Sunday,
            "saturday" => Weekday::Saturday,
            other => panic!("{other}"),
        }),
        "@date-order" => context.with_date_order(value.parse().unwrap()),
        "@language" => context.with_language(value),
        other => panic!("no setting {other}"),
    }
}

/// Calls `check` for every case of a file; answers how many there were.
fn each_case(name: &str, mut check: impl FnMut(&Context, &[&str])) -> usize {
    let text = cases(name);
    let mut context = Context::new(NOW.parse().unwrap());
    let mut count = 0;
    for line in text.lines() {
        if line.is_empty() || line.starts_with("# ") {
            continue;
        }
        if line.starts_with('@') && !line.contains('\t') {
            context = setting(context, line);
            continue;
        }
        check(&context, &line.split('\t').collect::<Vec<_>>());
        count += 1;
    }
    count
}

fn due(due: Option<&Due>) -> String {
    match due {
        None => "-".to_owned(),
        Some(Due::Day(day)) => day.to_string(),
        Some(Due::At(at)) => {
            let format = if at.second() == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
            at.datetime().strftime(format).to_string()
        }
    }
}

fn name(mark: char, name: &str) -> String {
    if name.contains(' ') { format!("{mark}\"{name}\"") } else { format!("{mark}{name}") }
}

fn rest(task: &QuickAdd) -> String {
    let mut words: Vec<String> = Vec::new();
    if task.recurrence.as_ref().is_some_and(|rule| rule.anchor() == Anchor::Completion) {
        words.push("completion".to_owned());
    }
    words.extend(task.priority.map(|priority| format!("p{}", 5 - priority.rank())));
    words.extend(task.labels.iter().map(|label| name('@', label)));
    words.extend(task.project.iter().map(|project| name('#', project)));
    words.extend(task.duration_minutes.map(|minutes| format!("{minutes}min")));
    words.extend(task.reminders.iter().map(|reminder| format!("remind:{reminder}")));
    words.extend(task.question.iter().map(|question| format!("ask:{}", due(question.reading.due.as_ref()))));
    if words.is_empty() { "-".to_owned() } else { words.join(" ") }
}

/// Runs a file of lines for `quick_add` and fails with all differences at once.
fn run(name: &str, at_least: usize) {
    let mut failures = String::new();
    let count = each_case(name, |context, columns| {
        let text = columns[0];
        let column = |index: usize| columns.get(index).copied().unwrap_or("-");
        let title = if column(1) == "=" || columns.len() == 1 { text } else { column(1) };
        let task = quick_add(text, context);
        let rule = task.recurrence.as_ref().map_or("-".to_owned(), ToString::to_string);
        let got = [
            if task.title.is_empty() { "-".to_owned() } else { task.title.clone() },
            due(task.due.as_ref()),
            rule,
            rest(&task),
        ];
        let want = [title, column(2), column(3), column(4)];
        if got != want {
            let _ = writeln!(failures, "{text}\n    want {want:?}\n    got  {got:?}");
        }
    });
    let failed = failures.lines().count() / 3;
    assert!(failures.is_empty(), "{name}: {failed} of {count} cases fail\n{failures}");
    assert!(count >= at_least, "{name} has only {count} cases");
}

#[test]
fn dates() {
    run("dates.tsv", 150);
}

#[test]
fn clock_times() {
    run("clock_times.tsv", 60);
}

#[test]
fn recurrences() {
    run("recurrences.tsv", 110);
}

#[test]
fn ambiguous_by_house_rule() {
    run("ambiguous.tsv", 60);
}

#[test]
fn ordinary_titles() {
    run("titles.tsv", 200);
}

#[test]
fn marks() {
    run("marks.tsv", 60);
}

#[test]
fn languages() {
    run("languages.tsv", 80);
}

#[test]
fn ranges() {
    let mut failures = String::new();
    let count = each_case("ranges.tsv", |context, columns| {
        let day = |day: Option<jiff::civil::Date>| day.map_or("..".to_owned(), |day| day.to_string());
        let got = match parse_range(columns[0], context) {
            None => "-".to_owned(),
            Some(Range::Overdue) => "overdue".to_owned(),
            Some(Range::Undated) => "undated".to_owned(),
            Some(Range::Dated) => "dated".to_owned(),
            Some(Range::Days { from, to }) => format!("{} {}", day(from), day(to)),
        };
        if got != columns[1] {
            let _ = writeln!(failures, "{}: want {}, got {got}", columns[0], columns[1]);
        }
    });
    assert!(failures.is_empty(), "{failures}");
    assert!(count >= 40, "{count}");
}

#[test]
fn whole_phrases() {
    let mut failures = String::new();
    let count = each_case("phrases.tsv", |context, columns| {
        let got = match parse_when(columns[0], context) {
            None => "-\t-".to_owned(),
            Some(when) => {
                let rule = when.recurrence.map_or("-".to_owned(), |rule| rule.to_string());
                format!("{}\t{rule}", due(when.due.as_ref()))
            }
        };
        let want = columns[1..].join("\t");
        if got != want && got != format!("{want}\t-") {
            let _ = writeln!(failures, "{}: want {want}, got {got}", columns[0]);
        }
    });
    assert!(failures.is_empty(), "{failures}");
    assert!(count >= 40, "{count}");
}
