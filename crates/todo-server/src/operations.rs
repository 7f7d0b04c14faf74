//! What was done, and taking it back.

use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use todo_domain::{Command, Operation, wire::TaskJson};
use todo_service::Problem;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    answer::{Answer, Bare, execute},
    caller::Caller,
    errors::problem,
    extract::{Json, Path, Query},
    openapi::Refusals,
    routes::{Routes, routes},
};

/// A change that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Operation)]
struct OperationJson {
    id: Uuid,
    /// `create`, `update`, `complete`, `delete`, …
    kind: String,
    /// One line for people.
    summary: String,
    /// `rest`, `page`, `chat`, `mcp`, `cli`, `caldav` or `import`.
    door: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    undone_at: Option<jiff::Timestamp>,
}

impl From<&Operation> for OperationJson {
    fn from(operation: &Operation) -> Self {
        Self {
            id: operation.id,
            kind: operation.kind.clone(),
            summary: operation.summary.clone(),
            door: operation.door.as_str(),
            created_at: operation.created_at,
            undone_at: operation.undone_at,
        }
    }
}

/// Newest first.
#[derive(Debug, Serialize, ToSchema)]
struct OperationList {
    operations: Vec<OperationJson>,
    /// For the next page; null on the last.
    next_cursor: Option<String>,
}

/// What taking back did.
#[derive(Debug, Serialize, ToSchema)]
struct Undone {
    /// The operation that undid, which can be undone in turn.
    operation: Option<OperationJson>,
    /// The tasks as they are now.
    tasks: Vec<TaskJson>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OperationPath {
    /// Id of the operation.
    operation: Uuid,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OperationParams {
    /// 1 to 100.
    #[param(required = false, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// From the end of the page before (`next_cursor`).
    #[param(required = false)]
    cursor: Option<String>,
    /// Only those that touched this task.
    #[param(required = false)]
    task: Option<Uuid>,
}

/// The routes of operations.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(undo))
}

/// List what was done
#[utoipa::path(get, path = "/operations", tag = "operations", params(OperationParams),
    responses((status = 200, body = OperationList), Refusals))]
async fn list(caller: Caller, Query(params): Query<OperationParams>) -> Result<Json<OperationList>, Problem> {
    let limit = params.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Problem::invalid("limit", "`limit` must be 1 to 100."));
    }
    let (operations, next_cursor) = match params.task {
        Some(task) => {
            let page = caller.scope.task_operations(task, limit).await.map_err(problem)?;
            (page.operations, page.next_cursor)
        }
        None => {
            let page = caller.scope.operations(limit, params.cursor.as_deref()).await.map_err(problem)?;
            (page.operations, page.next_cursor)
        }
    };
    Ok(Json(OperationList { operations: operations.iter().map(OperationJson::from).collect(), next_cursor }))
}

/// Get an operation
#[utoipa::path(get, path = "/operations/{operation}", tag = "operations", params(OperationPath),
    responses((status = 200, body = OperationJson), Refusals))]
async fn get(caller: Caller, Path(path): Path<OperationPath>) -> Result<Json<OperationJson>, Problem> {
    let operation = caller.scope.operation(path.operation).await.map_err(problem)?;
    Ok(Json(OperationJson::from(&operation)))
}

/// Undo an operation
///
/// Restores exactly; refused with 409 when what it changed has changed since.
#[utoipa::path(post, path = "/operations/{operation}/undo", tag = "operations", params(OperationPath),
    responses((status = 200, body = Undone), Refusals))]
async fn undo(caller: Caller, path: Path<OperationPath>, bare: Bare) -> Result<Response, Problem> {
    let command = Command::Undo { operation: path.0.operation };
    execute(&caller, bare.once, command, |outcome| {
        let undone = Undone {
            operation: outcome.operation.as_ref().map(OperationJson::from),
            tasks: outcome.tasks.iter().map(TaskJson::from).collect(),
        };
        Answer::json(StatusCode::OK, &undone)
    })
    .await
}
