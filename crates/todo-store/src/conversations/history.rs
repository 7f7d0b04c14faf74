//! Conversations and messages as people look back on them.

use jiff::Timestamp;
use uuid::Uuid;

use super::{MESSAGE, MessageRow, TITLE_MAX};
use crate::{
    db::{FromRow, Repeat, Row},
    error::Result,
    scope::UserScope,
    vals,
};

/// Most characters of the last message that a list of conversations shows.
const PREVIEW_MAX: usize = 100;

/// A conversation in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationRow {
    /// Id.
    pub id: Uuid,
    /// Its first message, or the name that was given.
    pub title: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When something was said last.
    pub updated_at: Timestamp,
    /// The beginning of the last message.
    pub preview: String,
}

impl FromRow for ConversationRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let preview: Option<String> = row.get(4)?;
        Ok(Self {
            id: row.get(0)?,
            title: row.get(1)?,
            created_at: row.get(2)?,
            updated_at: row.get(3)?,
            preview: preview.unwrap_or_default().chars().take(PREVIEW_MAX).collect(),
        })
    }
}

const CONVERSATION: &str =
    "c.id, c.title, c.created_at, c.updated_at, (SELECT substr(m.content, 1, 400) FROM messages m
    WHERE m.user_id = c.user_id AND m.conversation_id = c.id ORDER BY m.id DESC LIMIT 1)";

/// A page of messages, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<MessageRow>,
    /// Whether there are older ones.
    pub has_more: bool,
}

impl UserScope {
    /// Conversations, the latest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn conversations(&self, limit: u32, offset: u64) -> Result<Vec<ConversationRow>> {
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT {CONVERSATION} FROM conversations c WHERE c.user_id = $1
             ORDER BY c.updated_at DESC, c.id DESC LIMIT $2 OFFSET $3"
        );
        self.db().query(self.identity(), sql, vals![self.user_id(), limit, offset]).await
    }

    /// One conversation.
    ///
    /// # Errors
    /// The database's.
    pub async fn conversation(&self, id: Uuid) -> Result<Option<ConversationRow>> {
        let sql = format!("SELECT {CONVERSATION} FROM conversations c WHERE c.user_id = $1 AND c.id = $2");
        self.db().query_opt(self.identity(), sql, vals![self.user_id(), id]).await
    }

    /// A page of messages: the last `limit`, or those before the message `before`. `None` when there is no such conversation.
    ///
    /// # Errors
    /// The database's.
    pub async fn messages(&self, conversation: Uuid, limit: u32, before: Option<Uuid>) -> Result<Option<MessagePage>> {
        if self.conversation(conversation).await?.is_none() {
            return Ok(None);
        }
        let before = before.unwrap_or(Uuid::max());
        let sql = format!(
            "SELECT {MESSAGE} FROM messages WHERE user_id = $1 AND conversation_id = $2 AND id < $3
             ORDER BY id DESC LIMIT $4"
        );
        let params = vals![self.user_id(), conversation, before, limit + 1];
        let mut messages: Vec<MessageRow> = self.db().query(self.identity(), sql, params).await?;
        let has_more = messages.len() > limit as usize;
        messages.truncate(limit as usize);
        messages.reverse();
        Ok(Some(MessagePage { messages, has_more }))
    }

    /// Gives a conversation a name; answers whether there is one.
    ///
    /// # Errors
    /// The database's.
    pub async fn rename_conversation(&self, id: Uuid, title: &str) -> Result<bool> {
        let title: String = title.chars().take(TITLE_MAX).collect();
        let touched = self
            .db()
            .execute(
                self.identity(),
                Repeat::Safe,
                "UPDATE conversations SET title = $3 WHERE user_id = $1 AND id = $2",
                vals![self.user_id(), id, title],
            )
            .await?;
        Ok(touched > 0)
    }

    /// Deletes a conversation with its messages and runs; answers whether there was one. Tasks stay.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete_conversation(&self, id: Uuid) -> Result<bool> {
        let touched = self
            .db()
            .execute(
                self.identity(),
                Repeat::Safe,
                "DELETE FROM conversations WHERE user_id = $1 AND id = $2",
                vals![self.user_id(), id],
            )
            .await?;
        Ok(touched > 0)
    }
}
