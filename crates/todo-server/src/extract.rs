//! Reading requests: like axum's extractors, but every refusal is a problem document that names the field.

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use todo_service::Problem;

/// Largest body, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;

/// A JSON body in or out.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        require_json(request.headers())?;
        let body = read_body(request, state).await?;
        from_slice(&body).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => json(body),
            Err(error) => Problem::internal(&error).into_response(),
        }
    }
}

/// An answer whose JSON is written already.
pub fn json(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// The whole body, within [`BODY_MAX`].
///
/// # Errors
/// 413 when it is larger, 400 when it breaks off.
pub async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(failed) if failed.status() == StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PAYLOAD_TOO_LARGE",
            format!("The body must have at most {BODY_MAX} bytes."),
        ),
        other => Problem::bad_request(format!("The body could not be read: {}.", other.body_text())),
    })
}

/// Reads JSON: 400 when it is none, 422 with the field when it does not fit.
///
/// # Errors
/// See above.
pub fn from_slice<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(unfit)?;
    reader.end().map_err(|error| no_json(&error))?;
    Ok(value)
}

/// Apart from [`from_slice`], which is compiled for every type that is read.
fn unfit(error: serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let path = error.path().to_string();
    let inner = error.into_inner();
    if inner.classify() != serde_json::error::Category::Data {
        return no_json(&inner);
    }
    let field = if path == "." { unknown_field(&inner).unwrap_or_else(|| "body".to_owned()) } else { path };
    Problem::invalid(field, sentence(&inner.to_string()))
}

fn no_json(error: &serde_json::Error) -> Problem {
    Problem::bad_request(format!("The body is no valid JSON: {error}."))
}

/// The name in "unknown field `x`".
fn unknown_field(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let rest = text.strip_prefix("unknown field `").or_else(|| text.strip_prefix("missing field `"))?;
    rest.split('`').next().map(str::to_owned)
}

fn sentence(text: &str) -> String {
    // serde_json adds " at line 1 column 2", which says little about a one-line body.
    let text = text.split(" at line ").next().unwrap_or(text);
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// Checks that the body claims to be JSON.
///
/// # Errors
/// 415 otherwise.
pub fn require_json(headers: &http::HeaderMap) -> Result<(), Problem> {
    if is_json(headers) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UNSUPPORTED_MEDIA_TYPE",
        "The body must be JSON: send `Content-Type: application/json`.",
    ))
}

fn is_json(headers: &http::HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
    })
}

/// The query string.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|rejection| unfit_query(&rejection))
    }
}

fn unfit_query(rejection: &QueryRejection) -> Problem {
    let text = rejection.body_text();
    let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
    let field = text
        .split_once('`')
        .and_then(|(_, rest)| rest.split('`').next())
        .or_else(|| text.split_once(": ").map(|(field, _)| field))
        .unwrap_or("query");
    Problem::invalid(field.to_owned(), sentence(text))
}

/// The variables of the path. Read into a struct, so that `user_id` may be there or not.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|path| Self(path.0))
            .map_err(|_| Problem::not_found("NOT_FOUND", "There is nothing at this address."))
    }
}
