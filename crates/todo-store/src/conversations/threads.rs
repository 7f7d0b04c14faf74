//! Conversations as threads of turns, in pages that go on from any place in either direction: how clients read them that keep no
//! list of their own.

use jiff::Timestamp;
use uuid::Uuid;

use super::ConversationRow;
use crate::{
    db::{FromRow, Repeat, Row},
    error::Result,
    scope::UserScope,
    vals,
};

/// Which way a page goes, and from where.
#[derive(Clone, Copy, Debug, Default)]
pub struct Walk {
    /// From the latest to the oldest.
    pub newest_first: bool,
    /// Begins here, inclusive; at the very beginning when absent.
    pub from: Option<Uuid>,
    /// At most so many.
    pub limit: u32,
}

/// What the user said, and what was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnRow {
    /// Id of the user's message.
    pub id: Uuid,
    /// What they said.
    pub said: String,
    /// When.
    pub said_at: Timestamp,
    /// The answer; absent while it is made, or when it failed.
    pub answer: Option<AnswerRow>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerRow {
    /// The text.
    pub content: String,
    /// Its tool calls, as JSON.
    pub tool_calls: Option<String>,
    /// What the assistant remembers of it, as JSON.
    pub memory: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl FromRow for TurnRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let at: Option<Timestamp> = row.get(6)?;
        let content: Option<String> = row.get(3)?;
        let (tool_calls, memory) = (row.get(4)?, row.get(5)?);
        let answer = content.zip(at).map(|(content, at)| AnswerRow { content, tool_calls, memory, at });
        Ok(Self { id: row.get(0)?, said: row.get(1)?, said_at: row.get(2)?, answer })
    }
}

const TURN: &str = "u.id, u.content, u.created_at, a.content, a.tool_calls, a.memory, a.created_at
    FROM messages u
    LEFT JOIN agent_runs r ON r.user_id = u.user_id AND r.conversation_id = u.conversation_id AND r.user_message_id = u.id
    LEFT JOIN messages a ON a.user_id = u.user_id AND a.id = r.assistant_message_id";

impl Walk {
    /// The condition on `column`, its parameter ($3) and the order.
    fn clause(self, column: &str) -> (String, Uuid) {
        let (beyond, order, edge) =
            if self.newest_first { ("<=", "DESC", Uuid::max()) } else { (">=", "ASC", Uuid::nil()) };
        (format!("{column} {beyond} $2 ORDER BY {column} {order} LIMIT $3"), self.from.unwrap_or(edge))
    }
}

impl UserScope {
    /// Conversations in the order in which they began.
    ///
    /// # Errors
    /// The database's.
    pub async fn threads(&self, walk: Walk) -> Result<Vec<ConversationRow>> {
        let (clause, from) = walk.clause("c.id");
        let sql = format!(
            "SELECT c.id, c.title, c.created_at, c.updated_at, NULL FROM conversations c WHERE c.user_id = $1 AND {clause}"
        );
        self.db().query(self.identity(), sql, vals![self.user_id(), from, walk.limit]).await
    }

    /// Turns of a conversation; empty for one that there is not.
    ///
    /// # Errors
    /// The database's.
    pub async fn turns(&self, conversation: Uuid, walk: Walk) -> Result<Vec<TurnRow>> {
        let (clause, from) = walk.clause("u.id");
        let sql =
            format!("SELECT {TURN} WHERE u.user_id = $1 AND u.conversation_id = $4 AND u.role = 'user' AND {clause}");
        self.db().query(self.identity(), sql, vals![self.user_id(), from, walk.limit, conversation]).await
    }

    /// One turn of a conversation, by the user's message.
    ///
    /// # Errors
    /// The database's.
    pub async fn turn(&self, conversation: Uuid, id: Uuid) -> Result<Option<TurnRow>> {
        let sql =
            format!("SELECT {TURN} WHERE u.user_id = $1 AND u.conversation_id = $2 AND u.role = 'user' AND u.id = $3");
        self.db().query_opt(self.identity(), sql, vals![self.user_id(), conversation, id]).await
    }

    /// Keeps what the user says of answers, by the messages that they answer: `positive` or `negative`. Answers how many there were.
    ///
    /// # Errors
    /// The database's.
    pub async fn rate_answers(&self, conversation: Uuid, turns: Vec<Uuid>, feedback: &'static str) -> Result<u64> {
        let user = self.user_id().clone();
        self.db()
            .write(self.identity(), Repeat::Safe, move |tx| {
                let (user, turns) = (user.clone(), turns.clone());
                Box::pin(async move {
                    let mut rated = 0;
                    for turn in turns {
                        rated += tx
                            .execute(
                                "UPDATE messages SET feedback = $4 WHERE user_id = $1 AND conversation_id = $2 AND id IN
                                     (SELECT r.assistant_message_id FROM agent_runs r
                                      WHERE r.user_id = $1 AND r.conversation_id = $2 AND r.user_message_id = $3)",
                                &vals![user.as_str(), conversation, turn, feedback],
                            )
                            .await?;
                    }
                    Ok(rated)
                })
            })
            .await
    }
}
