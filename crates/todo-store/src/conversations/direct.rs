//! Tool calls that another program's agent makes, outside any conversation: each is a run of its own with one call.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{ToolCallRow, turn::insert_call};
use crate::{db::Repeat, error::Result, scope::UserScope, vals};

/// How long these runs are kept; as long as a change can be undone. Runs of a conversation live as long as it does.
const KEPT: Duration = Duration::from_secs(90 * 24 * 3600);

/// A tool call to record.
#[derive(Clone, Debug)]
pub struct DirectCall {
    /// Who called, in place of the model: `mcp`.
    pub caller: String,
    /// The call.
    pub call: ToolCallRow,
    /// Why it failed.
    pub error_code: Option<String>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
}

impl UserScope {
    /// Records a tool call as a run, and forgets those of this kind that are older than 90 days.
    ///
    /// # Errors
    /// The database's.
    pub async fn record_direct_call(&self, direct: DirectCall) -> Result<()> {
        let user = self.user_id().clone();
        let run = Uuid::now_v7();
        self.db()
            .write(self.identity(), Repeat::Safe, move |tx| {
                let (user, direct) = (user.clone(), direct.clone());
                Box::pin(async move {
                    let DirectCall { caller, call, error_code, started, finished } = direct;
                    let status = if call.success { "ok" } else { "error" };
                    let fresh = tx
                        .execute(
                            "INSERT INTO agent_runs (user_id, id, model, status, error_code, started_at, finished_at, duration_ms)
                             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                            &vals![user.as_str(), run, caller, status, error_code, started, finished, call.duration_ms],
                        )
                        .await?;
                    // A second try after a lost connection finds it recorded.
                    if fresh == 0 {
                        return Ok(());
                    }
                    insert_call(tx, user.as_str(), run, None, &call, finished).await?;
                    let before = started.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
                    tx.execute(
                        "DELETE FROM agent_runs WHERE user_id = $1 AND conversation_id IS NULL AND started_at < $2",
                        &vals![user.as_str(), before],
                    )
                    .await?;
                    Ok(())
                })
            })
            .await
    }
}

#[cfg(feature = "testing")]
impl UserScope {
    /// Every recorded call outside a conversation, oldest first: caller, tool, arguments, whether it succeeded, why not.
    ///
    /// # Errors
    /// The database's.
    pub async fn direct_calls(&self) -> Result<Vec<(String, String, String, bool, Option<String>)>> {
        let sql = "SELECT r.model, c.tool_name, c.parameters, c.success, r.error_code
             FROM tool_calls c JOIN agent_runs r ON r.user_id = c.user_id AND r.id = c.run_id
             WHERE c.user_id = $1 AND r.conversation_id IS NULL ORDER BY c.id";
        self.db().query(self.identity(), sql, vals![self.user_id()]).await
    }
}
