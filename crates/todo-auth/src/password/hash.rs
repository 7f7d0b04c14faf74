//! The two hash formats: argon2id, which is written, and Better Auth's scrypt, which is read.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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

/// Where an argon2id hash is worked out. Whoever hashes again soon keeps it: an allocator gives so large a piece back late, and a
/// flood of sign-ins would hold several of them at a time.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is in it comes from a password.
        write!(f, "Memory({} KiB)", self.0.len())
    }
}

impl Memory {
    /// Whether it is no more than one of our own hashes takes.
    pub(super) fn is_usual(&self) -> bool {
        self.0.len() <= ARGON2_MEMORY_KIB as usize
    }

    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            self.0.resize(count, Block::default());
        }
        self.0.get_mut(..count).unwrap_or_default()
    }
}

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
    pub(super) fn matches(&self, password: &str, memory: &mut Memory) -> bool {
        let password = normalise(password);
        match self {
            Self::Argon2(hash) => argon2_matches(hash, &password, memory).unwrap_or(false),
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
pub(super) fn create(password: &str, memory: &mut Memory) -> Option<String> {
    let argon2 = argon2id();
    let salt = Salt::generate();
    let mut key = [0; Params::DEFAULT_OUTPUT_LEN];
    let blocks = memory.blocks(argon2.params().block_count());
    argon2.hash_password_into_with_memory(normalise(password).as_bytes(), &salt, &mut key, blocks).ok()?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params()).ok()?,
        salt: Some(salt),
        hash: Some(Output::new(&key).ok()?),
    };
    Some(hash.to_string())
}

/// `None` for a hash with a part missing or out of range.
fn argon2_matches(hash: &PasswordHash, password: &str, memory: &mut Memory) -> Option<bool> {
    let params = Params::try_from(hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let mut key = vec![0; expected.len()];
    let blocks = memory.blocks(params.block_count());
    let argon2 = Argon2::new(algorithm, version, params);
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, &mut key, blocks).ok()?;
    Some(key.ct_eq(expected.as_bytes()).into())
}

/// Spends what one argon2id verification costs.
pub(super) fn burn_argon2(password: &str, memory: &mut Memory) {
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    let argon2 = argon2id();
    let blocks = memory.blocks(argon2.params().block_count());
    let password = normalise(password);
    let _ = std::hint::black_box(argon2.hash_password_into_with_memory(
        password.as_bytes(),
        b"a salt for nobody",
        &mut out,
        blocks,
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
        assert!(stored.matches("Pässwörd ①", &mut Memory::default()));
        // NFKC: decomposed umlauts and the digit for the circled digit are the same password.
        assert!(stored.matches("Pa\u{308}sswo\u{308}rd 1", &mut Memory::default()));
        assert!(!stored.matches("Passwörd ①", &mut Memory::default()));
        assert!(stored.is_outdated());
    }

    #[test]
    fn argon2id_round_trip_and_parameters() {
        let text = create("correct horse", &mut Memory::default()).expect("hash");
        assert!(text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
        let stored = Stored::parse(&text).expect("recognised");
        assert!(stored.matches("correct horse", &mut Memory::default()));
        assert!(!stored.matches("correct horsf", &mut Memory::default()));
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
