//! Tasks.

use http::Method;
use serde::{Deserialize, Serialize};
use todo_domain::wire::{TaskInput, TaskJson};
use uuid::Uuid;

use crate::{Changed, Client, Result, request::segment};

/// Which tasks to list, in which order, from where. Empty fields are not sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListQuery {
    /// Condition in the filter language.
    pub filter: String,
    /// `pending`, `completed` or `all`.
    pub status: String,
    /// Priorities, separated by commas.
    pub priority: String,
    /// Name of a label.
    pub label: String,
    /// Id or name of a project.
    pub project: String,
    /// Words in title or notes.
    pub search: String,
    /// Sort key.
    pub sort_by: String,
    /// `asc` or `desc`.
    pub order: String,
    /// How many (1 to 100).
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: String,
}

/// A page of tasks.
#[derive(Clone, Debug, Deserialize)]
pub struct TaskList {
    /// The tasks.
    pub tasks: Vec<TaskJson>,
    /// How many the question finds in all.
    #[serde(default)]
    pub total: u64,
    /// Where the next page starts; none on the last.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// What to do with several tasks at once.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub enum BulkAction {
    /// Complete them.
    Complete,
    /// Reopen them.
    Reopen,
    /// Delete them with their subtasks.
    Delete,
    /// Change them alike.
    Update {
        /// What changes.
        patch: Box<TaskInput>,
    },
}

#[derive(Serialize)]
struct Bulk<'a> {
    #[serde(flatten)]
    action: &'a BulkAction,
    tasks: &'a [Uuid],
}

#[derive(Serialize)]
struct Text<'a> {
    text: &'a str,
}

impl Client {
    /// A page of tasks.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn tasks(&self, query: &ListQuery) -> Result<TaskList> {
        let limit = query.limit.map(|n| n.to_string()).unwrap_or_default();
        let pairs = [
            ("filter", query.filter.as_str()),
            ("status", &query.status),
            ("priority", &query.priority),
            ("label", &query.label),
            ("project", &query.project),
            ("search", &query.search),
            ("sort_by", &query.sort_by),
            ("order", &query.order),
            ("limit", &limit),
            ("cursor", &query.cursor),
        ];
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        self.get("/api/tasks", &pairs).await
    }

    /// One task, by id or number.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn task(&self, task: &str) -> Result<TaskJson> {
        self.get(&format!("/api/tasks/{}", segment(task)), &[]).await
    }

    /// Makes a task.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn create_task(&self, input: &TaskInput) -> Result<Changed<TaskJson>> {
        self.post("/api/tasks", input).await
    }

    /// Makes the task that a sentence describes; several lines make several.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn quick_add(&self, text: &str) -> Result<Changed<serde_json::Value>> {
        self.post("/api/tasks/quick", &Text { text }).await
    }

    /// What a sentence would be understood as.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn parse(&self, text: &str) -> Result<serde_json::Value> {
        self.post("/api/parse", &Text { text }).await.map(|answer| answer.value)
    }

    /// Changes a task.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn update_task(&self, task: &str, patch: &TaskInput) -> Result<Changed<TaskJson>> {
        self.change(Method::PATCH, &format!("/api/tasks/{}", segment(task)), Some(patch)).await
    }

    /// Completes a task; one that is completed stays so.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn complete_task(&self, task: &str) -> Result<Changed<TaskJson>> {
        self.change(Method::POST, &format!("/api/tasks/{}/complete", segment(task)), None::<&()>).await
    }

    /// Reopens a task; one that is open stays so.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn reopen_task(&self, task: &str) -> Result<Changed<TaskJson>> {
        self.change(Method::POST, &format!("/api/tasks/{}/reopen", segment(task)), None::<&()>).await
    }

    /// Deletes a task with its subtasks.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn delete_task(&self, task: &str) -> Result<Changed<serde_json::Value>> {
        self.change(Method::DELETE, &format!("/api/tasks/{}", segment(task)), None::<&()>).await
    }

    /// Does the same to several tasks.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn bulk(&self, action: &BulkAction, tasks: &[Uuid]) -> Result<Changed<serde_json::Value>> {
        self.post("/api/tasks/bulk", &Bulk { action, tasks }).await
    }

    /// The subtasks of a task.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn subtasks(&self, task: &str) -> Result<TaskList> {
        self.get(&format!("/api/tasks/{}/subtasks", segment(task)), &[]).await
    }
}
