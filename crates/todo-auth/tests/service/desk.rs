//! A service on a fresh database, with a clock that the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use todo_auth::config::AuthConfig;
use todo_auth::origin::TrustedOrigins;
use todo_auth::secrets::Secrets;
use todo_auth::sessions::NewSession;
use todo_auth::{Auth, AuthError, Client, Refusal, SignUp};
use todo_store::Store;
use todo_store::auth::users::User;
use todo_store::testing::TestDb;

pub const SECRET: &str = "a-secret-of-at-least-thirty-two-characters";
pub const PASSWORD: &str = "correct horse battery";

pub struct Desk {
    pub auth: Auth,
    pub store: Store,
    seconds: Arc<AtomicI64>,
    pub from: Client,
}

impl Desk {
    pub fn new(store: &Store, change: impl FnOnce(&mut AuthConfig)) -> Self {
        let base = "https://todo.example.com".parse().expect("url");
        let trusted = TrustedOrigins::new(&base, &[], false).expect("origins");
        let mut config = AuthConfig::new(Secrets::single(SECRET.into()), base, trusted);
        change(&mut config);
        let seconds = Arc::new(AtomicI64::new(1_800_000_000));
        let clock = Arc::clone(&seconds);
        let now = Arc::new(move || Timestamp::from_second(clock.load(Ordering::Relaxed)).expect("time"));
        let from = Client { ip: Some("192.0.2.1".parse().expect("ip")), user_agent: Some("test".into()) };
        Self { auth: Auth::new(config, store.clone(), now), store: store.clone(), seconds, from }
    }

    pub fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_second(self.seconds.load(Ordering::Relaxed)).expect("time")
    }

    pub async fn ann(&self) -> (User, NewSession) {
        self.user("ann@example.com").await
    }

    pub async fn user(&self, email: &str) -> (User, NewSession) {
        let done = self.auth.sign_up(sign_up(email), &self.from).await.expect("signs up");
        (done.user, done.session.expect("a session"))
    }

    pub async fn signs_in(&self, email: &str, password: &str) -> Result<(User, NewSession), AuthError> {
        self.auth.sign_in(email, password, true, &self.from).await
    }
}

pub fn sign_up(email: &str) -> SignUp {
    SignUp {
        name: "Ann".into(),
        email: email.into(),
        password: PASSWORD.into(),
        image: None,
        remember: true,
        callback: None,
    }
}

/// The reason of a refusal.
pub fn why<T: std::fmt::Debug>(outcome: Result<T, AuthError>) -> Refusal {
    match outcome {
        Err(AuthError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Runs a test on every engine that the machine has.
pub async fn each(test: impl AsyncFn(Desk)) {
    each_with(|_| {}, test).await;
}

/// As [`each`], with other settings.
pub async fn each_with(change: impl Fn(&mut AuthConfig), test: impl AsyncFn(Desk)) {
    for (engine, db) in TestDb::each().await.expect("databases") {
        println!("on {engine}");
        test(Desk::new(&db.store, &change)).await;
    }
}
