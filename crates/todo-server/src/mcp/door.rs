//! The way in over HTTP: host and origin, credential, size and shape of the message are checked here; the rest is the
//! protocol's own transport.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::any,
};
use http_body_util::Full;
use rmcp::{
    ServerHandler,
    model::{ErrorCode, ErrorData, RequestId},
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
    },
};
use serde_json::{Value, json};
use todo_auth::Scope;
use todo_service::Problem;

use super::{Server, Visitor, metadata, rebinding, session};
use crate::{
    auth::{Established, require},
    errors::problem,
    extract::BODY_MAX,
    state::AppState,
};

/// `/mcp`.
pub fn router(state: &AppState) -> Router<AppState> {
    open(state, Server::new(state.clone()))
}

/// A handler of the protocol behind the checks of `/mcp`.
pub fn open<H: ServerHandler + Clone>(state: &AppState, handler: H) -> Router<AppState> {
    // Sessions are ours (`session/`): any replica answers any request. Host and origin are checked before, against what is
    // configured.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(BODY_MAX)
        .disable_allowed_hosts();
    let sessions = Arc::new(NeverSessionManager::default());
    let served = handler.clone();
    let transport = StreamableHttpService::new(move || Ok(served.clone()), sessions, config);
    let state = state.clone();
    let enter = move |request: Request| {
        let (state, transport, handler) = (state.clone(), transport.clone(), handler.clone());
        async move {
            let (parts, message) = match admit(request, &state).await {
                Ok(admitted) => admitted,
                Err(refused) => return refused,
            };
            if let Some(session) = session::named(&parts.headers, message.as_ref().map(|message| &message.value)) {
                let session = session.clone();
                return session::serve(&state, handler, parts, message, &session).await;
            }
            let id = message.as_ref().and_then(Message::id);
            let visitor = parts.extensions.get::<Visitor>().cloned();
            let (bytes, hello) = match message {
                Some(Message { bytes, value }) => (bytes, Some(value).filter(session::begins)),
                None => (Bytes::new(), None),
            };
            let claims_json = claims_json(&parts.headers);
            let answer = transport.handle(Request::from_parts(parts, Full::new(bytes))).await;
            // A message that is JSON but none of the protocol's is not a matter of its media type.
            if answer.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE && claims_json {
                return malformed(id, "The message is none of the Model Context Protocol's.");
            }
            let answer = answer.map(Body::new);
            match (hello, visitor) {
                (Some(hello), Some(visitor)) if answer.status() == StatusCode::OK => {
                    session::begin(&state.store.user(&visitor.principal.user_id), &hello, answer).await
                }
                _ => answer,
            }
        }
    };
    Router::new().route("/mcp", any(enter.clone())).route("/mcp/", any(enter))
}

/// A message as it came, and as JSON.
pub struct Message {
    pub bytes: Bytes,
    pub value: Value,
}

impl Message {
    /// Its id, for the answer to refer to.
    pub fn id(&self) -> Option<RequestId> {
        serde_json::from_value(self.value.get("id")?.clone()).ok()
    }
}

/// Lets a request in that may come in: its visitor stands among its extensions, its body is read and is one JSON object.
async fn admit(request: Request, state: &AppState) -> Result<(Parts, Option<Message>), Response> {
    let (mut parts, body) = request.into_parts();
    rebinding::check(&parts.uri, &parts.headers, &state.auth.config().trusted).map_err(IntoResponse::into_response)?;
    let visitor = visitor(&mut parts, state).await.map_err(IntoResponse::into_response)?;
    parts.extensions.insert(visitor);
    if parts.method != Method::POST {
        return Ok((parts, None));
    }
    let request = Request::from_parts(parts.clone(), body);
    let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
        let status = rejection.into_response().status();
        let detail = match status {
            StatusCode::PAYLOAD_TOO_LARGE => format!("The message must have at most {BODY_MAX} bytes."),
            _ => "The message broke off.".to_owned(),
        };
        refusal(status, None, ErrorCode::INVALID_REQUEST, detail)
    })?;
    let value = match serde_json::from_slice(&bytes) {
        Ok(value @ Value::Object(_)) => value,
        Ok(Value::Array(_)) => {
            return Err(malformed(None, "Several messages at once are not taken; send one at a time."));
        }
        Ok(_) => return Err(malformed(None, "A message is a JSON object.")),
        Err(error) => {
            let detail = format!("The message is no valid JSON: {error}.");
            return Err(refusal(StatusCode::BAD_REQUEST, None, ErrorCode::PARSE_ERROR, detail));
        }
    };
    Ok((parts, Some(Message { bytes, value })))
}

/// Who is calling. Only a token opens this door: what a browser sends by itself, a cookie, does not.
async fn visitor(parts: &mut Parts, state: &AppState) -> Result<Visitor, Problem> {
    let brings_token =
        parts.headers.contains_key(header::AUTHORIZATION) || parts.extensions.get::<Established>().is_some();
    let principal = async {
        if !brings_token {
            let detail = "Send a token: `Authorization: Bearer …`; make one in the settings or by POST /api/tokens.";
            return Err(Problem::unauthenticated("AUTHENTICATION_REQUIRED", detail));
        }
        let Established(principal) = Established::from_request_parts(parts, state).await?;
        require(&principal, Scope::Mcp)?;
        Ok(principal)
    };
    let principal = principal.await.map_err(|refused| challenged(refused, &parts.headers, state))?;
    tracing::Span::current().record("user_id", principal.user_id.as_str());
    let zone = match parts.headers.get("time-zone").map(|name| name.to_str().unwrap_or_default()) {
        Some(name) => Some(todo_domain::wire::time_zone("Time-Zone", name).map_err(|error| problem(error.into()))?),
        None => None,
    };
    Ok(Visitor { principal, zone })
}

/// Tells a client that was turned away where it learns more.
fn challenged(refused: Problem, headers: &HeaderMap, state: &AppState) -> Problem {
    let Some(challenge) = &refused.challenge else { return refused };
    // `Bearer` alone, or with parameters.
    let separator = if challenge.contains(' ') { ", " } else { " " };
    let scope_is_named = challenge.contains("scope=");
    let more = metadata::challenge(headers, state, !scope_is_named);
    Problem { challenge: Some(format!("{challenge}{separator}{more}").into()), ..refused }
}

/// Whether a request says that its body is JSON.
pub fn claims_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// A message that can't be read.
pub fn malformed(id: Option<RequestId>, detail: &'static str) -> Response {
    refusal(StatusCode::BAD_REQUEST, id, ErrorCode::INVALID_REQUEST, detail.to_owned())
}

/// An error of JSON-RPC 2.0 (§5.1).
pub fn refusal(status: StatusCode, id: Option<RequestId>, code: ErrorCode, detail: String) -> Response {
    let error = ErrorData::new(code, detail, None);
    let body = json!({ "jsonrpc": "2.0", "id": id, "error": error });
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
