//! Export and import.

use axum::body::Body;
use http::Method;
use serde_json::json;

use crate::harness::App;

#[tokio::test]
async fn an_export_moves_to_another_account() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let bob = app.user("bob").await;
        let parent =
            alice.task(json!({"title": "Trip", "labels": ["x"], "project": "P", "due_date": "2026-12-01"})).await;
        alice.task(json!({"title": "Pack", "parent_id": parent["id"]})).await;
        for format in ["json", "csv", "ics", "todoist", "taskwarrior"] {
            let file = alice.get(&format!("/api/export?format={format}")).await;
            assert_eq!(file.status, 200, "{format}");
            assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
            let send = async |dry: bool| {
                let path = format!("/api/import?format={format}&dry_run={dry}");
                let request = bob.request(Method::POST, &path).header("content-type", "text/plain");
                app.send(request.body(Body::from(file.text.clone())).unwrap()).await
            };
            let before = bob.get("/api/tasks").await.json["total"].as_u64().unwrap();
            let dry = send(true).await;
            assert_eq!((dry.status.as_u16(), &dry.json["imported"]), (200, &json!(2)), "{format}: {}", dry.text);
            assert_eq!(bob.get("/api/tasks").await.json["total"].as_u64().unwrap(), before);
            let real = send(false).await;
            assert_eq!((&real.json["imported"], &real.json["skipped"]), (&json!(2), &json!([])), "{format}");
            assert_eq!(bob.get("/api/tasks").await.json["total"].as_u64().unwrap(), before + 2);
            let operation = real.json["operations"][0].as_str().unwrap();
            assert_eq!(bob.poke(&format!("/api/operations/{operation}/undo")).await.status, 200);
            assert_eq!(bob.get("/api/tasks").await.json["total"].as_u64().unwrap(), before);
        }
    }
}
