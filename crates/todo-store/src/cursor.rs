//! Cursors: where the next page of a list starts. Opaque to clients, bound to the user and to the question they belong to.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use todo_domain::{DomainError, id::UserId};
use uuid::Uuid;

use crate::db::Val;

/// The last row of a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cursor {
    /// Whether the page ended among the rows without a sort key, which come last.
    pub rest: bool,
    /// Its sort key.
    pub key: Val,
    /// Its id.
    pub id: Uuid,
}

/// Bytes of the hash that binds a cursor to its question.
const BOUND: usize = 8;

impl Cursor {
    pub(crate) fn encode(&self, user: &UserId, question: &str) -> String {
        let mut bytes = bound(user, question).to_vec();
        bytes.push(self.rest.into());
        bytes.extend(self.id.as_bytes());
        match &self.key {
            Val::Int(value) => {
                bytes.push(1);
                bytes.extend(value.to_be_bytes());
            }
            Val::Float(value) => {
                bytes.push(2);
                bytes.extend(value.to_be_bytes());
            }
            Val::Time(value) => {
                bytes.push(3);
                bytes.extend(value.as_microsecond().to_be_bytes());
            }
            Val::Text(value) => {
                bytes.push(4);
                bytes.extend(value.as_bytes());
            }
            _ => bytes.push(0),
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// # Errors
    /// A validation error on `cursor` when it is not one of ours, or belongs to another question.
    pub(crate) fn decode(text: &str, user: &UserId, question: &str) -> Result<Self, DomainError> {
        Self::read(text, user, question).ok_or_else(|| {
            DomainError::invalid(
                "cursor",
                "`cursor` does not belong to this list; take `next_cursor` of the page before and keep filter and order.",
            )
        })
    }

    fn read(text: &str, user: &UserId, question: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (hash, bytes) = bytes.split_at_checked(BOUND)?;
        if hash != bound(user, question) {
            return None;
        }
        let (rest, bytes) = bytes.split_first()?;
        let (id, bytes) = bytes.split_at_checked(16)?;
        let (kind, bytes) = bytes.split_first()?;
        let eight = || <[u8; 8]>::try_from(bytes).ok();
        let key = match kind {
            0 if bytes.is_empty() => Val::Null,
            1 => Val::Int(i64::from_be_bytes(eight()?)),
            2 => Val::Float(Some(f64::from_be_bytes(eight()?)).filter(|value| value.is_finite())?),
            3 => Val::Time(Timestamp::from_microsecond(i64::from_be_bytes(eight()?)).ok()?),
            4 => Val::Text(std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?.to_owned()),
            _ => return None,
        };
        Some(Self { rest: *rest == 1, key, id: Uuid::from_slice(id).ok()? })
    }
}

fn bound(user: &UserId, question: &str) -> [u8; BOUND] {
    let digest = Sha256::new().chain_update(user.as_str()).chain_update([0]).chain_update(question).finalize();
    let mut bound = [0; BOUND];
    bound.copy_from_slice(&digest[..BOUND]);
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_and_belong_to_one_question() {
        let user = UserId::new("u");
        for key in [
            Val::Null,
            Val::Int(-5),
            Val::Float(1.5),
            Val::Text("é".into()),
            Val::Time(Timestamp::from_microsecond(7).unwrap()),
        ] {
            let cursor = Cursor { rest: true, key, id: Uuid::now_v7() };
            let text = cursor.encode(&user, "q");
            assert_eq!(Cursor::decode(&text, &user, "q").unwrap(), cursor);
            assert_eq!(Cursor::decode(&text, &user, "r").unwrap_err().field.as_deref(), Some("cursor"));
            assert!(Cursor::decode(&text, &UserId::new("v"), "q").is_err());
            assert!(Cursor::decode(&text[1..], &user, "q").is_err());
        }
        assert!(Cursor::decode("", &user, "q").is_err());
        assert!(Cursor::decode("å", &user, "q").is_err());
    }
}
