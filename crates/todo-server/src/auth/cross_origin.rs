//! Cross-origin requests (the Fetch Standard's CORS) from pages on origins that we trust: a page on one port and the API on
//! another, for example. The origin is echoed exactly, so that cookies may travel.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::state::AppState;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// What pages may send besides what needs no leave.
const HEADERS: &str = "authorization, content-type, accept, idempotency-key, if-match, if-none-match, last-event-id, \
                       time-zone, x-request-id, x-todo-client, mcp-protocol-version, mcp-session-id, mcp-method, mcp-name";
/// What pages may read besides what needs no leave.
const EXPOSED: &str = "set-auth-token, set-auth-jwt, etag, link, location, retry-after, x-retry-after, x-request-id, \
                       mcp-session-id, ratelimit, ratelimit-policy";
/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: &str = "600";

/// Middleware: answers preflights of trusted origins, and marks answers to them. Requests of others pass unmarked, so that their
/// browser keeps the answer from the page.
pub async fn cross_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(origin) = trusted_origin(request.headers(), &state) else {
        let mut response = next.run(request).await;
        response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
        return response;
    };
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if is_preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(HEADERS));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    } else {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
    response
}

fn trusted_origin(headers: &HeaderMap, state: &AppState) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let trusted = origin.to_str().is_ok_and(|text| state.auth.config().trusted.allows(text, host));
    trusted.then(|| origin.clone())
}
