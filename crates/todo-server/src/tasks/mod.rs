//! Tasks over REST: handlers translate between JSON and commands.

mod bulk;
mod change;
mod list;
mod query;
mod quick;

use serde::{Deserialize, Serialize};
use todo_domain::{TaskRef, wire::TaskJson};
use todo_service::Problem;
use utoipa::{IntoParams, ToSchema};

use crate::routes::{Routes, routes};

pub use query::ListParams;

/// A page of tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskList {
    /// The tasks, in order.
    pub tasks: Vec<TaskJson>,
    /// How many there are on all pages together.
    pub total: u64,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
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
