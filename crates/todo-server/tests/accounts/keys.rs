//! `/token` and `/jwks`, and that a token opens the API.

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::browser::{ORIGIN, Site, each, no};

fn part(token: &str, index: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn token_and_jwks() {
    each(&[], async |site: Site| {
        assert_eq!(site.browser().get("/token").await.refusal(), no(401, "UNAUTHORIZED"));
        let mut ann = site.signed_up("ann@example.com").await;
        let token = ann.get("/token").await.json()["token"].as_str().unwrap().to_owned();
        let jwks = site.browser().get("/jwks").await.json();
        let key = &jwks["keys"][0];
        let mut names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "x"]);
        assert_eq!(part(&token, 0), json!({"alg": "EdDSA", "kid": key["kid"]}));
        let claims = part(&token, 1);
        let user = ann.session().await["user"].clone();
        for name in ["id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt"] {
            assert_eq!(claims[name], user[name], "{name}");
        }
        assert_eq!((&claims["sub"], &claims["iss"], &claims["aud"]), (&user["id"], &json!(ORIGIN), &json!(ORIGIN)));
        assert_eq!(claims["exp"].as_i64().unwrap(), claims["iat"].as_i64().unwrap() + 900);
        let mut other = site.browser();
        other.bearer = Some(token);
        assert_eq!(other.get("/api/tasks").await.status, StatusCode::OK);
        assert_eq!(other.session().await, Value::Null, "a token is no session");
    })
    .await;
}
