//! A text that is a date or a recurrence from end to end: "tomorrow 5pm", "every other monday".

use super::{context::Context, grammar::Grammar, quick_add::LONGEST_TEXT, token::Text};
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
