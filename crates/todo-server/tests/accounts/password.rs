//! `/change-password`, `/verify-password`, `/request-password-reset`, `/reset-password`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{PASSWORD, Site, each, no};

#[tokio::test]
async fn change_password() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let mut phone = site.browser();
        phone.sign_in("ann@example.com", PASSWORD).await;
        let change = |current: &str, new: &str| json!({"currentPassword": current, "newPassword": new});
        for (body, status, code) in [
            (change("wrong password", "another password"), 400, "INVALID_PASSWORD"),
            (change(PASSWORD, "short"), 400, "PASSWORD_TOO_SHORT"),
            (change(PASSWORD, &"x".repeat(129)), 400, "PASSWORD_TOO_LONG"),
            (change(&"x".repeat(129), "another password"), 400, "PASSWORD_TOO_LONG"),
            (json!({"newPassword": "another password"}), 400, "VALIDATION_ERROR"),
        ] {
            assert_eq!(ann.post("/change-password", body.clone()).await.refusal(), no(status, code), "{body}");
        }
        let nobody = site.browser().post("/change-password", change(PASSWORD, "another password")).await;
        assert_eq!(nobody.refusal(), no(401, "UNAUTHORIZED"));
        let answer = ann.post("/change-password", change(PASSWORD, "another password")).await.json();
        assert_eq!((&answer["token"], &answer["user"]["email"]), (&Value::Null, &json!("ann@example.com")));
        assert_ne!(phone.session().await, Value::Null);
        let mut body = change("another password", "third password");
        body["revokeOtherSessions"] = json!(true);
        let mut before = ann.clone();
        let answer = ann.post("/change-password", body).await.json();
        assert_eq!(answer["token"].as_str(), ann.signed_token().split('.').next());
        assert_eq!((phone.session().await, before.session().await), (Value::Null, Value::Null));
        assert_ne!(ann.session().await, Value::Null);
        assert_eq!(site.browser().sign_in("ann@example.com", "third password").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn verify_password() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        assert_eq!(ann.post("/verify-password", json!({"password": PASSWORD})).await.json(), json!({"status": true}));
        let wrong = ann.post("/verify-password", json!({"password": "wrong password"})).await;
        assert_eq!(wrong.refusal(), no(400, "INVALID_PASSWORD"));
    })
    .await;
}

#[tokio::test]
async fn reset_by_link() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let mut browser = site.browser();
        let ask = |email: &str| json!({"email": email, "redirectTo": "/choose"});
        let known = browser.post("/request-password-reset", ask("ann@example.com")).await;
        let unknown = browser.post("/request-password-reset", ask("unknown@example.com")).await;
        let message = "If this email exists in our system, check your email for the reset link";
        assert_eq!(known.json(), json!({"status": true, "message": message}));
        assert_eq!((known.status, known.text), (unknown.status, unknown.text));
        assert_eq!(
            browser.post("/request-password-reset", json!({"email": "x"})).await.refusal(),
            no(400, "VALIDATION_ERROR")
        );

        let (_, link) = site.state.auth.admin_reset("ann@example.com").await.unwrap();
        let path = link.strip_prefix("http://localhost:8000").unwrap();
        let token = path.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
        let landed = browser.get(&format!("/reset-password/{token}?callbackURL=%2Fchoose")).await;
        assert_eq!(
            (landed.status, landed.header("location")),
            (StatusCode::FOUND, format!("/choose?token={token}").as_str())
        );
        let plain = browser.get(&format!("/reset-password/{token}")).await;
        assert!(plain.text.contains("<form") && plain.text.contains(&token), "a page of our own without a callback");
        let gone = browser.get("/reset-password/nonsense").await;
        assert_eq!(gone.header("location"), "/api/auth/error?error=INVALID_TOKEN");
        let lost = browser.get("/reset-password/nonsense?callbackURL=%2Fchoose").await;
        assert_eq!((lost.status, lost.header("location")), (StatusCode::FOUND, "/choose?error=INVALID_TOKEN"));

        let reset = |token: &str, password: &str| json!({"token": token, "newPassword": password});
        assert_eq!(
            browser.post("/reset-password", reset(&token, "short")).await.refusal(),
            no(400, "PASSWORD_TOO_SHORT")
        );
        assert_eq!(
            browser.post("/reset-password", reset("nonsense", "another password")).await.refusal(),
            no(400, "INVALID_TOKEN")
        );
        assert_eq!(
            browser.post("/reset-password", json!({"newPassword": "another password"})).await.refusal(),
            no(400, "INVALID_TOKEN")
        );
        let done =
            browser.post(&format!("/reset-password?token={token}"), json!({"newPassword": "another password"})).await;
        assert_eq!(done.json(), json!({"status": true}));
        assert_eq!(
            browser.post("/reset-password", reset(&token, "third password")).await.refusal(),
            no(400, "INVALID_TOKEN")
        );
        assert_eq!(ann.session().await, Value::Null, "sessions of before end");
        assert_eq!(site.browser().sign_in("ann@example.com", "another password").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn guessable_passwords_are_refused_by_configuration() {
    each(&[("PASSWORD_BLOCKLIST", "on"), ("PASSWORD_MIN_LENGTH", "10")], async |site: Site| {
        let mut browser = site.browser();
        let body = |password: &str| json!({"name": "Ann", "email": "ann@example.com", "password": password});
        let refused = browser.post("/sign-up/email", body("Password2024!")).await;
        assert_eq!(refused.refusal(), no(400, "PASSWORD_TOO_COMMON"));
        assert_eq!(browser.post("/sign-up/email", body("x8#kQ1z!p")).await.refusal(), no(400, "PASSWORD_TOO_SHORT"));
        assert_eq!(browser.post("/sign-up/email", body("x8#kQ1z!pL")).await.status, StatusCode::OK);
    })
    .await;
}
