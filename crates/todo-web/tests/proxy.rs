//! The way to the backend, over real sockets: streams, back-pressure, and clients that go away.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, body::Body, extract::Request, response::Response, routing::any};
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::{client::legacy::Client as Http, rt::TokioExecutor};
use todo_client::Client;
use todo_service::Shutdown;
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

async fn proxy_to(backend: SocketAddr) -> SocketAddr {
    proxy_until(backend, Shutdown::default()).await
}

async fn proxy_until(backend: SocketAddr, shutdown: Shutdown) -> SocketAddr {
    let client = Client::http(&format!("http://{backend}").parse().unwrap()).unwrap();
    serve(todo_web::proxy::router(client, false, shutdown)).await
}

async fn send(request: http::Request<Body>) -> http::Response<hyper::body::Incoming> {
    Http::builder(TokioExecutor::new()).build_http().request(request).await.unwrap()
}

/// Waits for a condition, for two seconds at most.
async fn eventually(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..200 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not happen within two seconds");
}

#[tokio::test]
async fn requests_arrive_as_they_were_sent() {
    async fn echo(request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let names =
            ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "authorization", "cookie", "te", "keep-alive"];
        let seen: Vec<_> =
            names.iter().filter_map(|name| Some((*name, parts.headers.get(*name)?.to_str().ok()?))).collect();
        let length = body.collect().await.unwrap().to_bytes().len();
        let text = format!("{} {} {seen:?} {length}", parts.method, parts.uri);
        Response::builder()
            .status(207)
            .header("x-own", "1")
            .header("keep-alive", "timeout=5")
            .body(Body::from(text))
            .unwrap()
    }
    let front = proxy_to(serve(Router::new().fallback(any(echo))).await).await;
    let request = http::Request::builder()
        .method("PROPFIND")
        .uri(format!("http://{front}/dav/tasks/a%20b?x=1&y=%2F"))
        .header("cookie", "a=b")
        .header("te", "trailers")
        .header("keep-alive", "timeout=5")
        .body(Body::from("12345"))
        .unwrap();
    let answer = send(request).await;
    assert_eq!(answer.status(), 207);
    assert_eq!(answer.headers()["x-own"], "1");
    assert!(!answer.headers().contains_key("keep-alive"));
    let text = String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
    assert!(text.starts_with("PROPFIND /dav/tasks/a%20b?x=1&y=%2F"), "{text}");
    assert!(text.contains("(\"x-forwarded-for\", \"127.0.0.1\")") && text.contains("(\"cookie\", \"a=b\")"), "{text}");
    assert!(text.contains(&format!("(\"x-forwarded-host\", \"{front}\")")), "{text}");
    assert!(!text.contains("\"te\"") && !text.contains("\"keep-alive\"") && text.ends_with(" 5"), "{text}");
}

#[tokio::test]
async fn events_arrive_one_by_one() {
    let (sender, receiver) = mpsc::channel::<Result<Bytes, Infallible>>(1);
    let receiver = Arc::new(std::sync::Mutex::new(Some(receiver)));
    let backend = Router::new().route(
        "/api/events",
        any(move || {
            let stream = ReceiverStream::new(receiver.lock().unwrap().take().unwrap());
            async { ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(stream)) }
        }),
    );
    let front = proxy_to(serve(backend).await).await;
    let request = http::Request::get(format!("http://{front}/api/events")).header(header::ACCEPT_ENCODING, "br, gzip");
    let mut answer = send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert!(!answer.headers().contains_key(header::CONTENT_ENCODING));
    for n in 0..5 {
        let event = format!("event: change\ndata: {n}\n\n");
        sender.send(Ok(Bytes::from(event.clone()))).await.unwrap();
        let frame = tokio::time::timeout(Duration::from_secs(2), answer.frame())
            .await
            .expect("not held back")
            .unwrap()
            .unwrap();
        assert_eq!(frame.into_data().unwrap(), event);
    }
}

#[tokio::test]
async fn event_streams_end_with_the_process_and_answers_do_not() {
    let endless = || futures::stream::repeat(Ok::<_, Infallible>(Bytes::from_static(b": tick\n\n")));
    let ticks = endless()
        .then(|tick| async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            tick
        })
        .boxed();
    let ticks = Arc::new(std::sync::Mutex::new(Some(ticks)));
    let backend = Router::new()
        .route(
            "/api/events",
            any(move || {
                let ticks = ticks.lock().unwrap().take().unwrap();
                async { ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(ticks)) }
            }),
        )
        .route(
            "/api/chat",
            any(|| async {
                let words = futures::stream::iter(["data: a\n\n", "data: b\n\n"]).then(|word| async move {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    Ok::<_, Infallible>(word)
                });
                ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(words))
            }),
        );
    let shutdown = Shutdown::default();
    let front = proxy_until(serve(backend).await, shutdown.clone()).await;
    let mut events = send(http::Request::get(format!("http://{front}/api/events")).body(Body::empty()).unwrap()).await;
    events.frame().await.unwrap().unwrap();
    let chat = send(http::Request::post(format!("http://{front}/api/chat")).body(Body::empty()).unwrap()).await;
    shutdown.stop();
    let rest = tokio::time::timeout(Duration::from_secs(2), events.into_body().collect());
    rest.await.expect("the stream of events ends").unwrap();
    assert_eq!(chat.into_body().collect().await.unwrap().to_bytes(), "data: a\n\ndata: b\n\n");
}

#[tokio::test]
async fn a_read_is_repeated_when_its_connection_ends_and_a_change_is_not() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for turn in 0.. {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut head = [0; 2048];
            assert!(connection.read(&mut head).await.unwrap() > 0);
            // Every first connection ends without an answer, as that of a killed server.
            if turn % 2 == 1 {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                connection.write_all(answer).await.unwrap();
            }
        }
    });
    let front = proxy_to(address).await;
    let ask = |method: &str| {
        send(
            http::Request::builder()
                .method(method)
                .uri(format!("http://{front}/api/tasks"))
                .body(Body::empty())
                .unwrap(),
        )
    };
    assert_eq!(ask("GET").await.status(), StatusCode::OK);
    assert_eq!(ask("POST").await.status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_backend_that_starts_again_is_waited_for() {
    let address = { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    let front = proxy_to(address).await;
    let asking = tokio::spawn(async move {
        send(http::Request::get(format!("http://{front}/api/tasks")).body(Body::empty()).unwrap()).await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let listener = TcpListener::bind(address).await.unwrap();
    let router = Router::new().fallback(any(|| async { "here" }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    assert_eq!(asking.await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_request_along() {
    let gone = Arc::new(AtomicBool::new(false));
    struct Guard(Arc<AtomicBool>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let flag = Arc::clone(&gone);
    let backend = Router::new().route(
        "/api/events",
        any(move || {
            let guard = Guard(Arc::clone(&flag));
            let ticks = futures::stream::unfold(guard, |guard| async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Ok::<_, Infallible>(Bytes::from_static(b": tick\n\n")), guard))
            });
            async { Body::from_stream(ticks) }
        }),
    );
    let front = proxy_to(serve(backend).await).await;
    let mut answer = send(http::Request::get(format!("http://{front}/api/events")).body(Body::empty()).unwrap()).await;
    answer.frame().await.unwrap().unwrap();
    assert!(!gone.load(Ordering::SeqCst));
    drop(answer);
    eventually("the backend noticing", || gone.load(Ordering::SeqCst)).await;
}

#[tokio::test]
async fn a_slow_reader_slows_the_backend() {
    let made = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&made);
    let backend = Router::new().route(
        "/api/export",
        any(move || {
            let counter = Arc::clone(&counter);
            let chunks = futures::stream::iter(0..4096).map(move |_| {
                counter.fetch_add(1, Ordering::SeqCst);
                Ok::<_, Infallible>(Bytes::from(vec![0_u8; 64 * 1024]))
            });
            async { Body::from_stream(chunks) }
        }),
    );
    let front = proxy_to(serve(backend).await).await;
    let mut answer = send(http::Request::get(format!("http://{front}/api/export")).body(Body::empty()).unwrap()).await;
    answer.frame().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let stalled = made.load(Ordering::SeqCst);
    assert!(stalled < 1000, "{stalled} of 4096 chunks were made although nobody reads");
    let mut length = 64 * 1024;
    while let Some(frame) = answer.frame().await {
        length += frame.unwrap().into_data().map_or(0, |data| data.len());
    }
    assert!(length >= 4095 * 64 * 1024, "all of it arrives once it is read: {length}");
}

#[tokio::test]
async fn uploads_stream_too() {
    async fn first(request: Request) -> String {
        let mut body = request.into_body();
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        String::from_utf8(frame.to_vec()).unwrap()
    }
    let front = proxy_to(serve(Router::new().fallback(any(first))).await).await;
    let (sender, receiver) = mpsc::channel::<Result<Bytes, Infallible>>(1);
    sender.send(Ok(Bytes::from_static(b"early"))).await.unwrap();
    let request = http::Request::post(format!("http://{front}/api/import"))
        .body(Body::from_stream(ReceiverStream::new(receiver)))
        .unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(2), send(request))
        .await
        .expect("the backend reads before the upload ends");
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "early");
    drop(sender);
}

#[tokio::test]
async fn a_backend_that_is_gone_is_a_problem_document() {
    let closed = { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    let front = proxy_to(closed).await;
    let answer = send(http::Request::get(format!("http://{front}/api/tasks")).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert!(answer.headers().contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn a_typed_client_works_over_http() {
    async fn task(headers: HeaderMap) -> Result<Json<serde_json::Value>, StatusCode> {
        if headers[header::AUTHORIZATION] != "Bearer secret" {
            return Err(StatusCode::UNAUTHORIZED);
        }
        Ok(Json(serde_json::json!({ "name": "Ana", "timezone": "Europe/Paris" })))
    }
    let backend = serve(Router::new().route("/base/api/profile", any(task))).await;
    let client = Client::http(&format!("http://{backend}/base/").parse().unwrap()).unwrap();
    let ana = client.acting_as(todo_client::Identity::bearer("secret"));
    assert_eq!(ana.profile().await.unwrap().name, "Ana");
    let refused = client.acting_as(todo_client::Identity::bearer("other")).profile().await.unwrap_err();
    assert!(refused.is_signed_out(), "{refused}");
    assert!(Client::http(&"https://backend".parse().unwrap()).is_err());
}
