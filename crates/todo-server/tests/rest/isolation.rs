//! Two users, every route, swapped ids: never a leak.

use http::Method;
use serde_json::json;

use crate::harness::App;

#[tokio::test]
async fn what_belongs_to_somebody_else_does_not_exist() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let bob = app.user("bob").await;
        let task = alice.task(json!({"title": "secret", "labels": ["hidden"], "project": "Vault"})).await;
        let id = task["id"].as_str().unwrap();
        let project = task["project_id"].as_str().unwrap();
        let label = alice.get("/api/labels").await.json["labels"][0]["id"].as_str().unwrap().to_owned();
        let operation = alice.get("/api/operations").await.json["operations"][0]["id"].as_str().unwrap().to_owned();
        let filter = alice.post("/api/filters", json!({"name": "f", "query": "p1"})).await.json["id"]
            .as_str()
            .unwrap()
            .to_owned();

        for path in
            [format!("/api/tasks/{id}"), format!("/api/tasks/{id}/subtasks"), format!("/api/operations/{operation}")]
        {
            assert_eq!(bob.get(&path).await.status, 404, "{path}");
        }
        for path in [
            format!("/api/tasks/{id}"),
            format!("/api/labels/{label}"),
            format!("/api/projects/{project}"),
            format!("/api/filters/{filter}"),
        ] {
            assert_eq!(bob.delete(&path).await.status, 404, "{path}");
        }
        for path in [
            format!("/api/tasks/{id}/complete"),
            format!("/api/tasks/{id}/reopen"),
            format!("/api/operations/{operation}/undo"),
        ] {
            assert_eq!(bob.poke(&path).await.status, 404, "{path}");
        }
        assert_eq!(bob.call(Method::PATCH, &format!("/api/tasks/{id}"), json!({"title": "mine"})).await.status, 404);
        assert_eq!(bob.post("/api/tasks/bulk", json!({"action": "delete", "tasks": [id]})).await.status, 404);
        assert_eq!(bob.post("/api/tasks", json!({"title": "x", "project_id": project})).await.status, 404);
        assert_eq!(bob.post("/api/tasks", json!({"title": "x", "tag_ids": [label]})).await.status, 404);
        assert_eq!(bob.post("/api/tasks", json!({"title": "x", "parent_id": id})).await.status.as_u16() / 100, 4);
        for query in [
            "",
            "search=secret",
            "label=hidden",
            "project=Vault",
            &format!("project={project}"),
            &format!("label={label}"),
        ] {
            assert_eq!(bob.titles(query).await, Vec::<String>::new(), "{query}");
        }
        assert_eq!(bob.get("/api/labels").await.json["total"], 0);
        assert_eq!(bob.get("/api/projects").await.json["total"], 0);
        assert!(!bob.get("/api/export").await.text.contains("secret"));
        assert_eq!(alice.get(&format!("/api/tasks/{id}")).await.json, task);
    }
}

#[tokio::test]
async fn another_user_in_the_path_is_forbidden() {
    for app in App::each().await {
        let alice = app.user("alice").await;
        let bob = app.user("bob").await;
        for path in
            ["tasks", "tasks/1", "labels", "projects", "operations", "profile", "stats", "export", "events", "filters"]
        {
            let refused = bob.get(&format!("/api/{}/{path}", alice.id)).await;
            assert_eq!((refused.status.as_u16(), &refused.json["error_code"]), (403, &json!("FORBIDDEN")), "{path}");
        }
        let refused = bob.post(&format!("/api/{}/tasks", alice.id), json!({"title": "x"})).await;
        assert_eq!(refused.status, 403);
        assert_eq!(alice.get("/api/tasks").await.json["total"], 0);
    }
}
