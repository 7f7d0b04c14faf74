//! Whether a clause is a command at all. Only a plain command can become a change: questions, negations, conditions,
//! reports and quotations never do.

use super::lexicon;
use super::words::{Shape, Token};

/// How something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// "scale backend to 3"
    Command,
    /// "can you scale backend to 3?": a wish in the form of a question; pilot asks back.
    Wish,
    /// "is backend scaled?"
    Question,
    /// "don't scale backend"
    Negated,
    /// "scale backend if it is slow", "restart it tomorrow"
    Conditional,
}

/// The tokens after politeness and openings such as "I would like to".
pub fn body(tokens: &[Token]) -> &[Token] {
    let mut rest = tokens;
    'strip: loop {
        for opening in lexicon::OPENINGS {
            let fits = opening.len() < rest.len()
                && opening.iter().zip(rest).all(|(word, token)| token.text == *word && token.shape != Shape::Quoted);
            if fits {
                rest = &rest[opening.len()..];
                continue 'strip;
            }
        }
        return rest;
    }
}

/// How a clause is said, and its body: for a wish what is wished for.
pub fn mood(tokens: &[Token]) -> (Mood, &[Token]) {
    let body = body(tokens);
    let asks = tokens.iter().any(|t| t.shape == Shape::Question);
    let Some(first) = body.first().filter(|t| t.shape == Shape::Word) else {
        return (if asks { Mood::Question } else { Mood::Command }, body);
    };
    let second = body.get(1).filter(|t| t.shape == Shape::Word).map_or("", |t| t.text.as_str());
    if matches!(first.text.as_str(), "can" | "could" | "would" | "will") && second == "you" {
        let wished = self::body(&body[2..]);
        // "could you not …" is no wish for it.
        let negated = wished.iter().any(|t| t.shape == Shape::Word && lexicon::is_negation(&t.text));
        return (if negated { Mood::Negated } else { Mood::Wish }, wished);
    }
    // "do not …" and "do a restart of …" are no questions.
    let does = first.text == "do" && matches!(second, "a" | "an" | "not" | "the" | "rolling");
    if (lexicon::is_question_word(&first.text) && !does) || asks {
        return (Mood::Question, body);
    }
    let word = |test: fn(&str) -> bool| body.iter().any(|t| t.shape == Shape::Word && test(&t.text));
    // "a role that can list pods" names no condition.
    let relative = |at: usize| at > 0 && body[at].is("can") && body[at - 1].is_any(&["that", "which"]);
    let conditional = (0..body.len())
        .any(|at| body[at].shape == Shape::Word && lexicon::is_condition(&body[at].text) && !relative(at));
    let harmless = harmless_negation(body);
    if !harmless && word(lexicon::is_negation) {
        return (Mood::Negated, body);
    }
    if conditional {
        return (Mood::Conditional, body);
    }
    (Mood::Command, body)
}

/// "without downtime" asks for care, it denies nothing. Everything else that denies counts.
fn harmless_negation(body: &[Token]) -> bool {
    let denials: Vec<usize> =
        (0..body.len()).filter(|at| body[*at].shape == Shape::Word && lexicon::is_negation(&body[*at].text)).collect();
    !denials.is_empty()
        && denials.iter().all(|at| {
            let next = |ahead: usize| body.get(at + ahead).map_or("", |t| t.text.as_str());
            let after = usize::from(next(1) == "any") + 1;
            body[*at].is_any(&["without", "no"]) && matches!(next(after), "downtime" | "interruption" | "outage")
        })
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use super::*;

    #[test]
    fn only_a_plain_command_is_a_command() {
        for (sentence, want) in [
            ("scale backend to 3", Mood::Command),
            ("Please, I would like you to scale backend to 3.", Mood::Command),
            ("can you scale backend to 3?", Mood::Wish),
            ("could you please not scale backend", Mood::Negated),
            ("is backend scaled to 3", Mood::Question),
            ("scale backend to 3?", Mood::Question),
            ("do the pods restart", Mood::Command),
            ("do we restart", Mood::Question),
            ("don't scale backend", Mood::Negated),
            ("scale backend to 3 unless it is slow", Mood::Negated),
            ("scale backend to 3 if it is slow", Mood::Conditional),
            ("you should restart backend", Mood::Conditional),
            ("update backend to 1.2 without downtime", Mood::Command),
            ("update backend without restarting", Mood::Negated),
        ] {
            assert_eq!(mood(&tokens(sentence)).0, want, "{sentence}");
        }
    }
}
