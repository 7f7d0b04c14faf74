//! What the backend counts, besides what every HTTP service of ours does ([`todo_service::meter`]).

use axum::{extract::Request, http::StatusCode, middleware::Next, response::Response};
use todo_store::jobs::Backlog;

use crate::push;

/// Event streams that are open.
const EVENT_STREAMS: &str = "event_streams";
/// Connections to the database, by state: `used`, `max`.
const POOL_CONNECTIONS: &str = "db_pool_connections";
/// Jobs that are due.
const JOBS_PENDING: &str = "jobs_pending";
/// Jobs that were given up.
const JOBS_DEAD: &str = "jobs_dead";
/// How long the oldest due job has waited.
const OUTBOX_LAG: &str = "outbox_lag_seconds";
/// Attempts to sign in or up, by what came of them.
const AUTH_ATTEMPTS: &str = "auth_attempts_total";
/// Answers of the assistant, by what came of them.
const ASSISTANT_TURNS: &str = "assistant_turns_total";

/// Describes the metrics of the backend and its store, once a recorder is installed.
pub fn describe() {
    metrics::describe_gauge!(EVENT_STREAMS, "Event streams that are open");
    metrics::describe_gauge!(POOL_CONNECTIONS, "Connections to the database, by state");
    metrics::describe_gauge!(JOBS_PENDING, "Background jobs that are due");
    metrics::describe_gauge!(JOBS_DEAD, "Background jobs that were given up");
    metrics::describe_gauge!(OUTBOX_LAG, metrics::Unit::Seconds, "How long the oldest due job has waited");
    metrics::describe_counter!(AUTH_ATTEMPTS, "Attempts to sign in or up, by kind and outcome");
    metrics::describe_counter!(ASSISTANT_TURNS, "Answers of the assistant, by outcome");
    metrics::describe_counter!(push::DELIVERIES, "Messages to push services, by outcome");
    todo_store::meter::describe();
    // Known from the start, so that a rate over the first attempt is right and no query finds nothing.
    for gauge in [EVENT_STREAMS, JOBS_PENDING, JOBS_DEAD, OUTBOX_LAG] {
        metrics::gauge!(gauge).set(0.0);
    }
    for kind in ["sign_in", "sign_up"] {
        for outcome in ["succeeded", "refused", "limited", "failed"] {
            metrics::counter!(AUTH_ATTEMPTS, "kind" => kind, "outcome" => outcome).absolute(0);
        }
    }
    for outcome in push::OUTCOMES {
        metrics::counter!(push::DELIVERIES, "outcome" => outcome).absolute(0);
    }
    for outcome in ["answered", "failed"] {
        metrics::counter!(ASSISTANT_TURNS, "outcome" => outcome).absolute(0);
    }
}

/// Connections in use and how many there may be.
#[expect(clippy::cast_precision_loss, reason = "a gauge of at most a few hundred connections")]
pub fn pool((used, most): (usize, usize)) {
    metrics::gauge!(POOL_CONNECTIONS, "state" => "used").set(used as f64);
    metrics::gauge!(POOL_CONNECTIONS, "state" => "max").set(most as f64);
}

/// How the queue of jobs stands at `now`.
#[expect(clippy::cast_precision_loss, reason = "gauges of counts far below 2^52")]
pub fn backlog(backlog: &Backlog, now: jiff::Timestamp) {
    let waiting = backlog.oldest.map_or(0.0, |oldest| now.duration_since(oldest).as_secs_f64());
    metrics::gauge!(JOBS_PENDING).set(backlog.due as f64);
    metrics::gauge!(JOBS_DEAD).set(backlog.dead as f64);
    metrics::gauge!(OUTBOX_LAG).set(waiting.max(0.0));
}

/// Middleware: counts an attempt to sign in.
pub async fn sign_in(request: Request, next: Next) -> Response {
    attempt("sign_in", next.run(request).await)
}

/// Middleware: counts an attempt to sign up.
pub async fn sign_up(request: Request, next: Next) -> Response {
    attempt("sign_up", next.run(request).await)
}

fn attempt(kind: &'static str, response: Response) -> Response {
    metrics::counter!(AUTH_ATTEMPTS, "kind" => kind, "outcome" => outcome(response.status())).increment(1);
    response
}

fn outcome(status: StatusCode) -> &'static str {
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::LOCKED => "limited",
        status if status.is_server_error() => "failed",
        status if status.is_client_error() => "refused",
        _ => "succeeded",
    }
}

/// The assistant has answered, or could not.
pub fn assistant_turn(answered: bool) {
    metrics::counter!(ASSISTANT_TURNS, "outcome" => if answered { "answered" } else { "failed" }).increment(1);
}

/// Counts an event stream in the gauge for as long as it lives.
#[derive(Debug)]
pub struct OpenStream;

impl OpenStream {
    /// One more.
    #[must_use]
    pub fn count() -> Self {
        metrics::gauge!(EVENT_STREAMS).increment(1.0);
        Self
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        metrics::gauge!(EVENT_STREAMS).decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_by_status() {
        for (status, expected) in [
            (200, "succeeded"),
            (302, "succeeded"),
            (401, "refused"),
            (422, "refused"),
            (423, "limited"),
            (429, "limited"),
            (503, "failed"),
        ] {
            assert_eq!(outcome(StatusCode::from_u16(status).unwrap()), expected, "{status}");
        }
    }
}
