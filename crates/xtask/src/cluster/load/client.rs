//! One HTTP client as a browser or program has it: kept-alive connections, and for some requests a new one.

use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde_json::Value;

/// How long a request may take; more is a failure.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// An account.
#[derive(Clone, Debug)]
pub struct User {
    /// Its address.
    pub email: String,
    /// Its password.
    pub password: String,
    /// A session.
    pub token: String,
}

/// How long an idle connection is kept. Whoever keeps one for longer than a stopping server goes on serving may use it at the very
/// moment at which it closes (RFC 9112 §9.5).
const IDLE: Duration = Duration::from_secs(3);

/// Sends requests to one address.
#[derive(Clone, Debug)]
pub struct Client {
    address: String,
    kept: HyperClient<HttpConnector, Full<Bytes>>,
    fresh: HyperClient<HttpConnector, Full<Bytes>>,
}

impl Client {
    /// For that address, such as `http://10.0.0.2:30080`.
    #[must_use]
    pub fn new(address: &str) -> Self {
        let client = |idle: usize| {
            let mut connector = HttpConnector::new();
            connector.set_nodelay(true);
            HyperClient::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(idle)
                .build(connector)
        };
        Self { address: address.trim_end_matches('/').to_owned(), kept: client(64), fresh: client(0) }
    }

    /// Sends a request and answers the JSON that comes back.
    ///
    /// # Errors
    /// When the connection breaks, time is up, or the status is no success; the message carries the answer.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
        body: Option<&Value>,
        keep: bool,
    ) -> anyhow::Result<Value> {
        let exchange = async {
            let answer = self.open(method, path, token, headers, body, keep).await?;
            let status = answer.status();
            let bytes = answer.into_body().collect().await.context("the answer broke off")?.to_bytes();
            if !status.is_success() {
                bail!("{status}: {}", String::from_utf8_lossy(&bytes).chars().take(200).collect::<String>());
            }
            Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
        };
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(result) => result,
            Err(_) => bail!("no answer within {} s", PATIENCE.as_secs()),
        }
    }

    /// Sends a request and answers as soon as the head is there.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn open(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        headers: &[(&str, &str)],
        body: Option<&Value>,
        keep: bool,
    ) -> anyhow::Result<Response<Incoming>> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.address));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bytes = match body {
            Some(body) => {
                // Better Auth takes sign-ins from the page's own origin only.
                request = request.header("content-type", "application/json").header("origin", &self.address);
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        if !keep {
            request = request.header("connection", "close");
        }
        let client = if keep { &self.kept } else { &self.fresh };
        client.request(request.body(Full::new(bytes))?).await.map_err(|error| {
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(inner) = cause {
                text = format!("{text}: {inner}");
                cause = inner.source();
            }
            anyhow::anyhow!(text)
        })
    }
}
