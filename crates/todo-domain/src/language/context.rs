//! What a phrase means depends on who says it, where and when.

use jiff::{
    Zoned,
    civil::{Time, Weekday},
};

use super::lexicon::Lexicon;

/// How the user writes a numeric date such as `3/4`. A four-digit year first is always year, month, day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// Day, month, year.
    #[default]
    Dmy,
    /// Month, day, year.
    Mdy,
    /// Year, month, day; without a year, month and day.
    Ymd,
}

impl std::str::FromStr for DateOrder {
    type Err = super::UnknownSetting;

    /// Reads `dmy`, `mdy` or `ymd`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "dmy" => Ok(Self::Dmy),
            "mdy" => Ok(Self::Mdy),
            "ymd" => Ok(Self::Ymd),
            _ => Err(super::UnknownSetting { what: "date order", choices: "dmy, mdy, ymd" }),
        }
    }
}

/// The clock times that words such as "morning" stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayTimes {
    /// "tomorrow morning".
    pub morning: Time,
    /// "noon".
    pub noon: Time,
    /// "friday afternoon".
    pub afternoon: Time,
    /// "this evening".
    pub evening: Time,
    /// "tonight".
    pub tonight: Time,
    /// "saturday night".
    pub night: Time,
}

impl Default for DayTimes {
    fn default() -> Self {
        let hour = |hour| Time::constant(hour, 0, 0, 0);
        Self {
            morning: hour(9),
            noon: hour(12),
            afternoon: hour(15),
            evening: hour(19),
            tonight: hour(20),
            night: hour(22),
        }
    }
}

/// The reader's circumstances: the moment, the zone, the habits and the language.
#[derive(Clone, Debug)]
pub struct Context {
    /// The present moment in the user's zone. It alone decides what "today" is.
    pub now: Zoned,
    /// First day of the user's week.
    pub week_start: Weekday,
    /// How the user orders the numbers of a date.
    pub date_order: DateOrder,
    /// What the parts of the day mean.
    pub day_times: DayTimes,
    /// The words of the user's language; English is understood beside it.
    pub lexicon: &'static Lexicon,
}

impl Context {
    /// The defaults at `now`: weeks start on Monday, day before month, English.
    #[must_use]
    pub fn new(now: Zoned) -> Self {
        Self {
            now,
            week_start: Weekday::Monday,
            date_order: DateOrder::Dmy,
            day_times: DayTimes::default(),
            lexicon: Lexicon::english(),
        }
    }

    /// The same with another first day of the week.
    #[must_use]
    pub fn with_week_start(mut self, week_start: Weekday) -> Self {
        self.week_start = week_start;
        self
    }

    /// The same with another order of numeric dates.
    #[must_use]
    pub fn with_date_order(mut self, date_order: DateOrder) -> Self {
        self.date_order = date_order;
        self
    }

    /// The same with other times of day.
    #[must_use]
    pub fn with_day_times(mut self, day_times: DayTimes) -> Self {
        self.day_times = day_times;
        self
    }

    /// The same in another language, by its code (`es`, `de-AT`); a language that is not known stays English.
    #[must_use]
    pub fn with_language(mut self, code: &str) -> Self {
        self.lexicon = Lexicon::get(code).unwrap_or_else(Lexicon::english);
        self
    }
}
