//! What a token must say to be taken as a user's credential for the API.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Clocks of two machines may differ by this much.
const LEEWAY_SECONDS: i64 = 30;

/// Why a correctly signed token is no credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// Its time is over.
    Expired,
    /// It is not an access token, or lacks what one must have.
    Unsuitable,
}

/// The claims of an access token, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiClaims {
    /// The user (`sub`).
    pub subject: String,
    /// Issuer, if named.
    pub issuer: Option<String>,
    /// Audiences.
    pub audiences: Vec<String>,
    /// The session it was minted for (`sid`), if any: it dies with it.
    pub session: Option<String>,
    /// All claims.
    pub all: Map<String, Value>,
}

impl ApiClaims {
    /// Reads a verified payload.
    ///
    /// `sub` and `exp` are mandatory. Better Auth signs two other things with the same secret, e-mail tokens and cached
    /// sessions: they are told apart by lacking `sub` and by `session`/`user`, and are refused, as are refresh tokens.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn read(payload: &[u8], now: Timestamp) -> Result<Self, Rejected> {
        let all: Map<String, Value> = serde_json::from_slice(payload).map_err(|_| Rejected::Unsuitable)?;
        let text = |name: &str| all.get(name).and_then(Value::as_str).map(str::to_owned);
        let foreign = ["session", "user", "updateTo", "requestType"].iter().any(|name| all.contains_key(*name));
        let access = all.get("type").is_none_or(|kind| kind == "access");
        if foreign || !access {
            return Err(Rejected::Unsuitable);
        }
        let subject = text("sub").filter(|sub| !sub.is_empty()).ok_or(Rejected::Unsuitable)?;
        let now = now.as_second();
        let expires = seconds(all.get("exp").ok_or(Rejected::Unsuitable)?)?;
        if expires.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(Rejected::Expired);
        }
        if let Some(start) = all.get("nbf")
            && seconds(start)? > now.saturating_add(LEEWAY_SECONDS)
        {
            return Err(Rejected::Unsuitable);
        }
        let audiences = match all.get("aud") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        Ok(Self { subject, issuer: text("iss"), audiences, session: text("sid"), all })
    }
}

/// A NumericDate (RFC 7519 §2), which may have a fraction.
fn seconds(value: &Value) -> Result<i64, Rejected> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast saturates, and a date that far away is as good as never"
    )]
    value.as_i64().or_else(|| value.as_f64().map(|fraction| fraction as i64)).ok_or(Rejected::Unsuitable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(claims: Value) -> Result<ApiClaims, Rejected> {
        ApiClaims::read(claims.to_string().as_bytes(), Timestamp::from_second(1_000_000).expect("time"))
    }

    #[test]
    fn an_access_token() {
        let claims = read(json!({"sub": "u1", "exp": 1_000_100, "iss": "i", "aud": ["a", "b"]})).expect("accepted");
        assert_eq!((claims.subject.as_str(), claims.issuer.as_deref()), ("u1", Some("i")));
        assert_eq!(claims.audiences, ["a", "b"]);
        assert!(read(json!({"sub": "u1", "exp": 1_000_100.5, "type": "access"})).is_ok());
    }

    #[test]
    fn time_limits() {
        assert_eq!(read(json!({"sub": "u1", "exp": 999_900})), Err(Rejected::Expired));
        assert!(read(json!({"sub": "u1", "exp": 999_990})).is_ok(), "within the leeway");
        assert_eq!(read(json!({"sub": "u1", "exp": 1_000_100, "nbf": 1_000_090})), Err(Rejected::Unsuitable));
    }

    #[test]
    fn other_tokens_under_the_same_secret() {
        for other in [
            json!({"email": "a@b.co", "iat": 1, "exp": 2_000_000}),
            json!({"email": "a@b.co", "updateTo": "c@d.co", "sub": "u1", "exp": 2_000_000}),
            json!({"session": {}, "user": {}, "sub": "u1", "exp": 2_000_000}),
            json!({"sub": "u1", "type": "refresh", "exp": 2_000_000}),
            json!({"sub": "u1"}),
            json!({"sub": "", "exp": 2_000_000}),
            json!({"sub": 7, "exp": 2_000_000}),
            json!({"sub": "u1", "exp": "2000000"}),
            json!([]),
        ] {
            assert_eq!(read(other.clone()), Err(Rejected::Unsuitable), "{other}");
        }
    }
}
