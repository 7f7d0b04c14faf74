//! Mailed links, on both engines. Mail is not configured here, so the operator's log would show them; the tests ask the operator's
//! functions for a link instead, and make tokens of the other kinds through the store.

use crate::desk::{Desk, PASSWORD, each, why};
use todo_auth::sessions::Lookup;
use todo_auth::{Proven, Refusal, random};
use todo_store::auth::verifications;

async fn reset_token(desk: &Desk) -> String {
    let (_, link) = desk.auth.admin_reset("ann@example.com").await.expect("a link");
    link.rsplit('/').next().and_then(|rest| rest.split('?').next()).expect("a token").to_owned()
}

async fn plant(desk: &Desk, kind: &str, value: &str) -> String {
    let token = random::alphanumeric(24);
    let identifier = format!("{kind}{}", random::digest(&token));
    let end = desk.now() + jiff::SignedDuration::from_hours(1);
    verifications::create(&desk.store, &random::id(), &identifier, value, end, desk.now()).await.expect("writes");
    token
}

#[tokio::test]
async fn a_reset_link_works_once_and_ends_all_sessions() {
    each(async |desk: Desk| {
        desk.ann().await;
        let token = reset_token(&desk).await;
        let (_, session) = desk.signs_in("ann@example.com", PASSWORD).await.expect("signs in");
        assert!(desk.auth.reset_token_works(&token).await.expect("reads"));
        let reset = async |password| desk.auth.reset_password(&token, password, &desk.from).await;
        assert_eq!(why(reset("short").await), Refusal::PasswordTooShort);
        reset("another password").await.expect("the refused try did not use it up");
        assert_eq!(why(reset("third password").await), Refusal::InvalidToken);
        assert!(!desk.auth.reset_token_works(&token).await.expect("reads"));
        assert!(matches!(desk.auth.find_session(&session.token).await.expect("reads"), Lookup::Gone));
        assert!(desk.signs_in("ann@example.com", "another password").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_new_link_ends_the_old_one_and_both_end_after_an_hour() {
    each(async |desk: Desk| {
        desk.ann().await;
        let (old, new) = (reset_token(&desk).await, reset_token(&desk).await);
        assert!(!desk.auth.reset_token_works(&old).await.expect("reads"));
        desk.pass(3599);
        assert!(desk.auth.reset_token_works(&new).await.expect("reads"));
        desk.pass(1);
        assert!(!desk.auth.reset_token_works(&new).await.expect("reads"));
        assert_eq!(why(desk.auth.reset_password(&new, "another password", &desk.from).await), Refusal::InvalidToken);
    })
    .await;
}

#[tokio::test]
async fn asking_for_an_unknown_address_leaves_nothing_that_works() {
    each(async |desk: Desk| {
        desk.auth.request_reset("unknown@example.com", None, &desk.from).await.expect("answered alike");
        let planted = plant(&desk, "reset-password:", "").await;
        assert!(!desk.auth.reset_token_works(&planted).await.expect("reads"));
        assert_eq!(why(desk.auth.reset_password(&planted, PASSWORD, &desk.from).await), Refusal::InvalidToken);
    })
    .await;
}

#[tokio::test]
async fn an_address_is_proven_once_and_only_while_it_is_the_users() {
    each(async |desk: Desk| {
        let (ann, _) = desk.ann().await;
        let token = plant(&desk, "verify-email:", &format!("{}\nann@example.com", ann.id)).await;
        let verify = async |token: &str| desk.auth.verify_email(token, &desk.from).await;
        assert!(matches!(verify(&token).await, Ok(Proven::Verified(user)) if user.email_verified));
        assert_eq!(why(verify(&token).await), Refusal::InvalidToken);
        let stale = plant(&desk, "verify-email:", &format!("{}\nold@example.com", ann.id)).await;
        assert_eq!(why(verify(&stale).await), Refusal::InvalidToken);
        let reset = reset_token(&desk).await;
        assert_eq!(why(verify(&reset).await), Refusal::InvalidToken, "a token of another kind");
        assert!(desk.auth.reset_token_works(&reset).await.expect("reads"), "and it is not used up");
    })
    .await;
}

#[tokio::test]
async fn an_address_changes_when_the_new_one_is_proven() {
    each(async |desk: Desk| {
        let (ann, _) = desk.ann().await;
        desk.user("bob@example.com").await;
        let ask = async |email: &str| desk.auth.request_email_change(&ann, email, None).await;
        assert_eq!(why(ask("ANN@example.com").await), Refusal::SameEmail);
        ask("bob@example.com").await.expect("answered alike");
        let taken = plant(&desk, "change-email:", &format!("{}\nbob@example.com", ann.id)).await;
        assert_eq!(why(desk.auth.verify_email(&taken, &desk.from).await), Refusal::InvalidToken);
        let token = plant(&desk, "change-email:", &format!("{}\nannabel@example.com", ann.id)).await;
        let reset = reset_token(&desk).await;
        let changed = desk.auth.verify_email(&token, &desk.from).await.expect("changes");
        assert!(matches!(changed, Proven::Changed(user) if user.email == "annabel@example.com" && user.email_verified));
        assert!(!desk.auth.reset_token_works(&reset).await.expect("reads"), "links to the old address end");
        assert!(desk.signs_in("annabel@example.com", PASSWORD).await.is_ok());
        assert!(desk.signs_in("ann@example.com", PASSWORD).await.is_err());
    })
    .await;
}
