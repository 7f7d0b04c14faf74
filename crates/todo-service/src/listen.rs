//! The listener: limits on what a connection may cost, and a stop that loses no request. It speaks HTTP/1.1: browsers speak HTTP/2 only
//! over TLS, and what ends TLS in front of us passes requests on one by one.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::ConnectInfo,
    http::{HeaderValue, header::CONNECTION},
};
use futures::FutureExt as _;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::ServiceExt;

use crate::shutdown::{Grace, Shutdown};

/// What a connection may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How long a client may take to send the head of a request.
    pub head_timeout: Duration,
    /// How long a client may take nothing of what is sent to it.
    pub write_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 20_000, head_timeout: Duration::from_secs(10), write_timeout: Duration::from_secs(60) }
    }
}

/// Opens a port.
///
/// # Errors
/// One line that names the address and the remedy.
pub async fn bind(host: IpAddr, port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(host, port);
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("PORT: {address} is in use by another program; stop it, or set PORT to a free port")
        }
        io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("PORT: no permission to listen on {address}; use a port above 1023")
        }
        _ => anyhow::anyhow!("HOST/PORT: can't listen on {address}: {error}"),
    })
}

/// Serves until `shutdown` says that listening should end; then waits for requests in flight.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, shutdown: &Shutdown, grace: Grace) {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(limits.connections));
    let builder = builder(limits);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots, limits.write_timeout) => accepted,
            () = shutdown.listening_should_end() => break,
        };
        let Some((stream, peer, slot)) = accepted else { continue };
        let router = router.clone();
        let stopping = shutdown.clone();
        let service =
            TowerToHyperService::new(tower::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                let answered = router.clone().oneshot(request);
                let stopping = stopping.clone();
                async move {
                    let mut answer = answered.await?;
                    // Kept-alive clients go elsewhere now, not when the connection closes under their next request
                    // (RFC 9112 §9.6).
                    if stopping.is_draining() {
                        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                    }
                    Ok::<_, Infallible>(answer)
                }
            }));
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                if timed_out(&error) {
                    let limit_s = limits.write_timeout.as_secs();
                    tracing::info!(%peer, limit_s, "a client took nothing of what was sent to it; its connection is closed");
                } else {
                    tracing::trace!(%error, %peer, "connection ended");
                }
            }
            drop(slot);
        }.boxed());
    }
    drop(listener);
    if tokio::time::timeout(grace.timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!(timeout_s = grace.timeout.as_secs(), "requests in flight did not end within the grace period");
    }
}

/// Whether the kernel gave the connection up, see [`accept`].
fn timed_out(error: &hyper::Error) -> bool {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|error| error.kind() == io::ErrorKind::TimedOut)
}

fn builder(limits: Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head_timeout).max_buf_size(64 * 1024);
    builder
}

type Accepted = (tokio::net::TcpStream, SocketAddr, OwnedSemaphorePermit);

/// The next connection. Out of file descriptors is no reason to stop: wait until some are free.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>, write_timeout: Duration) -> Option<Accepted> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Without it every streamed chunk waits for the acknowledgement of the one before.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY could not be set");
            }
            // A client that never reads, or that is gone without a farewell, would keep its connection and an answer half sent
            // for ever. The kernel ends it (RFC 5482).
            #[cfg(target_os = "linux")]
            if let Err(error) = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(write_timeout)) {
                tracing::debug!(%error, "TCP_USER_TIMEOUT could not be set");
            }
            #[cfg(not(target_os = "linux"))]
            let _ = write_timeout;
            Some((stream, peer, slot))
        }
        Err(error) => {
            if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
                tracing::warn!(%error, "can't accept a connection; trying again in 100 ms (raise the limit of open files if this stays)");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use super::*;

    async fn ask(connection: &mut TcpStream) -> String {
        connection.write_all(b"GET / HTTP/1.1\r\nhost: todo\r\n\r\n").await.unwrap();
        let mut bytes = vec![0; 4096];
        let length = connection.read(&mut bytes).await.unwrap();
        String::from_utf8_lossy(&bytes[..length]).to_lowercase()
    }

    #[tokio::test]
    async fn a_kept_connection_is_given_up_when_the_process_stops() {
        let listener = bind(IpAddr::from([127, 0, 0, 1]), 0).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = Shutdown::default();
        let router = Router::new().route("/", axum::routing::get(async || "ok"));
        let until = shutdown.clone();
        let server =
            tokio::spawn(async move { serve(listener, router, Limits::default(), &until, Grace::default()).await });
        let mut connection = TcpStream::connect(address).await.unwrap();
        let kept = ask(&mut connection).await;
        assert!(kept.starts_with("http/1.1 200") && !kept.contains("connection: close"), "{kept}");
        shutdown.drain();
        let last = ask(&mut connection).await;
        assert!(last.starts_with("http/1.1 200") && last.contains("connection: close"), "{last}");
        assert_eq!(connection.read(&mut [0; 1]).await.unwrap(), 0, "the server closed the connection");
        // New connections are still served until the delay is over.
        assert!(ask(&mut TcpStream::connect(address).await.unwrap()).await.starts_with("http/1.1 200"));
        shutdown.stop();
        server.await.unwrap();
    }
}
