//! Projects, labels and saved filters.

use serde::Deserialize;
use uuid::Uuid;

use crate::{Client, Result};

/// A project.
#[derive(Clone, Debug, Deserialize)]
pub struct ProjectJson {
    /// UUIDv7.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// `#RRGGBB`.
    #[serde(default)]
    pub color: Option<String>,
    /// Parent project.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// Hidden from lists.
    #[serde(default)]
    pub archived: bool,
    /// How many open tasks it holds.
    #[serde(default)]
    pub open_tasks: i64,
}

/// A label.
#[derive(Clone, Debug, Deserialize)]
pub struct LabelJson {
    /// UUIDv7.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// `#RRGGBB`.
    #[serde(default)]
    pub color: Option<String>,
    /// How many open tasks have it.
    #[serde(default)]
    pub open_tasks: i64,
}

/// A saved filter.
#[derive(Clone, Debug, Deserialize)]
pub struct SavedFilter {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Condition in the filter language.
    #[serde(alias = "filter")]
    pub query: String,
}

#[derive(Deserialize)]
struct Projects {
    projects: Vec<ProjectJson>,
}

#[derive(Deserialize)]
struct Labels {
    labels: Vec<LabelJson>,
}

#[derive(Deserialize)]
struct Filters {
    filters: Vec<SavedFilter>,
}

impl Client {
    /// All projects.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn projects(&self) -> Result<Vec<ProjectJson>> {
        self.get::<Projects>("/api/projects", &[]).await.map(|answer| answer.projects)
    }

    /// All labels.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn labels(&self) -> Result<Vec<LabelJson>> {
        self.get::<Labels>("/api/labels", &[]).await.map(|answer| answer.labels)
    }

    /// All saved filters.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn filters(&self) -> Result<Vec<SavedFilter>> {
        self.get::<Filters>("/api/filters", &[]).await.map(|answer| answer.filters)
    }
}
