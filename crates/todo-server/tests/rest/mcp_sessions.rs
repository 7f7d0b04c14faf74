//! Sessions of the Model Context Protocol's earlier era, on both engines and over two replicas: each has a store of its own over one
//! database, as two processes have.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, BodyDataStream},
};
use futures::StreamExt;
use http::{Method, Request, Response, header, request::Parts};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomRequest, JsonObject,
        ServerRequest, Tool,
    },
    service::RequestContext,
};
use serde_json::{Value, json};
use todo_server::{AppState, mcp, router};
use tower::ServiceExt;

use crate::harness::{App, User};

const REVISION: (&str, &str) = ("mcp-protocol-version", "2025-11-25");

/// A client of one session, who may turn to any replica.
struct Client<'a> {
    user: &'a User<'a>,
    session: String,
}

impl<'a> Client<'a> {
    async fn begin(user: &'a User<'a>, at: &Router) -> Self {
        let hello = json!({ "protocolVersion": REVISION.1, "capabilities": { "elicitation": {} }, "clientInfo": { "name": "t", "version": "1" } });
        let mut client = Self { user, session: String::new() };
        let answer =
            client.post(at, json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello })).await;
        assert_eq!(answer.status(), 200);
        client.session = answer.headers()["mcp-session-id"].to_str().unwrap().to_owned();
        let noticed = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(client.post(at, noticed).await.status(), 202);
        client
    }

    fn request(&self, method: Method) -> http::request::Builder {
        let request =
            self.user.request(method, "/mcp").header(header::HOST, "localhost:8000").header(REVISION.0, REVISION.1);
        let request = request.header(header::ACCEPT, "application/json, text/event-stream");
        if self.session.is_empty() { request } else { request.header("mcp-session-id", &self.session) }
    }

    async fn send(at: &Router, request: Request<Body>) -> Response<Body> {
        at.clone().oneshot(request).await.unwrap()
    }

    async fn post(&self, at: &Router, message: Value) -> Response<Body> {
        let request = self.request(Method::POST).header(header::CONTENT_TYPE, "application/json");
        Self::send(at, request.body(Body::from(message.to_string())).unwrap()).await
    }

    /// The answer to a request, which is in one piece.
    async fn ask(&self, at: &Router, method: &str, params: Value) -> Value {
        let answer = self.post(at, json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"application/json".parse().unwrap())
        );
        serde_json::from_slice(&axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap()).unwrap()
    }

    /// The answer to a request, which is a stream.
    async fn stream(&self, at: &Router, method: &str, params: Value) -> Stream {
        Stream::of(self.post(at, json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })).await)
    }

    /// A stream of its own, or the rest of one.
    async fn listen(&self, at: &Router, last: Option<&str>) -> Response<Body> {
        let request = self.request(Method::GET);
        let request = last.into_iter().fold(request, |request, last| request.header("last-event-id", last));
        Self::send(at, request.body(Body::empty()).unwrap()).await
    }

    async fn end(&self, at: &Router) -> u16 {
        Self::send(at, self.request(Method::DELETE).body(Body::empty()).unwrap()).await.status().as_u16()
    }
}

struct Stream {
    body: BodyDataStream,
    text: String,
}

impl Stream {
    fn of(answer: Response<Body>) -> Self {
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        Self { body: answer.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event: its id, and its message if it has one.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let field =
                    |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
                if field("data:").is_empty() && field("id:").is_empty() {
                    continue;
                }
                return Some((field("id:").to_owned(), serde_json::from_str(field("data:")).unwrap_or_default()));
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.body.next()).await.expect("an event")?;
            self.text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    /// The messages until the stream ends.
    async fn rest(mut self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await {
            all.push(event);
        }
        all
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_replica_continues_a_session_and_only_for_its_user() {
    for app in App::each().await {
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let (here, there) = (app.router.clone(), router::router(&app.replica()));
        let client = Client::begin(&ada, &here).await;
        assert_eq!(client.ask(&there, "ping", json!({})).await["result"], json!({}));
        let made =
            client.ask(&there, "tools/call", json!({ "name": "add_task", "arguments": { "title": "Buy milk" } })).await;
        assert_eq!(made["result"]["structuredContent"]["task_id"], 1, "{made}");
        assert!(client.ask(&there, "no/such", json!({})).await["error"]["code"] == -32601);

        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        for id in [client.session.as_str(), "0", "00000000-0000-4000-8000-000000000000"] {
            let foreign = Client { user: &eve, session: id.to_owned() };
            assert_eq!(foreign.post(&here, ping.clone()).await.status(), 404, "{id}");
            assert_eq!(foreign.listen(&here, None).await.status(), 404, "{id}");
        }
        assert_eq!(Client { user: &eve, session: client.session.clone() }.end(&here).await, 404);
        let named = client.request(Method::POST).header(header::CONTENT_TYPE, "application/json");
        let mut unspoken = named.body(Body::from(ping.to_string())).unwrap();
        unspoken.headers_mut().insert(REVISION.0, "1999-01-01".parse().unwrap());
        assert_eq!(Client::send(&here, unspoken).await.status(), 400);
        let mut narrow = client.request(Method::POST).body(Body::from(ping.to_string())).unwrap();
        assert_eq!(Client::send(&here, narrow).await.status(), 415);
        narrow = client
            .request(Method::POST)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from("{}"))
            .unwrap();
        assert_eq!(Client::send(&here, narrow).await.status(), 400);
        for last in ["nonsense", "changes/x", "00000000-0000-4000-8000-000000000000/0"] {
            assert_eq!(client.listen(&here, Some(last)).await.status(), 400, "{last}");
        }

        assert_eq!(client.end(&there).await, 204);
        assert_eq!(client.post(&here, ping).await.status(), 404);
        assert_eq!(client.end(&here).await, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_of_logging_lasts_as_long_as_the_session() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let (here, there) = (app.router.clone(), router::router(&app.replica()));
        let client = Client::begin(&ada, &here).await;
        let add = json!({ "name": "add_task", "arguments": { "title": "Buy milk" } });
        assert_eq!(client.ask(&here, "tools/call", add.clone()).await["result"]["isError"], false);
        client.ask(&here, "logging/setLevel", json!({ "level": "info" })).await;
        let told = client.stream(&there, "tools/call", add).await.rest().await;
        let [(begun, beginning), (_, message), (end, result)] = told.as_slice() else { panic!("{told:?}") };
        assert!(begun.ends_with("/0") && beginning.is_null(), "{told:?}");
        assert_eq!(
            (&message["method"], &message["params"]["data"]["tool"]),
            (&json!("notifications/message"), &json!("add_task"))
        );
        assert_eq!(result["result"]["structuredContent"]["task_id"], 2);
        // It is all there for a client whose connection broke, from where it broke.
        let again = Stream::of(client.listen(&here, Some(begun)).await).rest().await;
        assert_eq!(again, told[1..]);
        assert_eq!(Stream::of(client.listen(&here, Some(end)).await).rest().await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_told_what_changes_wherever_it_listens() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let (here, there) = (app.router.clone(), router::router(&app.replica()));
        ada.task(json!({ "title": "one" })).await;
        let client = Client::begin(&ada, &here).await;
        for wrong in ["todo://tasks/x", "todo://nothing", "file:///etc/passwd", ""] {
            assert!(
                client.ask(&here, "resources/subscribe", json!({ "uri": wrong })).await["error"].is_object(),
                "{wrong}"
            );
        }
        for uri in ["todo://tasks/1", "todo://tasks/2"] {
            assert_eq!(client.ask(&here, "resources/subscribe", json!({ "uri": uri })).await["result"], json!({}));
        }
        let mut stream = Stream::of(client.listen(&there, None).await);
        let (begun, beginning) = stream.next().await.unwrap();
        assert!(begun.starts_with("changes/") && beginning.is_null());

        let updated = |uri: &str| json!({ "jsonrpc": "2.0", "method": "notifications/resources/updated", "params": { "uri": uri } });
        let renamed = ada.with(Method::PATCH, "/api/tasks/1", json!({ "title": "first" }), &[]).await;
        assert_eq!(renamed.status, 200, "{}", renamed.text);
        let (id, told) = stream.next().await.unwrap();
        assert_eq!(told, updated("todo://tasks/1"));
        drop(stream);
        // While nobody listened.
        ada.task(json!({ "title": "two" })).await;
        let mut stream = Stream::of(client.listen(&here, Some(&id)).await);
        stream.next().await.unwrap();
        let (early, told) = stream.next().await.unwrap();
        assert_eq!((early.as_str(), &told["method"]), ("", &json!("notifications/resources/list_changed")));
        assert_eq!(stream.next().await.unwrap().1, updated("todo://tasks/2"));

        client.ask(&there, "resources/unsubscribe", json!({ "uri": "todo://tasks/1" })).await;
        ada.with(Method::PATCH, "/api/tasks/1", json!({ "title": "1" }), &[]).await;
        ada.with(Method::PATCH, "/api/tasks/2", json!({ "title": "2" }), &[]).await;
        assert_eq!(stream.next().await.unwrap().1, updated("todo://tasks/2"));
        assert_eq!(client.end(&there).await, 204);
        assert_eq!(stream.next().await, None, "the stream ends with its session");
    }
}

/// A server whose tools ask the client, as none of the product's does.
#[derive(Clone)]
struct Asking;

impl ServerHandler for Asking {
    fn get_tool(&self, name: &str) -> Option<Tool> {
        Some(Tool::new(name.to_owned(), "", JsonObject::new()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if request.name == "later" {
            let line = context.extensions.get::<Parts>().unwrap().extensions.get::<mcp::Line>().unwrap().clone();
            line.hang_up().await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            return Ok(CallToolResult::success(vec![ContentBlock::text("late")]).into());
        }
        // Two at once: each has its own answer.
        let ask = |what: &str| {
            let question = CustomRequest::new("elicitation/create", Some(json!({ "message": what })));
            context.peer.send_request(ServerRequest::CustomRequest(question))
        };
        let (size, colour) = tokio::join!(ask("size"), ask("colour"));
        let said = [size, colour]
            .map(|answer| answer.map_or_else(|error| error.to_string(), |answer| json!(answer).to_string()));
        Ok(CallToolResult::success(said.map(ContentBlock::text).into()).into())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_asked_here_may_be_answered_there() {
    for app in App::each().await {
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let asking = |state: AppState| mcp::open(&state, Asking).with_state(state.clone());
        let (here, there) = (asking(app.state.clone()), asking(app.replica()));
        let client = Client::begin(&ada, &here).await;
        let mut stream = client.stream(&here, "tools/call", json!({ "name": "ask" })).await;
        let (begun, _) = stream.next().await.unwrap();
        let mut questions = [stream.next().await.unwrap().1, stream.next().await.unwrap().1];
        questions.sort_by_key(|question| question["params"]["message"].to_string());
        let [colour, size] = &questions;
        let answer = |question: &Value, said: &str| json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept", "content": { "said": said } } });
        // What others say counts for nothing, nor what was not asked, nor a second answer.
        let spy = Client::begin(&eve, &there).await;
        assert_eq!(spy.post(&there, answer(colour, "black")).await.status(), 202);
        let unasked = json!({ "jsonrpc": "2.0", "id": 77, "result": {} });
        assert_eq!(client.post(&there, unasked).await.status(), 202);
        assert_eq!(client.post(&there, answer(colour, "green")).await.status(), 202);
        assert_eq!(client.post(&there, answer(colour, "red")).await.status(), 202);
        let refused = json!({ "jsonrpc": "2.0", "id": size["id"], "error": { "code": -1, "message": "no idea" } });
        assert_eq!(client.post(&here, refused).await.status(), 202);
        let (_, result) = stream.next().await.unwrap();
        let said = result["result"]["content"].to_string();
        assert!(
            said.contains("no idea") && said.contains("green") && !said.contains("black") && !said.contains("red"),
            "{result}"
        );
        assert_eq!(stream.next().await, None);

        let again = Stream::of(client.listen(&there, Some(&begun)).await).rest().await;
        assert_eq!((again.len(), &again[2].1), (3, &result));
        let other = Client::begin(&eve, &there).await;
        assert_eq!(other.listen(&there, Some(&begun)).await.status(), 400, "another user's stream");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_let_go_is_taken_up_elsewhere() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let asking = |state: AppState| mcp::open(&state, Asking).with_state(state.clone());
        let (here, there) = (asking(app.state.clone()), asking(app.replica()));
        let client = Client::begin(&ada, &here).await;
        let told = client.stream(&here, "tools/call", json!({ "name": "later" })).await.rest().await;
        let [(begun, nothing)] = told.as_slice() else { panic!("{told:?}") };
        assert!(nothing.is_null());
        let rest = Stream::of(client.listen(&there, Some(begun)).await).rest().await;
        assert_eq!(rest.len(), 1, "{rest:?}");
        assert_eq!(rest[0].1["result"]["content"][0]["text"], "late");
    }
}
