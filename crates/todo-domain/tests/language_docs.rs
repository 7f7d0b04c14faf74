//! Runs every example of `docs/language.md`.

use std::{fs, path::Path};

use todo_domain::{
    Due,
    language::{Context, quick_add},
    recurrence::Anchor,
};

fn due(due: Option<&Due>) -> String {
    match due {
        None => String::new(),
        Some(Due::Day(day)) => day.to_string(),
        Some(Due::At(at)) => at.strftime("%Y-%m-%dT%H:%M").to_string(),
    }
}

#[test]
fn every_example_of_the_documentation_holds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/language.md");
    let text = fs::read_to_string(path).unwrap();
    let context = Context::new("2026-11-18T10:00:00[Europe/Paris]".parse().unwrap());
    let mut examples = 0;
    let mut in_examples = false;
    for line in text.lines() {
        if !line.starts_with('|') {
            in_examples = false;
        } else if line.starts_with("| Text |") {
            in_examples = true;
        } else if in_examples && !line.starts_with("|---") {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [text, title, date, rule, rest] = cells.as_slice() else { panic!("{line}") };
            let task = quick_add(text.trim_matches('`'), &context);
            assert_eq!(task.title, *title, "{line}");
            assert_eq!(due(task.due.as_ref()), *date, "{line}");
            assert_eq!(task.recurrence.as_ref().map_or(String::new(), ToString::to_string), *rule, "{line}");
            let mut words: Vec<String> = Vec::new();
            if task.recurrence.as_ref().is_some_and(|rule| rule.anchor() == Anchor::Completion) {
                words.push("completion".to_owned());
            }
            words.extend(task.priority.map(|priority| format!("p{}", 5 - priority.rank())));
            words.extend(task.labels.iter().map(|label| format!("@{label}")));
            words.extend(task.project.iter().map(|project| format!("#{project}")));
            words.extend(task.duration_minutes.map(|minutes| format!("{minutes}min")));
            words.extend(task.reminders.iter().map(|reminder| format!("remind:{reminder}")));
            words.extend(task.question.iter().map(|question| format!("ask:{}", due(question.reading.due.as_ref()))));
            assert_eq!(words.join(" "), *rest, "{line}");
            examples += 1;
        }
    }
    assert!(examples > 60, "only {examples} examples were found");
}
