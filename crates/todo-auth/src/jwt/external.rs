//! Keys of somebody else's issuer, read from its JWKS address (`BETTER_AUTH_JWKS_URL`).

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use serde_json::Value;
use tokio::sync::Mutex;

use super::jws::{Compact, VerifyingKey};

/// How long fetched keys are used without looking again.
const MAX_AGE: Duration = Duration::from_secs(300);
/// How long they are used at most while the issuer can't be reached.
const STALE_MAX: Duration = Duration::from_secs(24 * 3600);
/// The least time between two fetches: tokens that name unknown keys must not hammer the issuer.
const MIN_PAUSE: Duration = Duration::from_secs(10);

/// Fetches the document at the configured address. The transport is the caller's, so that this crate stays free of HTTP.
pub type Fetch = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send>> + Send + Sync>;

type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// The issuer's keys, cached.
#[derive(Clone)]
pub struct ExternalKeys {
    inner: Arc<Inner>,
}

struct Inner {
    fetch: Fetch,
    clock: Clock,
    /// What was fetched last; held only to look and to replace, never while waiting.
    keys: RwLock<Option<Keys>>,
    /// When a fetch was tried last; held while fetching, so that requests that need the same key wait for one fetch.
    tried: Mutex<Option<Instant>>,
}

struct Keys {
    by_id: HashMap<String, VerifyingKey>,
    /// The only key of a document whose tokens carry no `kid`.
    single: Option<VerifyingKey>,
    fetched: Instant,
}

impl std::fmt::Debug for ExternalKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExternalKeys")
    }
}

impl ExternalKeys {
    /// Keys that `fetch` brings.
    #[must_use]
    pub fn new(fetch: Fetch) -> Self {
        Self::with_clock(fetch, Arc::new(Instant::now))
    }

    fn with_clock(fetch: Fetch, clock: Clock) -> Self {
        Self { inner: Arc::new(Inner { fetch, clock, keys: RwLock::default(), tried: Mutex::default() }) }
    }

    /// The key a token names; without `kid`, the document's only key.
    ///
    /// A key older than five minutes is answered at once and the document read again beside it, so that an issuer that is slow or
    /// away holds nobody up; after a day without it, its keys count no more. For an unknown key the document is read first, at
    /// most every ten seconds.
    pub async fn key_for(&self, token: &Compact<'_>) -> Option<VerifyingKey> {
        match self.inner.find(token) {
            Some((key, age)) if age < MAX_AGE => Some(key),
            Some((key, _)) => {
                let inner = Arc::clone(&self.inner);
                tokio::spawn(async move { inner.refresh().await }.boxed());
                Some(key)
            }
            None => {
                self.inner.refresh().await;
                self.inner.find(token).map(|(key, _)| key)
            }
        }
    }
}

impl Inner {
    /// The key of a token and its age.
    fn find(&self, token: &Compact<'_>) -> Option<(VerifyingKey, Duration)> {
        let keys = self.keys.read().ok()?;
        let keys = keys.as_ref()?;
        let age = (self.clock)().saturating_duration_since(keys.fetched);
        let key = match token.key_id() {
            Some(id) => keys.by_id.get(id),
            None => keys.single.as_ref(),
        };
        key.filter(|_| age < STALE_MAX).map(|key| (key.clone(), age))
    }

    /// Reads the document, unless that was tried a moment ago.
    async fn refresh(&self) {
        let mut tried = self.tried.lock().await;
        if tried.is_some_and(|at| (self.clock)().saturating_duration_since(at) < MIN_PAUSE) {
            return;
        }
        let outcome = (self.fetch)().await;
        let now = (self.clock)();
        *tried = Some(now);
        let keys =
            outcome.and_then(|document| Keys::read(&document, now).ok_or("it holds no key of a known kind".to_owned()));
        match keys {
            Ok(keys) => {
                if let Ok(mut known) = self.keys.write() {
                    *known = Some(keys);
                }
            }
            // Better an old key than nobody signed in; it was right a while ago.
            Err(error) => {
                tracing::warn!(%error, "the JWKS document (BETTER_AUTH_JWKS_URL) can't be read; the keys known so far stay");
            }
        }
    }
}

impl Keys {
    /// The keys of a document; `None` when there is none that could verify anything.
    fn read(document: &Value, fetched: Instant) -> Option<Self> {
        let jwks = document.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let keys: Vec<_> = jwks
            .iter()
            .filter_map(|jwk| {
                let id = jwk.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned();
                Some((id, VerifyingKey::from_jwk(jwk)?))
            })
            .collect();
        let single = match keys.as_slice() {
            [] => return None,
            [(_, only)] => Some(only.clone()),
            _ => None,
        };
        Some(Self { single, by_id: keys.into_iter().collect(), fetched })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;
    use crate::jwt::{Jwk, KeyPair};
    use crate::secrets::Secrets;

    /// An issuer whose document the test changes, and who counts its readers.
    struct Issuer {
        document: Arc<Mutex<Result<Value, String>>>,
        fetches: Arc<AtomicUsize>,
        seconds: Arc<AtomicU64>,
        keys: ExternalKeys,
    }

    impl Issuer {
        fn new() -> Self {
            let document = Arc::new(Mutex::new(Err("not there".to_owned())));
            let fetches = Arc::new(AtomicUsize::new(0));
            let (source, count) = (Arc::clone(&document), Arc::clone(&fetches));
            let fetch: Fetch = Arc::new(move || {
                count.fetch_add(1, Ordering::Relaxed);
                let answer = source.lock().expect("lock").clone();
                Box::pin(async move { answer })
            });
            let (seconds, start) = (Arc::new(AtomicU64::new(0)), Instant::now());
            let hand = Arc::clone(&seconds);
            let clock: Clock = Arc::new(move || start + Duration::from_secs(hand.load(Ordering::Relaxed)));
            Self { document, fetches, seconds, keys: ExternalKeys::with_clock(fetch, clock) }
        }

        fn pass(&self, time: Duration) {
            self.seconds.fetch_add(time.as_secs(), Ordering::Relaxed);
        }

        fn publishes(&self, rows: &[&Jwk]) {
            let keys: Vec<_> = rows.iter().map(|row| row.published()).collect();
            *self.document.lock().expect("lock") = Ok(json!({"keys": keys}));
        }

        fn answers(&self, answer: Result<Value, String>) {
            *self.document.lock().expect("lock") = answer;
        }

        async fn knows(&self, token: &str) -> bool {
            let compact = Compact::parse(token).expect("parses");
            let known = self.keys.key_for(&compact).await.is_some_and(|key| compact.payload(&key).is_some());
            // What was begun beside it gets its turn.
            tokio::task::yield_now().await;
            known
        }

        fn fetches(&self) -> usize {
            self.fetches.load(Ordering::Relaxed)
        }
    }

    fn signer() -> (Jwk, KeyPair) {
        let secrets = Secrets::single("s".into());
        let row = Jwk::generate(&secrets, jiff::Timestamp::now()).expect("key");
        let pair = row.key_pair(&secrets).expect("pair");
        (row, pair)
    }

    #[tokio::test]
    async fn keys_are_cached_and_misses_do_not_hammer_the_issuer() {
        let issuer = Issuer::new();
        let ((row, pair), (_, stranger)) = (signer(), signer());
        issuer.publishes(&[&row]);
        let (token, foreign) = (pair.sign(&json!({"sub": "u"})), stranger.sign(&json!({"sub": "u"})));
        for _ in 0..5 {
            assert!(issuer.knows(&token).await);
            assert!(!issuer.knows(&foreign).await);
        }
        assert_eq!(issuer.fetches(), 1);
    }

    #[tokio::test]
    async fn a_new_key_is_found_and_a_withdrawn_one_forgotten() {
        let issuer = Issuer::new();
        let ((old, old_pair), (new, new_pair)) = (signer(), signer());
        issuer.publishes(&[&old]);
        let (before, after) = (old_pair.sign(&json!({"sub": "u"})), new_pair.sign(&json!({"sub": "u"})));
        assert!(issuer.knows(&before).await && !issuer.knows(&after).await);
        issuer.publishes(&[&new]);
        issuer.pass(MIN_PAUSE);
        assert!(issuer.knows(&after).await, "an unknown key makes it look again");
        assert!(!issuer.knows(&before).await);
    }

    #[tokio::test]
    async fn an_issuer_that_is_away_stops_nobody_for_a_day() {
        let issuer = Issuer::new();
        let (row, pair) = signer();
        let token = pair.sign(&json!({"sub": "u"}));
        assert!(!issuer.knows(&token).await, "nothing is known yet");
        issuer.publishes(&[&row]);
        issuer.pass(MIN_PAUSE);
        assert!(issuer.knows(&token).await);
        for answer in [Err("down".to_owned()), Ok(json!({})), Ok(json!({"keys": [{"kty": "oct", "k": "AA"}]}))] {
            issuer.answers(answer);
            issuer.pass(MAX_AGE);
            let fetches = issuer.fetches();
            assert!(issuer.knows(&token).await);
            assert_eq!(issuer.fetches(), fetches + 1, "looked at again, beside the answer");
        }
        issuer.pass(STALE_MAX);
        assert!(!issuer.knows(&token).await, "a key of yesterday may have been withdrawn");
        issuer.publishes(&[&row]);
        issuer.pass(MIN_PAUSE);
        assert!(issuer.knows(&token).await, "and it is back");
    }
}
