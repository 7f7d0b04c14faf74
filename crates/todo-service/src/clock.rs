//! The present moment, which tests and demonstrations can freeze.

use std::str::FromStr;

use jiff::{Timestamp, Zoned, civil, tz::TimeZone};

/// Where the present moment comes from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The system's clock.
    #[default]
    System,
    /// Always the same moment (`TODO_CLOCK`).
    Frozen(Zoned),
}

impl Clock {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Frozen(at) => at.timestamp(),
        }
    }

    /// The present moment for a reader in `zone`.
    #[must_use]
    pub fn now_in(&self, zone: TimeZone) -> Zoned {
        self.now().to_zoned(zone)
    }

    /// The zone of people who set none: that of a frozen clock, else the system's.
    #[must_use]
    pub fn home_zone(&self) -> TimeZone {
        match self {
            Self::System => TimeZone::try_system().unwrap_or(TimeZone::UTC),
            Self::Frozen(at) => at.time_zone().clone(),
        }
    }
}

impl FromStr for Clock {
    type Err = &'static str;

    /// A date-time, with or without a zone: `2026-11-18T10:00[Europe/Paris]`, `2026-11-18T10:00:00Z`, `2026-11-18T10:00`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "write a date-time such as 2026-11-18T10:00[Europe/Paris]";
        if text.is_empty() || text == "system" {
            return Ok(Self::System);
        }
        let (local, zone) = match text.split_once('[') {
            Some((local, zone)) => {
                let name = zone.strip_suffix(']').ok_or(WRONG)?;
                (local, Some(TimeZone::get(name).map_err(|_| WRONG)?))
            }
            None => (text, None),
        };
        if let Ok(at) = local.parse::<Timestamp>() {
            return Ok(Self::Frozen(at.to_zoned(zone.unwrap_or(TimeZone::UTC))));
        }
        let local: civil::DateTime = local.parse().map_err(|_| WRONG)?;
        let zone = zone.unwrap_or_else(|| TimeZone::try_system().unwrap_or(TimeZone::UTC));
        local.to_zoned(zone).map(Self::Frozen).map_err(|_| WRONG)
    }
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Frozen(at) => at.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn reads_moments_with_and_without_zone() {
        for (text, shown) in [
            ("2026-11-18T10:00[Europe/Paris]", "2026-11-18T10:00:00+01:00[Europe/Paris]"),
            ("2026-11-18T10:00:00Z", "2026-11-18T10:00:00+00:00[UTC]"),
            ("2026-11-18T10:00:00Z[America/New_York]", "2026-11-18T05:00:00-05:00[America/New_York]"),
            ("system", "system"),
        ] {
            assert_eq!(text.parse::<Clock>().unwrap().to_string(), shown);
        }
        assert!("yesterday".parse::<Clock>().is_err());
        assert!("2026-11-18T10:00[Mars/Base]".parse::<Clock>().is_err());
    }
}
