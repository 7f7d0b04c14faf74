//! `update_task`, `reschedule`, `set_recurrence`.

use futures::FutureExt;
use jiff::Zoned;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use todo_domain::{
    Command, Due, Task, TaskPatch, TaskRef,
    error::DomainError,
    language::{self, parse_length, parse_when},
    recurrence::Anchor,
    wire::{self, TaskInput},
};

use super::{
    Annotations, Output, Tool, ToolContext, ToolError, about_one,
    add::task_properties,
    arguments::{Reference, object, read, task_id_schema},
    not_found,
};

pub(super) const UPDATE: Tool = Tool {
    name: "update_task",
    title: "Update a task",
    description: "Change fields of a task; what is left out stays. A new due day keeps the time of day and the recurrence.",
    annotations: Annotations { read_only: false, destructive: false, idempotent: true },
    schema: update_schema,
    run: |context, arguments| update(context, arguments).boxed(),
};

pub(super) const RESCHEDULE: Tool = Tool {
    name: "reschedule",
    title: "Reschedule a task",
    description: "Move a task to another date (`due`, in words or ISO 8601; null takes the date off) or by a length of time (`by`, \
                  such as \"2 days\" or \"-1 week\", from its own date). Keeps the recurrence, and the time of day unless one is given.",
    annotations: Annotations { read_only: false, destructive: false, idempotent: false },
    schema: reschedule_schema,
    run: |context, arguments| reschedule(context, arguments).boxed(),
};

pub(super) const SET_RECURRENCE: Tool = Tool {
    name: "set_recurrence",
    title: "Make a task repeat",
    description: "Set how a task repeats: words (\"every other monday\"), an RFC 5545 rule, or null to stop. A task without a due \
                  date becomes due on the first occurrence.",
    annotations: Annotations { read_only: false, destructive: false, idempotent: true },
    schema: recurrence_schema,
    run: |context, arguments| set_recurrence(context, arguments).boxed(),
};

fn update_schema() -> Value {
    let mut properties = task_properties();
    properties["task_id"] = task_id_schema();
    properties["status"] = json!({ "type": "string", "enum": ["pending", "completed"] });
    properties["add_labels"] = json!({ "type": "array", "items": { "type": "string" } });
    properties["remove_labels"] = json!({ "type": "array", "items": { "type": "string" } });
    object(properties, &["task_id"])
}

fn reschedule_schema() -> Value {
    object(
        json!({
            "task_id": task_id_schema(),
            "due": { "type": ["string", "null"], "description": "New date, in words or ISO 8601; null takes it off." },
            "by": { "type": "string", "description": "A length of time; a leading minus means earlier." },
        }),
        &["task_id"],
    )
}

fn recurrence_schema() -> Value {
    object(
        json!({
            "task_id": task_id_schema(),
            "rule": { "type": ["string", "null"], "description": "Words or RFC 5545 rule; null stops it." },
            "anchor": { "type": "string", "enum": ["due", "completion"] },
        }),
        &["task_id", "rule"],
    )
}

async fn update(context: &ToolContext, mut arguments: Value) -> Result<Output, ToolError> {
    let task = take_reference(&mut arguments)?;
    let patch = patch(context, arguments)?;
    if patch.is_empty() {
        return Err(DomainError::invalid("arguments", "Say what to change: title, due_date, priority, …").into());
    }
    let patch = keep_clock(context, task, patch).await?;
    run(context, task, patch).await
}

/// The change that `update_task` and `bulk_update` describe.
pub(super) fn patch(context: &ToolContext, arguments: Value) -> Result<TaskPatch, ToolError> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Labels {
        add_labels: Vec<String>,
        remove_labels: Vec<String>,
    }
    let Value::Object(mut fields) = arguments else {
        return Err(DomainError::invalid("arguments", "The arguments must be a JSON object.").into());
    };
    let mut apart = Map::new();
    for name in ["add_labels", "remove_labels"] {
        if let Some(value) = fields.remove(name) {
            apart.insert(name.to_owned(), value);
        }
    }
    let labels: Labels = read(Value::Object(apart))?;
    let input: TaskInput = read(Value::Object(fields))?;
    let mut patch = input.into_patch(&context.language)?;
    patch.add_labels = labels.add_labels;
    patch.remove_labels = labels.remove_labels;
    Ok(patch.check()?)
}

/// A task that is due at a clock time stays at that time when it is moved to another day.
async fn keep_clock(context: &ToolContext, task: TaskRef, mut patch: TaskPatch) -> Result<TaskPatch, ToolError> {
    if let Some(Some(Due::Day(_))) = &patch.due {
        let current = super::task(context, task).await?;
        if let Some(Some(new)) = patch.due.take() {
            patch.due = Some(Some(at_the_same_time(new, current.due.as_ref())));
        }
    }
    Ok(patch)
}

fn at_the_same_time(new: Due, old: Option<&Due>) -> Due {
    match (new, old) {
        (Due::Day(day), Some(Due::At(at))) => {
            at.time_zone().to_ambiguous_zoned(day.to_datetime(at.time())).compatible().map_or(Due::Day(day), Due::At)
        }
        (new, _) => new,
    }
}

async fn reschedule(context: &ToolContext, mut arguments: Value) -> Result<Output, ToolError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        #[serde(default)]
        due: wire::Field<String>,
        #[serde(default)]
        by: Option<String>,
    }
    let reference = take_reference(&mut arguments)?;
    let Arguments { due, by } = read(arguments)?;
    let task = super::task(context, reference).await?;
    let due = match (due, by) {
        (wire::Field::Absent, Some(by)) => Some(shifted(&task, &by, &context.language)?),
        (wire::Field::Null, None) => None,
        (wire::Field::Value(text), None) => Some(moved(&task, &text, &context.language)?),
        _ => return Err(DomainError::invalid("due", "Send either `due` or `by`.").into()),
    };
    run(context, reference, TaskPatch { due: Some(due), ..TaskPatch::default() }).await
}

/// The new date of a task: a clock time alone keeps the day, a day alone keeps the clock time.
pub(super) fn moved(task: &Task, text: &str, language: &language::Context) -> Result<Due, DomainError> {
    if let Some(old) = &task.due {
        // With the day in front, only a text that is a clock time alone still reads as one date.
        if let Some(Due::At(at)) =
            parse_when(&format!("{} {}", old.date(), text.trim()), language).and_then(|when| when.due)
            && at.date() == old.date()
        {
            return Ok(Due::At(at));
        }
    }
    let new = wire::due("due", text, None, language)?;
    Ok(at_the_same_time(new, task.due.as_ref()))
}

/// The date of a task moved by a length of time, from its own date; from now when it has none.
pub(super) fn shifted(task: &Task, by: &str, language: &language::Context) -> Result<Due, DomainError> {
    let (text, back) = match by.trim().strip_prefix('-') {
        Some(rest) => (rest.trim(), true),
        None => (by.trim().trim_start_matches('+').trim(), false),
    };
    let wrong = || {
        let short: String = by.chars().take(60).collect();
        DomainError::invalid(
            "by",
            format!("`{}` is no length of time; write `2 days` or `-1 week`.", short.escape_debug()),
        )
    };
    let base = match &task.due {
        Some(Due::At(at)) => at.clone(),
        Some(Due::Day(day)) => day.to_zoned(language.now.time_zone().clone()).map_err(|_| wrong())?,
        None => language.now.clone(),
    };
    let ahead = |from: &Zoned| {
        let context = language::Context { now: from.clone(), ..language.clone() };
        parse_length(text, &context)
    };
    let target = ahead(&base).ok_or_else(wrong)?;
    if !back {
        return Ok(as_before(target, task, &base));
    }
    // The same length the other way: calendar units by the calendar, clock units by the clock.
    let span = match &target {
        Due::Day(day) => base.date().until((jiff::Unit::Day, *day)).map_err(|_| wrong())?,
        Due::At(at) => base.until((jiff::Unit::Day, at)).map_err(|_| wrong())?,
    };
    let earlier = base.checked_sub(span).map_err(|_| wrong())?;
    let target = match target {
        Due::Day(_) => Due::Day(earlier.date()),
        Due::At(_) => Due::At(earlier),
    };
    Ok(as_before(target, task, &base))
}

/// A task due on a day stays one unless hours were added; a task due at a time keeps it when days were added.
fn as_before(target: Due, task: &Task, base: &Zoned) -> Due {
    match (&task.due, target) {
        (Some(Due::Day(_)), Due::At(at)) if at.time() == base.time() => Due::Day(at.date()),
        (Some(Due::At(_)), Due::Day(day)) => at_the_same_time(Due::Day(day), task.due.as_ref()),
        (_, target) => target,
    }
}

async fn set_recurrence(context: &ToolContext, mut arguments: Value) -> Result<Output, ToolError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        #[serde(default)]
        rule: wire::Field<String>,
        #[serde(default)]
        anchor: Option<String>,
    }
    let reference = take_reference(&mut arguments)?;
    let Arguments { rule, anchor } = read(arguments)?;
    let mut patch = TaskPatch::default();
    match rule.into_option() {
        None => return Err(DomainError::invalid("rule", "`rule` is required; null stops the recurrence.").into()),
        Some(None) => patch.recurrence = Some(None),
        Some(Some(text)) => {
            let mut rule = wire::recurrence(&text, &context.language)
                .map_err(|error| DomainError::invalid("rule", error.detail))?;
            if let Some(anchor) = anchor {
                rule = rule.with_anchor(
                    anchor
                        .parse::<Anchor>()
                        .map_err(|_| DomainError::invalid("anchor", "`anchor` is `due` or `completion`."))?,
                );
            }
            let task = super::task(context, reference).await?;
            let first = parse_when(&text, &context.language).and_then(|when| when.due);
            // "every day at 8" names a time; "every monday" only a day, which must not take the task's own date away.
            patch.due = match (task.due, first) {
                (None, first) => first.map(Some),
                (Some(_), Some(first @ Due::At(_))) => Some(Some(first)),
                (Some(old), Some(Due::Day(day))) if !rule_allows(&rule, &old) => {
                    Some(Some(at_the_same_time(Due::Day(day), Some(&old))))
                }
                _ => None,
            };
            patch.recurrence = Some(Some(rule));
        }
    }
    run(context, reference, patch).await
}

/// Whether the present due date is one of the days that the rule names.
fn rule_allows(rule: &todo_domain::Recurrence, due: &Due) -> bool {
    rule.by_day().is_empty() || rule.by_day().iter().any(|by| by.weekday == due.date().weekday())
}

async fn run(context: &ToolContext, task: TaskRef, patch: TaskPatch) -> Result<Output, ToolError> {
    let command = Command::Update { task, patch, if_version: None };
    let outcome = context.scope.run(command, &context.command()).await?;
    if outcome.tasks.is_empty() {
        return Err(not_found(&task));
    }
    about_one(outcome, "updated")
}

fn take_reference(arguments: &mut Value) -> Result<TaskRef, ToolError> {
    #[derive(Deserialize)]
    struct Arguments {
        task_id: Reference,
    }
    let reference = arguments.as_object_mut().and_then(|fields| fields.remove("task_id"));
    let apart = match reference {
        Some(value) => json!({ "task_id": value }),
        None => json!({}),
    };
    Ok(read::<Arguments>(apart)?.task_id.0)
}
