//! Live changes: `GET /api/events` is a stream of server-sent events from the user's outbox.
//!
//! A notification only says that something may have changed; what changed is read from the outbox after the last number that this
//! stream has sent. So nothing is lost when a notification is, and a client that comes back with `Last-Event-ID` misses nothing and
//! sees nothing twice, on any replica, also after a restart.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use todo_service::{Problem, Shutdown};
use todo_store::{
    UserFeed, UserScope,
    events::{Event as Change, TaskChange},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use axum::extract::State;

use crate::{
    caller::Caller,
    errors::problem,
    extract::Query,
    meter::OpenStream,
    openapi::Refusals,
    routes::{Routes, routes},
    state::AppState,
};

const HEARTBEAT: Duration = Duration::from_secs(15);
const BATCH: u32 = 200;

/// One change.
#[derive(Debug, Serialize, ToSchema)]
struct ChangeJson {
    /// Counts this user's changes; also the id of the event.
    seq: i64,
    /// What was done: `create`, `update`, `complete`, `delete`, `undo`, …
    kind: String,
    /// The operation by which it can be undone.
    operation_id: Option<Uuid>,
    /// The first task that changed.
    task_id: Option<Uuid>,
    /// Its number.
    number: Option<i64>,
    /// All tasks that changed.
    tasks: Vec<ChangedTask>,
    /// Labels that changed.
    labels: Vec<Uuid>,
    /// Projects that changed.
    projects: Vec<Uuid>,
}

/// A task that came, went or changed.
#[derive(Debug, Serialize, ToSchema)]
struct ChangedTask {
    id: Uuid,
    number: i64,
    /// `created`, `updated`, `completed`, `reopened` or `deleted`.
    #[schema(value_type = String)]
    change: TaskChange,
}

impl From<&Change> for ChangeJson {
    fn from(event: &Change) -> Self {
        let first = event.payload.tasks.first();
        Self {
            seq: event.seq,
            kind: event.kind.clone(),
            operation_id: event.operation_id,
            task_id: first.map(|task| task.id),
            number: first.map(|task| task.number),
            tasks: event
                .payload
                .tasks
                .iter()
                .map(|task| ChangedTask { id: task.id, number: task.number, change: task.change })
                .collect(),
            labels: event.payload.labels.clone(),
            projects: event.payload.projects.clone(),
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventParams {
    /// Start after this event, as `Last-Event-ID` does.
    #[param(required = false)]
    after: Option<i64>,
}

/// The route of events.
pub fn router() -> Routes {
    Routes::new().routes(routes!(events))
}

/// Follow changes
///
/// Server-sent events of type `change`, each with an id; send the last one as `Last-Event-ID` to go on where you stopped. Before
/// the server stops, it sends `goodbye`. An event `reset` says that the id is older than what is kept: reload everything.
#[utoipa::path(get, path = "/events", tag = "events", params(EventParams,
        ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event that was seen")),
    responses((status = 200, content_type = "text/event-stream", body = ChangeJson), Refusals))]
async fn events(
    State(state): State<AppState>,
    caller: Caller,
    Query(params): Query<EventParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let resume = match headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::trim) {
        Some(text) if !text.is_empty() => Some(
            text.parse::<i64>()
                .map_err(|_| Problem::invalid("Last-Event-ID", "`Last-Event-ID` must be the id of an event."))?,
        ),
        _ => params.after,
    };
    // Subscribed before the position is read: a change between the two wakes the stream.
    let feed = state.store.changes_of(&caller.principal.user_id);
    let newest = caller.scope.latest_seq().await.map_err(problem)?;
    let oldest = caller.scope.oldest_seq().await.map_err(problem)?.unwrap_or(newest + 1);
    let mut reset = false;
    let position = match resume {
        Some(after) if (oldest - 1..=newest).contains(&after) => after,
        Some(_) => {
            reset = true;
            newest
        }
        None => newest,
    };
    let follower = Follower {
        scope: caller.scope,
        feed,
        shutdown: state.shutdown.clone(),
        position,
        pending: std::collections::VecDeque::new(),
        greeting: Some(reset),
        ended: false,
        _open: OpenStream::count(),
    };
    let sse = Sse::new(follower.into_stream()).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat"));
    let mut response = sse.into_response();
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

struct Follower {
    scope: UserScope,
    feed: UserFeed,
    shutdown: Shutdown,
    position: i64,
    pending: std::collections::VecDeque<Change>,
    greeting: Option<bool>,
    ended: bool,
    _open: OpenStream,
}

impl Follower {
    fn into_stream(self) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
        stream::unfold(self, |mut follower| async move { follower.next().await.map(|event| (Ok(event), follower)) })
    }

    async fn next(&mut self) -> Option<Event> {
        if self.ended {
            return None;
        }
        if let Some(reset) = self.greeting.take() {
            let kind = if reset { "reset" } else { "hello" };
            return Some(self.mark(Event::default().event(kind)));
        }
        loop {
            if let Some(event) = self.pending.pop_front() {
                self.position = event.seq;
                let data = serde_json::to_string(&ChangeJson::from(&event)).unwrap_or_default();
                return Some(Event::default().event("change").id(event.seq.to_string()).data(data));
            }
            match self.scope.events_after(self.position, BATCH).await {
                Ok(events) if !events.is_empty() => {
                    self.pending.extend(events);
                    continue;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "an event stream can't read the outbox; it ends and the client comes back");
                    self.ended = true;
                    return Some(self.mark(Event::default().event("goodbye")));
                }
            }
            tokio::select! {
                () = self.feed.changed() => {}
                () = self.shutdown.streams_should_end() => {
                    self.ended = true;
                    return Some(self.mark(Event::default().event("goodbye").retry(Duration::from_millis(500))));
                }
            }
        }
    }

    /// An event without a change of its own still carries the position, so that a client can resume from it.
    fn mark(&self, event: Event) -> Event {
        event.id(self.position.to_string()).data(format!("{{\"seq\":{}}}", self.position))
    }
}
