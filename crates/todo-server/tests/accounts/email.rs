//! `/send-verification-email`, `/verify-email`, `/change-email`, and accounts that must be verified.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::{Value, json};
use todo_auth::random;
use todo_store::auth::verifications;

use crate::browser::{PASSWORD, Site, each, no};

/// A token as it would have been mailed.
pub async fn mailed(site: &Site, kind: &str, value: &str) -> String {
    let token = random::alphanumeric(24);
    let now = jiff::Timestamp::now();
    let end = now + jiff::SignedDuration::from_hours(1);
    let identifier = format!("{kind}:{}", random::digest(&token));
    verifications::create(&site.state.store, &random::id(), &identifier, value, end, now).await.unwrap();
    token
}

#[tokio::test]
async fn send_verification() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let send = |email: &str| json!({"email": email});
        assert_eq!(ann.post("/send-verification-email", send("ANN@example.com")).await.json(), json!({"status": true}));
        let other = ann.post("/send-verification-email", send("bob@example.com")).await;
        assert_eq!(other.refusal(), no(400, "EMAIL_MISMATCH"));
        for email in ["ann@example.com", "unknown@example.com"] {
            let started = Instant::now();
            let answer = site.browser().post("/send-verification-email", send(email)).await;
            assert_eq!(answer.json(), json!({"status": true}), "{email}");
            assert!(started.elapsed() >= Duration::from_millis(500), "the same for all");
        }
        let token = mailed(&site, "verify-email", &format!("{}\nann@example.com", ann.user_id().await)).await;
        ann.get(&format!("/verify-email?token={token}")).await;
        assert_eq!(
            ann.post("/send-verification-email", send("ann@example.com")).await.refusal(),
            no(400, "EMAIL_ALREADY_VERIFIED")
        );
    })
    .await;
}

#[tokio::test]
async fn verify() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let value = format!("{}\nann@example.com", ann.user_id().await);
        let mut browser = site.browser();
        assert_eq!(browser.get("/verify-email?token=nonsense").await.refusal(), no(401, "INVALID_TOKEN"));
        let lost = browser.get("/verify-email?token=nonsense&callbackURL=%2Fdone").await;
        assert_eq!((lost.status, lost.header("location")), (StatusCode::FOUND, "/done?error=INVALID_TOKEN"));
        let token = mailed(&site, "verify-email", &value).await;
        let evil = browser.get(&format!("/verify-email?token={token}&callbackURL=https%3A%2F%2Fevil.example")).await;
        assert_eq!(evil.refusal(), no(403, "INVALID_CALLBACK_URL"));
        let done = browser.get(&format!("/verify-email?token={token}&callbackURL=%2Fdone")).await;
        assert_eq!((done.status, done.header("location")), (StatusCode::FOUND, "/done"));
        assert_eq!(ann.session().await["user"]["emailVerified"], true);
        let token = mailed(&site, "verify-email", &value).await;
        let again = browser.get(&format!("/verify-email?token={token}")).await;
        assert_eq!(again.json(), json!({"status": true, "user": Value::Null}));
    })
    .await;
}

#[tokio::test]
async fn verification_can_be_required() {
    each(&[("REQUIRE_EMAIL_VERIFICATION", "on")], async |site: Site| {
        let mut browser = site.browser();
        let first = browser.sign_up("ann@example.com").await;
        let again = browser.sign_up("ann@example.com").await;
        assert_eq!((first.status, again.status), (StatusCode::OK, StatusCode::OK));
        let (first, again) = (first.json(), again.json());
        assert_eq!((&first["token"], &again["token"]), (&Value::Null, &Value::Null));
        let keys = |body: &Value| body["user"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&first), keys(&again), "a taken address is answered alike");
        assert!(browser.cookies.is_empty());
        assert_eq!(browser.sign_in("ann@example.com", PASSWORD).await.refusal(), no(403, "EMAIL_NOT_VERIFIED"));
        let id = first["user"]["id"].as_str().unwrap();
        let token = mailed(&site, "verify-email", &format!("{id}\nann@example.com")).await;
        browser.get(&format!("/verify-email?token={token}")).await;
        assert_eq!(browser.sign_in("ann@example.com", PASSWORD).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn change_email() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        site.signed_up("bob@example.com").await;
        let change = |email: &str| json!({"newEmail": email});
        let free = ann.post("/change-email", change("annabel@example.com")).await;
        let taken = ann.post("/change-email", change("bob@example.com")).await;
        assert_eq!((free.status, &free.text), (taken.status, &taken.text));
        assert_eq!(free.json(), json!({"status": true}));
        assert_eq!(ann.session().await["user"]["email"], "ann@example.com", "not before it is proven");
        assert_eq!(ann.post("/change-email", change("ann@example.com")).await.json()["message"], "Email is the same");
        assert_eq!(ann.post("/change-email", change("nobody")).await.refusal(), no(400, "VALIDATION_ERROR"));
        assert_eq!(
            site.browser().post("/change-email", change("x@example.com")).await.refusal(),
            no(401, "UNAUTHORIZED")
        );
        let token = mailed(&site, "change-email", &format!("{}\nannabel@example.com", ann.user_id().await)).await;
        let done = ann.get(&format!("/verify-email?token={token}")).await.json();
        assert_eq!((&done["status"], &done["user"]["email"]), (&json!(true), &json!("annabel@example.com")));
        assert_eq!(ann.session().await["user"]["emailVerified"], true);
    })
    .await;
}
