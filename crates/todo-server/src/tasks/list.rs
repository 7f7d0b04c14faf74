//! Reading tasks.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use todo_domain::{
    DomainError, Task, TaskQuery,
    query::{Order, SortKey},
    wire::{TaskJson, write_task},
};
use todo_service::Problem;

use super::{ListParams, TaskList, TaskPath};
use crate::{
    answer::etag,
    caller::Caller,
    errors::problem,
    extract::{Path, Query, json},
    openapi::Refusals,
};

/// List tasks
///
/// Filters combine; every unknown name or value is refused.
#[utoipa::path(get, path = "/tasks", tag = "tasks", params(ListParams),
    responses((status = 200, body = TaskList), Refusals))]
pub async fn list(caller: Caller, Query(params): Query<ListParams>) -> Result<Response, Problem> {
    let query = params.into_query(&caller.language()).map_err(|error| problem(error.into()))?;
    page(&caller, &query).await
}

/// Search tasks
///
/// As the list, ordered by how well the words match.
#[utoipa::path(get, path = "/search", tag = "tasks", params(ListParams),
    responses((status = 200, body = TaskList), Refusals))]
pub async fn search(caller: Caller, Query(params): Query<ListParams>) -> Result<Response, Problem> {
    let sorted = params.is_sorted();
    let mut query = params.into_query(&caller.language()).map_err(|error| problem(error.into()))?;
    if !sorted {
        query = query.sorted(SortKey::Relevance, Order::Desc);
    }
    page(&caller, &query).await
}

async fn page(caller: &Caller, query: &TaskQuery) -> Result<Response, Problem> {
    let page = caller.scope.tasks(query, &caller.now).await.map_err(problem)?;
    Ok(TaskList::answer(&page.tasks, page.total.unwrap_or_default(), page.next_cursor.as_deref()))
}

/// Get a task
#[utoipa::path(get, path = "/tasks/{task}", tag = "tasks", params(TaskPath),
    responses((status = 200, body = TaskJson, headers(("ETag" = String, description = "`\"v<version>\"`"))),
        (status = 304, description = "Unchanged since the version in `If-None-Match`"), Refusals))]
pub async fn get(caller: Caller, Path(path): Path<TaskPath>, headers: HeaderMap) -> Result<Response, Problem> {
    let task = find(&caller, &path).await?;
    let tag = etag(&task);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = if known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*") {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut body = Vec::new();
        write_task(&mut body, &task);
        json(body)
    };
    if let Ok(value) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    Ok(response)
}

async fn find(caller: &Caller, path: &TaskPath) -> Result<Task, Problem> {
    let found = caller.scope.task(path.reference()?).await.map_err(problem)?;
    found.ok_or_else(|| problem(DomainError::task_not_found().into()))
}

/// List the subtasks of a task
#[utoipa::path(get, path = "/tasks/{task}/subtasks", tag = "tasks", params(TaskPath),
    responses((status = 200, body = TaskList), Refusals))]
pub async fn subtasks(caller: Caller, Path(path): Path<TaskPath>) -> Result<Response, Problem> {
    let parent = find(&caller, &path).await?;
    let tasks = caller.scope.subtasks(parent.id).await.map_err(problem)?;
    let total = u64::try_from(tasks.len()).unwrap_or(u64::MAX);
    Ok(TaskList::answer(&tasks, total, None))
}
