//! Changes of fields: which tool with which arguments, and what is told of it.

use serde_json::json;
use todo_domain::{Due, Priority, Task, language::parse_when};

use super::{
    act::Actor,
    intent::{Change, Step},
    phrasing::Phrasing,
};
use crate::tools::ToolError;

/// Carries out a change on resolved tasks.
pub(crate) async fn run(
    actor: &mut Actor<'_>,
    change: &Change,
    tasks: &[Task],
    step: &Step,
    confirmed: bool,
) -> Result<(), ToolError> {
    match change {
        Change::Title { title } => rename(actor, title, tasks).await,
        Change::Due { when } => {
            let changed = actor.each("reschedule", tasks, &json!({ "due": when })).await?;
            tell_due(actor, &changed).await
        }
        Change::Shift { by, back } => {
            let by = if *back { format!("-{by}") } else { by.clone() };
            let changed = actor.each("reschedule", tasks, &json!({ "by": by })).await?;
            tell_due(actor, &changed).await
        }
        Change::NoDue => {
            let changed = actor.each("reschedule", tasks, &json!({ "due": null })).await?;
            actor.tell("due.none", &changed, &[]).await
        }
        Change::Priority { priority } => {
            let Some(output) = actor.update(tasks, json!({ "priority": priority })).await? else { return Ok(()) };
            tell_priority(actor, &output.tasks).await
        }
        Change::Bump { up } => bump(actor, *up, tasks).await,
        Change::Label { labels } => labelled(actor, tasks, json!({ "add_labels": labels })).await,
        Change::Unlabel { labels } if labels.is_empty() => labelled(actor, tasks, json!({ "labels": [] })).await,
        Change::Unlabel { labels } => labelled(actor, tasks, json!({ "remove_labels": labels })).await,
        Change::Project { project } => {
            // A new project made in passing may be a misunderstanding.
            let explicit = step.said.contains('#') || confirmed;
            if !explicit && !actor.has_project(project).await? {
                actor.ask_about_change(tasks, step);
                return Ok(());
            }
            let Some(output) = actor.update(tasks, json!({ "project": project })).await? else { return Ok(()) };
            actor.tell("project", &output.tasks, &[("project", project)]).await
        }
        Change::NoProject => {
            let Some(output) = actor.update(tasks, json!({ "project": null })).await? else { return Ok(()) };
            actor.tell("project.none", &output.tasks, &[]).await
        }
        Change::Note { text, append } => note(actor, tasks, text, *append).await,
        Change::NoNote => {
            let Some(output) = actor.update(tasks, json!({ "description": null })).await? else { return Ok(()) };
            actor.tell("note.none", &output.tasks, &[]).await
        }
        Change::Remind { when } => remind(actor, tasks, when).await,
        Change::Repeat { rule } => {
            let changed = actor.each("set_recurrence", tasks, &json!({ "rule": rule })).await?;
            let words =
                changed.first().and_then(|task| task.recurrence.as_ref()).map(|rule| actor.phrasing().rule(rule));
            let due = changed.first().and_then(|task| task.due.as_ref()).map(|due| actor.phrasing().due(due));
            let details = due.map(|due| format!(", {}", actor.phrasing().say("next.occurrence", &[("due", &due)])));
            actor
                .tell(
                    "repeats",
                    &changed,
                    &[("rule", words.as_deref().unwrap_or(rule)), ("details", details.as_deref().unwrap_or_default())],
                )
                .await
        }
        Change::NoRepeat => {
            let changed = actor.each("set_recurrence", tasks, &json!({ "rule": null })).await?;
            actor.tell("repeats.none", &changed, &[]).await
        }
    }
}

/// A change in a few words, for a question.
pub(crate) fn describe(change: &Change, phrasing: &Phrasing<'_>) -> String {
    let say = |key: &str, value: &str| phrasing.say(key, &[("value", value)]);
    match change {
        Change::Title { title } => say("change.title", title),
        Change::Due { when } => say("change.due", when),
        Change::Shift { by, back: false } => say("change.later", by),
        Change::Shift { by, back: true } => say("change.earlier", by),
        Change::NoDue => say("change.no-due", ""),
        Change::Priority { priority } => {
            say("change.priority", Priority::parse(priority).map_or(priority, |priority| phrasing.priority(priority)))
        }
        Change::Bump { up: true } => say("change.up", ""),
        Change::Bump { up: false } => say("change.down", ""),
        Change::Label { labels } => say("change.label", &phrasing.labels(labels)),
        Change::Unlabel { labels } => say("change.unlabel", &phrasing.labels(labels)),
        Change::Project { project } => say("change.project", project),
        Change::NoProject => say("change.no-project", ""),
        Change::Note { text, .. } => say("change.note", text),
        Change::NoNote => say("change.no-note", ""),
        Change::Remind { when } => say("change.remind", when),
        Change::Repeat { rule } => say("change.repeat", rule),
        Change::NoRepeat => say("change.no-repeat", ""),
    }
}

async fn rename(actor: &mut Actor<'_>, title: &str, tasks: &[Task]) -> Result<(), ToolError> {
    let old = match tasks {
        [task] => format!("“{}”", task.title),
        _ => String::new(),
    };
    let Some(output) = actor.update(tasks, json!({ "title": title })).await? else { return Ok(()) };
    actor.tell("renamed", &output.tasks, &[("old", &old)]).await
}

async fn tell_due(actor: &mut Actor<'_>, changed: &[Task]) -> Result<(), ToolError> {
    let due = changed.first().and_then(|task| task.due.as_ref()).map(|due: &Due| actor.phrasing().due(due));
    actor.tell("due", changed, &[("due", due.as_deref().unwrap_or_default())]).await
}

async fn tell_priority(actor: &mut Actor<'_>, changed: &[Task]) -> Result<(), ToolError> {
    let priority = changed.first().map_or(Priority::None, |task| task.priority);
    let name = actor.phrasing().priority(priority).to_owned();
    let key = if priority == Priority::None { "priority.none" } else { "priority" };
    actor.tell(key, changed, &[("priority", &name)]).await
}

/// One level up or down; from none, up is medium.
async fn bump(actor: &mut Actor<'_>, up: bool, tasks: &[Task]) -> Result<(), ToolError> {
    let mut changed = Vec::new();
    for task in tasks {
        let rank = task.priority.rank();
        let level = match (up, task.priority) {
            (true, Priority::None) => Priority::Medium,
            (true, _) => Priority::from_rank(rank + 1),
            (false, _) => Priority::from_rank(rank - 1),
        };
        if level == task.priority {
            actor.say_unchanged(task);
            continue;
        }
        let one = std::slice::from_ref(task);
        if let Some(output) = actor.update(one, json!({ "priority": level.as_str() })).await? {
            changed.extend(output.tasks);
        }
    }
    if changed.is_empty() { Ok(()) } else { tell_priority(actor, &changed).await }
}

async fn labelled(actor: &mut Actor<'_>, tasks: &[Task], changes: serde_json::Value) -> Result<(), ToolError> {
    let Some(output) = actor.update(tasks, changes).await? else { return Ok(()) };
    let labels = output.tasks.first().map(|task| actor.phrasing().labels(&task.labels)).unwrap_or_default();
    let key = if labels.is_empty() { "labelled.none" } else { "labelled" };
    actor.tell(key, &output.tasks, &[("labels", &labels)]).await
}

async fn note(actor: &mut Actor<'_>, tasks: &[Task], text: &str, append: bool) -> Result<(), ToolError> {
    let mut changed = Vec::new();
    for task in tasks {
        let note = match &task.description {
            Some(old) if append => format!("{old}\n{text}"),
            _ => text.to_owned(),
        };
        let one = std::slice::from_ref(task);
        if let Some(output) = actor.update(one, json!({ "description": note })).await? {
            changed.extend(output.tasks);
        }
    }
    actor.tell("note", &changed, &[]).await
}

/// "10 minutes before", or a date in words.
async fn remind(actor: &mut Actor<'_>, tasks: &[Task], when: &str) -> Result<(), ToolError> {
    let language = &actor.tools.language;
    let reminder = match when.strip_suffix(" before") {
        Some(lead) => {
            let due = parse_when(&format!("in {lead}"), language).and_then(|when| when.due);
            due.and_then(|due| {
                let at = match due {
                    Due::At(at) => at.timestamp(),
                    Due::Day(day) => day
                        .to_datetime(language.now.time())
                        .to_zoned(language.now.time_zone().clone())
                        .ok()?
                        .timestamp(),
                };
                Some(format!("-PT{}M", at.duration_since(language.now.timestamp()).as_mins()))
            })
        }
        None => parse_when(when, language).and_then(|when| when.due).and_then(|due| {
            Some(match due {
                Due::At(at) => at.timestamp().to_string(),
                // A day alone reminds in the morning.
                Due::Day(day) => {
                    let morning = day.to_datetime(language.day_times.morning);
                    morning.to_zoned(language.now.time_zone().clone()).ok()?.timestamp().to_string()
                }
            })
        }),
    };
    let Some(reminder) = reminder else { return Ok(()) };
    let mut changed = Vec::new();
    for task in tasks {
        let mut reminders: Vec<String> = task.reminders.iter().map(ToString::to_string).collect();
        reminders.push(reminder.clone());
        let one = std::slice::from_ref(task);
        if let Some(output) = actor.update(one, json!({ "reminders": reminders })).await? {
            changed.extend(output.tasks);
        }
    }
    actor.tell("remind", &changed, &[("when", when)]).await
}
