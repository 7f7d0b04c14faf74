//! Random identifiers and tokens, and the form in which the database keeps tokens.

use rand::RngExt as _;
use rand::distr::Alphanumeric;
use ring::digest;

/// Length of user, session and key ids and of session tokens, as Better Auth makes them. 32 characters of `[A-Za-z0-9]` carry 190 bits.
pub const ID_LENGTH: usize = 32;

/// A fresh id or session token.
#[must_use]
pub fn id() -> String {
    alphanumeric(ID_LENGTH)
}

/// `length` random characters of `[A-Za-z0-9]`.
#[must_use]
pub fn alphanumeric(length: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
}

/// What marks a stored value as a digest, so that a raw token of an adopted database is told apart.
pub const DIGEST_PREFIX: &str = "sha256:";

/// The form in which a token is stored and looked up: `sha256:` and the hexadecimal SHA-256 of its UTF-8 text.
///
/// Tokens are random with more than 128 bits, so that one round without salt is enough: there is nothing to guess.
#[must_use]
pub fn digest(token: &str) -> String {
    let hash = digest::digest(&digest::SHA256, token.as_bytes());
    let mut text = String::with_capacity(DIGEST_PREFIX.len() + 64);
    text.push_str(DIGEST_PREFIX);
    push_hex(&mut text, hash.as_ref());
    text
}

/// Appends lower-case hexadecimal.
pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Reads hexadecimal of either case; `None` for anything else.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_32_alphanumerics_and_differ() {
        let (a, b) = (id(), id());
        assert_eq!(a.len(), 32);
        assert!(a.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(a, b);
    }

    #[test]
    fn digest_is_what_sha256sum_prints() {
        assert_eq!(digest("abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn hex_round_trip_and_refusals() {
        let mut text = String::new();
        push_hex(&mut text, &[0, 15, 160, 255]);
        assert_eq!(text, "000fa0ff");
        assert_eq!(from_hex("000FA0ff"), Some(vec![0, 15, 160, 255]));
        for bad in ["0", "0g", "é", "+1"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }
}
