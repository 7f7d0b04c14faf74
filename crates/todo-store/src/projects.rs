//! Projects.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use todo_domain::{Project, id::UserId};
use uuid::Uuid;

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    labels::name_key,
    scope::UserScope,
    vals,
};

/// A project without its counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProjectRecord {
    pub id: Uuid,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<Uuid>,
    #[serde(default)]
    pub archived: bool,
    pub created_at: Timestamp,
}

impl FromRow for ProjectRecord {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            color: row.get(2)?,
            parent_id: row.get(3)?,
            archived: row.get(4)?,
            created_at: row.get(5)?,
        })
    }
}

impl FromRow for Project {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(ProjectRecord::from_row(row)?.with_count(row.get(6)?))
    }
}

impl ProjectRecord {
    pub(crate) fn with_count(self, open_tasks: i64) -> Project {
        Project {
            id: self.id,
            name: self.name,
            color: self.color,
            parent_id: self.parent_id,
            archived: self.archived,
            created_at: self.created_at,
            open_tasks,
        }
    }
}

/// Projects with how many open tasks each holds.
const WITH_COUNTS: &str = "SELECT p.id, p.name, p.color, p.parent_id, p.archived, p.created_at, \
     (SELECT count(*) FROM tasks t WHERE t.user_id = $1 AND t.project_id = p.id AND t.completed_at IS NULL) \
     FROM projects p WHERE p.user_id = $1";

impl UserScope {
    /// All projects, archived ones too, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn projects(&self) -> Result<Vec<Project>> {
        self.db().query(self.identity(), format!("{WITH_COUNTS} ORDER BY p.name_key"), vals![self.user_id()]).await
    }

    /// One project.
    ///
    /// # Errors
    /// The database's.
    pub async fn project(&self, id: Uuid) -> Result<Option<Project>> {
        self.db().query_opt(self.identity(), format!("{WITH_COUNTS} AND p.id = $2"), vals![self.user_id(), id]).await
    }
}

pub(crate) async fn all(tx: &Tx, user: &UserId) -> Result<Vec<ProjectRecord>> {
    tx.query("SELECT id, name, color, parent_id, archived, created_at FROM projects WHERE user_id = $1", &vals![user])
        .await
}

pub(crate) async fn open_tasks(tx: &Tx, user: &UserId, id: Uuid) -> Result<i64> {
    let (count,) = tx
        .query_one(
            "SELECT count(*) FROM tasks WHERE user_id = $1 AND project_id = $2 AND completed_at IS NULL",
            &vals![user, id],
        )
        .await?;
    Ok(count)
}

pub(crate) async fn insert(tx: &Tx, user: &UserId, project: &ProjectRecord) -> Result<()> {
    tx.defer(
        "INSERT INTO projects (user_id, id, name, name_key, color, parent_id, archived, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vals![
            user,
            project.id,
            &project.name,
            name_key(&project.name),
            project.color.clone(),
            project.parent_id,
            project.archived,
            project.created_at
        ],
    )
    .await
}
