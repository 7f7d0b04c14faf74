//! Streamable HTTP, on loopback only, for whoever brings the token. Pages of browsers are not let in: no Origin is allowed,
//! and the Host must be a name of loopback, so that no name that a stranger owns leads here.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use subtle::ConstantTimeEq as _;

use super::{MESSAGE_MAX, Server};
use crate::exit::Error;

/// The variable that holds the token.
const TOKEN: &str = "PILOT_MCP_TOKEN";
/// Shortest token: 128 bits in hexadecimal.
const SHORTEST: usize = 32;

pub async fn serve(server: Server, address: SocketAddr) -> Result<(), Error> {
    if !address.ip().is_loopback() {
        return Err(Error::Usage(format!("{address} can be reached by others: use 127.0.0.1 or [::1]")));
    }
    let router = router(server, token(std::env::var(TOKEN).ok())?);
    let cannot = |error: std::io::Error| Error::Usage(format!("--http {address}: {error}"));
    let listener = tokio::net::TcpListener::bind(address).await.map_err(cannot)?;
    eprintln!("pilot: MCP at http://{}/mcp", listener.local_addr().map_err(cannot)?);
    let listener = listener.tap_io(|stream| {
        // Small answers must not wait for each other; where that can't be set, they do.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).with_graceful_shutdown(stopped()).await.map_err(cannot)
}

/// SIGINT or SIGTERM.
async fn stopped() {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => _ = signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

fn token(given: Option<String>) -> Result<String, Error> {
    match given.map(|token| token.trim().to_owned()) {
        Some(token) if token.len() >= SHORTEST => Ok(token),
        Some(token) if !token.is_empty() => Err(Error::Usage(format!(
            "{TOKEN} is too short: {SHORTEST} characters at least, such as openssl rand -hex 32 makes"
        ))),
        _ => Err(Error::Usage(format!(
            "--http lets in who brings {TOKEN} only: export {TOKEN}=$(openssl rand -hex 32) before, and give it to the client"
        ))),
    }
}

fn router(server: Server, token: String) -> Router {
    // Sessions let clients of the earlier revisions be asked back; later ones need none.
    let config = StreamableHttpServerConfig::default()
        .with_max_request_body_bytes(MESSAGE_MAX)
        .with_allowed_hosts(["localhost", "127.0.0.1", "::1"])
        .enforce_origin_validation();
    let sessions = Arc::new(LocalSessionManager::default());
    let transport = StreamableHttpService::new(move || Ok(server.clone()), sessions, config);
    Router::new().route_service("/mcp", transport).layer(from_fn_with_state(Arc::new(token), admit))
}

async fn admit(State(token): State<Arc<String>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given =
        given.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let fits = given.is_some_and(|(_, given)| bool::from(given.trim().as_bytes().ct_eq(token.as_bytes())));
    if fits {
        return next.run(request).await;
    }
    let what = if given.is_some() { "this is not the token" } else { "a token is needed" };
    let text = format!("{what}: send `Authorization: Bearer …` with the {TOKEN} that the server was started with\n");
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_needed_and_long() {
        assert!(token(None).unwrap_err().to_string().contains("openssl rand"));
        assert!(token(Some("  ".into())).unwrap_err().to_string().contains("export PILOT_MCP_TOKEN=$("));
        let short = token(Some("hunter2".into())).unwrap_err().to_string();
        assert!(short.contains("too short") && !short.contains("hunter2"));
        assert_eq!(token(Some(format!("{}\n", "a".repeat(32)))).unwrap(), "a".repeat(32));
    }
}
