//! Better Auth's cookies: names, signature, and what a `Cookie` header says.
//!
//! A value is `TOKEN.SIGNATURE`, percent-encoded; the signature is the padded standard base64 of HMAC-SHA-256 over the
//! token under the UTF-8 bytes of the secret. The signature is checked before the database is asked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::secrets::Secrets;

/// The longest cookie value that is looked at; browsers keep no more.
const MAX_VALUE: usize = 4096;

/// The cookies we set or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The session's token.
    SessionToken,
    /// Present when the user asked not to be remembered: the session ends with the browser and is never extended.
    DontRemember,
    /// Better Auth's cookie cache. Never set and never believed, because a revoked session would live on in it; cleared on sign-out.
    SessionData,
}

impl Name {
    /// The name without prefix.
    #[must_use]
    pub const fn bare(self) -> &'static str {
        match self {
            Self::SessionToken => "better-auth.session_token",
            Self::DontRemember => "better-auth.dont_remember",
            Self::SessionData => "better-auth.session_data",
        }
    }

    /// The name as it is set: with `__Secure-` when the cookie is only for https.
    #[must_use]
    pub fn full(self, secure: bool) -> String {
        let prefix = if secure { "__Secure-" } else { "" };
        format!("{prefix}{}", self.bare())
    }
}

/// Signs and checks cookie values and signed bearer tokens with the shared secret.
#[derive(Clone)]
pub struct Signer {
    current: hmac::Key,
    accepted: Vec<hmac::Key>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// Signs with the current secret; opens what any accepted one signed.
    #[must_use]
    pub fn new(secrets: &Secrets) -> Self {
        let key = |secret: &str| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self { current: key(secrets.current()), accepted: secrets.all().map(key).collect() }
    }

    /// `TOKEN.SIGNATURE`, not percent-encoded: the form of the `set-auth-token` header.
    #[must_use]
    pub fn sign(&self, token: &str) -> String {
        let tag = hmac::sign(&self.current, token.as_bytes());
        format!("{token}.{}", STANDARD.encode(tag.as_ref()))
    }

    /// The token of `TOKEN.SIGNATURE` when the signature is right. Compares in constant time.
    #[must_use]
    pub fn open<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (token, signature) = signed.rsplit_once('.')?;
        // Better Auth's bearer plugin also takes the URL-safe alphabet without padding.
        let standard: String = signature
            .trim_end_matches('=')
            .chars()
            .map(|c| match c {
                '-' => '+',
                '_' => '/',
                other => other,
            })
            .collect();
        let tag = base64::engine::general_purpose::STANDARD_NO_PAD.decode(standard).ok()?;
        let signed = self.accepted.iter().any(|key| hmac::verify(key, token.as_bytes(), &tag).is_ok());
        (signed && !token.is_empty()).then_some(token)
    }
}

/// The attributes of a `Set-Cookie`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Kept for this many seconds.
    Seconds(i64),
    /// Until the browser closes.
    Browser,
    /// Removed at once.
    Expired,
}

/// A whole `Set-Cookie` header value. `value` is percent-encoded here.
#[must_use]
pub fn set_cookie(name: Name, value: &str, lifetime: Lifetime, secure: bool) -> String {
    let max_age = match lifetime {
        Lifetime::Seconds(seconds) => format!("; Max-Age={seconds}"),
        Lifetime::Browser => String::new(),
        Lifetime::Expired => "; Max-Age=0".to_owned(),
    };
    let secure_attribute = if secure { "; Secure" } else { "" };
    format!(
        "{}={}{max_age}; Path=/; HttpOnly{secure_attribute}; SameSite=Lax",
        name.full(secure),
        percent_encode(value)
    )
}

/// What the `Cookie` headers of a request hold under one of our names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Found {
    /// Nothing under that name.
    #[default]
    Absent,
    /// One value, percent-decoded (not checked yet).
    Value(String),
    /// Several different values. A neighbour on a shared domain may have planted one, so none is believed.
    Ambiguous,
}

/// Finds `name` in the `Cookie` headers: the `__Secure-` form wins over the bare one; `-` is accepted for `.` after the prefix.
#[must_use]
pub fn find(headers: &[&str], name: Name) -> Found {
    let dashed = name.bare().replacen('.', "-", 1);
    let spellings = [name.full(true), format!("__Secure-{dashed}"), name.full(false), dashed];
    for spelling in &spellings {
        let mut found: Option<&str> = None;
        for (key, value) in headers.iter().copied().flat_map(pairs) {
            if key != spelling || value.is_empty() || value.len() > MAX_VALUE {
                continue;
            }
            match found {
                Some(earlier) if earlier != value => return Found::Ambiguous,
                _ => found = Some(value),
            }
        }
        if let Some(value) = found {
            return Found::Value(percent_decode(value));
        }
    }
    Found::Absent
}

/// Splits a `Cookie` header (RFC 6265 §4.2.1), quotes around a value removed.
fn pairs(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(';').filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let value = value.trim();
        let unquoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        Some((key.trim(), unquoted))
    })
}

/// Encodes as JavaScript's `encodeURIComponent` does, which is what Better Auth uses.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, COMPONENT).to_string()
}

/// Decodes percent-escapes; a text that does not decode to UTF-8 is returned as it is.
#[must_use]
pub fn percent_decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// Everything but the characters `encodeURIComponent` leaves alone.
const COMPONENT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

#[cfg(test)]
mod tests {
    use super::*;

    fn signer_of(secret: &str) -> Signer {
        Signer::new(&Secrets::single(secret.into()))
    }

    fn signer() -> Signer {
        signer_of("correct-horse-battery-staple-secret")
    }

    fn find_in(header: &str) -> Found {
        find(&[header], Name::SessionToken)
    }

    #[test]
    fn signature_is_the_one_openssl_makes() {
        // printf %s abc | openssl dgst -sha256 -hmac key -binary | base64
        assert_eq!(signer_of("key").sign("abc"), "abc.nBluMtwBdfhvSxy4konWYZ3mvuaZ5MN45oMJ7Zehpqs=");
    }

    #[test]
    fn opens_what_it_signed_in_both_alphabets() {
        let signed = signer().sign("TOKEN");
        assert_eq!(signer().open(&signed), Some("TOKEN"));
        let url_safe = signed.replace('+', "-").replace('/', "_").replace('=', "");
        assert_eq!(signer().open(&url_safe), Some("TOKEN"));
    }

    #[test]
    fn refuses_any_change() {
        let signed = signer().sign("TOKEN");
        for bad in [
            signed.replace("TOKEN", "TOKEM"),
            signed.trim_end_matches('=').to_owned() + "A",
            "TOKEN".to_owned(),
            "TOKEN.".to_owned(),
            signer().sign(""),
            signer_of("another").sign("TOKEN"),
        ] {
            assert_eq!(signer().open(&bad), None, "{bad}");
        }
    }

    #[test]
    fn attributes_are_better_auths() {
        assert_eq!(
            set_cookie(Name::SessionToken, "t.a+/=", Lifetime::Seconds(604_800), true),
            "__Secure-better-auth.session_token=t.a%2B%2F%3D; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax"
        );
        assert_eq!(
            set_cookie(Name::DontRemember, "true", Lifetime::Browser, false),
            "better-auth.dont_remember=true; Path=/; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn finds_every_spelling_and_prefers_the_secure_one() {
        for spelling in [
            "better-auth.session_token",
            "better-auth-session_token",
            "__Secure-better-auth.session_token",
            "__Secure-better-auth-session_token",
        ] {
            let header = format!("a=b; {spelling}=t%2Bs; c=d");
            assert_eq!(find_in(&header), Found::Value("t+s".into()), "{spelling}");
        }
        assert_eq!(
            find_in("better-auth.session_token=old; __Secure-better-auth.session_token=new"),
            Found::Value("new".into())
        );
    }

    #[test]
    fn duplicates_oversize_and_noise() {
        assert_eq!(find_in("better-auth.session_token=a; better-auth.session_token=b"), Found::Ambiguous);
        assert_eq!(find_in("better-auth.session_token=a; better-auth.session_token=a"), Found::Value("a".into()));
        let long = format!("better-auth.session_token={}", "x".repeat(5000));
        assert_eq!(find_in(&long), Found::Absent);
        assert_eq!(find_in(";;=; =x; better-auth.session_token"), Found::Absent);
        assert_eq!(find(&["x=1", "better-auth.session_token=a"], Name::SessionToken), Found::Value("a".into()));
    }
}
