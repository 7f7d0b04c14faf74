//! One task: create, read, change, complete, delete, undo, exactly once.

use http::Method;
use serde_json::{Value, json};

use crate::harness::App;

#[tokio::test]
async fn a_task_has_the_fields_of_both_contracts() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let made = alice
            .post(
                &format!("/api/{}/tasks", alice.id),
                json!({"title": "  Pay rent ", "description": "by transfer", "priority": "High", "tags": ["home"],
                    "due": "tomorrow 5pm", "recurrence": "every month on the 1st", "reminders": ["-PT10M"], "project": "Flat"}),
            )
            .await;
        assert_eq!(made.status, 201, "{}: {}", app.engine, made.text);
        let task = &made.json;
        assert_eq!(task["title"], "Pay rent");
        assert_eq!(
            (&task["number"], &task["status"], &task["completed"]),
            (&json!(1), &json!("pending"), &json!(false))
        );
        assert_eq!(
            (&task["priority"], &task["labels"], &task["tags"]),
            (&json!("high"), &json!(["home"]), &json!(["home"]))
        );
        assert_eq!(task["due_date"], "2026-11-19T17:00:00+01:00");
        assert_eq!(task["due_timezone"], "Europe/Paris");
        assert_eq!(task["project_id"], task["category_id"]);
        assert_eq!(task["user_id"], alice.id.as_str());
        assert!(task["recurrence"].as_str().unwrap().contains("FREQ=MONTHLY"), "{task}");
        assert_eq!(made.header("etag"), Some("\"v1\""));
        assert_eq!(made.header("location"), Some(format!("/api/tasks/{}", task["id"].as_str().unwrap()).as_str()));
        for path in ["/api/tasks/1".to_owned(), format!("/api/{}/tasks/{}", alice.id, task["id"].as_str().unwrap())] {
            let read = alice.get(&path).await;
            assert_eq!((read.status.as_u16(), &read.json), (200, task), "{path}");
        }
    }
}

#[tokio::test]
async fn updates_keep_what_is_left_out_and_null_clears() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        alice.task(json!({"title": "a", "description": "b", "due_date": "2026-12-01", "labels": ["x"]})).await;
        let changed = alice.call(Method::PUT, "/api/tasks/1", json!({"title": "c"})).await;
        assert_eq!((changed.status.as_u16(), &changed.json["title"]), (200, &json!("c")));
        assert_eq!((&changed.json["description"], &changed.json["due_date"]), (&json!("b"), &json!("2026-12-01")));
        let cleared = alice
            .call(Method::PATCH, "/api/tasks/1", json!({"due_date": null, "description": null, "labels": []}))
            .await;
        assert_eq!(cleared.json["due_date"], json!(null));
        assert_eq!((&cleared.json["description"], &cleared.json["labels"]), (&json!(null), &json!([])));
        assert_eq!(cleared.json["version"], 3);
    }
}

#[tokio::test]
async fn a_stale_version_is_refused() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        alice.task(json!({"title": "a"})).await;
        let first = alice.with(Method::PATCH, "/api/tasks/1", json!({"title": "b"}), &[("if-match", "\"v1\"")]).await;
        assert_eq!(first.status, 200);
        let stale = alice.with(Method::PATCH, "/api/tasks/1", json!({"title": "c"}), &[("if-match", "\"v1\"")]).await;
        assert_eq!((stale.status.as_u16(), &stale.json["code"]), (412, &json!("VERSION_CONFLICT")));
        let read = alice.get("/api/tasks/1").await;
        assert_eq!(read.json["title"], "b");
        let known = app
            .send(
                alice
                    .request(Method::GET, "/api/tasks/1")
                    .header("if-none-match", "\"v2\"")
                    .body(axum::body::Body::empty())
                    .unwrap(),
            )
            .await;
        assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));
    }
}

#[tokio::test]
async fn completing_is_idempotent_toggling_is_not() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        alice.task(json!({"title": "a"})).await;
        for _ in 0..2 {
            let done = alice.poke("/api/tasks/1/complete").await;
            assert_eq!((done.status.as_u16(), &done.json["completed"]), (200, &json!(true)));
            assert!(done.json["completed_at"].is_string());
        }
        let open = alice.call(Method::PATCH, "/api/tasks/1/complete", json!({})).await;
        assert_eq!((&open.json["status"], &open.json["completed_at"]), (&json!("pending"), &json!(null)));
        alice.poke("/api/tasks/1/complete").await;
        let again = alice.poke("/api/tasks/1/reopen").await;
        assert_eq!(again.json["completed"], false);
    }
}

#[tokio::test]
async fn a_repeating_task_makes_its_next_occurrence_once() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        alice
            .task(json!({"title": "Water plants", "due_date": "2026-11-18", "recurrence": "FREQ=DAILY;INTERVAL=3"}))
            .await;
        for _ in 0..3 {
            assert_eq!(alice.poke("/api/tasks/1/complete").await.status, 200);
        }
        let open = alice.get("/api/tasks?status=pending").await;
        assert_eq!(open.json["total"], 1, "{}", open.text);
        assert_eq!(open.json["tasks"][0]["due_date"], "2026-11-21");
        assert_eq!(open.json["tasks"][0]["series_id"], alice.get("/api/tasks/1").await.json["series_id"]);
    }
}

#[tokio::test]
async fn every_change_can_be_undone_unless_it_changed_since() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let task = alice.task(json!({"title": "a", "labels": ["x", "y"]})).await;
        let deleted = alice.delete("/api/tasks/1").await;
        assert_eq!(deleted.status, 204);
        assert_eq!(alice.get("/api/tasks/1").await.status, 404);
        let undone = alice.poke(&format!("/api/operations/{}/undo", deleted.operation())).await;
        assert_eq!(undone.status, 200, "{}", undone.text);
        let back = alice.get("/api/tasks/1").await.json;
        assert_eq!((&back["title"], &back["labels"], &back["id"]), (&task["title"], &task["labels"], &task["id"]));

        let renamed = alice.call(Method::PATCH, "/api/tasks/1", json!({"title": "b"})).await;
        alice.call(Method::PATCH, "/api/tasks/1", json!({"title": "c"})).await;
        let refused = alice.poke(&format!("/api/operations/{}/undo", renamed.operation())).await;
        assert_eq!((refused.status.as_u16(), &refused.json["code"]), (409, &json!("UNDO_CONFLICT")));
        assert_eq!(alice.get("/api/tasks/1").await.json["title"], "c");
        let history = alice.get("/api/operations").await;
        assert!(history.json["operations"].as_array().unwrap().len() >= 5);
    }
}

#[tokio::test]
async fn a_key_takes_effect_once() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let body = json!({"title": "once"});
        let first = alice.with(Method::POST, "/api/tasks", body.clone(), &[("idempotency-key", "\"k1\"")]).await;
        let again = alice.with(Method::POST, "/api/tasks", body, &[("idempotency-key", "k1")]).await;
        assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
        assert_eq!(first.json, again.json);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!((first.operation(), first.header("etag")), (again.operation(), again.header("etag")));
        let other =
            alice.with(Method::POST, "/api/tasks", json!({"title": "other"}), &[("idempotency-key", "k1")]).await;
        assert_eq!((other.status.as_u16(), &other.json["code"]), (422, &json!("IDEMPOTENCY_KEY_REUSED")));
        assert_eq!(alice.get("/api/tasks").await.json["total"], 1);
    }
}

#[tokio::test]
async fn sentences_make_tasks_and_can_be_tried_first() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let parsed = alice.post("/api/parse", json!({"text": "Call Sam tomorrow 5pm p1 @phone #Work"})).await;
        assert_eq!(parsed.json["title"], "Call Sam");
        assert_eq!((&parsed.json["due"], &parsed.json["priority"]), (&json!("2026-11-19T17:00:00"), &json!("urgent")));
        assert_eq!(alice.get("/api/tasks").await.json["total"], 0);
        let made =
            alice.post("/api/tasks/quick", json!({"text": "Call Sam tomorrow 5pm p1 @phone #Work\n\nbuy milk"})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let tasks = made.json["tasks"].as_array().unwrap();
        assert_eq!((&tasks[0]["priority"], &tasks[0]["labels"]), (&json!("urgent"), &json!(["phone"])));
        assert_eq!(tasks[1]["title"], "buy milk");
        let literal = alice.post("/api/tasks/quick", json!({"text": "call Sam tomorrow", "literal": true})).await;
        assert_eq!(literal.json["tasks"][0]["title"], "call Sam tomorrow");
    }
}

#[tokio::test]
async fn of_many_lines_the_one_to_blame_is_named() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let text = format!("one\n\n{}\nthree", "x".repeat(201));
        let refused = alice.post("/api/tasks/quick", json!({"text": text})).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("Line 2:"), "{}", refused.text);
        assert_eq!(alice.get("/api/tasks").await.json["total"], 0);
    }
}

#[tokio::test]
async fn without_a_choice_sentences_are_in_the_language_of_the_browser() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let german = [("accept-language", "fr-FR,de-DE;q=0.9,en;q=0.8")];
        let body = json!({"text": "Miete zahlen morgen"});
        let parsed = alice.with(Method::POST, "/api/parse", body.clone(), &german).await;
        assert_eq!((&parsed.json["title"], &parsed.json["due"]), (&json!("Miete zahlen"), &json!("2026-11-19")));
        let profile = alice.get("/api/profile").await;
        assert_eq!(profile.json["locale"], Value::Null, "it is no choice");
        alice.call(Method::PUT, "/api/profile", json!({"locale": "es"})).await;
        let parsed = alice.with(Method::POST, "/api/parse", body, &german).await;
        assert_eq!(parsed.json["title"], "Miete zahlen morgen", "a choice goes first");
    }
}

#[tokio::test]
async fn labels_are_added_to_several_without_taking_others() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        alice.task(json!({"title": "a", "labels": ["home"]})).await;
        alice.task(json!({"title": "b"})).await;
        let patch = json!({"action": "update", "tasks": ["1", "2"], "patch": {"add_labels": ["phone"]}});
        let done = alice.post("/api/tasks/bulk", patch).await;
        assert_eq!(done.status, 200, "{}", done.text);
        assert_eq!(done.json["tasks"][0]["labels"], json!(["home", "phone"]));
        assert_eq!(done.json["tasks"][1]["labels"], json!(["phone"]));
    }
}

#[tokio::test]
async fn several_tasks_change_together_or_not_at_all() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        for title in ["a", "b", "c"] {
            alice.task(json!({"title": title})).await;
        }
        let done = alice.post("/api/tasks/bulk", json!({"action": "complete", "tasks": ["1", "3"]})).await;
        assert_eq!(done.status, 200, "{}", done.text);
        assert_eq!(alice.titles("status=pending").await, ["b"]);
        let refused = alice.post("/api/tasks/bulk", json!({"action": "delete", "tasks": ["2", "99"]})).await;
        assert_eq!(refused.status, 404);
        assert_eq!(alice.titles("status=pending").await, ["b"]);
        let patched = alice
            .post("/api/tasks/bulk", json!({"action": "update", "tasks": ["1", "2"], "patch": {"priority": "low"}}))
            .await;
        assert_eq!(patched.json["tasks"][1]["priority"], "low");
        let undone = alice.poke(&format!("/api/operations/{}/undo", done.operation())).await;
        assert_eq!(undone.status, 409, "`a` has changed since");
        assert_eq!(alice.titles("status=pending").await, ["b"]);
    }
}

#[tokio::test]
async fn subtasks_have_one_level() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let parent = alice.task(json!({"title": "Trip"})).await;
        let child = alice.task(json!({"title": "Pack", "parent_id": parent["id"]})).await;
        let list = alice.get("/api/tasks/1/subtasks").await;
        assert_eq!(list.json["tasks"][0]["title"], "Pack");
        let refused = alice.post("/api/tasks", json!({"title": "Socks", "parent_id": child["id"]})).await;
        assert_eq!((refused.status.as_u16(), &refused.json["field"]), (422, &json!("parent_id")));
        alice.delete("/api/tasks/1").await;
        assert_eq!(alice.get("/api/tasks/2").await.status, 404);
    }
}
