//! Amounts of time: "2 hours", "an hour and a half", "1h30m", "a fortnight".

use jiff::{SignedDuration, Zoned, civil::Date};

use super::{calendar, grammar::Grammar, lexicon::Class};

/// A unit of time; the numbers are the values of the class `unit` in the lexicon files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Second = 1,
    Minute,
    Hour,
    Day,
    Week,
    Fortnight,
    Month,
    Quarter,
    Year,
    Workday,
}

impl Unit {
    pub fn from_value(value: i16) -> Option<Self> {
        Some(match value {
            1 => Self::Second,
            2 => Self::Minute,
            3 => Self::Hour,
            4 => Self::Day,
            5 => Self::Week,
            6 => Self::Fortnight,
            7 => Self::Month,
            8 => Self::Quarter,
            9 => Self::Year,
            10 => Self::Workday,
            _ => return None,
        })
    }
}

/// A number of units: elapsed time (H18) and calendar time apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub months: i64,
    pub days: i64,
    pub workdays: i64,
    pub seconds: i64,
}

/// Larger numbers are no amount of time that anybody means.
const LARGEST: u32 = 9_999;

impl Amount {
    fn of(count: Count, unit: Unit) -> Option<Self> {
        let whole = i64::from(count.whole);
        let mut amount = Self::default();
        match unit {
            Unit::Second => amount.seconds = whole,
            Unit::Minute => amount.seconds = whole * 60 + if count.half { 30 } else { 0 },
            Unit::Hour => amount.seconds = whole * 3600 + if count.half { 1800 } else { 0 },
            Unit::Day => {
                amount.days = whole;
                amount.seconds = if count.half { 12 * 3600 } else { 0 };
            }
            Unit::Week => amount.days = whole * 7 + if count.half { 3 } else { 0 },
            Unit::Fortnight => amount.days = whole * 14 + if count.half { 7 } else { 0 },
            Unit::Month => {
                amount.months = whole;
                amount.days = if count.half { 15 } else { 0 };
            }
            Unit::Quarter => amount.months = whole * 3,
            Unit::Year => amount.months = whole * 12 + if count.half { 6 } else { 0 },
            Unit::Workday => amount.workdays = whole,
        }
        let whole_only = matches!(unit, Unit::Second | Unit::Quarter | Unit::Workday);
        (!(count.half && whole_only)).then_some(amount)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            months: self.months + other.months,
            days: self.days + other.days,
            workdays: self.workdays + other.workdays,
            seconds: self.seconds + other.seconds,
        }
    }

    /// Whole minutes, when the amount is of elapsed time only.
    pub fn minutes(self) -> Option<u32> {
        let elapsed = self.months == 0 && self.days == 0 && self.workdays == 0 && self.seconds >= 60;
        elapsed.then(|| u32::try_from(self.seconds / 60).ok()).flatten()
    }

    /// The length in minutes where days and weeks are of 24 hours.
    pub fn minutes_before(self) -> Option<u32> {
        let fixed = self.months == 0 && self.workdays == 0;
        fixed.then(|| u32::try_from(self.days * 1440 + self.seconds / 60).ok()).flatten()
    }

    /// A day that is so far from `date`; `None` when the amount has hours.
    pub fn days_after(self, date: Date) -> Option<Date> {
        if self.seconds != 0 {
            return None;
        }
        let date = calendar::plus_days(calendar::plus_months(date, self.months)?, self.days)?;
        calendar::plus_workdays(date, self.workdays)
    }

    /// A day that is so far before `date`.
    pub fn days_before(self, date: Date) -> Option<Date> {
        if self.seconds != 0 || self.workdays != 0 {
            return None;
        }
        calendar::plus_days(calendar::plus_months(date, -self.months)?, -self.days)
    }

    /// The instant so far from `now`: calendar units first, then elapsed time.
    pub fn after(self, now: &Zoned) -> Option<Zoned> {
        let date = Self { seconds: 0, ..self }.days_after(now.date())?;
        let moved = if date == now.date() { now.clone() } else { now.with().date(date).build().ok()? };
        let at = moved.checked_add(SignedDuration::from_secs(self.seconds)).ok()?;
        at.with().subsec_nanosecond(0).build().ok()
    }
}

/// A number that may carry a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub whole: u32,
    pub half: bool,
}

impl Grammar<'_> {
    /// A number in digits or words: "3", "three", "1.5", "a", "half an".
    pub fn count(&self, at: usize) -> Option<(Count, usize)> {
        let text = self.text;
        if let Some((whole, _)) = text.number(at) {
            let point = text.is_glued_mark(at + 1, '.') || text.is_glued_mark(at + 1, ',');
            if point && text.is_glued(at + 2) {
                let half = matches!(text.number(at + 2), Some((5, 1)));
                return half.then_some((Count { whole, half }, at + 3));
            }
            if text.is_glued_mark(at + 1, '½') {
                return Some((Count { whole, half: true }, at + 2));
            }
            return (whole <= LARGEST).then_some((Count { whole, half: false }, at + 1));
        }
        if text.is_mark(at, '½') {
            return Some((Count { whole: 0, half: true }, at + 1));
        }
        if let Some(next) = text.after(at, Class::Half) {
            return Some((Count { whole: 0, half: true }, next));
        }
        let (whole, next) = text.find(at, Class::Number).or_else(|| Some((1, text.after(at, Class::Article)?)))?;
        let half = text.after(next, Class::AndAHalf);
        Some((Count { whole: u32::try_from(whole).ok()?, half: half.is_some() }, half.unwrap_or(next)))
    }

    /// The unit at `at`; short ones ("h") only right behind a digit.
    pub fn unit(&self, at: usize) -> Option<(Unit, usize)> {
        let text = self.text;
        if text.is_glued(at)
            && at > 0
            && text.number(at - 1).is_some()
            // "2h", but not the "3D" of a film.
            && (!text.is_capital(at) || text.key(at) == "h")
            && let Some((value, next)) = text.find(at, Class::UnitShort)
        {
            return Some((Unit::from_value(value)?, next));
        }
        let (value, next) = text.find(at, Class::Unit)?;
        Some((Unit::from_value(value)?, next))
    }

    /// An amount of time, of one unit or of several ("2 hours and 15 minutes", "1h30").
    pub fn amount(&self, at: usize) -> Option<(Amount, usize)> {
        let (mut amount, mut next) = self.single_amount(at)?;
        for _ in 0..3 {
            let joined = self.text.skip(next, Class::And);
            if let Some((more, after)) = self.single_amount(joined) {
                amount = amount.plus(more);
                next = after;
            } else if let Some((minutes @ 1..=59, _)) = self.text.number(next).filter(|_| self.text.is_glued(next)) {
                // "1h30" leaves out the unit of the minutes.
                amount.seconds += i64::from(minutes) * 60;
                return Some((amount, next + 1));
            } else {
                break;
            }
        }
        Some((amount, next))
    }

    fn single_amount(&self, at: usize) -> Option<(Amount, usize)> {
        let (count, next) = self.count(at)?;
        let (unit, next) = self.unit(self.skip_hyphen(next))?;
        let amount = Amount::of(count, unit)?;
        match self.text.after(next, Class::AndAHalf) {
            Some(after) if !count.half => Some((Amount::of(Count { half: true, ..count }, unit)?, after)),
            _ => Some((amount, next)),
        }
    }
}
