//! A rule in English: "every other Monday", "every month on the last day, 5 times".

use jiff::civil::{Date, Weekday};

use super::{Anchor, ByDay, End, Frequency, Recurrence, Until};

const WORKDAYS: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
const WEEKEND: [Weekday; 2] = [Weekday::Saturday, Weekday::Sunday];

impl Recurrence {
    /// The rule in English words. For people: nothing parses this text.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = self.core();
        if !self.by_hour.is_empty() {
            let minutes = if self.by_minute.is_empty() { &[0][..] } else { &self.by_minute };
            let clocks =
                self.by_hour.iter().flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}")));
            text.push_str(&format!(" at {}", join(clocks)));
        }
        match self.end {
            End::Never => {}
            End::Count(1) => text.push_str(", once more"),
            End::Count(count) => text.push_str(&format!(", {count} times")),
            End::Until(Until::Day(day)) => text.push_str(&format!(", until {}", long_date(day))),
            End::Until(Until::Local(at)) => text.push_str(&format!(", until {}", long_date(at.date()))),
            End::Until(Until::Utc(at)) => {
                text.push_str(&format!(", until {}", long_date(at.to_zoned(jiff::tz::TimeZone::UTC).date())))
            }
        }
        if self.anchor == Anchor::Completion {
            text.push_str(" after completion");
        }
        text
    }

    fn core(&self) -> String {
        let days: Vec<Weekday> = self.by_day.iter().filter(|day| day.nth.is_none()).map(|day| day.weekday).collect();
        let plain = days.len() == self.by_day.len();
        let is = |set: &[Weekday]| plain && days.len() == set.len() && set.iter().all(|day| days.contains(day));
        match self.frequency {
            Frequency::Weekly | Frequency::Daily if !days.is_empty() && self.frequency_is_plain() => {
                let what = if is(&WORKDAYS) {
                    "weekday".to_owned()
                } else if is(&WEEKEND) {
                    "weekend day".to_owned()
                } else {
                    join(days.iter().map(|day| weekday_name(*day).to_owned()))
                };
                let every = match self.interval {
                    1 => format!("every {what}"),
                    2 if days.len() == 1 => format!("every other {what}"),
                    n => format!("every {n} weeks on {what}"),
                };
                every + &self.in_months()
            }
            Frequency::Yearly
                if self.by_day.is_empty() && !self.by_month.is_empty() && !self.by_month_day.is_empty() =>
            {
                let days = join(self.by_month_day.iter().map(|day| month_day(*day)));
                format!(
                    "{} on {} of {}",
                    self.every_unit(),
                    days,
                    join(self.by_month.iter().map(|m| month_name(*m).to_owned()))
                )
            }
            _ => {
                let on = if !self.by_set_pos.is_empty() {
                    let places = join(self.by_set_pos.iter().map(|n| place(i32::from(*n))));
                    let what = if is(&WORKDAYS) { "workday".to_owned() } else { self.day_list() };
                    format!(" on the {places} {what}")
                } else {
                    let list = self.day_list();
                    if list.is_empty() { String::new() } else { format!(" on {list}") }
                };
                self.every_unit() + &on + &self.in_months()
            }
        }
    }

    /// Whether a daily rule with weekdays means the same as a weekly one.
    fn frequency_is_plain(&self) -> bool {
        self.by_set_pos.is_empty()
            && self.by_month_day.is_empty()
            && (self.frequency == Frequency::Weekly || self.interval == 1)
    }

    fn every_unit(&self) -> String {
        let unit = match self.frequency {
            Frequency::Secondly => "second",
            Frequency::Minutely => "minute",
            Frequency::Hourly => "hour",
            Frequency::Daily => "day",
            Frequency::Weekly => "week",
            Frequency::Monthly => "month",
            Frequency::Yearly => "year",
        };
        match self.interval {
            1 => format!("every {unit}"),
            2 => format!("every other {unit}"),
            n => format!("every {n} {unit}s"),
        }
    }

    fn day_list(&self) -> String {
        let weekdays = self.by_day.iter().map(|day: &ByDay| match day.nth {
            None => weekday_name(day.weekday).to_owned(),
            Some(nth) => format!("the {} {}", place(i32::from(nth)), weekday_name(day.weekday)),
        });
        join(weekdays.chain(self.by_month_day.iter().map(|day| month_day(*day))))
    }

    fn in_months(&self) -> String {
        if self.by_month.is_empty() {
            String::new()
        } else {
            format!(" in {}", join(self.by_month.iter().map(|m| month_name(*m).to_owned())))
        }
    }
}

fn month_day(day: i8) -> String {
    match day {
        -1 => "the last day".to_owned(),
        day if day < 0 => format!("the {} day", place(i32::from(day))),
        day => format!("the {}", place(i32::from(day))),
    }
}

/// "1st", "22nd", "last", "3rd to last".
fn place(n: i32) -> String {
    match n {
        -1 => "last".to_owned(),
        n if n < 0 => format!("{} to last", place(-n)),
        n => {
            let suffix = match (n % 10, n % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            format!("{n}{suffix}")
        }
    }
}

fn join(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

const fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(month - 1).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or("")
}

fn long_date(date: Date) -> String {
    format!("{} {} {}", date.day(), month_name(date.month()), date.year())
}
