//! `bulk_update`.

use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use todo_domain::{
    Command, Outcome, Task, TaskPatch, TaskRef,
    command::BULK_MAX,
    error::{Code, DomainError},
    query::PAGE_MAX,
};

use super::{
    Annotations, Output, Selection, Tool, ToolContext, ToolError,
    add::task_properties,
    arguments::{Reference, object, read, task_id_schema},
    change, find, task_json,
};

pub(super) const TOOL: Tool = Tool {
    name: "bulk_update",
    title: "Change several tasks",
    description: "Complete, reopen, delete or update several tasks at once, named by `task_ids` or described by `where`. One \
                  operation, so one `undo` takes it all back. `dry_run` tells which tasks it would be.",
    annotations: Annotations { read_only: false, destructive: true, idempotent: false },
    schema,
    run: |context, arguments| run(context, arguments).boxed(),
};

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Action {
    Complete,
    Reopen,
    Delete,
    Update,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    action: Action,
    #[serde(default)]
    task_ids: Vec<Reference>,
    #[serde(default, rename = "where")]
    selection: Option<Selection>,
    #[serde(default)]
    changes: Option<Value>,
    #[serde(default)]
    dry_run: bool,
}

fn schema() -> Value {
    let mut changes = task_properties();
    changes["add_labels"] = json!({ "type": "array", "items": { "type": "string" } });
    changes["remove_labels"] = json!({ "type": "array", "items": { "type": "string" } });
    object(
        json!({
            "action": { "type": "string", "enum": ["complete", "reopen", "delete", "update"] },
            "task_ids": { "type": "array", "items": task_id_schema(), "maxItems": BULK_MAX },
            "where": { "type": "object", "properties": Selection::properties(), "additionalProperties": false },
            "changes": { "type": "object", "properties": changes, "description": "For `update`." },
            "dry_run": { "type": "boolean" },
        }),
        &["action"],
    )
}

async fn run(context: &ToolContext, arguments: Value) -> Result<Output, ToolError> {
    let Arguments { action, task_ids, selection, changes, dry_run } = read(arguments)?;
    let patch = match (action, changes) {
        (Action::Update, Some(changes)) => {
            let patch = change::patch(context, changes)?;
            if patch.is_empty() {
                return Err(DomainError::invalid("changes", "`changes` must not be empty.").into());
            }
            patch
        }
        (Action::Update, None) => return Err(DomainError::invalid("changes", "`update` needs `changes`.").into()),
        (_, Some(_)) => return Err(DomainError::invalid("changes", "`changes` is for `update` only.").into()),
        (_, None) => TaskPatch::default(),
    };
    let tasks = match (task_ids.is_empty(), selection) {
        (false, None) => task_ids.into_iter().map(|Reference(task)| task).collect(),
        (true, Some(selection)) => selected(context, &selection).await?,
        _ => return Err(DomainError::invalid("task_ids", "Send either `task_ids` or `where`.").into()),
    };
    if dry_run {
        let would = context.scope.tasks_named(&tasks).await?;
        return Ok(output(Outcome { tasks: would, ..Outcome::default() }, "would_change"));
    }
    if tasks.is_empty() {
        return Ok(output(Outcome::default(), "unchanged"));
    }
    let (command, status) = match action {
        Action::Complete => (Command::Complete { tasks, if_version: None }, "completed"),
        Action::Reopen => (Command::Reopen { tasks, if_version: None }, "reopened"),
        Action::Delete => (Command::Delete { tasks, if_version: None }, "deleted"),
        Action::Update => (Command::UpdateMany { tasks, patch }, "updated"),
    };
    Ok(output(context.scope.run(command, &context.command()).await?, status))
}

/// All tasks that a description finds.
async fn selected(context: &ToolContext, selection: &Selection) -> Result<Vec<TaskRef>, ToolError> {
    let mut found: Vec<Task> = Vec::new();
    let mut page = Selection { limit: Some(PAGE_MAX), ..selection.clone() };
    loop {
        page.offset = Some(found.len() as u64);
        let (tasks, total) = find::page(context, &page).await?;
        let came = tasks.len();
        found.extend(tasks);
        if usize::try_from(total).unwrap_or(usize::MAX) > BULK_MAX {
            return Err(DomainError::new(
                Code::LimitReached,
                format!("That is {total} tasks; at most {BULK_MAX} can be changed at once. Narrow it down."),
            )
            .into());
        }
        if came == 0 || found.len() as i64 >= total {
            return Ok(found.iter().map(|task| TaskRef::Id(task.id)).collect());
        }
    }
}

fn output(outcome: Outcome, status: &str) -> Output {
    let json = json!({
        "status": status,
        "count": outcome.tasks.len(),
        "tasks": outcome.tasks.iter().map(task_json).collect::<Vec<_>>(),
        "operation_id": outcome.operation.as_ref().map(|operation| operation.id),
    });
    Output { json, operation: outcome.operation, tasks: outcome.tasks, also: outcome.also, ..Output::default() }
}
