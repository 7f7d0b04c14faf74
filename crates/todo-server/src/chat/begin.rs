//! From what is said to a turn that is being answered: the circumstances, the limits, the model. Every door to the conversations
//! goes through here.

use jiff::Zoned;
use todo_assistant::{
    chat::{self, Answer, ChatError, Event, Limits, Started, Turn},
    tools::ToolContext,
};
use todo_auth::Proof;
use todo_domain::Door;
use todo_service::Problem;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
};
use uuid::Uuid;

use super::refused;
use crate::{caller::Caller, meter, state::AppState};

/// What is to be answered.
pub enum Saying<'a> {
    /// A new message.
    Message {
        /// The conversation; a new one when absent.
        conversation: Option<Uuid>,
        /// What is said.
        text: &'a str,
        /// The client's key: a message that comes twice is answered once.
        key: Option<String>,
    },
    /// A message of a conversation once more.
    Again {
        /// The conversation.
        conversation: Uuid,
        /// The message.
        message: Uuid,
    },
}

/// Claims the conversation. `now` is the present moment in the zone in which dates are meant.
///
/// # Errors
/// The problem document of the message, the conversation or the limits.
pub async fn begin(state: &AppState, caller: &Caller, now: Zoned, saying: Saying<'_>) -> Result<Started, Problem> {
    let context = ToolContext { scope: caller.scope.clone(), language: caller.language_at(now), door: Door::Chat };
    let language = caller.locale();
    let limits = limits(state, caller);
    let started = match saying {
        Saying::Message { conversation, text, key } => {
            chat::start(context, language, conversation, text, key, limits).await
        }
        Saying::Again { conversation, message } => chat::retry(context, language, conversation, message, limits).await,
    };
    Ok(match started.map_err(refused)? {
        Started::Turn(turn) => Started::Turn(Box::new(turn.with_model(state.model.clone()))),
        known @ Started::Known(_) => known,
    })
}

/// What a message of this user may cost.
pub fn limits(state: &AppState, caller: &Caller) -> Limits {
    // The owner of the machine at its command line floods nobody.
    let per_minute = match state.config.chat_rate_limit {
        _ if caller.principal.proof == Proof::LocalOwner => u32::MAX,
        0 => u32::MAX,
        limit => limit,
    };
    Limits { per_minute, ..Limits::default() }.with_model(state.model.as_ref())
}

/// Answers a turn in a task of its own: a reader who goes away does not leave the answer half done.
pub fn answer(turn: Turn) -> (JoinHandle<Result<Answer, ChatError>>, UnboundedReceiver<Event>) {
    let (sink, events) = unbounded_channel();
    let answer = tokio::spawn(async move {
        let answer = turn.answer(sink).await;
        meter::assistant_turn(answer.is_ok());
        answer
    });
    (answer, events)
}
