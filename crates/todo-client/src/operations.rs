//! The record of changes, and undo.

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{Changed, Client, Result, request::segment};

/// A change that was made.
#[derive(Clone, Debug, Deserialize)]
pub struct OperationJson {
    /// For [`Client::undo`].
    pub id: String,
    /// What was done (`create`, `complete`, …).
    #[serde(default)]
    pub kind: String,
    /// One line for people.
    #[serde(default)]
    pub summary: String,
    /// Through which door: `rest`, `page`, `chat`, `mcp`, ….
    #[serde(default)]
    pub door: String,
    /// When.
    pub created_at: Timestamp,
    /// Set once it was undone.
    #[serde(default)]
    pub undone_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Operations {
    operations: Vec<OperationJson>,
}

impl Client {
    /// The latest changes, newest first; of one task when it is named.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn operations(&self, task: Option<&str>) -> Result<Vec<OperationJson>> {
        let query: Vec<_> = task.map(|id| ("task", id)).into_iter().collect();
        self.get::<Operations>("/api/operations", &query).await.map(|list| list.operations)
    }

    /// Takes an operation back.
    ///
    /// # Errors
    /// Any [`crate::ClientError`]; a refusal with 409 when what it changed has changed since.
    pub async fn undo(&self, operation: &str) -> Result<Changed<serde_json::Value>> {
        self.change(Method::POST, &format!("/api/operations/{}/undo", segment(operation)), None::<&()>).await
    }
}
