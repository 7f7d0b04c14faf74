//! Chat over REST, on both engines.

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};

use crate::harness::{App, User};

async fn say(user: &User<'_>, conversation: &Value, message: &str) -> Value {
    let body = json!({ "conversation_id": conversation, "message": message });
    let answer = user.post("/api/chat", body).await;
    assert_eq!(answer.status, 200, "{message}: {}", answer.text);
    answer.json
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_by_the_contract() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let path = format!("/api/{}/chat", ada.id);
        let first = ada.post(&path, json!({ "message": "Add a task to buy groceries tomorrow 5pm" })).await;
        assert_eq!(first.status, 200, "{}: {}", app.engine, first.text);
        let call = &first.json["tool_calls"][0];
        assert_eq!(call["tool"], "add_task");
        assert_eq!(call["input"]["title"], "Buy groceries");
        assert_eq!((&call["output"]["status"], &call["output"]["task_id"]), (&json!("created"), &json!(1)));
        assert!(call["duration_ms"].is_number());
        assert_eq!(first.header("run-id"), first.json["run_id"].as_str());
        let conversation = &first.json["conversation_id"];
        let second = say(&ada, conversation, "mark it as done").await;
        assert_eq!(second["tool_calls"][0]["tool"], "complete_task");
        assert_eq!(second["operation_ids"].as_array().unwrap().len(), 1);
        assert_eq!(ada.titles("status=completed").await, ["Buy groceries"]);
        let undone = say(&ada, conversation, "undo").await;
        assert_eq!(undone["tool_calls"][0]["tool"], "undo");
        assert!(ada.titles("status=completed").await.is_empty());

        let list = ada.get("/api/conversations").await.json;
        assert_eq!(list["conversations"][0]["id"], *conversation);
        assert_eq!(list["conversations"][0]["title"], "Add a task to buy groceries tomorrow 5pm");
        let id = conversation.as_str().unwrap();
        let messages = ada.get(&format!("/api/conversations/{id}/messages?limit=2")).await.json;
        assert_eq!(messages["has_more"], true);
        assert_eq!(messages["messages"][1]["role"], "assistant");
        let before = messages["messages"][0]["id"].as_str().unwrap();
        let older = ada.get(&format!("/api/conversations/{id}/messages?before={before}")).await.json;
        assert_eq!((older["messages"].as_array().unwrap().len(), &older["has_more"]), (4, &json!(false)));
        let renamed =
            ada.call(Method::PATCH, &format!("/api/conversations/{id}"), json!({ "title": "Groceries" })).await;
        assert_eq!((renamed.status.as_u16(), &renamed.json["title"]), (200, &json!("Groceries")));
        let deleted = ada.delete(&format!("/api/conversations/{id}")).await;
        assert_eq!(deleted.json, json!({ "deleted": true }));
        assert_eq!(ada.get(&format!("/api/conversations/{id}/messages")).await.status, 404);
        assert_eq!(ada.titles("").await, ["Buy groceries"], "tasks outlive their conversation");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_as_a_stream_that_can_be_read_again() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let body = json!({ "message": "add buy bread" });
        let live = ada.with(Method::POST, "/api/chat", body, &[("accept", "text/event-stream")]).await;
        assert_eq!(live.status, 200, "{}", live.text);
        assert!(live.header("content-type").unwrap().starts_with("text/event-stream"));
        let names: Vec<&str> = live.text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
        assert_eq!(names[..3], ["run_started", "tool_call_started", "tool_call_finished"]);
        assert_eq!(names[names.len() - 2..], ["operations", "done"]);
        let run = live.header("run-id").unwrap();
        let path = format!("/api/chat/runs/{run}/events");
        assert_eq!(ada.get(&path).await.text, live.text);
        let request = ada.request(Method::GET, &path).header("last-event-id", "2").body(Body::empty()).unwrap();
        let rest = app.send(request).await;
        assert!(rest.text.starts_with("event: tool_call_finished\n"), "{}", rest.text);
        assert_eq!(ada.poke(&format!("/api/chat/runs/{run}/stop")).await.json, json!({ "stopping": false }));
        let eve = app.user("eve").await;
        assert_eq!(eve.get(&path).await.status, 404);
        assert_eq!(eve.poke(&format!("/api/chat/runs/{run}/stop")).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_sent_twice_is_answered_once() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        let key = [("idempotency-key", "k1")];
        let once = ada.with(Method::POST, "/api/chat", json!({ "message": "add buy bread" }), &key).await;
        let twice = ada.with(Method::POST, "/api/chat", json!({ "message": "add buy bread" }), &key).await;
        assert_eq!((once.status.as_u16(), &once.json), (200, &twice.json));
        assert_eq!(ada.titles("").await.len(), 1);
        let other = ada.with(Method::POST, "/api/chat", json!({ "message": "add buy butter" }), &key).await;
        assert_eq!((other.status.as_u16(), &other.json["error_code"]), (422, &json!("IDEMPOTENCY_KEY_REUSED")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_messages_and_foreign_conversations_are_refused() {
    for app in App::each().await {
        let (ada, eve) = (app.user("ada").await, app.user("eve").await);
        let conversation = say(&ada, &Value::Null, "hello").await["conversation_id"].clone();
        for (body, status, field) in [
            (json!({ "message": "" }), 422, Some("message")),
            (json!({ "message": " \n " }), 422, Some("message")),
            (json!({ "message": "x".repeat(5001) }), 422, Some("message")),
            (json!({ "message": "a\u{0}b" }), 422, Some("message")),
            (json!({ "message": 7 }), 422, Some("message")),
            (json!({}), 422, Some("message")),
            (json!({ "message": "hi", "timezone": "Mars/Base" }), 422, Some("timezone")),
            (json!({ "message": "hi", "conversation_id": "0193e0a0-0000-7000-8000-000000000000" }), 404, None),
            (json!({ "message": "hi", "conversation_id": "nonsense" }), 404, None),
            (json!({ "message": "hi", "conversation_id": 7 }), 404, None),
        ] {
            let answer = ada.post("/api/chat", body.clone()).await;
            assert_eq!(answer.status, status, "{body}: {}", answer.text);
            if let Some(field) = field {
                assert_eq!(answer.json["field"], field, "{body}");
            }
        }
        let foreign = eve.post("/api/chat", json!({ "message": "hi", "conversation_id": conversation })).await;
        assert_eq!(foreign.status, 404);
        let id = conversation.as_str().unwrap();
        assert_eq!(eve.get(&format!("/api/conversations/{id}/messages")).await.status, 404);
        assert_eq!(eve.delete(&format!("/api/conversations/{id}")).await.status, 404);
        assert_eq!(eve.post(&format!("/api/{}/chat", ada.id), json!({ "message": "hi" })).await.status, 403);
        assert!(eve.get("/api/conversations").await.json["conversations"].as_array().unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_message_within_a_minute_waits() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        for _ in 0..10 {
            say(&ada, &Value::Null, "hello").await;
        }
        let refused = ada.post("/api/chat", json!({ "message": "hello" })).await;
        assert_eq!(refused.status, 429, "{}", refused.text);
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_zone_of_the_message_decides_what_tomorrow_is() {
    for app in App::each().await {
        let ada = app.user("ada").await;
        // Ten in the morning in Paris is eleven in the evening on Kiritimati, and the day before in Honolulu.
        for (zone, due) in
            [("Europe/Paris", "2026-11-19"), ("Pacific/Kiritimati", "2026-11-19"), ("Pacific/Honolulu", "2026-11-18")]
        {
            let body = json!({ "message": "add call home tomorrow", "timezone": zone });
            let answer = ada.post("/api/chat", body).await;
            assert_eq!(answer.json["tool_calls"][0]["input"]["due_date"], due, "{zone}: {}", answer.text);
        }
    }
}
