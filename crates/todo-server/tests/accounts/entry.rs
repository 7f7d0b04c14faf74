//! `/sign-up/email`, `/sign-in/email`, `/sign-out`, `/ok`, `/error`, and what is not there.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::browser::{PASSWORD, Site, each, no};

fn assert_is_user(user: &Value, email: &str) {
    let mut keys: Vec<_> = user.as_object().expect("object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["createdAt", "email", "emailVerified", "id", "image", "name", "updatedAt"]);
    let id = user["id"].as_str().expect("id");
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(
        (user["email"].as_str(), &user["image"], &user["emailVerified"]),
        (Some(email), &Value::Null, &json!(false))
    );
    for time in ["createdAt", "updatedAt"] {
        let text = user[time].as_str().expect("time");
        assert!(text.len() == 24 && text.ends_with('Z') && text.as_bytes()[19] == b'.', "{text}");
    }
}

#[tokio::test]
async fn sign_up_answers_token_user_and_cookie() {
    each(&[], async |site: Site| {
        let mut browser = site.browser();
        let answer = browser.sign_up("Ann@Example.com").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "application/json");
        let body = answer.json();
        assert_is_user(&body["user"], "ann@example.com");
        let token = body["token"].as_str().expect("token");
        assert_eq!(token.len(), 32);
        let signed = browser.signed_token();
        assert!(signed.starts_with(&format!("{token}.")));
        assert_eq!(answer.header("set-auth-token"), signed, "not percent-encoded");
        assert!(answer.header("access-control-expose-headers").contains("set-auth-token"));
        let cookie = answer.set_cookies()[0].to_owned();
        assert!(cookie.ends_with("; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains('+') && cookie.contains("%3D;"), "percent-encoded: {cookie}");
        assert_eq!(browser.session().await["user"], body["user"]);
    })
    .await;
}

#[tokio::test]
async fn sign_up_refusals() {
    each(&[], async |site: Site| {
        let mut browser = site.browser();
        let good = json!({"name": "Ann", "email": "ann@example.com", "password": PASSWORD});
        let with = |name: &str, value: Value| {
            let mut body = good.clone();
            body[name] = value;
            body
        };
        for (body, status, code) in [
            (json!({}), 400, "VALIDATION_ERROR"),
            (json!([]), 400, "VALIDATION_ERROR"),
            (with("email", json!("nobody")), 400, "VALIDATION_ERROR"),
            (with("email", json!(["ann@example.com"])), 400, "VALIDATION_ERROR"),
            (with("password", json!("")), 400, "VALIDATION_ERROR"),
            (with("password", json!({"$ne": null})), 400, "VALIDATION_ERROR"),
            (with("name", json!(7)), 400, "VALIDATION_ERROR"),
            (with("rememberMe", json!("maybe")), 400, "VALIDATION_ERROR"),
            (with("password", json!("short")), 400, "PASSWORD_TOO_SHORT"),
            (with("password", json!("x".repeat(129))), 400, "PASSWORD_TOO_LONG"),
        ] {
            let answer = browser.post("/sign-up/email", body.clone()).await;
            assert_eq!(answer.refusal(), no(status, code), "{body}");
            assert!(answer.set_cookies().is_empty());
        }
        let message = browser.post("/sign-up/email", json!({"name": "x", "email": "x", "password": ""})).await.json();
        assert_eq!(
            message["message"],
            "[body.email] Invalid email address; [body.password] Too small: expected string to have >=1 characters"
        );
        site.signed_up("ann@example.com").await;
        let again = browser.sign_up("ANN@example.com").await;
        assert_eq!(again.refusal(), no(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"));
        assert_eq!(again.json()["message"], "User already exists. Use another email.");
    })
    .await;
}

#[tokio::test]
async fn sign_up_can_be_switched_off() {
    each(&[("SIGN_UP", "off")], async |site: Site| {
        let answer = site.browser().sign_up("ann@example.com").await;
        assert_eq!(answer.refusal(), no(400, "EMAIL_PASSWORD_SIGN_UP_DISABLED"));
    })
    .await;
}

#[tokio::test]
async fn a_form_signs_up_and_in() {
    each(&[], async |site: Site| {
        let form = |text: &str| Some(("application/x-www-form-urlencoded", text.to_owned()));
        let mut browser = site.browser();
        let body = form("name=Ann&email=ann%40example.com&password=correct+horse+battery");
        assert_eq!(browser.send(Method::POST, "/sign-up/email", body, &[]).await.status, StatusCode::OK);
        let body = form("email=ann%40example.com&password=correct+horse+battery&rememberMe=false");
        let answer = site.browser().send(Method::POST, "/sign-in/email", body, &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.set_cookies().len(), 2);
        let elsewhere = browser.send(Method::POST, "/update-user", form("name=Eve"), &[]).await;
        assert_eq!(elsewhere.refusal(), no(415, "UNSUPPORTED_MEDIA_TYPE"));
    })
    .await;
}

#[tokio::test]
async fn sign_in_answers() {
    each(&[], async |site: Site| {
        site.signed_up("ann@example.com").await;
        let mut browser = site.browser();
        let answer = browser.sign_in("ANN@example.com", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK);
        let body = answer.json();
        assert_eq!((&body["redirect"], body.get("url")), (&json!(false), None));
        assert_is_user(&body["user"], "ann@example.com");
        let first = body["token"].clone();
        let target = json!({"email": "ann@example.com", "password": PASSWORD, "callbackURL": "/welcome"});
        let answer = browser.post("/sign-in/email", target).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::OK, "/welcome"));
        let body = answer.json();
        assert_eq!((&body["redirect"], &body["url"]), (&json!(true), &json!("/welcome")));
        assert_ne!(body["token"], first);
    })
    .await;
}

#[tokio::test]
async fn sign_in_refusals_do_not_tell_who_has_an_account() {
    each(&[], async |site: Site| {
        site.signed_up("ann@example.com").await;
        let mut browser = site.browser();
        let wrong = browser.sign_in("ann@example.com", "wrong password").await;
        let unknown = browser.sign_in("bob@example.com", "wrong password").await;
        assert_eq!(wrong.refusal(), no(401, "INVALID_EMAIL_OR_PASSWORD"));
        assert_eq!((wrong.status, &wrong.text), (unknown.status, &unknown.text));
        let names = |headers: &axum::http::HeaderMap| headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&wrong.headers), names(&unknown.headers));
        assert!(wrong.set_cookies().is_empty());
        assert_eq!(browser.sign_in("nobody", "x").await.refusal(), no(400, "VALIDATION_ERROR"));
        assert_eq!(browser.sign_in("ann@example.com", &"x".repeat(129)).await.refusal(), no(400, "PASSWORD_TOO_LONG"));
    })
    .await;
}

#[tokio::test]
async fn not_to_be_remembered() {
    each(&[], async |site: Site| {
        site.signed_up("ann@example.com").await;
        let mut browser = site.browser();
        let body = json!({"email": "ann@example.com", "password": PASSWORD, "rememberMe": false});
        let answer = browser.post("/sign-in/email", body).await;
        let cookies = answer.set_cookies();
        assert_eq!(cookies.len(), 2);
        assert!(cookies.iter().all(|cookie| !cookie.contains("Max-Age")), "{cookies:?}");
        assert!(cookies[1].starts_with("better-auth.dont_remember=true."), "{cookies:?}");
        let session = browser.session().await;
        let time = |name: &str| session["session"][name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        assert_eq!(time("expiresAt").as_second() - time("createdAt").as_second(), 24 * 3600);
    })
    .await;
}

#[tokio::test]
async fn sign_out_always_succeeds_and_always_clears() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let mut thief = ann.clone();
        for mut browser in [ann.clone(), site.browser()] {
            let answer = browser.post("/sign-out", json!({})).await;
            assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"success": true})));
            let cookies = answer.set_cookies();
            assert_eq!(cookies.len(), 3);
            for (cookie, name) in cookies.iter().zip(["session_token", "session_data", "dont_remember"]) {
                assert!(cookie.starts_with(&format!("better-auth.{name}=; Max-Age=0;")), "{cookie}");
            }
        }
        assert_eq!(thief.session().await, Value::Null, "the session is over, not only its cookie");
        assert_eq!(ann.session().await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn bodies_of_other_kinds() {
    each(&[], async |site: Site| {
        let mut browser = site.browser();
        for kind in ["text/plain", "multipart/form-data; boundary=x", "application/xml", ""] {
            let body = Some((kind, "{\"name\":\"x\"}".to_owned()));
            let answer = browser.send(Method::POST, "/sign-up/email", body, &[]).await;
            assert_eq!(answer.refusal(), no(415, "UNSUPPORTED_MEDIA_TYPE"), "{kind:?}");
        }
        for text in ["{", "nonsense", "{\"name\": \"\\ud800\"}", "{\"a\":1}}"] {
            let answer =
                browser.send(Method::POST, "/sign-up/email", Some(("application/json", text.into())), &[]).await;
            assert_eq!(answer.refusal(), no(400, "BAD_REQUEST"), "{text}");
            assert_eq!(answer.json()["message"], "Invalid JSON in request body");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_404_with_an_empty_body() {
    each(&[], async |site: Site| {
        let mut browser = site.browser();
        for (method, path) in [
            (Method::GET, "/nothing"),
            (Method::GET, "/sign-in/email"),
            (Method::POST, "/jwks"),
            (Method::DELETE, "/sign-out"),
            (Method::POST, "/forget-password"),
            (Method::PUT, "/update-user"),
            (Method::GET, ""),
        ] {
            let answer = browser.send(method.clone(), path, None, &[]).await;
            assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NOT_FOUND, ""), "{method} {path}");
        }
    })
    .await;
}

#[tokio::test]
async fn health_and_error_page() {
    each(&[], async |site: Site| {
        let mut browser = site.browser();
        assert_eq!(browser.get("/ok").await.json(), json!({"ok": true}));
        let page = browser.get("/error?error=INVALID_TOKEN").await;
        assert!(page.text.contains("INVALID_TOKEN") && page.header("content-type").starts_with("text/html"));
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
        let attack = browser.get("/error?error=%3Cscript%3Ealert(1)%3C/script%3E").await;
        assert!(!attack.text.contains("<script") && attack.text.contains("UNKNOWN"));
    })
    .await;
}
