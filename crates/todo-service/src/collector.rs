//! The way to an OpenTelemetry collector: one plain HTTP/1.1 request at a time, from the exporter's own thread.

use std::{future::Future, pin::Pin, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

/// Longest answer that is read; a collector has little to say.
const ANSWER_MAX: usize = 64 * 1024;

/// An HTTP client with a small runtime of its own: the exporter calls it from a thread that has none.
#[derive(Debug)]
pub(crate) struct Collector {
    runtime: tokio::runtime::Runtime,
    timeout: Duration,
}

impl Collector {
    /// A client that gives an answer up after `timeout`.
    pub(crate) fn new(timeout: Duration) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, timeout })
    }
}

impl HttpClient for Collector {
    fn send_bytes<'own, 'sent>(
        &'own self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'sent>>
    where
        'own: 'sent,
        Self: 'sent,
    {
        Box::pin(async move {
            // Not awaited: the exporter's executor drives no sockets.
            self.runtime.block_on(async { tokio::time::timeout(self.timeout, exchange(request)).await })?
        })
    }
}

async fn exchange(request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let (mut parts, body) = request.into_parts();
    let authority = parts.uri.authority().ok_or("the collector's address has no host")?.clone();
    let host = authority.host().trim_matches(['[', ']']);
    let stream = tokio::net::TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await?;
    parts.headers.insert(http::header::HOST, authority.as_str().parse()?);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let answer = async {
        let (parts, body) = sender.send_request(Request::from_parts(parts, Full::new(body))).await?.into_parts();
        let body = Limited::new(body, ANSWER_MAX).collect().await?.to_bytes();
        Ok(Response::from_parts(parts, body))
    };
    tokio::select! {
        answer = answer => answer,
        Err(error) = connection => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::{
        io::{Read, Write},
        net::TcpListener,
    };

    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_batch_is_posted_to_the_collector_and_its_answer_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let collector = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut received = Vec::new();
            while !received.ends_with(b"spans") {
                let mut part = [0; 512];
                let read = stream.read(&mut part).unwrap();
                received.extend_from_slice(&part[..read]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
            String::from_utf8(received).unwrap()
        });
        let request = Request::post(format!("http://{address}/v1/traces")).body(Bytes::from_static(b"spans")).unwrap();
        let client = Collector::new(Duration::from_secs(5)).unwrap();
        let answer = client.send_bytes(request).now_or_never().unwrap().unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (200, b"ok".as_slice()));
        let received = collector.join().unwrap();
        assert!(received.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{received}");
        assert!(received.to_lowercase().contains(&format!("host: {address}\r\n")), "{received}");
    }

    #[test]
    fn nobody_there_is_an_error() {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let request = Request::post(format!("http://{address}/")).body(Bytes::new()).unwrap();
        let client = Collector::new(Duration::from_secs(5)).unwrap();
        assert!(client.send_bytes(request).now_or_never().unwrap().is_err());
    }
}
