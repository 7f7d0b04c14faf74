//! Compact JWS (RFC 7515): taking one apart, and checking its signature with a key that knows its own algorithm.
//!
//! The primitives are `ring`'s. Members of the header that name keys (`jwk`, `jku`, `x5u`, `x5c`) are never looked at.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{hmac, signature};
use serde::Deserialize;
use serde_json::Value;

/// The longest token that is looked at.
const MAX_LENGTH: usize = 8 * 1024;

/// The algorithms we verify (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 to 8192 bits.
    Rs256,
    /// HMAC with SHA-256: only ever with the shared secret, never with a published key.
    Hs256,
}

impl Algorithm {
    /// The value of the `alg` header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Hs256 => "HS256",
        }
    }
}

/// A key that verifies, bound to the one algorithm that it is for.
#[derive(Clone)]
pub enum VerifyingKey {
    /// 32 bytes.
    Ed25519(Vec<u8>),
    /// Uncompressed point: `04`, x, y.
    P256(Vec<u8>),
    /// Modulus and exponent, big-endian.
    Rsa {
        /// Modulus.
        n: Vec<u8>,
        /// Public exponent.
        e: Vec<u8>,
    },
    /// A shared secret.
    Hmac(hmac::Key),
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifyingKey({})", self.algorithm().name())
    }
}

impl VerifyingKey {
    /// The UTF-8 bytes of the shared secret, for HS256.
    #[must_use]
    pub fn shared_secret(secret: &str) -> Self {
        Self::Hmac(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// The key of a public JWK (RFC 7517). `None` for a kind we don't verify, a symmetric key, a key whose `alg` names
    /// another algorithm than its kind, or one that is not for signatures.
    #[must_use]
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(|value| URL_SAFE_NO_PAD.decode(value.trim_end_matches('=')).ok());
        let key = match (text("kty")?, text("crv")) {
            ("OKP", Some("Ed25519")) => Self::Ed25519(bytes("x").filter(|x| x.len() == 32)?),
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                Self::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            ("RSA", _) => Self::Rsa { n: bytes("n")?, e: bytes("e")? },
            _ => return None,
        };
        let for_signatures = text("use").is_none_or(|purpose| purpose == "sig");
        let algorithm_fits = text("alg").is_none_or(|alg| {
            alg == key.algorithm().name() || (alg == "Ed25519" && key.algorithm() == Algorithm::EdDsa)
        });
        (for_signatures && algorithm_fits).then_some(key)
    }

    /// The one algorithm of this key.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::P256(_) => Algorithm::Es256,
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::Hmac(_) => Algorithm::Hs256,
        }
    }

    fn verifies(&self, message: &[u8], tag: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => {
                signature::UnparsedPublicKey::new(&signature::ED25519, key).verify(message, tag).is_ok()
            }
            Self::P256(key) => {
                signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, key).verify(message, tag).is_ok()
            }
            Self::Rsa { n, e } => signature::RsaPublicKeyComponents { n, e }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, tag)
                .is_ok(),
            Self::Hmac(key) => hmac::verify(key, message, tag).is_ok(),
        }
    }
}

/// The header's members that matter.
#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood (RFC 7515 §4.1.11). We understand none.
    crit: Option<Value>,
}

/// A token taken apart, nothing about it believed yet.
#[derive(Debug)]
pub struct Compact<'a> {
    header: Header,
    message: &'a str,
    payload: Vec<u8>,
    tag: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Takes `token` apart; `None` when it does not have the form of a signed token.
    #[must_use]
    pub fn parse(token: &'a str) -> Option<Self> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let (message, tag) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if header.crit.is_some() {
            return None;
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        Some(Self { header, message, payload, tag })
    }

    /// The key that the token claims to be signed with.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Whether the token claims the shared secret's algorithm: the only use that is made of `alg` before a key is chosen.
    #[must_use]
    pub fn claims_hs256(&self) -> bool {
        self.header.alg == Algorithm::Hs256.name()
    }

    /// The payload, when `key` signed it and the header names the key's own algorithm.
    #[must_use]
    pub fn payload(&self, key: &VerifyingKey) -> Option<&[u8]> {
        let alg = self.header.alg.as_str();
        // RFC 9864 renames EdDSA with this curve to `Ed25519`.
        let named = alg == key.algorithm().name() || (alg == "Ed25519" && key.algorithm() == Algorithm::EdDsa);
        (named && key.verifies(self.message.as_bytes(), &self.tag)).then_some(self.payload.as_slice())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    pub fn sign_hs256(secret: &[u8], header: &Value, payload: &Value) -> String {
        let message =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload.to_string()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    #[test]
    fn rfc_8037_example_verifies() {
        // RFC 8037 appendix A.4 and A.5.
        let key = VerifyingKey::from_jwk(
            &json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
        )
        .expect("key");
        let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let compact = Compact::parse(token).expect("parses");
        assert_eq!(compact.payload(&key), Some(b"Example of Ed25519 signing".as_slice()));
    }

    #[test]
    fn rfc_7515_examples_verify() {
        // RFC 7515 appendix A.2 (RS256) and A.3 (ES256).
        let rsa = VerifyingKey::from_jwk(&json!({"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})).expect("key");
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        assert!(Compact::parse(token).expect("parses").payload(&rsa).is_some());
        let ec = VerifyingKey::from_jwk(&json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})).expect("key");
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let compact = Compact::parse(token).expect("parses");
        assert!(compact.payload(&ec).is_some());
        assert!(compact.payload(&rsa).is_none(), "another key");
    }

    #[test]
    fn the_key_chooses_the_algorithm() {
        let public = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let key = VerifyingKey::from_jwk(&public).expect("key");
        let VerifyingKey::Ed25519(bytes) = &key else { panic!("Ed25519") };
        // HS256 with the public key as secret, in two spellings of the key.
        for secret in [bytes.as_slice(), public["x"].as_str().expect("text").as_bytes()] {
            let token = sign_hs256(secret, &json!({"alg": "HS256"}), &json!({"sub": "u"}));
            assert!(Compact::parse(&token).expect("parses").payload(&key).is_none());
            let token = sign_hs256(secret, &json!({"alg": "EdDSA"}), &json!({"sub": "u"}));
            assert!(Compact::parse(&token).expect("parses").payload(&key).is_none());
        }
        let shared = VerifyingKey::shared_secret("secret");
        for alg in ["none", "None", "HS512", "EdDSA", ""] {
            let token = sign_hs256(b"secret", &json!({"alg": alg}), &json!({"sub": "u"}));
            assert!(Compact::parse(&token).expect("parses").payload(&shared).is_none(), "{alg}");
        }
        let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode("{}"));
        assert!(Compact::parse(&unsigned).expect("parses").payload(&shared).is_none());
    }

    #[test]
    fn malformed_and_critical_are_refused() {
        let critical = sign_hs256(b"s", &json!({"alg": "HS256", "crit": ["exp"]}), &json!({}));
        let long = format!("{}.a.a", "a".repeat(9000));
        for bad in ["", ".", "..", "a.b.c", "e30.e30", &critical, &long, "e30.e30.e30", "eyJhbGciOjF9.e30."] {
            assert!(Compact::parse(bad).is_none(), "{bad:.40}");
        }
    }

    #[test]
    fn unsuitable_jwks_are_refused() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        for bad in [
            json!({"kty": "oct", "k": "c2VjcmV0"}),
            json!({"kty": "OKP", "crv": "X25519", "x": x}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "alg": "HS256"}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "use": "enc"}),
            json!({"kty": "EC", "crv": "P-256", "x": x}),
            json!({"kty": "RSA", "e": "AQAB"}),
            json!([]),
        ] {
            assert!(VerifyingKey::from_jwk(&bad).is_none(), "{bad}");
        }
    }
}
