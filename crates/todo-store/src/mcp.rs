//! Sessions of other agents (Model Context Protocol): what a client said of itself, what it follows, and what goes over streams
//! that outlive a connection. In the database, so that a client may reach another replica with every request.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    db::{FromRow, Repeat, Row},
    error::{Result, StoreError},
    scope::UserScope,
    vals,
};

/// Most sessions of one user; those that were used least recently give way.
pub const SESSIONS_MAX: i64 = 100;
/// Most addresses that a session follows.
pub const FOLLOWED_MAX: usize = 200;
/// How long a session lives without being used.
const IDLE: Duration = Duration::from_secs(24 * 3600);
/// A use is noted when the last note is so old.
const NOTED: Duration = Duration::from_secs(3600);
/// How long messages can be asked for again.
const MESSAGES_KEPT: Duration = Duration::from_secs(3600);

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpSession {
    /// Its id.
    pub id: Uuid,
    /// What the client said of itself (JSON).
    pub client: String,
    /// From which level on it is told of tool calls.
    pub log_level: Option<String>,
    /// Addresses that it follows.
    pub followed: Vec<String>,
    seen_at: Timestamp,
}

impl FromRow for McpSession {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            client: row.get(1)?,
            log_level: row.get(2)?,
            followed: serde_json::from_str(&row.get::<String>(3)?)
                .map_err(|error| StoreError::Corrupt(format!("what a session of MCP follows: {error}")))?,
            seen_at: row.get(4)?,
        })
    }
}

impl UserScope {
    /// Begins a session, and ends those that were not used for a day or are too many.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_mcp_session(&self, client: &str, now: Timestamp) -> Result<Uuid> {
        let id = Uuid::new_v4();
        let (user, client) = (self.user_id().clone(), client.to_owned());
        let idle = now.checked_sub(IDLE).unwrap_or(Timestamp::MIN);
        self.db()
            .write(self.identity(), Repeat::Safe, move |tx| {
                let (user, client) = (user.clone(), client.clone());
                Box::pin(async move {
                    let user = user.as_str();
                    tx.execute(
                        "DELETE FROM mcp_sessions WHERE user_id = $1 AND (seen_at < $2 OR id IN (SELECT id FROM mcp_sessions \
                         WHERE user_id = $1 ORDER BY seen_at DESC, id LIMIT 1000 OFFSET $3))",
                        &vals![user, idle, SESSIONS_MAX - 1],
                    )
                    .await?;
                    tx.execute(
                        "INSERT INTO mcp_sessions (user_id, id, client, followed, seen_at) VALUES ($1, $2, $3, '[]', $4) \
                         ON CONFLICT DO NOTHING",
                        &vals![user, id, client, now],
                    )
                    .await?;
                    Ok(id)
                })
            })
            .await
    }

    /// A session that has not ended.
    ///
    /// # Errors
    /// The database's.
    pub async fn mcp_session(&self, id: Uuid, now: Timestamp) -> Result<Option<McpSession>> {
        let before = |age: Duration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let sql = "SELECT id, client, log_level, followed, seen_at FROM mcp_sessions \
             WHERE user_id = $1 AND id = $2 AND seen_at >= $3";
        let found: Option<McpSession> =
            self.db().query_opt(self.identity(), sql, vals![self.user_id(), id, before(IDLE)]).await?;
        if found.as_ref().is_some_and(|session| session.seen_at < before(NOTED)) {
            let sql = "UPDATE mcp_sessions SET seen_at = $3 WHERE user_id = $1 AND id = $2";
            self.db().execute(self.identity(), Repeat::Safe, sql, vals![self.user_id(), id, now]).await?;
        }
        Ok(found)
    }

    /// Ends a session; answers whether there was one.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_mcp_session(&self, id: Uuid) -> Result<bool> {
        let sql = "DELETE FROM mcp_sessions WHERE user_id = $1 AND id = $2";
        let ended = self.db().execute(self.identity(), Repeat::Safe, sql, vals![self.user_id(), id]).await? > 0;
        self.wake_mcp();
        Ok(ended)
    }

    /// Notes from which level on the client wants to be told of tool calls.
    ///
    /// # Errors
    /// The database's.
    pub async fn set_mcp_log_level(&self, id: Uuid, level: &str) -> Result<()> {
        let sql = "UPDATE mcp_sessions SET log_level = $3 WHERE user_id = $1 AND id = $2";
        self.db().execute(self.identity(), Repeat::Safe, sql, vals![self.user_id(), id, level]).await.map(drop)
    }

    /// Follows an address, or no longer. Answers false when the session follows [`FOLLOWED_MAX`] already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when others change the same session all the time; the database's.
    pub async fn follow_mcp(&self, id: Uuid, address: &str, follows: bool, now: Timestamp) -> Result<bool> {
        // Two requests of one client may reach two replicas: whoever comes second looks again.
        for _ in 0..20 {
            let Some(session) = self.mcp_session(id, now).await? else { return Ok(true) };
            let mut followed = session.followed.clone();
            followed.retain(|known| known != address);
            if follows {
                followed.push(address.to_owned());
            }
            if followed.len() > FOLLOWED_MAX {
                return Ok(false);
            }
            let json = |list: &[String]| serde_json::Value::from(list).to_string();
            let sql = "UPDATE mcp_sessions SET followed = $4 WHERE user_id = $1 AND id = $2 AND followed = $3";
            let params = vals![self.user_id(), id, json(&session.followed), json(&followed)];
            if self.db().execute(self.identity(), Repeat::Safe, sql, params).await? > 0 {
                self.wake_mcp();
                return Ok(true);
            }
        }
        Err(StoreError::unavailable("a session of MCP is being changed by many requests at once"))
    }

    /// Writes a message of ours on a stream, and forgets those that nobody will ask for any more. When the session has ended, there is
    /// nobody to write to.
    ///
    /// # Errors
    /// The database's.
    pub async fn send_mcp(&self, session: Uuid, stream: Uuid, seq: i64, body: &str, now: Timestamp) -> Result<()> {
        if seq == 0 {
            let old = now.checked_sub(MESSAGES_KEPT).unwrap_or(Timestamp::MIN);
            let sql = "DELETE FROM mcp_messages WHERE user_id = $1 AND session_id = $2 AND sent_at < $3";
            self.db().execute(self.identity(), Repeat::Safe, sql, vals![self.user_id(), session, old]).await?;
        }
        let sql = "INSERT INTO mcp_messages (user_id, session_id, stream, seq, from_client, body, sent_at) \
             SELECT $1, $2, $3, $4, $5, $6, $7 FROM mcp_sessions WHERE user_id = $1 AND id = $2 ON CONFLICT DO NOTHING";
        let params = vals![self.user_id(), session, stream, seq, false, body, now];
        self.db().execute(self.identity(), Repeat::Safe, sql, params).await?;
        self.wake_mcp();
        Ok(())
    }

    /// Writes the client's answer to message `seq` of ours. Without such a message, or once it is answered, nothing happens.
    ///
    /// # Errors
    /// The database's.
    pub async fn answer_mcp(&self, session: Uuid, stream: Uuid, seq: i64, body: &str, now: Timestamp) -> Result<()> {
        let sql = "INSERT INTO mcp_messages (user_id, session_id, stream, seq, from_client, body, sent_at) \
             SELECT $1, $2, $3, $4, $5, $6, $7 FROM mcp_messages \
             WHERE user_id = $1 AND session_id = $2 AND stream = $3 AND seq = $4 AND from_client = $8 ON CONFLICT DO NOTHING";
        let params = vals![self.user_id(), session, stream, seq, true, body, now, false];
        self.db().execute(self.identity(), Repeat::Safe, sql, params).await?;
        self.wake_mcp();
        Ok(())
    }

    /// The messages of one side on a stream after `seq`, with their numbers, in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn mcp_messages(
        &self,
        session: Uuid,
        stream: Uuid,
        from_client: bool,
        after: i64,
    ) -> Result<Vec<(i64, String)>> {
        let sql = "SELECT seq, body FROM mcp_messages \
             WHERE user_id = $1 AND session_id = $2 AND stream = $3 AND from_client = $4 AND seq > $5 ORDER BY seq LIMIT 500";
        self.db().query(self.identity(), sql, vals![self.user_id(), session, stream, from_client, after]).await
    }

    /// Whoever waits for something of this user's looks again, on any replica.
    fn wake_mcp(&self) {
        self.store().feed().changed(self.db(), self.user_id());
    }
}
