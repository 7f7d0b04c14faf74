//! Credentials of the API, on both engines: what is accepted, and every confusion that must not be.

use crate::desk::{Desk, SECRET, each, each_with};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};
use todo_auth::config::External;
use todo_auth::jwt::{ExternalKeys, Jwk};
use todo_auth::secrets::Secrets;
use todo_auth::{NoPrincipal, Principal, Proof, Scope, Scopes};

async fn who(desk: &Desk, bearer: &str) -> Result<Principal, NoPrincipal> {
    desk.auth.authenticate_bearer(bearer, &desk.from).await.expect("reads")
}

fn hs256(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

fn plain_hs256(claims: &Value) -> String {
    hs256(SECRET.as_bytes(), &json!({"alg": "HS256", "typ": "JWT"}), claims)
}

#[tokio::test]
async fn sessions_as_bearer_raw_and_signed() {
    each(async |desk: Desk| {
        let (ann, session) = desk.ann().await;
        let signed = desk.auth.signer().sign(&session.token);
        for good in [session.token.clone(), signed.clone(), todo_auth::cookie::percent_encode(&signed)] {
            let principal = who(&desk, &good).await.expect("accepted");
            assert_eq!(principal.user_id.as_str(), ann.id);
            assert_eq!(principal.proof, Proof::Session(session.session.id.clone()));
            assert_eq!(principal.scopes, Scopes::ALL);
        }
        let forged = format!("{}.{}", session.token, "A".repeat(44));
        for bad in [forged.as_str(), "", "nonsense", &session.session.id, &session.session.digest, "a.b", "ä"] {
            assert_eq!(who(&desk, bad).await.expect_err("refused"), NoPrincipal::Invalid, "{bad}");
        }
    })
    .await;
}

#[tokio::test]
async fn our_tokens_carry_the_user_and_end_after_a_quarter_of_an_hour() {
    each(async |desk: Desk| {
        let (ann, _) = desk.ann().await;
        let token = desk.auth.mint(&ann).await.expect("mints");
        assert_eq!(who(&desk, &token).await.expect("accepted").proof, Proof::Jwt);
        let claims = desk.auth.verify(&token).await.expect("reads").expect("verified").claims.all;
        assert_eq!(claims["sub"], json!(ann.id));
        assert_eq!(claims["email"], json!("ann@example.com"));
        assert_eq!(claims["iss"], json!("https://todo.example.com"));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
        desk.pass(900 + 31);
        assert_eq!(who(&desk, &token).await.expect_err("over"), NoPrincipal::Expired);
    })
    .await;
}

#[tokio::test]
async fn tokens_die_with_their_user_their_session_and_the_lock() {
    each(async |desk: Desk| {
        let (ann, session) = desk.ann().await;
        let access = desk.auth.mint_access(&ann, &session.session.id).await.expect("mints");
        let token = desk.auth.mint(&ann).await.expect("mints");
        assert!(who(&desk, &access).await.is_ok());
        desk.auth.sign_out(&session.token, &desk.from).await.expect("out");
        assert!(who(&desk, &access).await.is_err(), "the session is over");
        desk.auth.admin_set_locked(&ann.id, true).await.expect("locks");
        assert!(who(&desk, &token).await.is_err(), "locked");
        desk.auth.admin_set_locked(&ann.id, false).await.expect("unlocks");
        assert!(who(&desk, &token).await.is_ok());
        desk.auth.admin_remove(&ann.id).await.expect("removes");
        assert!(who(&desk, &token).await.is_err(), "gone");
    })
    .await;
}

#[tokio::test]
async fn keys_are_shared_by_replicas_and_published_without_their_private_part() {
    each(async |desk: Desk| {
        let (ann, _) = desk.ann().await;
        let token = desk.auth.mint(&ann).await.expect("mints");
        let other = Desk::new(&desk.store, |_| {});
        assert!(who(&other, &token).await.is_ok(), "another process on the same database");
        let jwks = desk.auth.jwks().await.expect("reads");
        let keys = jwks["keys"].as_array().expect("keys");
        assert_eq!(keys.len(), 1);
        assert_eq!(
            (&keys[0]["alg"], &keys[0]["crv"], &keys[0]["kty"]),
            (&json!("EdDSA"), &json!("Ed25519"), &json!("OKP"))
        );
        assert!(keys[0].get("d").is_none());
        assert_eq!(other.auth.jwks().await.expect("reads"), jwks, "nobody made a second key");
    })
    .await;
}

#[tokio::test]
async fn shared_secret_tokens_only_by_the_switch() {
    each(async |desk: Desk| {
        let token = plain_hs256(&json!({"sub": "user-1", "exp": 1_900_000_000}));
        assert_eq!(who(&desk, &token).await.expect_err("switched off"), NoPrincipal::Invalid);
    })
    .await;
    each_with(
        |config| config.legacy_hs256 = true,
        async |desk: Desk| {
            let (ann, _) = desk.ann().await;
            let own = plain_hs256(&json!({"sub": ann.id, "exp": 1_900_000_000}));
            assert_eq!(who(&desk, &own).await.expect("accepted").user.map(|user| user.id), Some(ann.id.clone()));
            let foreign = plain_hs256(&json!({"sub": "user-1", "exp": 1_900_000_000, "iat": 1}));
            assert_eq!(who(&desk, &foreign).await.expect("accepted").user_id.as_str(), "user-1");
            for claims in [
                json!({"email": "ann@example.com", "iat": 1, "exp": 1_900_000_000}),
                json!({"email": "ann@example.com", "updateTo": "eve@example.com", "sub": ann.id, "exp": 1_900_000_000}),
                json!({"session": {"userId": ann.id}, "user": {"id": ann.id}, "sub": ann.id, "exp": 1_900_000_000}),
                json!({"sub": ann.id, "type": "refresh", "exp": 1_900_000_000}),
                json!({"sub": ann.id}),
                json!({"sub": "", "exp": 1_900_000_000}),
                json!({"sub": "x".repeat(65), "exp": 1_900_000_000}),
            ] {
                assert_eq!(
                    who(&desk, &plain_hs256(&claims)).await.expect_err("refused"),
                    NoPrincipal::Invalid,
                    "{claims}"
                );
            }
            let over = plain_hs256(&json!({"sub": ann.id, "exp": 1_700_000_000}));
            assert_eq!(who(&desk, &over).await.expect_err("over"), NoPrincipal::Expired);
            let wrong =
                hs256(b"another secret", &json!({"alg": "HS256"}), &json!({"sub": ann.id, "exp": 1_900_000_000}));
            assert!(who(&desk, &wrong).await.is_err());
        },
    )
    .await;
}

#[tokio::test]
async fn the_token_never_chooses_its_key_or_algorithm() {
    each_with(
        |config| config.legacy_hs256 = true,
        async |desk: Desk| {
            let (ann, _) = desk.ann().await;
            let jwks = desk.auth.jwks().await.expect("reads");
            let (kid, x) = (jwks["keys"][0]["kid"].clone(), jwks["keys"][0]["x"].as_str().expect("x").to_owned());
            let public = URL_SAFE_NO_PAD.decode(&x).expect("bytes");
            let claims = json!({"sub": ann.id, "exp": 1_900_000_000});
            let whole = jwks["keys"][0].to_string();
            for secret in [public.as_slice(), x.as_bytes(), whole.as_bytes()] {
                for alg in ["HS256", "EdDSA", "none", "ES256", "RS256"] {
                    let token = hs256(secret, &json!({"alg": alg, "kid": kid}), &claims);
                    assert!(who(&desk, &token).await.is_err(), "{alg} with the public key as secret");
                }
            }
            let unsigned = format!(
                "{}.{}.",
                URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": kid}).to_string()),
                URL_SAFE_NO_PAD.encode(claims.to_string())
            );
            assert!(who(&desk, &unsigned).await.is_err());
            // A key of the attacker's, under our kid, under no kid, and brought along in the header.
            let secrets = Secrets::single(SECRET.into());
            let eve = Jwk::generate(&secrets, desk.now()).expect("key");
            let public_key = eve.published().expect("published");
            for id in [kid.as_str().expect("kid"), "unknown", ""] {
                let pair = Jwk { id: id.to_owned(), ..eve.clone() }.key_pair(&secrets).expect("pair");
                assert!(who(&desk, &pair.sign(&claims)).await.is_err(), "kid {id}");
            }
            let brought = hs256(
                SECRET.as_bytes(),
                &json!({"alg": "EdDSA", "jwk": public_key, "jku": "https://eve.example"}),
                &claims,
            );
            assert!(who(&desk, &brought).await.is_err());
            // A token of ours with another subject.
            let honest = desk.auth.mint(&ann).await.expect("mints");
            let parts: Vec<_> = honest.split('.').collect();
            let changed = URL_SAFE_NO_PAD.encode(json!({"sub": "eve", "exp": 1_900_000_000}).to_string());
            assert!(who(&desk, &format!("{}.{changed}.{}", parts[0], parts[2])).await.is_err());
        },
    )
    .await;
}

#[tokio::test]
async fn a_foreign_issuer_is_trusted_for_its_keys_name_and_audience() {
    let secrets = Secrets::single(SECRET.into());
    let row = Jwk::generate(&secrets, "2026-01-01T00:00:00Z".parse().expect("time")).expect("key");
    let document = json!({"keys": [row.published()]});
    let external = move |issuer: Option<&str>, audience: Option<&str>| {
        let document = document.clone();
        External {
            keys: ExternalKeys::new(std::sync::Arc::new(move || {
                let document = document.clone();
                Box::pin(async move { Ok(document) })
            })),
            issuer: issuer.map(str::to_owned),
            audience: audience.map(str::to_owned),
        }
    };
    let pair = row.key_pair(&secrets).expect("pair");
    let token =
        pair.sign(&json!({"sub": "u-7", "exp": 1_900_000_000, "iss": "https://login.example", "aud": ["todo"]}));
    for (issuer, audience, accepted) in [
        (None, None, true),
        (Some("https://login.example"), Some("todo"), true),
        (Some("https://other.example"), None, false),
        (None, Some("mail"), false),
    ] {
        each_with(
            |config| config.external = Some(external(issuer, audience)),
            async |desk: Desk| {
                let outcome = who(&desk, &token).await;
                assert_eq!(outcome.is_ok(), accepted, "{issuer:?} {audience:?}");
                if let Ok(principal) = outcome {
                    assert_eq!((principal.user_id.as_str(), principal.user), ("u-7", None));
                }
            },
        )
        .await;
    }
}

#[tokio::test]
async fn personal_tokens() {
    each(async |desk: Desk| {
        let (ann, _) = desk.ann().await;
        let (bob, _) = desk.user("bob@example.com").await;
        let scopes = Scopes::parse("read mcp").expect("scopes");
        let end = desk.now() + jiff::SignedDuration::from_hours(24);
        let made = desk.auth.create_token(&ann.id, " laptop ", scopes, Some(end), &desk.from).await.expect("made");
        assert!(made.secret.starts_with("todo_") && made.secret.len() == 48);
        assert_eq!((made.token.name.as_str(), made.secret.ends_with(&made.token.hint)), ("laptop", true));
        let principal = who(&desk, &made.secret).await.expect("accepted");
        assert_eq!(principal.user_id.as_str(), ann.id);
        assert!(
            principal.scopes.has(Scope::Read)
                && principal.scopes.has(Scope::Mcp)
                && !principal.scopes.has(Scope::Write)
        );
        let listed = desk.auth.list_tokens(&ann.id).await.expect("lists");
        assert!(!format!("{listed:?}").contains(&made.secret));
        assert!(desk.auth.revoke_token(&bob.id, &made.token.id, &desk.from).await.is_err(), "not his");
        assert!(who(&desk, &made.secret).await.is_ok());
        desk.pass(24 * 3600);
        assert!(who(&desk, &made.secret).await.is_err(), "its end");
        let forever = desk.auth.create_token(&ann.id, "ci", Scopes::ALL, None, &desk.from).await.expect("made");
        desk.auth.revoke_token(&ann.id, &forever.token.id, &desk.from).await.expect("revoked");
        assert!(who(&desk, &forever.secret).await.is_err());
        for (name, scopes, end) in
            [("", Scopes::ALL, None), ("x", Scopes::default(), None), ("x", Scopes::ALL, Some(desk.now()))]
        {
            assert!(desk.auth.create_token(&ann.id, name, scopes, end, &desk.from).await.is_err());
        }
    })
    .await;
}

#[tokio::test]
async fn requests_are_limited_over_all_replicas() {
    each_with(
        |config| config.rate_limits = true,
        async |desk: Desk| {
            let other = Desk::new(&desk.store, |config| config.rate_limits = true);
            for desk in [&desk, &other, &desk] {
                desk.auth.limit_request(&desk.from, "/sign-in/email").await.expect("three are let through");
            }
            let refused = other.auth.limit_request(&desk.from, "/sign-in/email").await;
            assert!(matches!(refused, Err(todo_auth::AuthError::RateLimited { retry_after: 10 })), "{refused:?}");
            desk.auth.limit_request(&desk.from, "/sign-up/email").await.expect("another path");
            let elsewhere = todo_auth::Client::default();
            desk.auth.limit_request(&elsewhere, "/sign-in/email").await.expect("another client");
            desk.pass(9);
            assert!(desk.auth.limit_request(&desk.from, "/sign-in/email").await.is_err());
            desk.pass(1);
            desk.auth.limit_request(&desk.from, "/sign-in/email").await.expect("trying on did not prolong it");
            assert_eq!(desk.auth.take_share("u", 7, 50, 120).await.expect("counts"), 50);
            assert_eq!(other.auth.take_share("u", 7, 50, 120).await.expect("counts"), 50);
            assert_eq!(desk.auth.take_share("u", 7, 50, 120).await.expect("counts"), 20);
            assert_eq!(other.auth.take_share("u", 7, 50, 120).await.expect("counts"), 0);
            assert_eq!(other.auth.take_share("u", 8, 50, 120).await.expect("counts"), 50, "the next minute");
        },
    )
    .await;
}
