//! Recurrences in words: "every other monday", "ev mon, wed at 9", "every last friday", "daily until june".

use jiff::civil::{Date, Time, Weekday};

use super::{
    amount::{Amount, Unit},
    clock::{Certainty, Clock, Daypart},
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

/// Most weekdays, days, months or times in one list.
const LONGEST_LIST: usize = 31;

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
        if let Some((days, next)) = self.list(start, Class::WeekdayPlural) {
            let days: Vec<Weekday> = days.into_iter().filter_map(Self::weekday_of).collect();
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

    /// Weekdays in a list, with ranges: "mon, wed and fri", "monday to friday", "mon-fri".
    fn weekdays(&self, at: usize) -> Option<(Vec<Weekday>, usize)> {
        let text = self.text;
        let mut days: Vec<Weekday> = Vec::new();
        let mut start = at;
        let mut end = None;
        for _ in 0..LONGEST_LIST {
            let Some((day, _, next)) = self.weekday_or_plural(start) else { break };
            let dash = self.skip_hyphen(next);
            let to = if dash > next || text.is_mark(next, '-') || text.is_mark(next, '–') {
                Some(dash.max(next + 1))
            } else {
                text.after(next, Class::To)
            };
            let range = to.and_then(|to| self.weekday_or_plural(to));
            let next = match range {
                Some((last, _, next)) => {
                    let mut member = day;
                    for _ in 0..7 {
                        push_new(&mut days, member);
                        if member == last {
                            break;
                        }
                        member = member.next();
                    }
                    next
                }
                None => {
                    push_new(&mut days, day);
                    next
                }
            };
            end = Some(next);
            // "mon wed fri" needs no commas.
            start = self.separator(next).unwrap_or(next);
        }
        days.sort_unstable_by_key(|day| day.to_monday_zero_offset());
        Some((days, end?))
    }

    fn weekday_or_plural(&self, at: usize) -> Option<(Weekday, bool, usize)> {
        self.weekday(at).or_else(|| {
            let (value, next) = self.text.find(at, Class::WeekdayPlural)?;
            Some((Self::weekday_of(value)?, false, next))
        })
    }

    /// The token after what separates the members of a list (a comma, "and", a slash or both of the first two).
    fn separator(&self, at: usize) -> Option<usize> {
        let text = self.text;
        if text.is_glued_mark(at, ',') || text.is_glued_mark(at, '/') || text.is_mark(at, '،') {
            return Some(text.skip(at + 1, Class::And));
        }
        text.after(at, Class::And).or_else(|| text.after(at, Class::Or))
    }

    /// Values of one class in a list.
    fn list(&self, at: usize, class: Class) -> Option<(Vec<i16>, usize)> {
        let (first, mut end) = self.text.find(at, class)?;
        let mut values = vec![first];
        for _ in 0..LONGEST_LIST {
            let Some(start) = self.separator(end) else { break };
            let start = self.text.skip(start, Class::On);
            let Some((value, next)) = self.text.find(start, class) else { break };
            push_new(&mut values, value);
            end = next;
        }
        Some((values, end))
    }

    fn months(&self, at: usize) -> Option<(Vec<i8>, usize)> {
        let (first, _, mut end) = self.month(at)?;
        let mut months = vec![first];
        for _ in 0..12 {
            let Some(start) = self.separator(end) else { break };
            let Some((month, _, next)) = self.month(start) else { break };
            push_new(&mut months, month);
            end = next;
        }
        Some((months, end))
    }

    /// "jan 27", "27 jan", "24th of december": a day of every year.
    fn day_of_year(&self, at: usize) -> Option<(Recurrence, usize)> {
        let text = self.text;
        let at = text.skip(at, Class::The);
        let day_at = |at: usize| {
            let day = self.ordinal(at).or_else(|| match text.number(at) {
                Some((day, 1 | 2)) => Some((day, if text.is_glued_mark(at + 1, '.') { at + 2 } else { at + 1 })),
                _ => None,
            });
            day.filter(|(day, _)| (1..=31).contains(day))
        };
        let (month, day, next) = if let Some((month, _, next)) = self.month(at) {
            let (day, next) =
                day_at(text.skip(next, Class::The)).filter(|(_, next)| !text.is_glued_mark(*next, ':'))?;
            (month, day, next)
        } else {
            let (day, next) = day_at(at)?;
            let (month, _, next) = self.month(text.skip(next, Class::Of))?;
            (month, day, next)
        };
        let mut rule = Recurrence::every(1, Frequency::Yearly);
        rule.by_month = vec![month];
        rule.by_month_day = vec![i8::try_from(day).ok()?];
        // A day that this month never has is no date.
        Date::new(2000, month, i8::try_from(day).ok()?).ok()?;
        Some((rule, next))
    }

    /// "15th", "1st and 15th", "3rd friday", "last day", "last workday": days of every month.
    fn days_of_month(&self, at: usize) -> Option<(Recurrence, usize)> {
        let text = self.text;
        let mut rule = Recurrence::every(1, Frequency::Monthly);
        let mut start = text.skip(at, Class::The);
        let mut end = None;
        if let Some((days, next)) = self.places_of_weekday(start) {
            rule.by_day = days;
            return Some((rule, next));
        }
        for _ in 0..LONGEST_LIST {
            let place = match text.after(start, Class::Final) {
                Some(next) => Some((-1, next)),
                None => self.ordinal(start).and_then(|(n, next)| Some((i8::try_from(n).ok()?, next))),
            };
            let Some((place, next)) = place.filter(|(place, _)| *place != 0 && *place <= 31) else { break };
            let unit = text.find(next, Class::Unit).and_then(|(unit, next)| Some((Unit::from_value(unit)?, next)));
            if let Some((day, _, next)) = self.weekday(next).filter(|_| place <= 5) {
                push_new(&mut rule.by_day, ByDay::nth(place, day));
                end = Some(next);
            } else if let Some(next) = text.after(next, Class::Weekdays) {
                rule.by_day = WORKDAYS.map(ByDay::every).to_vec();
                rule.by_set_pos = vec![i16::from(place)];
                end = Some(next);
                break;
            } else if let Some((Unit::Day, next)) = unit {
                push_new(&mut rule.by_month_day, place);
                end = Some(next);
            } else if place > 0 {
                push_new(&mut rule.by_month_day, place);
                end = Some(next);
            } else {
                break;
            }
            let Some(after) = end.and_then(|end| self.separator(end)) else { break };
            start = text.skip(after, Class::The);
        }
        // Days and weekdays in one rule would have to hold both at once.
        let mixed = !rule.by_day.is_empty() && !rule.by_month_day.is_empty();
        if mixed { None } else { Some((rule, end?)) }
    }

    /// "2nd and 4th tuesday".
    fn places_of_weekday(&self, at: usize) -> Option<(Vec<ByDay>, usize)> {
        let mut places: Vec<i8> = Vec::new();
        let mut next = at;
        for _ in 0..5 {
            let (place, after) = match self.text.after(next, Class::Final) {
                Some(after) => (-1, after),
                None => {
                    let (place, after) = self.ordinal(next)?;
                    (i8::try_from(place).ok().filter(|place| (1..=5).contains(place))?, after)
                }
            };
            push_new(&mut places, place);
            match self.separator(after) {
                Some(after) => next = self.text.skip(after, Class::The),
                None if places.len() > 1 => {
                    let (weekday, _, end) = self.weekday(after)?;
                    return Some((places.into_iter().map(|place| ByDay::nth(place, weekday)).collect(), end));
                }
                None => return None,
            }
        }
        None
    }

    /// "of the month", "of every month" behind a day of the month.
    fn of_the_month(&self, at: usize) -> Option<usize> {
        let text = self.text;
        let next = text.after(at, Class::OfEvery).or_else(|| text.after(at, Class::Of))?;
        let next = text.skip(next, Class::The);
        self.unit(next).filter(|(unit, _)| *unit == Unit::Month).map(|(_, next)| next)
    }

    /// One more clause of a recurrence; the token after it.
    fn repeat_more(&self, repeat: &mut Repeat, at: usize) -> Option<usize> {
        let text = self.text;
        let at = if text.is_glued_mark(at, ',') { at + 1 } else { at };
        if let Some(next) = text.after(at, Class::Completion) {
            repeat.rule.anchor = Anchor::Completion;
            return Some(next);
        }
        if repeat.starting.is_none()
            && let Some((date, next)) = text.after(at, Class::Starting).and_then(|next| self.date(next))
        {
            repeat.starting = Some(date);
            // "from 1 december to 24 december"
            if let Some((last, next)) = text.after(next, Class::To).and_then(|next| self.date(next))
                && repeat.length.is_none()
            {
                repeat.length = Some(Length::Until(last));
                return Some(next);
            }
            return Some(next);
        }
        if repeat.length.is_none()
            && let Some((length, next)) = self.length(at)
        {
            repeat.length = Some(length);
            return Some(next);
        }
        if let Some(next) = text.after(at, Class::Except) {
            return self.leave_out(repeat, next);
        }
        if repeat.rule.frequency.seconds().is_some()
            && let Some((hours, next)) = self.hours(at)
        {
            repeat.rule.by_hour = hours;
            return Some(next);
        }
        if let Some(next) = self.more_times(repeat, at) {
            return Some(next);
        }
        self.more_days(repeat, at)
    }

    /// "from 9am to 5pm" behind a rule of hours: the hours in which it runs.
    fn hours(&self, at: usize) -> Option<(Vec<i8>, usize)> {
        let (from, next) = self.clock(self.range_lead(at)?)?;
        let next = self.text.after(next, Class::To).or_else(|| self.text.after(next, Class::And)).unwrap_or(next);
        let (until, next) = self.clock(self.skip_hyphen(next))?;
        let (from, until) = (from.in_half_of(until).time(None), until.in_half_after(from).time(None));
        (from < until).then(|| ((from.hour()..=until.hour()).collect(), next))
    }

    /// "until june", "for 10 times", "for 2 weeks".
    fn length(&self, at: usize) -> Option<(Length, usize)> {
        let text = self.text;
        if let Some((date, next)) = text.after(at, Class::Until).and_then(|next| self.date(next)) {
            return Some((Length::Until(date), next));
        }
        let for_at = text.after(at, Class::For).map(|next| text.skip(next, Class::RangeNext));
        let start = for_at.unwrap_or(at);
        let (count, next) = self.count(start)?;
        if let Some(next) = text.after(next, Class::Times) {
            return Some((Length::Times(count.whole), next)).filter(|_| count.whole > 0 && !count.half);
        }
        let (amount, next) = for_at.and_then(|at| self.amount(at))?;
        (amount.seconds == 0).then_some((Length::For(amount), next))
    }

    /// "at 9", "at 9am and 5pm", "in the morning", "9:30".
    fn more_times(&self, repeat: &mut Repeat, at: usize) -> Option<usize> {
        let text = self.text;
        let lead = text.after(at, Class::At).or_else(|| text.is_mark(at, '@').then_some(at + 1));
        let mut next = lead.unwrap_or(at);
        let mut found = None;
        for _ in 0..LONGEST_LIST {
            let Some((clock, after)) = self.clock(next) else { break };
            if clock.certainty == Certainty::Number && lead.is_none() || !text.may_end(after) {
                break;
            }
            let daypart = self.daypart(text.skip(after, Class::InThe));
            repeat.clocks.push(clock);
            repeat.daypart = daypart.map(|(daypart, _)| daypart).or(repeat.daypart);
            let after = daypart.map_or(after, |(_, after)| after);
            found = Some(after);
            match self.separator(after) {
                Some(start) => next = text.skip(start, Class::At),
                None => break,
            }
        }
        if found.is_some() {
            return found;
        }
        if repeat.daypart.is_some() {
            return None;
        }
        let (daypart, next) = self.daypart(text.skip(at, Class::InThe))?;
        repeat.daypart = Some(daypart);
        Some(next)
    }

    /// "on monday and thursday", "on the 1st", "on march 5", "in june".
    fn more_days(&self, repeat: &mut Repeat, at: usize) -> Option<usize> {
        let text = self.text;
        let rule = &mut repeat.rule;
        let on = text.after(at, Class::On);
        let start = on.unwrap_or(at);
        if on.is_some() || !rule.names_its_day() {
            if rule.frequency == Frequency::Weekly && rule.by_day.is_empty() {
                let (days, next) = self.weekdays(start)?;
                rule.by_day = days.into_iter().map(ByDay::every).collect();
                return Some(next);
            }
            if rule.frequency == Frequency::Monthly && !rule.names_its_day() {
                let (days, next) = self.days_of_month(start)?;
                *rule = Recurrence { interval: rule.interval, anchor: rule.anchor, ..days };
                return Some(self.of_the_month(next).unwrap_or(next));
            }
            if rule.frequency == Frequency::Yearly && !rule.names_its_day() {
                let (day, next) = self.day_of_year(start).or_else(|| self.nth_weekday_of_year(start))?;
                *rule = Recurrence { interval: rule.interval, anchor: rule.anchor, ..day };
                return Some(next);
            }
        }
        if !rule.by_month.is_empty() {
            return None;
        }
        let (months, next) = text.after(at, Class::Of).and_then(|next| self.months(next))?;
        rule.by_month = months;
        if rule.frequency == Frequency::Monthly {
            // "every first monday of march" happens once a year.
            rule.frequency = Frequency::Yearly;
        }
        Some(next)
    }

    /// "the first monday of march".
    fn nth_weekday_of_year(&self, at: usize) -> Option<(Recurrence, usize)> {
        let (rule, next) = self.days_of_month(at)?;
        let (months, next) = self.months(self.text.after(next, Class::Of)?)?;
        Some((Recurrence { frequency: Frequency::Yearly, by_month: months, ..rule }, next))
    }

    /// "except sundays", "except weekends".
    fn leave_out(&self, repeat: &mut Repeat, at: usize) -> Option<usize> {
        let (left_out, next) = match self.text.after(at, Class::Weekend) {
            Some(next) => (WEEKEND.to_vec(), next),
            None => self.weekdays(at)?,
        };
        let rule = &mut repeat.rule;
        let daily = rule.frequency == Frequency::Daily && rule.interval == 1;
        if daily && rule.by_day.is_empty() {
            *rule = Recurrence { anchor: rule.anchor, ..weekly(1, &[]) };
            rule.by_day = Weekday::Monday.cycle_forward().take(7).map(ByDay::every).collect();
        }
        if rule.frequency != Frequency::Weekly {
            return None;
        }
        rule.by_day.retain(|day| !left_out.contains(&day.weekday));
        (!rule.by_day.is_empty()).then_some(next)
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

fn push_new<T: PartialEq>(list: &mut Vec<T>, entry: T) {
    if !list.contains(&entry) {
        list.push(entry);
    }
}
