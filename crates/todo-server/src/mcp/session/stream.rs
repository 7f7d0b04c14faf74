//! Streams of a session, as server-sent events: that of a request (`call.rs`), and the one that a client opens by GET to be told
//! what changes. Every event has an id, and `Last-Event-ID` goes on after it on any replica.
//!
//! | id | what came before |
//! |---|---|
//! | `{stream}/{n}` | message `n` of a request's stream; 0 is its beginning |
//! | `changes/{n}` | everything up to event `n` of the user's outbox |

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream::{self, Stream};
use jiff::Timestamp;
use rmcp::model::{ErrorCode, JsonRpcNotification, JsonRpcVersion2_0, ServerJsonRpcMessage, ServerNotification};
use serde_json::Value;
use todo_service::Shutdown;
use todo_store::{StoreError, UserFeed};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    Session,
    call::{self, LIFE, LOOK},
    out_of_reach,
};
use crate::{
    mcp::{
        door::refusal,
        watch::{self, News, Watch},
    },
    meter::OpenStream,
    state::AppState,
};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// Keeps proxies from closing a quiet connection.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");
/// When a client whose connection was let go may come back, in milliseconds.
const RETRY: u16 = 500;
/// Begins the ids of the stream of changes.
const CHANGES: &str = "changes/";

/// Whether a client takes an answer of this kind.
pub fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let lines = headers.get_all(http::header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|part| {
        let name = part.split(';').next().unwrap_or_default().trim();
        let family = kind.split('/').next().unwrap_or_default();
        name.eq_ignore_ascii_case(kind) || name == "*/*" || name.strip_suffix("/*") == Some(family)
    })
}

/// The stream of a request that has just become one.
pub fn begun(state: &AppState, session: Session, stream: Uuid, hung_up: CancellationToken) -> Response {
    let prime = beginning(&format!("{stream}/0"));
    answer(Reader::new(state, session, stream, 0, hung_up, Some(prime)).into_stream())
}

/// A client opens a stream by GET: it comes back to one, or wants to be told what changes.
pub async fn reopened(state: &AppState, session: Session, headers: &HeaderMap) -> Response {
    if !accepts(headers, "text/event-stream") {
        let detail = "Say `Accept: text/event-stream`.".to_owned();
        return refusal(StatusCode::NOT_ACCEPTABLE, None, ErrorCode::INVALID_REQUEST, detail);
    }
    let last = headers.get("last-event-id").map(|value| value.to_str().unwrap_or("?").trim());
    let found = match last {
        None | Some("") => changes(state, session, None).await,
        Some(id) => match (id.strip_prefix(CHANGES).map(str::parse), call::question(id)) {
            (Some(Ok(after)), _) => changes(state, session, Some(after)).await,
            (None, Some((stream, after))) => rest(state, session, stream, after).await,
            _ => Ok(None),
        },
    };
    match found {
        Ok(Some(response)) => response,
        Ok(None) => {
            let detail = "`Last-Event-ID` is none of this session's, or too old.".to_owned();
            refusal(StatusCode::BAD_REQUEST, None, ErrorCode::INVALID_REQUEST, detail)
        }
        Err(error) => out_of_reach(error, None),
    }
}

/// What a request's stream says after `after`; none when there is no such stream.
async fn rest(state: &AppState, session: Session, stream: Uuid, after: i64) -> Result<Option<Response>, StoreError> {
    let said = session.scope.mcp_messages(session.id, stream, false, -1).await?;
    if said.is_empty() {
        return Ok(None);
    }
    let ended = said.iter().any(|(seq, body)| *seq <= after && is_result(body));
    let reader = Reader::new(state, session, stream, after, CancellationToken::new(), None);
    Ok(Some(answer(Reader { ended, ..reader }.into_stream())))
}

/// The stream of changes.
async fn changes(state: &AppState, session: Session, after: Option<i64>) -> Result<Option<Response>, StoreError> {
    let begin = || Watch::begin(&state.store, session.scope.clone());
    let (watch, missed) = match after {
        None => (begin().await?, false),
        Some(after) => match Watch::resume(&state.store, session.scope.clone(), after).await? {
            Some(watch) => (watch, false),
            None => (begin().await?, true),
        },
    };
    let prime = beginning(&format!("{CHANGES}{}", watch.position()));
    let teller = Teller {
        watch,
        session,
        shutdown: state.shutdown.clone(),
        pending: VecDeque::from([prime]),
        missed,
        _open: OpenStream::count(),
    };
    Ok(Some(answer(teller.into_stream())))
}

fn answer(events: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(events)).into_response()
}

/// The first event: it has an id to come back to and says nothing. Its data must be there and empty, which the framework's own events
/// can't be.
fn beginning(id: &str) -> Bytes {
    format!("id: {id}\nretry: {RETRY}\ndata:\n\n").into()
}

/// An event with a message, which is JSON in one line.
fn event(id: Option<String>, message: &str) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("{id}data: {message}\n\n").into()
}

/// Reads a request's stream to its end.
struct Reader {
    session: Session,
    stream: Uuid,
    /// The number of the last message that was passed on.
    last: i64,
    feed: UserFeed,
    pending: VecDeque<Bytes>,
    ended: bool,
    until: Instant,
    heartbeat: Instant,
    hung_up: CancellationToken,
    shutdown: Shutdown,
    _open: OpenStream,
}

impl Reader {
    fn new(
        state: &AppState,
        session: Session,
        stream: Uuid,
        after: i64,
        hung_up: CancellationToken,
        prime: Option<Bytes>,
    ) -> Self {
        Self {
            feed: state.store.changes_of(session.scope.user_id()),
            session,
            stream,
            last: after,
            pending: prime.into_iter().collect(),
            ended: false,
            until: Instant::now() + LIFE,
            heartbeat: Instant::now() + HEARTBEAT,
            hung_up,
            shutdown: state.shutdown.clone(),
            _open: OpenStream::count(),
        }
    }

    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
        stream::unfold(self, |mut reader| async move { reader.next().await.map(|event| (Ok(event), reader)) })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            if self.ended || self.hung_up.is_cancelled() || !self.read().await {
                return None;
            }
            if !self.pending.is_empty() {
                continue;
            }
            tokio::select! {
                () = self.feed.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
                () = tokio::time::sleep_until(self.heartbeat) => {
                    self.heartbeat = Instant::now() + HEARTBEAT;
                    return Some(COMMENT);
                }
                // The rest is read on another connection.
                () = self.hung_up.cancelled() => return None,
                () = self.shutdown.streams_should_end() => return None,
                () = tokio::time::sleep_until(self.until) => return None,
            }
        }
    }

    /// Takes what was written since; false when the stream can't be read any further.
    async fn read(&mut self) -> bool {
        let found = self.session.scope.mcp_messages(self.session.id, self.stream, false, self.last).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "a stream of MCP can't be read; it ends and the client comes back");
                return false;
            }
        };
        for (seq, body) in found {
            // One that was said before may be written after.
            if seq != self.last + 1 {
                break;
            }
            self.last = seq;
            self.ended |= is_result(&body);
            self.pending.push_back(event(Some(format!("{}/{seq}", self.stream)), &body));
        }
        true
    }
}

/// Whether a message is the result of the request, after which nothing comes.
fn is_result(body: &str) -> bool {
    serde_json::from_str::<Value>(body).is_ok_and(|message| message.get("method").is_none())
}

/// Tells a client what changes.
struct Teller {
    watch: Watch,
    session: Session,
    shutdown: Shutdown,
    pending: VecDeque<Bytes>,
    /// What happened while the client was away is no longer known.
    missed: bool,
    _open: OpenStream,
}

impl Teller {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
        stream::unfold(self, |mut teller| async move { teller.next().await.map(|event| (Ok(event), teller)) })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            match self.look().await? {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "a stream of MCP can't read the outbox; it ends and the client comes back");
                    return None;
                }
            }
            tokio::select! {
                () = self.watch.changed() => {}
                () = tokio::time::sleep(HEARTBEAT) => return Some(COMMENT),
                () = self.shutdown.streams_should_end() => return None,
            }
        }
    }

    /// Takes what happened since, and says whether something did; `None` when the session has ended.
    async fn look(&mut self) -> Option<Result<bool, StoreError>> {
        // What it follows may have changed on another replica.
        let session = match self.session.scope.mcp_session(self.session.id, Timestamp::now()).await {
            Ok(session) => session?,
            Err(error) => return Some(Err(error)),
        };
        let (news, happened) = if std::mem::take(&mut self.missed) {
            let everything = session.followed.into_iter().map(News::Updated);
            (std::iter::once(News::ListChanged).chain(everything).collect(), true)
        } else {
            match self.watch.look().await {
                Ok(events) => (watch::news(&events, &session.followed), !events.is_empty()),
                Err(error) => return Some(Err(error)),
            }
        };
        let last = news.len().saturating_sub(1);
        for (at, news) in news.into_iter().enumerate() {
            // Who misses one of several is told all of them again.
            let id = (at == last).then(|| format!("{CHANGES}{}", self.watch.position()));
            self.pending.push_back(event(id, &notification(news)));
        }
        Some(Ok(happened))
    }
}

fn notification(news: News) -> String {
    let notification = ServerNotification::from(news);
    let message = ServerJsonRpcMessage::Notification(JsonRpcNotification { jsonrpc: JsonRpcVersion2_0, notification });
    serde_json::to_string(&message).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_beginning_has_data_that_is_empty() {
        assert_eq!(beginning("a/0"), "id: a/0\nretry: 500\ndata:\n\n");
        assert_eq!(event(Some("a/1".to_owned()), "{}"), "id: a/1\ndata: {}\n\n");
        assert_eq!(event(None, "{}"), "data: {}\n\n");
    }

    #[test]
    fn only_a_result_ends_a_stream() {
        assert!(is_result(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#));
        assert!(is_result(r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#));
        assert!(!is_result(r#"{"jsonrpc":"2.0","id":"a/1","method":"ping"}"#));
        assert!(!is_result(r#"{"jsonrpc":"2.0","method":"notifications/message","params":{}}"#));
    }

    #[test]
    fn news_are_messages_of_the_protocol() {
        let told: Value = serde_json::from_str(&notification(News::Updated("todo://today".to_owned()))).unwrap();
        let expected = serde_json::json!({ "jsonrpc": "2.0", "method": "notifications/resources/updated", "params": { "uri": "todo://today" } });
        assert_eq!(told, expected);
    }

    #[test]
    fn an_accept_header_names_a_kind_or_its_family() {
        let asked = |line: &'static str, kind: &str| {
            accepts(&HeaderMap::from_iter([(http::header::ACCEPT, HeaderValue::from_static(line))]), kind)
        };
        assert!(asked("application/json, text/event-stream", "text/event-stream"));
        assert!(asked("*/*", "text/event-stream") && asked("text/*;q=0.5", "text/event-stream"));
        assert!(!asked("application/json", "text/event-stream") && !asked("", "application/json"));
    }
}
