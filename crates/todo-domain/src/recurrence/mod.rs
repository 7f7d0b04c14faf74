//! Recurring tasks: a subset of RFC 5545's `RRULE` with two additions of our own.
//!
//! - **Anchor.** A rule repeats from the due date (the calendar's way) or from the day on which the task was completed.
//! - **Month ends clamp.** RFC 5545 skips a month that lacks the day ("monthly on the 31st" never happens in April). A task list
//!   that forgets the rent in April is of no use, so a rule here means the last day of such a month. In the terms of RFC 7529
//!   a rule without `SKIP` is read as `SKIP=BACKWARD`; a rule that wants RFC 5545's behaviour says `SKIP=OMIT`.
//!   The clamp never invents a date that exists in no year: `BYMONTH=2;BYMONTHDAY=30` has no occurrence at all.
//!
//! | file | what |
//! |---|---|
//! | `rule_text.rs` | `RRULE` text to [`Recurrence`] and back |
//! | `occurrences.rs` | the dates of a series, with bounded work for any rule |
//! | `next.rs` | what completing a task makes of its due date and of its rule |
//! | `describe.rs` | a rule in English |

mod describe;
mod next;
mod occurrences;
mod rule_text;

use std::str::FromStr;

use jiff::{Timestamp, civil};

pub use jiff::civil::Weekday;
pub use next::Next;
pub(crate) use next::first_elapsed;
pub use occurrences::Occurrences;
pub use rule_text::RecurrenceError;

/// How often a rule repeats (`FREQ`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// Every so many seconds of real time.
    Secondly,
    /// Every so many minutes of real time.
    Minutely,
    /// Every so many hours of real time.
    Hourly,
    /// Every so many calendar days, at the same clock time.
    Daily,
    /// Every so many calendar weeks.
    Weekly,
    /// Every so many calendar months.
    Monthly,
    /// Every so many calendar years.
    Yearly,
}

impl Frequency {
    /// Seconds of real time between two steps, for the frequencies that count real time; `None` for calendar frequencies.
    pub(crate) const fn seconds(self) -> Option<i64> {
        match self {
            Self::Secondly => Some(1),
            Self::Minutely => Some(60),
            Self::Hourly => Some(3600),
            Self::Daily | Self::Weekly | Self::Monthly | Self::Yearly => None,
        }
    }
}

/// One entry of `BYDAY`: a weekday, optionally the n-th of its month or year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ByDay {
    /// `Some(1)` is the first, `Some(-1)` the last, `None` is every such weekday. Never zero.
    pub nth: Option<i8>,
    /// The day of the week.
    pub weekday: Weekday,
}

impl ByDay {
    /// Every such weekday.
    #[must_use]
    pub const fn every(weekday: Weekday) -> Self {
        Self { nth: None, weekday }
    }

    /// The n-th such weekday of the month, from the end when negative.
    #[must_use]
    pub const fn nth(nth: i8, weekday: Weekday) -> Self {
        Self { nth: Some(nth), weekday }
    }
}

/// The last moment at which a rule may still occur (`UNTIL`), inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// Through the end of that day, wherever the task is.
    Day(civil::Date),
    /// A clock time in the zone of the task.
    Local(civil::DateTime),
    /// An instant.
    Utc(Timestamp),
}

/// When a rule ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum End {
    /// It does not.
    #[default]
    Never,
    /// After this many occurrences, the present one included. Never zero.
    Count(u32),
    /// After this moment.
    Until(Until),
}

/// What the next occurrence is counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Anchor {
    /// From the due date, as a calendar does.
    #[default]
    Due,
    /// From the day (or, for hours and minutes, the instant) of completion.
    Completion,
}

impl Anchor {
    /// Lower-case name, as it stands in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Completion => "completion",
        }
    }
}

impl FromStr for Anchor {
    type Err = RecurrenceError;

    /// Reads what [`Anchor::as_str`] writes.
    fn from_str(text: &str) -> Result<Self, RecurrenceError> {
        match text {
            "due" => Ok(Self::Due),
            "completion" => Ok(Self::Completion),
            _ => Err(RecurrenceError::BadValue {
                part: "the anchor (due or completion)",
                value: text.chars().take(40).collect(),
            }),
        }
    }
}

/// What happens in a month that lacks the day of the rule (`SKIP` of RFC 7529).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MissingDay {
    /// The last day of that month stands in (`SKIP=BACKWARD`, our default).
    #[default]
    Clamp,
    /// The month is left out (`SKIP=OMIT`, what RFC 5545 does).
    Omit,
}

/// A rule by which a task repeats.
///
/// Equality and text cover the rule; the series' start is not part of it: the due date of the task is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recurrence {
    pub(crate) frequency: Frequency,
    pub(crate) interval: u32,
    pub(crate) by_month: Vec<i8>,
    pub(crate) by_month_day: Vec<i8>,
    pub(crate) by_day: Vec<ByDay>,
    pub(crate) by_hour: Vec<i8>,
    pub(crate) by_minute: Vec<i8>,
    pub(crate) by_set_pos: Vec<i16>,
    pub(crate) week_start: Weekday,
    pub(crate) end: End,
    pub(crate) missing_day: MissingDay,
    pub(crate) anchor: Anchor,
}

impl Recurrence {
    /// Every `interval` units; an interval of zero is taken as one.
    #[must_use]
    pub fn every(interval: u32, frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: interval.clamp(1, rule_text::MAX_INTERVAL),
            by_month: Vec::new(),
            by_month_day: Vec::new(),
            by_day: Vec::new(),
            by_hour: Vec::new(),
            by_minute: Vec::new(),
            by_set_pos: Vec::new(),
            week_start: Weekday::Monday,
            end: End::Never,
            missing_day: MissingDay::Clamp,
            anchor: Anchor::Due,
        }
    }

    /// The frequency (`FREQ`).
    #[must_use]
    pub const fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The number of frequency units between two periods (`INTERVAL`), at least 1.
    #[must_use]
    pub const fn interval(&self) -> u32 {
        self.interval
    }

    /// When the series ends (`COUNT` or `UNTIL`).
    #[must_use]
    pub const fn end(&self) -> End {
        self.end
    }

    /// The weekdays of the rule (`BYDAY`).
    #[must_use]
    pub fn by_day(&self) -> &[ByDay] {
        &self.by_day
    }

    /// What the next occurrence is counted from. Not part of the rule's text.
    #[must_use]
    pub const fn anchor(&self) -> Anchor {
        self.anchor
    }

    /// The same rule with another anchor.
    #[must_use]
    pub fn with_anchor(mut self, anchor: Anchor) -> Self {
        self.anchor = anchor;
        self
    }

    /// The same rule with another end; a count of zero is taken as one.
    #[must_use]
    pub fn with_end(mut self, end: End) -> Self {
        self.end = match end {
            End::Count(count) => End::Count(count.clamp(1, rule_text::MAX_COUNT)),
            other => other,
        };
        self
    }

    /// The same rule with another treatment of months that lack the day.
    #[must_use]
    pub fn with_missing_day(mut self, missing_day: MissingDay) -> Self {
        self.missing_day = missing_day;
        self
    }

    /// Whether the rule itself says on which day it falls, rather than taking the day from the due date.
    pub(crate) fn names_its_day(&self) -> bool {
        !(self.by_day.is_empty() && self.by_month_day.is_empty() && self.by_month.is_empty())
    }
}
