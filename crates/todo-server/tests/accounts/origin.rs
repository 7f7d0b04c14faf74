//! Requests of other sites: origins, redirects, CORS, and cookies on the API.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::browser::{ORIGIN, PASSWORD, Site, each, no};

fn body() -> Option<(&'static str, String)> {
    Some(("application/json", json!({"email": "ann@example.com", "password": PASSWORD}).to_string()))
}

#[tokio::test]
async fn requests_with_cookies_must_name_a_trusted_origin() {
    each(&[("TRUSTED_ORIGINS", "http://localhost:30000,https://*.pages.example")], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        for (origin, referer, outcome) in [
            (ORIGIN, "", Ok(())),
            ("http://localhost:30000", "", Ok(())),
            ("https://a.pages.example", "", Ok(())),
            ("", "http://localhost:8000/settings", Ok(())),
            ("", "", Err("MISSING_OR_NULL_ORIGIN")),
            ("null", "", Err("MISSING_OR_NULL_ORIGIN")),
            ("https://evil.example", "", Err("INVALID_ORIGIN")),
            ("http://localhost:8000.evil.example", "", Err("INVALID_ORIGIN")),
            ("", "https://evil.example/http://localhost:8000/", Err("INVALID_ORIGIN")),
        ] {
            let name = Some(("application/json", json!({"name": "Annabel"}).to_string()));
            let answer =
                ann.send(Method::POST, "/update-user", name, &[("origin", origin), ("referer", referer)]).await;
            match outcome {
                Ok(()) => assert_eq!(answer.status, StatusCode::OK, "{origin} {referer}"),
                Err(code) => assert_eq!(answer.refusal(), no(403, code), "{origin} {referer}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_first_sign_in_from_another_site_is_refused() {
    each(&[], async |site: Site| {
        site.signed_up("ann@example.com").await;
        let send =
            async |headers: &[(&str, &str)]| site.browser().send(Method::POST, "/sign-in/email", body(), headers).await;
        let navigate = [("origin", ORIGIN), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        assert_eq!(send(&navigate).await.refusal(), no(403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED"));
        assert_eq!(send(&[("origin", "https://evil.example")]).await.refusal(), no(403, "INVALID_ORIGIN"));
        let fetch = [("origin", ""), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")];
        assert_eq!(send(&fetch).await.refusal(), no(403, "MISSING_OR_NULL_ORIGIN"));
        assert_eq!(send(&[("origin", "")]).await.status, StatusCode::OK, "curl and apps send neither");
        let form = Some((
            "application/x-www-form-urlencoded",
            "email=ann%40example.com&password=correct+horse+battery".to_owned(),
        ));
        let headers =
            [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        let attack = site.browser().send(Method::POST, "/sign-in/email", form, &headers).await;
        assert_eq!(attack.refusal(), no(403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED"));
        assert!(attack.set_cookies().is_empty());
    })
    .await;
}

#[tokio::test]
async fn redirects_lead_to_trusted_places_only() {
    const BAD: [&str; 9] = [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2fevil.example",
        "javascript:alert(1)",
        "http://localhost:8000@evil.example",
        "http://localhost:8000.evil.example",
        "/\t/evil.example",
    ];
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        for bad in BAD {
            for (path, field, code) in [
                ("/sign-in/email", "callbackURL", "INVALID_CALLBACK_URL"),
                ("/sign-up/email", "callbackURL", "INVALID_CALLBACK_URL"),
                ("/request-password-reset", "redirectTo", "INVALID_REDIRECT_URL"),
                ("/send-verification-email", "callbackURL", "INVALID_CALLBACK_URL"),
                ("/sign-in/email", "errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
                ("/sign-in/email", "newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
                ("/delete-user", "callbackURL", "INVALID_CALLBACK_URL"),
            ] {
                let mut body = json!({"name": "Eve", "email": "eve@example.com", "password": PASSWORD});
                body[field] = json!(bad);
                assert_eq!(ann.post(path, body).await.refusal(), no(403, code), "{path} {bad}");
            }
            let encoded = todo_auth::cookie::percent_encode(bad);
            for path in ["/verify-email?token=x", "/reset-password/x?y=z"] {
                let answer = ann.get(&format!("{path}&callbackURL={encoded}")).await;
                assert_eq!(answer.refusal(), no(403, "INVALID_CALLBACK_URL"), "{path} {bad}");
                assert_eq!(answer.header("location"), "");
            }
        }
        assert_eq!(ann.session().await["user"]["email"], "ann@example.com", "nothing happened");
        assert_eq!(
            site.browser().sign_in("eve@example.com", PASSWORD).await.status,
            StatusCode::UNAUTHORIZED,
            "nothing stored"
        );
    })
    .await;
}

#[tokio::test]
async fn cors_echoes_trusted_origins_exactly() {
    each(&[("TRUSTED_ORIGINS", "http://localhost:30000")], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let trusted = ann.send(Method::GET, "/get-session", None, &[("origin", "http://localhost:30000")]).await;
        assert_eq!(trusted.header("access-control-allow-origin"), "http://localhost:30000");
        assert_eq!(trusted.header("access-control-allow-credentials"), "true");
        assert!(trusted.header("vary").contains("origin"));
        for name in ["set-auth-token", "set-auth-jwt"] {
            assert!(trusted.header("access-control-expose-headers").contains(name), "{name}");
        }
        let stranger = ann.send(Method::GET, "/get-session", None, &[("origin", "https://evil.example")]).await;
        assert_eq!(stranger.header("access-control-allow-origin"), "");
        let ask = [("origin", "http://localhost:30000"), ("access-control-request-method", "PATCH")];
        for path in ["/api/auth/sign-in/email", "/api/tasks"] {
            let preflight = ann.send(Method::OPTIONS, path, None, &ask).await;
            assert_eq!(preflight.status, StatusCode::NO_CONTENT, "{path}");
            assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
            assert!(preflight.header("access-control-allow-headers").contains("authorization"));
        }
        let ask = [("origin", "https://evil.example"), ("access-control-request-method", "PATCH")];
        let preflight = ann.send(Method::OPTIONS, "/api/auth/sign-in/email", None, &ask).await;
        assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (StatusCode::NOT_FOUND, ""));
    })
    .await;
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing_on_the_api() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let task = || Some(("application/json", json!({"title": "x"}).to_string()));
        for headers in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "")],
            &[("origin", ""), ("sec-fetch-site", "cross-site")],
            &[("origin", ""), ("sec-fetch-site", "same-site")],
        ] {
            let answer = ann.send(Method::POST, "/api/tasks", task(), headers).await;
            assert_eq!(answer.refusal(), no(403, "INVALID_ORIGIN"), "{headers:?}");
        }
        let same =
            ann.send(Method::POST, "/api/tasks", task(), &[("origin", ""), ("sec-fetch-site", "same-origin")]).await;
        assert_eq!(same.status, StatusCode::CREATED);
        assert_eq!(ann.get("/api/tasks").await.json()["total"], 1);
    })
    .await;
}

#[tokio::test]
async fn without_a_public_address_the_own_host_is_trusted() {
    each(&[("BETTER_AUTH_URL", "")], async |site: Site| {
        let send =
            async |headers: &[(&str, &str)]| site.browser().send(Method::POST, "/sign-in/email", body(), headers).await;
        // The test client asks for localhost:8000.
        let own = send(&[("origin", "http://localhost:8000")]).await;
        assert_eq!(own.refusal(), no(401, "INVALID_EMAIL_OR_PASSWORD"), "past the wall");
        let proxied = send(&[("origin", "http://192.168.1.7:3000"), ("x-forwarded-host", "192.168.1.7:3000")]).await;
        assert_eq!(proxied.refusal(), no(401, "INVALID_EMAIL_OR_PASSWORD"));
        assert_eq!(send(&[("origin", "http://192.168.1.7:3000")]).await.refusal(), no(403, "INVALID_ORIGIN"));
    })
    .await;
}
