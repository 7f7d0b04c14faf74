//! Events: what every reader of a user's tasks is told, in an order without gaps.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use todo_domain::Task;
use uuid::Uuid;

use crate::{
    db::{FromRow, Identity, Row},
    error::{Result, StoreError},
    scope::UserScope,
    service::Change,
    vals,
};

/// Most events that one call answers.
pub const EVENTS_MAX: u32 = 500;

/// One command's effect. It names what changed; readers fetch what they show.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Counts the user's events from 1, without gaps.
    pub seq: i64,
    /// Kind of the operation (`create`, `complete`, …).
    pub kind: String,
    /// The operation by which it can be undone.
    pub operation_id: Option<Uuid>,
    /// What changed.
    #[serde(flatten)]
    pub payload: Payload,
    /// When, by the clock of the database.
    pub created_at: Timestamp,
}

/// The things that an event is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    /// Tasks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<EventTask>,
    /// Ids of labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Uuid>,
    /// Ids of projects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<Uuid>,
}

/// A task that came, went or changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventTask {
    /// Id.
    pub id: Uuid,
    /// Number for people.
    pub number: i64,
    /// How.
    pub change: TaskChange,
}

/// How a task changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskChange {
    /// It came.
    Created,
    /// It changed otherwise.
    Updated,
    /// It was completed.
    Completed,
    /// It was reopened.
    Reopened,
    /// It went.
    Deleted,
}

impl TaskChange {
    pub(crate) fn between(before: Option<&Task>, after: Option<&Task>) -> Self {
        match (before, after) {
            (None, _) => Self::Created,
            (_, None) => Self::Deleted,
            (Some(before), Some(after)) => match (before.is_completed(), after.is_completed()) {
                (false, true) => Self::Completed,
                (true, false) => Self::Reopened,
                _ => Self::Updated,
            },
        }
    }
}

impl Payload {
    pub(crate) fn note(&mut self, change: &Change) {
        match change {
            Change::Label { before, after, .. } => {
                self.labels.extend(before.as_ref().or(after.as_ref()).map(|label| label.id))
            }
            Change::Project { before, after, .. } => {
                self.projects.extend(before.as_ref().or(after.as_ref()).map(|project| project.id));
            }
            Change::Task { .. } => {}
        }
    }
}

impl FromRow for Event {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            kind: row.get(1)?,
            operation_id: row.get(2)?,
            payload: serde_json::from_str(&row.get::<String>(3)?)
                .map_err(|error| StoreError::Corrupt(format!("payload of an event: {error}")))?,
            created_at: row.get(4)?,
        })
    }
}

impl UserScope {
    /// The events after `seq`, oldest first, at most `limit` (and [`EVENTS_MAX`]).
    ///
    /// # Errors
    /// The database's.
    pub async fn events_after(&self, seq: i64, limit: u32) -> Result<Vec<Event>> {
        self.db()
            .query(
                self.identity(),
                "SELECT seq, kind, operation_id, payload, created_at FROM events WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                vals![self.user_id(), seq, limit.min(EVENTS_MAX)],
            )
            .await
    }

    /// The sequence number of the latest event, 0 when there is none: where a reader who has just fetched everything starts.
    ///
    /// # Errors
    /// The database's.
    pub async fn latest_seq(&self) -> Result<i64> {
        let row: Option<(i64,)> = self
            .db()
            .query_opt(self.identity(), "SELECT seq FROM counters WHERE user_id = $1", vals![self.user_id()])
            .await?;
        Ok(row.map_or(0, |row| row.0))
    }

    /// The sequence number of the oldest event that is still kept. A reader further behind has to fetch everything again.
    ///
    /// # Errors
    /// The database's.
    pub async fn oldest_seq(&self) -> Result<Option<i64>> {
        let row: Option<(i64,)> = self
            .db()
            .query_opt(
                self.identity(),
                "SELECT seq FROM events WHERE user_id = $1 ORDER BY seq LIMIT 1",
                vals![self.user_id()],
            )
            .await?;
        Ok(row.map(|row| row.0))
    }
}

/// Deletes events older than `before`; answers how many.
pub(crate) async fn prune(store: &crate::Store, before: Timestamp) -> Result<u64> {
    store
        .db()
        .execute(Identity::Worker, crate::db::Repeat::Safe, "DELETE FROM events WHERE created_at < $1", vals![before])
        .await
}
