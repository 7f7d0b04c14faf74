//! Labels.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use todo_domain::{Label, id::UserId};
use uuid::Uuid;

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    scope::UserScope,
    vals,
};

/// A label without its counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LabelRecord {
    pub id: Uuid,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    pub created_at: Timestamp,
}

impl FromRow for LabelRecord {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get(0)?, name: row.get(1)?, color: row.get(2)?, created_at: row.get(3)? })
    }
}

impl FromRow for Label {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            color: row.get(2)?,
            created_at: row.get(3)?,
            open_tasks: row.get(4)?,
        })
    }
}

impl LabelRecord {
    pub(crate) fn with_count(self, open_tasks: i64) -> Label {
        Label { id: self.id, name: self.name, color: self.color, created_at: self.created_at, open_tasks }
    }
}

/// How names of labels, projects and filters are compared.
pub(crate) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

/// Labels with how many open tasks have each, by name.
const WITH_COUNTS: &str = "SELECT l.id, l.name, l.color, l.created_at, \
     (SELECT count(*) FROM task_labels tl JOIN tasks t ON t.user_id = tl.user_id AND t.id = tl.task_id \
      WHERE tl.user_id = $1 AND tl.label_id = l.id AND t.completed_at IS NULL) \
     FROM labels l WHERE l.user_id = $1";

impl UserScope {
    /// All labels, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn labels(&self) -> Result<Vec<Label>> {
        self.db().query(self.identity(), format!("{WITH_COUNTS} ORDER BY l.name_key"), vals![self.user_id()]).await
    }

    /// One label.
    ///
    /// # Errors
    /// The database's.
    pub async fn label(&self, id: Uuid) -> Result<Option<Label>> {
        self.db().query_opt(self.identity(), format!("{WITH_COUNTS} AND l.id = $2"), vals![self.user_id(), id]).await
    }
}

pub(crate) async fn all(tx: &Tx, user: &UserId) -> Result<Vec<LabelRecord>> {
    tx.query("SELECT id, name, color, created_at FROM labels WHERE user_id = $1", &vals![user]).await
}

/// How many open tasks have the label.
pub(crate) async fn open_tasks(tx: &Tx, user: &UserId, id: Uuid) -> Result<i64> {
    let (count,) = tx
        .query_one(
            "SELECT count(*) FROM task_labels tl JOIN tasks t ON t.user_id = tl.user_id AND t.id = tl.task_id \
             WHERE tl.user_id = $1 AND tl.label_id = $2 AND t.completed_at IS NULL",
            &vals![user, id],
        )
        .await?;
    Ok(count)
}

pub(crate) async fn insert(tx: &Tx, user: &UserId, label: &LabelRecord) -> Result<()> {
    tx.defer(
        "INSERT INTO labels (user_id, id, name, name_key, color, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        vals![user, label.id, &label.name, name_key(&label.name), label.color.clone(), label.created_at],
    )
    .await
}
