//! What the load measured, by time.

use std::time::Duration;

use super::StreamCount;

/// One request.
#[derive(Debug)]
pub struct Outcome {
    /// When it was due, from the beginning of the load.
    pub due: Duration,
    /// From then to the end of the answer.
    pub took: Duration,
    /// Why it failed.
    pub failure: Option<String>,
}

/// Everything that a load measured.
#[derive(Debug)]
pub struct Measured {
    outcomes: Vec<Outcome>,
    /// What the event streams saw.
    pub streams: StreamCount,
}

/// A part of the time.
#[derive(Debug)]
pub struct Part<'a> {
    /// Requests that were due in it.
    pub requests: usize,
    /// The failed ones: when they were due, and why.
    pub failures: Vec<(Duration, &'a str)>,
    /// Half of the requests took at most this long.
    pub median: Duration,
    /// 99 of 100 took at most this long.
    pub p99: Duration,
    /// The slowest.
    pub worst: Duration,
}

impl Measured {
    pub(super) fn new(mut outcomes: Vec<Outcome>, streams: StreamCount) -> Self {
        outcomes.sort_by_key(|outcome| outcome.due);
        Self { outcomes, streams }
    }

    /// The requests that were due between the two times.
    #[must_use]
    pub fn part(&self, from: Duration, to: Duration) -> Part<'_> {
        let inside: Vec<&Outcome> =
            self.outcomes.iter().filter(|outcome| outcome.due >= from && outcome.due < to).collect();
        let mut times: Vec<Duration> = inside.iter().map(|outcome| outcome.took).collect();
        times.sort_unstable();
        let at =
            |percent: usize| times.get((times.len().saturating_sub(1)) * percent / 100).copied().unwrap_or_default();
        Part {
            requests: inside.len(),
            failures: inside.iter().filter_map(|outcome| Some((outcome.due, outcome.failure.as_deref()?))).collect(),
            median: at(50),
            p99: at(99),
            worst: at(100),
        }
    }
}
