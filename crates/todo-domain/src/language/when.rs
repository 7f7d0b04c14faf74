//! A text that is a date, a recurrence or a length of time from end to end: "tomorrow 5pm", "every other monday", "2 weeks".

use super::{context::Context, grammar::Grammar, lexicon::Class, quick_add::LONGEST_TEXT, token::Text};
use crate::{Due, Recurrence};

/// What a date phrase means.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When {
    /// The due date; of a recurrence, its first occurrence.
    pub due: Option<Due>,
    /// The recurrence.
    pub recurrence: Option<Recurrence>,
}

/// Reads a text that is a date or recurrence phrase from end to end; `None` when anything else is in it.
#[must_use]
pub fn parse_when(source: &str, context: &Context) -> Option<When> {
    if source.len() > LONGEST_TEXT {
        return None;
    }
    let text = Text::new(source, context.lexicon);
    let grammar = Grammar::new(&text, context);
    let whole = |next: usize| text.is_end(next);
    let first = (0..text.len()).take(3).find(|at| text.may_start(*at))?;
    if let Some((repeat, next)) = grammar.repeat(first) {
        if whole(next) {
            let (rule, due) = repeat.settle(&grammar, None, None)?;
            return Some(When { due: Some(due), recurrence: Some(rule) });
        }
        // "every 3 days tomorrow": the day it starts.
        let (moment, next) = grammar.moment(next)?;
        let date = moment.day(&grammar)?;
        let (rule, due) = repeat.settle(&grammar, moment.has_day().then_some(date), moment.time(&grammar))?;
        return whole(next).then_some(When { due: Some(due), recurrence: Some(rule) });
    }
    let (moment, next) = grammar.moment(first)?;
    if whole(next) {
        return Some(When { due: Some(moment.due(&grammar)?), recurrence: None });
    }
    // "tomorrow at 9 every day"
    let (repeat, next) = grammar.repeat(next)?;
    let date = moment.day(&grammar)?;
    let (rule, due) = repeat.settle(&grammar, moment.has_day().then_some(date), moment.time(&grammar))?;
    whole(next).then_some(When { due: Some(due), recurrence: Some(rule) })
}

/// Reads a text that is a length of time from end to end ("2 weeks", "an hour and a half") and answers where it leads from the
/// context's moment: a day, or an instant when it has hours. A date ("december") is no length.
#[must_use]
pub fn parse_length(source: &str, context: &Context) -> Option<Due> {
    if source.len() > LONGEST_TEXT {
        return None;
    }
    let text = Text::new(source, context.lexicon);
    let grammar = Grammar::new(&text, context);
    let first = (0..text.len()).take(3).find(|at| text.may_start(*at))?;
    let (amount, next) = grammar.amount(text.skip(first, Class::RangeNext))?;
    if !text.is_end(next) {
        return None;
    }
    if amount.seconds == 0 {
        return amount.days_after(context.now.date()).map(Due::Day);
    }
    amount.after(&context.now).map(Due::At)
}
