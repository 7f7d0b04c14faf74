//! Keys of somebody else's issuer, read from its JWKS address (`BETTER_AUTH_JWKS_URL`).

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::Mutex;

use super::jws::{Compact, VerifyingKey};

/// How long fetched keys are used, and the least time between two fetches for a key that is not there.
const MAX_AGE: Duration = Duration::from_secs(300);
const MIN_PAUSE: Duration = Duration::from_secs(10);

/// Fetches the document at the configured address. The transport is the caller's, so that this crate stays free of HTTP.
pub type Fetch = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send>> + Send + Sync>;

/// The issuer's keys, cached.
#[derive(Clone)]
pub struct ExternalKeys {
    fetch: Fetch,
    cache: Arc<Mutex<Cache>>,
}

#[derive(Default)]
struct Cache {
    keys: HashMap<String, VerifyingKey>,
    /// The only key of a document whose tokens carry no `kid`.
    single: Option<VerifyingKey>,
    fetched: Option<Instant>,
    tried: Option<Instant>,
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
        Self { fetch, cache: Arc::default() }
    }

    /// The key a token names; without `kid`, the document's only key. The document is fetched again when it is older than
    /// five minutes, or when the key is unknown, but not more often than every ten seconds.
    pub async fn key_for(&self, token: &Compact<'_>) -> Option<VerifyingKey> {
        let mut cache = self.cache.lock().await;
        let fresh = cache.fetched.is_some_and(|at| at.elapsed() < MAX_AGE);
        let known = cache.find(token);
        if fresh && known.is_some() {
            return known;
        }
        if cache.tried.is_some_and(|at| at.elapsed() < MIN_PAUSE) {
            return known;
        }
        cache.tried = Some(Instant::now());
        match (self.fetch)().await {
            Ok(document) => cache.replace(&document),
            // Better an old key than nobody signed in; it was right five minutes ago.
            Err(error) => tracing::warn!(%error, "the JWKS document can't be fetched"),
        }
        cache.find(token)
    }
}

impl Cache {
    fn find(&self, token: &Compact<'_>) -> Option<VerifyingKey> {
        match token.key_id() {
            Some(id) => self.keys.get(id).cloned(),
            None => self.single.clone(),
        }
    }

    fn replace(&mut self, document: &Value) {
        let jwks = document.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let keys: Vec<_> = jwks
            .iter()
            .filter_map(|jwk| {
                let id = jwk.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned();
                Some((id, VerifyingKey::from_jwk(jwk)?))
            })
            .collect();
        self.single = match keys.as_slice() {
            [(_, only)] => Some(only.clone()),
            _ => None,
        };
        self.keys = keys.into_iter().collect();
        self.fetched = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::Jwk;
    use crate::secrets::Secrets;
    use serde_json::json;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn keys_are_cached_and_misses_do_not_hammer_the_issuer() {
        let secrets = Secrets::single("s".into());
        let row = Jwk::generate(&secrets, jiff::Timestamp::now()).expect("key");
        let document = json!({"keys": [row.published()]});
        let fetches = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&fetches);
        let keys = ExternalKeys::new(Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
            let document = document.clone();
            Box::pin(async move { Ok(document) })
        }));
        let token = row.key_pair(&secrets).expect("pair").sign(&json!({"sub": "u"}));
        let stranger = Jwk::generate(&secrets, jiff::Timestamp::now()).expect("key");
        let foreign = stranger.key_pair(&secrets).expect("pair").sign(&json!({"sub": "u"}));
        for _ in 0..5 {
            let compact = Compact::parse(&token).expect("parses");
            let key = keys.key_for(&compact).await.expect("known");
            assert!(compact.payload(&key).is_some());
            assert!(keys.key_for(&Compact::parse(&foreign).expect("parses")).await.is_none());
        }
        assert_eq!(fetches.load(Ordering::Relaxed), 1);
    }
}
