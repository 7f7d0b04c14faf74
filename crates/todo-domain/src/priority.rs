//! How much a task matters.

use serde::{Deserialize, Serialize};

/// Priority of a task, ordered from [`Priority::None`] to [`Priority::Urgent`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Not prioritised.
    #[default]
    None,
    /// Level 4 of 4 (`p4`).
    Low,
    /// Level 3 of 4 (`p3`).
    Medium,
    /// Level 2 of 4 (`p2`).
    High,
    /// Level 1 of 4 (`p1`).
    Urgent,
}

impl Priority {
    /// All levels, lowest first.
    pub const ALL: [Self; 5] = [Self::None, Self::Low, Self::Medium, Self::High, Self::Urgent];

    /// Lower-case name, as it stands in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// Rank for sorting and for storage: 0 (none) to 4 (urgent).
    #[must_use]
    pub const fn rank(self) -> i16 {
        self as i16
    }

    /// The priority of a stored rank; out-of-range ranks are clamped.
    #[must_use]
    pub fn from_rank(rank: i16) -> Self {
        match rank {
            i16::MIN..=0 => Self::None,
            1 => Self::Low,
            2 => Self::Medium,
            3 => Self::High,
            4..=i16::MAX => Self::Urgent,
        }
    }

    /// Reads a level in any case: its name, `p1` (urgent) to `p4` (low), or a common synonym.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "none" | "no" | "normal" => Some(Self::None),
            "low" | "p4" => Some(Self::Low),
            "medium" | "med" | "p3" => Some(Self::Medium),
            "high" | "p2" => Some(Self::High),
            "urgent" | "critical" | "p1" => Some(Self::Urgent),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Priority;

    #[test]
    fn names_and_ranks_round_trip() {
        for level in Priority::ALL {
            assert_eq!(Priority::parse(level.as_str()), Some(level));
            assert_eq!(Priority::parse(&level.as_str().to_uppercase()), Some(level));
            assert_eq!(Priority::from_rank(level.rank()), level);
        }
        assert_eq!(Priority::parse("p1"), Some(Priority::Urgent));
        assert_eq!(Priority::parse("p5"), None);
        assert!(Priority::Urgent > Priority::High);
    }
}
