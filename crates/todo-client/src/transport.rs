//! How requests travel.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Uri, uri::PathAndQuery};
use http_body_util::{BodyExt, Empty, Full, combinators::UnsyncBoxBody};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tower::Service;
use url::Url;

use crate::ClientError;

/// A connection or a body that broke off, with the cause.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(Box<dyn std::error::Error + Send + Sync>);

impl Broken {
    /// Wraps any error.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// A body that streams; nothing is collected on the way.
pub type Body = UnsyncBoxBody<Bytes, Broken>;

/// A body of nothing.
#[must_use]
pub fn empty() -> Body {
    Empty::new().map_err(never).boxed_unsync()
}

/// A body of these bytes.
#[must_use]
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(never).boxed_unsync()
}

fn never(error: Infallible) -> Broken {
    match error {}
}

/// Sends requests to a backend over HTTP/1.1, with kept-alive connections and Nagle's algorithm off.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    base: Uri,
    inner: HyperClient<HttpConnector, Body>,
}

impl HttpTransport {
    /// How long to wait for a connection.
    const CONNECT: Duration = Duration::from_secs(5);
    /// How long an idle connection is kept; below the common keep-alive limit of servers, so that none is used as it closes.
    const IDLE: Duration = Duration::from_secs(20);

    /// A transport to the backend at that address.
    ///
    /// # Errors
    /// [`ClientError::Address`] unless it is `http://host[:port]`, optionally with a path.
    pub fn new(base: &Url) -> Result<Self, ClientError> {
        if base.scheme() != "http" || base.host().is_none() {
            return Err(ClientError::Address(base.to_string()));
        }
        let uri = base.as_str().parse().map_err(|_| ClientError::Address(base.to_string()))?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Self::CONNECT));
        connector.set_keepalive(Some(Duration::from_secs(60)));
        let inner = HyperClient::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Self::IDLE)
            .build(connector);
        Ok(Self { base: uri, inner })
    }

    /// The same path and query on the backend.
    fn target(&self, uri: &Uri) -> Result<Uri, http::Error> {
        let prefix = self.base.path().trim_end_matches('/');
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let mut builder = Uri::builder().scheme("http").path_and_query(format!("{prefix}{path}"));
        if let Some(authority) = self.base.authority() {
            builder = builder.authority(authority.clone());
        }
        builder.build()
    }
}

impl Service<Request<Body>> for HttpTransport {
    type Response = Response<Body>;
    type Error = Broken;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let target = self.target(request.uri());
        let inner = self.inner.clone();
        Box::pin(async move {
            *request.uri_mut() = target.map_err(Broken::new)?;
            *request.version_mut() = http::Version::HTTP_11;
            let response = inner.request(request).await.map_err(Broken::new)?;
            Ok(response.map(|body| body.map_err(Broken::new).boxed_unsync()))
        })
    }
}
