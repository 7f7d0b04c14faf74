//! Live events: nothing lost, nothing twice.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt;
use http::Method;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::{App, User};

struct Stream {
    body: BodyDataStream,
    text: String,
}

impl Stream {
    async fn open(app: &App, user: &User<'_>, last: Option<&str>) -> Self {
        let mut request = user.request(Method::GET, "/api/events");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = app.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event: its name, id and data.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
                        .unwrap_or_default()
                };
                if field("event").is_empty() {
                    continue;
                }
                return Some((field("event"), field("id"), serde_json::from_str(&field("data")).unwrap_or_default()));
            }
            let chunk =
                tokio::time::timeout(Duration::from_secs(5), self.body.next()).await.expect("an event within 5 s")?;
            self.text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn changes_arrive_and_a_stream_resumes_where_it_stopped() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let bob = app.user("bob").await;
        let mut stream = Stream::open(&app, &alice, None).await;
        assert_eq!(stream.next().await.unwrap().0, "hello");
        bob.task(json!({"title": "not yours"})).await;
        let task = alice.task(json!({"title": "a"})).await;
        let (name, id, data) = stream.next().await.unwrap();
        assert_eq!(
            (name.as_str(), &data["task_id"], &data["tasks"][0]["change"]),
            ("change", &task["id"], &json!("created"))
        );
        drop(stream);
        alice.poke("/api/tasks/1/complete").await;
        alice.delete("/api/tasks/1").await;
        let mut again = Stream::open(&app, &alice, Some(&id)).await;
        assert_eq!(again.next().await.unwrap().0, "hello");
        let (_, second, data) = again.next().await.unwrap();
        assert_eq!(data["tasks"][0]["change"], "completed");
        let (_, third, data) = again.next().await.unwrap();
        assert_eq!(data["tasks"][0]["change"], "deleted");
        let numbers: Vec<i64> = [id, second, third].iter().map(|id| id.parse().unwrap()).collect();
        assert_eq!(numbers, [numbers[0], numbers[0] + 1, numbers[0] + 2], "no gap, no repeat");
    }
}

#[tokio::test]
async fn an_unknown_position_says_reset_and_a_stop_says_goodbye() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let mut stream = Stream::open(&app, &alice, Some("999")).await;
        assert_eq!(stream.next().await.unwrap().0, "reset");
        app.state.shutdown.stop();
        let (name, id, _) = stream.next().await.unwrap();
        assert_eq!((name.as_str(), id.as_str()), ("goodbye", "0"));
        assert!(stream.next().await.is_none(), "the stream ends");
        let refused = alice.get("/api/events?after=soon").await;
        assert_eq!(refused.status, 422);
    }
}
