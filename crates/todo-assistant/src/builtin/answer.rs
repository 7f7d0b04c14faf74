//! Is a message the answer to the question that is open? If not, it is a new request and the question is dropped.

use super::{
    intent::Target,
    lexicon::Lexicon,
    matching::{Fit, Wanted},
    memory::{Question, QuestionKind},
    target::Phrase,
    token::{Token, tokens},
};

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Go ahead.
    Yes,
    /// Leave it.
    No,
    /// These of the choices, counted from 0.
    Choose(Vec<usize>),
    /// Free text.
    Text(String),
}

/// A plain answer: yes, no, a number, a place, "both", "all".
pub(crate) fn plain(text: &str, all: &[Token], question: &Question, lexicon: &Lexicon) -> Option<Answer> {
    let symbols = lexicon.symbols(all);
    if lexicon.is("no.also", &symbols) || lexicon.is_made_of("no", &symbols) {
        return Some(Answer::No);
    }
    match question.kind {
        QuestionKind::Confirm => {
            let yes = lexicon.is("yes.also", &symbols) || lexicon.is_made_of("yes", &symbols);
            yes.then_some(Answer::Yes)
        }
        QuestionKind::Text => free_text(text, all, lexicon),
        QuestionKind::Which | QuestionKind::Reading => {
            if question.choices.len() == 1 && lexicon.is_made_of("yes", &symbols) {
                return Some(Answer::Choose(vec![0]));
            }
            chosen(text, all, question, lexicon).map(Answer::Choose)
        }
    }
}

/// "the dentist one": words that fit exactly one of the choices.
pub(crate) fn by_words(text: &str, question: &Question, lexicon: &Lexicon) -> Option<Answer> {
    if question.kind == QuestionKind::Text {
        return Some(Answer::Text(text.trim().to_owned()));
    }
    if question.kind == QuestionKind::Confirm {
        return None;
    }
    let wanted = Wanted::new(text, lexicon);
    if wanted.is_empty() || tokens(text).len() > 8 {
        return None;
    }
    let mut best: Vec<(Fit, usize)> = question
        .choices
        .iter()
        .enumerate()
        .filter_map(|(at, choice)| Some((wanted.fit(&choice.label)?, at)))
        .filter(|(fit, _)| *fit != Fit::Some)
        .collect();
    best.sort();
    match best.as_slice() {
        [(_, one)] => Some(Answer::Choose(vec![*one])),
        [(first, one), (second, _), ..] if first < second => Some(Answer::Choose(vec![*one])),
        _ => None,
    }
}

/// A title: anything that is not plainly a request of its own.
fn free_text(text: &str, all: &[Token], lexicon: &Lexicon) -> Option<Answer> {
    let symbols = lexicon.symbols(all);
    let request = ["command.sure", "question"].iter().any(|class| lexicon.starts(class, &symbols).is_some());
    (lexicon.language == "en" && !request).then(|| Answer::Text(text.trim().to_owned()))
}

fn chosen(text: &str, all: &[Token], question: &Question, lexicon: &Lexicon) -> Option<Vec<usize>> {
    let count = question.choices.len();
    let context = todo_domain::language::Context::new(jiff::Zoned::default());
    let phrase = Phrase { text, tokens: all, lexicon, context: &context };
    let places: Vec<usize> = match phrase.pointed()? {
        // A number on its own is one of the choices; `#7` is a task, wherever it stands among them.
        Target::Bare { numbers } => numbers.iter().map(|number| place(*number, count)).collect::<Option<_>>()?,
        Target::Numbers { numbers } => numbers
            .iter()
            .map(|number| question.choices.iter().position(|choice| choice.number == Some(*number)))
            .collect::<Option<_>>()?,
        Target::Places { places } => places.iter().map(|at| place(*at, count)).collect::<Option<_>>()?,
        Target::Them { count: Some(wanted) } if wanted != count => return None,
        Target::Them { .. } if question.kind == QuestionKind::Which => (0..count).collect(),
        _ => return None,
    };
    (!places.is_empty()).then_some(places)
}

/// From 1, or from the end when negative.
fn place(at: i64, count: usize) -> Option<usize> {
    let count_i = i64::try_from(count).ok()?;
    let index = if at < 0 { count_i + at } else { at - 1 };
    usize::try_from(index).ok().filter(|index| *index < count)
}
