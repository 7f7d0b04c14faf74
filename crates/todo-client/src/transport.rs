//! How requests travel.

use std::{
    convert::Infallible,
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Method, Request, Response, Uri, uri::PathAndQuery};
use http_body::Body as _;
use http_body_util::{BodyExt, Empty, Full, combinators::UnsyncBoxBody};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tower::Service;
use url::Url;

use crate::{ClientError, request::IDEMPOTENCY_KEY};

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

/// Connects again when nobody listens, or nobody knows the name: behind a cluster's address some servers may have just died while
/// others live, or the only one is starting again, and so may those that know the names. No request was sent yet, so none is sent
/// twice.
#[derive(Clone, Debug)]
struct Persistent(HttpConnector);

impl Persistent {
    /// How long to go on trying.
    const PATIENCE: Duration = Duration::from_secs(2);
    /// The first pause; each is twice the one before, up to the longest.
    const PAUSE: Duration = Duration::from_millis(5);
    const LONGEST_PAUSE: Duration = Duration::from_millis(160);
}

impl Service<Uri> for Persistent {
    type Response = <HttpConnector as Service<Uri>>::Response;
    type Error = <HttpConnector as Service<Uri>>::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let mut connector = self.0.clone();
        Box::pin(async move {
            let started = Instant::now();
            let mut pause = Self::PAUSE;
            loop {
                match connector.call(address.clone()).await {
                    Err(error) if may_pass(&error) && started.elapsed() < Self::PATIENCE => {
                        tokio::time::sleep(pause).await;
                        pause = Self::LONGEST_PAUSE.min(pause * 2);
                    }
                    outcome => return outcome,
                }
            }
        })
    }
}

/// The largest body that is kept for a second try, in bytes.
const KEPT: u64 = 64 << 10;

/// The request, and the same once more where asking twice does no harm: reads (RFC 9110 §9.2.2), and what the server does once by its
/// key.
async fn repeatable(request: Request<Body>) -> Result<(Request<Body>, Option<Request<Body>>), Broken> {
    let body = request.body();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD) && body.is_end_stream();
    let is_once =
        request.headers().contains_key(IDEMPOTENCY_KEY) && body.size_hint().exact().is_some_and(|size| size <= KEPT);
    if !is_read && !is_once {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let kept = Request::from_parts(parts, body.collect().await?.to_bytes());
    let whole = |bytes: Bytes| if bytes.is_empty() { empty() } else { full(bytes) };
    Ok((kept.clone().map(whole), Some(kept.map(whole))))
}

/// Whether there was an answer, and it was no; silence has taken its time already.
fn may_pass(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.kind() != io::ErrorKind::TimedOut;
        }
        cause = error.source();
    }
    false
}

/// Sends requests to a backend over HTTP/1.1, with kept-alive connections and Nagle's algorithm off.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    base: Uri,
    inner: HyperClient<Persistent, Body>,
}

impl HttpTransport {
    /// How long to wait for a connection.
    const CONNECT: Duration = Duration::from_secs(5);
    /// How long an idle connection is kept: less than a stopping backend goes on serving (the chart's drain delay), so that none
    /// is used as it closes.
    const IDLE: Duration = Duration::from_secs(3);

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
            .build(Persistent(connector));
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
            let (request, again) = repeatable(request).await?;
            let mut answer = inner.request(request).await;
            // A server that stops may close a kept connection at the very moment at which the next request leaves.
            if let (Err(error), Some(again)) = (&answer, again)
                && !error.is_connect()
            {
                answer = inner.request(again).await;
            }
            let response = answer.map_err(Broken::new)?;
            Ok(response.map(|body| body.map_err(Broken::new).boxed_unsync()))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpSocket},
    };

    use super::*;

    #[test]
    fn a_no_may_pass_and_silence_has_passed() {
        for (kind, passes) in [
            (io::ErrorKind::ConnectionRefused, true),
            (io::ErrorKind::NetworkUnreachable, true),
            // As the resolver's "try again" comes.
            (io::ErrorKind::Other, true),
            (io::ErrorKind::TimedOut, false),
        ] {
            assert_eq!(may_pass(&Outer(io::Error::new(kind, "why"))), passes, "{kind}");
        }
        assert!(!may_pass(&Broken::new("no error of the system")));
    }

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] io::Error);

    /// Answers every request but the first `deaf` ones, on which it hangs up, with what was sent to it.
    async fn serve(listener: TcpListener, mut deaf: usize) -> io::Result<()> {
        loop {
            let (mut stream, _) = listener.accept().await?;
            let mut asked = String::new();
            let is_whole = |asked: &str| asked.ends_with(if asked.starts_with("GET") { "\r\n\r\n" } else { "milk" });
            while !is_whole(&asked) {
                asked.push(char::from(stream.read_u8().await?));
            }
            if deaf > 0 {
                deaf -= 1;
                continue;
            }
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{asked}", asked.len());
            stream.write_all(answer.as_bytes()).await?;
        }
    }

    fn to(address: io::Result<SocketAddr>) -> HttpTransport {
        HttpTransport::new(&format!("http://{}", address.unwrap()).parse().unwrap()).unwrap()
    }

    /// To a server that hangs up on the first request.
    async fn forgetful() -> HttpTransport {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let transport = to(listener.local_addr());
        tokio::spawn(serve(listener, 1));
        transport
    }

    #[tokio::test]
    async fn what_does_no_harm_twice_is_sent_again_and_nothing_else() {
        let read = Request::get("/tasks").body(empty()).unwrap();
        assert_eq!(forgetful().await.call(read).await.unwrap().status(), 200);

        let once = Request::post("/tasks").header(IDEMPOTENCY_KEY, "k").body(full("milk")).unwrap();
        let answer = forgetful().await.call(once).await.unwrap().into_body().collect().await.unwrap().to_bytes();
        let said = String::from_utf8_lossy(&answer);
        assert!(said.contains("idempotency-key: k") && said.ends_with("milk"), "{said}");

        let write = Request::post("/tasks").body(full("milk")).unwrap();
        assert!(forgetful().await.call(write).await.is_err(), "without a key it might be done twice");
    }

    #[tokio::test]
    async fn a_server_that_comes_within_two_seconds_is_in_time() {
        let begun = Instant::now();
        // The port is taken, and nobody listens yet.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut transport = to(socket.local_addr());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            serve(socket.listen(8)?, 0).await
        });
        let answer = transport.call(Request::get("/").body(empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(begun.elapsed() > Duration::from_millis(250));
    }
}
