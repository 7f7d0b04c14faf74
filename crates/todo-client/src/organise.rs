//! Projects, labels and saved filters.

use std::collections::HashMap;

use http::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Changed, Client, Result};

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
    /// `#RRGGBB`.
    #[serde(default)]
    pub color: Option<String>,
    /// Place in the list.
    #[serde(default)]
    pub position: Option<f64>,
}

/// A filter to save.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewFilter<'a> {
    /// Name.
    pub name: &'a str,
    /// Condition in the filter language.
    pub query: &'a str,
    /// `#RRGGBB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<&'a str>,
    /// Place in the list; last when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<f64>,
}

/// Open tasks per list; projects and labels carry their own number.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// All of them.
    pub all: u64,
    /// Due today or overdue.
    pub today: u64,
    /// Past due.
    pub overdue: u64,
    /// With a date.
    pub upcoming: u64,
    /// In no project.
    pub inbox: u64,
    /// Per saved filter.
    pub filters: HashMap<Uuid, u64>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Condition<'a> {
    name: &'a str,
    query: &'a str,
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

    /// How many open tasks stand on each list.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn counts(&self) -> Result<Counts> {
        self.get("/api/counts", &[]).await
    }

    /// Makes a project.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn create_project(&self, name: &str) -> Result<Changed<ProjectJson>> {
        self.post("/api/projects", &Named { name }).await
    }

    /// Renames a project.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn rename_project(&self, id: Uuid, name: &str) -> Result<Changed<ProjectJson>> {
        self.change(Method::PATCH, &format!("/api/projects/{id}"), Some(&Named { name })).await
    }

    /// Deletes a project; its tasks go back to the inbox.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn delete_project(&self, id: Uuid) -> Result<Changed<()>> {
        self.change(Method::DELETE, &format!("/api/projects/{id}"), None::<&()>).await
    }

    /// Makes a label.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn create_label(&self, name: &str) -> Result<Changed<LabelJson>> {
        self.post("/api/labels", &Named { name }).await
    }

    /// Renames a label, on all tasks that have it.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn rename_label(&self, id: Uuid, name: &str) -> Result<Changed<LabelJson>> {
        self.change(Method::PATCH, &format!("/api/labels/{id}"), Some(&Named { name })).await
    }

    /// Deletes a label; its tasks stay.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn delete_label(&self, id: Uuid) -> Result<Changed<()>> {
        self.change(Method::DELETE, &format!("/api/labels/{id}"), None::<&()>).await
    }

    /// Saves a condition in the filter language under a name.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn create_filter(&self, filter: &NewFilter<'_>) -> Result<SavedFilter> {
        self.post("/api/filters", filter).await.map(|answer| answer.value)
    }

    /// Changes name and condition of a saved filter.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn update_filter(&self, id: Uuid, name: &str, query: &str) -> Result<SavedFilter> {
        let condition = Condition { name, query };
        self.change(Method::PUT, &format!("/api/filters/{id}"), Some(&condition)).await.map(|answer| answer.value)
    }

    /// Deletes a saved filter.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn delete_filter(&self, id: Uuid) -> Result<()> {
        self.change(Method::DELETE, &format!("/api/filters/{id}"), None::<&()>).await.map(|answer| answer.value)
    }
}
