//! What completing a task makes of its due date and of its rule.

use jiff::{
    ToSpan, Zoned,
    civil::{Date, Time},
};

use super::{Anchor, End, Frequency, MissingDay, Recurrence};
use crate::Due;

/// The next occurrence of a completed task.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// When the next occurrence is due.
    pub due: Due,
    /// The rule the next occurrence carries. It differs from the old one in what is left of a `COUNT`, and in that a day or a
    /// clock time that the present month or a clock change has bent is written down, so that later occurrences return to it.
    pub rule: Recurrence,
}

impl Recurrence {
    /// The occurrence that follows when the task due at `current` is completed at `completed` (in the user's zone).
    /// `None` when the series has ended.
    ///
    /// - Anchored to the due date: the first occurrence after `current` that is not in the past. Occurrences that were
    ///   missed are passed over; in a counted series they count.
    /// - Anchored to completion: the first occurrence after the day of completion of a series that starts on that day, at the
    ///   clock time of `current`; for rules of hours and less, one interval after completion. Only completions count.
    #[must_use]
    pub fn next_after(&self, current: &Due, completed: &Zoned) -> Option<Next> {
        let current = self.with_clock(current, completed)?;
        match self.anchor {
            Anchor::Due => self.next_by_calendar(&current, completed),
            Anchor::Completion => self.next_by_completion(&current, completed),
        }
    }

    /// When a task that repeats by this rule is due first, if nothing else is said: the first occurrence from `now` on, as a
    /// day; for rules of hours and less, one interval from `now`.
    #[must_use]
    pub fn first_due(&self, now: &Zoned) -> Option<Due> {
        if self.frequency.seconds().is_some() {
            return first_elapsed(self, now);
        }
        self.first_from(now.date(), None, now)
    }

    fn next_by_calendar(&self, current: &Due, completed: &Zoned) -> Option<Next> {
        let mut rule = self.with_day_written_down(current);
        let mut left = match self.end {
            End::Count(count) => Some(count.checked_sub(1).filter(|left| *left > 0)?),
            End::Never | End::Until(_) => None,
        };
        // The walk itself must not end by the count: `current` need not be an occurrence (it may have been moved).
        if left.is_some() {
            rule.end = End::Never;
        }
        let due = match left {
            None => {
                let floor = match current {
                    Due::Day(_) => completed.datetime(),
                    Due::At(at) => completed.with_time_zone(at.time_zone().clone()).datetime(),
                };
                rule.occurrences(current)
                    .skip_to(floor)
                    .find(|due| is_after(due, current) && !is_missed(due, completed))?
            }
            Some(ref mut left) => {
                let mut later = rule.occurrences(current).filter(|due| is_after(due, current));
                loop {
                    let due = later.next()?;
                    if !is_missed(&due, completed) {
                        break due;
                    }
                    *left = left.checked_sub(1).filter(|left| *left > 0)?;
                }
            }
        };
        let mut rule = rule.with_clock_written_down(current, &due);
        rule.end = left.map_or(self.end, End::Count);
        Some(Next { due, rule })
    }

    fn next_by_completion(&self, current: &Due, completed: &Zoned) -> Option<Next> {
        let mut rule = self.clone();
        rule.end = match self.end {
            End::Count(count) => End::Count(count.checked_sub(1).filter(|left| *left > 0)?),
            end => end,
        };
        let mut endless = rule.clone();
        if matches!(rule.end, End::Count(_)) {
            endless.end = End::Never;
        }
        let start = match current {
            Due::Day(_) => Due::Day(completed.date()),
            Due::At(_) if self.frequency.seconds().is_some() => Due::At(completed.clone()),
            Due::At(at) => {
                let day = completed.with_time_zone(at.time_zone().clone()).date();
                Due::At(day.to_datetime(at.time()).to_zoned(at.time_zone().clone()).ok()?)
            }
        };
        let due = endless.occurrences(&start).find(|due| match (due, &start) {
            (Due::At(due), Due::At(start)) if self.frequency.seconds().is_some() => due > start,
            (due, start) => due.date() > start.date(),
        })?;
        let rule = rule.with_clock_written_down(current, &due);
        Some(Next { due, rule })
    }

    /// A day as the start of a rule of hours: its first moment in the user's zone.
    fn with_clock(&self, current: &Due, completed: &Zoned) -> Option<Due> {
        Some(match current {
            Due::Day(day) if self.frequency.seconds().is_some() => {
                Due::At(day.to_zoned(completed.time_zone().clone()).ok()?)
            }
            other => other.clone(),
        })
    }

    /// A monthly or yearly rule takes its day from the due date. If that day does not exist in every month, it is written into
    /// the rule, or the 31st would become the 28th for good in February.
    fn with_day_written_down(&self, current: &Due) -> Self {
        let mut rule = self.clone();
        let date = current.date();
        let open = rule.by_day.is_empty() && rule.by_month_day.is_empty();
        let months = matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly);
        if open && months && rule.missing_day == MissingDay::Clamp && date.day() > 28 {
            rule.by_month_day = vec![date.day()];
            if rule.frequency == Frequency::Yearly && rule.by_month.is_empty() {
                rule.by_month = vec![date.month()];
            }
        }
        rule
    }

    /// A clock time in the gap of a clock change is moved forward for that one day. The time that was meant is written into
    /// the rule, so that the day after returns to it.
    fn with_clock_written_down(mut self, current: &Due, next: &Due) -> Self {
        if let (Due::At(current), Due::At(next)) = (current, next)
            && self.frequency.seconds().is_none()
            && self.by_hour.is_empty()
            && self.by_minute.is_empty()
            && current.time() != next.time()
        {
            self.by_hour = vec![current.hour()];
            self.by_minute = vec![current.minute()];
        }
        self
    }

    /// The first occurrence not in the past of a series that someone starts now: `from` is the first day it may fall on.
    ///
    /// The interval does not matter yet ("every other Monday" begins on the coming Monday), and a day that a month lacks is
    /// not clamped for the first occurrence ("every 31st" begins on a real 31st).
    pub(crate) fn first_from(&self, from: Date, clock: Option<Time>, now: &Zoned) -> Option<Due> {
        let mut rule = self.clone();
        rule.end = End::Never;
        let start = match clock {
            Some(time) => Due::At(from.to_datetime(time).to_zoned(now.time_zone().clone()).ok()?),
            None => Due::Day(from),
        };
        if rule.frequency.seconds().is_some() {
            return Some(start);
        }
        rule.interval = 1;
        if !rule.names_its_day() && rule.frequency > Frequency::Daily {
            rule.frequency = Frequency::Daily;
        }
        rule.missing_day = MissingDay::Omit;
        let first = rule.occurrences(&start).find(|due| !is_missed(due, now));
        first.or_else(|| {
            rule.missing_day = MissingDay::Clamp;
            rule.occurrences(&start).find(|due| !is_missed(due, now))
        })
    }
}

fn is_after(due: &Due, current: &Due) -> bool {
    match (due, current) {
        (Due::At(due), Due::At(current)) => due.timestamp() > current.timestamp(),
        (due, current) => due.date() > current.date(),
    }
}

/// Whether an occurrence lies in the past for someone at `now`; today does not.
fn is_missed(due: &Due, now: &Zoned) -> bool {
    match due {
        Due::Day(day) => *day < now.date(),
        Due::At(at) => at.timestamp() < now.timestamp(),
    }
}

/// `now` plus one interval, in whole minutes unless the rule counts seconds: where a rule of hours or less begins.
pub(crate) fn first_elapsed(rule: &Recurrence, now: &Zoned) -> Option<Due> {
    let seconds = rule.frequency.seconds()? * i64::from(rule.interval);
    let at = now.checked_add(seconds.seconds()).ok()?;
    let second = if rule.frequency == Frequency::Secondly { at.second() } else { 0 };
    Some(Due::At(at.with().second(second).subsec_nanosecond(0).build().ok()?))
}
