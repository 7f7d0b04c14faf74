//! When to remind: at an instant, or some minutes before the task is due.

use std::fmt;

use jiff::{SignedDuration, Span, Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    due::Due,
    error::{DomainError, Result},
};

/// One reminder of a task.
///
/// On the wire a string: an RFC 3339 instant (`2026-11-18T09:00:00Z`), or a negative ISO 8601 duration relative to the due time
/// as in an iCalendar `TRIGGER` (`-PT10M`, RFC 5545 §3.8.6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reminder {
    /// At that instant.
    At(Timestamp),
    /// That many minutes before the due time; for a due day, before 09:00 of that day.
    Before {
        /// Minutes, 0 to [`Reminder::BEFORE_MAX`].
        minutes: u32,
    },
}

impl Reminder {
    /// Longest lead: a year, in minutes.
    pub const BEFORE_MAX: u32 = 366 * 24 * 60;
    /// A task that is due on a day is reminded relative to this hour of that day.
    pub const DAY_HOUR: i8 = 9;

    /// The instant of the reminder for a task due at `due`, for a user in `zone`; `None` for a relative one without a due date.
    #[must_use]
    pub fn instant(&self, due: Option<&Due>, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::Before { minutes } => {
                let due = match due? {
                    Due::At(at) => at.timestamp(),
                    Due::Day(date) => date.at(Self::DAY_HOUR, 0, 0, 0).to_zoned(zone.clone()).ok()?.timestamp(),
                };
                due.checked_sub(SignedDuration::from_mins(i64::from(*minutes))).ok()
            }
        }
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// A validation error on `reminders`.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let wrong = || {
            DomainError::invalid(
                "reminders",
                format!(
                    "`{}` is no reminder; write an instant such as 2026-11-18T09:00:00Z or a lead such as -PT10M.",
                    text.escape_debug()
                ),
            )
        };
        if let Some(lead) = text.strip_prefix('-') {
            let span: Span = lead.parse().map_err(|_| wrong())?;
            let minutes = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?.as_mins();
            let minutes = u32::try_from(minutes).ok().filter(|m| *m <= Self::BEFORE_MAX).ok_or_else(wrong)?;
            return Ok(Self::Before { minutes });
        }
        text.parse().map(Self::At).map_err(|_| wrong())
    }
}

impl fmt::Display for Reminder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => at.fmt(f),
            Self::Before { minutes } => write!(f, "-{}", i64::from(*minutes).minutes()),
        }
    }
}

impl Serialize for Reminder {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Reminder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn wire_form_round_trips() {
        for text in ["2026-11-18T09:00:00Z", "-PT10M", "-PT1440M", "-PT0M"] {
            let reminder = Reminder::parse(text).unwrap();
            assert_eq!(Reminder::parse(&reminder.to_string()).unwrap(), reminder);
        }
        assert_eq!(Reminder::parse("-P1D").unwrap(), Reminder::Before { minutes: 1440 });
        assert_eq!(Reminder::parse("-PT10M").unwrap().to_string(), "-PT10M");
        for text in ["", "soon", "-P2Y", "PT10M", "-PT-10M"] {
            assert_eq!(Reminder::parse(text).unwrap_err().field.as_deref(), Some("reminders"), "{text}");
        }
    }

    #[test]
    fn a_lead_counts_from_the_due_time_or_from_nine() {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let lead = Reminder::Before { minutes: 60 };
        let day = Due::Day(date(2026, 11, 18));
        assert_eq!(lead.instant(Some(&day), &zone).unwrap().to_string(), "2026-11-18T07:00:00Z");
        let at = Due::At("2026-11-18T17:00:00[America/New_York]".parse().unwrap());
        assert_eq!(lead.instant(Some(&at), &zone).unwrap().to_string(), "2026-11-18T21:00:00Z");
        assert_eq!(lead.instant(None, &zone), None);
    }
}
