//! Our own signing keys: made, kept encrypted in the table `jwks` as Better Auth keeps them, and used.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rand::RngExt as _;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Map, Value, json};

use super::jws::VerifyingKey;
use crate::random;
use crate::secrets::Secrets;

/// A row of `jwks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    /// The `kid`.
    pub id: String,
    /// JSON text of the public JWK.
    pub public_key: String,
    /// The private JWK: JSON text of the encrypted text, or bare JSON when encryption was switched off.
    pub private_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops signing; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// Algorithm; tables made by Better Auth 1.4 lack the column, which means EdDSA.
    pub alg: Option<String>,
    /// Curve, if the column exists.
    pub crv: Option<String>,
}

/// How long an expired key is still published, so that tokens it signed can be verified: 30 days as in Better Auth.
const GRACE_SECONDS: i64 = 30 * 24 * 3600;

impl Jwk {
    /// A fresh Ed25519 key. `None` when the operating system gives no randomness.
    #[must_use]
    pub fn generate(secrets: &Secrets, now: Timestamp) -> Option<Self> {
        let seed: [u8; 32] = rand::rng().random();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).ok()?;
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let public = json!({"crv": "Ed25519", "x": x, "kty": "OKP"});
        let private = json!({"crv": "Ed25519", "d": URL_SAFE_NO_PAD.encode(seed), "x": x, "kty": "OKP"});
        let sealed = secrets.encrypt(&private.to_string())?;
        Some(Self {
            id: random::id(),
            public_key: public.to_string(),
            private_key: Value::String(sealed).to_string(),
            created_at: now,
            expires_at: None,
            alg: Some("EdDSA".to_owned()),
            crv: Some("Ed25519".to_owned()),
        })
    }

    /// The public JWK as it is published: with `alg`, `crv` and `kid`, and nothing private, whatever the row says.
    #[must_use]
    pub fn published(&self) -> Option<Value> {
        let stored: Map<String, Value> = serde_json::from_str(&self.public_key).ok()?;
        let mut jwk = Map::new();
        jwk.insert("alg".to_owned(), self.alg.clone().unwrap_or_else(|| "EdDSA".to_owned()).into());
        if let Some(crv) = &self.crv {
            jwk.insert("crv".to_owned(), crv.clone().into());
        }
        let public = ["alg", "crv", "x", "y", "n", "e", "kty", "use"];
        jwk.extend(stored.into_iter().filter(|(name, _)| public.contains(&name.as_str())));
        jwk.insert("kid".to_owned(), self.id.clone().into());
        Some(Value::Object(jwk))
    }

    /// Whether the key is published and verifies at `now`.
    #[must_use]
    pub fn is_published(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end.as_second().saturating_add(GRACE_SECONDS) > now.as_second())
    }

    /// Whether the key may sign at `now`.
    #[must_use]
    pub fn may_sign(&self, now: Timestamp) -> bool {
        self.alg.as_deref().is_none_or(|alg| alg == "EdDSA") && self.expires_at.is_none_or(|end| end > now)
    }

    /// The key that verifies what this one signed.
    #[must_use]
    pub fn verifying_key(&self) -> Option<VerifyingKey> {
        VerifyingKey::from_jwk(&self.published()?)
    }

    /// The key pair, decrypted; `None` when no accepted secret fits or the key is of another kind.
    #[must_use]
    pub fn key_pair(&self, secrets: &Secrets) -> Option<KeyPair> {
        let plain = match serde_json::from_str(&self.private_key).ok()? {
            Value::String(sealed) => serde_json::from_str(&secrets.decrypt(&sealed)?).ok()?,
            bare => bare,
        };
        let part = |name: &str| plain.get(name)?.as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let pair = Ed25519KeyPair::from_seed_and_public_key(&part("d")?, &part("x")?).ok()?;
        Some(KeyPair { id: self.id.clone(), pair })
    }
}

/// A key that signs.
#[derive(Debug)]
pub struct KeyPair {
    id: String,
    pair: Ed25519KeyPair,
}

impl KeyPair {
    /// Signs the claims; the header is Better Auth's: `alg` and `kid`, no `typ`.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "EdDSA", "kid": self.id});
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let tag = self.pair.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(tag.as_ref(), &mut token);
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwt::Compact;

    fn secrets() -> Secrets {
        Secrets::single("a-secret-of-at-least-thirty-two-characters".into())
    }

    #[test]
    fn signs_what_its_published_key_verifies() {
        let row = Jwk::generate(&secrets(), Timestamp::now()).expect("key");
        let token = row.key_pair(&secrets()).expect("pair").sign(&json!({"sub": "u1"}));
        let compact = Compact::parse(&token).expect("parses");
        assert_eq!(compact.key_id(), Some(row.id.as_str()));
        assert_eq!(compact.payload(&row.verifying_key().expect("key")), Some(br#"{"sub":"u1"}"#.as_slice()));
        let other = Jwk::generate(&secrets(), Timestamp::now()).expect("key");
        assert_eq!(compact.payload(&other.verifying_key().expect("key")), None);
    }

    #[test]
    fn the_private_part_is_sealed_and_never_published() {
        let row = Jwk::generate(&secrets(), Timestamp::now()).expect("key");
        assert!(!row.private_key.contains("\"d\""));
        assert!(row.key_pair(&Secrets::single("wrong".into())).is_none());
        let careless = Jwk { public_key: r#"{"kty":"OKP","crv":"Ed25519","x":"a","d":"secret"}"#.into(), ..row };
        let published = careless.published().expect("published");
        assert!(published.get("d").is_none());
        assert_eq!(published["kid"], Value::String(careless.id.clone()));
    }

    #[test]
    fn rows_of_older_tables_and_bare_private_keys() {
        let row = Jwk::generate(&secrets(), Timestamp::now()).expect("key");
        let sealed: String = serde_json::from_str(&row.private_key).expect("text");
        let old = Jwk { alg: None, crv: None, private_key: secrets().decrypt(&sealed).expect("decrypts"), ..row };
        assert!(old.may_sign(Timestamp::now()));
        assert!(old.key_pair(&secrets()).is_some());
        assert_eq!(old.published().expect("published")["alg"], "EdDSA");
    }

    #[test]
    fn expiry_and_grace() {
        let now = Timestamp::from_second(100_000_000).expect("time");
        let at = |second| Some(Timestamp::from_second(second).expect("time"));
        let row = Jwk::generate(&secrets(), now).expect("key");
        let expired = Jwk { expires_at: at(99_999_999), ..row.clone() };
        assert!(!expired.may_sign(now) && expired.is_published(now));
        let gone = Jwk { expires_at: at(100_000_000 - GRACE_SECONDS), ..row };
        assert!(!gone.is_published(now));
    }
}
