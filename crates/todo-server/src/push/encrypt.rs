//! Messages that only the browser can read: RFC 8291 over RFC 8188, by ring.

use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::{SecureRandom as _, SystemRandom},
};

/// Bytes of an uncompressed point on P-256.
pub const POINT: usize = 65;
/// Bytes of the secret that the browser shares.
pub const AUTH: usize = 16;
/// Record size that is announced; the message is one record, so it only has to be longer than that.
const RECORD: u32 = 4096;
/// Longest text: what fits into 4096 bytes of body, which every push service takes (RFC 8030, section 7.2).
pub const PLAIN_MAX: usize = 3052;
/// Texts are filled up to a multiple of this, so that their length says little about them.
const STEP: usize = 256;

/// The browser's side of a subscription.
#[derive(Clone)]
pub struct Receiver {
    public: [u8; POINT],
    auth: [u8; AUTH],
}

impl Receiver {
    /// Reads the two values as browsers send them.
    ///
    /// # Errors
    /// Which of the two is wrong, and why.
    pub fn parse(p256dh: &str, auth: &str) -> Result<Self, (&'static str, &'static str)> {
        let public = super::from_base64url(p256dh).and_then(|bytes| <[u8; POINT]>::try_from(bytes).ok());
        let public = public.filter(|point| point[0] == 4);
        let public = public.ok_or(("keys.p256dh", "must be an uncompressed point on P-256 in base64url, 65 bytes"))?;
        let auth = super::from_base64url(auth).and_then(|bytes| <[u8; AUTH]>::try_from(bytes).ok());
        let auth = auth.ok_or(("keys.auth", "must be 16 bytes in base64url"))?;
        Ok(Self { public, auth })
    }
}

/// The body of a push message, with a fresh key and salt.
///
/// # Errors
/// When the browser's key is no point on the curve, or the text is longer than [`PLAIN_MAX`].
pub fn seal(receiver: &Receiver, plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
    if plain.len() > PLAIN_MAX {
        return Err(Unspecified);
    }
    let random = SystemRandom::new();
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random)?;
    let own_public = own.compute_public_key()?;
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    let filled = (plain.len() + 1).next_multiple_of(STEP).min(PLAIN_MAX + 1);
    let padding = filled - plain.len() - 1;
    agree_ephemeral(own, &UnparsedPublicKey::new(&ECDH_P256, receiver.public), |secret| {
        record(receiver, secret, own_public.as_ref(), salt, plain, padding)
    })?
}

/// How long a key is to be.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(info, Length(N))?.fill(&mut out)?;
    Ok(out)
}

/// RFC 8291, section 3.4, and RFC 8188, section 2: header and the one record.
fn record(
    receiver: &Receiver,
    secret: &[u8],
    own_public: &[u8],
    salt: [u8; 16],
    plain: &[u8],
    padding: usize,
) -> Result<Vec<u8>, Unspecified> {
    let ikm: [u8; 32] = derive(&receiver.auth, secret, &[b"WebPush: info\0", &receiver.public, own_public])?;
    let key: [u8; 16] = derive(&salt, &ikm, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = derive(&salt, &ikm, &[b"Content-Encoding: nonce\0"])?;
    let mut text = plain.to_vec();
    text.push(2);
    text.resize(text.len() + padding, 0);
    LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?).seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::empty(),
        &mut text,
    )?;
    let mut body = salt.to_vec();
    body.extend_from_slice(&RECORD.to_be_bytes());
    body.push(u8::try_from(own_public.len()).map_err(|_| Unspecified)?);
    body.extend_from_slice(own_public);
    body.extend_from_slice(&text);
    Ok(body)
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;
    use crate::push::from_base64url;

    const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH_SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    /// RFC 8291, appendix A; the agreement itself is ring's, and the suite in `e2e/push` decrypts with another implementation.
    #[test]
    fn the_vector_of_the_standard() {
        let receiver = Receiver::parse(P256DH, AUTH_SECRET).unwrap();
        let secret = from_base64url("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs").unwrap();
        let own = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
        let salt = from_base64url("DGv6ra1nlYgDCS1FRnbzlw").unwrap().try_into().unwrap();
        let plain = b"When I grow up, I want to be a watermelon";
        let body = record(&receiver, &secret, &from_base64url(own).unwrap(), salt, plain, 0).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn lengths_are_hidden_and_limited() {
        let receiver = Receiver::parse(P256DH, AUTH_SECRET).unwrap();
        let length = |plain: usize| seal(&receiver, &vec![b'x'; plain]).map(|body| body.len());
        assert_eq!(length(1).unwrap(), length(200).unwrap());
        assert_eq!(length(1).unwrap(), 86 + STEP + 16);
        assert!(length(PLAIN_MAX).unwrap() <= 4096);
        assert!(length(PLAIN_MAX + 1).is_err());
        let (one, other) = (seal(&receiver, b"same").unwrap(), seal(&receiver, b"same").unwrap());
        assert_ne!(one, other, "a fresh key and salt each time");
    }

    #[test]
    fn wrong_keys_are_named() {
        let field = |p256dh: &str, auth: &str| Receiver::parse(p256dh, auth).err().map(|(field, _)| field);
        assert_eq!(field(P256DH, AUTH_SECRET), None);
        assert_eq!(field(&format!("{P256DH}="), AUTH_SECRET), None, "padding is accepted");
        assert_eq!(field("BCVx", AUTH_SECRET), Some("keys.p256dh"));
        assert_eq!(field("*", AUTH_SECRET), Some("keys.p256dh"));
        assert_eq!(field(P256DH, ""), Some("keys.auth"));
        let mut off_curve = [4; POINT];
        off_curve[1] = 9;
        let receiver = Receiver { public: off_curve, auth: [0; AUTH] };
        assert!(seal(&receiver, b"x").is_err(), "65 bytes are no point yet");
    }
}
