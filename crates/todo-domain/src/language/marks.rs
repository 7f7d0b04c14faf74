//! Marks and small phrases: priority, labels, project, duration and reminders.

use super::{
    amount::Amount,
    grammar::Grammar,
    lexicon::Class,
    moment::Moment,
    token::{Kind, Token},
};
use crate::Priority;

/// When to be reminded, before the due date of the task is known.
#[derive(Clone, Debug)]
pub(super) enum Reminding {
    Before(u32),
    At(Moment),
}

impl Grammar<'_> {
    /// `p1` to `p4`, `!!`, `!!!`, "high priority", "priority: high".
    pub fn priority(&self, at: usize) -> Option<(Priority, usize)> {
        let text = self.text;
        if self.is_priority_mark(at) {
            let (level, _) = text.number(at + 1)?;
            return Some((level_of(i16::try_from(level).ok()?)?, at + 2));
        }
        if text.is_mark(at, '!') && text.tokens[at].spaced {
            let run = (at..text.len()).take(4).take_while(|next| *next == at || text.is_glued_mark(*next, '!')).count();
            let level = match run {
                2 => Priority::High,
                3 => Priority::Urgent,
                _ => return None,
            };
            return text.tokens.get(at + run).is_none_or(|next| next.spaced).then_some((level, at + run));
        }
        if let Some((level, next)) = text.find(at, Class::PriorityLevel) {
            let next = text.after(next, Class::PriorityWord)?;
            let apart = self.stands_apart(next) || self.is_start(at) && text.is_glued(next);
            return Some((level_of(level)?, next)).filter(|_| apart && !self.follows(at, Class::Determiner));
        }
        let next = text.after(at, Class::PriorityWord)?;
        let next = if text.is_glued_mark(next, ':') { next + 1 } else { next };
        if let Some((level, next)) = text.find(next, Class::PriorityLevel) {
            return Some((level_of(level)?, next)).filter(|_| self.stands_apart(next));
        }
        if self.is_priority_mark(next) {
            return self.priority(next);
        }
        let (level @ 1..=4, 1) = text.number(next)? else { return None };
        Some((level_of(i16::try_from(level).ok()?)?, next + 1)).filter(|_| self.stands_apart(next + 1))
    }

    /// The name behind a label or project mark at the start of a word, plain or in quotes (H14).
    pub fn named(&self, at: usize, mark: char) -> Option<(String, usize)> {
        let text = self.text;
        let is_open = text.is_mark(at, mark) && !text.any_literal(at, at + 1);
        let starts = || text.tokens[at].spaced || text.is_mark(at - 1, '(') || text.is_mark(at - 1, ',');
        if !is_open || !starts() || !text.is_glued(at + 1) {
            return None;
        }
        if text.is_mark(at + 1, '"') {
            let close = (at + 2..text.len()).take(40).find(|next| text.is_mark(*next, '"'))?;
            let name = text.source[text.tokens[at + 1].end..text.tokens[close].start].trim();
            return (!name.is_empty()).then(|| (name.to_owned(), close + 1));
        }
        // A number is text ("fix #123"), and so is "@5pm", which the dates have taken by now.
        if matches!(text.tokens[at + 1].kind, Kind::Number { .. }) && text.tokens.get(at + 2).is_none_or(|t| t.spaced) {
            return None;
        }
        let inner = |token: &Token| match token.kind {
            Kind::Word | Kind::Number { .. } => true,
            Kind::Mark(c) => {
                matches!(c, '-' | '_' | '/' | '.' | '&' | '+' | '\'' | ':') || !c.is_ascii() && !is_closing(c)
            }
        };
        let mut next = at + 1;
        while text.tokens.get(next).is_some_and(|token| !token.spaced && inner(token)) {
            next += 1;
        }
        // Sentence marks at the end belong to the sentence.
        while next > at + 1
            && matches!(text.tokens[next - 1].kind, Kind::Mark('.' | ':' | '\'' | '-' | '/' | '&' | '+'))
        {
            next -= 1;
        }
        let has_letter = text.tokens[at + 1..next]
            .iter()
            .any(|token| token.kind == Kind::Word || !matches!(token.kind, Kind::Mark(c) if c.is_ascii()));
        if !has_letter || !text.may_end(next) {
            return None;
        }
        Some((text.source[text.tokens[at + 1].start..text.tokens[next - 1].end].to_owned(), next))
    }

    /// "for 30 minutes": minutes and hours only, since days and weeks are how long something lasts, not how long it takes.
    pub fn duration(&self, at: usize) -> Option<(u32, usize)> {
        let start = self.text.after(at, Class::For)?;
        let (amount, next) = self.amount(start)?;
        Some((amount.minutes()?, next)).filter(|_| self.text.may_end(next))
    }

    /// "remind me 10 minutes before", "reminder at 9am", `!15m`.
    pub fn reminder(&self, at: usize) -> Option<(Reminding, usize)> {
        let text = self.text;
        if text.is_mark(at, '!') && text.tokens[at].spaced && text.is_glued(at + 1) && !text.any_literal(at, at + 1) {
            let (amount, next) = self.amount(at + 1)?;
            let next = text.skip(next, Class::BeforeDue);
            return Some((Reminding::Before(amount.minutes_before()?), next)).filter(|_| text.may_end(next));
        }
        let start = text.after(at, Class::Remind)?;
        let start = text.skip(if text.is_glued_mark(start, ':') { start + 1 } else { start }, Class::BeforeLead);
        if let Some((amount, next)) = self.amount_before(start) {
            return Some((Reminding::Before(amount.minutes_before()?), next)).filter(|_| text.may_end(next));
        }
        let (moment, next) = self.moment(start)?;
        // "remind me tomorrow to call mom" says when the task is due, and leaves "to call mom" behind.
        Some((Reminding::At(moment), next))
    }

    fn amount_before(&self, at: usize) -> Option<(Amount, usize)> {
        let (amount, next) = self.amount(at)?;
        let led = at > 0 && self.text.is(at - 1, Class::BeforeLead);
        match self.text.after(next, Class::BeforeDue) {
            Some(next) => Some((amount, next)),
            None => led.then_some((amount, next)),
        }
    }
}

fn is_closing(c: char) -> bool {
    matches!(c, '”' | '’' | '»' | '…' | '،' | '؛' | '؟' | '۔' | '—' | '–')
}

fn level_of(level: i16) -> Option<Priority> {
    Some(match level {
        1 => Priority::Urgent,
        2 => Priority::High,
        3 => Priority::Medium,
        4 => Priority::Low,
        _ => return None,
    })
}
