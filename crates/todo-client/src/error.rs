//! What can go wrong in a call.

use std::time::Duration;

use http::{Response, StatusCode, header};
use serde::Deserialize;

use crate::Broken;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address of the backend can't be used.
    #[error("`{0}` is no address of a backend; write http://host:port")]
    Address(String),
    /// The backend could not be reached, or the connection broke.
    #[error("the backend can't be reached: {0}")]
    Unreachable(#[source] Broken),
    /// The backend refused, with a problem document (RFC 9457) or an error of the sign-in surface.
    #[error("{detail}")]
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// Explanation for people.
        detail: String,
        /// Stable code for programs.
        code: Option<String>,
        /// The field at fault.
        field: Option<String>,
        /// When to try again.
        retry_after: Option<Duration>,
    },
    /// The backend answered something that is not the API.
    #[error("the backend's answer can't be read: {0}")]
    Unreadable(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: Option<String>,
    detail: Option<String>,
    message: Option<String>,
    code: Option<String>,
    field: Option<String>,
    errors: Vec<FieldProblem>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FieldProblem {
    field: Option<String>,
}

impl ClientError {
    /// The error that an answer with a failure status means.
    pub(crate) fn from_answer<B>(head: &Response<B>, body: &[u8]) -> Self {
        let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
        let status = head.status();
        let retry_after = [header::RETRY_AFTER.as_str(), "x-retry-after"]
            .iter()
            .find_map(|name| head.headers().get(*name)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs));
        Self::Refused {
            status,
            detail: problem
                .detail
                .or(problem.message)
                .or(problem.title)
                .unwrap_or_else(|| status.canonical_reason().unwrap_or("The request was refused").to_owned()),
            code: problem.code,
            field: problem.field.or_else(|| problem.errors.into_iter().find_map(|error| error.field)),
            retry_after,
        }
    }

    /// The HTTP status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether nobody is signed in.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
    }
}
