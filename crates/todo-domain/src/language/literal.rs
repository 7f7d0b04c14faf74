//! Quotes and backslashes: what the writer wants taken as it stands (H15).

use super::token::{Kind, Text};

/// Marks quoted and escaped tokens as literal. Answers whether the whole text is one quotation, and the tokens that only
/// escape and are not part of the title.
pub(super) fn mark_literals(text: &mut Text<'_>) -> (bool, Vec<usize>) {
    let mut escapes = Vec::new();
    let mut at = 0;
    let mut whole = in_single_quotes(text);
    while at < text.len() {
        let token = text.tokens[at];
        match token.kind {
            Kind::Mark('\\') if token.spaced && text.is_glued(at + 1) => {
                escapes.push(at);
                text.tokens[at].literal = true;
                at += 1;
                // The backslash reaches to the end of the word.
                loop {
                    text.tokens[at].literal = true;
                    at += 1;
                    if !text.is_glued(at) {
                        break;
                    }
                }
                continue;
            }
            Kind::Mark(open @ ('"' | '“' | '«')) if token.spaced || at > 0 && text.is_mark(at - 1, '(') => {
                if let Some(close) = closing_quote(text, at, open) {
                    whole |= at == 0 && close + 1 == text.len();
                    text.tokens[at..=close].iter_mut().for_each(|token| token.literal = true);
                    at = close + 1;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    (whole, escapes)
}

/// Whether the whole text stands in one pair of single quotes. Inside a text they are apostrophes too often to mean anything.
fn in_single_quotes(text: &Text<'_>) -> bool {
    let last = text.len().saturating_sub(1);
    last > 1 && (1..last).all(|at| !text.is_mark(at, '\'')) && text.is_mark(0, '\'') && text.is_mark(last, '\'')
}

/// The quote that closes the one at `at`: of the same kind, at the end of a word.
fn closing_quote(text: &Text<'_>, at: usize, open: char) -> Option<usize> {
    let close = match open {
        '“' => '”',
        '«' => '»',
        other => other,
    };
    // A quotation without an end is looked for once per opening mark, so it must not be looked for far.
    (at + 1..text.len())
        .take(400)
        .find(|next| text.is_mark(*next, close) && (*next > at + 1) && text.may_end(*next + 1))
}
