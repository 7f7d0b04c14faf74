//! Where a client learns which credential `/mcp` wants (OAuth 2.0 Protected Resource Metadata, RFC 9728).

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, header, uri::Authority},
    routing::get,
};
use serde::Serialize;
use todo_auth::Scope;

use crate::{extract::Json, state::AppState};

const PATH: &str = "/.well-known/oauth-protected-resource";

/// The document, for the server and for `/mcp`.
pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(document)).route(&format!("{PATH}/mcp"), get(document))
}

#[derive(Serialize)]
struct Document {
    resource: String,
    resource_name: &'static str,
    authorization_servers: Vec<String>,
    scopes_supported: Vec<&'static str>,
    bearer_methods_supported: [&'static str; 1],
}

async fn document(State(state): State<AppState>, headers: HeaderMap) -> Json<Document> {
    let base = base(&headers, &state);
    // Whose signed tokens are accepted: a foreign issuer, where one is configured, else our own accounts.
    let issuer = state.config.auth.jwks_issuer.clone().unwrap_or_else(|| base.clone());
    Json(Document {
        resource: format!("{base}/mcp"),
        resource_name: "todo",
        authorization_servers: vec![issuer],
        scopes_supported: Scope::ALL.iter().map(|scope| scope.name()).collect(),
        bearer_methods_supported: ["header"],
    })
}

/// The parameters of a challenge that name the document (RFC 9728 §5.1) and, where they do not yet, the scope.
pub fn challenge(headers: &HeaderMap, state: &AppState, with_scope: bool) -> String {
    let document = format!("resource_metadata=\"{}{PATH}/mcp\"", base(headers, state));
    if with_scope { format!("{document}, scope=\"{}\"", Scope::Mcp.name()) } else { document }
}

/// The address under which the client knows this server: as configured, else as it asked.
fn base(headers: &HeaderMap, state: &AppState) -> String {
    if let Some(configured) = &state.config.auth.base_url {
        return configured.trim_end_matches('/').to_owned();
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let asked = text("x-forwarded-host").or_else(|| text(header::HOST.as_str()));
    let asked = asked.and_then(|host| host.parse::<Authority>().ok());
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    match asked {
        Some(host) => format!("{scheme}://{host}"),
        None => format!("http://localhost:{}", state.config.port),
    }
}
