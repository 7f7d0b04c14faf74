//! Whether the process is well, and whether it should get traffic.

use anyhow::{Context, bail};
use axum::{
    Json, Router,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{Request, StatusCode};
use serde_json::json;
use todo_client::{Client, empty};
use todo_service::Shutdown;
use todo_web::{WebConfig, assets};
use tower::ServiceExt;

#[derive(Clone)]
struct Health {
    shutdown: Shutdown,
    version: &'static str,
}

/// `/api/health`, `/health`, `/health/live`, `/health/ready`. None of them asks the backend: a frontend that can't reach it still
/// serves a page that says so, and taking every frontend away would only hide that.
pub fn router(_client: Client, shutdown: Shutdown, version: &'static str) -> Router {
    Router::new()
        .route("/api/health", get(live))
        .route("/health", get(live))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(Health { shutdown, version })
}

async fn live(State(health): State<Health>) -> impl IntoResponse {
    Json(json!({ "status": "healthy", "service": "todo-frontend", "version": health.version }))
}

async fn ready(State(health): State<Health>) -> Response {
    if health.shutdown.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "draining" }))).into_response();
    }
    Json(json!({ "status": "ready", "version": health.version })).into_response()
}

/// Renders the sign-in page and fetches every asset it names, all in this process.
pub async fn selftest(version: &'static str) -> anyhow::Result<()> {
    let nobody = tower::service_fn(|_| async { Ok::<_, std::io::Error>(http::Response::new(empty())) });
    let router = todo_web::router(WebConfig { public_url: None, version }, Client::in_process(nobody));
    let page = fetch(&router, "/sign-in").await?;
    let mut checked = 0;
    for address in page.split(['"', '\'']).filter(|text| text.starts_with("/assets/")) {
        let address = address.split('#').next().unwrap_or(address);
        if fetch_bytes(&router, address).await.with_context(|| address.to_owned())?.is_empty() {
            bail!("{address} is empty");
        }
        checked += 1;
    }
    if checked == 0 {
        bail!("the sign-in page names no assets");
    }
    println!("ok: the sign-in page and {checked} assets of {}", assets::HASH);
    Ok(())
}

async fn fetch(router: &Router, path: &str) -> anyhow::Result<String> {
    Ok(String::from_utf8(fetch_bytes(router, path).await?)?)
}

async fn fetch_bytes(router: &Router, path: &str) -> anyhow::Result<Vec<u8>> {
    let answer = router.clone().oneshot(Request::get(path).body(Body::empty())?).await?;
    if answer.status() != StatusCode::OK {
        bail!("{path} answered {}", answer.status());
    }
    Ok(axum::body::to_bytes(answer.into_body(), 4 * 1024 * 1024).await?.to_vec())
}
