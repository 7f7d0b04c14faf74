//! How a task repeats. (First shape; the founder of the language core fills it in. Other rooms rely on these signatures.)

use std::{fmt, str::FromStr};

use crate::error::DomainError;

/// From what the next occurrence is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// From the due date.
    #[default]
    Due,
    /// From the moment of completion.
    Completion,
}

impl Anchor {
    /// Lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Completion => "completion",
        }
    }
}

impl FromStr for Anchor {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "due" => Ok(Self::Due),
            "completion" => Ok(Self::Completion),
            _ => Err(DomainError::invalid("recurrence_anchor", "`recurrence_anchor` is `due` or `completion`.")),
        }
    }
}

/// A recurrence rule with its anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    rule: String,
    anchor: Anchor,
}

impl Recurrence {
    /// From what the next occurrence is counted.
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        self.anchor
    }

    /// The same rule with another anchor.
    #[must_use]
    pub fn with_anchor(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// The rule in English words.
    #[must_use]
    pub fn describe(&self) -> String {
        self.rule.clone()
    }
}

impl FromStr for Recurrence {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self { rule: text.to_owned(), anchor: Anchor::Due })
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)
    }
}
