//! `add_task`.

use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use todo_domain::{Command, wire::TaskInput};

use super::{
    Annotations, Output, Tool, ToolContext, ToolError, about_one,
    arguments::{Reference, object, read, task_id_schema},
};

pub(super) const TOOL: Tool = Tool {
    name: "add_task",
    title: "Add a task",
    description: "Create a task. Dates may be given in words (\"next friday 5pm\"), recurrences too (\"every other monday\"). \
                  Labels and projects are made when they do not exist.",
    annotations: Annotations { read_only: false, destructive: false, idempotent: false },
    schema,
    run: |context, arguments| run(context, arguments).boxed(),
};

fn schema() -> Value {
    let mut properties = task_properties();
    properties["parent"] = task_id_schema();
    properties["parent"]["description"] = "Make it a subtask of this task (number or UUID).".into();
    object(properties, &["title"])
}

/// Schemas of the fields that `add_task` and `update_task` share.
pub(super) fn task_properties() -> Value {
    json!({
        "title": { "type": "string", "minLength": 1, "maxLength": 200 },
        "description": { "type": ["string", "null"], "maxLength": 10000, "description": "Notes in Markdown." },
        "priority": { "type": ["string", "null"], "enum": ["none", "low", "medium", "high", "urgent", null] },
        "due_date": {
            "type": ["string", "null"],
            "description": "A day (2026-12-24), an instant (2026-12-24T18:00:00+01:00), or words (next friday 5pm)."
        },
        "due_timezone": { "type": ["string", "null"], "description": "IANA zone of a date-time without offset." },
        "labels": { "type": "array", "items": { "type": "string", "maxLength": 50 }, "maxItems": 30 },
        "project": { "type": ["string", "null"], "maxLength": 100, "description": "Name of the project; null is the inbox." },
        "recurrence": {
            "type": ["string", "null"],
            "description": "RFC 5545 rule (FREQ=WEEKLY;BYDAY=MO) or words (every other monday)."
        },
        "recurrence_anchor": { "type": "string", "enum": ["due", "completion"] },
        "reminders": {
            "type": "array", "items": { "type": "string" }, "maxItems": 20,
            "description": "Instants (2026-12-24T17:00:00Z) or leads before the due time (-PT10M)."
        },
        "duration_minutes": { "type": ["integer", "null"], "minimum": 1 },
    })
}

async fn run(context: &ToolContext, arguments: Value) -> Result<Output, ToolError> {
    let mut task = arguments;
    let parent = task.as_object_mut().and_then(|fields| fields.remove("parent"));
    let parent: Option<Reference> = match parent {
        Some(value) => read::<Parent>(json!({ "parent": value }))?.parent,
        None => None,
    };
    let input: TaskInput = read(task)?;
    let mut new = input.into_new(&context.language)?;
    if let Some(Reference(parent)) = parent {
        new.parent_id = Some(super::task(context, parent).await?.id);
        new = new.check()?;
    }
    let outcome = context.scope.run(Command::Create(vec![new]), &context.command()).await?;
    about_one(outcome, "created")
}

#[derive(Deserialize)]
struct Parent {
    parent: Option<Reference>,
}
