//! On which days something repeats: lists of weekdays and months, days of the month and of the year.

use jiff::civil::{Date, Weekday};

use super::WORKDAYS;
use crate::{
    language::{amount::Unit, grammar::Grammar, lexicon::Class},
    recurrence::{ByDay, Frequency, Recurrence},
};

/// Most weekdays, days, months or times in one list.
pub(super) const LONGEST_LIST: usize = 31;

impl Grammar<'_> {
    /// Weekdays in a list, with ranges: "mon, wed and fri", "monday to friday", "mon-fri".
    pub(super) fn weekdays(&self, at: usize) -> Option<(Vec<Weekday>, usize)> {
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

    pub(super) fn weekday_or_plural(&self, at: usize) -> Option<(Weekday, bool, usize)> {
        self.weekday(at).or_else(|| {
            let (value, next) = self.text.find(at, Class::WeekdayPlural)?;
            Some((Self::weekday_of(value)?, false, next))
        })
    }

    /// The token after what separates the members of a list (a comma, "and", a slash or both of the first two).
    pub(super) fn separator(&self, at: usize) -> Option<usize> {
        let text = self.text;
        if text.is_glued_mark(at, ',') || text.is_glued_mark(at, '/') || text.is_mark(at, '،') {
            return Some(text.skip(at + 1, Class::And));
        }
        text.after(at, Class::And).or_else(|| text.after(at, Class::Or))
    }

    /// Values of one class in a list.
    pub(super) fn list(&self, at: usize, class: Class) -> Option<(Vec<i16>, usize)> {
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

    pub(super) fn months(&self, at: usize) -> Option<(Vec<i8>, usize)> {
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
    pub(super) fn day_of_year(&self, at: usize) -> Option<(Recurrence, usize)> {
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
    pub(super) fn days_of_month(&self, at: usize) -> Option<(Recurrence, usize)> {
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
    pub(super) fn places_of_weekday(&self, at: usize) -> Option<(Vec<ByDay>, usize)> {
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
    pub(super) fn of_the_month(&self, at: usize) -> Option<usize> {
        let text = self.text;
        let next = text.after(at, Class::OfEvery).or_else(|| text.after(at, Class::Of))?;
        let next = text.skip(next, Class::The);
        self.unit(next).filter(|(unit, _)| *unit == Unit::Month).map(|(_, next)| next)
    }

    /// "the first monday of march".
    pub(super) fn nth_weekday_of_year(&self, at: usize) -> Option<(Recurrence, usize)> {
        let (rule, next) = self.days_of_month(at)?;
        let (months, next) = self.months(self.text.after(next, Class::Of)?)?;
        Some((Recurrence { frequency: Frequency::Yearly, by_month: months, ..rule }, next))
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, entry: T) {
    if !list.contains(&entry) {
        list.push(entry);
    }
}
