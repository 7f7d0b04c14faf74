//! Identities. Users' ids are opaque text (a database taken over from Better Auth brings its own); ours are UUIDv7.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who owns a row. Opaque: never parsed, only compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);

impl UserId {
    /// Longest id that is accepted, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Takes over an id as it stands in a token or in the database.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a door names a task: by id, or by the small number that people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskRef {
    /// By UUID.
    Id(Uuid),
    /// By the number that counts a user's tasks from 1.
    Number(i64),
}

impl TaskRef {
    /// Reads `3`, `#3` or a UUID.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix('#').unwrap_or(text);
        if !digits.is_empty() && digits.len() <= 18 && digits.bytes().all(|b| b.is_ascii_digit()) {
            return digits.parse().ok().map(Self::Number);
        }
        Uuid::try_parse(text).ok().map(Self::Id)
    }
}

impl fmt::Display for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Number(number) => write!(f, "#{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TaskRef;

    #[test]
    fn references_are_numbers_or_uuids() {
        assert_eq!(TaskRef::parse("#12"), Some(TaskRef::Number(12)));
        assert_eq!(TaskRef::parse(" 12 "), Some(TaskRef::Number(12)));
        assert!(matches!(TaskRef::parse("0193e0a0-0000-7000-8000-000000000000"), Some(TaskRef::Id(_))));
        assert_eq!(TaskRef::parse("-1"), None);
        assert_eq!(TaskRef::parse("99999999999999999999"), None);
        assert_eq!(TaskRef::parse("twelve"), None);
    }
}
