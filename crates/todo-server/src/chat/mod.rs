//! Chat over REST: a message and its answer, as JSON or as a stream; conversations to look back on.
//!
//! | file | what |
//! |---|---|
//! | `begin.rs` | from what is said to a turn that is being answered, for every door |
//! | `message.rs` | `POST /chat`, and the stream of an answer |
//! | `runs.rs` | coming back for an answer, stopping it |
//! | `conversations.rs` | list, messages, rename, delete |

pub(crate) mod begin;
mod conversations;
mod message;
mod runs;

use axum::http::StatusCode;
use todo_assistant::chat::ChatError;
use todo_service::Problem;

use crate::{
    errors::problem,
    routes::{Routes, routes},
};

/// The routes of chat.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(message::send))
        .routes(routes!(runs::events))
        .routes(routes!(runs::stop))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::rename, conversations::delete))
        .routes(routes!(conversations::messages))
}

/// The problem document of a message that is not answered.
fn refused(error: ChatError) -> Problem {
    let detail = error.to_string();
    match error {
        ChatError::Empty | ChatError::TooLong | ChatError::Control(_) => Problem::invalid("message", detail),
        ChatError::UnknownConversation => Problem::not_found("CONVERSATION_NOT_FOUND", detail),
        ChatError::UnknownRun => Problem::not_found("RUN_NOT_FOUND", detail),
        ChatError::Busy => {
            Problem { retry_after: Some(1), ..Problem::new(StatusCode::CONFLICT, "CONVERSATION_BUSY", detail) }
        }
        ChatError::TooMany { retry_after } => Problem::too_many(retry_after.as_secs().max(1), detail),
        ChatError::KeyReused => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_KEY_REUSED", detail),
        ChatError::Store(error) => problem(error),
    }
}
