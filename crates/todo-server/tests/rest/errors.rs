//! Bad input: a problem document that names the field, never a 5xx.

use axum::body::Body;
use http::{Method, Request};
use serde_json::json;

use crate::harness::App;

#[tokio::test]
async fn what_is_wrong_is_named() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        for (body, field) in [
            (json!({}), "title"),
            (json!({"title": ""}), "title"),
            (json!({"title": "x".repeat(201)}), "title"),
            (json!({"title": "nul\u{0}"}), "title"),
            (json!({"title": 3}), "title"),
            (json!({"title": "a", "priority": "huge"}), "priority"),
            (json!({"title": "a", "due_date": "the day of reckoning"}), "due_date"),
            (json!({"title": "a", "due_date": "2026-02-30"}), "due_date"),
            (json!({"title": "a", "recurrence": "FREQ=SOMETIMES"}), "recurrence"),
            (json!({"title": "a", "reminders": ["soon"]}), "reminders"),
            (json!({"title": "a", "labels": ["x".repeat(51)]}), "labels"),
            (json!({"title": "a", "labels": [1]}), "labels[0]"),
            (json!({"title": "a", "status": "halfway"}), "status"),
            (json!({"title": "a", "completed": true, "status": "pending"}), "completed"),
            (json!({"title": "a", "surprise": 1}), "surprise"),
            (json!({"title": "a", "duration_minutes": -5}), "duration_minutes"),
            (json!({"title": "a", "parent_id": "not-a-uuid"}), "parent_id"),
        ] {
            let refused = alice.post("/api/tasks", body.clone()).await;
            assert_eq!(
                (refused.status.as_u16(), refused.json["field"].as_str()),
                (422, Some(field)),
                "{body}: {}",
                refused.text
            );
            assert_eq!(refused.json["errors"][0]["field"], field);
            assert_eq!(refused.json["error_code"], "VALIDATION_ERROR");
        }
        assert_eq!(alice.get("/api/tasks").await.json["total"], 0);
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_are_told_apart() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let send = async |kind: &str, body: Vec<u8>| {
            let request =
                alice.request(Method::POST, "/api/tasks").header("content-type", kind).body(Body::from(body)).unwrap();
            app.send(request).await
        };
        assert_eq!(send("application/json", b"{\"title\":".to_vec()).await.status, 400);
        assert_eq!(send("application/json", b"{\"title\":\"a\"} x".to_vec()).await.status, 400);
        assert_eq!(send("application/json", vec![0xff, 0xfe]).await.status, 400);
        assert_eq!(
            send("application/json", format!("{{\"title\":\"a\",\"labels\":{}", "[".repeat(100_000)).into_bytes())
                .await
                .status
                .as_u16()
                / 100,
            4
        );
        assert_eq!(send("text/plain", b"{\"title\":\"a\"}".to_vec()).await.status, 415);
        assert_eq!(send("application/json", vec![b' '; 1_100_000]).await.status, 413);
        assert_eq!(send("application/merge-patch+json", b"{\"title\":\"a\"}".to_vec()).await.status, 201);
    }
}

#[tokio::test]
async fn addresses_and_methods_that_do_not_exist_say_so() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let nothing = alice.get("/api/nothing/here/at/all").await;
        assert_eq!((nothing.status.as_u16(), &nothing.json["code"]), (404, &json!("NOT_FOUND")));
        let wrong = alice.call(Method::PATCH, "/api/tasks", json!({})).await;
        assert_eq!(wrong.status, 405);
        assert!(wrong.header("allow").unwrap().contains("POST"), "{:?}", wrong.headers);
        for path in
            ["/api/tasks/0", "/api/tasks/abc", "/api/tasks/-1", "/api/tasks/%00", "/api/tasks/99999999999999999999"]
        {
            assert_eq!(alice.get(path).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn nobody_is_told_apart_from_somebody_else() {
    for app in App::each().await {
        let request = Request::get("/api/tasks").body(Body::empty()).unwrap();
        let nobody = app.send(request).await;
        assert_eq!((nobody.status.as_u16(), &nobody.json["error_code"]), (401, &json!("AUTHENTICATION_REQUIRED")));
        assert!(nobody.header("www-authenticate").unwrap().starts_with("Bearer"));
    }
}

#[tokio::test]
async fn health_has_the_bodies_of_the_contract() {
    for app in App::each().await {
        for (path, status) in [
            ("/health", "healthy"),
            ("/health/live", "alive"),
            ("/health/ready", "ready"),
            ("/api/health", "healthy"),
            ("/api/ready", "ready"),
        ] {
            let ask = || app.send(Request::get(path).body(Body::empty()).unwrap());
            let mut answer = ask().await;
            // Readiness gives the database 250 ms, which a machine that builds something else may take for its first connection.
            for _ in 0..50 {
                if answer.status == 200 {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                answer = ask().await;
            }
            assert_eq!((answer.status.as_u16(), &answer.json["status"]), (200, &json!(status)), "{path}");
        }
        app.state.shutdown.drain();
        let draining = app.send(Request::get("/health/ready").body(Body::empty()).unwrap()).await;
        assert_eq!((draining.status.as_u16(), &draining.json["status"]), (503, &json!("not_ready")));
        assert_eq!(app.send(Request::get("/health/live").body(Body::empty()).unwrap()).await.status, 200);
    }
}

#[tokio::test]
async fn the_document_describes_every_route_and_the_page_shows_it() {
    let app = App::each().await.remove(0);
    let document = app.send(Request::get("/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!(document.json["openapi"].as_str().unwrap().get(..3), Some("3.1"));
    for path in
        ["/api/tasks", "/api/{user_id}/tasks/{task}/complete", "/api/operations/{operation}/undo", "/api/events"]
    {
        assert!(document.json["paths"][path].is_object(), "{path}");
    }
    let page = app.send(Request::get("/docs").body(Body::empty()).unwrap()).await;
    assert!(page.text.contains("/api/tasks/{task}/complete"));
    assert!(!page.text.contains("<script"));
    assert!(!page.text.contains("https://"), "nothing from another origin");
}
