//! A request in a session. Most are answered at once, in one piece. One whose tool asks the client something, or reports on its way,
//! becomes a stream: what it says is written down with numbers, and the connection, this one or a later one on any replica, reads it
//! from there; the client's answers come the same way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures::FutureExt as _;
use jiff::Timestamp;
use rmcp::{
    RoleServer, ServerHandler,
    model::{
        ClientJsonRpcMessage, ClientRequest, ErrorCode, GetExtensions, JsonRpcRequest, NumberOrString, RequestId,
        ServerJsonRpcMessage,
    },
    service::serve_directly_with_ct,
    transport::Transport,
};
use serde_json::Value;
use todo_store::{StoreError, UserFeed};
use tokio::sync::{OnceCell, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Session, stream};
use crate::{mcp::door::refusal, state::AppState};

/// How long a request may take, its questions to the user included.
pub const LIFE: Duration = Duration::from_secs(1800);
/// How often answers are looked for when no hint comes.
pub const LOOK: Duration = Duration::from_secs(1);

/// Runs a request and answers with its result, or with the stream that leads to it.
pub async fn run<H>(
    state: &AppState,
    handler: H,
    session: Session,
    mut parts: Parts,
    mut request: JsonRpcRequest<ClientRequest>,
) -> Response
where
    H: ServerHandler,
{
    let id = request.id.clone();
    let feed = state.store.changes_of(session.scope.user_id());
    let (sender, first) = oneshot::channel();
    let talk = Arc::new(Talk::new(session.clone(), sender));
    parts.extensions.insert(Line(talk.clone()));
    request.request.extensions_mut().insert(parts);
    let transport = Ends { first: Some(ClientJsonRpcMessage::Request(request)), talk: talk.clone(), feed };
    let given_up = CancellationToken::new();
    let running = serve_directly_with_ct(handler, transport, Some(session.client.clone()), given_up.clone());
    tokio::spawn(
        async move {
            // The client may hang up and come back; what takes too long is given up.
            if tokio::time::timeout(LIFE, running.waiting()).await.is_err() {
                given_up.cancel();
            }
        }
        .boxed(),
    );
    match first.await {
        Ok(First::Answer(message)) => {
            let body = serde_json::to_string(&*message).unwrap_or_default();
            (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
        Ok(First::Stream) => stream::begun(state, session, talk.stream, talk.hung_up.clone()),
        Err(_) => {
            let detail = "The request broke off; try again in a moment.".to_owned();
            refusal(StatusCode::SERVICE_UNAVAILABLE, Some(id), ErrorCode::INTERNAL_ERROR, detail)
        }
    }
}

/// The id of a question to the client, which every replica understands.
fn question_id(stream: Uuid, seq: i64) -> String {
    format!("{stream}/{seq}")
}

/// The stream and the number of a question.
pub fn question(id: &str) -> Option<(Uuid, i64)> {
    let (stream, seq) = id.split_once('/')?;
    Some((Uuid::try_parse(stream).ok()?, seq.parse().ok()?))
}

/// The connection of a running request, for what runs.
#[derive(Clone)]
pub struct Line(Arc<Talk>);

impl Line {
    /// Lets the connection go: the client comes back for the rest (SEP-1699). For what takes longer than connections last.
    ///
    /// # Errors
    /// The store's.
    pub async fn hang_up(&self) -> Result<(), StoreError> {
        self.0.hung_up.cancel();
        self.0.begin().await
    }
}

/// What becomes of a request first.
enum First {
    /// Its result.
    Answer(Box<ServerJsonRpcMessage>),
    /// Something on the way there.
    Stream,
}

/// A request and what is said while it runs.
struct Talk {
    session: Session,
    stream: Uuid,
    spoken: Mutex<Spoken>,
    begun: OnceCell<()>,
    /// The result is out.
    over: CancellationToken,
    hung_up: CancellationToken,
}

struct Spoken {
    /// Who waits for the first thing.
    first: Option<oneshot::Sender<First>>,
    /// The number of the last message.
    last: i64,
    /// Questions without an answer: our number, and the id under which the handler waits.
    asked: HashMap<i64, RequestId>,
}

impl Talk {
    fn new(session: Session, first: oneshot::Sender<First>) -> Self {
        Self {
            session,
            stream: Uuid::new_v4(),
            spoken: Mutex::new(Spoken { first: Some(first), last: 0, asked: HashMap::new() }),
            begun: OnceCell::new(),
            over: CancellationToken::new(),
            hung_up: CancellationToken::new(),
        }
    }

    fn spoken(&self) -> MutexGuard<'_, Spoken> {
        self.spoken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a stream of it.
    async fn begin(&self) -> Result<(), StoreError> {
        let begin = || async {
            let first = self.spoken().first.take();
            // A client can come back to a stream on which nothing was said yet.
            self.write(0, "").await?;
            if let Some(first) = first {
                let _gone = first.send(First::Stream);
            }
            Ok(())
        };
        self.begun.get_or_try_init(begin).await.map(drop)
    }

    async fn write(&self, seq: i64, body: &str) -> Result<(), StoreError> {
        self.session.scope.send_mcp(self.session.id, self.stream, seq, body, Timestamp::now()).await
    }

    /// The answers of the client to open questions, one of them.
    async fn answer(&self) -> Option<ClientJsonRpcMessage> {
        let least = self.spoken().asked.keys().min().copied()?;
        let came = self.session.scope.mcp_messages(self.session.id, self.stream, true, least - 1).await;
        let came = came.inspect_err(|error| tracing::warn!(%error, "answers of an MCP client can't be read")).ok()?;
        let (body, id) = came.into_iter().find_map(|(seq, body)| Some((body, self.spoken().asked.remove(&seq)?)))?;
        match serde_json::from_str(&body).ok()? {
            ClientJsonRpcMessage::Response(mut response) => {
                response.id = id;
                Some(ClientJsonRpcMessage::Response(response))
            }
            ClientJsonRpcMessage::Error(mut error) => {
                error.id = Some(id);
                Some(ClientJsonRpcMessage::Error(error))
            }
            _ => None,
        }
    }
}

/// The handler's end of the talk.
struct Ends {
    first: Option<ClientJsonRpcMessage>,
    talk: Arc<Talk>,
    feed: UserFeed,
}

impl Transport<RoleServer> for Ends {
    type Error = StoreError;

    fn send(
        &mut self,
        mut item: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let talk = self.talk.clone();
        let is_result = matches!(item, ServerJsonRpcMessage::Response(_) | ServerJsonRpcMessage::Error(_));
        // Numbered before anything waits, so that the order is the one in which it was said.
        let mut spoken = talk.spoken();
        let whole = if is_result { spoken.first.take() } else { None };
        let seq = spoken.last + 1;
        if whole.is_none() {
            spoken.last = seq;
            if let ServerJsonRpcMessage::Request(request) = &mut item {
                let known = NumberOrString::String(question_id(talk.stream, seq).into());
                let id = std::mem::replace(&mut request.id, known);
                spoken.asked.insert(seq, id);
            }
        }
        drop(spoken);
        async move {
            let sent = match whole {
                Some(first) => {
                    let _gone = first.send(First::Answer(Box::new(item)));
                    Ok(())
                }
                None => {
                    let body = serde_json::to_value(&item).as_ref().map(Value::to_string).unwrap_or_default();
                    match talk.begin().await {
                        Ok(()) => talk.write(seq, &body).await,
                        Err(error) => Err(error),
                    }
                }
            };
            if is_result {
                talk.over.cancel();
            }
            sent.inspect_err(|error| tracing::warn!(%error, "a message to an MCP client can't be kept for it"))
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            if let Some(answer) = self.talk.answer().await {
                return Some(answer);
            }
            tokio::select! {
                () = self.talk.over.cancelled() => return None,
                () = self.feed.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.talk.over.cancel();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_found_again_by_its_id() {
        let stream = Uuid::from_u128(3);
        assert_eq!(question(&question_id(stream, 7)), Some((stream, 7)));
        for other in ["", "7", "/7", "x/7", &format!("{stream}/"), &format!("{stream}/x"), &format!("{stream}/7/8")] {
            assert_eq!(question(other), None, "{other}");
        }
    }
}
