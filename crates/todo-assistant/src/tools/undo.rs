//! `undo`.

use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use todo_domain::{
    Command,
    error::{Code, DomainError},
};
use uuid::Uuid;

use super::{
    Annotations, Output, Tool, ToolContext, ToolError,
    arguments::{object, read},
    task_json,
};

pub(super) const TOOL: Tool = Tool {
    name: "undo",
    title: "Undo",
    description: "Take a change back exactly: the one named by `operation_id`, else the latest that was not undone. Refused when \
                  the tasks have changed since.",
    annotations: Annotations { read_only: false, destructive: false, idempotent: false },
    schema,
    run: |context, arguments| run(context, arguments).boxed(),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    #[serde(default)]
    operation_id: Option<Uuid>,
}

fn schema() -> Value {
    object(
        json!({ "operation_id": { "type": "string", "format": "uuid", "description": "From the result of the tool that made the change." } }),
        &[],
    )
}

/// How many of the latest operations are looked through for one that can be undone.
const LOOK_BACK: u32 = 50;

async fn run(context: &ToolContext, arguments: Value) -> Result<Output, ToolError> {
    let Arguments { operation_id } = read(arguments)?;
    let operation = match operation_id {
        Some(id) => context.scope.operation(id).await?,
        None => context
            .scope
            .operations(LOOK_BACK, None)
            .await?
            .operations
            .into_iter()
            .find(|operation| operation.undone_at.is_none() && operation.kind != "undo")
            .ok_or_else(|| DomainError::new(Code::OperationNotFound, "There is nothing to undo."))?,
    };
    let outcome = context.scope.run(Command::Undo { operation: operation.id }, &context.command()).await?;
    let json = json!({
        "operation_id": operation.id,
        "status": "undone",
        "summary": operation.summary,
        "tasks": outcome.tasks.iter().map(task_json).collect::<Vec<_>>(),
    });
    Ok(Output { json, operation: Some(operation), tasks: outcome.tasks, also: outcome.also, ..Output::default() })
}
