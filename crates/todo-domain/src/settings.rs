//! A user's preferences: how dates are read and written for them.

use jiff::{Zoned, civil::Weekday, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    error::{DomainError, Result},
    language::{Context, DateOrder},
    wire,
};

/// Preferences. What is not set follows the program or the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// IANA name of the time zone.
    pub timezone: Option<String>,
    /// `monday`, `saturday` or `sunday`.
    pub week_start: Option<String>,
    /// `dmy`, `mdy` or `ymd`.
    pub date_order: Option<String>,
    /// Language tag (BCP 47).
    pub locale: Option<String>,
}

impl Settings {
    /// Checks every value that is set.
    ///
    /// # Errors
    /// A validation error that names the setting.
    pub fn check(&self) -> Result<()> {
        if let Some(name) = &self.timezone {
            wire::time_zone("timezone", name)?;
        }
        if let Some(day) = &self.week_start {
            week_start(day)
                .ok_or_else(|| DomainError::invalid("week_start", "`week_start` is monday, saturday or sunday."))?;
        }
        if let Some(order) = &self.date_order {
            order
                .parse::<DateOrder>()
                .map_err(|_| DomainError::invalid("date_order", "`date_order` is dmy, mdy or ymd."))?;
        }
        if let Some(tag) = &self.locale {
            let parts_fit = tag
                .split('-')
                .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
            if tag.len() > 35 || !parts_fit {
                return Err(DomainError::invalid("locale", "`locale` is a language tag such as de or es-MX."));
            }
        }
        Ok(())
    }

    /// The user's zone, if they set one that this program knows.
    #[must_use]
    pub fn zone(&self) -> Option<TimeZone> {
        self.timezone.as_deref().and_then(|name| TimeZone::get(name).ok())
    }

    /// How this user's dates are read at `now`.
    #[must_use]
    pub fn language(&self, now: Zoned) -> Context {
        let mut context = Context::new(now);
        if let Some(day) = self.week_start.as_deref().and_then(week_start) {
            context = context.with_week_start(day);
        }
        if let Some(order) = self.date_order.as_deref().and_then(|order| order.parse().ok()) {
            context = context.with_date_order(order);
        }
        if let Some(tag) = &self.locale {
            context = context.with_language(tag);
        }
        context
    }
}

fn week_start(day: &str) -> Option<Weekday> {
    match day {
        "monday" => Some(Weekday::Monday),
        "saturday" => Some(Weekday::Saturday),
        "sunday" => Some(Weekday::Sunday),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-18T10:00:00[Europe/Paris]".parse().unwrap()
    }

    #[test]
    fn wrong_values_name_the_setting() {
        let wrong = |settings: Settings| settings.check().unwrap_err().field.unwrap().into_owned();
        assert_eq!(wrong(Settings { timezone: Some("Mars/Base".into()), ..Settings::default() }), "timezone");
        assert_eq!(wrong(Settings { week_start: Some("friday".into()), ..Settings::default() }), "week_start");
        assert_eq!(wrong(Settings { date_order: Some("dym".into()), ..Settings::default() }), "date_order");
        assert_eq!(wrong(Settings { locale: Some("../etc".into()), ..Settings::default() }), "locale");
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn preferences_change_how_dates_are_read() {
        let settings = Settings {
            week_start: Some("sunday".into()),
            date_order: Some("mdy".into()),
            timezone: Some("America/New_York".into()),
            locale: Some("es-MX".into()),
        };
        settings.check().unwrap();
        let context = settings.language(now());
        assert_eq!((context.week_start, context.date_order), (Weekday::Sunday, DateOrder::Mdy));
        assert_eq!(context.lexicon.code(), "es");
        assert_eq!(settings.zone().unwrap().iana_name(), Some("America/New_York"));
    }
}
