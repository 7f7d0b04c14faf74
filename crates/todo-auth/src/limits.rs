//! Limits that all replicas share, in the database: requests per client and path, and failed sign-ins per account.

use todo_store::auth::limits;

use crate::error::AuthError;
use crate::random;
use crate::service::{Auth, Client};

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Seconds.
    pub window: i64,
    /// Requests.
    pub max: i64,
}

/// Better Auth's default rules by path below `/api/auth`, extended to the forms of Phase III.
#[must_use]
pub fn rule_for(path: &str) -> Rule {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    if starts(&["/sign-in", "/sign-up", "/change-password", "/change-email", "/signin", "/signup"]) {
        Rule { window: 10, max: 3 }
    } else if starts(&["/request-password-reset", "/reset-password-request", "/send-verification-email"]) {
        Rule { window: 60, max: 3 }
    } else {
        Rule { window: 10, max: 100 }
    }
}

/// Failed sign-ins to one account from one network that are answered; then a pause of the same length as the window.
const FAILURES_PER_NETWORK: i64 = 5;
/// The same from everywhere. Much higher, so that a stranger can't lock the owner out with a handful of guesses.
const FAILURES_PER_ACCOUNT: i64 = 100;
/// The window of failures: 15 minutes.
const FAILURE_WINDOW_MS: i64 = 15 * 60 * 1000;

impl Auth {
    /// Counts a request.
    ///
    /// # Errors
    /// [`AuthError::RateLimited`] when it is one too many; the database's.
    pub async fn limit_request(&self, client: &Client, path: &str) -> Result<(), AuthError> {
        if !self.config().rate_limits {
            return Ok(());
        }
        let rule = rule_for(path);
        let key = format!("{}|{path}", client.network());
        let now = self.now().as_millisecond();
        let window = rule.window * 1000;
        let counter = limits::count(self.store(), &random::id(), &key, window, rule.max, now).await?;
        if counter.count > rule.max {
            return Err(AuthError::RateLimited { retry_after: seconds_left(counter.last_ms, window, now) });
        }
        Ok(())
    }

    /// Takes up to `share` requests of the user's allowance of `limit` in this minute; answers how many were granted.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_share(&self, user: &str, minute: i64, share: i64, limit: i64) -> Result<i64, AuthError> {
        let key = format!("requests|{user}");
        let taken = limits::take(self.store(), &random::id(), &key, minute * 60_000, share).await?;
        Ok((limit - (taken - share)).clamp(0, share))
    }

    /// Refuses a sign-in to an account that had too many failures. Known and unknown addresses are counted alike.
    ///
    /// # Errors
    /// [`AuthError::Locked`]; the database's.
    pub(crate) async fn check_failures(&self, email: &str, client: &Client) -> Result<(), AuthError> {
        let now = self.now().as_millisecond();
        for (key, max) in failure_keys(email, client) {
            if let Some(counter) = limits::read(self.store(), &key).await?
                && counter.count >= max
                // Also when the clock went back since: nobody is locked out until it is there again.
                && counter.last_ms.abs_diff(now) < FAILURE_WINDOW_MS.unsigned_abs()
            {
                return Err(AuthError::Locked { retry_after: seconds_left(counter.last_ms, FAILURE_WINDOW_MS, now) });
            }
        }
        Ok(())
    }

    /// Counts a failed sign-in.
    pub(crate) async fn count_failure(&self, email: &str, client: &Client) -> Result<(), AuthError> {
        let now = self.now().as_millisecond();
        for (key, max) in failure_keys(email, client) {
            limits::count(self.store(), &random::id(), &key, FAILURE_WINDOW_MS, max, now).await?;
        }
        Ok(())
    }

    /// Forgets the failures from this network after a sign-in.
    pub(crate) async fn forgive_failures(&self, email: &str, client: &Client) -> Result<(), AuthError> {
        let [(key, _), _] = failure_keys(email, client);
        if limits::read(self.store(), &key).await?.is_some() {
            limits::reset(self.store(), &key).await?;
        }
        Ok(())
    }
}

/// The two counters of failures. The address is digested: the table need not tell who tried to sign in.
fn failure_keys(email: &str, client: &Client) -> [(String, i64); 2] {
    let account = random::digest(email);
    let network = client.network();
    [
        (format!("failed-sign-in|{account}|{network}"), FAILURES_PER_NETWORK),
        (format!("failed-sign-in|{account}"), FAILURES_PER_ACCOUNT),
    ]
}

fn seconds_left(last_ms: i64, window_ms: i64, now_ms: i64) -> i64 {
    let left = last_ms.saturating_add(window_ms).saturating_sub(now_ms);
    // Rounded up, so that the client does not come back a moment too early.
    (left.saturating_add(999) / 1000).clamp(1, window_ms / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_better_auths() {
        for (path, window, max) in [
            ("/sign-in/email", 10, 3),
            ("/sign-up/email", 10, 3),
            ("/change-password", 10, 3),
            ("/request-password-reset", 60, 3),
            ("/send-verification-email", 60, 3),
            ("/get-session", 10, 100),
        ] {
            assert_eq!(rule_for(path), Rule { window, max }, "{path}");
        }
    }

    #[test]
    fn seconds_are_whole_positive_and_bounded() {
        assert_eq!(seconds_left(1_000, 10_000, 1_001), 10);
        assert_eq!(seconds_left(1_000, 10_000, 10_999), 1);
        assert_eq!(seconds_left(1_000, 10_000, 99_999), 1);
        assert_eq!(seconds_left(99_999, 10_000, 1_000), 10, "a clock that went back");
    }
}
