//! What may follow a recurrence: times, days, exceptions, where it starts and how long it runs.

use super::{Length, Repeat, WEEKEND, days::LONGEST_LIST, weekly};
use crate::{
    language::{clock::Certainty, grammar::Grammar, lexicon::Class},
    recurrence::{Anchor, ByDay, Frequency, Recurrence},
};
use jiff::civil::Weekday;

impl Grammar<'_> {
    /// One more clause of a recurrence; the token after it.
    pub(super) fn repeat_more(&self, repeat: &mut Repeat, at: usize) -> Option<usize> {
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
    pub(super) fn hours(&self, at: usize) -> Option<(Vec<i8>, usize)> {
        let (from, next) = self.clock(self.range_lead(at)?)?;
        let next = self.text.after(next, Class::To).or_else(|| self.text.after(next, Class::And)).unwrap_or(next);
        let (until, next) = self.clock(self.skip_hyphen(next))?;
        let (from, until) = (from.in_half_of(until).time(None), until.in_half_after(from).time(None));
        (from < until).then(|| ((from.hour()..=until.hour()).collect(), next))
    }

    /// "until june", "for 10 times", "for 2 weeks".
    pub(super) fn length(&self, at: usize) -> Option<(Length, usize)> {
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
    pub(super) fn more_times(&self, repeat: &mut Repeat, at: usize) -> Option<usize> {
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
    pub(super) fn more_days(&self, repeat: &mut Repeat, at: usize) -> Option<usize> {
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

    /// "except sundays", "except weekends".
    pub(super) fn leave_out(&self, repeat: &mut Repeat, at: usize) -> Option<usize> {
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
}
