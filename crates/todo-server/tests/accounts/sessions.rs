//! `/get-session`, `/list-sessions`, `/revoke-session`, `/revoke-sessions`, `/revoke-other-sessions`; cookies and bearer.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use todo_auth::Client;

use crate::browser::{PASSWORD, Site, each, no};

#[tokio::test]
async fn get_session_tells_session_and_user_or_null() {
    each(&[], async |site: Site| {
        let mut nobody = site.browser();
        let answer = nobody.get("/get-session").await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "null"));
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        let mut ann = site.signed_up("ann@example.com").await;
        ann.extra.push(("user-agent", "Test/1".to_owned()));
        ann.sign_in("ann@example.com", PASSWORD).await;
        let answer = ann.get("/get-session").await;
        let body = answer.json();
        let mut keys: Vec<_> = body["session"].as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["createdAt", "expiresAt", "id", "ipAddress", "token", "updatedAt", "userAgent", "userId"]);
        assert_eq!(body["session"]["userId"], body["user"]["id"]);
        assert_eq!(
            (&body["session"]["ipAddress"], &body["session"]["userAgent"]),
            (&json!("192.0.2.1"), &json!("Test/1"))
        );
        assert_eq!(body["session"]["token"].as_str(), ann.signed_token().split('.').next());
        assert_eq!(answer.header("set-auth-jwt").split('.').count(), 3);
        assert!(answer.set_cookies().is_empty(), "nothing to extend yet");
        assert_eq!(
            ann.post("/get-session", json!({})).await.refusal(),
            no(405, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED")
        );
    })
    .await;
}

#[tokio::test]
async fn a_session_is_extended_after_a_day_but_not_when_asked_not_to() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let user = site.state.auth.user(&ann.user_id().await).await.unwrap().unwrap();
        // As a session looks after two days: five of seven left.
        let old = site.state.auth.start_session(&user, true, &Client::default()).await.unwrap();
        let end = old.session.expires_at - jiff::SignedDuration::from_hours(48);
        todo_store::auth::sessions::extend(&site.state.store, &old.session.id, end, end).await.unwrap();
        let signed = todo_auth::cookie::percent_encode(&site.state.auth.signer().sign(&old.token));
        ann.cookies.insert("better-auth.session_token".into(), signed);
        let unchanged = ann.get("/get-session?disableRefresh=true").await;
        assert_eq!(unchanged.json()["session"]["expiresAt"], todo_auth::wire_time(end).as_str());
        assert!(unchanged.set_cookies().is_empty());
        let flag = todo_auth::cookie::percent_encode(&site.state.auth.signer().sign("true"));
        let mut forgetful = ann.clone();
        forgetful.cookies.insert("better-auth.dont_remember".into(), flag);
        assert!(forgetful.get("/get-session").await.set_cookies().is_empty());
        let extended = ann.get("/get-session").await;
        assert_eq!(extended.set_cookies().len(), 1);
        let later: jiff::Timestamp = extended.json()["session"]["expiresAt"].as_str().unwrap().parse().unwrap();
        assert!(later.as_second() - jiff::Timestamp::now().as_second() > 7 * 24 * 3600 - 60);
    })
    .await;
}

#[tokio::test]
async fn a_tampered_cookie_is_no_session_and_a_dead_one_is_cleared() {
    each(&[], async |site: Site| {
        let ann = site.signed_up("ann@example.com").await;
        let good = ann.cookies["better-auth.session_token"].clone();
        let twisted = format!("{}{}", if good.starts_with('A') { 'B' } else { 'A' }, &good[1..]);
        let unsigned = good.split('.').next().unwrap().to_owned();
        for bad in [twisted, unsigned, "x.y".into(), "%ff.%00".into(), "x".repeat(5000), String::new()] {
            let mut thief = ann.clone();
            thief.cookies.insert("better-auth.session_token".into(), bad.clone());
            let answer = thief.get("/get-session").await;
            assert_eq!((answer.text.as_str(), answer.set_cookies().len()), ("null", 0), "{bad:.60}");
        }
        let mut twice = ann.clone();
        let planted = format!("better-auth.session_token={good}; better-auth.session_token=planted");
        let answer = twice.send(Method::GET, "/get-session", None, &[("cookie", &planted)]).await;
        assert_eq!(answer.text, "null", "of two different ones none is believed");
        let mut ghost = ann.clone();
        ann.clone().post("/sign-out", json!({})).await;
        let answer = ghost.get("/get-session").await;
        assert_eq!((answer.text.as_str(), answer.set_cookies().len()), ("null", 3), "our signature, but over");
    })
    .await;
}

#[tokio::test]
async fn every_spelling_of_the_cookie_is_read() {
    each(&[], async |site: Site| {
        let ann = site.signed_up("ann@example.com").await;
        let value = ann.cookies["better-auth.session_token"].clone();
        for name in ["better-auth.session_token", "better-auth-session_token", "__Secure-better-auth.session_token"] {
            let line = format!("theme=dark; {name}={value}");
            let answer = site.browser().send(Method::GET, "/get-session", None, &[("cookie", &line)]).await;
            assert_eq!(answer.json()["user"]["email"], "ann@example.com", "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn https_sets_the_secure_prefix() {
    each(&[("BETTER_AUTH_URL", "https://todo.example.com"), ("AUTH_RATE_LIMITS", "off")], async |site: Site| {
        let body = json!({"name": "Ann", "email": "ann@example.com", "password": PASSWORD}).to_string();
        let origin = [("origin", "https://todo.example.com")];
        let answer =
            site.browser().send(Method::POST, "/sign-up/email", Some(("application/json", body)), &origin).await;
        let cookie = answer.set_cookies()[0];
        assert!(cookie.starts_with("__Secure-better-auth.session_token=") && cookie.contains("; Secure;"), "{cookie}");
    })
    .await;
}

#[tokio::test]
async fn bearer_raw_signed_and_encoded() {
    each(&[], async |site: Site| {
        let ann = site.signed_up("ann@example.com").await;
        let signed = ann.signed_token();
        let raw = signed.split('.').next().unwrap().to_owned();
        let encoded = todo_auth::cookie::percent_encode(&signed);
        for token in [&raw, &signed, &encoded] {
            for scheme in ["Bearer", "bearer", "BEARER"] {
                let header = format!("{scheme} {token}");
                let answer =
                    site.browser().send(Method::GET, "/get-session", None, &[("authorization", &header)]).await;
                assert_eq!(answer.json()["user"]["email"], "ann@example.com", "{header}");
            }
        }
        let forged = format!("Bearer {raw}.{}", "A".repeat(44));
        let answer = site.browser().send(Method::GET, "/get-session", None, &[("authorization", &forged)]).await;
        assert_eq!(answer.text, "null");
        let header = format!("Bearer {raw}");
        let body = Some(("application/json", json!({"name": "Annabel"}).to_string()));
        let headers = [("authorization", header.as_str()), ("origin", "")];
        let answer = site.browser().send(Method::POST, "/update-user", body, &headers).await;
        assert_eq!(answer.status, StatusCode::OK, "a bearer needs no origin");
        assert_eq!(answer.header("set-auth-token"), signed);
    })
    .await;
}

#[tokio::test]
async fn list_and_revoke() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let mut phone = site.browser();
        phone.sign_in("ann@example.com", PASSWORD).await;
        let mut tablet = site.browser();
        tablet.sign_in("ann@example.com", PASSWORD).await;
        assert_eq!(site.browser().get("/list-sessions").await.refusal(), no(401, "UNAUTHORIZED"));
        let list = ann.get("/list-sessions").await.json();
        assert_eq!(list.as_array().unwrap().len(), 3);
        let own = ann.signed_token().split('.').next().unwrap().to_owned();
        let others: Vec<_> =
            list.as_array().unwrap().iter().filter(|session| session["token"] != own.as_str()).collect();
        assert_eq!(others.len(), 2);
        for other in &others {
            let mut thief = site.browser();
            thief.bearer = other["token"].as_str().map(str::to_owned);
            assert_eq!(thief.session().await, Value::Null, "a listed handle is no credential");
        }
        // By the handle that was listed, and by the real token.
        let phone_id = phone.session().await["session"]["id"].clone();
        let handle = others.iter().find(|session| session["id"] == phone_id).unwrap()["token"].clone();
        assert_eq!(ann.post("/revoke-session", json!({"token": handle})).await.json(), json!({"status": true}));
        assert_eq!(phone.session().await, Value::Null);
        let token = tablet.signed_token().split('.').next().unwrap().to_owned();
        assert_eq!(ann.post("/revoke-session", json!({"token": token})).await.json(), json!({"status": true}));
        assert_eq!(tablet.session().await, Value::Null);
        let mut bob = site.signed_up("bob@example.com").await;
        let his = bob.signed_token().split('.').next().unwrap().to_owned();
        for foreign in [json!(his), bob.session().await["session"]["id"].clone(), json!("unknown")] {
            assert_eq!(ann.post("/revoke-session", json!({"token": foreign})).await.json(), json!({"status": true}));
        }
        assert_ne!(bob.session().await, Value::Null, "another user's session stays");
        assert_eq!(ann.post("/revoke-session", json!({})).await.refusal(), no(400, "VALIDATION_ERROR"));
    })
    .await;
}

#[tokio::test]
async fn revoke_others_and_all() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let mut phone = site.browser();
        phone.sign_in("ann@example.com", PASSWORD).await;
        for path in ["/revoke-other-sessions", "/revoke-sessions"] {
            assert_eq!(site.browser().post(path, json!({})).await.refusal(), no(401, "UNAUTHORIZED"));
        }
        assert_eq!(ann.post("/revoke-other-sessions", json!({})).await.json(), json!({"status": true}));
        assert_eq!(phone.session().await, Value::Null);
        assert_ne!(ann.session().await, Value::Null);
        assert_eq!(ann.post("/revoke-sessions", json!({})).await.json(), json!({"status": true}));
        assert_eq!(ann.session().await, Value::Null);
    })
    .await;
}
