//! ChatKit's protocol, on both engines.

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, App, User};

async fn ask(user: &User<'_>, kind: &str, params: Value) -> Answer {
    user.post("/chatkit", json!({"type": kind, "params": params, "metadata": {}})).await
}

async fn read(user: &User<'_>, kind: &str, params: Value) -> Value {
    let answer = ask(user, kind, params).await;
    assert_eq!(answer.status, 200, "{kind}: {}", answer.text);
    answer.json
}

fn input(text: &str) -> Value {
    json!({"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}})
}

/// The events of a streamed answer.
fn events(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let lines = answer.text.lines().filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_str(line.strip_prefix("data: ").expect("a data line")).unwrap()).collect()
}

fn kinds(events: &[Value]) -> Vec<String> {
    let kind = |event: &Value| match event["update"]["type"].as_str() {
        Some(update) => update.to_owned(),
        None => format!("{} {}", event["type"].as_str().unwrap(), event["item"]["type"].as_str().unwrap_or(""))
            .trim()
            .to_owned(),
    };
    events.iter().map(kind).collect()
}

/// Begins a thread; answers its id and the events.
async fn create(user: &User<'_>, text: &str) -> (String, Vec<Value>) {
    let events = events(&ask(user, "threads.create", json!({"input": input(text)})).await);
    (events[0]["thread"]["id"].as_str().expect("a thread").to_owned(), events)
}

async fn say(user: &User<'_>, thread: &str, text: &str) -> Vec<Value> {
    events(&ask(user, "threads.add_user_message", json!({"thread_id": thread, "input": input(text)})).await)
}

async fn items(user: &User<'_>, thread: &str) -> Vec<Value> {
    let page = read(user, "items.list", json!({"thread_id": thread, "order": "asc", "limit": 100})).await;
    page["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_begins_and_streams_in_the_order_of_the_protocol() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let (thread, events) = create(&ada, "add buy bread").await;
        let told = kinds(&events);
        assert_eq!(
            told[..6],
            [
                "thread.created",
                "thread.item.done user_message",
                "stream_options",
                "thread.item.added workflow",
                "workflow.task.added",
                "workflow.task.updated",
            ],
            "{}",
            app.engine
        );
        assert_eq!(told[6..8], ["thread.item.added assistant_message", "assistant_message.content_part.added"]);
        let end =
            ["assistant_message.content_part.done", "thread.item.done workflow", "thread.item.done assistant_message"];
        assert_eq!(told[told.len() - 3..], end);
        let deltas: String = events.iter().filter_map(|event| event["update"]["delta"].as_str()).collect();
        let last = &events[events.len() - 1]["item"];
        assert_eq!(last["content"][0]["text"], deltas);
        assert_eq!(ada.titles("").await, ["Buy bread"]);

        // What was streamed is what is read again.
        let kept = items(&ada, &thread).await;
        let streamed =
            |kind: &str| events.iter().rev().find(|event| event["item"]["type"] == kind).unwrap()["item"].clone();
        assert_eq!(
            kept.iter().map(|item| item["id"].clone()).collect::<Vec<_>>(),
            ["user_message", "workflow", "assistant_message"].map(|kind| streamed(kind)["id"].clone())
        );
        assert_eq!(kept[2]["content"], streamed("assistant_message")["content"]);
        assert_eq!(kept[1]["workflow"], streamed("workflow")["workflow"]);
        // The chat of the page shows the same conversation.
        let conversations = ada.get("/api/conversations").await.json;
        assert_eq!(conversations["conversations"][0]["title"], "add buy bread");
        assert_eq!(ada.post("/api/chatkit", json!({"type": "threads.list", "params": {}})).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_goes_on_and_is_read_in_pages_from_either_end() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let (thread, _) = create(&ada, "add buy bread").await;
        say(&ada, &thread, "hello").await;
        say(&ada, &thread, "mark it as done").await;
        let whole = items(&ada, &thread).await;
        let shapes: Vec<_> = whole.iter().map(|item| item["type"].as_str().unwrap()).collect();
        let turn = ["user_message", "workflow", "assistant_message"];
        assert_eq!(shapes, [&turn[..], &["user_message", "assistant_message"], &turn[..]].concat());
        let got = read(&ada, "threads.get_by_id", json!({"thread_id": thread})).await;
        assert_eq!(got["items"]["data"].as_array().unwrap(), &whole);
        assert_eq!((&got["status"]["type"], &got["items"]["has_more"]), (&json!("active"), &json!(false)));
        for limit in 1..=8 {
            for order in ["asc", "desc"] {
                let (mut seen, mut after) = (Vec::new(), Value::Null);
                loop {
                    let params = json!({"thread_id": thread, "limit": limit, "order": order, "after": after});
                    let page = read(&ada, "items.list", params).await;
                    seen.extend(page["data"].as_array().unwrap().clone());
                    if page["has_more"] == false {
                        assert!(page.get("after").is_none());
                        break;
                    }
                    assert_eq!(page["data"].as_array().unwrap().len(), limit);
                    after = page["after"].clone();
                }
                if order == "desc" {
                    seen.reverse();
                }
                assert_eq!(seen, whole, "{} {limit} {order}", app.engine);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn threads_are_listed_renamed_and_deleted() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let mut made = Vec::new();
        for text in ["one", "two", "three"] {
            made.push(create(&ada, text).await.0);
        }
        let ids = |page: &Value| -> Vec<String> {
            page["data"].as_array().unwrap().iter().map(|thread| thread["id"].as_str().unwrap().to_owned()).collect()
        };
        let first = read(&ada, "threads.list", json!({"limit": 2})).await;
        assert_eq!((ids(&first), &first["has_more"]), (vec![made[2].clone(), made[1].clone()], &json!(true)));
        let rest = read(&ada, "threads.list", json!({"limit": 2, "after": first["after"]})).await;
        assert_eq!((ids(&rest), &rest["has_more"]), (vec![made[0].clone()], &json!(false)));
        assert_eq!(ids(&read(&ada, "threads.list", json!({"order": "asc"})).await), made);
        let renamed = read(&ada, "threads.update", json!({"thread_id": made[0], "title": "First"})).await;
        assert_eq!(
            (&renamed["title"], &renamed["items"]["data"][0]["type"]),
            (&json!("First"), &json!("user_message"))
        );
        assert_eq!(read(&ada, "threads.delete", json!({"thread_id": made[0]})).await, json!({}));
        assert_eq!(ask(&ada, "threads.delete", json!({"thread_id": made[0]})).await.status, 404);
        assert_eq!(ids(&read(&ada, "threads.list", json!({"order": "asc"})).await), made[1..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_answered_again_without_doing_its_work_twice() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let (thread, events_of_first) = create(&ada, "add buy bread").await;
        let message = events_of_first[1]["item"]["id"].as_str().unwrap();
        say(&ada, &thread, "add buy butter").await;
        assert_eq!(ada.titles("").await.len(), 2);
        let again =
            events(&ask(&ada, "threads.retry_after_item", json!({"thread_id": thread, "item_id": message})).await);
        assert_eq!(kinds(&again)[0], "stream_options", "the message is there already: {}", app.engine);
        assert_eq!(ada.titles("").await, ["Buy bread"], "{}", app.engine);
        let kept = items(&ada, &thread).await;
        assert_eq!(kept.len(), 3, "{kept:?}");
        assert_eq!(kept[0]["id"], message);
        // An answer is no message to answer again.
        let answer = kept[2]["id"].as_str().unwrap();
        assert_eq!(
            ask(&ada, "threads.retry_after_item", json!({"thread_id": thread, "item_id": answer})).await.status,
            404
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_an_item_that_can_be_answered() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        for title in ["Call Sam", "Call Sue"] {
            ada.task(json!({"title": title})).await;
        }
        let (thread, told) = create(&ada, "complete call").await;
        let question = told.last().unwrap()["item"].clone();
        assert_eq!(
            (&question["type"], &question["status"]),
            (&json!("structured_input"), &json!("pending")),
            "{told:?}"
        );
        let options = question["inputs"][0]["options"].as_array().unwrap();
        let sue =
            options.iter().map(|option| option["value"].as_str().unwrap()).find(|value| value.contains("Sue")).unwrap();
        let answers = json!({"answer": {"values": [sue]}});
        let params = json!({"thread_id": thread, "item_id": question["id"], "input": {"status": "answered", "answers": answers}});
        let told = events(&ask(&ada, "threads.add_structured_input", params).await);
        assert_eq!(kinds(&told)[0], "thread.item.replaced structured_input");
        assert_eq!(
            (&told[0]["item"]["status"], &told[0]["item"]["inputs"][0]["answer"]["values"]),
            (&json!("answered"), &json!([sue]))
        );
        assert_eq!(ada.titles("status=completed").await, ["Call Sue"], "{}", app.engine);
        let kept = items(&ada, &thread).await;
        let question = kept.iter().find(|item| item["type"] == "structured_input").unwrap();
        assert_eq!(question["status"], "answered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn feedback_is_kept_for_answers_that_there_are() {
    for app in App::each().await {
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let (thread, _) = create(&ada, "hello").await;
        let kept = items(&ada, &thread).await;
        let rate = |ids: Value, kind: &str| json!({"thread_id": thread, "item_ids": ids, "kind": kind});
        let answer = &kept[1]["id"];
        assert_eq!(read(&ada, "items.feedback", rate(json!([answer]), "positive")).await, json!({}));
        assert_eq!(read(&ada, "items.feedback", rate(json!([answer]), "negative")).await, json!({}));
        let unknown = "ans_0193e0a000007000800000000000abcd";
        assert_eq!(ask(&ada, "items.feedback", rate(json!([unknown]), "positive")).await.status, 404);
        assert_eq!(ask(&ada, "items.feedback", rate(json!([answer]), "so-so")).await.status, 400);
        assert_eq!(ask(&eve, "items.feedback", rate(json!([answer]), "positive")).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_foreign_unknown_or_malformed_is_refused() {
    for app in App::each().await {
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let (thread, told) = create(&ada, "add buy bread").await;
        let item = told[1]["item"]["id"].clone();
        for (kind, params) in [
            ("threads.get_by_id", json!({"thread_id": thread})),
            ("items.list", json!({"thread_id": thread})),
            ("threads.add_user_message", json!({"thread_id": thread, "input": input("hi")})),
            ("threads.retry_after_item", json!({"thread_id": thread, "item_id": item})),
            ("threads.update", json!({"thread_id": thread, "title": "mine"})),
            ("threads.delete", json!({"thread_id": thread})),
            ("threads.list", json!({"after": thread})),
        ] {
            let foreign = ask(&eve, kind, params.clone()).await;
            assert_eq!(foreign.status, 404, "{kind}: {}", foreign.text);
        }
        for (body, status) in [
            (json!({"type": "no.such.type", "params": {}}), 400),
            (json!({"type": "threads.create"}), 400),
            (json!({"type": "threads.create", "params": {"input": {"content": 7}}}), 400),
            (json!({"type": "threads.create", "params": {"input": {"content": [{"type": "input_image"}]}}}), 400),
            (json!({"type": "attachments.create", "params": {"name": "a", "size": 1, "mime_type": "a/b"}}), 400),
            (json!({"type": "input.transcribe", "params": {"audio_base64": "", "mime_type": "audio/webm"}}), 400),
            (json!({"type": "threads.custom_action", "params": {"thread_id": thread, "action": {"type": "x"}}}), 400),
            (json!({"type": "threads.add_client_tool_output", "params": {"thread_id": thread, "result": 1}}), 400),
            (json!({"type": "threads.update", "params": {"thread_id": thread, "title": ""}}), 400),
            (json!({"type": "threads.get_by_id", "params": {"thread_id": "thr_nonsense"}}), 404),
            (json!({"type": "items.list", "params": {"thread_id": thread, "after": "msg_nonsense"}}), 404),
            (json!({"type": "threads.create", "params": {"input": input("")}}), 422),
            (json!({"type": "threads.create", "params": {"input": input(&"x".repeat(5001))}}), 422),
            (json!({"type": "threads.create", "params": {"input": input("a\u{0}b")}}), 422),
            (json!([]), 400),
            (json!(7), 400),
        ] {
            let answer = ada.post("/chatkit", body.clone()).await;
            assert_eq!(answer.status, status, "{body}: {}", answer.text);
        }
        let broken = ada
            .request(Method::POST, "/chatkit")
            .header("content-type", "application/json")
            .body(Body::from("{"))
            .unwrap();
        assert_eq!(app.send(broken).await.status, 400);
        let huge = ada.request(Method::POST, "/chatkit").header("content-type", "application/json");
        assert_eq!(app.send(huge.body(Body::from(" ".repeat(10 << 20))).unwrap()).await.status, 413);
        let nobody =
            http::Request::post("/chatkit").header("content-type", "application/json").body(Body::from("{}")).unwrap();
        assert_eq!(app.send(nobody).await.status, 401);
        assert_eq!(ada.titles("").await, ["Buy bread"]);
    }
}
