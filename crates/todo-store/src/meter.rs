//! What the store counts. Without a recorder (in tests, at the command line) nothing is kept.

use std::time::Duration;

use crate::jobs;

const OUTBOX_EVENTS: &str = "outbox_events_total";
const JOBS_FAILED: &str = "jobs_failed_total";
const POOL_WAIT: &str = "db_pool_wait_seconds";

/// Describes the metrics, once a recorder is installed.
pub fn describe() {
    metrics::describe_counter!(OUTBOX_EVENTS, "Changes whose event was written to the outbox");
    metrics::describe_counter!(
        JOBS_FAILED,
        "Failed attempts at background jobs, by kind and whether the job was given up"
    );
    metrics::describe_histogram!(POOL_WAIT, metrics::Unit::Seconds, "Time until the pool gave a connection");
    // Known from the start, so that a rate over the first event is right.
    metrics::counter!(OUTBOX_EVENTS).absolute(0);
    for kind in [jobs::REMINDER, jobs::MAIL, jobs::EVENT] {
        for given_up in ["false", "true"] {
            metrics::counter!(JOBS_FAILED, "kind" => kind, "given_up" => given_up).absolute(0);
        }
    }
}

/// A change was committed, and its event with it.
pub(crate) fn event_written() {
    metrics::counter!(OUTBOX_EVENTS).increment(1);
}

/// An attempt at a job failed.
pub(crate) fn job_failed(kind: &str, given_up: bool) {
    metrics::counter!(JOBS_FAILED, "kind" => kind.to_owned(), "given_up" => if given_up { "true" } else { "false" })
        .increment(1);
}

/// The pool gave a connection, or refused after so long.
pub(crate) fn pool_waited(time: Duration) {
    metrics::histogram!(POOL_WAIT).record(time.as_secs_f64());
}
