//! When a task is due: a calendar day, or an instant in a time zone.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

/// A due date. A day stays a day: it is never turned into midnight of some zone.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// Any time on that day, wherever the reader is.
    Day(Date),
    /// A clock time on a day, in the zone in which it was said.
    At(Zoned),
}

impl Due {
    /// The calendar day of the due date (for an instant: the day in its own zone).
    #[must_use]
    pub fn date(&self) -> Date {
        match self {
            Self::Day(date) => *date,
            Self::At(at) => at.date(),
        }
    }

    /// The first instant at which the task counts as overdue, for a reader in `zone`: the instant itself, or the end of the day.
    ///
    /// Days at the very end of the supported calendar answer the last supported instant.
    #[must_use]
    pub fn overdue_from(&self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::At(at) => at.timestamp(),
            Self::Day(date) => date
                .tomorrow()
                .and_then(|next| next.to_zoned(zone.clone()))
                .map_or(Timestamp::MAX, |next| next.timestamp()),
        }
    }

    /// Whether the task is overdue at `now`, in the reader's zone that `now` carries.
    #[must_use]
    pub fn is_overdue(&self, now: &Zoned) -> bool {
        self.overdue_from(now.time_zone()) <= now.timestamp()
    }

    /// The name of the zone of an instant (`Europe/Paris`); `None` for a day.
    #[must_use]
    pub fn zone_name(&self) -> Option<&str> {
        match self {
            Self::Day(_) => None,
            Self::At(at) => at.time_zone().iana_name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Due;
    use jiff::{Zoned, civil::date};

    fn at(text: &str) -> Zoned {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_overdue_when_it_has_passed_for_the_reader() {
        let due = Due::Day(date(2026, 11, 18));
        assert!(!due.is_overdue(&at("2026-11-18T23:59:59[Europe/Paris]")));
        assert!(due.is_overdue(&at("2026-11-19T00:00:00[Europe/Paris]")));
        // The same instant is still the 18th in New York.
        assert!(!due.is_overdue(&at("2026-11-18T18:00:00[America/New_York]")));
    }

    #[test]
    fn an_instant_is_overdue_at_that_instant_everywhere() {
        let due = Due::At(at("2026-11-18T17:00:00[Europe/Paris]"));
        assert!(!due.is_overdue(&at("2026-11-18T10:59:59[America/New_York]")));
        assert!(due.is_overdue(&at("2026-11-18T11:00:00[America/New_York]")));
        assert_eq!(due.zone_name(), Some("Europe/Paris"));
    }
}
