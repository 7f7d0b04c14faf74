//! `complete_task`, `reopen_task`, `delete_task`: one task each; several are `bulk_update`'s.

use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use todo_domain::{Command, TaskRef};

use super::{
    Annotations, Output, Tool, ToolContext, ToolError, about_one,
    arguments::{Reference, object, read, task_id_schema},
    not_found,
};

pub(super) const COMPLETE: Tool = Tool {
    name: "complete_task",
    title: "Complete a task",
    description: "Mark a task as done. A repeating task makes its next occurrence. Completing a completed task changes nothing.",
    annotations: Annotations { read_only: false, destructive: false, idempotent: true },
    schema,
    run: |context, arguments| {
        run(context, arguments, "completed", |task| Command::Complete { tasks: vec![task], if_version: None }).boxed()
    },
};

pub(super) const REOPEN: Tool = Tool {
    name: "reopen_task",
    title: "Reopen a task",
    description: "Mark a completed task as not done. Reopening an open task changes nothing.",
    annotations: Annotations { read_only: false, destructive: false, idempotent: true },
    schema,
    run: |context, arguments| {
        run(context, arguments, "reopened", |task| Command::Reopen { tasks: vec![task], if_version: None }).boxed()
    },
};

pub(super) const DELETE: Tool = Tool {
    name: "delete_task",
    title: "Delete a task",
    description: "Delete a task with its subtasks. Can be taken back with `undo`.",
    annotations: Annotations { read_only: false, destructive: true, idempotent: false },
    schema,
    run: |context, arguments| {
        run(context, arguments, "deleted", |task| Command::Delete { tasks: vec![task], if_version: None }).boxed()
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    task_id: Reference,
}

fn schema() -> Value {
    object(json!({ "task_id": task_id_schema() }), &["task_id"])
}

async fn run(
    context: &ToolContext,
    arguments: Value,
    status: &str,
    command: fn(TaskRef) -> Command,
) -> Result<Output, ToolError> {
    let Arguments { task_id: Reference(task) } = read(arguments)?;
    let outcome = context.scope.run(command(task), &context.command()).await?;
    if outcome.tasks.is_empty() {
        return Err(not_found(&task));
    }
    about_one(outcome, status)
}
