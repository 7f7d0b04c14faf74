//! Questions: which one is asked, and about what. A wrong guess costs nothing here, so the best supported question wins,
//! with a floor under which pilot says that it did not understand.

pub mod build;
mod cue;
mod policy;
mod shape;

use super::known::Known;
use super::lexicon;
use super::phrase::phrases;
use super::words::{Shape, Token};
use crate::action::Read;
use crate::model::ObjectRef;

pub use cue::is_cue;

/// Support under which a sentence is not placed.
const FLOOR: f32 = 2.0;

/// Why a question is not placed.
#[derive(Debug, Clone, PartialEq)]
pub enum Trouble {
    /// Nothing speaks clearly for one question.
    Unclear,
    /// Nothing has this name; what is closest.
    NotFound(String, Option<ObjectRef>),
    /// Several objects fit: the name, and the question for each.
    Several(String, Vec<Read>),
    /// The question needs an object.
    NoTarget(String),
}

/// The question a sentence asks.
///
/// # Errors
/// Says why it is not placed.
pub fn question(tokens: &[Token], known: &Known, it: &[ObjectRef]) -> Result<Read, Trouble> {
    let phrases = phrases(tokens, known);
    let scores = cue::scores(tokens, &phrases);
    let mut trouble = Trouble::Unclear;
    // A question that lacks what it is about leaves the place to the next one that is nearly as well supported.
    let best = scores.first().map_or(0.0, |(_, score)| *score);
    for (question, score) in scores {
        if score < FLOOR || score < best - 1.5 {
            break;
        }
        match build::read(question, tokens, &phrases, known, it) {
            Ok(read) => return Ok(read),
            Err(found) if trouble == Trouble::Unclear => trouble = found,
            Err(_) => {}
        }
        if !matches!(trouble, Trouble::Unclear | Trouble::NoTarget(_)) {
            break;
        }
    }
    Err(trouble)
}

/// The tokens with slips in the words of questions put right. Only questions are read from it.
pub fn mend(tokens: &[Token]) -> Option<Vec<Token>> {
    let mut mended = tokens.to_vec();
    for token in &mut mended {
        let known = is_cue(&token.text) || lexicon::kind(&token.text).is_some() || lexicon::is_common(&token.text);
        if token.shape == Shape::Word
            && !known
            && token.text.chars().count() >= 4
            && let Some(meant) = cue::meant(&token.text)
        {
            meant.clone_into(&mut token.text);
        }
    }
    (mended != tokens).then_some(mended)
}

/// The questions that come closest, with what is known filled in.
pub fn nearest(tokens: &[Token], known: &Known) -> Vec<Read> {
    let phrases = phrases(tokens, known);
    let mut found: Vec<Read> = Vec::new();
    let usual = [cue::Question::Status, cue::Question::Diagnose, cue::Question::List, cue::Question::Help];
    let scored = cue::scores(tokens, &phrases);
    for question in scored.into_iter().map(|(question, _)| question).chain(usual) {
        if let Ok(read) = build::read(question, tokens, &phrases, known, &[])
            && !found.contains(&read)
        {
            found.push(read);
        }
        if found.len() == 3 {
            break;
        }
    }
    found
}
