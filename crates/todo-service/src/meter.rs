//! Metrics in Prometheus' text format, on a port of their own: they are for the operator, not for users.

use std::sync::OnceLock;

use axum::{Router, http::header, routing::get};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Requests by method, route and status.
pub const HTTP_REQUESTS: &str = "http_requests_total";
/// Seconds from the head of the request to the head of the response.
pub const HTTP_DURATION: &str = "http_request_duration_seconds";
/// Requests being answered right now.
pub const HTTP_IN_FLIGHT: &str = "http_requests_in_flight";
/// Constant 1 with the version as label.
pub const BUILD_INFO: &str = "build_info";

const SECONDS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts recording. A second call changes nothing.
///
/// # Errors
/// When the recorder can't be built or another one is installed.
pub fn start(version: &'static str) -> anyhow::Result<()> {
    if HANDLE.get().is_some() {
        return Ok(());
    }
    let recorder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)?.build_recorder();
    let handle = recorder.handle();
    if HANDLE.set(handle).is_ok() {
        metrics::set_global_recorder(recorder).map_err(|_| anyhow::anyhow!("another metrics recorder is installed"))?;
        metrics::describe_counter!(HTTP_REQUESTS, "Requests by method, route and status");
        metrics::describe_histogram!(HTTP_DURATION, metrics::Unit::Seconds, "Time to the head of the response");
        metrics::describe_gauge!(HTTP_IN_FLIGHT, "Requests being answered right now");
        metrics::describe_gauge!(BUILD_INFO, "Constant 1; the version is a label");
        metrics::gauge!(BUILD_INFO, "version" => version).set(1.0);
    }
    Ok(())
}

/// The current values as text; empty before [`start`].
#[must_use]
pub fn render() -> String {
    HANDLE
        .get()
        .map(|handle| {
            handle.run_upkeep();
            handle.render()
        })
        .unwrap_or_default()
}

/// `GET /metrics`.
pub fn router() -> Router {
    Router::new().route(
        "/metrics",
        get(async || ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render())),
    )
}
