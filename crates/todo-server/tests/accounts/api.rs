//! Who may call the API: kinds of credentials, scopes, and the wall between two users.

use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::account_export::somebody;
use crate::browser::{Browser, Site, each, no};

#[tokio::test]
async fn no_credential_or_a_bad_one_is_401_with_a_challenge() {
    each(&[], async |site: Site| {
        let answer = site.browser().get("/api/tasks").await;
        assert_eq!(answer.refusal(), no(401, "AUTHENTICATION_REQUIRED"));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        for bad in ["Bearer nonsense", "Bearer a.b.c", "Bearer todo_nonsense", "Bearer ", "Basic eDp5", "Digest x", "x"]
        {
            let answer = site.browser().send(Method::GET, "/api/tasks", None, &[("authorization", bad)]).await;
            assert_eq!(answer.refusal(), no(401, "INVALID_TOKEN"), "{bad}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{bad}");
        }
    })
    .await;
}

async fn token(person: &mut Browser, body: Value) -> Value {
    let made = person.post("/api/tokens", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    made.json()
}

#[tokio::test]
async fn personal_tokens_are_shown_once_scoped_and_revoked() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        let reader = token(&mut ann, json!({"name": "reader", "scopes": ["read"]})).await;
        let secret = reader["token"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("todo_"));
        let list = ann.get("/api/tokens").await;
        assert!(!list.text.contains(&secret));
        assert_eq!(list.json()["tokens"][0]["hint"], json!(secret[secret.len() - 4..]));
        let mut script = site.browser();
        script.bearer = Some(secret.clone());
        assert_eq!(script.get("/api/tasks").await.status, StatusCode::OK);
        let refused = script.post("/api/tasks", json!({"title": "x"})).await;
        assert_eq!(refused.refusal(), no(403, "INSUFFICIENT_SCOPE"));
        assert!(refused.header("www-authenticate").contains("insufficient_scope"));
        let writer = token(&mut ann, json!({"name": "writer"})).await;
        script.bearer = writer["token"].as_str().map(str::to_owned);
        assert_eq!(script.post("/api/tasks", json!({"title": "x"})).await.status, StatusCode::CREATED);
        assert_eq!(script.post("/api/tokens", json!({"name": "more"})).await.status, StatusCode::FORBIDDEN);
        assert_eq!(script.session().await, Value::Null, "no session");
        let basic = format!("Basic {}", STANDARD.encode(format!("ann@example.com:{secret}")));
        let answer = site.browser().send(Method::GET, "/api/tasks", None, &[("authorization", &basic)]).await;
        assert_eq!(answer.status, StatusCode::OK, "as a password");
        let mut bob = site.signed_up("bob@example.com").await;
        let path = format!("/api/tokens/{}", reader["id"].as_str().unwrap());
        assert_eq!(bob.send(Method::DELETE, &path, None, &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(ann.send(Method::DELETE, &path, None, &[]).await.status, StatusCode::NO_CONTENT);
        script.bearer = Some(secret);
        assert_eq!(script.get("/api/tasks").await.refusal(), no(401, "INVALID_TOKEN"));
        for bad in [
            json!({"name": ""}),
            json!({"name": "x", "scopes": ["admin"]}),
            json!({"name": "x", "scopes": []}),
            json!({"name": "x", "expires_at": "2020-01-01T00:00:00Z"}),
            json!({"name": "x", "user_id": "bob"}),
            json!({}),
        ] {
            assert_eq!(ann.post("/api/tokens", bad.clone()).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        }
    })
    .await;
}

#[tokio::test]
async fn activity_is_shown_to_its_user() {
    each(&[], async |site: Site| {
        let mut ann = site.signed_up("ann@example.com").await;
        site.browser().sign_in("ann@example.com", "wrong password").await;
        let activity = ann.get("/api/activity").await.json();
        let seen: Vec<_> =
            activity["activity"].as_array().unwrap().iter().map(|entry| entry["outcome"].clone()).collect();
        assert_eq!(seen, [json!("wrong_credentials"), json!("ok")]);
        let mut bob = site.signed_up("bob@example.com").await;
        assert_eq!(bob.get("/api/activity").await.json()["activity"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn shared_secret_tokens_open_the_api_by_the_switch_only() {
    // Made with Python's hmac: {"alg":"HS256","typ":"JWT"} . {"sub":"user-1","exp":4102444800} under the test's secret.
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1c2VyLTEiLCJleHAiOjQxMDI0NDQ4MDB9._wAE5mrrjgmAuPpaHGl7xZpHkXZMnAPKSkqPrX-smbw";
    for (switch, status) in [("off", StatusCode::UNAUTHORIZED), ("on", StatusCode::OK)] {
        each(&[("AUTH_LEGACY_HS256", switch)], async |site: Site| {
            let mut client = site.browser();
            client.bearer = Some(TOKEN.to_owned());
            assert_eq!(client.get("/api/user-1/tasks").await.status, status);
            if switch == "on" {
                assert_eq!(client.get("/api/user-2/tasks").await.refusal(), no(403, "FORBIDDEN"));
                assert_eq!(client.post("/api/user-1/tasks", json!({"title": "x"})).await.status, StatusCode::CREATED);
            }
        })
        .await;
    }
}

/// Every id in a document, wherever it stands.
fn ids(value: &Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| match field.as_str() {
            Some(id) if name == "id" || name.ends_with("_id") => {
                found.insert(id.to_owned());
            }
            _ => ids(field, found),
        }),
        _ => {}
    }
}

/// All that is kept about a user, but for the time of the export and the use of sessions.
async fn everything(browser: &mut Browser) -> Value {
    let mut file = browser.get("/api/export/account").await.json();
    file["exported_at"] = Value::Null;
    file["sessions"] = Value::Null;
    file
}

#[tokio::test]
async fn two_users_with_swapped_ids_never_see_each_other() {
    each(&[("RATE_LIMIT_PER_MINUTE", "0"), ("CHAT_RATE_LIMIT_PER_MINUTE", "100000")], async |site: Site| {
        let mut ann = somebody(&site, "ann@example.com", "Anns").await;
        let mut bob = site.signed_up("bob@example.com").await;
        let ann_id = ann.user_id().await;
        let before = everything(&mut ann).await;
        let mut foreign = std::collections::BTreeSet::new();
        ids(&before, &mut foreign);
        assert!(foreign.len() >= 12, "something of every kind: {foreign:?}");
        let document: Value = serde_json::from_slice(&todo_server::openapi::document()).unwrap();
        let mut tried = 0;
        // Every route of the document, so that none is forgotten, and every id of Ann's in every place for one.
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in
                ["get", "post", "put", "patch", "delete"].into_iter().filter(|method| item.get(*method).is_some())
            {
                let under_user = path.contains("{user_id}");
                let path = path.replace("{user_id}", &ann_id);
                if path.ends_with("/events") && method == "get" && !under_user && !path.contains('{') {
                    continue; // Bob's own stream never ends; under Ann's id it is refused before it starts.
                }
                let here: Vec<&String> = if path.contains('{') { foreign.iter().collect() } else { vec![&ann_id] };
                for id in here {
                    let mut target = path.clone();
                    while let (Some(start), Some(end)) = (target.find('{'), target.find('}')) {
                        target.replace_range(start..=end, id);
                    }
                    let body = (method != "get").then(|| ("application/json", "{}".to_owned()));
                    let verb = method.to_uppercase().parse::<Method>().unwrap();
                    let answer = bob.send(verb, &target, body, &[]).await;
                    assert!(!answer.text.contains("Anns"), "{method} {target}: {}", answer.text);
                    if under_user {
                        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {target}: {answer:?}");
                    } else if path.contains('{') {
                        assert!(answer.status.is_client_error(), "{method} {target}: {answer:?}");
                    }
                    tried += 1;
                }
            }
        }
        assert!(tried > 500, "only {tried} requests were tried");
        assert_eq!(everything(&mut ann).await, before, "nothing of hers has changed");
    })
    .await;
}
