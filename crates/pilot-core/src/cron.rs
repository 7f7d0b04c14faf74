//! Cron schedules as the CronJob controller reads them: five fields, names, steps, `@hourly` and the like.

use jiff::civil::DateTime;
use jiff::{ToSpan as _, Unit};

/// A parsed schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Both day fields are limited: then either of them is enough.
    either_day: bool,
    /// `@every` interval in seconds; the other fields don't count then.
    every: Option<i64>,
}

/// Why a text is not a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Not five fields.
    #[error("has {0} fields; a schedule has five: minute, hour, day of month, month, day of week")]
    Fields(usize),
    /// A field that can't be read.
    #[error("{field} {text:?} is not valid; it takes {low} to {high}")]
    Field {
        /// Which one.
        field: &'static str,
        /// As written.
        text: String,
        /// Smallest value.
        low: u32,
        /// Largest value.
        high: u32,
    },
    /// `@something` unknown.
    #[error("{0:?} is not a known shorthand")]
    Shorthand(String),
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Schedule {
    /// Reads a schedule. A leading `TZ=` is refused, as CronJobs refuse it.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let text = text.trim();
        if let Some(shorthand) = text.strip_prefix('@') {
            return Self::shorthand(shorthand).ok_or_else(|| CronError::Shorthand(text.to_owned()));
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else { return Err(CronError::Fields(fields.len())) };
        let any = |field: &str| field.starts_with('*') || field.starts_with('?');
        Ok(Self {
            minutes: field(minute, "minute", 0, 59, &[])?,
            hours: field(hour, "hour", 0, 23, &[])?,
            days: field(day, "day of month", 1, 31, &[])?,
            months: field(month, "month", 1, 12, &MONTHS)?,
            weekdays: field(weekday, "day of week", 0, 6, &WEEKDAYS)?,
            either_day: !any(day) && !any(weekday),
            every: None,
        })
    }

    fn shorthand(name: &str) -> Option<Self> {
        let text = match name {
            "yearly" | "annually" => "0 0 1 1 *",
            "monthly" => "0 0 1 * *",
            "weekly" => "0 0 * * 0",
            "daily" | "midnight" => "0 0 * * *",
            "hourly" => "0 * * * *",
            _ => {
                let seconds = go_duration(name.strip_prefix("every ")?.trim())?;
                let mut schedule = Self::parse("* * * * *").ok()?;
                schedule.every = Some(seconds.max(1));
                return Some(schedule);
            }
        };
        Self::parse(text).ok()
    }

    /// The first time after `after`; `None` when there is none within five years (`30 2 30 2 *`).
    pub fn next(&self, after: DateTime) -> Option<DateTime> {
        if let Some(seconds) = self.every {
            return after.checked_add(seconds.seconds()).ok();
        }
        let start =
            after.round(jiff::civil::DateTimeRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Trunc)).ok()?;
        let mut time = start.checked_add(1.minute()).ok()?;
        let end = time.checked_add(5.years()).ok()?;
        let has = |set: u64, value: i8| value >= 0 && set & (1 << value) != 0;
        while time < end {
            if !has(self.months, time.month()) {
                let first = time.date().first_of_month().checked_add(1.month()).ok()?;
                time = first.at(0, 0, 0, 0);
                continue;
            }
            let by_date = has(self.days, time.day());
            let by_weekday = has(self.weekdays, time.weekday().to_sunday_zero_offset());
            let today = if self.either_day { by_date || by_weekday } else { by_date && by_weekday };
            if !today {
                time = time.date().tomorrow().ok()?.at(0, 0, 0, 0);
            } else if !has(self.hours, time.hour()) {
                time = time.date().at(time.hour(), 0, 0, 0).checked_add(1.hour()).ok()?;
            } else if !has(self.minutes, time.minute()) {
                time = time.checked_add(1.minute()).ok()?;
            } else {
                return Some(time);
            }
        }
        None
    }

    /// The shortest time between two runs in seconds, over the next runs after `from`.
    pub fn shortest_interval(&self, from: DateTime) -> Option<i64> {
        let mut previous = self.next(from)?;
        let mut shortest = None;
        for _ in 0..64 {
            let Some(next) = self.next(previous) else { break };
            let gap = previous.duration_until(next).as_secs();
            shortest = Some(shortest.map_or(gap, |least: i64| least.min(gap)));
            previous = next;
        }
        shortest
    }
}

/// `1h30m`, as Go writes durations; whole seconds.
fn go_duration(text: &str) -> Option<i64> {
    let mut total = 0_i64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |end| digits + end);
        let factor = match &rest[digits..unit_end] {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(factor)?)?;
        rest = &rest[unit_end..];
    }
    (total > 0).then_some(total)
}

/// A comma list of `*`, `a`, `a-b`, each with an optional `/step`, as a set of bits.
fn field(text: &str, name: &'static str, low: u32, high: u32, names: &[&str]) -> Result<u64, CronError> {
    let wrong = || CronError::Field { field: name, text: text.to_owned(), low, high };
    let value = |text: &str| -> Option<u32> {
        let by_name = names.iter().position(|known| known.eq_ignore_ascii_case(text));
        match by_name {
            Some(index) => Some(u32::try_from(index).ok()? + low),
            None if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
            None => None,
        }
    };
    let mut set = 0_u64;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u32>().ok().filter(|step| *step > 0).ok_or_else(wrong)?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (low, high),
            Some((from, to)) => (value(from).ok_or_else(wrong)?, value(to).ok_or_else(wrong)?),
            None => {
                let from = value(range).ok_or_else(wrong)?;
                // `5/10` runs from 5 to the end.
                (from, if step.is_some() { high } else { from })
            }
        };
        if from < low || to > high || from > to {
            return Err(wrong());
        }
        let step = usize::try_from(step.unwrap_or(1)).unwrap_or(usize::MAX);
        set |= (from..=to).step_by(step).fold(0, |bits, value| bits | (1 << value));
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn next_runs_are_found_over_month_ends_and_leap_years() {
        let from = date(2026, 11, 21).at(10, 7, 30, 0);
        for (text, next) in [
            ("*/15 * * * *", date(2026, 11, 21).at(10, 15, 0, 0)),
            ("0 3 * * *", date(2026, 11, 22).at(3, 0, 0, 0)),
            ("0 0 31 * *", date(2026, 12, 31).at(0, 0, 0, 0)),
            ("0 0 29 2 *", date(2028, 2, 29).at(0, 0, 0, 0)),
            ("0 0 1 * MON", date(2026, 11, 23).at(0, 0, 0, 0)),
            ("30 2 * jan sun", date(2027, 1, 3).at(2, 30, 0, 0)),
            ("@weekly", date(2026, 11, 22).at(0, 0, 0, 0)),
            ("5/20 10 * * *", date(2026, 11, 21).at(10, 25, 0, 0)),
        ] {
            assert_eq!(Schedule::parse(text).unwrap().next(from), Some(next), "{text}");
        }
        assert_eq!(Schedule::parse("0 0 30 2 *").unwrap().next(from), None);
        assert_eq!(Schedule::parse("*/5 * * * *").unwrap().shortest_interval(from), Some(300));
        assert_eq!(Schedule::parse("@every 1h30m").unwrap().shortest_interval(from), Some(5400));
    }

    #[test]
    fn what_the_controller_refuses_is_refused() {
        for text in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "*/0 * * * *",
            "5-1 * * * *",
            "a * * * *",
            "@fortnightly",
            "TZ=UTC 0 0 * * *",
            "@every 1x",
            "-1 * * * *",
        ] {
            assert!(Schedule::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-*/,0-9a-zA-Z@? ]{0,24}") {
            if let Ok(schedule) = Schedule::parse(&text) {
                let _ = schedule.next(date(2026, 1, 1).at(0, 0, 0, 0));
            }
        }
    }
}
