//! Health: alive means that the process answers; ready means that it may get requests.
//!
//! Liveness never asks the database, or a database that is down would restart every pod. Readiness does, within a short time
//! limit, and tells a database that is gone from one whose schema is too old or too new.

use std::time::Duration;

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use todo_store::SchemaState;

use crate::{extract::Json, state::AppState};

/// How long readiness may ask the database.
const READY_TIMEOUT: Duration = Duration::from_millis(200);

#[derive(Serialize)]
struct Health {
    status: &'static str,
    service: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Health {
    const fn new(status: &'static str) -> Self {
        Self { status, service: "todo-backend", version: env!("CARGO_PKG_VERSION"), database: None, detail: None }
    }
}

/// The health endpoints.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/health", get(async || Json(Health::new("healthy"))))
        .route("/health/live", get(async || Json(Health::new("alive"))))
        .route("/health/ready", get(ready))
        .route("/api/health", get(async || Json(Health::new("healthy"))))
        .route("/api/ready", get(ready))
}

async fn ready(State(state): State<AppState>) -> Response {
    if state.shutdown.is_draining() {
        return not_ready(None, "draining: the process is stopping");
    }
    match tokio::time::timeout(READY_TIMEOUT, state.store.schema_state()).await {
        Err(_) => not_ready(
            Some("disconnected"),
            "the database did not answer within 200 ms; check that it runs and is reachable",
        ),
        Ok(SchemaState::Current) => {
            Json(Health { database: Some("connected"), ..Health::new("ready") }).into_response()
        }
        Ok(SchemaState::Ahead { compatible: true, have }) => {
            let detail = format!("the schema ({have}) is newer than this version, and compatible with it");
            Json(Health { database: Some("connected"), detail: Some(detail), ..Health::new("ready") }).into_response()
        }
        Ok(SchemaState::Ahead { compatible: false, have }) => not_ready(
            Some("schema_too_new"),
            &format!("the schema ({have}) is too new for this version; deploy a newer one"),
        ),
        Ok(SchemaState::Behind { have, want }) => not_ready(
            Some("schema_behind"),
            &format!("the schema ({have}) is older than this version needs ({want}); run `todo-backend migrate`"),
        ),
        Ok(SchemaState::Unreachable(why)) => not_ready(Some("disconnected"), &why),
    }
}

/// Says why, in the log as well: the probe's reader sees a status only. A process that stops is no news.
fn not_ready(database: Option<&'static str>, detail: &str) -> Response {
    if let Some(database) = database {
        tracing::warn!(database, detail, "not ready");
    }
    let body = Health { database, detail: Some(detail.to_owned()), ..Health::new("not_ready") };
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
