//! Tasks over REST: handlers translate between JSON and commands.

mod bulk;
mod change;
mod list;
mod query;
mod quick;

use std::io::Write as _;

use axum::response::Response;
use serde::Deserialize;
use todo_domain::{
    Task, TaskRef,
    wire::{TaskJson, write_tasks},
};
use todo_service::Problem;
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract,
    routes::{Routes, routes},
};

pub use query::ListParams;

/// A page of tasks.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TaskList {
    /// The tasks, in order.
    pub tasks: Vec<TaskJson>,
    /// How many there are on all pages together.
    pub total: u64,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl TaskList {
    /// The answer with this page, as JSON of this shape.
    fn answer(tasks: &[Task], total: u64, next_cursor: Option<&str>) -> Response {
        let mut body = Vec::new();
        body.extend_from_slice(b"{\"tasks\":");
        write_tasks(&mut body, tasks);
        // Neither a number nor a text can fail to be written into memory.
        let _ = write!(body, ",\"total\":{total},\"next_cursor\":");
        let _ = serde_json::to_writer(&mut body, &next_cursor);
        body.push(b'}');
        extract::json(body)
    }
}

/// A task in the path, by id or number.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TaskPath {
    /// UUID, or the small number.
    task: String,
}

impl TaskPath {
    /// The task that is named. What names none exists nowhere.
    ///
    /// # Errors
    /// 404.
    pub fn reference(&self) -> Result<TaskRef, Problem> {
        TaskRef::parse(&self.task).ok_or_else(|| Problem::not_found("TASK_NOT_FOUND", "There is no such task."))
    }
}

/// The routes of tasks.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list::list, change::create))
        .routes(routes!(list::get, change::replace, change::update, change::delete))
        .routes(routes!(change::complete, change::toggle))
        .routes(routes!(change::reopen))
        .routes(routes!(list::subtasks))
        .routes(routes!(bulk::bulk))
        .routes(routes!(quick::quick_add))
        .routes(routes!(quick::parse))
        .routes(routes!(list::search))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::TaskList;

    #[tokio::test]
    async fn an_answer_reads_back_as_the_shape_that_the_document_describes() {
        for (total, cursor) in [(0, None), (7, Some("a \"cursor\""))] {
            let body = to_bytes(TaskList::answer(&[], total, cursor).into_body(), usize::MAX).await.unwrap();
            let read: TaskList = serde_json::from_slice(&body).unwrap();
            assert!(read.tasks.is_empty());
            assert_eq!((read.total, read.next_cursor.as_deref()), (total, cursor));
        }
    }
}
