//! The Model Context Protocol over HTTP, on both engines.

use axum::body::Body;
use http::{Method, Request, header};
use serde_json::{Value, json};
use todo_domain::UserId;

use crate::harness::{Answer, App, User};

const ACCEPTS: (&str, &str) = ("accept", "application/json, text/event-stream");
const HOST: (&str, &str) = ("host", "localhost:8000");
const CURRENT: &str = "2026-07-28";

/// A request of the earlier era.
async fn ask(user: &User<'_>, method: &str, params: Value) -> Answer {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    user.with(Method::POST, "/mcp", body, &[HOST, ACCEPTS]).await
}

async fn result(user: &User<'_>, method: &str, params: Value) -> Value {
    let answer = ask(user, method, params).await;
    assert_eq!(answer.status, 200, "{method}: {}", answer.text);
    assert!(answer.json["error"].is_null(), "{method}: {}", answer.text);
    answer.json["result"].clone()
}

async fn error_code(user: &User<'_>, method: &str, params: Value) -> i64 {
    let answer = ask(user, method, params).await;
    answer.json["error"]["code"].as_i64().unwrap_or_else(|| panic!("{method}: {}", answer.text))
}

async fn call(user: &User<'_>, tool: &str, arguments: Value) -> Value {
    result(user, "tools/call", json!({"name": tool, "arguments": arguments})).await
}

/// A request of the current era: each names its version, and headers repeat what proxies route by.
async fn ask_now(user: &User<'_>, method: &str, mut params: Value, name: Option<&str>) -> Answer {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": CURRENT,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    });
    let mut headers = vec![HOST, ACCEPTS, ("mcp-protocol-version", CURRENT), ("mcp-method", method)];
    headers.extend(name.map(|name| ("mcp-name", name)));
    let body = json!({"jsonrpc": "2.0", "id": "a", "method": method, "params": params});
    user.with(Method::POST, "/mcp", body, &headers).await
}

/// Posts bytes as they are.
async fn raw(app: &App, user: &User<'_>, body: impl Into<Body>) -> Answer {
    let request = user.request(Method::POST, "/mcp").header(HOST.0, HOST.1).header(ACCEPTS.0, ACCEPTS.1);
    app.send(request.header(header::CONTENT_TYPE, "application/json").body(body.into()).unwrap()).await
}

async fn token(user: &User<'_>, scopes: &[&str]) -> String {
    let answer = user.post("/api/tokens", json!({"name": scopes.join(" "), "scopes": scopes})).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json["token"].as_str().unwrap().to_owned()
}

async fn with_token(app: &App, token: &str, method: &str, params: Value) -> Answer {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let request = Request::post("/mcp")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(HOST.0, HOST.1)
        .header(ACCEPTS.0, ACCEPTS.1)
        .body(Body::from(body))
        .unwrap();
    app.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_earlier_era_begins_with_a_handshake_and_is_served_without_a_session_too() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let hello =
            json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let answer = ask(&ada, "initialize", hello).await;
        let info = &answer.json["result"];
        assert_eq!((&info["protocolVersion"], &info["serverInfo"]["name"]), (&json!("2025-06-18"), &json!("todo")));
        for capability in ["tools", "resources", "prompts", "completions"] {
            assert!(info["capabilities"][capability].is_object(), "{capability}");
        }
        let noticed = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(ada.with(Method::POST, "/mcp", noticed, &[HOST, ACCEPTS]).await.status, 202);
        assert_eq!(result(&ada, "ping", json!({})).await, json!({}));
        for method in [Method::GET, Method::DELETE] {
            let request = ada.request(method.clone(), "/mcp").header(HOST.0, HOST.1).header(ACCEPTS.0, ACCEPTS.1);
            let answer = app.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, Some("POST")), "{method}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_current_era_needs_no_handshake() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let found = ask_now(&ada, "server/discover", json!({}), None).await;
        let versions = found.json["result"]["supportedVersions"].as_array().unwrap().clone();
        assert!(versions.contains(&json!(CURRENT)) && versions.contains(&json!("2025-06-18")), "{versions:?}");
        let listed = ask_now(&ada, "tools/list", json!({}), None).await.json["result"].clone();
        assert_eq!((&listed["resultType"], &listed["cacheScope"]), (&json!("complete"), &json!("private")));
        let params = json!({"name": "add_task", "arguments": {"title": "Buy milk"}});
        let made = ask_now(&ada, "tools/call", params.clone(), Some("add_task")).await;
        assert_eq!(made.json["result"]["structuredContent"]["task_id"], 1, "{}", made.text);
        let contradicted = ask_now(&ada, "tools/call", params, Some("delete_task")).await;
        assert_eq!((contradicted.status.as_u16(), &contradicted.json["error"]["code"]), (400, &json!(-32020)));
        let gone = ask_now(&ada, "ping", json!({}), None).await;
        assert_eq!((gone.status.as_u16(), &gone.json["error"]["code"]), (404, &json!(-32601)));
        assert_eq!(ada.titles("").await, ["Buy milk"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_do_what_they_do_in_chat_and_every_call_is_recorded() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let tools = result(&ada, "tools/list", json!({})).await["tools"].as_array().unwrap().clone();
        assert_eq!(tools.len(), todo_assistant::tools::all().len());
        let delete = tools.iter().find(|tool| tool["name"] == "delete_task").unwrap();
        assert_eq!(delete["inputSchema"]["required"], json!(["task_id"]));
        assert_eq!(
            (&delete["annotations"]["destructiveHint"], &delete["annotations"]["openWorldHint"]),
            (&json!(true), &json!(false))
        );

        let made = call(&ada, "add_task", json!({"title": "Buy milk", "due_date": "tomorrow 5pm"})).await;
        assert_eq!(made["isError"], false);
        assert_eq!(made["structuredContent"]["task"]["due_date"], "2026-11-19T17:00:00+01:00", "{made}");
        assert_eq!(
            serde_json::from_str::<Value>(made["content"][0]["text"].as_str().unwrap()).unwrap(),
            made["structuredContent"]
        );
        let listed = call(&ada, "list_tasks", json!({"filter": "tomorrow"})).await;
        assert_eq!(
            (&listed["structuredContent"]["total"], &listed["structuredContent"]["tasks"][0]["id"]),
            (&json!(1), &json!(1))
        );
        let operations = ada.get("/api/operations").await.json;
        assert_eq!(operations["operations"][0]["door"], "mcp", "{operations}");
        let wrong = call(&ada, "complete_task", json!({"task_id": 99})).await;
        assert_eq!(
            (&wrong["isError"], &wrong["structuredContent"]["error"]["code"]),
            (&json!(true), &json!("TASK_NOT_FOUND"))
        );
        let misfit = call(&ada, "add_task", json!({"titel": "x"})).await;
        assert_eq!(
            (&misfit["isError"], &misfit["structuredContent"]["error"]["field"]),
            (&json!(true), &json!("titel"))
        );
        assert!(misfit["content"][0]["text"].as_str().unwrap().contains("titel"));
        let foreign = call(&ada, "list_tasks", json!({"user_id": "somebody-else"})).await;
        assert_eq!(foreign["isError"], true);
        call(&ada, "undo", json!({})).await;
        assert!(ada.titles("").await.is_empty());

        let calls = app.state.store.user(&UserId::new(ada.id.clone())).direct_calls().await.unwrap();
        let told: Vec<_> =
            calls.iter().map(|(by, tool, _, ok, why)| (by.as_str(), tool.as_str(), *ok, why.as_deref())).collect();
        assert_eq!(
            told,
            [
                ("mcp", "add_task", true, None),
                ("mcp", "list_tasks", true, None),
                ("mcp", "complete_task", false, Some("TASK_NOT_FOUND")),
                ("mcp", "add_task", false, Some("VALIDATION_ERROR")),
                ("mcp", "list_tasks", false, Some("VALIDATION_ERROR")),
                ("mcp", "undo", true, None),
            ]
        );
        assert_eq!(serde_json::from_str::<Value>(&calls[2].2).unwrap(), json!({"task_id": 99}));
        // Eleven calls of tools are no chat: its limit of ten messages a minute is untouched.
        for _ in 0..11 {
            call(&ada, "list_labels", json!({})).await;
        }
        assert_eq!(ada.post("/api/chat", json!({"message": "hello"})).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_with_the_scope_gets_in() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let nobody = app.send(Request::post("/mcp").body(Body::empty()).unwrap()).await;
        assert_eq!(nobody.status, 401);
        let challenge = nobody.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("Bearer resource_metadata=\"http") && challenge.contains("scope=\"mcp\""),
            "{challenge}"
        );
        let address = challenge.split('"').nth(1).unwrap();
        let path = address.split_once("://").unwrap().1.split_once('/').unwrap().1;
        let document = app.send(Request::get(format!("/{path}")).body(Body::empty()).unwrap()).await.json;
        assert!(document["resource"].as_str().unwrap().ends_with("/mcp"), "{document}");
        assert_eq!(document["bearer_methods_supported"], json!(["header"]));
        assert_eq!(document["authorization_servers"].as_array().unwrap().len(), 1);

        let invalid = with_token(&app, "todo_nonsense", "tools/list", json!({})).await;
        assert_eq!(invalid.status, 401);
        let challenge = invalid.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("error=\"invalid_token\"") && challenge.contains("resource_metadata="),
            "{challenge}"
        );
        let other_scope = with_token(&app, &token(&ada, &["read", "write"]).await, "tools/list", json!({})).await;
        assert_eq!(other_scope.status, 403);
        let challenge = other_scope.header("www-authenticate").unwrap();
        assert!(
            challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"mcp\""),
            "{challenge}"
        );
        let enough = with_token(
            &app,
            &token(&ada, &["mcp"]).await,
            "tools/call",
            json!({"name": "add_task", "arguments": {"title": "a"}}),
        )
        .await;
        assert_eq!(enough.json["result"]["isError"], false, "{}", enough.text);

        let reading = token(&ada, &["read", "mcp"]).await;
        let tools = with_token(&app, &reading, "tools/list", json!({})).await.json["result"]["tools"].clone();
        assert!(tools.as_array().unwrap().iter().all(|tool| tool["annotations"]["readOnlyHint"] == true), "{tools}");
        let refused =
            with_token(&app, &reading, "tools/call", json!({"name": "delete_task", "arguments": {"task_id": 1}})).await;
        assert_eq!(
            refused.json["result"]["structuredContent"]["error"]["code"], "INSUFFICIENT_SCOPE",
            "{}",
            refused.text
        );
        assert_eq!(ada.titles("").await, ["a"]);

        let signed = ada.get("/api/auth/token").await.json["token"].as_str().unwrap().to_owned();
        assert_eq!(with_token(&app, &signed, "ping", json!({})).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_or_a_foreign_session_opens_nothing() {
    for app in App::each().await {
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        ada.task(json!({"title": "Secret"})).await;
        let body = json!({"email": "ada@example.com", "password": "correct horse battery"}).to_string();
        let request = Request::post("/api/auth/sign-in/email").header("content-type", "application/json");
        let entered = app.send(request.body(Body::from(body)).unwrap()).await;
        let cookie = entered.header("set-cookie").unwrap().split(';').next().unwrap();
        let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
        let request = Request::post("/mcp").header("cookie", cookie).header("content-type", "application/json");
        let by_cookie = request.header("sec-fetch-site", "same-origin").header(ACCEPTS.0, ACCEPTS.1);
        assert_eq!(app.send(by_cookie.body(Body::from(ping)).unwrap()).await.status, 401);

        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_tasks", "arguments": {}}});
        let forged = [HOST, ACCEPTS, ("mcp-session-id", "a-session-of-ada")];
        let answer = eve.with(Method::POST, "/mcp", body, &forged).await;
        assert_eq!((answer.status.as_u16(), &answer.json["result"]), (404, &Value::Null), "{}", answer.text);
        assert_eq!(error_code(&eve, "resources/read", json!({"uri": "todo://tasks/1"})).await, -32002);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_pages_are_turned_away() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
        for (header, status) in [
            (("host", "evil.example"), 403),
            (("origin", "http://evil.example"), 403),
            (("origin", "null"), 403),
            (("host", "localhost:8000"), 200),
            (("host", "todo-backend.todo.svc:8000"), 200),
        ] {
            let host = if header.0 == "host" { header } else { HOST };
            let mut headers = vec![ACCEPTS, host];
            headers.extend((header.0 != "host").then_some(header));
            let answer = ada.with(Method::POST, "/mcp", ping.clone(), &headers).await;
            assert_eq!(answer.status, status, "{header:?}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_refused_with_the_right_code() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        for (body, status, code) in [
            ("{".to_owned(), 400, -32700),
            ("\u{0}".to_owned(), 400, -32700),
            (String::new(), 400, -32700),
            (format!("{}1{}", "[".repeat(1000), "]".repeat(1000)), 400, -32700),
            (format!("{{\"a\":{}1{}}}", "[".repeat(1000), "]".repeat(1000)), 400, -32700),
            ("[]".to_owned(), 400, -32600),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#.to_owned(), 400, -32600),
            ("7".to_owned(), 400, -32600),
            ("{}".to_owned(), 400, -32600),
            (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#.to_owned(), 400, -32600),
            (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#.to_owned(), 400, -32600),
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#.to_owned(), 400, -32600),
            (" ".repeat(10 << 20), 413, -32600),
        ] {
            let short: String = body.chars().take(60).collect();
            let answer = raw(&app, &ada, body).await;
            assert_eq!(answer.status, status, "{short:?}: {}", answer.text);
            assert_eq!(answer.json["error"]["code"], code, "{short:?}: {}", answer.text);
        }
        for (method, params, code) in [
            ("no/such/method", json!({}), -32601),
            ("tools/call", json!({"name": 7}), -32602),
            ("tools/call", json!({}), -32602),
            ("tools/call", json!({"name": "no_such_tool"}), -32602),
            ("tools/list", json!({"cursor": "nonsense"}), -32602),
            ("resources/list", json!({"cursor": "nonsense"}), -32602),
            ("resources/read", json!({"uri": "file:///etc/passwd"}), -32002),
            ("resources/read", json!({"uri": "todo://tasks/%FF"}), -32002),
            ("resources/read", json!({"uri": "todo://tasks/99999999999999999999"}), -32002),
            ("resources/read", json!({"uri": "todo://filters/%7C%7C"}), -32602),
            ("resources/read", json!({"uri": "todo://filters/"}), -32002),
            ("prompts/get", json!({"name": "nope"}), -32602),
            ("prompts/get", json!({"name": "capture"}), -32602),
            ("prompts/get", json!({"name": "capture", "arguments": {"text": "x".repeat(5001)}}), -32602),
            ("prompts/get", json!({"name": "break_down", "arguments": {"task": "99"}}), -32002),
        ] {
            assert_eq!(error_code(&ada, method, params.clone()).await, code, "{method} {params}");
        }
        let future = [HOST, ACCEPTS, ("mcp-protocol-version", "2099-01-01")];
        let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
        assert_eq!(ada.with(Method::POST, "/mcp", ping.clone(), &future).await.status, 400);
        assert_eq!(ada.with(Method::POST, "/mcp", ping.clone(), &[HOST, ("accept", "text/html")]).await.status, 406);
        let as_text = ada.request(Method::POST, "/mcp").header(HOST.0, HOST.1).header(ACCEPTS.0, ACCEPTS.1);
        let as_text = as_text.header("content-type", "text/plain");
        assert_eq!(app.send(as_text.body(Body::from(ping.to_string())).unwrap()).await.status, 415);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_prompts_and_suggestions() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        for n in 1..=60 {
            ada.task(json!({"title": format!("Task {n}"), "labels": ["home"]})).await;
        }
        ada.task(json!({"title": "Late", "due_date": "2026-11-17"})).await;
        let saved = ada.post("/api/filters", json!({"name": "At home", "query": "@home"})).await;
        assert_eq!(saved.status, 201, "{}", saved.text);

        let (mut uris, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let params = cursor.map_or(json!({}), |cursor| json!({"cursor": cursor}));
            let page = result(&ada, "resources/list", params).await;
            let of_page = page["resources"].as_array().unwrap();
            uris.extend(of_page.iter().map(|one| one["uri"].as_str().unwrap().to_owned()));
            pages += 1;
            match page["nextCursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        assert_eq!((uris.len(), pages), (63, 2));
        assert_eq!(uris[..3], ["todo://today", "todo://filters/At%20home", "todo://tasks/61"]);
        let distinct: std::collections::BTreeSet<_> = uris.iter().collect();
        assert_eq!(distinct.len(), uris.len());

        let read = async |uri: &str| -> Value {
            let read = result(&ada, "resources/read", json!({"uri": uri})).await;
            serde_json::from_str(read["contents"][0]["text"].as_str().unwrap()).unwrap()
        };
        assert_eq!(read("todo://today").await["overdue"][0]["title"], "Late");
        assert_eq!(read("todo://tasks/7").await["title"], "Task 7");
        assert_eq!(read(&uris[1]).await["tasks"].as_array().unwrap().len(), 60);
        assert_eq!(read("todo://filters/overdue%20%7C%20p1").await["tasks"][0]["title"], "Late");

        let templates = result(&ada, "resources/templates/list", json!({})).await;
        assert_eq!(templates["resourceTemplates"].as_array().unwrap().len(), 2);
        let prompts = result(&ada, "prompts/list", json!({})).await["prompts"].as_array().unwrap().clone();
        assert_eq!(prompts.len(), 4);
        let plan = result(&ada, "prompts/get", json!({"name": "plan_my_day"})).await;
        assert!(plan["messages"][1]["content"]["resource"]["text"].as_str().unwrap().contains("Late"), "{plan}");
        let steps = result(&ada, "prompts/get", json!({"name": "break_down", "arguments": {"task": "#7"}})).await;
        assert_eq!(steps["messages"][1]["content"]["resource"]["uri"], "todo://tasks/7");

        let suggest = async |about: Value, name: &str, value: &str| -> Value {
            let params = json!({"ref": about, "argument": {"name": name, "value": value}});
            result(&ada, "completion/complete", params).await["completion"]["values"].clone()
        };
        let task = json!({"type": "ref/resource", "uri": "todo://tasks/{task}"});
        assert_eq!(suggest(task.clone(), "task", "late").await, json!(["61"]));
        assert_eq!(suggest(task, "task", "60").await, json!(["60"]));
        let filter = json!({"type": "ref/resource", "uri": "todo://filters/{filter}"});
        assert_eq!(suggest(filter.clone(), "filter", "at").await, json!(["At home"]));
        assert_eq!(suggest(filter, "filter", "@").await, json!(["@home"]));
        let unknown = json!({"ref": {"type": "ref/prompt", "name": "nope"}, "argument": {"name": "x", "value": ""}});
        assert_eq!(error_code(&ada, "completion/complete", unknown).await, -32602);
    }
}
