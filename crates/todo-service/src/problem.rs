//! Problem documents (RFC 9457): the one shape of every error of the API.
//!
//! Besides the standard members they carry those of the original contract: `error_code` (also as `code`), `field`, and `errors[]`
//! for validation.

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// One thing wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer or name of the field.
    pub field: Cow<'static, str>,
    /// What is wrong, with the remedy.
    pub detail: String,
    /// Machine-readable reason.
    pub code: Cow<'static, str>,
}

/// A problem document on its way to a client.
#[derive(Clone, Debug)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Machine-readable reason.
    pub code: Cow<'static, str>,
    /// One sentence for people.
    pub detail: Cow<'static, str>,
    /// The field to blame.
    pub field: Option<Cow<'static, str>>,
    /// Seconds after which a new try makes sense.
    pub retry_after: Option<u64>,
    /// Value of `WWW-Authenticate`.
    pub challenge: Option<Cow<'static, str>>,
    /// Value of `Allow`.
    pub allow: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    error_code: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl Problem {
    /// A problem with a status, a code and a sentence.
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            field: None,
            retry_after: None,
            challenge: None,
            allow: None,
        }
    }

    /// 422 on a field.
    pub fn invalid(field: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { field: Some(field.into()), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_ERROR", detail) }
    }

    /// 400: the request can't be read.
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", detail)
    }

    /// 401 with the challenge `Bearer`.
    pub fn unauthenticated(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { challenge: Some("Bearer".into()), ..Self::new(StatusCode::UNAUTHORIZED, code, detail) }
    }

    /// 403.
    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
    }

    /// 404.
    pub fn not_found(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// 429 with `Retry-After`.
    pub fn too_many(retry_after: u64, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", detail) }
    }

    /// 503 with `Retry-After`.
    pub fn unavailable(code: &'static str, retry_after: u64, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail) }
    }

    /// 500. The cause goes to the log, never to the client.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(error = %cause, "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "SERVER_ERROR",
            "Something went wrong here; the operator's log has the cause.",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let errors = match &self.field {
            Some(field) => {
                vec![FieldError {
                    field: field.clone(),
                    detail: self.detail.clone().into_owned(),
                    code: self.code.clone(),
                }]
            }
            None => Vec::new(),
        };
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            error_code: &self.code,
            code: &self.code,
            field: self.field.as_deref(),
            errors,
            request_id: crate::observe::current_request_id(),
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let named = [(header::WWW_AUTHENTICATE, self.challenge.as_deref()), (header::ALLOW, self.allow.as_deref())];
        for (name, value) in named {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}
