//! One message and its answer: claimed, answered, recorded, streamed.
//!
//! Nothing is kept in memory between messages: what the next message must know is stored with the answer. A conversation is
//! answered one message at a time, on any number of processes; a message that comes twice under one client key is answered once.
//!
//! | file | what |
//! |---|---|
//! | `event.rs` | what is streamed, and the answer as a whole |
//! | `turn.rs` | from the claim to the record |
//! | `engine.rs` | who answers: the built-in assistant or a model |
//! | `recorder.rs` | events on their way, and the wish to stop |

mod engine;
mod event;
mod recorder;
mod turn;

use std::time::Duration;

use todo_store::StoreError;

pub use event::{Answer, AnswerCall, AnswerChoice, AnswerQuestion, Event};
pub use turn::{Started, Turn, now_in, replay, retry, start};

use crate::{model::Model, tools::ToolError};

/// Who answered, as it is recorded when no model did.
pub const BUILT_IN: &str = "built-in";
/// Longest message, in characters.
pub const MESSAGE_MAX: usize = 5000;

/// What a message may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most messages of a user per minute.
    pub per_minute: u32,
    /// How long a message waits for the one before it in the same conversation.
    pub wait: Duration,
    /// How long an answer may take before somebody else may go on.
    pub lease: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_minute: 10, wait: Duration::from_secs(10), lease: Duration::from_secs(90) }
    }
}

impl Limits {
    /// With time enough for a model's answer.
    #[must_use]
    pub fn with_model(mut self, model: Option<&Model>) -> Self {
        if let Some(model) = model {
            self.lease = self.lease.max(model.settings().limits.time + Duration::from_secs(30));
        }
        self
    }
}

/// Why a message is not answered.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// There is nothing in it.
    #[error("`message` must not be empty.")]
    Empty,
    /// It is too long.
    #[error("`message` must have at most {MESSAGE_MAX} characters.")]
    TooLong,
    /// It has control characters.
    #[error("`message` contains the control character U+{0:04X}; remove it.")]
    Control(u32),
    /// The conversation does not exist, or is somebody else's.
    #[error("There is no such conversation.")]
    UnknownConversation,
    /// The run does not exist, or is somebody else's.
    #[error("There is no such run.")]
    UnknownRun,
    /// Another message of the conversation is still being answered.
    #[error("An earlier message in this conversation is still being answered; try again in a moment.")]
    Busy,
    /// Too many messages.
    #[error("That is too many messages at once; try again in {} seconds.", retry_after.as_secs().max(1))]
    TooMany {
        /// When to try again.
        retry_after: Duration,
    },
    /// The client key was used for another message.
    #[error("This key was used for a different message; send a new one.")]
    KeyReused,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ToolError> for ChatError {
    fn from(error: ToolError) -> Self {
        match error {
            ToolError::Store(error) => Self::Store(error),
            ToolError::Refused(error) => Self::Store(StoreError::Domain(error)),
            // Tools are called by the registry's own names.
            ToolError::Unknown(_) => Self::UnknownRun,
        }
    }
}

/// A message as it may be answered: trimmed, not empty, not too long, without control characters.
///
/// # Errors
/// [`ChatError::Empty`], [`ChatError::TooLong`], [`ChatError::Control`].
pub fn clean(message: &str) -> Result<&str, ChatError> {
    let message = message.trim();
    if message.is_empty() {
        return Err(ChatError::Empty);
    }
    if message.chars().count() > MESSAGE_MAX {
        return Err(ChatError::TooLong);
    }
    match message.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        Some(c) => Err(ChatError::Control(u32::from(c))),
        None => Ok(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_checked() {
        assert_eq!(clean(" hi\n").unwrap(), "hi");
        assert!(matches!(clean(" \n "), Err(ChatError::Empty)));
        assert!(matches!(clean("a\0b"), Err(ChatError::Control(0))));
        assert!(clean(&"ü".repeat(MESSAGE_MAX)).is_ok());
        assert!(matches!(clean(&"ü".repeat(MESSAGE_MAX + 1)), Err(ChatError::TooLong)));
    }
}
