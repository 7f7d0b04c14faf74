//! A task without a verb of ours.

use todo_domain::language::{self};

use super::Clause;
use crate::builtin::{
    intent::{Intent, Item},
    items,
    token::Token,
};

/// A task said as in quick-add, without a verb of ours: "buy milk tomorrow", "dentist friday 3pm". `None` when it may as well be
/// small talk.
pub(crate) fn bare_task(clause: &Clause<'_>, nouns: bool) -> Option<Intent> {
    if clause.is_question() || clause.asks() || clause.is_thought() || clause.is_negated() {
        return None;
    }
    let first = clause.tokens.first()?;
    if clause.tokens.iter().all(|token| token.quoted) || clause.lexicon.starts("i", &clause.symbols).is_some() {
        return None;
    }
    let finite =
        |at: usize| clause.symbols.get(at..).is_some_and(|rest| clause.lexicon.starts("finite", rest).is_some());
    let read = language::quick_add(clause.said(), clause.context);
    let title_words = read.title.split_whitespace().count();
    let marked = read.due.is_some()
        || read.recurrence.is_some()
        || read.priority.is_some()
        || read.project.is_some()
        || !read.labels.is_empty();
    // "tell me …" is said to the assistant; "tell mom …" is a task.
    let to_me = clause.symbols.get(1..).is_some_and(|rest| clause.lexicon.starts("me", rest).is_some());
    let imperative = clause.lexicon.is_verb(&first.fold)
        && clause.tokens.len() >= 2
        && !finite(1)
        && !to_me
        && !clause.is_command_on_number();
    let points = |token: &Token| {
        let symbol = [clause.lexicon.symbol(&token.fold)];
        !token.quoted && (clause.lexicon.is("it", &symbol) || clause.lexicon.is("them", &symbol))
    };
    let noun = nouns
        && marked
        && !clause.tokens.iter().any(points)
        && (1..=8).contains(&title_words)
        && !(0..clause.tokens.len()).any(finite)
        && clause.lexicon.starts("starter", &clause.symbols).is_none()
        && clause.lexicon.starts("command", &clause.symbols).is_none();
    if !(imperative || noun) || read.title.is_empty() {
        return None;
    }
    let items = items::split(clause.text, clause.tokens, clause.lexicon, clause.context, false)
        .into_iter()
        .map(|item| Item { lifted: false, ..item })
        .collect();
    Some(Intent::Add { items })
}
