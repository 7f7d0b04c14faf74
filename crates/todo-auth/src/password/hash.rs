//! The two hash formats: argon2id, which is written, and Better Auth's scrypt, which is read.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use subtle::ConstantTimeEq as _;
use unicode_normalization::UnicodeNormalization as _;

use crate::random;

/// Memory of one argon2id hash in KiB: the OWASP Password Storage Cheat Sheet's second setting, m = 19 MiB, t = 2, p = 1.
const ARGON2_MEMORY_KIB: u32 = 19 * 1024;
const ARGON2_PASSES: u32 = 2;
const ARGON2_LANES: u32 = 1;

/// Better Auth's parameters: N = 16384, r = 16, p = 1, 64 bytes. One hash takes 128·N·r = 32 MiB.
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 16;
const SCRYPT_P: u32 = 1;
const SCRYPT_KEY: usize = 64;

/// An argon2id hash of an adopted database that asks for more memory than this is refused: it would endanger the process.
const MAX_MEMORY_KIB: u32 = 128 * 1024;

/// A stored hash, recognised by its form.
pub(super) enum Stored<'a> {
    /// A PHC string (`$argon2id$…`).
    Argon2(Box<PasswordHash>),
    /// `hex(salt):hex(key)`.
    Scrypt { salt: &'a str, key: Vec<u8> },
}

impl<'a> Stored<'a> {
    /// Recognises `text`; `None` for a form we can't verify.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if text.starts_with("$argon2") {
            let hash = PasswordHash::new(text).ok()?;
            let params = Params::try_from(&hash).ok()?;
            return (params.m_cost() <= MAX_MEMORY_KIB).then(|| Self::Argon2(Box::new(hash)));
        }
        let (salt, key) = text.split_once(':')?;
        let key = random::from_hex(key).filter(|key| key.len() == SCRYPT_KEY)?;
        random::from_hex(salt)?;
        Some(Self::Scrypt { salt, key })
    }

    /// Memory that verifying takes, in MiB.
    pub(super) fn memory_mib(&self) -> u32 {
        match self {
            Self::Argon2(hash) => {
                let kib = Params::try_from(&**hash).map_or(ARGON2_MEMORY_KIB, |params| params.m_cost());
                kib.div_ceil(1024)
            }
            Self::Scrypt { .. } => SCRYPT_MEMORY_MIB,
        }
    }

    /// Whether a correct password should be hashed anew in today's form.
    pub(super) fn is_outdated(&self) -> bool {
        match self {
            Self::Argon2(hash) => Params::try_from(&**hash)
                .map_or(true, |params| params.m_cost() < ARGON2_MEMORY_KIB || params.t_cost() < ARGON2_PASSES),
            Self::Scrypt { .. } => true,
        }
    }

    /// Whether `password` is the one that was hashed. Slow on purpose.
    pub(super) fn matches(&self, password: &str) -> bool {
        let password = normalise(password);
        match self {
            Self::Argon2(hash) => argon2id().verify_password(password.as_bytes(), &**hash).is_ok(),
            Self::Scrypt { salt, key } => {
                scrypt_key(&password, salt).is_some_and(|computed| computed.ct_eq(key).into())
            }
        }
    }
}

/// Memory of one of our hashes, in MiB.
pub(super) const ARGON2_MEMORY_MIB: u32 = ARGON2_MEMORY_KIB / 1024;
/// Memory of one of Better Auth's hashes, in MiB.
pub(super) const SCRYPT_MEMORY_MIB: u32 = 32;

/// Hashes a new password. Slow on purpose. `None` only when the operating system gives no randomness.
pub(super) fn create(password: &str) -> Option<String> {
    let password = normalise(password);
    argon2id().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

/// Spends what one argon2id verification costs.
pub(super) fn burn_argon2(password: &str) {
    let mut out = [0; 32];
    let _ = std::hint::black_box(argon2id().hash_password_into(
        normalise(password).as_bytes(),
        b"a salt for nobody",
        &mut out,
    ));
}

/// Spends what one scrypt verification costs.
pub(super) fn burn_scrypt(password: &str) {
    let _ = std::hint::black_box(scrypt_key(&normalise(password), "00000000000000000000000000000000"));
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(ARGON2_MEMORY_KIB, ARGON2_PASSES, ARGON2_LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Better Auth hands scrypt the *hexadecimal text* of the salt, not the bytes it stands for.
fn scrypt_key(password: &str, salt: &str) -> Option<[u8; SCRYPT_KEY]> {
    let params = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P).ok()?;
    let mut key = [0; SCRYPT_KEY];
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut key).ok()?;
    Some(key)
}

/// Unicode NFKC, so that the same password typed on different keyboards is the same bytes (RFC 8265 §4.2.1 is the idea).
fn normalise(password: &str) -> String {
    password.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with Python: hashlib.scrypt(unicodedata.normalize("NFKC", p), salt=b"<hex text>", n=16384, r=16, p=1, dklen=64).
    const SCRYPT: &str = "00112233445566778899aabbccddeeff:588269208595146f247eaf3ef5baf620ed38e916d97e2ceef5779065562c3be2e9b6fed6ee4d36e1d80bd8738477bbb22a08ca3b55416a656a2a2b66a433b610";

    #[test]
    fn reads_better_auths_scrypt() {
        let stored = Stored::parse(SCRYPT).expect("recognised");
        assert!(stored.matches("Pässwörd ①"));
        // NFKC: decomposed umlauts and the digit for the circled digit are the same password.
        assert!(stored.matches("Pa\u{308}sswo\u{308}rd 1"));
        assert!(!stored.matches("Passwörd ①"));
        assert!(stored.is_outdated());
    }

    #[test]
    fn argon2id_round_trip_and_parameters() {
        let text = create("correct horse").expect("hash");
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        let stored = Stored::parse(&text).expect("recognised");
        assert!(stored.matches("correct horse"));
        assert!(!stored.matches("correct horsf"));
        assert!(!stored.is_outdated());
        assert_eq!(stored.memory_mib(), 19);
    }

    #[test]
    fn strange_hashes_are_not_verified() {
        for bad in [
            "",
            "plain",
            "zz:00",
            "00:00",
            "$argon2id$",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(Stored::parse(bad).is_none(), "{bad}");
        }
    }
}
