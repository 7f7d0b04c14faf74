//! Who sends: the server's key pair and the tokens it signs (RFC 8292).

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::json;
use url::Url;

/// How long a token is good for; RFC 8292 allows 24 hours.
const LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// The keys of this installation.
#[derive(Clone)]
pub struct Vapid {
    key: Arc<EcdsaKeyPair>,
    public: Arc<str>,
    subject: Arc<str>,
}

impl std::fmt::Debug for Vapid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vapid").field("public", &self.public).finish_non_exhaustive()
    }
}

impl Vapid {
    /// Reads a pair in base64url: the public point of 65 bytes and the private number of 32. `subject` says whom a push service may
    /// write to about us, a `mailto:` or `https:` address.
    ///
    /// # Errors
    /// The variable that is wrong, and the remedy.
    pub fn new(public: &str, private: &str, subject: &str) -> Result<Self, (&'static str, String)> {
        let remedy = "`todo keygen` prints a pair";
        let point = super::from_base64url(public).filter(|point| point.len() == 65 && point[0] == 4);
        let point = point.ok_or_else(|| {
            ("VAPID_PUBLIC_KEY", format!("must be 65 bytes in base64url that begin with B; {remedy}"))
        })?;
        let number = super::from_base64url(private).filter(|number| number.len() == 32);
        let number = number.ok_or_else(|| ("VAPID_PRIVATE_KEY", format!("must be 32 bytes in base64url; {remedy}")))?;
        let random = SystemRandom::new();
        let key =
            EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &number, &point, &random)
                .map_err(|_| ("VAPID_PRIVATE_KEY", format!("does not belong to VAPID_PUBLIC_KEY; {remedy}")))?;
        let reachable = subject.starts_with("mailto:") || subject.starts_with("https://");
        if !reachable || subject.len() > 200 || subject.contains(char::is_whitespace) {
            let wrong = "must be an address for the operators of push services, such as mailto:me@example.com";
            return Err(("VAPID_SUBJECT", wrong.to_owned()));
        }
        Ok(Self { key: Arc::new(key), public: URL_SAFE_NO_PAD.encode(point).into(), subject: subject.into() })
    }

    /// The public key, for browsers.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The value of `Authorization` for a push service.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn authorization(&self, endpoint: &Url, now: Timestamp) -> Result<String, ring::error::Unspecified> {
        let until = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX).as_second();
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = encode(&json!({ "typ": "JWT", "alg": "ES256" }));
        let origin = endpoint.origin().ascii_serialization();
        let claims = encode(&json!({ "aud": origin, "exp": until, "sub": &*self.subject }));
        let signed = format!("{head}.{claims}");
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes())?;
        Ok(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature), self.public))
    }
}

/// A fresh pair in base64url: public, private.
///
/// # Errors
/// When the system gives no random bytes.
pub fn generate() -> Result<(String, String), ring::error::Unspecified> {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random)
        .map_err(|_| ring::error::Unspecified)?;
    let number = private_number(document.as_ref()).ok_or(ring::error::Unspecified)?;
    Ok((URL_SAFE_NO_PAD.encode(pair.public_key()), URL_SAFE_NO_PAD.encode(number)))
}

/// The private key inside the PKCS #8 document: the first octet string of 32 bytes, `04 20 …` (RFC 5915).
fn private_number(document: &[u8]) -> Option<&[u8]> {
    let at = document.windows(2).position(|window| window == [0x04, 0x20])?;
    document.get(at + 2..at + 34)
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn a_fresh_pair_signs_what_its_public_key_confirms() {
        let (public, private) = generate().unwrap();
        let vapid = Vapid::new(&public, &private, "mailto:me@example.com").unwrap();
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let endpoint = Url::parse("https://push.example.net:8443/some/where?token=secret").unwrap();
        let value = vapid.authorization(&endpoint, now).unwrap();
        let (token, key) = value.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, public);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, super::super::from_base64url(key).unwrap())
            .verify(signed.as_bytes(), &super::super::from_base64url(signature).unwrap())
            .unwrap();
        let claims = super::super::from_base64url(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://push.example.net:8443");
        assert_eq!(claims["sub"], "mailto:me@example.com");
        assert_eq!(claims["exp"].as_i64().unwrap() - now.as_second(), 12 * 3600);
    }

    #[test]
    fn mistakes_name_the_variable() {
        let (public, private) = generate().unwrap();
        let (other, _) = generate().unwrap();
        let wrong = |public: &str, private: &str, subject: &str| {
            Vapid::new(public, private, subject).err().map(|(variable, _)| variable)
        };
        assert_eq!(wrong(&public, &private, "https://todo.example.com"), None);
        assert_eq!(wrong("abc", &private, "mailto:a@b.c"), Some("VAPID_PUBLIC_KEY"));
        assert_eq!(wrong(&public, &public, "mailto:a@b.c"), Some("VAPID_PRIVATE_KEY"));
        assert_eq!(wrong(&other, &private, "mailto:a@b.c"), Some("VAPID_PRIVATE_KEY"));
        assert_eq!(wrong(&public, &private, "me@example.com"), Some("VAPID_SUBJECT"));
    }
}
