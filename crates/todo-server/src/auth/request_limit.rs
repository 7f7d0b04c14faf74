//! The limit of requests per minute and user, over all replicas: a process takes a share of the minute's allowance from the
//! database at a time, so that most requests cost no statement.

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock, PoisonError},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use todo_service::Problem;

use super::principal::establish;
use crate::state::AppState;

/// Requests that a process takes at once.
const SHARE: i64 = 50;

/// What is left of the shares of this minute, by user.
#[derive(Default)]
struct Shares {
    minute: i64,
    left: HashMap<String, i64>,
}

/// Middleware: counts the request of whoever is calling. Requests of nobody pass; their handler refuses them.
pub async fn limit_requests(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limit = i64::from(state.config.rate_limit);
    let (mut parts, body) = request.into_parts();
    if limit > 0
        && let Ok(principal) = establish(&mut parts, &state).await
        && let Err(problem) = count(&state, principal.user_id.as_str(), limit).await
    {
        return problem.into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

async fn count(state: &AppState, user: &str, limit: i64) -> Result<(), Problem> {
    let now = jiff::Timestamp::now().as_second();
    let minute = now.div_euclid(60);
    if take(minute, user) {
        return Ok(());
    }
    let share = SHARE.min(limit);
    match state.auth.take_share(user, minute, share, limit).await {
        Ok(granted) if granted > 0 => {
            give(minute, user, granted - 1);
            Ok(())
        }
        Ok(_) => {
            let wait = u64::try_from(60 - now.rem_euclid(60)).unwrap_or(60);
            Err(Problem::too_many(wait, format!("More than {limit} requests in a minute; try again in {wait} s.")))
        }
        // A limit that can't be counted must not stop the service; if the database is gone, the handler says so.
        Err(error) => {
            tracing::debug!(%error, "a request could not be counted");
            Ok(())
        }
    }
}

fn shares() -> &'static Mutex<Shares> {
    static SHARES: OnceLock<Mutex<Shares>> = OnceLock::new();
    SHARES.get_or_init(Mutex::default)
}

/// Takes one request from the share, if there is any left.
fn take(minute: i64, user: &str) -> bool {
    let mut shares = shares().lock().unwrap_or_else(PoisonError::into_inner);
    if shares.minute != minute {
        // A new minute: what was left of the old one is worth nothing.
        *shares = Shares { minute, left: HashMap::new() };
    }
    match shares.left.get_mut(user) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

fn give(minute: i64, user: &str, share: i64) {
    let mut shares = shares().lock().unwrap_or_else(PoisonError::into_inner);
    if shares.minute == minute {
        *shares.left.entry(user.to_owned()).or_default() += share;
    }
}
