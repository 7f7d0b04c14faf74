//! Runs by id: for those who come back for an answer, and for those who want it stopped.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    db::{FromRow, Repeat, Row},
    error::Result,
    scope::UserScope,
    vals,
};

/// A stored run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    /// Id.
    pub id: Uuid,
    /// Its conversation.
    pub conversation: Option<Uuid>,
    /// The message that it answers.
    pub user_message: Option<Uuid>,
    /// `running`, `ok`, `error` or `stopped`.
    pub status: String,
    /// When it began.
    pub started_at: Timestamp,
    /// What was streamed, as JSON; absent while it runs.
    pub events: Option<String>,
    /// Somebody asked to stop it.
    pub stop_requested: bool,
    /// The text that it answers.
    pub message: Option<String>,
}

pub(super) const COLUMNS: &str = "id, conversation_id, user_message_id, status, started_at, events, stop_requested,
    (SELECT m.content FROM messages m WHERE m.user_id = agent_runs.user_id AND m.id = agent_runs.user_message_id)";

impl FromRow for RunRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            conversation: row.get(1)?,
            user_message: row.get(2)?,
            status: row.get(3)?,
            started_at: row.get(4)?,
            events: row.get(5)?,
            stop_requested: row.get(6)?,
            message: row.get(7)?,
        })
    }
}

impl UserScope {
    /// A run of this user.
    ///
    /// # Errors
    /// The database's.
    pub async fn run_by_id(&self, run: Uuid) -> Result<Option<RunRow>> {
        let sql = format!("SELECT {COLUMNS} FROM agent_runs WHERE user_id = $1 AND id = $2");
        self.db().query_opt(self.identity(), sql, vals![self.user_id(), run]).await
    }

    /// How many tokens this user's runs since then have cost.
    ///
    /// # Errors
    /// The database's.
    pub async fn tokens_since(&self, since: Timestamp) -> Result<i64> {
        let sql = "SELECT CAST(coalesce(sum(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0)), 0) AS bigint)
                   FROM agent_runs WHERE user_id = $1 AND started_at > $2";
        let found: Option<(i64,)> = self.db().query_opt(self.identity(), sql, vals![self.user_id(), since]).await?;
        Ok(found.map_or(0, |(tokens,)| tokens))
    }

    /// Asks a run to stop before its next step; answers whether it was still running.
    ///
    /// # Errors
    /// The database's.
    pub async fn request_stop(&self, run: Uuid) -> Result<bool> {
        let touched = self
            .db()
            .execute(
                self.identity(),
                Repeat::Safe,
                "UPDATE agent_runs SET stop_requested = $3 WHERE user_id = $1 AND id = $2 AND status = 'running'",
                vals![self.user_id(), run, true],
            )
            .await?;
        Ok(touched > 0)
    }
}
