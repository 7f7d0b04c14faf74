//! Running a command and answering for it: exactly once per `Idempotency-Key`, with the operation to undo in a header.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned},
    ser,
};
use sha2::{Digest, Sha256};
use todo_domain::{Command, Outcome, Task, wire::write_task};
use todo_service::Problem;
use todo_store::idempotency::{Idempotency, Response as Stored};

use crate::{caller::Caller, errors::problem, extract};

/// Names the operation that a request made, for `POST /api/operations/{id}/undo`.
pub const OPERATION_ID: HeaderName = HeaderName::from_static("operation-id");
/// Says that the answer was given before, to an earlier try with the same key.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The key of a request that must take effect once, with a fingerprint of what it asks.
#[derive(Clone, Debug)]
pub struct OnceKey {
    /// The client's key.
    pub key: String,
    /// SHA-256 over method, path and body.
    pub fingerprint: Vec<u8>,
}

impl OnceKey {
    /// The key that the request carries, if any (draft-ietf-httpapi-idempotency-key-header; quoted or bare).
    ///
    /// # Errors
    /// 400 when the key is empty, too long or not printable.
    pub fn of(
        method: &http::Method,
        path: &str,
        key: Option<&HeaderValue>,
        body: &[u8],
    ) -> Result<Option<Self>, Problem> {
        let Some(value) = key else { return Ok(None) };
        let text = value.to_str().unwrap_or_default().trim();
        let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        if !(1..=255).contains(&key.len()) || !key.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Err(Problem {
                field: Some("Idempotency-Key".into()),
                ..Problem::bad_request("`Idempotency-Key` must be 1 to 255 printable characters.")
            });
        }
        let mut hash = Sha256::new();
        for part in [method.as_str().as_bytes(), b"\n", path.as_bytes(), b"\n", body] {
            hash.update(part);
        }
        Ok(Some(Self { key: key.to_owned(), fingerprint: hash.finalize().to_vec() }))
    }
}

/// A JSON body that asks for a change, and the key under which it must take effect once.
#[derive(Clone, Debug)]
pub struct Submission<T> {
    /// What is asked.
    pub value: T,
    /// The key, if the client sent one.
    pub once: Option<OnceKey>,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Submission<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (body, once) = submitted(request, state).await?;
        Ok(Self { value: extract::from_slice(&body)?, once })
    }
}

/// What a [`Submission`] needs before its type matters.
async fn submitted<S: Send + Sync>(request: Request, state: &S) -> Result<(Bytes, Option<OnceKey>), Problem> {
    extract::require_json(request.headers())?;
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let key = request.headers().get(IDEMPOTENCY_KEY).cloned();
    let body = extract::read_body(request, state).await?;
    let once = OnceKey::of(&method, uri.path(), key.as_ref(), &body)?;
    Ok((body, once))
}

/// A request without a body that asks for a change.
#[derive(Clone, Debug)]
pub struct Bare {
    /// The key, if the client sent one.
    pub once: Option<OnceKey>,
    /// The version that `If-Match` demands.
    pub if_version: Option<i64>,
}

impl<S: Send + Sync> FromRequestParts<S> for Bare {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut http::request::Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let once = OnceKey::of(&parts.method, parts.uri.path(), parts.headers.get(IDEMPOTENCY_KEY), &[])?;
        Ok(Self { once, if_version: if_match(&parts.headers)? })
    }
}

/// The version in `If-Match: "v3"`; `*` and no header demand nothing.
///
/// # Errors
/// 412 for a tag that can't be ours: it matches no version.
pub fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version =
        text.strip_prefix("\"v").and_then(|rest| rest.strip_suffix('"')).and_then(|digits| digits.parse().ok());
    version.map(Some).ok_or_else(|| {
        Problem::new(StatusCode::PRECONDITION_FAILED, "VERSION_CONFLICT", "`If-Match` names no version of this task.")
    })
}

/// The entity tag of a task.
#[must_use]
pub fn etag(task: &Task) -> String {
    format!("\"v{}\"", task.version)
}

/// An answer that can be stored and given again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Answer {
    status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(default)]
    body: Text,
}

/// JSON as text. Stored it is the value that it says; most answers are not stored, and so never are anything but text.
#[derive(Debug, Default)]
struct Text(Vec<u8>);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.serialize_unit();
        }
        serde_json::from_slice::<serde_json::Value>(&self.0).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        serde_json::to_vec(&value).map(Self).map_err(de::Error::custom)
    }
}

impl Answer {
    /// An answer with a body.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        Self { status: status.as_u16(), body: Text(serde_json::to_vec(body).unwrap_or_default()), ..Self::default() }
    }

    /// 204.
    #[must_use]
    pub fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT.as_u16(), ..Self::default() }
    }

    /// One task, with its entity tag.
    #[must_use]
    pub fn task(status: StatusCode, task: Option<&Task>) -> Self {
        let Some(task) = task else { return Self::json(status, &serde_json::Value::Null) };
        let mut body = Vec::new();
        write_task(&mut body, task);
        Self { status: status.as_u16(), etag: Some(etag(task)), body: Text(body), ..Self::default() }
    }

    /// Where the new thing is.
    #[must_use]
    pub fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    fn of(mut self, outcome: &Outcome) -> Self {
        self.operation = outcome.operation.as_ref().map(|operation| operation.id.to_string());
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = if status == StatusCode::NO_CONTENT {
            status.into_response()
        } else {
            (status, extract::json(self.body.0)).into_response()
        };
        let headers = [(OPERATION_ID, self.operation), (header::ETAG, self.etag), (header::LOCATION, self.location)];
        for (name, value) in headers {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Runs a command and answers. With a key the answer is stored in the transaction of the command, and given again to every
/// later try with that key.
///
/// # Errors
/// The problem document of what was refused or failed.
pub async fn execute(
    caller: &Caller,
    once: Option<OnceKey>,
    command: Command,
    respond: impl Fn(&Outcome) -> Answer + Send + Sync + 'static,
) -> Result<Response, Problem> {
    let context = caller.context();
    let Some(once) = once else {
        let outcome = caller.scope.run(command, &context).await.map_err(problem)?;
        return Ok(respond(&outcome).of(&outcome).into_response());
    };
    let store = move |outcome: &Outcome| {
        let answer = respond(outcome).of(outcome);
        Stored { status: answer.status, body: serde_json::to_vec(&answer).unwrap_or_default() }
    };
    let key = Idempotency::new(once.key, once.fingerprint, store);
    let ran = caller.scope.run_once(command, &context, key).await.map_err(problem)?;
    let answer: Answer = serde_json::from_slice(&ran.response.body).map_err(|error| Problem::internal(&error))?;
    let mut response = answer.into_response();
    if ran.outcome.is_none() {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}
