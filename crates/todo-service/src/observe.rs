//! Around every request: its id, its span, its log line, its metrics; and a net under it that turns a panic into a 500.

use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use tracing::Instrument;
use uuid::Uuid;

use crate::{meter, problem::Problem, traces};

/// Names the request on its way through the services and in the logs.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered.
#[must_use]
pub fn current_request_id() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Middleware: see the module.
pub async fn observe(mut request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    let method = method_label(request.method());
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        trace_id = trace_id(request.headers()),
        method,
        route = %route,
        user_id = tracing::field::Empty,
    );
    if request.headers().contains_key(TRACEPARENT) {
        traces::continue_from(request.headers(), &span);
    }
    metrics::gauge!(meter::HTTP_IN_FLIGHT).increment(1.0);
    let started = Instant::now();
    let answered = CURRENT
        .scope(
            id.clone(),
            async {
                AssertUnwindSafe(next.run(request))
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|panic| Problem::internal(&panic_text(panic.as_ref())).into_response())
            }
            .instrument(span.clone()),
        )
        .await;
    let elapsed = started.elapsed();
    metrics::gauge!(meter::HTTP_IN_FLIGHT).decrement(1.0);
    let status = answered.status();
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.as_u16().to_string())];
    metrics::counter!(meter::HTTP_REQUESTS, &labels).increment(1);
    metrics::histogram!(meter::HTTP_DURATION, &labels[..2]).record(elapsed.as_secs_f64());
    span.in_scope(|| {
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), duration_us = micros, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), duration_us = micros, "answered");
        }
    });
    let mut answered = answered;
    if let Ok(value) = HeaderValue::from_str(&id) {
        answered.headers_mut().insert(REQUEST_ID, value);
    }
    answered
}

/// The client's id when it is short and plain, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| {
            (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        })
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// The trace id of a W3C `traceparent` header (Trace Context §3.2).
fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(TRACEPARENT)?.to_str().ok()?;
    let id = value.split('-').nth(1)?;
    (id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some(id)
}

/// Unknown methods share one label, so that nobody can fill the memory with labels.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "PROPFIND" => "PROPFIND",
        "REPORT" => "REPORT",
        _ => "OTHER",
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    format!("panic: {text}")
}
