//! `RRULE` text (RFC 5545 section 3.3.10, `SKIP` of RFC 7529) to [`Recurrence`] and back.

use std::{fmt, str::FromStr};

use jiff::{
    civil::{Date, DateTime, Weekday},
    tz::TimeZone,
};

use super::{Anchor, ByDay, End, Frequency, MissingDay, Recurrence, Until};

/// Largest `INTERVAL` accepted.
pub(super) const MAX_INTERVAL: u32 = 100_000;
/// Largest `COUNT` accepted; a counted series is walked one by one, so this bounds the work.
pub(super) const MAX_COUNT: u32 = 10_000;
/// No list of a sensible rule is longer; this bounds the work per period.
const MAX_LIST: usize = 62;

/// Why a rule was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// The text has no `FREQ`.
    #[error("the rule has no FREQ; write for example FREQ=WEEKLY;BYDAY=MO")]
    NoFrequency,
    /// A part is not of the form `NAME=value`, or stands twice.
    #[error("`{0}` is not a rule part; write NAME=value, each name once, separated by semicolons")]
    Malformed(String),
    /// A part of RFC 5545 that is not supported, or not with this frequency.
    #[error("{0} is not supported here")]
    Unsupported(&'static str),
    /// A value out of range or of the wrong form.
    #[error("{part} does not take `{value}`")]
    BadValue {
        /// The rule part, such as `BYDAY`.
        part: &'static str,
        /// What was given.
        value: String,
    },
    /// Both `COUNT` and `UNTIL`.
    #[error("a rule ends by COUNT or by UNTIL, not by both")]
    TwoEnds,
}

fn bad(part: &'static str, value: &str) -> RecurrenceError {
    RecurrenceError::BadValue { part, value: value.chars().take(40).collect() }
}

/// A comma-separated list, each entry read by `one`, repeated entries dropped.
fn list<T: PartialEq>(
    part: &'static str,
    value: &str,
    one: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, RecurrenceError> {
    let mut entries = Vec::new();
    for text in value.split(',') {
        let entry = one(text.trim()).ok_or_else(|| bad(part, text))?;
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    if entries.len() > MAX_LIST { Err(bad(part, value)) } else { Ok(entries) }
}

fn number<T: FromStr + PartialOrd>(text: &str, min: T, max: T) -> Option<T> {
    text.parse::<T>().ok().filter(|n| *n >= min && *n <= max)
}

/// A number from `1` to `max` or, counted from the end, from `-max` to `-1`.
fn signed(text: &str, max: i16) -> Option<i16> {
    number(text, -max, max).filter(|n| *n != 0)
}

/// The two-letter weekday of RFC 5545.
pub(super) const fn weekday_code(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}

fn weekday(code: &str) -> Option<Weekday> {
    let mut week = Weekday::Monday.cycle_forward().take(7);
    week.find(|day| weekday_code(*day) == code)
}

fn by_day(text: &str) -> Option<ByDay> {
    if !text.is_ascii() || text.len() < 2 {
        return None;
    }
    let (nth, code) = text.split_at(text.len() - 2);
    let weekday = weekday(code)?;
    match nth {
        "" => Some(ByDay::every(weekday)),
        nth => Some(ByDay::nth(i8::try_from(signed(nth, 53)?).ok()?, weekday)),
    }
}

fn until(text: &str) -> Option<Until> {
    if let Ok(day) = Date::strptime("%Y%m%d", text) {
        return Some(Until::Day(day));
    }
    match text.strip_suffix('Z') {
        Some(utc) => {
            let at = DateTime::strptime("%Y%m%dT%H%M%S", utc).ok()?;
            Some(Until::Utc(at.to_zoned(TimeZone::UTC).ok()?.timestamp()))
        }
        None => DateTime::strptime("%Y%m%dT%H%M%S", text).ok().map(Until::Local),
    }
}

fn frequency(text: &str) -> Option<Frequency> {
    Some(match text {
        "SECONDLY" => Frequency::Secondly,
        "MINUTELY" => Frequency::Minutely,
        "HOURLY" => Frequency::Hourly,
        "DAILY" => Frequency::Daily,
        "WEEKLY" => Frequency::Weekly,
        "MONTHLY" => Frequency::Monthly,
        "YEARLY" => Frequency::Yearly,
        _ => return None,
    })
}

fn missing_day(text: &str) -> Option<MissingDay> {
    match text {
        "OMIT" => Some(MissingDay::Omit),
        "BACKWARD" => Some(MissingDay::Clamp),
        _ => None,
    }
}

impl FromStr for Recurrence {
    type Err = RecurrenceError;

    /// Reads a rule in any case, with or without a leading `RRULE:`. The anchor is [`Anchor::Due`].
    fn from_str(text: &str) -> Result<Self, RecurrenceError> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text).trim_end_matches(';');
        let mut rule = Self::every(1, Frequency::Daily);
        let mut seen: Vec<&str> = Vec::new();
        for part in text.split(';') {
            let malformed = || RecurrenceError::Malformed(part.chars().take(40).collect());
            let (name, value) = part.split_once('=').ok_or_else(malformed)?;
            let name = name.trim();
            if seen.contains(&name) {
                return Err(malformed());
            }
            seen.push(name);
            rule.set(name, value.trim()).unwrap_or_else(|| Err(malformed()))?;
        }
        if !seen.contains(&"FREQ") {
            return Err(RecurrenceError::NoFrequency);
        }
        if seen.contains(&"COUNT") && seen.contains(&"UNTIL") {
            return Err(RecurrenceError::TwoEnds);
        }
        rule.check_combination()?;
        Ok(rule)
    }
}

impl Recurrence {
    /// Takes one part; `None` when no part has that name.
    fn set(&mut self, name: &str, value: &str) -> Option<Result<(), RecurrenceError>> {
        Some(match name {
            "FREQ" => frequency(value).map(|frequency| self.frequency = frequency).ok_or_else(|| bad("FREQ", value)),
            "INTERVAL" => {
                number(value, 1, MAX_INTERVAL).map(|n| self.interval = n).ok_or_else(|| bad("INTERVAL", value))
            }
            "COUNT" => number(value, 1, MAX_COUNT).map(|n| self.end = End::Count(n)).ok_or_else(|| bad("COUNT", value)),
            "UNTIL" => until(value).map(|end| self.end = End::Until(end)).ok_or_else(|| bad("UNTIL", value)),
            "WKST" => weekday(value).map(|day| self.week_start = day).ok_or_else(|| bad("WKST", value)),
            "BYMONTH" => list("BYMONTH", value, |n| number(n, 1, 12)).map(|months| self.by_month = months),
            "BYMONTHDAY" => {
                list("BYMONTHDAY", value, |n| i8::try_from(signed(n, 31)?).ok()).map(|days| self.by_month_day = days)
            }
            "BYDAY" => list("BYDAY", value, by_day).map(|days| self.by_day = days),
            "BYHOUR" => list("BYHOUR", value, |n| number(n, 0, 23)).map(|hours| self.by_hour = hours),
            "BYMINUTE" => list("BYMINUTE", value, |n| number(n, 0, 59)).map(|minutes| self.by_minute = minutes),
            "BYSETPOS" => list("BYSETPOS", value, |n| signed(n, 366)).map(|places| self.by_set_pos = places),
            "RSCALE" if value == "GREGORIAN" => Ok(()),
            "RSCALE" => Err(bad("RSCALE", value)),
            "SKIP" => missing_day(value).map(|skip| self.missing_day = skip).ok_or_else(|| bad("SKIP", value)),
            "BYWEEKNO" => Err(RecurrenceError::Unsupported("BYWEEKNO")),
            "BYYEARDAY" => Err(RecurrenceError::Unsupported("BYYEARDAY")),
            "BYSECOND" => Err(RecurrenceError::Unsupported("BYSECOND")),
            _ => return None,
        })
    }

    /// Combinations that RFC 5545 forbids, or that mean nothing here.
    fn check_combination(&self) -> Result<(), RecurrenceError> {
        let numbered = self.by_day.iter().any(|day| day.nth.is_some());
        if !self.by_minute.is_empty() && self.frequency < Frequency::Daily {
            return Err(RecurrenceError::Unsupported("BYMINUTE below FREQ=DAILY"));
        }
        if numbered && self.frequency < Frequency::Monthly {
            return Err(RecurrenceError::Unsupported("a numbered BYDAY with a FREQ other than MONTHLY or YEARLY"));
        }
        if self.frequency == Frequency::Weekly && !self.by_month_day.is_empty() {
            return Err(RecurrenceError::Unsupported("BYMONTHDAY with FREQ=WEEKLY"));
        }
        let others = self.names_its_day() || !self.by_hour.is_empty() || !self.by_minute.is_empty();
        if !self.by_set_pos.is_empty() && (!others || self.frequency < Frequency::Daily) {
            return Err(RecurrenceError::Unsupported("BYSETPOS without another BY part, or below FREQ=DAILY"));
        }
        Ok(())
    }

    /// Reads a rule of a calendar file or of another calendar program, where months without the day are skipped (RFC 5545)
    /// unless the text says otherwise.
    ///
    /// # Errors
    /// As for [`Recurrence::from_str`].
    pub fn from_calendar(text: &str) -> Result<Self, RecurrenceError> {
        let mut rule: Self = text.parse()?;
        if !text.to_ascii_uppercase().contains("SKIP=") && rule.by_month_day.iter().any(|day| *day > 28) {
            rule.missing_day = MissingDay::Omit;
        }
        Ok(rule)
    }

    /// The rule for a calendar file or another program, which knows RFC 5545 only: a clamped day is written out in parts
    /// that mean the same there (`BYMONTHDAY=30` becomes `BYMONTHDAY=28,29,30;BYSETPOS=-1`, the 31st `BYMONTHDAY=-1`).
    ///
    /// A rule with several such days has no equal in RFC 5545 and is written as it is.
    #[must_use]
    pub fn to_calendar(&self) -> String {
        let mut rule = self.clone();
        rule.missing_day = MissingDay::Clamp;
        let clamps =
            self.missing_day == MissingDay::Clamp && self.by_set_pos.is_empty() && self.frequency >= Frequency::Monthly;
        if let ([day @ 29..=31], true) = (self.by_month_day.as_slice(), clamps && self.by_day.is_empty()) {
            rule.by_month_day = if *day == 31 { vec![-1] } else { (28..=*day).collect() };
            rule.by_set_pos = if *day == 31 { Vec::new() } else { vec![-1] };
        }
        rule.to_string()
    }

    /// The rule and its anchor as two stored columns give them.
    ///
    /// # Errors
    /// As for [`Recurrence::from_str`] and [`Anchor::from_str`].
    pub fn from_stored(rule: &str, anchor: &str) -> Result<Self, RecurrenceError> {
        Ok(rule.parse::<Self>()?.with_anchor(anchor.parse()?))
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secondly => "SECONDLY",
            Self::Minutely => "MINUTELY",
            Self::Hourly => "HOURLY",
            Self::Daily => "DAILY",
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
            Self::Yearly => "YEARLY",
        })
    }
}

impl fmt::Display for ByDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        f.write_str(weekday_code(self.weekday))
    }
}

fn write_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, entries: &[T]) -> fmt::Result {
    for (index, entry) in entries.iter().enumerate() {
        match index {
            0 => write!(f, ";{name}={entry}")?,
            _ => write!(f, ",{entry}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Recurrence {
    /// The canonical text: defaults are left out, parts always stand in the same order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", self.frequency)?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        write_list(f, "BYMONTH", &self.by_month)?;
        write_list(f, "BYMONTHDAY", &self.by_month_day)?;
        write_list(f, "BYDAY", &self.by_day)?;
        write_list(f, "BYHOUR", &self.by_hour)?;
        write_list(f, "BYMINUTE", &self.by_minute)?;
        write_list(f, "BYSETPOS", &self.by_set_pos)?;
        match self.end {
            End::Never => {}
            End::Count(count) => write!(f, ";COUNT={count}")?,
            End::Until(Until::Day(day)) => write!(f, ";UNTIL={}", day.strftime("%Y%m%d"))?,
            End::Until(Until::Local(at)) => write!(f, ";UNTIL={}", at.strftime("%Y%m%dT%H%M%S"))?,
            End::Until(Until::Utc(at)) => {
                write!(f, ";UNTIL={}Z", at.to_zoned(TimeZone::UTC).datetime().strftime("%Y%m%dT%H%M%S"))?;
            }
        }
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", weekday_code(self.week_start))?;
        }
        if self.missing_day == MissingDay::Omit {
            f.write_str(";RSCALE=GREGORIAN;SKIP=OMIT")?;
        }
        Ok(())
    }
}

/// A rule in JSON is an object of its text and its anchor: `{"rrule": "FREQ=DAILY", "anchor": "due"}`.
#[derive(serde::Serialize, serde::Deserialize)]
struct Wire {
    rrule: String,
    #[serde(default)]
    anchor: Anchor,
}

impl serde::Serialize for Recurrence {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire { rrule: self.to_string(), anchor: self.anchor }.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Recurrence {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let rule: Self = wire.rrule.parse().map_err(serde::de::Error::custom)?;
        Ok(rule.with_anchor(wire.anchor))
    }
}
