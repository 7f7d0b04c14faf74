//! Sessions of the earlier era (revisions 2025-03-26 to 2025-11-25): begun by `initialize`, named by `Mcp-Session-Id`.
//!
//! They stand in the database, under their user: any replica continues one, and nobody opens another's. A client that names none
//! is served all the same, one request at a time. What a session adds: questions to the client while a tool runs (`call.rs`),
//! streams that outlive a connection (`stream.rs`), resources that are followed, a level of logging that lasts.

mod call;
mod stream;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use jiff::Timestamp;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        ClientCapabilities, ClientJsonRpcMessage, ErrorCode, Implementation, InitializeRequestParams, NumberOrString,
        ProtocolVersion,
    },
    service::RequestContext,
};
use serde_json::Value;
use todo_store::{StoreError, UserScope, mcp::FOLLOWED_MAX};
use uuid::Uuid;

pub use call::Line;

use super::{
    Visitor,
    door::{Message, claims_json, malformed, refusal},
    server::unreachable_store,
};
use crate::state::AppState;

/// Names the session of a request.
const SESSION_ID: &str = "mcp-session-id";
/// Names the revision of a request.
const REVISION: &str = "mcp-protocol-version";
/// A request says its revision here from 2026-07-28 on.
const REVISION_IN_BODY: &str = "/params/_meta/io.modelcontextprotocol~1protocolVersion";
/// The first revision without sessions; revisions are dates and compare as texts.
const WITHOUT_SESSIONS: &str = "2026-07-28";
/// What a client may say of itself, in bytes. Who says more gets no session.
const CLIENT_MAX: usize = 16 * 1024;
/// There is no such session, as the official servers say it.
const UNKNOWN_SESSION: ErrorCode = ErrorCode(-32001);

/// A session, as of the request that named it.
#[derive(Clone)]
pub struct Session {
    id: Uuid,
    scope: UserScope,
    client: InitializeRequestParams,
    log_level: Option<String>,
}

/// The session that a request is part of, if any. `initialize` begins a new one, and the current era has none.
pub fn named<'h>(headers: &'h HeaderMap, message: Option<&Value>) -> Option<&'h HeaderValue> {
    let id = headers.get(SESSION_ID)?;
    let revision = headers.get(REVISION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let current = revision >= WITHOUT_SESSIONS || message.is_some_and(|m| m.pointer(REVISION_IN_BODY).is_some());
    (!current && !message.is_some_and(begins)).then_some(id)
}

/// Whether a message asks for a new session.
pub fn begins(message: &Value) -> bool {
    message["method"] == "initialize"
}

/// Begins a session when the handshake went well: its id goes with the answer. Without the database there is none, and the client
/// is served without.
pub async fn begin(scope: &UserScope, hello: &Value, answer: Response) -> Response {
    let (mut head, body) = answer.into_parts();
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return refusal(StatusCode::INTERNAL_SERVER_ERROR, None, ErrorCode::INTERNAL_ERROR, "It broke off.".to_owned());
    };
    if let Some(client) = client_of(hello, &body) {
        match scope.begin_mcp_session(&client, Timestamp::now()).await {
            Ok(id) => {
                if let Ok(id) = HeaderValue::try_from(id.to_string()) {
                    head.headers.insert(SESSION_ID, id);
                }
            }
            Err(error) => tracing::warn!(%error, "no session of MCP could be begun; the client is served without one"),
        }
    }
    Response::from_parts(head, Body::from(body))
}

/// What is kept of a client: what it can, who it is, and the revision that was agreed upon.
fn client_of(hello: &Value, answer: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let said = &hello["params"];
    let capabilities: ClientCapabilities = serde_json::from_value(said["capabilities"].clone()).ok()?;
    let text = |name: &str| said["clientInfo"][name].as_str().unwrap_or_default().to_owned();
    let mut client = InitializeRequestParams::new(capabilities, Implementation::new(text("name"), text("version")));
    client.protocol_version = serde_json::from_value(answer["result"]["protocolVersion"].clone()).ok()?;
    serde_json::to_string(&client).ok().filter(|json| json.len() <= CLIENT_MAX)
}

impl Session {
    async fn find(scope: UserScope, id: &HeaderValue) -> Result<Option<Self>, StoreError> {
        let Some(id) = id.to_str().ok().and_then(|id| Uuid::try_parse(id).ok()) else { return Ok(None) };
        let Some(found) = scope.mcp_session(id, Timestamp::now()).await? else { return Ok(None) };
        let client = serde_json::from_str(&found.client)
            .map_err(|error| StoreError::Corrupt(format!("the client of a session of MCP: {error}")))?;
        Ok(Some(Self { id, scope, client, log_level: found.log_level }))
    }

    /// The session that a request came in, if it came in one.
    #[must_use]
    pub fn of(context: &RequestContext<RoleServer>) -> Option<Self> {
        context.extensions.get::<Parts>()?.extensions.get().cloned()
    }

    /// From which level on the client wants to be told of tool calls.
    pub fn log_level(&self) -> Option<&str> {
        self.log_level.as_deref()
    }

    /// Sets that level, from the next request on.
    ///
    /// # Errors
    /// The store's.
    pub async fn set_log_level(&self, level: String) -> Result<(), ErrorData> {
        self.scope.set_mcp_log_level(self.id, &level).await.map_err(unreachable_store)
    }

    /// Follows a resource, or no longer: what changes there is told on the streams that the client opens by GET.
    ///
    /// # Errors
    /// Invalid params when there are too many; the store's.
    pub async fn follow(&self, uri: &str, follows: bool) -> Result<(), ErrorData> {
        let kept = self.scope.follow_mcp(self.id, uri, follows, Timestamp::now()).await.map_err(unreachable_store)?;
        if kept { Ok(()) } else { Err(too_many()) }
    }
}

/// A session follows as much as it may.
pub fn too_many() -> ErrorData {
    ErrorData::invalid_params(format!("More than {FOLLOWED_MAX} resources can't be followed at once."), None)
}

/// Serves a request that names a session.
pub async fn serve<H>(
    state: &AppState,
    handler: H,
    mut parts: Parts,
    message: Option<Message>,
    id: &HeaderValue,
) -> Response
where
    H: ServerHandler,
{
    let request_id = message.as_ref().and_then(Message::id);
    let Some(visitor) = parts.extensions.get::<Visitor>() else {
        return refusal(
            StatusCode::UNAUTHORIZED,
            request_id,
            ErrorCode::INVALID_REQUEST,
            "Nobody is signed in.".to_owned(),
        );
    };
    let session = match Session::find(state.store.user(&visitor.principal.user_id), id).await {
        Ok(Some(session)) => session,
        Ok(None) => {
            let detail = "There is no such session, or it has ended; begin a new one with `initialize`.".to_owned();
            return refusal(StatusCode::NOT_FOUND, request_id, UNKNOWN_SESSION, detail);
        }
        Err(error) => return out_of_reach(error, request_id),
    };
    parts.extensions.insert(session.clone());
    match (&parts.method, message) {
        (&Method::POST, Some(message)) => post(state, handler, session, parts, message).await,
        (&Method::GET, _) => stream::reopened(state, session, &parts.headers).await,
        (&Method::DELETE, _) => match session.scope.end_mcp_session(session.id).await {
            Ok(_) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => out_of_reach(error, None),
        },
        _ => (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST, DELETE")]).into_response(),
    }
}

/// A message within a session.
async fn post<H>(state: &AppState, handler: H, session: Session, parts: Parts, message: Message) -> Response
where
    H: ServerHandler,
{
    let id = message.id();
    if !(stream::accepts(&parts.headers, "application/json") && stream::accepts(&parts.headers, "text/event-stream")) {
        let detail = "Say `Accept: application/json, text/event-stream`.".to_owned();
        return refusal(StatusCode::NOT_ACCEPTABLE, id, ErrorCode::INVALID_REQUEST, detail);
    }
    if !claims_json(&parts.headers) {
        let detail = "Say `Content-Type: application/json`.".to_owned();
        return refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, id, ErrorCode::INVALID_REQUEST, detail);
    }
    let revision = parts.headers.get(REVISION).map(|value| value.to_str().unwrap_or_default());
    if revision.is_some_and(|revision| !ProtocolVersion::KNOWN_VERSIONS.iter().any(|known| known.as_str() == revision))
    {
        let detail = "The revision in `MCP-Protocol-Version` is not spoken here.".to_owned();
        return refusal(StatusCode::BAD_REQUEST, id, ErrorCode::INVALID_REQUEST, detail);
    }
    match serde_json::from_slice(&message.bytes) {
        Ok(ClientJsonRpcMessage::Request(request)) => call::run(state, handler, session, parts, request).await,
        // Nothing that a client tells unasked changes what is done here.
        Ok(ClientJsonRpcMessage::Notification(_)) => StatusCode::ACCEPTED.into_response(),
        Ok(ClientJsonRpcMessage::Response(_) | ClientJsonRpcMessage::Error(_)) => {
            answered(&session, id, &message).await
        }
        Err(_) => malformed(id, "The message is none of the Model Context Protocol's."),
    }
}

/// The client answers a question of ours. It is waited for by whichever replica asked.
async fn answered(session: &Session, id: Option<NumberOrString>, message: &Message) -> Response {
    let question = match &id {
        Some(NumberOrString::String(name)) => call::question(name),
        _ => None,
    };
    let Some((stream, seq)) = question else { return StatusCode::ACCEPTED.into_response() };
    let body = message.value.to_string();
    match session.scope.answer_mcp(session.id, stream, seq, &body, Timestamp::now()).await {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(error) => out_of_reach(error, id),
    }
}

fn out_of_reach(error: StoreError, id: Option<NumberOrString>) -> Response {
    let told = unreachable_store(error);
    refusal(StatusCode::SERVICE_UNAVAILABLE, id, told.code, told.message.into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_earlier_era_has_sessions() {
        let headers = |revision: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(SESSION_ID, HeaderValue::from_static("a"));
            if let Some(revision) = revision {
                headers.insert(REVISION, HeaderValue::from_static(revision));
            }
            headers
        };
        let call = json!({ "method": "tools/list" });
        let now = json!({ "method": "tools/list", "params": { "_meta": { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } } });
        assert!(named(&headers(Some("2025-11-25")), Some(&call)).is_some());
        assert!(named(&headers(None), Some(&call)).is_some());
        assert!(named(&headers(None), None).is_some());
        assert!(named(&headers(Some("2026-07-28")), Some(&call)).is_none());
        assert!(named(&headers(None), Some(&now)).is_none());
        assert!(named(&headers(Some("2025-11-25")), Some(&json!({ "method": "initialize" }))).is_none());
        assert!(named(&HeaderMap::new(), Some(&call)).is_none());
    }

    #[test]
    fn of_a_client_stays_what_it_can_do() {
        let hello = json!({ "params": { "protocolVersion": "2024-11-05", "capabilities": { "sampling": {} }, "clientInfo": { "name": "c", "version": "1" } } });
        let answer = json!({ "result": { "protocolVersion": "2025-06-18" } }).to_string();
        let kept: Value = serde_json::from_str(&client_of(&hello, answer.as_bytes()).unwrap()).unwrap();
        assert_eq!(
            (&kept["protocolVersion"], &kept["capabilities"]),
            (&json!("2025-06-18"), &json!({ "sampling": {} }))
        );
        assert_eq!(client_of(&hello, br#"{"error":{}}"#), None);
        let mut long = hello;
        long["params"]["clientInfo"]["name"] = "n".repeat(CLIENT_MAX).into();
        assert_eq!(client_of(&long, answer.as_bytes()), None);
    }
}
