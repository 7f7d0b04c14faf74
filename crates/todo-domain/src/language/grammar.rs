//! The text and the circumstances that all parts of the grammar read, and what they ask of the surroundings of a phrase.

use jiff::civil::{Date, Time, Weekday};

use super::{
    context::Context,
    lexicon::Class,
    token::{Kind, Text},
};
use crate::Due;

/// Reads phrases of one text.
///
/// Every reader takes the index of a token and answers what it read and the index after it, or `None`; none looks further
/// than the phrase, so that reading a text takes time in proportion to its length.
#[derive(Clone, Copy)]
pub(super) struct Grammar<'a> {
    pub text: &'a Text<'a>,
    pub context: &'a Context,
}

impl<'a> Grammar<'a> {
    pub fn new(text: &'a Text<'a>, context: &'a Context) -> Self {
        Self { text, context }
    }

    pub fn today(&self) -> Date {
        self.context.now.date()
    }

    /// The instant of a clock time on a day; a time in the gap of a clock change moves forward (H18).
    pub fn due_at(&self, date: Date, time: Time) -> Option<Due> {
        date.to_datetime(time).to_zoned(self.context.now.time_zone().clone()).ok().map(Due::At)
    }

    /// The token after a hyphen that joins two words ("mid-january", "30-minute").
    pub fn skip_hyphen(&self, at: usize) -> usize {
        if self.text.is_glued_mark(at, '-') && self.text.is_glued(at + 1) { at + 1 } else { at }
    }

    /// Whether a phrase that ends before `at` stands apart from what follows: the end, a mark, or a word that cannot be the
    /// noun the phrase belongs to.
    pub fn stands_apart(&self, at: usize) -> bool {
        let Some(token) = self.text.tokens.get(at) else { return true };
        match token.kind {
            Kind::Mark('$' | '€' | '£' | '&' | '+' | '%') => false,
            Kind::Mark(_) => true,
            Kind::Word => {
                self.text.is(at, Class::Boundary)
                    || self.text.is(at, Class::Verb)
                    || self.text.is(at, Class::Every)
                    || self.text.is(at, Class::Remind)
                    || self.is_priority_mark(at)
            }
            Kind::Number { .. } => false,
        }
    }

    /// `p1` to `p4`.
    pub fn is_priority_mark(&self, at: usize) -> bool {
        self.text.key(at) == "p"
            && self.text.is_glued(at + 1)
            && matches!(self.text.number(at + 1), Some((1..=4, 1)))
            && self.text.may_end(at + 2)
    }

    /// Whether nothing but opening marks stands before a token.
    pub fn is_start(&self, at: usize) -> bool {
        at == 0 || (at <= 2 && (0..at).all(|before| matches!(self.text.tokens[before].kind, Kind::Mark(_))))
    }

    /// Whether the word before `at` has `class`.
    pub fn follows(&self, at: usize, class: Class) -> bool {
        at > 0 && self.text.is(at - 1, class)
    }

    /// The weekday of a lexicon value.
    pub fn weekday_of(value: i16) -> Option<Weekday> {
        Weekday::from_monday_one_offset(i8::try_from(value).ok()?).ok()
    }

    /// A weekday, and whether it is one of those that may be another word.
    pub fn weekday(&self, at: usize) -> Option<(Weekday, bool, usize)> {
        if let Some((value, next)) = self.text.find(at, Class::Weekday) {
            return Some((Self::weekday_of(value)?, false, next));
        }
        let (value, next) = self.text.find(at, Class::WeekdayShort)?;
        // A dot of abbreviation belongs to the word only if the phrase goes on behind it.
        Some((Self::weekday_of(value)?, true, next))
    }

    /// A month by name, and whether it is one of those that may be another word.
    pub fn month(&self, at: usize) -> Option<(i8, bool, usize)> {
        let (value, short, next) = match self.text.find(at, Class::Month) {
            Some((value, next)) => (value, false, next),
            None => self.text.find(at, Class::MonthShort).map(|(value, next)| (value, true, next))?,
        };
        Some((i8::try_from(value).ok().filter(|month| (1..=12).contains(month))?, short, next))
    }

    /// An ordinal in digits ("15th") or words; the suffix must be glued to its number.
    pub fn ordinal(&self, at: usize) -> Option<(u32, usize)> {
        if let Some((number, 1 | 2)) = self.text.number(at) {
            let next = self.text.after(at + 1, Class::OrdinalSuffix).filter(|_| self.text.is_glued(at + 1))?;
            return Some((number, next));
        }
        // "el día 15"
        if let Some(number) = self.text.after(at, Class::DayNumber) {
            let (day, 1 | 2) = self.text.number(number)? else { return None };
            return Some((day, number + 1));
        }
        let (value, next) = self.text.find(at, Class::Ordinal)?;
        Some((u32::try_from(value).ok()?, next))
    }
}
