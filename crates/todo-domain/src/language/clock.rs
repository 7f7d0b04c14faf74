//! Clock times: "5pm", "17:30", "5.30pm", "17h30", "half past six", "noon".

use jiff::civil::Time;

use super::{amount::Unit, grammar::Grammar, lexicon::Class};

/// A part of the day, as the lexicon numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Daypart {
    Morning,
    Afternoon,
    Evening,
    Night,
    /// "Tonight": this day's night.
    Tonight,
}

/// How sure it is that something is a clock time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    /// A bare number: only after "at" or beside a part of the day.
    Number,
    /// `3:30`: could be a ratio or a verse.
    Pair,
    /// "noon": could belong to a noun.
    Word,
    /// Marked as a time, or unmistakable.
    Sure,
}

/// A clock time, before it is known whether morning or afternoon is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    hour: i8,
    minute: i8,
    second: i8,
    /// The hour could be of either half of the day.
    open: bool,
    pub certainty: Certainty,
    /// How sure it was before the words around it were looked at.
    pub written: Certainty,
}

impl Clock {
    fn new(hour: u32, minute: u32, second: u32) -> Option<Self> {
        let part = |value: u32, limit: u32| (value < limit).then(|| i8::try_from(value).ok()).flatten();
        Some(Self {
            hour: part(hour, 24)?,
            minute: part(minute, 60)?,
            second: part(second, 60)?,
            open: false,
            certainty: Certainty::Sure,
            written: Certainty::Sure,
        })
    }

    /// The same, after a word such as "at" has settled that it is a time.
    pub fn sure(self) -> Self {
        Self { written: self.certainty, certainty: Certainty::Sure, ..self }
    }

    /// The start of a range, in the half of the day that its end names ("5-6pm").
    pub fn in_half_of(self, until: Self) -> Self {
        let afternoon = self.open && !until.open && until.hour >= 12 && self.hour % 12 + 12 <= until.hour;
        let hour = if afternoon { self.hour % 12 + 12 } else { self.hour };
        Self { hour, open: self.open && until.open, certainty: Certainty::Sure, ..self }
    }

    /// The end of a range, in the half of the day in which it comes after its start.
    pub fn in_half_after(self, from: Self) -> Self {
        let later = self.open && !from.open && self.hour < from.hour && self.hour < 12;
        let hour = if later { self.hour + 12 } else { self.hour };
        Self { hour, open: self.open && from.open, ..self }
    }

    fn of(time: Time) -> Self {
        let (hour, minute) = (time.hour(), time.minute());
        Self { hour, minute, second: 0, open: false, certainty: Certainty::Word, written: Certainty::Word }
    }

    /// The time of day. An hour from 1 to 6 that says nothing else is of the afternoon: people who mean six in the morning say so.
    pub fn time(self, daypart: Option<Daypart>) -> Time {
        let hour = match (self.open, daypart) {
            (false, _) => self.hour,
            (true, Some(Daypart::Morning)) => self.hour % 12,
            (true, Some(Daypart::Afternoon | Daypart::Evening)) => self.hour % 12 + 12,
            (true, Some(Daypart::Night | Daypart::Tonight)) => match self.hour {
                12 => 0,
                1..=4 if daypart == Some(Daypart::Night) => self.hour,
                hour => hour + 12,
            },
            (true, None) if self.hour <= 6 => self.hour + 12,
            (true, None) => self.hour,
        };
        Time::new(hour, self.minute, self.second, 0).unwrap_or(Time::midnight())
    }
}

impl Grammar<'_> {
    /// A clock time at `at`.
    pub fn clock(&self, at: usize) -> Option<(Clock, usize)> {
        if self.text.any_literal(at, at + 1) {
            return None;
        }
        self.minutes_past(at).or_else(|| self.clock_in_digits(at)).or_else(|| self.clock_in_words(at))
    }

    /// "20 past 8", "ten minutes to six".
    fn minutes_past(&self, at: usize) -> Option<(Clock, usize)> {
        let text = self.text;
        let (minutes, next) = match text.number(at) {
            Some((minutes, _)) => (minutes, at + 1),
            None => text.find(at, Class::Number).and_then(|(n, next)| Some((u32::try_from(n).ok()?, next)))?,
        };
        let unit = self.unit(next).filter(|(unit, _)| *unit == Unit::Minute).map(|(_, next)| next);
        if !(1..60).contains(&minutes) || unit.is_none() && minutes % 5 != 0 {
            return None;
        }
        let next = unit.unwrap_or(next);
        let (past, next) = match text.after(next, Class::MinutesPast) {
            Some(next) => (true, next),
            None => (false, text.after(next, Class::MinutesTo)?),
        };
        let (hour, next) = self.hour(next)?;
        let clock = if past { Clock::new(hour, minutes, 0)? } else { Clock::new((hour + 23) % 24, 60 - minutes, 0)? };
        let certainty = if past { Certainty::Sure } else { Certainty::Number };
        let clock = Clock { open: (1..=12).contains(&hour), certainty, ..clock };
        Some(self.with_meridiem(clock, next))
    }

    /// A part of the day at `at`: "morning", "tonight".
    pub fn daypart(&self, at: usize) -> Option<(Daypart, usize)> {
        if let Some(next) = self.text.after(at, Class::Tonight) {
            return Some((Daypart::Tonight, next));
        }
        let (value, next) = self.text.find(at, Class::Daypart)?;
        let daypart = match value {
            1 => Daypart::Morning,
            2 => Daypart::Afternoon,
            3 => Daypart::Evening,
            _ => Daypart::Night,
        };
        Some((daypart, next))
    }

    /// The time that a part of the day stands for (H7).
    pub fn daypart_time(&self, daypart: Daypart) -> Time {
        let times = &self.context.day_times;
        match daypart {
            Daypart::Morning => times.morning,
            Daypart::Afternoon => times.afternoon,
            Daypart::Evening => times.evening,
            Daypart::Night => times.night,
            Daypart::Tonight => times.tonight,
        }
    }

    fn clock_in_digits(&self, at: usize) -> Option<(Clock, usize)> {
        let text = self.text;
        let (first, digits) = text.number(at)?;
        // "530pm", "1730 hrs".
        if matches!(digits, 3 | 4) {
            let clock = Clock::new(first / 100, first % 100, 0)?;
            if let Some((half, next)) = self.meridiem(at + 1) {
                return Some((half.apply(clock)?, next));
            }
            let next = text.after(at + 1, Class::Oclock).or_else(|| text.after(at + 1, Class::HourMark));
            let certainty = if next.is_some() { Certainty::Sure } else { Certainty::Number };
            return (digits == 4).then_some((Clock { certainty, ..clock }, next.unwrap_or(at + 1)));
        }
        if digits > 2 {
            return None;
        }
        // Minutes: "5:30", "5.30", "17h30".
        let colon = text.is_glued_mark(at + 1, ':');
        let dot = text.is_glued_mark(at + 1, '.');
        let letter = text.is_glued(at + 1) && text.is(at + 1, Class::HourMark);
        if (colon || dot || letter)
            && text.is_glued(at + 2)
            && let Some((minute, 2)) = text.number(at + 2)
        {
            let mut next = at + 3;
            let mut second = 0;
            if colon
                && text.is_glued_mark(next, ':')
                && text.is_glued(next + 1)
                && let Some((value, 2)) = text.number(next + 1)
            {
                second = value;
                next += 2;
            }
            let clock = Clock::new(first, minute, second)?;
            if let Some((half, next)) = self.meridiem(next) {
                return Some((half.apply(clock)?, next));
            }
            if let Some(next) = text.after(next, Class::Oclock) {
                return Some((clock, next));
            }
            let open = digits == 1 && (1..=9).contains(&first) && !letter;
            let certainty = match () {
                () if letter => Certainty::Sure,
                () if dot => Certainty::Number,
                () => Certainty::Pair,
            };
            return Some((Clock { open, certainty, ..clock }, next));
        }
        // "12 noon"
        if first == 12 && (text.is(at + 1, Class::Noon) || text.is(at + 1, Class::Midnight)) {
            return self.clock_in_words(at + 1);
        }
        let clock = Clock::new(first, 0, 0)?;
        if let Some((half, next)) = self.meridiem(at + 1) {
            return Some((half.apply(clock)?, next));
        }
        let open = (1..=12).contains(&first) && digits == 1 || (10..=12).contains(&first);
        if let Some(next) = text.after(at + 1, Class::Oclock) {
            let (minute, next) = self.minutes_after(next);
            return Some((Clock { open, minute, ..clock }, next));
        }
        if letter {
            return Some((clock, at + 2));
        }
        let (minute, next) = self.minutes_after(at + 1);
        let certainty = if colon { return None } else { Certainty::Number };
        Some((Clock { open, minute, certainty, ..clock }, next))
    }

    /// Minutes that a language puts behind the hour ("y media").
    fn minutes_after(&self, at: usize) -> (i8, usize) {
        if let Some(next) = self.text.after(at, Class::HalfAfter) {
            return (30, next);
        }
        if let Some(next) = self.text.after(at, Class::QuarterAfter) {
            return (15, next);
        }
        (0, at)
    }

    fn clock_in_words(&self, at: usize) -> Option<(Clock, usize)> {
        let text = self.text;
        if let Some(next) = text.after(at, Class::Noon) {
            return Some((Clock::of(self.context.day_times.noon), next));
        }
        if let Some(next) = text.after(at, Class::Midnight) {
            return Some((Clock::of(Time::midnight()), next));
        }
        let shifts = [(Class::HalfPast, 30), (Class::QuarterPast, 15), (Class::QuarterTo, -15), (Class::HalfTo, -30)];
        for (class, minutes) in shifts {
            if let Some(next) = text.after(at, class) {
                let (hour, next) = self.hour(next)?;
                let hour = if minutes < 0 { (hour + 23) % 24 } else { hour };
                let minute = (60 + minutes) % 60;
                let clock = Clock::new(hour, u32::try_from(minute).ok()?, 0)?;
                let clock = Clock { open: (1..=12).contains(&hour), ..clock };
                return Some(self.with_meridiem(clock, next));
            }
        }
        if let Some((hour, next)) = text.after(at, Class::HalfHour).and_then(|next| self.hour(next))
            && self.unit(next).is_none()
        {
            let clock = Clock::new(hour, 30, 0)?;
            return Some((Clock { open: (1..=12).contains(&hour), certainty: Certainty::Number, ..clock }, next));
        }
        let (hour, next) = text.find(at, Class::Number)?;
        let clock = Clock::new(u32::try_from(hour).ok().filter(|hour| *hour <= 12)?, 0, 0)?;
        let clock = Clock { open: true, ..clock };
        // "eight thirty"
        if let Some((minute @ 5..=59, next)) = text.find(next, Class::Number) {
            let clock = Clock { minute: i8::try_from(minute).ok()?, certainty: Certainty::Number, ..clock };
            return Some(self.with_meridiem(clock, next));
        }
        if let Some((half, next)) = self.meridiem(next) {
            return Some((half.apply(clock)?, next));
        }
        let (minute, after) = self.minutes_after(next);
        if let Some(next) = text.after(next, Class::Oclock) {
            let (minute, next) = self.minutes_after(next);
            return Some((Clock { minute, ..clock }, next));
        }
        Some((Clock { minute, certainty: Certainty::Number, ..clock }, after))
    }

    fn hour(&self, at: usize) -> Option<(u32, usize)> {
        if let Some((hour @ 0..=23, _)) = self.text.number(at) {
            return Some((hour, at + 1));
        }
        let (hour, next) = self.text.find(at, Class::Number)?;
        Some((u32::try_from(hour).ok().filter(|hour| *hour <= 12)?, next))
    }

    fn with_meridiem(&self, clock: Clock, at: usize) -> (Clock, usize) {
        let marked = self.meridiem(at).and_then(|(half, next)| Some((half.apply(clock)?, next)));
        marked.unwrap_or((clock, at))
    }

    /// "am", "p.m.", "a. m.".
    fn meridiem(&self, at: usize) -> Option<(Meridiem, usize)> {
        let text = self.text;
        if let Some(next) = text.after(at, Class::Am) {
            return Some((Meridiem::Am, next));
        }
        if let Some(next) = text.after(at, Class::Pm) {
            return Some((Meridiem::Pm, next));
        }
        let half = match text.key(at) {
            "a" => Meridiem::Am,
            "p" => Meridiem::Pm,
            _ => return None,
        };
        let dotted = text.is_glued_mark(at + 1, '.') && text.key(at + 2) == "m" && !text.any_literal(at, at + 3);
        let last_dot = text.is_glued_mark(at + 3, '.');
        dotted.then_some((half, if last_dot { at + 4 } else { at + 3 }))
    }
}

#[derive(Clone, Copy)]
enum Meridiem {
    Am,
    Pm,
}

impl Meridiem {
    /// `None` for an hour that no twelve-hour clock shows.
    fn apply(self, clock: Clock) -> Option<Clock> {
        if !(1..=12).contains(&clock.hour) {
            return None;
        }
        let hour = match self {
            Self::Am => clock.hour % 12,
            Self::Pm => clock.hour % 12 + 12,
        };
        Some(Clock { hour, open: false, certainty: Certainty::Sure, ..clock })
    }
}
