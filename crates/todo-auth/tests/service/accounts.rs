//! Accounts and sessions, on both engines.

use crate::desk::{Desk, PASSWORD, each, each_with, sign_up, why};
use todo_auth::sessions::Lookup;
use todo_auth::{AuthError, Refusal, SignUp, random};
use todo_store::auth::sessions;

async fn is_live(desk: &Desk, token: &str) -> bool {
    matches!(desk.auth.find_session(token).await.expect("reads"), Lookup::Live(_))
}

#[tokio::test]
async fn sign_up_in_and_out() {
    each(async |desk: Desk| {
        let (user, first) = desk.ann().await;
        assert_eq!(user.id.len(), 32);
        assert!(is_live(&desk, &first.token).await);
        let (again, second) = desk.signs_in("ANN@example.com", PASSWORD).await.expect("signs in");
        assert_eq!(again, user);
        assert_ne!(first.token, second.token, "a new token at every sign-in");
        assert_eq!(why(desk.auth.sign_up(sign_up("Ann@Example.com"), &desk.from).await), Refusal::UserAlreadyExists);
        desk.auth.sign_out(&second.token, &desk.from).await.expect("signs out");
        assert!(!is_live(&desk, &second.token).await && is_live(&desk, &first.token).await);
    })
    .await;
}

#[tokio::test]
async fn the_database_holds_no_token() {
    each(async |desk: Desk| {
        let (_, session) = desk.ann().await;
        let stored = sessions::find(&desk.store, &random::digest(&session.token)).await.expect("reads").expect("found");
        assert!(stored.session.digest.starts_with("sha256:") && !stored.session.digest.contains(&session.token));
        assert!(sessions::find(&desk.store, &session.token).await.expect("reads").is_none());
        assert!(!is_live(&desk, &stored.session.digest).await, "what is stored is no credential");
    })
    .await;
}

#[tokio::test]
async fn wrong_passwords_and_unknown_addresses_are_refused_alike() {
    each(async |desk: Desk| {
        desk.ann().await;
        assert_eq!(why(desk.signs_in("ann@example.com", "wrong password").await), Refusal::InvalidEmailOrPassword);
        assert_eq!(why(desk.signs_in("bob@example.com", PASSWORD).await), Refusal::InvalidEmailOrPassword);
        assert_eq!(why(desk.signs_in("nobody", PASSWORD).await), Refusal::InvalidEmail);
        assert_eq!(why(desk.signs_in("ann@example.com", &"x".repeat(129)).await), Refusal::PasswordTooLong);
    })
    .await;
}

#[tokio::test]
async fn failures_lock_the_network_out_for_a_while_and_nobody_else() {
    each(async |desk: Desk| {
        desk.ann().await;
        for email in ["ann@example.com", "unknown@example.com"] {
            for _ in 0..5 {
                assert_eq!(why(desk.signs_in(email, "wrong password").await), Refusal::InvalidEmailOrPassword);
            }
            let locked = desk.signs_in(email, PASSWORD).await;
            assert!(matches!(locked, Err(AuthError::Locked { retry_after: 900 })), "{locked:?}");
        }
        let elsewhere = todo_auth::Client { ip: Some("198.51.100.7".parse().expect("ip")), user_agent: None };
        assert!(desk.auth.sign_in("ann@example.com", PASSWORD, true, &elsewhere).await.is_ok(), "the owner gets in");
        desk.pass(15 * 60);
        assert!(desk.signs_in("ann@example.com", PASSWORD).await.is_ok(), "it ends");
        for _ in 0..4 {
            desk.signs_in("ann@example.com", "wrong password").await.expect_err("wrong");
        }
        desk.signs_in("ann@example.com", PASSWORD).await.expect("right");
        desk.signs_in("ann@example.com", "wrong password").await.expect_err("wrong");
        desk.signs_in("ann@example.com", PASSWORD).await.expect("a success forgives what was before");
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_goes_back_locks_nobody_out() {
    each_with(
        |config| config.rate_limits = true,
        async |desk: Desk| {
            desk.ann().await;
            let ask = async || desk.auth.limit_request(&desk.from, "/sign-in/email").await;
            desk.pass(3600);
            for _ in 0..3 {
                ask().await.expect("three in ten seconds");
            }
            assert!(matches!(ask().await, Err(AuthError::RateLimited { .. })));
            for _ in 0..5 {
                assert!(desk.signs_in("ann@example.com", "wrong password").await.is_err());
            }
            assert!(matches!(desk.signs_in("ann@example.com", PASSWORD).await, Err(AuthError::Locked { .. })));
            desk.pass(-3600);
            ask().await.expect("what was counted an hour ahead counts no more");
            assert!(desk.signs_in("ann@example.com", PASSWORD).await.is_ok());
        },
    )
    .await;
}

#[tokio::test]
async fn sessions_slide_and_end() {
    const DAY: i64 = 24 * 3600;
    each(async |desk: Desk| {
        let (user, session) = desk.ann().await;
        let live = async || match desk.auth.find_session(&session.token).await.expect("reads") {
            Lookup::Live(live) => *live,
            Lookup::Gone => panic!("live"),
        };
        desk.pass(DAY - 1);
        assert!(!desk.auth.extend_if_due(&mut live().await).await.expect("reads"));
        desk.auth.require_fresh(&live().await.session, Refusal::SessionNotFresh).expect("fresh");
        desk.pass(1);
        assert!(desk.auth.extend_if_due(&mut live().await).await.expect("writes"));
        assert_eq!(
            why(desk.auth.require_fresh(&live().await.session, Refusal::SessionNotFresh)),
            Refusal::SessionNotFresh
        );
        desk.pass(7 * DAY - 1);
        assert!(is_live(&desk, &session.token).await);
        desk.pass(1);
        assert!(!is_live(&desk, &session.token).await);
        let short = desk.auth.start_session(&user, false, &desk.from).await.expect("starts");
        desk.pass(DAY);
        assert!(!is_live(&desk, &short.token).await, "a day when not to be remembered");
    })
    .await;
}

#[tokio::test]
async fn sessions_are_revoked_by_their_owner_only() {
    each(async |desk: Desk| {
        let (ann, first) = desk.ann().await;
        let second = desk.auth.start_session(&ann, true, &desk.from).await.expect("starts");
        let third = desk.auth.start_session(&ann, true, &desk.from).await.expect("starts");
        let (bob, his) = desk.user("bob@example.com").await;
        for foreign in [&his.token, &his.session.id, &"nonsense".to_owned()] {
            desk.auth.revoke_one(&ann.id, foreign, &desk.from).await.expect("nothing happens");
        }
        assert!(is_live(&desk, &his.token).await);
        desk.auth.revoke_one(&ann.id, &second.token, &desk.from).await.expect("by token");
        desk.auth.revoke_one(&ann.id, &third.session.id, &desk.from).await.expect("by handle");
        assert!(!is_live(&desk, &second.token).await && !is_live(&desk, &third.token).await);
        let other = desk.auth.start_session(&ann, true, &desk.from).await.expect("starts");
        desk.auth.revoke_many(&ann.id, Some(&first.session.id), &desk.from).await.expect("others");
        assert!(is_live(&desk, &first.token).await && !is_live(&desk, &other.token).await);
        assert_eq!(desk.auth.list_sessions(&ann.id).await.expect("reads").len(), 1);
        desk.auth.revoke_many(&ann.id, None, &desk.from).await.expect("all");
        assert!(!is_live(&desk, &first.token).await);
        assert_eq!(desk.auth.list_sessions(&bob.id).await.expect("reads").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_password_changes() {
    each(async |desk: Desk| {
        let (_, session) = desk.ann().await;
        let Lookup::Live(live) = desk.auth.find_session(&session.token).await.expect("reads") else { panic!("live") };
        let change =
            async |current, new, revoke| desk.auth.change_password(&live, current, new, revoke, &desk.from).await;
        assert_eq!(why(change("wrong password", "another password", false).await), Refusal::InvalidPassword);
        assert_eq!(why(change(PASSWORD, "short", false).await), Refusal::PasswordTooShort);
        assert!(change(PASSWORD, "another password", false).await.expect("changes").is_none());
        assert!(is_live(&desk, &session.token).await);
        let fresh = change("another password", "third password", true).await.expect("changes").expect("a session");
        assert!(!is_live(&desk, &session.token).await && is_live(&desk, &fresh.token).await);
        assert!(desk.signs_in("ann@example.com", "third password").await.is_ok());
        assert!(desk.signs_in("ann@example.com", PASSWORD).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn verification_hides_who_has_an_account() {
    each_with(
        |config| config.require_verification = true,
        async |desk: Desk| {
            let first = desk.auth.sign_up(sign_up("ann@example.com"), &desk.from).await.expect("signs up");
            let again = desk
                .auth
                .sign_up(SignUp { name: "Eve".into(), ..sign_up("ann@example.com") }, &desk.from)
                .await
                .expect("answered alike");
            assert!(first.session.is_none() && again.session.is_none());
            assert_ne!(first.user.id, again.user.id);
            assert_eq!(again.user.name, "Eve");
            assert_eq!(desk.auth.user(&again.user.id).await.expect("reads"), None, "made up");
            assert_eq!(why(desk.signs_in("ann@example.com", PASSWORD).await), Refusal::EmailNotVerified);
        },
    )
    .await;
}

#[tokio::test]
async fn an_account_is_erased_with_everything_in_it() {
    each(async |desk: Desk| {
        let (ann, session) = desk.ann().await;
        let (bob, _) = desk.user("bob@example.com").await;
        let Lookup::Live(live) = desk.auth.find_session(&session.token).await.expect("reads") else { panic!("live") };
        let delete = async |password, token| desk.auth.delete_account(&live, password, token, None, &desk.from).await;
        assert_eq!(why(delete(Some("wrong password"), None).await), Refusal::InvalidPassword);
        assert_eq!(why(delete(None, Some("nonsense")).await), Refusal::InvalidToken);
        desk.pass(24 * 3600);
        assert_eq!(why(delete(None, None).await), Refusal::SessionExpired, "not fresh, no password");
        delete(Some(PASSWORD), None).await.expect("deletes");
        assert_eq!(desk.auth.user(&ann.id).await.expect("reads"), None);
        assert!(!is_live(&desk, &session.token).await);
        assert!(desk.auth.activity(&ann.id, 100).await.expect("reads").is_empty());
        assert_eq!(why(desk.signs_in("ann@example.com", PASSWORD).await), Refusal::InvalidEmailOrPassword);
        assert!(desk.auth.user(&bob.id).await.expect("reads").is_some());
        desk.user("ann@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn the_operator_creates_locks_resets_and_removes() {
    each(async |desk: Desk| {
        let (ann, link) = desk.auth.admin_create("ann@example.com", "Ann", Some(PASSWORD)).await.expect("creates");
        assert!(link.is_none() && ann.email_verified);
        assert_eq!(why(desk.auth.admin_create("ann@example.com", "Ann", None).await), Refusal::UserAlreadyExists);
        let (_, session) = desk.signs_in("ann@example.com", PASSWORD).await.expect("signs in");
        desk.auth.admin_set_locked("ann@example.com", true).await.expect("locks");
        assert!(!is_live(&desk, &session.token).await);
        assert_eq!(why(desk.signs_in("ann@example.com", PASSWORD).await), Refusal::AccountDisabled);
        assert_eq!(why(desk.signs_in("ann@example.com", "wrong password").await), Refusal::InvalidEmailOrPassword);
        desk.auth.admin_set_locked(&ann.id, false).await.expect("unlocks by id");
        assert!(desk.signs_in("ann@example.com", PASSWORD).await.is_ok());
        let (_, link) = desk.auth.admin_reset("ann@example.com").await.expect("resets");
        let token = link.rsplit('/').next().and_then(|rest| rest.split('?').next()).expect("a token");
        desk.auth.reset_password(token, "another password", &desk.from).await.expect("works");
        assert!(desk.signs_in("ann@example.com", "another password").await.is_ok());
        assert_eq!(desk.auth.admin_list(10, 0).await.expect("lists").len(), 1);
        desk.auth.admin_remove("ann@example.com").await.expect("removes");
        assert_eq!(why(desk.auth.admin_remove("ann@example.com").await), Refusal::NotFound);
        let (_, link) = desk.auth.admin_create("bob@example.com", "Bob", None).await.expect("creates");
        assert!(link.is_some(), "who gets no password gets a link");
    })
    .await;
}

#[tokio::test]
async fn the_owner_of_the_machine_signs_up_later_and_keeps_everything() {
    each(async |desk: Desk| {
        let owner = desk.auth.local_owner().await.expect("makes").expect("one");
        assert_eq!(desk.auth.local_owner().await.expect("finds"), Some(owner.clone()), "made once");
        assert_eq!(why(desk.signs_in("owner@localhost", PASSWORD).await), Refusal::InvalidEmail);
        let (ann, session) = desk.ann().await;
        assert_eq!((ann.id.as_str(), ann.name.as_str()), (owner.as_str(), "Ann"));
        assert!(is_live(&desk, &session.token).await);
        assert!(desk.signs_in("ann@example.com", PASSWORD).await.is_ok());
        assert_eq!(desk.auth.local_owner().await.expect("finds"), Some(owner.clone()));
        let (bob, _) = desk.user("bob@example.com").await;
        assert_ne!(bob.id, ann.id);
        assert_eq!(desk.auth.local_owner().await.expect("finds"), None, "several: nobody is the owner");
    })
    .await;
}

#[tokio::test]
async fn what_happens_is_recorded_for_its_user() {
    each(async |desk: Desk| {
        let (ann, session) = desk.ann().await;
        desk.signs_in("ann@example.com", "wrong password").await.expect_err("wrong");
        desk.signs_in("ann@example.com", PASSWORD).await.expect("right");
        desk.auth.sign_out(&session.token, &desk.from).await.expect("out");
        let entries = desk.auth.activity(&ann.id, 100).await.expect("reads");
        let seen: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.outcome.as_str())).collect();
        assert_eq!(seen, [("sign_out", "ok"), ("sign_in", "ok"), ("sign_in", "wrong_credentials"), ("sign_up", "ok")]);
        assert_eq!(entries[0].ip.as_deref(), Some("192.0.2.1"));
        let all = format!("{entries:?}");
        assert!(!all.contains(PASSWORD) && !all.contains(&session.token));
    })
    .await;
}

#[tokio::test]
async fn expired_things_are_pruned() {
    each(async |desk: Desk| {
        let (ann, _) = desk.ann().await;
        desk.auth.request_reset("ann@example.com", None, &desk.from).await.expect("asks");
        desk.signs_in("ann@example.com", "wrong password").await.expect_err("wrong");
        desk.pass(200 * 24 * 3600);
        desk.auth.prune().await.expect("prunes");
        assert!(desk.auth.activity(&ann.id, 100).await.expect("reads").is_empty());
        assert!(desk.auth.user(&ann.id).await.expect("reads").is_some(), "accounts stay");
    })
    .await;
}
