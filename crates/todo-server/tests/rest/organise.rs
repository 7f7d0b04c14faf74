//! Labels, projects, saved filters, profile, statistics.

use http::Method;
use serde_json::json;

use crate::harness::App;

#[tokio::test]
async fn labels_are_unique_without_case_and_rename_on_their_tasks() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let made = alice.post("/api/tags", json!({"name": "Work", "color": "#A0b1C2"})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let taken = alice.post("/api/labels", json!({"name": "WORK"})).await;
        assert_eq!((taken.status.as_u16(), &taken.json["error_code"]), (409, &json!("DUPLICATE_TAG")));
        alice.task(json!({"title": "a", "tag_ids": [made.json["id"]]})).await;
        let path = format!("/api/labels/{}", made.json["id"].as_str().unwrap());
        let renamed = alice.call(Method::PUT, &path, json!({"name": "job"})).await;
        assert_eq!((renamed.status.as_u16(), &renamed.json["open_tasks"]), (200, &json!(1)));
        assert_eq!(alice.get("/api/tasks/1").await.json["labels"], json!(["job"]));
        assert_eq!(alice.delete(&path).await.status, 204);
        assert_eq!(alice.get("/api/tasks/1").await.json["labels"], json!([]));
        assert_eq!(alice.get("/api/tags").await.json["total"], 0);
        let missing = alice.post("/api/tasks", json!({"title": "b", "tag_ids": [made.json["id"]]})).await;
        assert_eq!((missing.status.as_u16(), &missing.json["error_code"]), (404, &json!("TAG_NOT_FOUND")));
    }
}

#[tokio::test]
async fn deleting_a_project_sends_its_tasks_to_the_inbox() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let made = alice.post("/api/projects", json!({"name": "Garden"})).await;
        let id = made.json["id"].as_str().unwrap().to_owned();
        alice.task(json!({"title": "Dig", "category_id": id})).await;
        assert_eq!(alice.titles(&format!("project={id}")).await, ["Dig"]);
        let deleted = alice.delete(&format!("/api/categories/{id}")).await;
        assert_eq!(deleted.status, 204);
        assert_eq!(alice.titles("project=inbox").await, ["Dig"]);
        alice.poke(&format!("/api/operations/{}/undo", deleted.operation())).await;
        assert_eq!(alice.titles("project=garden").await, ["Dig"]);
    }
}

#[tokio::test]
async fn filters_are_checked_before_they_are_saved() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let refused = alice.post("/api/filters", json!({"name": "x", "query": "(today"})).await;
        assert_eq!((refused.status.as_u16(), &refused.json["field"]), (422, &json!("query")));
        let made = alice.post("/api/filters", json!({"name": "Now", "query": "today | overdue"})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let path = format!("/api/filters/{}", made.json["id"].as_str().unwrap());
        let changed = alice.call(Method::PUT, &path, json!({"query": "p1"})).await;
        assert_eq!((&changed.json["name"], &changed.json["query"]), (&json!("Now"), &json!("p1")));
        assert_eq!(alice.post("/api/filters", json!({"name": "NOW", "query": "p2"})).await.status, 422);
        alice.post("/api/filters", json!({"name": "Later", "query": "p3"})).await;
        assert_eq!(alice.delete(&path).await.status, 204);
        assert_eq!(alice.delete(&path).await.status, 404);
        let back = json!({"name": "Now", "query": "p1", "color": null, "position": made.json["position"]});
        assert_eq!(alice.post("/api/filters", back).await.status, 201);
        let list = alice.get("/api/filters").await.json;
        let names: Vec<_> = list["filters"].as_array().unwrap().iter().map(|filter| &filter["name"]).collect();
        assert_eq!(names, ["Now", "Later"], "a filter can be put back where it was");
    }
}

#[tokio::test]
async fn the_profile_decides_what_today_is() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        // 10:00 in Paris is still the 17th in Honolulu.
        let saved =
            alice.call(Method::PUT, "/api/profile", json!({"timezone": "Pacific/Honolulu", "date_order": "mdy"})).await;
        assert_eq!((saved.status.as_u16(), &saved.json["timezone"]), (200, &json!("Pacific/Honolulu")));
        assert_eq!(alice.task(json!({"title": "a", "due_date": "today"})).await["due_date"], "2026-11-17");
        assert_eq!(alice.task(json!({"title": "b", "due_date": "12/3"})).await["due_date"], "2026-12-03");
        let refused = alice.call(Method::PUT, "/api/profile", json!({"timezone": "Mars/Base"})).await;
        assert_eq!((refused.status.as_u16(), &refused.json["field"]), (422, &json!("timezone")));
    }
}

#[tokio::test]
async fn statistics_count() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        for due in ["2026-11-17", "2026-11-18", "2026-12-01"] {
            alice.task(json!({"title": due, "due_date": due})).await;
        }
        alice.poke("/api/tasks/3/complete").await;
        let stats = alice.get("/api/stats?days=7").await;
        assert_eq!(stats.status, 200, "{}", stats.text);
        let count = |name: &str| stats.json[name].as_u64().unwrap();
        assert_eq!((count("open"), count("completed"), count("overdue"), count("due_today")), (2, 1, 1, 1));
        assert_eq!(stats.json["days"].as_array().unwrap().len(), 7);
        assert_eq!(stats.json["days"][6]["overdue"], 1, "{}", stats.text);
        assert_eq!(
            (&stats.json["projects"][0]["open"], &stats.json["projects"][0]["completed"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(alice.get("/api/stats?days=0").await.status, 422);
    }
}
