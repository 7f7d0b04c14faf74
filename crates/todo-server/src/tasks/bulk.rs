//! Changing several tasks at once.

use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use todo_domain::{
    Command, TaskRef,
    command::BULK_MAX,
    wire::{TaskInput, TaskJson},
};
use todo_service::Problem;
use utoipa::ToSchema;

use crate::{
    answer::{Answer, Submission, execute},
    caller::Caller,
    errors::problem,
    openapi::Refusals,
};

/// What to do with several tasks.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Complete them.
    Complete,
    /// Reopen them.
    Reopen,
    /// Delete them.
    Delete,
    /// Apply `patch` to each.
    Update,
}

/// Several tasks, by id or number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkInput {
    action: Action,
    /// Ids or numbers, 1 to 1,000.
    #[schema(min_items = 1, max_items = 1000)]
    tasks: Vec<String>,
    /// For `update`.
    #[serde(default)]
    patch: Option<TaskInput>,
}

/// The tasks as they are now.
#[derive(Debug, Serialize, ToSchema)]
pub struct BulkOutput {
    /// In the order asked.
    tasks: Vec<TaskJson>,
}

/// Change several tasks
///
/// All or none, as one operation that can be undone.
#[utoipa::path(post, path = "/tasks/bulk", tag = "tasks", request_body = BulkInput,
    responses((status = 200, body = BulkOutput), Refusals))]
pub async fn bulk(caller: Caller, input: Submission<BulkInput>) -> Result<Response, Problem> {
    let BulkInput { action, tasks, patch } = input.value;
    if !(1..=BULK_MAX).contains(&tasks.len()) {
        return Err(Problem::invalid("tasks", format!("`tasks` must name 1 to {BULK_MAX} tasks.")));
    }
    let tasks = tasks
        .iter()
        .map(|text| TaskRef::parse(text))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Problem::invalid("tasks", "Each of `tasks` must be an id or a number."))?;
    let command = match (action, patch) {
        (Action::Update, Some(patch)) => {
            let patch = patch.into_patch(&caller.language()).map_err(|error| problem(error.into()))?;
            Command::UpdateMany { tasks, patch }
        }
        (Action::Update, None) => return Err(Problem::invalid("patch", "`patch` is required for `update`.")),
        (_, Some(_)) => return Err(Problem::invalid("patch", "`patch` is for `update` only.")),
        (Action::Complete, None) => Command::Complete { tasks, if_version: None },
        (Action::Reopen, None) => Command::Reopen { tasks, if_version: None },
        (Action::Delete, None) => Command::Delete { tasks, if_version: None },
    };
    execute(&caller, input.once, command, |outcome| {
        Answer::json(StatusCode::OK, &BulkOutput { tasks: outcome.tasks.iter().map(TaskJson::from).collect() })
    })
    .await
}
