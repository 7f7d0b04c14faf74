//! Tokens for the API: minted with our keys, and verified whoever of those we trust minted them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use todo_store::auth::jwks::{self, JwkRow};
use todo_store::auth::users::User;
use tokio::sync::RwLock;

use crate::error::AuthError;
use crate::jwt::{ApiClaims, Compact, Jwk, KeyPair, Rejected, VerifyingKey};
use crate::service::Auth;

/// How long a token of `/token` lives: 15 minutes as in Better Auth.
pub const TOKEN_SECONDS: i64 = 15 * 60;
/// How long an access token of the Phase III form lives: an hour.
pub const ACCESS_SECONDS: i64 = 3600;

/// How long keys are used before the table is read again.
const MAX_AGE: Duration = Duration::from_secs(300);
/// The least time between two reads for a key that is not there.
const MIN_PAUSE: Duration = Duration::from_secs(1);

/// Our keys, as last read.
#[derive(Default)]
pub(crate) struct Issuer {
    ring: RwLock<Option<Arc<Ring>>>,
}

struct Ring {
    read: Instant,
    rows: Vec<Jwk>,
    keys: HashMap<String, VerifyingKey>,
    signer: Option<(KeyPair, Option<Timestamp>)>,
}

/// A token that was verified.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What it says.
    pub claims: ApiClaims,
    /// Whether we minted it, so that its user must be ours.
    pub ours: bool,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// Its time is over.
    Expired,
    /// Anything else; the caller is not told what.
    Invalid,
}

impl Auth {
    /// The published keys. The first is made when there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn jwks(&self) -> Result<Value, AuthError> {
        let ring = self.signing_ring().await?;
        let now = self.now();
        let keys: Vec<_> = ring.rows.iter().filter(|row| row.is_published(now)).filter_map(Jwk::published).collect();
        Ok(json!({ "keys": keys }))
    }

    /// A token of the user as Better Auth's `/token` gives it.
    ///
    /// # Errors
    /// The database's.
    pub async fn mint(&self, user: &User) -> Result<String, AuthError> {
        let now = self.now().as_second();
        self.sign(&json!({
            "iat": now,
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "emailVerified": user.email_verified,
            "image": user.image,
            "createdAt": crate::wire_time(user.created_at),
            "updatedAt": crate::wire_time(user.updated_at),
            "sub": user.id,
            "exp": now + TOKEN_SECONDS,
            "iss": self.config().origin(),
            "aud": self.config().origin(),
        }))
        .await
    }

    /// An access token of the Phase III form; it dies with the session `session`.
    ///
    /// # Errors
    /// The database's.
    pub async fn mint_access(&self, user: &User, session: &str) -> Result<String, AuthError> {
        let now = self.now().as_second();
        self.sign(&json!({
            "sub": user.id,
            "user_id": user.id,
            "email": user.email,
            "name": user.name,
            "type": "access",
            "sid": session,
            "iat": now,
            "exp": now + ACCESS_SECONDS,
            "iss": self.config().origin(),
            "aud": self.config().origin(),
        }))
        .await
    }

    async fn sign(&self, claims: &Value) -> Result<String, AuthError> {
        let ring = self.signing_ring().await?;
        let (pair, _) = ring.signer.as_ref().ok_or(AuthError::Internal("finding a signing key"))?;
        Ok(pair.sign(claims))
    }

    /// Verifies a token: by our key that its `kid` names, else by the foreign issuer's, else, when switched on, by the shared
    /// secret. Each key verifies its own algorithm only.
    ///
    /// # Errors
    /// The outer error is the database's; the inner one says why the token is refused.
    pub async fn verify(&self, token: &str) -> Result<Result<Verified, TokenError>, AuthError> {
        let Some(compact) = Compact::parse(token) else { return Ok(Err(TokenError::Invalid)) };
        let now = self.now();
        if compact.claims_hs256() {
            return Ok(self.verify_shared(&compact, now));
        }
        if let Some(key) = self.own_key(&compact, now).await? {
            return Ok(read(&compact, &key, now).map(|claims| Verified { claims, ours: true }));
        }
        let Some(external) = &self.config().external else { return Ok(Err(TokenError::Invalid)) };
        let Some(key) = external.keys.key_for(&compact).await else { return Ok(Err(TokenError::Invalid)) };
        Ok(read(&compact, &key, now).and_then(|claims| {
            let issuer = external.issuer.is_none() || external.issuer == claims.issuer;
            let audience = external.audience.as_ref().is_none_or(|audience| claims.audiences.contains(audience));
            if issuer && audience { Ok(Verified { claims, ours: false }) } else { Err(TokenError::Invalid) }
        }))
    }

    fn verify_shared(&self, compact: &Compact<'_>, now: Timestamp) -> Result<Verified, TokenError> {
        if !self.config().legacy_hs256 {
            return Err(TokenError::Invalid);
        }
        let keys = self.config().secrets.all().map(VerifyingKey::shared_secret);
        let outcomes = keys.map(|key| read(compact, &key, now));
        let claims = outcomes.reduce(|first, next| if first == Err(TokenError::Invalid) { next } else { first });
        claims.unwrap_or(Err(TokenError::Invalid)).map(|claims| Verified { claims, ours: false })
    }

    async fn own_key(&self, compact: &Compact<'_>, now: Timestamp) -> Result<Option<VerifyingKey>, AuthError> {
        let Some(id) = compact.key_id() else { return Ok(None) };
        let ring = self.ring(MAX_AGE).await?;
        let ring = if ring.keys.contains_key(id) { ring } else { self.ring(MIN_PAUSE).await? };
        let published = ring.rows.iter().any(|row| row.id == id && row.is_published(now));
        Ok(ring.keys.get(id).filter(|_| published).cloned())
    }

    /// Our keys, read again when they are older than `age`.
    async fn ring(&self, age: Duration) -> Result<Arc<Ring>, AuthError> {
        let slot = &self.inner.issuer.ring;
        if let Some(ring) = slot.read().await.as_ref().filter(|ring| ring.read.elapsed() < age) {
            return Ok(Arc::clone(ring));
        }
        let mut slot = slot.write().await;
        // While this one waited for the lock another may have read.
        if let Some(ring) = slot.as_ref().filter(|ring| ring.read.elapsed() < age) {
            return Ok(Arc::clone(ring));
        }
        let ring = Arc::new(self.read_ring().await?);
        *slot = Some(Arc::clone(&ring));
        Ok(ring)
    }

    /// Our keys with one that may sign, made if need be.
    async fn signing_ring(&self) -> Result<Arc<Ring>, AuthError> {
        let now = self.now();
        let can_sign = |ring: &Ring| ring.signer.as_ref().is_some_and(|(_, end)| end.is_none_or(|end| end > now));
        let ring = self.ring(MAX_AGE).await?;
        if can_sign(&ring) {
            return Ok(ring);
        }
        let mut slot = self.inner.issuer.ring.write().await;
        let ring = self.read_ring().await?;
        let ring = if can_sign(&ring) {
            ring
        } else {
            let fresh =
                Jwk::generate(&self.config().secrets, now).ok_or(AuthError::Internal("making a signing key"))?;
            jwks::create(self.store(), &to_row(fresh)).await?;
            self.read_ring().await?
        };
        let ring = Arc::new(ring);
        *slot = Some(Arc::clone(&ring));
        Ok(ring)
    }

    async fn read_ring(&self) -> Result<Ring, AuthError> {
        let now = self.now();
        let rows: Vec<Jwk> = jwks::list(self.store()).await?.into_iter().map(from_row).collect();
        let keys = rows.iter().filter_map(|row| Some((row.id.clone(), row.verifying_key()?))).collect();
        // Rows come newest first.
        let signer = rows.iter().filter(|row| row.may_sign(now)).find_map(|row| {
            let pair = row.key_pair(&self.config().secrets);
            if pair.is_none() {
                tracing::warn!(
                    kid = row.id,
                    "a signing key can't be decrypted with BETTER_AUTH_SECRET; it still verifies"
                );
            }
            Some((pair?, row.expires_at))
        });
        Ok(Ring { read: Instant::now(), rows, keys, signer })
    }
}

fn read(compact: &Compact<'_>, key: &VerifyingKey, now: Timestamp) -> Result<ApiClaims, TokenError> {
    let payload = compact.payload(key).ok_or(TokenError::Invalid)?;
    ApiClaims::read(payload, now).map_err(|rejected| match rejected {
        Rejected::Expired => TokenError::Expired,
        Rejected::Unsuitable => TokenError::Invalid,
    })
}

fn from_row(row: JwkRow) -> Jwk {
    Jwk {
        id: row.id,
        public_key: row.public_key,
        private_key: row.private_key,
        created_at: row.created_at,
        expires_at: row.expires_at,
        alg: row.alg,
        crv: row.crv,
    }
}

fn to_row(jwk: Jwk) -> JwkRow {
    JwkRow {
        id: jwk.id,
        public_key: jwk.public_key,
        private_key: jwk.private_key,
        created_at: jwk.created_at,
        expires_at: jwk.expires_at,
        alg: jwk.alg,
        crv: jwk.crv,
    }
}
