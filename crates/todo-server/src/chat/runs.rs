//! Coming back for an answer, and stopping it.

use std::time::Duration;

use axum::{http::HeaderMap, response::Response};
use futures::stream;
use serde::{Deserialize, Serialize};
use todo_assistant::chat::{self, ChatError, Event};
use todo_service::Problem;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{message::stream_of, refused};
use crate::{
    caller::Caller,
    errors::problem,
    extract::{Json, Path},
    openapi::Refusals,
};

/// How long to wait for a run that is not finished.
const WAIT: Duration = Duration::from_secs(20);

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct RunPath {
    /// Id of the run, from `run_started` or the header `Run-Id`.
    run: Uuid,
}

/// Whether there was something to stop.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stopped {
    /// False when the run had finished.
    stopping: bool,
}

/// Come back for an answer
///
/// The events of a run after `Last-Event-ID` (all without it); waits for a run that is not finished.
#[utoipa::path(get, path = "/chat/runs/{run}/events", tag = "chat", params(RunPath,
        ("Last-Event-ID" = Option<usize>, Header, description = "Number of the last event that was seen")),
    responses((status = 200, content_type = "text/event-stream", body = Event), Refusals))]
pub async fn events(caller: Caller, path: Path<RunPath>, headers: HeaderMap) -> Result<Response, Problem> {
    let after = match headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::trim) {
        None | Some("") => 0,
        Some(text) => text
            .parse()
            .map_err(|_| Problem::invalid("Last-Event-ID", "`Last-Event-ID` must be the number of an event."))?,
    };
    let events = chat::replay(&caller.scope, path.0.run, after, WAIT).await.map_err(refused)?;
    Ok(stream_of(stream::iter(events)))
}

/// Stop an answer
///
/// The run ends before its next tool call; what it has done stays and can be undone.
#[utoipa::path(post, path = "/chat/runs/{run}/stop", tag = "chat", params(RunPath),
    responses((status = 200, body = Stopped), Refusals))]
pub async fn stop(caller: Caller, path: Path<RunPath>) -> Result<Json<Stopped>, Problem> {
    let stopping = caller.scope.request_stop(path.0.run).await.map_err(problem)?;
    if !stopping && caller.scope.run_by_id(path.0.run).await.map_err(problem)?.is_none() {
        return Err(refused(ChatError::UnknownRun));
    }
    Ok(Json(Stopped { stopping }))
}
