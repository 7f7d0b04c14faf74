//! Passes the API through to a backend elsewhere, byte by byte: bodies stream both ways with back-pressure, and a client that goes
//! away takes its request to the backend with it.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    response::{IntoResponse, Response},
    routing::any,
};
use futures::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header};
use http_body_util::BodyExt;
use todo_client::{Broken, Client};
use todo_service::{Problem, Shutdown};

use crate::visitor::forwarded_for;

/// What is passed through; everything else is the page's own.
const PASSED: [&str; 10] = [
    "/api/{*path}",
    "/mcp",
    "/mcp/{*path}",
    "/chatkit",
    "/chatkit/{*path}",
    "/docs",
    "/docs/{*path}",
    "/openapi.json",
    "/.well-known/{*path}",
    "/dav",
];

/// Headers that concern one connection only (RFC 9110 §7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Routes that lead to the backend behind `client`; event streams end when `shutdown` says so.
pub fn router(client: Client, public_https: bool, shutdown: Shutdown) -> Router {
    let mut router = Router::new();
    for path in PASSED {
        router = router.route(path, any(pass));
    }
    router.route("/dav/{*path}", any(pass)).with_state(Upstream { client, public_https, shutdown })
}

#[derive(Clone)]
struct Upstream {
    client: Client,
    public_https: bool,
    shutdown: Shutdown,
}

async fn pass(State(upstream): State<Upstream>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
    drop_hop_by_hop(&mut parts.headers);
    forward(&mut parts.headers, peer, upstream.public_https);
    parts.version = Version::HTTP_11;
    parts.extensions.clear();
    let is_get = parts.method == Method::GET;
    let body = body.map_err(Broken::new).boxed_unsync();
    match upstream.client.send(Request::from_parts(parts, body)).await {
        Ok(answer) => {
            let (mut parts, body) = answer.into_parts();
            drop_hop_by_hop(&mut parts.headers);
            parts.version = Version::HTTP_11;
            let body = if is_get && is_event_stream(&parts.headers) {
                // Such a stream has no end of its own, and its client resumes from the last event wherever it lands.
                let stopping = async move { upstream.shutdown.streams_should_end().await };
                Body::from_stream(body.into_data_stream().take_until(stopping))
            } else {
                Body::new(body)
            };
            Response::from_parts(parts, body)
        }
        Err(error) => {
            tracing::warn!(%error, "the backend did not answer");
            let mut problem =
                Problem::unavailable("BACKEND_UNREACHABLE", 2, "The backend can't be reached right now; try again.");
            problem.status = http::StatusCode::BAD_GATEWAY;
            problem.into_response()
        }
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// Removes what concerns one connection, and what `Connection` names besides.
fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Tells the backend who asked and for which address.
fn forward(headers: &mut HeaderMap, peer: Option<SocketAddr>, public_https: bool) {
    if let Some(value) = peer.and_then(|peer| forwarded_for(headers, peer)) {
        headers.insert("x-forwarded-for", value);
    }
    if !headers.contains_key("x-forwarded-proto") {
        headers.insert("x-forwarded-proto", HeaderValue::from_static(if public_https { "https" } else { "http" }));
    }
    if let Some(host) = headers.get(header::HOST).cloned() {
        headers.entry("x-forwarded-host").or_insert(host);
    }
    // The transport names the backend itself.
    headers.remove(header::HOST);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_one_connection_stays_there() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, x-secret"),
            ("x-secret", "1"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("authorization", "Bearer x"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        drop_hop_by_hop(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["authorization"]);
    }

    #[test]
    fn the_backend_learns_who_asked() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "todo.example".parse().unwrap());
        headers.insert("x-forwarded-for", "203.0.113.7".parse().unwrap());
        forward(&mut headers, Some("[::ffff:10.1.2.3]:4000".parse().unwrap()), true);
        assert_eq!(headers["x-forwarded-for"], "203.0.113.7, 10.1.2.3");
        assert_eq!(headers["x-forwarded-proto"], "https");
        assert_eq!(headers["x-forwarded-host"], "todo.example");
        assert!(!headers.contains_key(header::HOST));
    }
}
