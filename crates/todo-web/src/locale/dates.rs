//! Dates as the reader writes them: in their zone, their order, their words.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

use super::{Key, Language, key};

/// How dates are written for one reader.
#[derive(Clone, Debug)]
pub struct DateStyle {
    /// Language of names.
    pub language: &'static Language,
    /// Order of day, month and year.
    pub order: DateOrder,
    /// The present moment in the reader's zone.
    pub now: Zoned,
}

/// Order of day, month and year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// 24 Dec 2026
    #[default]
    DayFirst,
    /// Dec 24, 2026
    MonthFirst,
    /// 2026-12-24
    YearFirst,
}

impl DateOrder {
    /// Reads `dmy`, `mdy` or `ymd`; anything else is the first.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "mdy" => Self::MonthFirst,
            "ymd" => Self::YearFirst,
            _ => Self::DayFirst,
        }
    }
}

/// A due date as it came over the wire.
#[derive(Clone, Debug, PartialEq)]
pub enum DueText {
    /// A day.
    Day(Date),
    /// An instant, in the reader's zone.
    At(Zoned),
}

impl DueText {
    /// Reads `2026-12-24` or an RFC 3339 instant.
    #[must_use]
    pub fn parse(text: &str, zone: &TimeZone) -> Option<Self> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Self::At(at.to_zoned(zone.clone())));
        }
        text.parse().ok().map(Self::Day)
    }

    /// The day in the reader's zone.
    #[must_use]
    pub fn day(&self) -> Date {
        match self {
            Self::Day(day) => *day,
            Self::At(at) => at.date(),
        }
    }

    /// Whether it lies before the reader's present moment.
    #[must_use]
    pub fn is_overdue(&self, now: &Zoned) -> bool {
        match self {
            Self::Day(day) => *day < now.date(),
            Self::At(at) => at < now,
        }
    }
}

impl DateStyle {
    fn name(&self, names: Key, index: usize) -> &'static str {
        self.language.say(names).split(',').nth(index).unwrap_or_default()
    }

    /// Today's date in the reader's zone.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now.date()
    }

    /// A due date, short: `Today 17:00`, `Friday`, `24 Dec`.
    #[must_use]
    pub fn due(&self, due: &DueText) -> String {
        match due {
            DueText::Day(day) => self.day(*day),
            DueText::At(at) => format!("{} {}", self.day(at.date()), self.clock(at)),
        }
    }

    /// A time of day: `17:00`, or `5:00 PM` for those who read English and write the month first.
    fn clock(&self, at: &Zoned) -> String {
        let halves = self.language.tag == "en" && self.order == DateOrder::MonthFirst;
        at.strftime(if halves { "%-I:%M %p" } else { "%H:%M" }).to_string()
    }

    /// A day, short: relative when near, with the year when far.
    #[must_use]
    pub fn day(&self, day: Date) -> String {
        let days = (day - self.today()).get_days();
        match days {
            0 => self.language.say(key::DATE_TODAY).to_owned(),
            1 => self.language.say(key::DATE_TOMORROW).to_owned(),
            -1 => self.language.say(key::DATE_YESTERDAY).to_owned(),
            2..=6 => self.weekday(day).to_owned(),
            _ => self.date(day, day.year() != self.today().year()),
        }
    }

    /// The heading of a day: `Friday · 24 Dec`, `Today · Friday 24 Dec`.
    #[must_use]
    pub fn heading(&self, day: Date) -> String {
        let date = self.date(day, day.year() != self.today().year());
        let near = self.day(day);
        let weekday = self.weekday(day);
        if near == date || near == weekday {
            format!("{weekday} · {date}")
        } else {
            format!("{near} · {weekday} {date}")
        }
    }

    /// The full name of the weekday.
    #[must_use]
    pub fn weekday(&self, day: Date) -> &'static str {
        self.name(key::DATE_DAYS, day.weekday().to_monday_zero_offset() as usize)
    }

    /// A date in the reader's order.
    #[must_use]
    pub fn date(&self, day: Date, with_year: bool) -> String {
        let month = self.name(key::DATE_MONTHS, day.month() as usize - 1);
        let number = self.language.say_with(key::DATE_DAY, &[("d", &day.day().to_string())]);
        match (self.order, with_year) {
            (DateOrder::DayFirst, false) => format!("{number} {month}"),
            (DateOrder::DayFirst, true) => format!("{number} {month} {}", day.year()),
            (DateOrder::MonthFirst, false) => format!("{month} {}", day.day()),
            (DateOrder::MonthFirst, true) => format!("{month} {}, {}", day.day(), day.year()),
            (DateOrder::YearFirst, _) => day.to_string(),
        }
    }

    /// An instant: `Today 17:00`, `24 Dec 17:00`.
    #[must_use]
    pub fn instant(&self, at: Timestamp) -> String {
        self.due(&DueText::At(at.to_zoned(self.now.time_zone().clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::LANGUAGES;

    fn style(order: DateOrder, language: usize) -> DateStyle {
        let now = "2026-11-20T23:30:00+05:00[Asia/Karachi]".parse().unwrap();
        DateStyle { language: &LANGUAGES[language], order, now }
    }

    #[test]
    fn near_days_have_names_and_far_ones_have_dates() {
        let style = style(DateOrder::DayFirst, 0);
        let day = |text: &str| style.day(text.parse().unwrap());
        assert_eq!(day("2026-11-20"), "Today");
        assert_eq!(day("2026-11-21"), "Tomorrow");
        assert_eq!(day("2026-11-19"), "Yesterday");
        assert_eq!(day("2026-11-23"), "Monday");
        assert_eq!(day("2026-11-27"), "27 Nov");
        assert_eq!(day("2027-01-02"), "2 Jan 2027");
    }

    #[test]
    fn instants_are_read_in_the_readers_zone() {
        let style = style(DateOrder::MonthFirst, 0);
        let zone = style.now.time_zone().clone();
        let due = DueText::parse("2026-11-20T20:00:00Z", &zone).unwrap();
        assert_eq!(style.due(&due), "Tomorrow 1:00 AM");
        assert!(!due.is_overdue(&style.now));
        let day = DueText::parse("2026-11-20", &zone).unwrap();
        assert!(!day.is_overdue(&style.now), "a day is overdue only when it is over");
        assert!(DueText::parse("2026-11-19", &zone).unwrap().is_overdue(&style.now));
        assert_eq!(DueText::parse("soon", &zone), None);
    }

    #[test]
    fn each_reader_has_their_own_order_and_names() {
        let far: Date = "2027-03-04".parse().unwrap();
        assert_eq!(style(DateOrder::MonthFirst, 0).date(far, true), "Mar 4, 2027");
        assert_eq!(style(DateOrder::YearFirst, 0).date(far, true), "2027-03-04");
        assert_eq!(style(DateOrder::DayFirst, 2).heading("2026-11-20".parse().unwrap()), "Heute · Freitag 20. Nov");
    }
}
