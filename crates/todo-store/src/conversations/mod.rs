//! Conversations with the assistant, and the record of what it ran.
//!
//! | file | what |
//! |---|---|
//! | `turn.rs` | one message and its answer: claim, record, release |
//! | `history.rs` | conversations and messages to read, rename, delete |
//! | `runs.rs` | a run by id: its state, its events, its stop |
//! | `threads.rs` | conversations as threads of turns, in pages from any place |
//! | `direct.rs` | tool calls of other programs' agents, outside any conversation |

mod direct;
mod history;
mod runs;
mod threads;
mod turn;

use jiff::Timestamp;
use uuid::Uuid;

pub use direct::DirectCall;
pub use history::{ConversationRow, MessagePage};
pub use runs::RunRow;
pub use threads::{AnswerRow, TurnRow, Walk};
pub use turn::{Begin, Begun, Finish, ToolCallRow};

use crate::{
    db::{FromRow, Row},
    error::Result,
};

/// Longest title of a conversation, in characters; the first message is cut to it.
pub const TITLE_MAX: usize = 100;

/// A stored message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    /// UUIDv7, so that messages sort by age.
    pub id: Uuid,
    /// `user` or `assistant`.
    pub role: String,
    /// The text.
    pub content: String,
    /// The tool calls of an answer, as JSON.
    pub tool_calls: Option<String>,
    /// What the assistant remembers of an answer, as JSON.
    pub memory: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// Who gave an answer (`built-in`, or the name of a model).
    pub model: Option<String>,
}

const MESSAGE: &str = "id, role, content, tool_calls, memory, created_at,
    (SELECT max(r.model) FROM agent_runs r WHERE r.user_id = messages.user_id AND r.conversation_id = messages.conversation_id
        AND r.assistant_message_id = messages.id)";

impl FromRow for MessageRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            role: row.get(1)?,
            content: row.get(2)?,
            tool_calls: row.get(3)?,
            memory: row.get(4)?,
            created_at: row.get(5)?,
            model: row.get(6)?,
        })
    }
}
