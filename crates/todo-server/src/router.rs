//! The whole surface at a glance.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{StatusCode, Uri},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use todo_service::{Problem, observe::observe};

use crate::{
    auth, chat, chatkit, counts, events, extract, health, labels, mcp, openapi, operations, profile, projects, push,
    routes::Routes, saved_filters, state::AppState, stats, tasks, transfer,
};

/// Everything that a signed-in user can do; stands under `/api` and under `/api/{user_id}`.
fn user_routes() -> Routes {
    Routes::new()
        .merge(tasks::router())
        .merge(labels::router())
        .merge(projects::router())
        .merge(operations::router())
        .merge(events::router())
        .merge(saved_filters::router())
        .merge(profile::router())
        .merge(stats::router())
        .merge(counts::router())
        .merge(push::router())
        .merge(transfer::router())
        .merge(chat::router())
        .merge(auth::user_router())
}

/// Every route that the document describes.
pub(crate) fn documented() -> Routes {
    Routes::new().nest("/api", user_routes()).nest("/api/{user_id}", user_routes())
}

/// The API as a service: every route, inside every layer. They are few, for each clones all that it holds for every request.
pub fn router(state: &AppState) -> Router {
    let limited = documented()
        .into_router()
        .merge(mcp::router(state))
        .merge(chatkit::router())
        .layer(middleware::from_fn_with_state(state.clone(), timely));
    limited
        .merge(auth::router(state.clone()))
        .merge(health::router())
        .merge(mcp::metadata_router())
        .with_state(state.clone())
        .merge(openapi::router())
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(state.clone(), outermost))
        .layer(middleware::from_fn(observe))
}

async fn nothing_here(uri: Uri) -> Problem {
    Problem::not_found("NOT_FOUND", format!("There is nothing at `{}`; see /docs.", uri.path().escape_debug()))
}

async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "This address does not take that method; see /docs.",
    )
}

/// What holds for every address: the size of bodies, and who may ask from another origin.
async fn outermost(state: State<AppState>, mut request: Request, next: Next) -> Response {
    DefaultBodyLimit::max(extract::BODY_MAX).apply(&mut request);
    auth::cross_origin(state, request, next).await
}

/// A handler that takes too long answers 503, so that the client knows to try again. A stream counts as answered once it starts.
/// Within that time the request is counted and answered.
async fn timely(state: State<AppState>, request: Request, next: Next) -> Response {
    let limit = state.config.request_timeout;
    match tokio::time::timeout(limit, auth::limit_requests(state, request, next)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!(limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX), "a request took too long");
            Problem::unavailable("TIMEOUT", 1, "This took too long; try again in a moment.").into_response()
        }
    }
}
