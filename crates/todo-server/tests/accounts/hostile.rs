//! Bad input: refused with the documented code, nothing stored, never a 5xx.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::browser::{PASSWORD, Site, each, no};

#[tokio::test]
async fn huge_passwords_are_refused_before_they_are_hashed() {
    each(&[], async |site: Site| {
        site.signed_up("ann@example.com").await;
        let huge = "x".repeat(10 * 1024 * 1024);
        for path in ["/sign-in/email", "/sign-up/email"] {
            let body = json!({"name": "Eve", "email": "eve@example.com", "password": huge});
            assert_eq!(site.browser().post(path, body).await.refusal(), no(413, "PAYLOAD_TOO_LARGE"), "{path}");
            let large = json!({"name": "Eve", "email": "eve@example.com", "password": "x".repeat(900_000)});
            assert_eq!(site.browser().post(path, large).await.refusal(), no(400, "PASSWORD_TOO_LONG"), "{path}");
        }
        assert_eq!(site.state.auth.admin_list(10, 0).await.unwrap().len(), 1, "nothing stored");
    })
    .await;
}

#[tokio::test]
async fn look_alike_addresses_are_refused() {
    each(&[], async |site: Site| {
        site.signed_up("ann@example.com").await;
        for look_alike in
            ["аnn@example.com", "ann@exаmple.com", "ａnn@example.com", "ann@example.com\u{200b}", "ann@еxample.com"]
        {
            let answer = site.browser().sign_up(look_alike).await;
            assert_eq!(answer.refusal(), no(400, "VALIDATION_ERROR"), "{look_alike}");
        }
        assert_eq!(site.browser().sign_up("ANN@EXAMPLE.COM").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(site.state.auth.admin_list(10, 0).await.unwrap().len(), 1, "nothing stored");
    })
    .await;
}

#[tokio::test]
async fn any_type_in_any_field_is_a_refusal() {
    let values = [
        json!(null),
        json!(true),
        json!(7),
        json!(-1.5e300),
        json!([]),
        json!({}),
        json!([["x"]]),
        json!({"$gt": ""}),
        json!("\u{0}"),
        json!("💥".repeat(3000)),
    ];
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        for (path, fields) in [
            ("/sign-up/email", &["name", "email", "password", "image", "rememberMe", "callbackURL"][..]),
            ("/sign-in/email", &["email", "password", "rememberMe", "callbackURL"]),
            ("/revoke-session", &["token"]),
            ("/change-password", &["currentPassword", "newPassword", "revokeOtherSessions"]),
            ("/update-user", &["name", "image"]),
            ("/delete-user", &["password", "token"]),
            ("/request-password-reset", &["email", "redirectTo"]),
            ("/reset-password", &["newPassword", "token"]),
            ("/change-email", &["newEmail"]),
            ("/signup", &["email", "password", "password_confirm", "name"]),
            ("/signin", &["email", "password"]),
            ("/refresh", &["refresh_token"]),
        ] {
            for field in fields {
                for value in &values {
                    let mut body = json!({"name": "Eve", "email": "eve@example.com"});
                    body[*field] = value.clone();
                    // A picture may be removed, and a link that is empty or absent is none.
                    let harmless = matches!((path, *field, value), ("/update-user", "image", Value::Null));
                    let answer = ann.post(path, body.clone()).await;
                    assert!(
                        harmless || answer.status.is_client_error(),
                        "{path} {field}: {value:.40} {}",
                        answer.status
                    );
                }
            }
        }
        assert_eq!(ann.session().await["user"]["email"], "ann@example.com");
        assert_eq!(site.state.auth.admin_list(10, 0).await.unwrap().len(), 1, "nothing stored");
    })
    .await;
}

#[tokio::test]
async fn strange_headers_and_paths() {
    each(&[], async |site: Site| {
        let mut browser = site.browser();
        for cookie in [
            "=",
            ";;;;",
            "better-auth.session_token",
            "better-auth.session_token=%",
            "better-auth.session_token=\"",
            "a=b; =; c",
        ] {
            assert_eq!(
                browser.send(Method::GET, "/get-session", None, &[("cookie", cookie)]).await.text,
                "null",
                "{cookie}"
            );
        }
        let long = "x".repeat(100_000);
        for authorization in [
            "Bearer",
            "Bearer  ",
            "Bearer .",
            "Bearer ..",
            "Bearer %",
            &format!("Bearer {long}"),
            &format!("Bearer {long}.{long}.{long}"),
        ] {
            assert_eq!(
                browser.send(Method::GET, "/get-session", None, &[("authorization", authorization)]).await.text,
                "null"
            );
            let answer = browser.send(Method::GET, "/api/tasks", None, &[("authorization", authorization)]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{authorization:.30}");
        }
        for path in [
            "/reset-password/%00",
            "/reset-password/%ff",
            "/verify-email?token=%00",
            "/verify-email?token=%ff&callbackURL=%ff",
        ] {
            let answer = browser.get(path).await;
            assert!(answer.status.is_client_error() || answer.status.is_redirection(), "{path}: {}", answer.status);
        }
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_turned_away_and_tasks_go_on() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let attempts = (0..200).map(|n| {
            let mut browser = site.browser();
            tokio::spawn(async move { browser.sign_in(&format!("user{n}@example.com"), PASSWORD).await })
        });
        let attempts: Vec<_> = attempts.collect();
        let mut slowest = std::time::Duration::ZERO;
        for _ in 0..20 {
            let started = std::time::Instant::now();
            assert_eq!(ann.get("/api/tasks").await.status, StatusCode::OK);
            slowest = slowest.max(started.elapsed());
        }
        let mut turned_away = 0;
        for attempt in attempts {
            let answer = attempt.await.unwrap();
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                assert!(answer.header("retry-after").parse::<i64>().unwrap() >= 1);
                turned_away += 1;
            } else {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            }
        }
        println!("{}: {turned_away} of 200 turned away, slowest request for tasks {slowest:?}", site.engine);
        assert!(turned_away > 0 && turned_away < 200, "{turned_away} turned away");
        assert_eq!(ann.sign_in("ann@example.com", PASSWORD).await.status, StatusCode::OK, "afterwards all is well");
    })
    .await;
}
