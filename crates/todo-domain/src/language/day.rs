//! Days in words: "tomorrow", "next friday", "the 27th", "end of march", "first monday of next month", "in a fortnight".

use jiff::{Zoned, civil::Date};

use super::{
    amount::{Amount, Unit},
    calendar::{self, next_date, next_day_of_month, plus_days, plus_months},
    grammar::Grammar,
    lexicon::Class,
};

/// How much a phrase needs around it to count as a date inside a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// A date wherever it stands.
    Firm,
    /// A bare weekday: before a noun it may belong to the noun, which is worth a question.
    Noun,
    /// A date where it stands apart from what follows.
    Apart,
    /// A period that has begun ("this month"): the same, but not after "for", which makes it what the task is about.
    Period,
    /// A word that is also another word: at phrase boundaries only (H16).
    Short,
    /// At the start or the end of the text only.
    Edge,
    /// After a leading word only ("by march").
    Led,
}

/// A day, or for elapsed units an instant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Point {
    Day(Date),
    Instant(Zoned),
}

/// What a phrase about a day says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DayPhrase {
    pub point: Point,
    pub weight: Weight,
}

impl DayPhrase {
    pub fn on(date: Date, weight: Weight) -> Self {
        Self { point: Point::Day(date), weight }
    }
}

/// What was read, and the token after it.
pub(super) type Read<T> = Option<(T, usize)>;

impl Grammar<'_> {
    /// The day at `at`.
    pub fn day(&self, at: usize) -> Read<DayPhrase> {
        if self.text.any_literal(at, at + 1) {
            return None;
        }
        if self.text.number(at).is_some()
            && let Some((date, weight, next)) = self.numeric_date(at)
        {
            return Some((DayPhrase::on(date, weight), next));
        }
        self.offset(at)
            .or_else(|| self.relative_day(at))
            .or_else(|| self.part_of_period(at))
            .or_else(|| self.date_with_month(at))
            .or_else(|| self.weekday_phrase(at))
            .or_else(|| self.ordinal_phrase(at))
            .or_else(|| self.next_period(at))
            .or_else(|| self.bare_period(at))
    }

    /// The plain date at `at`, whatever it needs around it: where another phrase already says that a date follows.
    pub fn date(&self, at: usize) -> Read<Date> {
        let at = self.text.skip(at, Class::On);
        let (phrase, next) = self.day(at)?;
        match phrase.point {
            Point::Day(date) => Some((date, next)),
            Point::Instant(at) => Some((at.date(), next)),
        }
    }

    /// "in 2 hours", "3 days from now", "a week from friday".
    fn offset(&self, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        let today = self.today();
        if let Some(next) = text.after(at, Class::In)
            && let Some((amount, next)) = self.amount(text.skip(next, Class::RangeNext))
        {
            let next = text.skip(next, Class::FromNow);
            return Some((self.point_after(amount)?, next));
        }
        if let Some(next) = text.after(at, Class::AgoLead)
            && let Some((amount, next)) = self.amount(next)
        {
            return Some((DayPhrase::on(amount.days_before(today)?, Weight::Edge), next));
        }
        let (amount, next) = self.amount(at).or_else(|| self.the_day(at))?;
        if let Some(next) = text.after(next, Class::FromNow) {
            return Some((self.point_after(amount)?, next));
        }
        if let Some(next) = text.after(next, Class::Ago) {
            return Some((DayPhrase::on(amount.days_before(today)?, Weight::Edge), next));
        }
        if let Some(base) = text.after(next, Class::BeforeDay)
            && let Some((base, next)) = self.named_day(base)
        {
            return Some((DayPhrase::on(amount.days_before(base)?, Weight::Firm), next));
        }
        if amount.seconds != 0 || amount.days % 7 != 0 && !text.is(next, Class::AfterDay) {
            return None;
        }
        // "a week from friday", "two weeks after tomorrow", "a week tomorrow", "a week on monday".
        let base = text.after(next, Class::AfterDay).or_else(|| text.after(next, Class::On)).unwrap_or(next);
        if base == next && !text.is(next, Class::RelativeDay) {
            return None;
        }
        let (base, next) = self.named_day(base)?;
        Some((DayPhrase::on(amount.days_after(base)?, Weight::Firm), next))
    }

    /// "the day" before or after another one.
    fn the_day(&self, at: usize) -> Read<Amount> {
        let (unit, next) = self.unit(self.text.after(at, Class::The)?)?;
        let counts = self.text.is(next, Class::BeforeDay) || self.text.is(next, Class::AfterDay);
        (unit == Unit::Day && counts).then_some((Amount { days: 1, ..Amount::default() }, next))
    }

    /// A day that an amount of time can be counted from.
    fn named_day(&self, at: usize) -> Read<Date> {
        let numeric = || self.numeric_date(at).map(|(date, weight, next)| (DayPhrase::on(date, weight), next));
        let named = self.relative_day(at).or_else(|| self.date_with_month(at)).or_else(|| self.weekday_phrase(at));
        let (phrase, next) = named.or_else(numeric).or_else(|| self.bare_period(at))?;
        match phrase.point {
            Point::Day(date) => Some((date, next)),
            Point::Instant(_) => None,
        }
    }

    fn point_after(&self, amount: Amount) -> Option<DayPhrase> {
        let point = match amount.seconds {
            0 => Point::Day(amount.days_after(self.today())?),
            _ => Point::Instant(amount.after(&self.context.now)?),
        };
        Some(DayPhrase { point, weight: Weight::Firm })
    }

    /// "today", "the day after tomorrow", "eod friday".
    fn relative_day(&self, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        if let Some(next) = text.after(at, Class::LaterToday) {
            return Some((DayPhrase::on(self.today(), Weight::Firm), next));
        }
        if let Some(next) = text.after(at, Class::EndOfDay) {
            let after = text.skip(next, Class::On);
            let named = self.relative_day(after).filter(|_| !text.is(after, Class::EndOfDay));
            return named.or_else(|| self.weekday_phrase(after)).or_else(|| {
                let weight = if next - at > 1 { Weight::Firm } else { Weight::Apart };
                Some((DayPhrase::on(self.today(), weight), next))
            });
        }
        let (days, next) = text.find(at, Class::RelativeDay)?;
        // "la mañana", "die Morgen Zeitung": with an article it is the morning.
        let morning = text.is(at, Class::Daypart) && self.follows(at, Class::Determiner);
        let weight = match days {
            _ if morning => Weight::Led,
            ..0 => Weight::Edge,
            0.. => Weight::Firm,
        };
        Some((DayPhrase::on(plus_days(self.today(), i64::from(days))?, weight), next))
    }

    /// "friday", "this friday", "next friday", "friday next week", "friday, 15 march" (H2).
    pub fn weekday_phrase(&self, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        let (today, week_start) = (self.today(), self.context.week_start);
        for (class, least) in [(Class::Next, 1), (Class::This, 0)] {
            let Some((further, next)) = text.find(at, class) else { continue };
            let weeks = i64::from(further).max(least);
            if let Some((weekday, _, next)) = self.weekday(next) {
                let date = match weeks {
                    0 => calendar::weekday_after(today, weekday),
                    weeks => calendar::weekday_of_week(today, weekday, weeks, week_start),
                };
                return Some((DayPhrase::on(date?, Weight::Firm), next));
            }
        }
        let named = self.weekday(at).or_else(|| {
            // "the friday after next": the article belongs to it.
            let (weekday, short, next) = text.after(at, Class::The).and_then(|next| self.weekday(next))?;
            text.is(next, Class::AfterNext).then_some((weekday, short, next))
        });
        let (weekday, short, next) = named?;
        // "viernes próximo", "friday next week".
        let next_week = text.after(next, Class::Next).and_then(|after| {
            let (unit, after) = text.find(after, Class::Unit)?;
            (Unit::from_value(unit) == Some(Unit::Week)).then_some(after)
        });
        if let Some(after) = text.after(next, Class::AfterNext) {
            let date = calendar::weekday_of_week(today, weekday, 2, week_start)?;
            return Some((DayPhrase::on(date, Weight::Firm), after));
        }
        if let Some(after) = next_week.or_else(|| text.after(next, Class::NextAfter)) {
            let date = calendar::weekday_of_week(today, weekday, 1, week_start)?;
            return Some((DayPhrase::on(date, Weight::Firm), after));
        }
        // "friday, 15 march": the date counts, the weekday is a remark.
        let comma = if text.is_mark(next, ',') || short && text.is_glued_mark(next, '.') { next + 1 } else { next };
        let comma = text.skip(comma, Class::The);
        if let Some((phrase, next)) = self.date_with_month(comma) {
            return Some((DayPhrase { weight: Weight::Firm, ..phrase }, next));
        }
        if let Some((date, _, next)) = self.numeric_date(comma) {
            return Some((DayPhrase::on(date, Weight::Firm), next));
        }
        let weight = if short { Weight::Short } else { Weight::Noun };
        Some((DayPhrase::on(calendar::weekday_after(today, weekday)?, weight), next))
    }

    /// "15 march", "march 15th, 2027", "15th of march", "march 2027", "march".
    fn date_with_month(&self, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        // The day first.
        let start = text.skip(at, Class::The);
        let day = self.ordinal(start).map(|(day, next)| (day, true, next));
        let day = day.or_else(|| match text.number(start) {
            // German and others put a dot behind the day.
            Some((day, 1 | 2)) => {
                let dot = text.is_glued_mark(start + 1, '.');
                Some((day, dot, if dot { start + 2 } else { start + 1 }))
            }
            _ => None,
        });
        if let Some((day, ordinal, next)) = day {
            let after = text.skip(self.skip_hyphen(next), Class::Of);
            if let Some((month, short, next)) = self.month(after) {
                let next =
                    if text.is_glued_mark(next, '.') && text.number(next + 1).is_some() { next + 1 } else { next };
                let (year, next) = self.year_after(next);
                let weight = if short && !ordinal && year.is_none() { Weight::Apart } else { Weight::Firm };
                return Some((DayPhrase::on(self.date_of(year, month, day)?, weight), next));
            }
        }
        let (month, short, next) = self.month(at)?;
        let the = text.skip(if text.is_glued_mark(next, '.') { next + 1 } else { next }, Class::The);
        let day = self.ordinal(the).map(|(day, next)| (day, true, next));
        let day = day.or_else(|| match text.number(the) {
            Some((day @ 1..=31, 1 | 2)) if !text.is_glued_mark(the + 1, ':') => Some((day, false, the + 1)),
            _ => None,
        });
        if let Some((day, ordinal, next)) = day {
            let (year, next) = self.year_after(next);
            let weight = if short && !ordinal && year.is_none() { Weight::Apart } else { Weight::Firm };
            return Some((DayPhrase::on(self.date_of(year, month, day)?, weight), next));
        }
        if let Some((year @ 1000..=9999, 4)) = text.number(next) {
            let date = Date::new(i16::try_from(year).ok()?, month, 1).ok()?;
            return Some((DayPhrase::on(date, Weight::Apart), next + 1));
        }
        Some((DayPhrase::on(calendar::next_month_named(self.today(), month)?, Weight::Led), next))
    }

    /// A year behind a day and a month.
    pub fn year_after(&self, at: usize) -> (Option<i16>, usize) {
        let text = self.text;
        let start = if text.is_glued_mark(at, ',') { at + 1 } else { at };
        let start = text.skip(start, Class::Of);
        match text.number(start) {
            Some((year @ 1900..=2999, 4)) if text.may_end(start + 1) => (i16::try_from(year).ok(), start + 1),
            _ => (None, at),
        }
    }

    fn date_of(&self, year: Option<i16>, month: i8, day: u32) -> Option<Date> {
        let day = i8::try_from(day).ok()?;
        match year {
            Some(year) => Date::new(year, month, day).ok(),
            None => next_date(self.today(), month, day),
        }
    }

    /// "the 27th", "15th of next month", "third friday", "first monday of march", "last day of the month".
    fn ordinal_phrase(&self, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        let start = text.skip(at, Class::The);
        if let Some(next) = text.after(start, Class::Final)
            && let Some((phrase, next)) = self.nth_of_month(-1, next)
        {
            return Some((phrase, next));
        }
        let (number, next) = self.ordinal(start)?;
        let number = i8::try_from(number).ok().filter(|number| *number >= 1)?;
        if let Some((phrase, next)) = self.nth_of_month(number, next) {
            return Some((phrase, next));
        }
        if number > 31 {
            return None;
        }
        if let Some((first, next)) = self.month_reference(next) {
            // "the 15th of the month": the next 15th.
            let date = match first {
                Some(first) => first.with().day(number).build().ok()?,
                None => next_day_of_month(self.today(), number)?,
            };
            return Some((DayPhrase::on(date, Weight::Firm), next));
        }
        // "second" and other ordinals in words need more than themselves to be dates.
        let in_digits = text.number(start).is_some();
        let weight = if start == at && !in_digits { Weight::Led } else { Weight::Apart };
        let edge = start == at && in_digits;
        // A number with a dot is an ordinal in some languages, and the end of a sentence in all of them.
        let weight = if in_digits && text.is_mark(next - 1, '.') { Weight::Led } else { weight };
        let edge = edge && weight != Weight::Led;
        Some((DayPhrase::on(next_day_of_month(self.today(), number)?, if edge { Weight::Edge } else { weight }), next))
    }

    /// "the first week of december".
    pub fn week_of_month(&self, at: usize) -> Option<usize> {
        let start = self.text.skip(at, Class::The);
        let next = self.text.after(start, Class::Final).or_else(|| self.ordinal(start).map(|(_, next)| next))?;
        let (unit, _) = self.unit(next)?;
        self.ordinal_phrase(at).filter(|_| unit == Unit::Week).map(|(_, next)| next)
    }

    /// Behind an ordinal: "monday of next month", "friday", "day of the month".
    fn nth_of_month(&self, nth: i8, at: usize) -> Read<DayPhrase> {
        let text = self.text;
        let today = self.today();
        let unit = text.find(at, Class::Unit).and_then(|(unit, next)| Some((Unit::from_value(unit)?, next)));
        if let Some((Unit::Day, next)) = unit {
            let (first, next) = self.month_reference(next)?;
            let in_month = |first: Date| match nth {
                -1 => Some(first.last_of_month()),
                day => first.with().day(day).build().ok(),
            };
            let date = self.in_month_or_next(first, today, in_month)?;
            return Some((DayPhrase::on(date, Weight::Firm), next));
        }
        if let Some(next) = text.after(at, Class::Weekdays) {
            let (first, next) = self.month_reference(next)?;
            let date = self.in_month_or_next(first, today, |first| calendar::nth_workday(first, nth))?;
            return Some((DayPhrase::on(date, Weight::Firm), next));
        }
        if let Some((Unit::Week, next)) = unit {
            let (first, next) = self.month_reference(next)?;
            let day = |first: Date| match nth {
                1..=4 => plus_days(first, 7 * (i64::from(nth) - 1)),
                -1 => plus_days(first.last_of_month(), -6),
                _ => None,
            };
            return Some((DayPhrase::on(self.in_month_or_next(first, today, day)?, Weight::Firm), next));
        }
        let (weekday, _, next) = self.weekday(at)?;
        if nth > 5 {
            return None;
        }
        let reference = self.month_reference(next);
        // "last friday" alone is the past one.
        if nth < 0 && reference.is_none() {
            return None;
        }
        let weight = if reference.is_some() { Weight::Firm } else { Weight::Apart };
        let (first, next) = reference.unwrap_or((None, next));
        let date = self.in_month_or_next(first, today, |first| first.nth_weekday_of_month(nth, weekday).ok())?;
        Some((DayPhrase::on(date, weight), next))
    }

    /// A day of the said month or, where none was said, of the first month in which it is not past.
    fn in_month_or_next(&self, first: Option<Date>, today: Date, day: impl Fn(Date) -> Option<Date>) -> Option<Date> {
        match first {
            Some(first) => day(first),
            None => (0..12)
                .filter_map(|n| plus_months(today.first_of_month(), n))
                .filter_map(day)
                .find(|date| *date >= today),
        }
    }

    /// "of march", "of next month", "of the month" (`None`: whichever is next).
    fn month_reference(&self, at: usize) -> Read<Option<Date>> {
        let text = self.text;
        let of = text.after(at, Class::Of);
        let start = text.skip(of.unwrap_or(at), Class::The);
        if let Some((month, _, next)) = self.month(start) {
            of?;
            let (year, next) = self.year_after(next);
            let first = match year {
                Some(year) => Date::new(year, month, 1).ok()?,
                None => (0..2)
                    .filter_map(|n| Date::new(self.today().year().checked_add(n)?, month, 1).ok())
                    .find(|first| first.last_of_month() >= self.today())?,
            };
            return Some((Some(first), next));
        }
        let ahead = text.after(start, Class::Next);
        let this = text.after(start, Class::This);
        let (unit, mut next) = text.find(ahead.or(this).unwrap_or(start), Class::Unit)?;
        if Unit::from_value(unit) != Some(Unit::Month) || of.is_none() && ahead.is_none() && this.is_none() {
            return None;
        }
        let mut months = ahead.map(|_| 1).or(this.map(|_| 0));
        if let Some(after) = text.after(next, Class::NextAfter) {
            months = Some(1);
            next = after;
        }
        let first = match months {
            Some(months) => Some(plus_months(self.today().first_of_month(), months)?),
            None => None,
        };
        Some((first, next))
    }
}
