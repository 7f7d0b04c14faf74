//! `GET /api/export/account`: everything about a user, nothing about anybody else, and no secrets.

use axum::http::StatusCode;
use serde_json::{Value, json};
use todo_domain::id::UserId;
use todo_store::webhooks::Webhook;

use crate::browser::{Browser, PASSWORD, Site, each};

/// More than are read at once.
const TASKS: usize = 230;

/// A user who has something of every kind. Everything that could be recognised contains `mark`.
pub async fn somebody(site: &Site, email: &str, mark: &str) -> Browser {
    let mut browser = site.signed_up(email).await;
    let made = |answer: crate::browser::Answer| assert!(answer.status.is_success(), "{answer:?}");
    let task = json!({"title": format!("{mark} one"), "labels": [format!("{mark}-label")], "project": format!("{mark} project"), "reminders": []});
    made(browser.post("/api/tasks", task).await);
    made(browser.post("/api/filters", json!({"name": format!("{mark} filter"), "query": "p1"})).await);
    made(browser.post("/api/tokens", json!({"name": format!("{mark} token"), "scopes": ["read"]})).await);
    made(browser.post("/api/chat", json!({"message": format!("add {mark} two")})).await);
    let scope = site.state.store.user(&UserId::new(browser.user_id().await));
    let now = jiff::Timestamp::now();
    let endpoint = format!("https://push.example.com/{mark}");
    scope.add_push_subscription(&endpoint, "the-public-key", "the-push-secret", Some(mark), now).await.unwrap();
    let webhook = Webhook {
        id: uuid::Uuid::now_v7(),
        url: format!("https://hooks.example.com/{mark}"),
        secret: "the-hook-secret".to_owned(),
        events: Vec::new(),
        active: true,
        created_at: now,
    };
    scope.save_webhook(&webhook).await.unwrap();
    browser
}

async fn export(browser: &mut Browser) -> Value {
    let answer = browser.get("/api/export/account").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.header("content-disposition").contains("todo-account.json"));
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

#[tokio::test]
async fn everything_is_there_and_no_secret() {
    each(&[("RATE_LIMIT_PER_MINUTE", "0")], async |site: Site| {
        let mut ann = somebody(&site, "ann@example.com", "Anns").await;
        somebody(&site, "bob@example.com", "Bobs").await;
        let made = ann.post("/api/tokens", json!({"name": "laptop"})).await.json();
        let secret = made["token"].as_str().unwrap().to_owned();
        ann.sign_in("ann@example.com", "a wrong password").await;
        ann.sign_in("ann@example.com", PASSWORD).await;
        for n in 0..TASKS {
            assert_eq!(ann.post("/api/tasks", json!({"title": format!("task {n}")})).await.status, StatusCode::CREATED);
        }
        let file = export(&mut ann).await;
        assert_eq!((&file["schema"], &file["schema_version"]), (&json!("todo-account"), &json!(1)));
        assert!(file["exported_at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        assert_eq!(file["profile"]["email"], "ann@example.com");
        assert!(file["settings"].is_object());
        assert_eq!(file["sign_in_methods"][0]["provider"], "credential");
        let count = |section: &str| file[section].as_array().unwrap_or_else(|| panic!("{section} in {file}")).len();
        assert_eq!(count("sessions"), 2);
        assert_eq!(count("tokens"), 2);
        assert_eq!((count("labels"), count("projects"), count("saved_filters")), (1, 1, 1));
        assert_eq!(count("tasks"), TASKS + 2);
        assert!(count("history") >= TASKS + 2, "one for each change");
        assert_eq!(file["history"][0]["changes"].as_array().map_or(0, Vec::len).min(1), 1, "{}", file["history"][0]);
        assert_eq!((count("conversations"), count("messages")), (1, 2));
        assert_eq!((count("agent_runs"), count("push_subscriptions"), count("webhooks")), (1, 1, 1));
        assert!(count("tool_calls") >= 1);
        let activity: Vec<_> =
            file["activity"].as_array().unwrap().iter().map(|entry| (&entry["action"], &entry["outcome"])).collect();
        for entry in [("sign_up", "ok"), ("sign_in", "wrong_credentials"), ("sign_in", "ok"), ("token_created", "ok")] {
            assert!(activity.contains(&(&json!(entry.0), &json!(entry.1))), "{entry:?} in {activity:?}");
        }
        let ids = |section: &str| {
            let rows = file[section].as_array().unwrap().iter();
            rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!((ids("tasks"), ids("history")), (count("tasks"), count("history")), "nothing twice");
        let text = file.to_string();
        let token = ann.signed_token();
        let session = token.split('.').next().unwrap();
        for hidden in ["Bobs", "argon2", "sha256:", "the-push-secret", "the-hook-secret", &secret, session, PASSWORD] {
            assert!(!text.contains(hidden), "{hidden}");
        }
    })
    .await;
}

#[tokio::test]
async fn its_tasks_can_be_imported_and_the_rest_is_passed_over() {
    each(&[], async |site: Site| {
        let mut ann = somebody(&site, "ann@example.com", "Anns").await;
        let file = export(&mut ann).await;
        let mut bob = site.signed_up("bob@example.com").await;
        let sent = Some(("text/plain", file.to_string()));
        let report = bob.send(axum::http::Method::POST, "/api/import?format=json", sent, &[]).await.json();
        assert_eq!((&report["imported"], &report["skipped"]), (&json!(2), &json!([])), "{report}");
        let mine = export(&mut bob).await;
        let told = |file: &Value| {
            let tasks = file["tasks"].as_array().unwrap().iter();
            tasks
                .map(|task| (task["title"].clone(), task["labels"].clone(), task["project"].clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&mine), told(&file));
        assert_eq!(mine["conversations"], json!([]), "conversations are not imported");
    })
    .await;
}

#[tokio::test]
async fn only_the_user_may_have_it() {
    each(&[], async |site: Site| {
        let mut ann = somebody(&site, "ann@example.com", "Anns").await;
        let mut bob = site.signed_up("bob@example.com").await;
        let ann_id = ann.user_id().await;
        assert_eq!(bob.get(&format!("/api/{ann_id}/export/account")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(site.browser().get("/api/export/account").await.status, StatusCode::UNAUTHORIZED);
        let own = ann.get(&format!("/api/{ann_id}/export/account")).await;
        assert_eq!(own.json()["profile"]["id"], json!(ann_id));
    })
    .await;
}
