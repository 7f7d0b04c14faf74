//! The shared secret: what signs cookies and encrypts private keys. More than one while it is being rotated.

use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::RngExt as _;
use ring::digest;
use secrecy::{ExposeSecret as _, SecretString};

use crate::random;

/// What a text encrypted under a numbered secret starts with; the number and `$` follow.
const ENVELOPE: &str = "$ba$";
const NONCE_LENGTH: usize = 24;

/// One secret; `version` is its number when it comes from `BETTER_AUTH_SECRETS`.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The number by which encrypted texts name it; `None` for the plain `BETTER_AUTH_SECRET`.
    pub version: Option<u32>,
    /// Its text.
    pub value: SecretString,
}

/// The secret in use and those that are still accepted.
#[derive(Clone, Debug)]
pub struct Secrets {
    current: Secret,
    former: Vec<Secret>,
}

impl Secrets {
    /// A single secret without number.
    #[must_use]
    pub fn single(value: SecretString) -> Self {
        Self { current: Secret { version: None, value }, former: Vec::new() }
    }

    /// The first is current, the others are accepted still. `None` when there is none.
    #[must_use]
    pub fn rotating(secrets: Vec<Secret>) -> Option<Self> {
        let mut secrets = secrets.into_iter();
        let current = secrets.next()?;
        Some(Self { current, former: secrets.collect() })
    }

    /// The current secret's text.
    #[must_use]
    pub fn current(&self) -> &str {
        self.current.value.expose_secret()
    }

    /// Every accepted secret's text, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|secret| secret.value.expose_secret())
    }

    fn iter(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.current).chain(&self.former)
    }

    /// Encrypts as Better Auth does: XChaCha20-Poly1305 under the SHA-256 of the secret, the nonce in front, hexadecimal.
    #[must_use]
    pub fn encrypt(&self, plain: &str) -> Option<String> {
        let nonce: [u8; NONCE_LENGTH] = rand::rng().random();
        let sealed = cipher(self.current()).encrypt(&XNonce::from(nonce), plain.as_bytes()).ok()?;
        let mut text = self.current.version.map_or_else(String::new, |version| format!("{ENVELOPE}{version}$"));
        random::push_hex(&mut text, &nonce);
        random::push_hex(&mut text, &sealed);
        Some(text)
    }

    /// Decrypts a text of [`Secrets::encrypt`] or of Better Auth; `None` when no accepted secret fits.
    #[must_use]
    pub fn decrypt(&self, text: &str) -> Option<String> {
        let (version, hex) = match text.strip_prefix(ENVELOPE) {
            Some(rest) => {
                let (version, hex) = rest.split_once('$')?;
                (Some(version.parse::<u32>().ok()?), hex)
            }
            None => (None, text),
        };
        let bytes = random::from_hex(hex)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LENGTH>()?;
        // A bare text may stem from the time before numbers, so every secret is tried; the tag tells which one fits.
        let plain = self
            .iter()
            .filter(|secret| version.is_none() || secret.version == version)
            .find_map(|secret| cipher(secret.value.expose_secret()).decrypt(&XNonce::from(*nonce), sealed).ok())?;
        String::from_utf8(plain).ok()
    }
}

fn cipher(secret: &str) -> XChaCha20Poly1305 {
    let digest = digest::digest(&digest::SHA256, secret.as_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(digest.as_ref());
    XChaCha20Poly1305::new(&key.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(version: Option<u32>, value: &str) -> Secret {
        Secret { version, value: value.into() }
    }

    #[test]
    fn round_trip_and_refusals() {
        let secrets = Secrets::single("one".into());
        let sealed = secrets.encrypt("plain").expect("encrypts");
        assert_eq!(secrets.decrypt(&sealed).as_deref(), Some("plain"));
        assert_eq!(Secrets::single("two".into()).decrypt(&sealed), None);
        for bad in ["", "00", "zz", "$ba$", "$ba$1", &sealed[2..]] {
            assert_eq!(secrets.decrypt(bad), None, "{bad}");
        }
    }

    #[test]
    fn rotation_keeps_old_texts_readable() {
        let bare = Secrets::single("one".into()).encrypt("old").expect("encrypts");
        let rotating = Secrets::rotating(vec![secret(Some(2), "two"), secret(None, "one")]).expect("two secrets");
        assert_eq!(rotating.decrypt(&bare).as_deref(), Some("old"));
        let numbered = rotating.encrypt("new").expect("encrypts");
        assert!(numbered.starts_with("$ba$2$"));
        assert_eq!(rotating.decrypt(&numbered).as_deref(), Some("new"));
        assert_eq!(Secrets::single("two".into()).decrypt(&numbered), None, "number 2 is not known there");
    }

    #[test]
    fn debug_hides_them() {
        assert!(!format!("{:?}", Secrets::single("hush".into())).contains("hush"));
    }
}
