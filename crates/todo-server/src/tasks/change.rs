//! Changing one task.

use axum::{http::HeaderMap, response::Response};
use http::StatusCode;
use todo_domain::{
    Command,
    wire::{TaskInput, TaskJson},
};
use todo_service::Problem;

use super::TaskPath;
use crate::{
    answer::{Answer, Bare, Submission, execute, if_match},
    caller::Caller,
    errors::problem,
    extract::Path,
    openapi::Refusals,
};

/// Create a task
#[utoipa::path(post, path = "/tasks", tag = "tasks", request_body = TaskInput,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key takes effect once within 24 hours")),
    responses((status = 201, body = TaskJson), Refusals))]
pub async fn create(caller: Caller, input: Submission<TaskInput>) -> Result<Response, Problem> {
    let mut value = input.value;
    resolve_label_ids(&caller, &mut value).await?;
    let task = value.into_new(&caller.language()).map_err(|error| problem(error.into()))?;
    execute(&caller, input.once, Command::Create(vec![task]), |outcome| {
        let task = outcome.tasks.first();
        let answer = Answer::task(StatusCode::CREATED, task);
        match task {
            Some(task) => answer.at(format!("/api/tasks/{}", task.id)),
            None => answer,
        }
    })
    .await
}

/// Update a task
///
/// Fields that are left out stay as they are; null clears.
#[utoipa::path(put, path = "/tasks/{task}", tag = "tasks", params(TaskPath), request_body = TaskInput,
    responses((status = 200, body = TaskJson), Refusals))]
pub async fn replace(
    caller: Caller,
    path: Path<TaskPath>,
    headers: HeaderMap,
    input: Submission<TaskInput>,
) -> Result<Response, Problem> {
    change(caller, &path.0, &headers, input).await
}

/// Update a task
///
/// RFC 7396: fields that are left out stay as they are; null clears.
#[utoipa::path(patch, path = "/tasks/{task}", tag = "tasks", params(TaskPath), request_body = TaskInput,
    responses((status = 200, body = TaskJson), Refusals))]
pub async fn update(
    caller: Caller,
    path: Path<TaskPath>,
    headers: HeaderMap,
    input: Submission<TaskInput>,
) -> Result<Response, Problem> {
    change(caller, &path.0, &headers, input).await
}

async fn change(
    caller: Caller,
    path: &TaskPath,
    headers: &HeaderMap,
    input: Submission<TaskInput>,
) -> Result<Response, Problem> {
    let mut value = input.value;
    resolve_label_ids(&caller, &mut value).await?;
    let patch = value.into_patch(&caller.language()).map_err(|error| problem(error.into()))?;
    let command = Command::Update { task: path.reference()?, patch, if_version: if_match(headers)? };
    execute(&caller, input.once, command, |outcome| Answer::task(StatusCode::OK, outcome.tasks.first())).await
}

/// Labels named by id, as clients of the original contract do, become labels named by name.
async fn resolve_label_ids(caller: &Caller, input: &mut TaskInput) -> Result<(), Problem> {
    use todo_domain::wire::Field;
    match std::mem::take(&mut input.tag_ids) {
        Field::Absent => Ok(()),
        Field::Null => {
            input.labels = Field::Null;
            Ok(())
        }
        Field::Value(ids) => {
            let known = caller.scope.labels().await.map_err(problem)?;
            let names = ids
                .iter()
                .map(|id| known.iter().find(|label| label.id == *id).map(|label| label.name.clone()))
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| Problem {
                    field: Some("tag_ids".into()),
                    ..Problem::not_found("TAG_NOT_FOUND", "There is no such tag.")
                })?;
            input.labels = Field::Value(names);
            Ok(())
        }
    }
}

/// Delete a task with its subtasks
#[utoipa::path(delete, path = "/tasks/{task}", tag = "tasks", params(TaskPath),
    responses((status = 204, description = "Deleted; `Operation-Id` names the operation to undo"), Refusals))]
pub async fn delete(caller: Caller, path: Path<TaskPath>, bare: Bare) -> Result<Response, Problem> {
    let command = Command::Delete { tasks: vec![path.0.reference()?], if_version: bare.if_version };
    execute(&caller, bare.once, command, |_| Answer::empty()).await
}

/// Complete a task
///
/// Completing a completed task changes nothing. A repeating task makes its next occurrence, once.
#[utoipa::path(post, path = "/tasks/{task}/complete", tag = "tasks", params(TaskPath),
    responses((status = 200, body = TaskJson), Refusals))]
pub async fn complete(caller: Caller, path: Path<TaskPath>, bare: Bare) -> Result<Response, Problem> {
    let command = Command::Complete { tasks: vec![path.0.reference()?], if_version: bare.if_version };
    execute(&caller, bare.once, command, |outcome| Answer::task(StatusCode::OK, outcome.tasks.first())).await
}

/// Toggle the completion of a task
#[utoipa::path(patch, path = "/tasks/{task}/complete", tag = "tasks", params(TaskPath),
    responses((status = 200, body = TaskJson), Refusals))]
pub async fn toggle(caller: Caller, path: Path<TaskPath>, bare: Bare) -> Result<Response, Problem> {
    let command = Command::Toggle { task: path.0.reference()? };
    execute(&caller, bare.once, command, |outcome| Answer::task(StatusCode::OK, outcome.tasks.first())).await
}

/// Reopen a task
///
/// Reopening an open task changes nothing.
#[utoipa::path(post, path = "/tasks/{task}/reopen", tag = "tasks", params(TaskPath),
    responses((status = 200, body = TaskJson), Refusals))]
pub async fn reopen(caller: Caller, path: Path<TaskPath>, bare: Bare) -> Result<Response, Problem> {
    let command = Command::Reopen { tasks: vec![path.0.reference()?], if_version: bare.if_version };
    execute(&caller, bare.once, command, |outcome| Answer::task(StatusCode::OK, outcome.tasks.first())).await
}
