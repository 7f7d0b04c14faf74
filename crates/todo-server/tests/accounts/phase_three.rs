//! The forms of the Phase III contract.

use axum::http::StatusCode;
use serde_json::json;

use crate::browser::{Site, each, no};

const STRONG: &str = "Correct horse 1";

#[tokio::test]
async fn sign_up_in_refresh_and_out() {
    each(&[], async |site: Site| {
        let mut client = site.browser();
        let new = json!({"email": "ann@example.com", "password": STRONG, "password_confirm": STRONG, "name": "Ann"});
        let made = client.post("/signup", new.clone()).await;
        assert_eq!(made.status, StatusCode::CREATED);
        let user = made.json()["user_id"].as_str().unwrap().to_owned();
        assert!(made.json()["message"].is_string() && client.cookies.is_empty());
        assert_eq!(client.post("/signup", new).await.refusal(), no(409, "EMAIL_ALREADY_EXISTS"));

        let pair = client.post("/signin", json!({"email": "ann@example.com", "password": STRONG})).await;
        assert_eq!(pair.status, StatusCode::OK);
        let pair = pair.json();
        assert_eq!((&pair["token_type"], &pair["expires_in"]), (&json!("Bearer"), &json!(3600)));
        let mut api = site.browser();
        api.bearer = pair["access_token"].as_str().map(str::to_owned);
        assert_eq!(api.get(&format!("/api/{user}/tasks")).await.status, StatusCode::OK);
        assert_eq!(api.get("/api/somebody-else/tasks").await.refusal(), no(403, "FORBIDDEN"));

        let refresh = json!({"refresh_token": pair["refresh_token"]});
        let next = client.post("/refresh", refresh.clone()).await.json();
        assert_ne!(next["refresh_token"], pair["refresh_token"]);
        assert_eq!(client.post("/refresh", refresh).await.refusal(), no(401, "INVALID_TOKEN"), "each works once");
        assert_eq!(api.get("/api/tasks").await.refusal(), no(401, "INVALID_TOKEN"), "the old pair is gone");
        api.bearer = next["access_token"].as_str().map(str::to_owned);
        assert_eq!(api.get("/api/tasks").await.status, StatusCode::OK);
        assert_eq!(api.post("/signout", json!({})).await.status, StatusCode::OK);
        assert_eq!(api.get("/api/tasks").await.refusal(), no(401, "INVALID_TOKEN"));
    })
    .await;
}

#[tokio::test]
async fn refusals_in_this_contracts_words() {
    each(&[], async |site: Site| {
        let mut client = site.browser();
        for (password, confirm) in
            [("weak", "weak"), ("alllower1", "alllower1"), ("NODIGITSx", "NODIGITSx"), (STRONG, "Other horse 1")]
        {
            let body = json!({"email": "ann@example.com", "password": password, "password_confirm": confirm});
            assert_eq!(client.post("/signup", body).await.refusal(), no(422, "VALIDATION_ERROR"), "{password}");
        }
        let body = json!({"email": "nobody", "password": STRONG, "password_confirm": STRONG});
        assert_eq!(client.post("/signup", body).await.refusal(), no(422, "VALIDATION_ERROR"));
        let ok = json!({"email": "ann@example.com", "password": STRONG, "password_confirm": STRONG});
        client.post("/signup", ok).await;
        let wrong = client.post("/signin", json!({"email": "ann@example.com", "password": "Wrong horse 1"})).await;
        assert_eq!(wrong.refusal(), no(401, "INVALID_CREDENTIALS"));
        assert_eq!(wrong.header("www-authenticate"), "Bearer");
        let mut elsewhere = site.browser();
        elsewhere.peer = "198.51.100.9".to_owned();
        let unknown = elsewhere.post("/signin", json!({"email": "bob@example.com", "password": "Wrong horse 1"})).await;
        assert_eq!((unknown.status, unknown.json()["detail"].clone()), (wrong.status, wrong.json()["detail"].clone()));
        for _ in 0..4 {
            client.post("/signin", json!({"email": "ann@example.com", "password": "Wrong horse 1"})).await;
        }
        let locked = client.post("/signin", json!({"email": "ann@example.com", "password": STRONG})).await;
        assert_eq!(locked.refusal(), no(423, "ACCOUNT_LOCKED"));
        assert!(locked.header("retry-after").parse::<i64>().unwrap() <= 900);
        assert_eq!(
            client.post("/refresh", json!({"refresh_token": "nonsense"})).await.refusal(),
            no(401, "INVALID_TOKEN")
        );
        for email in ["ann@example.com", "unknown@example.com"] {
            let answer = client.post("/reset-password-request", json!({"email": email})).await;
            assert_eq!(answer.status, StatusCode::OK);
        }
    })
    .await;
}

#[tokio::test]
async fn verification_when_required() {
    each(&[("REQUIRE_EMAIL_VERIFICATION", "on")], async |site: Site| {
        let mut client = site.browser();
        let new = json!({"email": "ann@example.com", "password": STRONG, "password_confirm": STRONG});
        assert_eq!(client.post("/signup", new).await.status, StatusCode::CREATED);
        let early = client.post("/signin", json!({"email": "ann@example.com", "password": STRONG})).await;
        assert_eq!(early.refusal(), no(403, "EMAIL_NOT_VERIFIED"));
    })
    .await;
}
