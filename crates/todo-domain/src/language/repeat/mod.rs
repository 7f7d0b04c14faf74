//! Recurrences in words: "every other monday", "ev mon, wed at 9", "every last friday", "daily until june".
//!
//! Here is what repeats and what comes of it; `days.rs` reads on which days, `clauses.rs` the times and ends that follow.

mod clauses;
mod days;

use jiff::civil::{Date, Time, Weekday};

use super::{
    amount::{Amount, Unit},
    clock::{Clock, Daypart},
    grammar::Grammar,
    lexicon::Class,
};
use crate::{
    Due,
    recurrence::{Anchor, ByDay, End, Frequency, Recurrence, Until, first_elapsed},
};

/// How long a series was said to run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Length {
    Times(u32),
    For(Amount),
    Until(Date),
}

/// A recurrence as it was said.
#[derive(Clone, Debug)]
pub(super) struct Repeat {
    rule: Recurrence,
    clocks: Vec<Clock>,
    daypart: Option<Daypart>,
    starting: Option<Date>,
    length: Option<Length>,
}

const WORKDAYS: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
const WEEKEND: [Weekday; 2] = [Weekday::Saturday, Weekday::Sunday];

fn weekly(interval: u32, days: &[Weekday]) -> Recurrence {
    let mut rule = Recurrence::every(interval, Frequency::Weekly);
    rule.by_day = days.iter().map(|day| ByDay::every(*day)).collect();
    rule
}

fn of_unit(interval: u32, unit: Unit) -> Option<Recurrence> {
    let (factor, frequency) = match unit {
        Unit::Second => (1, Frequency::Secondly),
        Unit::Minute => (1, Frequency::Minutely),
        Unit::Hour => (1, Frequency::Hourly),
        Unit::Day => (1, Frequency::Daily),
        Unit::Week => (1, Frequency::Weekly),
        Unit::Fortnight => (2, Frequency::Weekly),
        Unit::Month => (1, Frequency::Monthly),
        Unit::Quarter => (3, Frequency::Monthly),
        Unit::Year => (1, Frequency::Yearly),
        Unit::Workday => return (interval == 1).then(|| weekly(1, &WORKDAYS)),
    };
    (interval > 0).then(|| Recurrence::every(interval * factor, frequency))
}

impl Repeat {
    fn new(rule: Recurrence) -> Self {
        Self { rule, clocks: Vec::new(), daypart: None, starting: None, length: None }
    }

    /// Whether the rule says by itself on which days it falls.
    pub fn names_its_day(&self) -> bool {
        self.rule.names_its_day()
    }

    /// Whether clock times were said with the rule.
    pub fn has_time(&self) -> bool {
        !self.clocks.is_empty() || self.daypart.is_some()
    }

    /// The clock times of the rule: those that were said, else that of the part of the day.
    fn times(&self, grammar: &Grammar<'_>) -> Vec<Time> {
        if self.clocks.is_empty() {
            return self.daypart.map(|daypart| grammar.daypart_time(daypart)).into_iter().collect();
        }
        let mut times: Vec<Time> = self.clocks.iter().map(|clock| clock.time(self.daypart)).collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    /// The rule and its first due date (H10). `day` and `time` were said elsewhere in the text.
    pub fn settle(mut self, grammar: &Grammar<'_>, day: Option<Date>, time: Option<Time>) -> Option<(Recurrence, Due)> {
        let now = &grammar.context.now;
        if self.rule.frequency == Frequency::Weekly && self.rule.interval > 1 && !self.rule.by_day.is_empty() {
            self.rule.week_start = grammar.context.week_start;
        }
        let mut times = self.times(grammar);
        if times.is_empty() {
            times.extend(time);
        }
        if let [first, _, ..] = times.as_slice()
            && self.rule.frequency.seconds().is_none()
            && times.iter().all(|time| time.minute() == first.minute())
        {
            self.rule.by_hour = times.iter().map(|time| time.hour()).collect();
            self.rule.by_minute = vec![first.minute()];
        }
        let from = self.starting.or(day);
        let clock = times.first().copied();
        let due = match (self.rule.frequency.seconds(), from, clock) {
            (Some(_), None, None) => {
                let first = first_elapsed(&self.rule, now)?;
                self.rule.occurrences(&first).next()?
            }
            (Some(_), from, clock) => {
                let time = clock.unwrap_or(Time::midnight());
                grammar.due_at(from.unwrap_or(grammar.today()), time)?
            }
            (None, from, clock) => self.rule.first_from(from.unwrap_or(grammar.today()), clock, now)?,
        };
        self.rule.end = match self.length {
            None => self.rule.end,
            Some(Length::Times(count)) => End::Count(count),
            Some(Length::Until(day)) => End::Until(Until::Day(day)),
            Some(Length::For(amount)) => end_after(&self.rule, amount, due.date())?,
        };
        let rule = self.rule.clone().with_end(self.rule.end);
        Some((rule, due))
    }
}

/// "for 2 weeks": a count where the units agree (H13), else the last day.
fn end_after(rule: &Recurrence, amount: Amount, first: Date) -> Option<End> {
    let per_week = i64::try_from(rule.by_day.len().max(1)).ok()?;
    let count = match (rule.frequency, rule.interval) {
        (Frequency::Daily, 1) if amount.months == 0 => Some(amount.days),
        (Frequency::Weekly, 1) if amount.months == 0 && amount.days % 7 == 0 => Some(amount.days / 7 * per_week),
        (Frequency::Monthly, 1) if amount.days == 0 => Some(amount.months),
        (Frequency::Yearly, 1) if amount.days == 0 && amount.months % 12 == 0 => Some(amount.months / 12),
        _ => None,
    };
    match count {
        Some(count) if count > 0 => Some(End::Count(u32::try_from(count).ok()?)),
        _ => Some(End::Until(Until::Day(amount.days_after(first)?.yesterday().ok()?))),
    }
}

impl Grammar<'_> {
    /// The recurrence at `at`.
    pub fn repeat(&self, at: usize) -> Option<(Repeat, usize)> {
        if self.text.any_literal(at, at + 1) {
            return None;
        }
        let (mut repeat, mut next, must_go_on) = self.written_rule(at).or_else(|| self.repeat_core(at))?;
        let mut best = (!must_go_on && self.text.may_end(next)).then(|| (repeat.clone(), next));
        for _ in 0..10 {
            let Some(after) = self.repeat_more(&mut repeat, next) else { break };
            next = after;
            if self.text.may_end(next) {
                best = Some((repeat.clone(), next));
            }
        }
        best
    }

    /// A rule as RFC 5545 writes it: `FREQ=WEEKLY;BYDAY=MO`.
    fn written_rule(&self, at: usize) -> Option<(Repeat, usize, bool)> {
        let text = self.text;
        if !matches!(text.key(at), "freq" | "rrule") {
            return None;
        }
        // The rule is one word; a part and its list take a handful of tokens.
        let next = (at + 1..=text.len().min(at + 400)).find(|next| !text.is_glued(*next))?;
        let word = &text.source[text.tokens[at].start..text.tokens[next - 1].end];
        Some((Repeat::new(word.parse().ok()?), next, false))
    }

    /// What repeats, before the times and ends. The flag says that the word alone is not enough here (H17).
    fn repeat_core(&self, at: usize) -> Option<(Repeat, usize, bool)> {
        let text = self.text;
        if let Some(next) = text.after(at, Class::EveryOther) {
            let (next, anchor) = self.bang(next);
            let (repeat, next) = self.repeated(next, Some(2))?;
            return Some((repeat.anchored(anchor), next, false));
        }
        if let Some(next) = text.after(at, Class::Every) {
            let (next, anchor) = self.bang(next);
            let other = text.after(next, Class::Other);
            let (repeat, next) = self.repeated(other.unwrap_or(next), other.map(|_| 2))?;
            return Some((repeat.anchored(anchor), next, false));
        }
        if let Some(next) = text.after(at, Class::OnceA) {
            let (unit, next) = self.unit(next)?;
            return Some((Repeat::new(of_unit(1, unit)?), next, false));
        }
        if let Some(next) = text.after(at, Class::Everyday) {
            return Some((Repeat::new(of_unit(1, Unit::Day)?), next, !self.ends_title(next)));
        }
        if let Some((unit, next)) = text.find(at, Class::Adverb) {
            let (next, anchor) = self.bang(next);
            let repeat = Repeat::new(of_unit(1, Unit::from_value(unit)?)?).anchored(anchor);
            return Some((repeat, next, !self.ends_title(next)));
        }
        if let Some((amount, next)) = self.amount(at)
            && let Some(next) = text.after(next, Class::Completion)
        {
            return Some((Repeat::new(of_amount(amount)?).anchored(Anchor::Completion), next, false));
        }
        self.repeat_without_every(at)
    }

    /// "on mondays", "weekends", "the first monday of every month".
    fn repeat_without_every(&self, at: usize) -> Option<(Repeat, usize, bool)> {
        let text = self.text;
        let on = text.after(at, Class::On);
        let start = on.unwrap_or(at);
        if text.is(start, Class::WeekdayPlural)
            && let Some((days, next)) = self.weekdays(start)
        {
            return Some((Repeat::new(weekly(1, &days)), next, on.is_none() && !self.ends_title(next)));
        }
        if on.is_some() {
            for (class, days) in [(Class::Weekdays, &WORKDAYS[..]), (Class::Weekend, &WEEKEND[..])] {
                let plural = |next: usize| next == start + 1 && text.key(start).ends_with('s');
                if let Some(next) = text.after(start, class).filter(|next| plural(*next)) {
                    return Some((Repeat::new(weekly(1, days)), next, false));
                }
            }
        }
        let (rule, next) = self.nth_of_every(text.skip(start, Class::The))?;
        Some((Repeat::new(rule), next, false))
    }

    /// "first monday of every month", "15th of each month", "last day of every month".
    fn nth_of_every(&self, at: usize) -> Option<(Recurrence, usize)> {
        let (rule, next) = self.days_of_month(at)?;
        let next = self.text.after(next, Class::OfEvery)?;
        let (interval, next) = match self.count(next) {
            Some((count, after)) if self.unit(after).is_some() => (count.whole, after),
            _ => (1, next),
        };
        match self.unit(next)? {
            (Unit::Month, next) => Some((Recurrence { interval: interval.max(1), ..rule }, next)),
            (Unit::Quarter, next) => Some((Recurrence { interval: 3, ..rule }, next)),
            _ => None,
        }
    }

    /// An exclamation mark glued to "every": from completion (H12).
    fn bang(&self, at: usize) -> (usize, Anchor) {
        match self.text.is_glued_mark(at, '!') && !self.text.any_literal(at, at + 1) {
            true => (at + 1, Anchor::Completion),
            false => (at, Anchor::Due),
        }
    }

    /// What stands behind "every".
    fn repeated(&self, at: usize, interval: Option<u32>) -> Option<(Repeat, usize)> {
        let text = self.text;
        let every = interval.unwrap_or(1);
        // "every second day", "every third week"; "every second" alone is the unit.
        if interval.is_none()
            && let Some((number, next)) = self.ordinal(at)
            && let Some((unit, next)) = self.unit(next).filter(|(unit, _)| *unit != Unit::Workday)
        {
            return Some((Repeat::new(of_unit(number, unit)?), next));
        }
        if interval.is_none()
            && let Some((rule, next)) = self.days_of_month(at).filter(|(rule, _)| !rule.by_day.is_empty())
        {
            return Some((Repeat::new(rule), self.of_the_month(next).unwrap_or(next)));
        }
        if let Some((unit, next)) = self.unit(at) {
            // "every weekday" and "every working day" are lists of days, not units.
            if unit == Unit::Workday && every == 1 {
                return Some((Repeat::new(weekly(1, &WORKDAYS)), next));
            }
            return Some((Repeat::new(of_unit(every, unit)?), next));
        }
        if let Some(next) = text.after(at, Class::Weekdays) {
            return Some((Repeat::new(weekly(every, &WORKDAYS)), next));
        }
        if let Some(next) = text.after(at, Class::Weekend) {
            return Some((Repeat::new(weekly(every, &WEEKEND)), next));
        }
        if let Some((days, next)) = self.weekdays(at) {
            // "every other monday of the month" counts in the month, so "other" is the second.
            if every == 2
                && let [day] = days.as_slice()
                && let Some(next) = self.of_the_month(next)
            {
                let mut rule = Recurrence::every(1, Frequency::Monthly);
                rule.by_day = vec![ByDay::nth(2, *day)];
                return Some((Repeat::new(rule), next));
            }
            return Some((Repeat::new(weekly(every, &days)), next));
        }
        if let Some((daypart, next)) = self.daypart(at) {
            let rule = of_unit(every, Unit::Day)?;
            return Some((Repeat { daypart: Some(daypart), ..Repeat::new(rule) }, next));
        }
        if interval.is_none() {
            if let Some((date, next)) = self.day_of_year(at) {
                return Some((Repeat::new(date), next));
            }
            if let Some((rule, next)) = self.days_of_month(at) {
                return Some((Repeat::new(rule), self.of_the_month(next).unwrap_or(next)));
            }
            if let Some((months, next)) = self.months(at) {
                let mut rule = Recurrence::every(1, Frequency::Yearly);
                rule.by_month = months;
                rule.by_month_day = vec![1];
                return Some((Repeat::new(rule), next));
            }
        }
        let (count, next) = self.count(at).filter(|(count, _)| !count.half && count.whole > 0)?;
        let next = self.skip_hyphen(next);
        if let Some((unit, next)) = self.unit(next) {
            return Some((Repeat::new(of_unit(count.whole * every, unit)?), next));
        }
        let (days, next) = self.weekdays(next).or_else(|| {
            let (days, next) = self.list(next, Class::WeekdayPlural)?;
            Some((days.into_iter().filter_map(Self::weekday_of).collect(), next))
        })?;
        Some((Repeat::new(weekly(count.whole * every, &days)), next))
    }

    /// Whether nothing of a title follows: the end, a label, a mark (H17).
    fn ends_title(&self, at: usize) -> bool {
        self.text.is_end(at) || self.is_mark_ahead(at) || self.text.is(at, Class::Remind)
    }
}

impl Repeat {
    fn anchored(mut self, anchor: Anchor) -> Self {
        if anchor == Anchor::Completion {
            self.rule.anchor = anchor;
        }
        self
    }
}

fn of_amount(amount: Amount) -> Option<Recurrence> {
    let (count, frequency) = match amount {
        Amount { months: 0, days: 0, workdays: 0, seconds } if seconds % 3600 == 0 => {
            (seconds / 3600, Frequency::Hourly)
        }
        Amount { months: 0, days: 0, workdays: 0, seconds } => (seconds / 60, Frequency::Minutely),
        Amount { months: 0, days, workdays: 0, seconds: 0 } if days % 7 == 0 => (days / 7, Frequency::Weekly),
        Amount { months: 0, days, workdays: 0, seconds: 0 } => (days, Frequency::Daily),
        Amount { months, days: 0, workdays: 0, seconds: 0 } if months % 12 == 0 => (months / 12, Frequency::Yearly),
        Amount { months, days: 0, workdays: 0, seconds: 0 } => (months, Frequency::Monthly),
        _ => return None,
    };
    u32::try_from(count).ok().filter(|count| *count > 0).map(|count| Recurrence::every(count, frequency))
}
