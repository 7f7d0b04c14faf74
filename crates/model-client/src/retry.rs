//! Whether a failed request is sent again, and when.

use std::time::Duration;

use jiff::Timestamp;

use super::ModelError;

/// How often a request is sent at most.
pub(super) const ATTEMPTS: u32 = 3;
/// The first pause; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(400);
/// A provider that wants a longer pause is given up for this answer: somebody is waiting.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// The pause before the next try; `None` when there is to be none. `attempt` counts from 1, `left` is the time that the answer has.
pub(super) fn pause(error: &ModelError, attempt: u32, left: Duration) -> Option<Duration> {
    let wanted = match error {
        _ if attempt >= ATTEMPTS => return None,
        ModelError::Status { should_retry: Some(false), .. } => return None,
        ModelError::Status { should_retry: Some(true), retry_after, .. }
        | ModelError::Status { status: 408 | 409 | 425 | 429 | 500 | 502..=504 | 529, retry_after, .. } => *retry_after,
        ModelError::Reported { code, .. } if is_passing(code) => None,
        ModelError::Unreachable(_) | ModelError::BrokenOff | ModelError::Garbled(_) | ModelError::Empty => None,
        _ => return None,
    };
    // Many clients that failed together must not come back together.
    let growing = PAUSE.saturating_mul(1 << (attempt - 1).min(8)).mul_f64(rand::random_range(0.5..1.0));
    let pause = wanted.map_or(growing, |wanted| wanted.max(growing));
    (pause <= PAUSE_MAX && pause < left).then_some(pause)
}

/// Codes inside a stream that mean "not now": a number like a status, or a word.
fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "408"
            | "429"
            | "500"
            | "502"
            | "503"
            | "504"
            | "529"
            | "server_error"
            | "rate_limit_exceeded"
            | "overloaded_error"
    )
}

/// Reads `retry-after-ms`, else `retry-after` in seconds or as a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(header: impl Fn(&'static str) -> Option<String>, now: Timestamp) -> Option<Duration> {
    let number = |text: String| text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0 && *n < 1e9);
    if let Some(millis) = header("retry-after-ms").and_then(number) {
        return Some(Duration::from_secs_f64(millis / 1000.0));
    }
    let text = header("retry-after")?;
    if let Some(seconds) = number(text.clone()) {
        return Some(Duration::from_secs_f64(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: Duration = Duration::from_secs(60);

    fn status(status: u16, retry_after: Option<u64>) -> ModelError {
        ModelError::Status {
            status,
            message: String::new(),
            retry_after: retry_after.map(Duration::from_secs),
            should_retry: None,
        }
    }

    #[test]
    fn passing_failures_are_tried_again_and_others_are_not() {
        for passing in
            [status(429, None), status(503, None), ModelError::Unreachable(String::new()), ModelError::BrokenOff]
        {
            assert!(pause(&passing, 1, LEFT).is_some(), "{passing}");
            assert!(pause(&passing, ATTEMPTS, LEFT).is_none(), "{passing}");
        }
        for lasting in
            [status(400, None), status(401, None), status(402, None), ModelError::TooLarge, ModelError::Timeout]
        {
            assert!(pause(&lasting, 1, LEFT).is_none(), "{lasting}");
        }
        let reported = |code: &str| ModelError::Reported { code: code.into(), message: String::new() };
        assert!(pause(&reported("502"), 1, LEFT).is_some());
        assert!(pause(&reported("invalid_request_error"), 1, LEFT).is_none());
    }

    #[test]
    fn the_provider_has_the_last_word() {
        assert!(pause(&status(429, Some(2)), 1, LEFT).unwrap() >= Duration::from_secs(2));
        assert!(pause(&status(429, Some(3600)), 1, LEFT).is_none(), "nobody waits an hour");
        assert!(
            pause(&status(429, Some(5)), 1, Duration::from_secs(4)).is_none(),
            "the answer has less time than that"
        );
        let said = |should| ModelError::Status {
            status: 500,
            message: String::new(),
            retry_after: None,
            should_retry: Some(should),
        };
        assert!(pause(&said(false), 1, LEFT).is_none());
        assert!(pause(&said(true), 1, LEFT).is_some());
    }

    #[test]
    fn pauses_grow_and_are_never_the_same() {
        let pauses: Vec<Duration> = (0..20).filter_map(|_| pause(&status(500, None), 2, LEFT)).collect();
        assert!(pauses.iter().all(|p| (PAUSE..PAUSE * 2).contains(p)), "{pauses:?}");
        assert!(pauses.iter().any(|p| *p != pauses[0]));
    }

    #[test]
    fn the_header_comes_in_three_forms() {
        let now: Timestamp = "2026-11-18T10:00:00Z".parse().unwrap();
        let of = |name: &'static str, value: &'static str| {
            retry_after(move |wanted| (wanted == name).then(|| value.to_owned()), now)
        };
        assert_eq!(of("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(of("retry-after", "1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(of("retry-after", "Wed, 18 Nov 2026 10:00:07 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(of("retry-after", "Wed, 18 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(of("retry-after", "soon"), None);
        assert_eq!(of("retry-after", "-1"), None);
    }
}
