//! HTTP to a provider: one request, and its answer as it arrives.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout, timeout_at};

use super::{ModelError, RESPONSE_MAX, reported, retry, short};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer that has begun may pause.
const SILENCE: Duration = Duration::from_secs(30);
/// How much of an error's body is read, and for how long.
const ERROR_MAX: usize = 64 * 1024;
const ERROR_WAIT: Duration = Duration::from_secs(5);

/// A client with its connections.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: String,
    headers: HeaderMap,
    key: Option<SecretString>,
}

impl Transport {
    pub(super) fn new(
        tls: rustls::ClientConfig,
        url: String,
        mut headers: HeaderMap,
        key: Option<SecretString>,
    ) -> Result<Self, http::header::InvalidHeaderValue> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(http);
        headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT, http::HeaderValue::from_static("text/event-stream, application/json"));
        headers.insert(
            header::USER_AGENT,
            http::HeaderValue::from_static(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"))),
        );
        if let Some(key) = &key {
            let mut value = http::HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), url, headers, key })
    }

    /// Sends a request. Redirects are not followed: the operator names the provider, nobody else. Dropping the answer closes the
    /// connection, which tells the provider to stop.
    pub(super) async fn send(&self, body: Bytes, deadline: Instant) -> Result<Incoming, ModelError> {
        let mut request = Request::post(&self.url)
            .body(Full::new(body))
            .map_err(|error| ModelError::Unreachable(error.to_string()))?;
        *request.headers_mut() = self.headers.clone();
        let response = timeout_at(deadline, self.client.request(request))
            .await
            .map_err(|_| ModelError::Timeout)?
            .map_err(|error| ModelError::Unreachable(self.told(&causes(&error))))?;
        if !response.status().is_success() {
            return Err(self.refusal(response, deadline).await);
        }
        let streams = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_none_or(|kind| !kind.trim_start().starts_with("application/json"));
        Ok(Incoming { body: response.into_body(), read: 0, deadline, streams })
    }

    async fn refusal(&self, response: Response<hyper::body::Incoming>, deadline: Instant) -> ModelError {
        let status = response.status().as_u16();
        let header =
            |name: &'static str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let retry_after = retry::retry_after(header, Timestamp::now());
        let should_retry = header("x-should-retry").and_then(|text| text.parse().ok());
        let wait = ERROR_WAIT.min(deadline.saturating_duration_since(Instant::now()));
        let body = timeout(wait, Limited::new(response.into_body(), ERROR_MAX).collect()).await;
        let body = body.ok().and_then(Result::ok).map(|body| body.to_bytes()).unwrap_or_default();
        let message = match serde_json::from_slice::<serde_json::Value>(&body) {
            Ok(json) => match reported(json.get("error").unwrap_or(&json)) {
                ModelError::Reported { message, .. } => message,
                _ => String::new(),
            },
            Err(_) => short(&String::from_utf8_lossy(&body)),
        };
        ModelError::Status { status, message: self.told(&message), retry_after, should_retry }
    }

    /// What may be logged of a message: some providers repeat the key in it.
    fn told(&self, message: &str) -> String {
        match &self.key {
            Some(key) => message.replace(key.expose_secret(), "********"),
            None => message.to_owned(),
        }
    }
}

/// An error with what caused it: the outermost alone says "client error (Connect)".
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    short(&text)
}

/// An answer that arrives.
#[derive(Debug)]
pub(super) struct Incoming {
    body: hyper::body::Incoming,
    read: usize,
    deadline: Instant,
    /// Whether it is a stream of events rather than one JSON document.
    pub(super) streams: bool,
}

impl Incoming {
    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, ModelError> {
        loop {
            let until = self.deadline.min(Instant::now() + SILENCE);
            let frame = timeout_at(until, self.body.frame()).await.map_err(|_| ModelError::Timeout)?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|_| ModelError::BrokenOff)?;
            let Ok(data) = frame.into_data() else { continue };
            self.read += data.len();
            if self.read > RESPONSE_MAX {
                return Err(ModelError::TooLarge);
            }
            return Ok(Some(data));
        }
    }
}
