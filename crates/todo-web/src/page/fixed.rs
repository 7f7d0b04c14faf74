//! Small files with an address of their own.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::json;

use crate::{App, assets};

const REVALIDATE: [(HeaderName, HeaderValue); 1] = [(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];

/// `GET /sw.js`: the service worker, at the root so that it may serve every page.
pub async fn service_worker(headers: HeaderMap) -> Response {
    assets::serve_fixed("sw.js", &headers)
}

/// `GET /favicon.ico`
pub async fn icon(headers: HeaderMap) -> Response {
    assets::serve_fixed("icon.svg", &headers)
}

/// `GET /robots.txt`: personal pages are nothing for a search engine.
pub async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}

/// `GET /config.json`: what scripts and outside tools may know of this installation.
pub async fn config(State(app): State<App>) -> impl IntoResponse {
    let body = json!({
        "version": app.config.version,
        "public_url": app.config.public_url.as_ref().map(url::Url::as_str),
        "api": "/api",
        "files": assets::names().map(assets::url).collect::<Vec<_>>(),
    });
    (REVALIDATE, Json(body))
}

/// `GET /manifest.webmanifest`: makes the page installable.
pub async fn manifest() -> impl IntoResponse {
    let body = json!({
        "id": "/",
        "name": "todo",
        "short_name": "todo",
        "description": "A task manager you can talk to.",
        "start_url": "/today",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf9f7",
        "theme_color": "#faf9f7",
        "icons": [
            { "src": assets::url("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any" },
            { "src": assets::url("icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any maskable" },
            { "src": assets::url("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable" },
        ],
        "shortcuts": [
            { "name": "Add a task", "url": "/today#add" },
            { "name": "Chat", "url": "/chat" },
        ],
    });
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json"))],
        REVALIDATE,
        Json(body).into_response().into_body(),
    )
}
