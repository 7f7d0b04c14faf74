//! Idempotency keys: a request that is sent twice is done once and answered twice.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use todo_domain::{Outcome, id::UserId};

use crate::{
    Store,
    db::{Identity, Repeat, Tx},
    error::{Result, StoreError},
    scope::UserScope,
    vals,
};

/// How long a stored response is answered again.
pub const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long a handler may work on a request before another attempt may take it over.
const LEASE: Duration = Duration::from_secs(600);

/// The key of a request, what the request was, and how to answer it.
#[derive(Clone)]
pub struct Idempotency {
    key: String,
    fingerprint: Vec<u8>,
    respond: Arc<dyn Fn(&Outcome) -> Response + Send + Sync>,
}

impl Idempotency {
    /// `key` names the request among the user's (method, path and the client's key); `fingerprint` is a hash of its content;
    /// `respond` makes the response that is stored.
    pub fn new(
        key: impl Into<String>,
        fingerprint: impl Into<Vec<u8>>,
        respond: impl Fn(&Outcome) -> Response + Send + Sync + 'static,
    ) -> Self {
        Self { key: key.into(), fingerprint: fingerprint.into(), respond: Arc::new(respond) }
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn fingerprint(&self) -> &[u8] {
        &self.fingerprint
    }

    pub(crate) fn respond(&self, outcome: &Outcome) -> Response {
        (self.respond)(outcome)
    }
}

impl fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idempotency").field("key", &self.key).finish_non_exhaustive()
    }
}

/// A stored response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

/// What [`UserScope::run_once`] did.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// The response, fresh or stored.
    pub response: Response,
    /// What the command did; `None` when the response is a stored one.
    pub outcome: Option<Outcome>,
}

/// Whether a request may be worked on, see [`UserScope::begin_once`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is new: do it, then call [`UserScope::finish_once`], or [`UserScope::abandon_once`] when it failed.
    New,
    /// It was done: answer this.
    Done(Response),
}

impl UserScope {
    /// Claims a key for a handler whose work is not one command.
    ///
    /// # Errors
    /// [`StoreError::IdempotencyMismatch`], [`StoreError::IdempotencyInProgress`]; the database's.
    pub async fn begin_once(&self, key: &str, fingerprint: &[u8], now: Timestamp) -> Result<Begun> {
        let work = Arc::new((self.user_id().clone(), key.to_owned(), fingerprint.to_vec()));
        self.db()
            .write(self.identity(), Repeat::Unsafe, move |tx| {
                let work = work.clone();
                Box::pin(async move {
                    let (user, key, fingerprint) = &*work;
                    let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
                    let inserted = tx
                        .execute(
                            "INSERT INTO idempotency_keys (user_id, key, fingerprint, claimed_until, created_at) \
                             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, key) DO NOTHING",
                            &vals![user, key, fingerprint.clone(), until, now],
                        )
                        .await?;
                    if inserted > 0 {
                        return Ok(Begun::New);
                    }
                    if let Some(response) = stored(tx, user, key, fingerprint, now).await? {
                        return Ok(Begun::Done(response));
                    }
                    // The one that is there has expired, or its handler died: it is ours now.
                    tx.execute(
                        "UPDATE idempotency_keys SET fingerprint = $3, claimed_until = $4, created_at = $5, status = NULL, body = NULL \
                         WHERE user_id = $1 AND key = $2",
                        &vals![user, key, fingerprint.clone(), until, now],
                    )
                    .await?;
                    Ok(Begun::New)
                })
            })
            .await
    }

    /// Stores the response of a request that was begun.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish_once(&self, key: &str, response: &Response) -> Result<()> {
        self.db()
            .execute(
                self.identity(),
                Repeat::Safe,
                "UPDATE idempotency_keys SET status = $3, body = $4, claimed_until = NULL WHERE user_id = $1 AND key = $2",
                vals![self.user_id(), key, response.status, response.body.clone()],
            )
            .await
            .map(drop)
    }

    /// Frees the key of a request that failed without effect, so that it can be tried again.
    ///
    /// # Errors
    /// The database's.
    pub async fn abandon_once(&self, key: &str) -> Result<()> {
        self.db()
            .execute(
                self.identity(),
                Repeat::Safe,
                "DELETE FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND status IS NULL",
                vals![self.user_id(), key],
            )
            .await
            .map(drop)
    }
}

/// The response that is stored under a key; `None` when there is none, or it has expired, or its handler's time is over.
pub(crate) async fn stored(
    tx: &Tx,
    user: &UserId,
    key: &str,
    fingerprint: &[u8],
    now: Timestamp,
) -> Result<Option<Response>> {
    type Stored = (Vec<u8>, Option<i64>, Option<Vec<u8>>, Option<Timestamp>, Timestamp);
    let found: Option<Stored> = tx
        .query_opt(
            "SELECT fingerprint, status, body, claimed_until, created_at FROM idempotency_keys WHERE user_id = $1 AND key = $2",
            &vals![user, key],
        )
        .await?;
    let Some((known, status, body, claimed_until, created_at)) = found else { return Ok(None) };
    if created_at.checked_add(KEPT).is_ok_and(|end| end <= now) {
        return Ok(None);
    }
    if known != fingerprint {
        return Err(StoreError::IdempotencyMismatch);
    }
    match (status.and_then(|status| u16::try_from(status).ok()), body) {
        (Some(status), Some(body)) => Ok(Some(Response { status, body })),
        _ if claimed_until.is_some_and(|until| until > now) => Err(StoreError::IdempotencyInProgress),
        _ => Ok(None),
    }
}

/// Stores a response in the transaction of its change.
pub(crate) async fn store(
    tx: &Tx,
    user: &UserId,
    key: &str,
    fingerprint: &[u8],
    response: &Response,
    now: Timestamp,
) -> Result<()> {
    tx.defer(
        "INSERT INTO idempotency_keys (user_id, key, fingerprint, status, body, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status, \
         body = excluded.body, claimed_until = NULL, created_at = excluded.created_at",
        vals![user, key, fingerprint, response.status, response.body.clone(), now],
    )
    .await
}

/// Deletes what has expired; answers how many.
pub(crate) async fn prune(store: &Store, now: Timestamp) -> Result<u64> {
    let before = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    let sql = "DELETE FROM idempotency_keys WHERE created_at < $1";
    store.db().execute(Identity::Worker, Repeat::Safe, sql, vals![before]).await
}
