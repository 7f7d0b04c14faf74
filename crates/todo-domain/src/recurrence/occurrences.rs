//! The dates of a series, in order, with bounded work for any rule.

use std::collections::VecDeque;

use jiff::{
    SignedDuration, Timestamp, ToSpan, Zoned,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::{ByDay, End, Frequency, MissingDay, Recurrence, Until};
use crate::Due;

/// A series is taken as ended after this many periods in a row without an occurrence. Each is more than a century of the
/// plain frequency, so only rules that name impossible dates are cut short.
const fn patience(frequency: Frequency) -> u32 {
    match frequency {
        Frequency::Secondly | Frequency::Minutely | Frequency::Hourly => 2_000,
        Frequency::Daily => 40_000,
        Frequency::Weekly => 6_000,
        Frequency::Monthly => 2_400,
        Frequency::Yearly => 800,
    }
}

/// How many days a rule of hours, minutes or seconds looks at for its next occurrence: four decades, enough for every
/// combination of day, month and weekday.
const DAYS_AHEAD: i64 = 15_000;

/// Longest length each month ever has, January first.
const MONTH_LENGTHS: [i8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The occurrences of a rule, from [`Recurrence::occurrences`].
#[derive(Clone, Debug)]
pub struct Occurrences<'r> {
    rule: &'r Recurrence,
    start: Start,
    /// Number of the next period to open.
    period: i64,
    /// Occurrences of the open period that are still to be given out.
    queue: VecDeque<DateTime>,
    /// Occurrences left of a counted series.
    left: Option<u32>,
    last: Option<Timestamp>,
}

#[derive(Clone, Debug)]
enum Start {
    Day(Date),
    At(Zoned),
    /// A series that cannot begin.
    Nowhere,
}

impl Recurrence {
    /// All occurrences on or after `start`, which gives the series its clock time, its zone, and what the rule leaves open
    /// (the weekday of a weekly rule, the day of a monthly one). `start` is itself an occurrence only if the rule agrees.
    ///
    /// Rules of hours, minutes or seconds need a start with a clock; for a plain day they give nothing.
    #[must_use]
    pub fn occurrences(&self, start: &Due) -> Occurrences<'_> {
        let start = match start {
            Due::Day(_) if self.frequency.seconds().is_some() => Start::Nowhere,
            Due::Day(day) => Start::Day(*day),
            Due::At(at) => Start::At(at.clone()),
        };
        let left = match self.end {
            End::Count(count) => Some(count),
            End::Never | End::Until(_) => None,
        };
        Occurrences { rule: self, start, period: 0, queue: VecDeque::new(), left, last: None }
    }

    /// Whether the rule, by its day parts, may occur on `date`; used by the frequencies that only filter days.
    fn allows(&self, date: Date) -> bool {
        (self.by_month.is_empty() || self.by_month.contains(&date.month()))
            && (self.by_month_day.is_empty() || self.month_days(date, &self.by_month_day).contains(&date.day()))
            && (self.by_day.is_empty() || self.by_day.iter().any(|day| day.weekday == date.weekday()))
    }

    /// The days of the month of `date` that `wanted` means (`BYMONTHDAY`), clamped or left out as the rule says.
    fn month_days(&self, date: Date, wanted: &[i8]) -> Vec<i8> {
        let length = date.days_in_month();
        let longest = MONTH_LENGTHS.get(usize::from(date.month().unsigned_abs()) - 1).copied().unwrap_or(31);
        // With BYMONTH the rule names a date of the calendar, and one that no year has must not be made up.
        let exists = |day: i8| self.by_month.is_empty() || day <= longest;
        let resolve = |day: &i8| match *day {
            day if day > length => (self.missing_day == MissingDay::Clamp && exists(day)).then_some(length),
            day if day > 0 => Some(day),
            day => Some(length + 1 + day).filter(|day| *day > 0),
        };
        wanted.iter().filter_map(resolve).collect()
    }

    /// The dates of the rule in the month of `first`, unsorted. `start_day` stands in when the rule names no day.
    fn dates_in_month(&self, first: Date, start_day: i8) -> Vec<Date> {
        let on = |day: i8| first.with().day(day).build().ok();
        if self.by_day.is_empty() {
            let named = [start_day];
            let wanted = if self.by_month_day.is_empty() { &named[..] } else { &self.by_month_day };
            return self.month_days(first, wanted).into_iter().filter_map(on).collect();
        }
        let mut dates = Vec::new();
        for day in &self.by_day {
            match day.nth {
                Some(nth) => dates.extend(first.nth_weekday_of_month(nth, day.weekday).ok()),
                None => dates.extend((1..=5).filter_map(|nth| first.nth_weekday_of_month(nth, day.weekday).ok())),
            }
        }
        if !self.by_month_day.is_empty() {
            let allowed = self.month_days(first, &self.by_month_day);
            dates.retain(|date| allowed.contains(&date.day()));
        }
        dates
    }

    /// The dates of a yearly rule in the year that begins with `first`, unsorted.
    fn dates_in_year(&self, first: Date, start: Date) -> Vec<Date> {
        let month = |month: i8| first.with().month(month).build().ok();
        if !self.by_month.is_empty() {
            return self
                .by_month
                .iter()
                .filter_map(|m| month(*m))
                .flat_map(|m| self.dates_in_month(m, start.day()))
                .collect();
        }
        if !self.by_month_day.is_empty() {
            return (1..=12).filter_map(month).flat_map(|m| self.dates_in_month(m, start.day())).collect();
        }
        if self.by_day.is_empty() {
            return month(start.month()).map_or_else(Vec::new, |m| self.dates_in_month(m, start.day()));
        }
        self.by_day.iter().flat_map(|day| weekdays_in_year(first, *day)).collect()
    }
}

/// The days of a year that `BYDAY` means when the year, not a month, is what it counts in.
fn weekdays_in_year(first: Date, day: ByDay) -> Vec<Date> {
    let offset = i16::from(first.weekday().until(day.weekday));
    let nth = |n: i16| first.checked_add((i64::from(offset) + 7 * i64::from(n)).days()).ok();
    let weeks = (first.days_in_year() - 1 - offset) / 7;
    match day.nth.map(i16::from) {
        None => (0..=weeks).filter_map(nth).collect(),
        Some(n) if n > 0 && n - 1 <= weeks => nth(n - 1).into_iter().collect(),
        Some(n) if n < 0 && weeks + 1 + n >= 0 => nth(weeks + 1 + n).into_iter().collect(),
        Some(_) => Vec::new(),
    }
}

impl Occurrences<'_> {
    /// Passes over occurrences before `floor` in one leap where that changes nothing else.
    pub(super) fn skip_to(mut self, floor: DateTime) -> Self {
        // A counted series must be walked, and a leap of real time needs the instant, which `next_elapsed` handles.
        if self.left.is_some() {
            return self;
        }
        let Some(start) = self.start_date() else { return self };
        let interval = i64::from(self.rule.interval);
        let days = floor.date().duration_since(start).as_hours() / 24;
        let months = i64::from(floor.year() - start.year()) * 12 + i64::from(floor.month() - start.month());
        let periods = match self.rule.frequency {
            Frequency::Daily => days,
            Frequency::Weekly => days / 7,
            Frequency::Monthly => months,
            Frequency::Yearly => i64::from(floor.year() - start.year()),
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                match (&self.start, self.rule.frequency.seconds()) {
                    (Start::At(at), Some(unit)) => match floor.to_zoned(at.time_zone().clone()) {
                        // Two hours of margin: the floor may have fallen into a gap or a fold of the clock.
                        Ok(floor) => (floor.timestamp().as_second() - at.timestamp().as_second() - 7200) / unit,
                        Err(_) => 0,
                    },
                    _ => 0,
                }
            }
        };
        self.period = (periods / interval - 1).max(0);
        self
    }

    fn start_date(&self) -> Option<Date> {
        match &self.start {
            Start::Day(day) => Some(*day),
            Start::At(at) => Some(at.date()),
            Start::Nowhere => None,
        }
    }

    /// The dates of the period number `period`; `None` past the end of the calendar.
    fn dates_of_period(&self, start: Date, period: i64) -> Option<Vec<Date>> {
        let rule = self.rule;
        let step = period.checked_mul(i64::from(rule.interval))?;
        match rule.frequency {
            Frequency::Daily => {
                let date = start.checked_add(SignedDuration::from_hours(step.checked_mul(24)?)).ok()?;
                Some(if rule.allows(date) { vec![date] } else { Vec::new() })
            }
            Frequency::Weekly => {
                let back = SignedDuration::from_hours(24 * i64::from(start.weekday().since(rule.week_start)));
                let ahead = SignedDuration::from_hours(step.checked_mul(7 * 24)?);
                let week = start.checked_sub(back).ok()?.checked_add(ahead).ok()?;
                let wanted = |date: &Date| match rule.by_day.as_slice() {
                    [] => date.weekday() == start.weekday(),
                    days => days.iter().any(|day| day.weekday == date.weekday()),
                };
                let in_month = |date: &Date| rule.by_month.is_empty() || rule.by_month.contains(&date.month());
                let days = (0..7).filter_map(|n: i64| week.checked_add(n.days()).ok());
                Some(days.filter(wanted).filter(in_month).collect())
            }
            Frequency::Monthly => {
                let months = i64::from(start.month()) - 1 + step;
                let year = i16::try_from(i64::from(start.year()) + months.div_euclid(12)).ok()?;
                let first = Date::new(year, i8::try_from(months.rem_euclid(12) + 1).ok()?, 1).ok()?;
                let may = rule.by_month.is_empty() || rule.by_month.contains(&first.month());
                Some(if may { rule.dates_in_month(first, start.day()) } else { Vec::new() })
            }
            Frequency::Yearly => {
                let year = i16::try_from(i64::from(start.year()).checked_add(step)?).ok()?;
                Some(rule.dates_in_year(Date::new(year, 1, 1).ok()?, start))
            }
            Frequency::Secondly | Frequency::Minutely | Frequency::Hourly => None,
        }
    }

    /// Opens periods until one has an occurrence; `false` when the series has ended.
    fn refill(&mut self, start: Date) -> bool {
        let clock = match &self.start {
            Start::At(at) => at.time(),
            Start::Day(_) | Start::Nowhere => Time::midnight(),
        };
        let timed = matches!(self.start, Start::At(_));
        for _ in 0..patience(self.rule.frequency) {
            let Some(mut dates) = self.dates_of_period(start, self.period) else { return false };
            self.period += 1;
            if dates.is_empty() {
                continue;
            }
            dates.sort_unstable();
            dates.dedup();
            let moments = self.times_on(&dates, clock, timed);
            let chosen = pick_places(&moments, &self.rule.by_set_pos);
            self.queue.extend(chosen);
            if !self.queue.is_empty() {
                return true;
            }
        }
        false
    }

    /// The moments of the period: each date at each clock time of the rule.
    fn times_on(&self, dates: &[Date], clock: Time, timed: bool) -> Vec<DateTime> {
        let one_hour = [clock.hour()];
        let one_minute = [clock.minute()];
        let hours = if self.rule.by_hour.is_empty() || !timed { &one_hour[..] } else { &self.rule.by_hour };
        let minutes = if self.rule.by_minute.is_empty() || !timed { &one_minute[..] } else { &self.rule.by_minute };
        let mut times: Vec<Time> = Vec::with_capacity(hours.len() * minutes.len());
        for hour in hours {
            times.extend(minutes.iter().filter_map(|minute| Time::new(*hour, *minute, clock.second(), 0).ok()));
        }
        times.sort_unstable();
        dates.iter().flat_map(|date| times.iter().map(|time| date.to_datetime(*time))).collect()
    }

    /// The next step of a rule that counts real time.
    fn next_elapsed(&mut self, unit: i64) -> Option<Zoned> {
        let Start::At(start) = &self.start else { return None };
        let zone = start.time_zone();
        let first = start.timestamp().as_second();
        let step = unit * i64::from(self.rule.interval);
        // The first step at or after an instant.
        let step_at = |at: &Zoned| (at.timestamp().as_second() - first + step - 1).div_euclid(step);
        let mut days_left = DAYS_AHEAD;
        for _ in 0..patience(self.rule.frequency) {
            let elapsed = SignedDuration::from_secs(self.period.checked_mul(step)?);
            let at = start.timestamp().checked_add(elapsed).ok()?.to_zoned(zone.clone());
            if !self.rule.allows(at.date()) {
                let (day, seen) = next_allowed_day(self.rule, at.date(), days_left)?;
                days_left -= seen;
                let day = day.to_zoned(zone.clone()).ok()?;
                self.period = step_at(&day).max(self.period + 1);
            } else if !self.rule.by_hour.is_empty() && !self.rule.by_hour.contains(&at.hour()) {
                let next_hour = 3600 - i64::from(at.minute()) * 60 - i64::from(at.second());
                let hour = at.checked_add(SignedDuration::from_secs(next_hour)).ok()?;
                self.period = step_at(&hour).max(self.period + 1);
            } else {
                self.period += 1;
                return Some(at);
            }
        }
        None
    }

    /// The next occurrence, before the series' end is considered.
    fn advance(&mut self) -> Option<Due> {
        if let Some(unit) = self.rule.frequency.seconds() {
            return self.next_elapsed(unit).map(Due::At);
        }
        let start = self.start_date()?;
        loop {
            let Some(moment) = self.queue.pop_front() else {
                if self.refill(start) {
                    continue;
                }
                return None;
            };
            match &self.start {
                Start::Day(day) if moment.date() >= *day => return Some(Due::Day(moment.date())),
                Start::At(at) if moment >= at.datetime() => {
                    let resolved = moment.to_zoned(at.time_zone().clone()).ok()?;
                    // Two clock times in one gap resolve to the same instant.
                    if self.last != Some(resolved.timestamp()) {
                        self.last = Some(resolved.timestamp());
                        return Some(Due::At(resolved));
                    }
                }
                _ => {}
            }
        }
    }
}

/// `BYSETPOS`: the n-th moments of a period, counted from the end when negative.
fn pick_places(moments: &[DateTime], places: &[i16]) -> Vec<DateTime> {
    if places.is_empty() {
        return moments.to_vec();
    }
    let index = |place: i16| match place {
        place if place > 0 => usize::try_from(place - 1).ok(),
        place => moments.len().checked_sub(usize::from(place.unsigned_abs())),
    };
    let mut chosen: Vec<DateTime> = places.iter().filter_map(|place| moments.get(index(*place)?).copied()).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

/// The next day on which the rule may run, and how many days were looked at for it.
fn next_allowed_day(rule: &Recurrence, after: Date, at_most: i64) -> Option<(Date, i64)> {
    let mut days = (1..=at_most).map_while(|n| Some((after.checked_add(n.days()).ok()?, n)));
    days.find(|(date, _)| rule.allows(*date))
}

/// Whether `due` lies after the last moment of the rule.
pub(super) fn is_past(until: Until, due: &Due) -> bool {
    match (until, due) {
        (Until::Day(last), due) => due.date() > last,
        (Until::Local(last), Due::At(at)) => at.datetime() > last,
        (Until::Utc(last), Due::At(at)) => at.timestamp() > last,
        (Until::Local(last), Due::Day(day)) => *day > last.date(),
        (Until::Utc(last), Due::Day(day)) => *day > last.to_zoned(TimeZone::UTC).date(),
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        if self.left == Some(0) {
            return None;
        }
        let due = self.advance()?;
        if let End::Until(until) = self.rule.end
            && is_past(until, &due)
        {
            self.left = Some(0);
            return None;
        }
        self.left = self.left.map(|left| left - 1);
        Some(due)
    }
}
