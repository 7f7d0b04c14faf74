//! Days that stand for a period: "next week", "end of march", "mid january", "this weekend", "christmas" (H3).

use jiff::civil::Date;

use super::{
    amount::Unit,
    calendar::{self, next_date, plus_days, plus_months},
    day::{DayPhrase, Read, Weight},
    grammar::Grammar,
    lexicon::Class,
};

impl Grammar<'_> {
    /// "end of month", "start of next week", "mid january", "eom", "month end".
    pub fn part_of_period(&self, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        // Spanish calls the weekend the end of the week.
        if text.is(at, Class::Weekend) {
            return None;
        }
        if let Some((unit, next)) = text.find(at, Class::EndWord) {
            let (_, end) = self.period(Unit::from_value(unit)?, 0)?;
            return Some((DayPhrase::on(end, Weight::Apart), next));
        }
        let parts = [Class::EndOf, Class::StartOf, Class::MidOf];
        let found = parts.into_iter().find_map(|class| Some((class, text.after(at, class)?)));
        let Some((part, next)) = found else {
            // "month end"
            let (unit, next) = text.find(at, Class::Unit)?;
            let next = text.after(next, Class::EndAfter)?;
            return Some((DayPhrase::on(self.period(Unit::from_value(unit)?, 0)?.1, Weight::Apart), next));
        };
        let inner = self.skip_hyphen(next);
        let (start, end, next) = self.named_period(inner, part)?;
        let date = match part {
            Class::EndOf => end,
            Class::StartOf => start,
            _ => {
                let length = end.duration_since(start).as_hours() / 24;
                plus_days(start, if length > 20 && length < 32 { 14 } else { length / 2 })?
            }
        };
        Some((DayPhrase::on(date, Weight::Firm), next))
    }

    /// First and last day of a period by name: "this month", "next week", "march", "2027".
    pub fn named_period(&self, at: usize, part: Class) -> Option<(Date, Date, usize)> {
        let text = self.text;
        if let Some((year @ 2000..=2999, 4)) = text.number(at) {
            let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
            return Some((first, first.last_of_year(), at + 1));
        }
        let ahead = text.after(at, Class::Next);
        let inner = ahead.or_else(|| text.after(at, Class::This)).unwrap_or(at);
        let inner = text.skip(inner, Class::The);
        if let Some((month, _, next)) = self.month(inner) {
            let (year, next) = self.year_after(next);
            let mut first = match year {
                Some(year) => Date::new(year, month, 1).ok()?,
                None => Date::new(self.today().year(), month, 1).ok()?,
            };
            let passed = match part {
                Class::EndOf => first.last_of_month() < self.today(),
                Class::StartOf => first < self.today(),
                _ => plus_days(first, 14)? < self.today(),
            };
            if year.is_none() && passed {
                first = plus_months(first, 12)?;
            }
            return Some((first, first.last_of_month(), next));
        }
        let (unit, mut next) = text.find(inner, Class::Unit)?;
        let unit = Unit::from_value(unit)?;
        let mut periods = i64::from(ahead.is_some());
        // "fin del mes próximo"
        if ahead.is_none()
            && let Some(after) = text.after(next, Class::NextAfter)
        {
            periods = 1;
            next = after;
        }
        let (start, end) = self.period(unit, periods)?;
        // The start of this week or month is past: the next one is meant.
        let middle =
            plus_days(start, if unit == Unit::Month { 14 } else { end.duration_since(start).as_hours() / 48 })?;
        let passed = match part {
            Class::StartOf => start < self.today(),
            Class::MidOf => middle < self.today(),
            _ => false,
        };
        if passed && periods == 0 && !text.is(at, Class::This) {
            let (start, end) = self.period(unit, 1)?;
            return Some((start, end, next));
        }
        Some((start, end, next))
    }

    /// First and last day of the week, month, quarter or year that is `ahead` after the present one.
    pub fn period(&self, unit: Unit, ahead: i64) -> Option<(Date, Date)> {
        let today = self.today();
        let months = |first: Date, length: i64| {
            let start = plus_months(first, length * ahead)?;
            Some((start, plus_days(plus_months(start, length)?, -1)?))
        };
        match unit {
            Unit::Day => plus_days(today, ahead).map(|day| (day, day)),
            Unit::Week => {
                let start = plus_days(calendar::week_of(today, self.context.week_start)?, 7 * ahead)?;
                Some((start, plus_days(start, 6)?))
            }
            Unit::Month => months(today.first_of_month(), 1),
            Unit::Quarter => {
                let month = (today.month() - 1) / 3 * 3 + 1;
                months(today.first_of_month().with().month(month).build().ok()?, 3)
            }
            Unit::Year => months(today.first_of_year(), 12),
            Unit::Second | Unit::Minute | Unit::Hour | Unit::Fortnight | Unit::Workday => None,
        }
    }

    /// "next week", "next month", "this weekend", "next march", "next year" (H3).
    pub fn next_period(&self, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        let today = self.today();
        let (ahead, next) = match (text.find(at, Class::Next), text.after(at, Class::This)) {
            (Some((further, next)), _) => (i64::from(further).max(1), next),
            (None, Some(next)) => (0, next),
            (None, None) => return self.period_then_next(at),
        };
        if let Some(next) = text.after(next, Class::Weekend) {
            return Some((DayPhrase::on(self.weekend(ahead)?, Weight::Firm), next));
        }
        if let Some((month, _, next)) = self.month(next) {
            return Some((DayPhrase::on(calendar::next_month_named(today, month)?, Weight::Firm), next));
        }
        let (unit, next) = text.find(next, Class::Unit)?;
        let unit = Unit::from_value(unit)?;
        let date = self.period_date(unit, ahead)?;
        // "next week friday", "next week on friday"
        if unit == Unit::Week
            && let Some((weekday, _, next)) = self.weekday(text.skip(next, Class::On))
        {
            let date = calendar::weekday_of_week(today, weekday, ahead, self.context.week_start)?;
            return Some((DayPhrase::on(date, Weight::Firm), next));
        }
        // "next month on the 5th"
        if unit == Unit::Month
            && let Some((day, next)) = self.ordinal(text.skip(text.skip(next, Class::On), Class::The))
            && let Ok(date) = self.period(unit, ahead)?.0.with().day(i8::try_from(day).ok()?).build()
        {
            return Some((DayPhrase::on(date, Weight::Firm), next));
        }
        let weight = match (unit, ahead) {
            // "the work for the next quarter" is not due on a day.
            (Unit::Quarter, _) => Weight::Led,
            (_, 0) => Weight::Period,
            _ => Weight::Firm,
        };
        Some((DayPhrase::on(date, weight), next))
    }

    /// The day that stands for a whole period: its first one when it is still to come, its last one when it has begun.
    pub fn period_date(&self, unit: Unit, ahead: i64) -> Option<Date> {
        match unit {
            Unit::Week if ahead > 0 => {
                calendar::weekday_of_week(self.today(), jiff::civil::Weekday::Monday, ahead, self.context.week_start)
            }
            Unit::Week | Unit::Month | Unit::Quarter | Unit::Year | Unit::Day => {
                let (start, end) = self.period(unit, ahead)?;
                Some(if ahead > 0 { start } else { end })
            }
            Unit::Workday if ahead > 0 => calendar::plus_workdays(self.today(), 1),
            _ => None,
        }
    }

    /// "la semana que viene": the language puts "next" behind.
    pub fn period_then_next(&self, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        let start = text.skip(at, Class::The);
        if let Some(next) = text.after(start, Class::Weekend).and_then(|next| text.after(next, Class::NextAfter)) {
            return Some((DayPhrase::on(self.weekend(1)?, Weight::Firm), next));
        }
        if let Some(next) = text.after(start, Class::Weekend).and_then(|next| text.after(next, Class::AfterNext)) {
            return Some((DayPhrase::on(self.weekend(2)?, Weight::Firm), next));
        }
        let (unit, next) = text.find(start, Class::Unit)?;
        let (ahead, next) = match text.after(next, Class::AfterNext) {
            Some(next) => (2, next),
            None => (1, text.after(next, Class::NextAfter)?),
        };
        let date = self.period_date(Unit::from_value(unit)?, ahead)?;
        Some((DayPhrase::on(date, Weight::Firm), next))
    }

    /// The Saturday of this or the next weekend; on a Sunday this weekend is today.
    pub fn weekend(&self, ahead: i64) -> Option<Date> {
        use jiff::civil::Weekday::{Saturday, Sunday};
        let today = self.today();
        match ahead {
            0 if today.weekday() == Sunday => Some(today),
            0 => plus_days(today, i64::from(today.weekday().until(Saturday))),
            _ => calendar::weekday_of_week(today, Saturday, ahead, self.context.week_start),
        }
    }

    /// "weekend", a holiday, a year: dates only after a leading word.
    pub fn bare_period(&self, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        if let Some(next) = text.after(at, Class::Weekend) {
            return Some((DayPhrase::on(self.weekend(0)?, Weight::Led), next));
        }
        if let Some((value, next)) = text.find(at, Class::Holiday) {
            let (month, day) = (i8::try_from(value / 100).ok()?, i8::try_from(value % 100).ok()?);
            return Some((DayPhrase::on(next_date(self.today(), month, day)?, Weight::Led), next));
        }
        let (year @ 2000..=2199, 4) = text.number(at)? else { return None };
        let date = Date::new(i16::try_from(year).ok()?, 1, 1).ok().filter(|date| *date > self.today())?;
        Some((DayPhrase::on(date, Weight::Led), at + 1))
    }
}
