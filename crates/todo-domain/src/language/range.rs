//! Ranges of due dates for lists and filters: "today", "next 7 days", "before friday", "overdue".

use jiff::civil::Date;

use super::{
    amount::Unit,
    calendar::{plus_days, plus_months},
    context::Context,
    day::Point,
    grammar::Grammar,
    lexicon::Class,
    quick_add::LONGEST_TEXT,
    token::{Kind, Text},
};

/// Which due dates a filter wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Due days from the first to the last, both included; `None` is open.
    Days {
        /// First day.
        from: Option<Date>,
        /// Last day.
        to: Option<Date>,
    },
    /// Past its due date and not done.
    Overdue,
    /// Without a due date.
    Undated,
    /// With a due date, whichever.
    Dated,
}

impl Range {
    fn days(from: Date, to: Date) -> Self {
        Self::Days { from: Some(from), to: Some(to) }
    }

    fn bounds(self) -> Option<(Option<Date>, Option<Date>)> {
        match self {
            Self::Days { from, to } => Some((from, to)),
            Self::Overdue | Self::Undated | Self::Dated => None,
        }
    }
}

/// Reads a text that says a range of days from end to end.
#[must_use]
pub fn parse_range(source: &str, context: &Context) -> Option<Range> {
    if source.len() > LONGEST_TEXT {
        return None;
    }
    let text = Text::new(source, context.lexicon);
    let grammar = Grammar::new(&text, context);
    let (range, next) = grammar.range(0)?;
    text.is_end(next).then_some(range)
}

/// Whether a word can be part of a text that [`parse_range`] reads: a number, or a word of the language's dates. A cheap no for
/// callers that look for a range inside a sentence.
#[must_use]
pub fn is_range_word(word: &str, context: &Context) -> bool {
    if word.bytes().any(|b| b.is_ascii_digit()) {
        return true;
    }
    let text = Text::new(word, context.lexicon);
    (0..text.len()).all(|at| text.tokens[at].kind != Kind::Word || context.lexicon.has(text.key(at)))
}

impl Grammar<'_> {
    fn range(&self, at: usize) -> Option<(Range, usize)> {
        let text = self.text;
        let words = [(Class::Overdue, Range::Overdue), (Class::NoDate, Range::Undated), (Class::AnyDate, Range::Dated)];
        for (class, range) in words {
            if let Some(next) = text.after(at, class).filter(|next| text.is_end(*next)) {
                return Some((range, next));
            }
        }
        let at = text.after(at, Class::DueWord).unwrap_or(at);
        if let Some(next) = text.after(at, Class::Between) {
            let (from, next) = self.days(next)?;
            let next = text.after(next, Class::And).or_else(|| text.after(next, Class::To))?;
            let (to, next) = self.days(next)?;
            return Some((ordered(from.bounds()?.0?, to.bounds()?.1?)?, next));
        }
        if let Some((days, next)) = text.after(at, Class::Before).and_then(|next| self.days(next)) {
            let to = days.bounds()?.0?.yesterday().ok();
            return Some((Range::Days { from: None, to }, next));
        }
        if let Some((days, next)) = text.after(at, Class::After).and_then(|next| self.days(next)) {
            let from = days.bounds()?.1?.tomorrow().ok();
            return Some((Range::Days { from, to: None }, next));
        }
        let from = text.after(at, Class::From).and_then(|next| self.days(next));
        if let Some((first, next)) = from {
            let to = text.after(next, Class::To).or_else(|| text.is_mark(next, '-').then_some(next + 1));
            if let Some((last, next)) = to.and_then(|to| self.days(to)) {
                return Some((ordered(first.bounds()?.0?, last.bounds()?.1?)?, next));
            }
            return Some((Range::Days { from: first.bounds()?.0, to: None }, next));
        }
        if let Some((days, next)) = text.after(at, Class::By).and_then(|next| self.days(next)) {
            return Some((Range::Days { from: None, to: days.bounds()?.1 }, next));
        }
        let (first, next) = self.days(at)?;
        // "monday to friday"
        let to = text.after(next, Class::To).or_else(|| text.is_mark(next, '-').then_some(next + 1));
        if let Some((last, next)) = to.and_then(|to| self.days(to)) {
            return Some((ordered(first.bounds()?.0?, last.bounds()?.1?)?, next));
        }
        Some((first, next))
    }

    /// A day or a period as a range: "friday", "this week", "next 7 days", "march", "the weekend".
    fn days(&self, at: usize) -> Option<(Range, usize)> {
        let text = self.text;
        let today = self.today();
        for (class, ahead) in [(Class::RangeNext, true), (Class::RangeLast, false)] {
            if let Some((amount, next)) = text.after(at, class).and_then(|next| self.amount(next)) {
                let range = match ahead {
                    true => Range::days(today, plus_days(amount.days_after(today)?, -1)?.max(today)),
                    false => Range::days(amount.days_before(today)?, today.yesterday().ok()?),
                };
                return Some((range, next));
            }
        }
        let at = text.skip(text.skip(text.skip(at, Class::On), Class::In), Class::The);
        for (class, ahead) in [(Class::Next, 1), (Class::This, 0), (Class::Last, -1)] {
            let Some(next) = text.after(at, class) else { continue };
            if let Some(next) = text.after(next, Class::Weekend) {
                return Some((self.weekend_range(ahead)?, next));
            }
            if let Some((unit, next)) = text.find(next, Class::Unit)
                && let Some((from, to)) = self.period(Unit::from_value(unit)?, ahead)
            {
                return Some((Range::days(from, to), next));
            }
            if let Some((month, _, next)) = self.month(next) {
                return Some((self.month_range(month, ahead)?, next));
            }
            if ahead == -1
                && let Some((weekday, _, next)) = self.weekday(next)
            {
                let back = i64::from(today.weekday().since(weekday));
                let day = plus_days(today, if back == 0 { -7 } else { -back })?;
                return Some((Range::days(day, day), next));
            }
        }
        if let Some(next) = text.after(at, Class::Weekend) {
            return Some((self.weekend_range(0)?, next));
        }
        if let Some((unit, next)) = text.find(at, Class::Unit)
            && let Some(next) = text.after(next, Class::NextAfter)
        {
            let (from, to) = self.period(Unit::from_value(unit)?, 1)?;
            return Some((Range::days(from, to), next));
        }
        // A month with a day is a date; alone it is the whole month.
        if let Some((month, _, next)) = self.month(at)
            && text.number(next).is_none()
        {
            return Some((self.month_range(month, 0)?, next));
        }
        if let Some((month, _, next)) = self.month(at)
            && let Some((year @ 1000..=9999, 4)) = text.number(next)
        {
            let first = Date::new(i16::try_from(year).ok()?, month, 1).ok()?;
            return Some((Range::days(first, first.last_of_month()), next + 1));
        }
        let (phrase, next) = match self.day(at) {
            Some(found) => found,
            None => {
                let (moment, next) = self.moment(at)?;
                let day = moment.due(self)?.date();
                return Some((Range::days(day, day), next));
            }
        };
        if let Some((year @ 1000..=9999, 4)) = text.number(at)
            && next == at + 1
        {
            let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
            return Some((Range::days(first, first.last_of_year()), next));
        }
        let day = match phrase.point {
            Point::Day(day) => day,
            Point::Instant(at) => at.date(),
        };
        Some((Range::days(day, day), next))
    }

    fn weekend_range(&self, weeks: i64) -> Option<Range> {
        use jiff::civil::Weekday::{Monday, Saturday};
        let saturday = super::calendar::weekday_of_week(self.today(), Saturday, weeks, Monday)?;
        Some(Range::days(saturday, saturday.tomorrow().ok()?))
    }

    /// The month by that name: the present one or the next to come; with `years` the one of that many years further.
    fn month_range(&self, month: i8, years: i64) -> Option<Range> {
        let this_year = Date::new(self.today().year(), month, 1).ok()?;
        let passed = this_year.last_of_month() < self.today();
        let first = match years {
            -1 if this_year < self.today().first_of_month() => this_year,
            -1 => plus_months(this_year, -12)?,
            1 if this_year <= self.today() => plus_months(this_year, 12)?,
            _ if passed => plus_months(this_year, 12)?,
            _ => this_year,
        };
        Some(Range::days(first, first.last_of_month()))
    }
}

/// `None` when the range is reversed.
fn ordered(from: Date, to: Date) -> Option<Range> {
    (from <= to).then(|| Range::days(from, to))
}
