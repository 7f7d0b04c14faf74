//! One message and its answer.

use std::convert::Infallible;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use futures::stream::{self, Stream, StreamExt};
use serde::Deserialize;
use serde_json::Value;
use todo_assistant::chat::{self, Answer, Event, Started};
use todo_service::Problem;
use tokio::sync::mpsc::UnboundedReceiver;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    begin::{Saying, answer, begin, limits},
    refused,
};
use crate::{
    answer::{OnceKey, Submission},
    caller::Caller,
    errors::problem,
    extract::Json,
    openapi::Refusals,
    state::AppState,
};

/// What is said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageInput {
    /// The conversation; a new one when absent or null.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    conversation_id: Value,
    /// 1 to 5,000 characters.
    #[schema(min_length = 1, max_length = 5000)]
    message: String,
    /// IANA name of the zone in which "tomorrow" is meant; otherwise the user's own.
    #[serde(default)]
    timezone: Option<String>,
}

/// Names the run of an answer, for coming back to it.
const RUN_ID: HeaderName = HeaderName::from_static("run-id");

/// Talk to the assistant
///
/// `model` names the model that answered; it is absent when the built-in assistant did.
///
/// Answers JSON, or with `Accept: text/event-stream` a stream of events: `run_started`, `tool_call_started`,
/// `tool_call_finished`, `text_delta`, `question`, `operations`, and last `done` or `error`. With an `Idempotency-Key` a message
/// that is sent twice is answered once.
#[utoipa::path(post, path = "/chat", tag = "chat", request_body = MessageInput,
    responses(
        (status = 200, content((Answer = "application/json"), (Event = "text/event-stream"))),
        Refusals))]
pub async fn send(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    input: Submission<MessageInput>,
) -> Result<Response, Problem> {
    let MessageInput { conversation_id, message, timezone } = input.value;
    let conversation = conversation(&conversation_id)?;
    let zone = |error: todo_domain::DomainError| problem(error.into());
    let now = chat::now_in(&caller.now, timezone.as_deref()).map_err(zone)?;
    let key = input.once.map(|OnceKey { key, .. }| key);
    let streams = wants_stream(&headers);
    let saying = Saying::Message { conversation, text: &message, key };
    match begin(&state, &caller, now, saying).await? {
        Started::Turn(turn) => {
            let run = turn.run_id();
            let mut turn = *turn;
            if !streams {
                // The answer must be there before the request runs into its own time limit.
                turn = turn.within(state.config.request_timeout.mul_f64(0.9));
            }
            let (answer, events) = answer(turn);
            if streams {
                return Ok(with_run(stream_of(live(events)), run));
            }
            let answer = answer.await.map_err(|error| Problem::internal(&error))?.map_err(refused)?;
            Ok(with_run(Json(answer).into_response(), run))
        }
        Started::Known(run) => {
            let events = chat::replay(&caller.scope, run, 0, limits(&state, &caller).wait).await.map_err(refused)?;
            if streams {
                return Ok(with_run(stream_of(stream::iter(events)), run));
            }
            let answer = events.into_iter().find_map(|(_, event)| match event {
                Event::Done { answer } => Some(answer),
                _ => None,
            });
            let failed =
                || Problem::unavailable("RUN_FAILED", 1, "The answer failed; send the message again with a new key.");
            Ok(with_run(Json(answer.ok_or_else(failed)?).into_response(), run))
        }
    }
}

/// A conversation by id. The original contract's integers name none of ours.
fn conversation(value: &Value) -> Result<Option<Uuid>, Problem> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => {
            Uuid::try_parse(text.trim()).map(Some).map_err(|_| refused(chat::ChatError::UnknownConversation))
        }
        Value::Number(_) => Err(refused(chat::ChatError::UnknownConversation)),
        _ => Err(Problem::invalid("conversation_id", "`conversation_id` must be a UUID.")),
    }
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| {
        accept
            .split(',')
            .any(|kind| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/event-stream"))
    })
}

fn with_run(mut response: Response, run: Uuid) -> Response {
    if let Ok(value) = HeaderValue::from_str(&run.to_string()) {
        response.headers_mut().insert(RUN_ID, value);
    }
    response
}

/// Events as they happen, counted from 1.
fn live(events: UnboundedReceiver<Event>) -> impl Stream<Item = (usize, Event)> + Send + 'static {
    stream::unfold((events, 1), |(mut events, at)| async move {
        let event = events.recv().await?;
        Some(((at, event), (events, at + 1)))
    })
}

/// A stream of server-sent events, each with its number as id.
pub(super) fn stream_of(events: impl Stream<Item = (usize, Event)> + Send + 'static) -> Response {
    let events = events.map(|(at, event)| {
        let data = serde_json::to_string(&event).unwrap_or_default();
        Ok::<_, Infallible>(sse::Event::default().event(event.name()).id(at.to_string()).data(data))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}
