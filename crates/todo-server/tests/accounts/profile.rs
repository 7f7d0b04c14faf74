//! `/update-user`, `/delete-user`, `/list-accounts`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{PASSWORD, Site, each, no};

#[tokio::test]
async fn update_user() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let answer = ann.post("/update-user", json!({"name": "Annabel", "image": "https://x.example/a.png"})).await;
        assert_eq!((answer.json(), answer.set_cookies().len()), (json!({"status": true}), 1));
        let user = ann.session().await["user"].clone();
        assert_eq!((&user["name"], &user["image"]), (&json!("Annabel"), &json!("https://x.example/a.png")));
        ann.post("/update-user", json!({"image": null})).await;
        assert_eq!(ann.session().await["user"]["image"], Value::Null);
        assert_eq!(ann.session().await["user"]["name"], "Annabel");
        for (body, status, code) in [
            (json!({"email": "eve@example.com"}), 400, "EMAIL_CAN_NOT_BE_UPDATED"),
            (json!({}), 400, ""),
            (json!({"favouriteColour": "red"}), 400, ""),
            (json!({"emailVerified": true}), 400, "FIELD_NOT_ALLOWED"),
            (json!({"id": "x", "name": "y"}), 400, "FIELD_NOT_ALLOWED"),
            (json!({"role": "admin"}), 400, "FIELD_NOT_ALLOWED"),
            (json!({"name": 7}), 400, "VALIDATION_ERROR"),
            (json!({"name": "a\u{0}b"}), 400, "VALIDATION_ERROR"),
        ] {
            assert_eq!(ann.post("/update-user", body.clone()).await.refusal(), no(status, code), "{body}");
        }
        assert_eq!(ann.post("/update-user", json!({})).await.json()["message"], "No fields to update");
        assert_eq!(ann.session().await["user"]["name"], "Annabel");
        assert_eq!(site.browser().post("/update-user", json!({"name": "x"})).await.refusal(), no(401, "UNAUTHORIZED"));
    })
    .await;
}

#[tokio::test]
async fn list_accounts() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let user = ann.user_id().await;
        let list = ann.get("/list-accounts").await.json();
        let account = &list[0];
        assert_eq!(
            (&account["providerId"], &account["accountId"], &account["userId"]),
            (&json!("credential"), &json!(user), &json!(user))
        );
        assert_eq!(account["scopes"], json!([]));
        let mut keys: Vec<_> = account.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            ["accountId", "createdAt", "id", "providerId", "scopes", "updatedAt", "userId"],
            "nothing secret"
        );
        assert_eq!(site.browser().get("/list-accounts").await.refusal(), no(401, "UNAUTHORIZED"));
    })
    .await;
}

#[tokio::test]
async fn delete_user() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        assert_eq!(site.browser().post("/delete-user", json!({})).await.refusal(), no(401, "UNAUTHORIZED"));
        let wrong = ann.post("/delete-user", json!({"password": "wrong password"})).await;
        assert_eq!(wrong.refusal(), no(400, "INVALID_PASSWORD"));
        assert_eq!(ann.post("/delete-user", json!({"token": "nonsense"})).await.refusal(), no(400, "INVALID_TOKEN"));
        let mut phone = site.browser();
        phone.sign_in("ann@example.com", PASSWORD).await;
        let answer = ann.post("/delete-user", json!({"password": PASSWORD})).await;
        assert_eq!(answer.json(), json!({"success": true, "message": "User deleted"}));
        assert_eq!(answer.set_cookies().len(), 3);
        assert_eq!((ann.session().await, phone.session().await), (Value::Null, Value::Null));
        assert_eq!(ann.sign_in("ann@example.com", PASSWORD).await.refusal(), no(401, "INVALID_EMAIL_OR_PASSWORD"));
        assert_eq!(site.browser().sign_up("ann@example.com").await.status, StatusCode::OK, "the address is free again");
    })
    .await;
}

#[tokio::test]
async fn deleting_takes_the_tasks_along_and_nobody_elses() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let mut bob = site.signed_up("bob@example.com").await;
        for browser in [&mut ann, &mut bob] {
            assert_eq!(browser.post("/api/tasks", json!({"title": "Buy milk"})).await.status, StatusCode::CREATED);
        }
        let user = todo_domain::id::UserId::new(ann.user_id().await);
        let scope = site.state.store.user(&user);
        ann.post("/delete-user", json!({"password": PASSWORD})).await;
        let left = scope.task(todo_domain::id::TaskRef::Number(1)).await.unwrap();
        assert_eq!(left, None);
        let tasks = bob.get("/api/tasks").await.json();
        assert_eq!(tasks["total"], 1, "{tasks}");
        let again = site.state.auth.user(user.as_str()).await.unwrap();
        assert_eq!(again, None);
    })
    .await;
}

#[tokio::test]
async fn a_deletion_can_take_a_mailed_link() {
    each(&[("CONFIRM_ACCOUNT_DELETION", "on")], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let mut bob = site.signed_up("bob@example.com").await;
        let evil = ann.post("/delete-user", json!({"password": PASSWORD, "callbackURL": "https://evil.example"})).await;
        assert_eq!(evil.refusal(), no(403, "INVALID_CALLBACK_URL"));
        let asked = ann.post("/delete-user", json!({"password": PASSWORD, "callbackURL": "/bye"})).await;
        assert_eq!(asked.json(), json!({"success": true, "message": "Verification email sent"}));
        assert!(asked.set_cookies().is_empty() && ann.session().await["user"].is_object(), "nothing has happened yet");
        let token = crate::email::mailed(&site, "delete-account", &ann.user_id().await).await;
        let link = format!("/delete-user/callback?token={token}&callbackURL=%2Fbye");
        let lost = site.browser().get(&link).await;
        assert_eq!(lost.header("location"), "/api/auth/error?error=FAILED_TO_GET_USER_INFO", "signed in nowhere");
        let bare = "/delete-user/callback?token=nonsense";
        assert_eq!(site.browser().get(bare).await.refusal(), no(404, "FAILED_TO_GET_USER_INFO"));
        assert_eq!(ann.get(bare).await.refusal(), no(404, "INVALID_TOKEN"));
        let evil = format!("/delete-user/callback?token={token}&callbackURL=https%3A%2F%2Fevil.example");
        assert_eq!(ann.get(&evil).await.refusal(), no(403, "INVALID_CALLBACK_URL"));
        let done = ann.get(&link).await;
        assert_eq!((done.status, done.header("location"), done.set_cookies().len()), (StatusCode::FOUND, "/bye", 3));
        assert_eq!(ann.sign_in("ann@example.com", PASSWORD).await.refusal(), no(401, "INVALID_EMAIL_OR_PASSWORD"));
        let stolen = bob.get(&format!("/delete-user/callback?token={token}")).await;
        assert_eq!(stolen.refusal(), no(404, "INVALID_TOKEN"), "used up, and never Bob's");
        assert!(bob.session().await["user"].is_object());
    })
    .await;
}
