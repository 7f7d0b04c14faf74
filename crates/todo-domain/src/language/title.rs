//! What stays of a text when the understood pieces are taken out.

use super::{
    quick_add::{Span, SpanKind},
    token::{Kind, Text},
};

/// White space of any kind as single spaces, none at the ends.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The title: `taken` token ranges (in order) and escaping backslashes removed, and the punctuation that only they needed.
pub(super) fn without(text: &Text<'_>, taken: &[(usize, usize)], escapes: &[usize]) -> String {
    let mut title = String::with_capacity(text.source.len());
    let mut at = 0;
    let mut taken = taken.iter().copied().peekable();
    let mut escapes = escapes.iter().copied().peekable();
    let mut space = false;
    let mut removed_at = usize::MAX;
    let mut literal = false;
    while at < text.len() {
        if let Some((_, to)) = taken.next_if(|(from, _)| *from == at) {
            at = after_removed(text, to, literal, &mut title);
            removed_at = title.len();
            space = true;
            continue;
        }
        if escapes.next_if(|escape| *escape == at).is_some() {
            if !(title.is_empty() || space && is_opening(&title)) {
                title.push(' ');
            }
            space = false;
            at += 1;
            continue;
        }
        let token = &text.tokens[at];
        if (token.spaced || space) && !title.is_empty() && !(space && is_opening(&title)) {
            title.push(' ');
        }
        space = false;
        literal = token.literal;
        title.push_str(&text.source[token.start..token.end]);
        at += 1;
    }
    // What separated a piece at the end from the rest went with it.
    if removed_at == title.len() && !literal {
        let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '،' | '؛' | '-' | '–' | '—');
        title.truncate(title.trim_end_matches(separator).len());
    }
    title.trim().to_owned()
}

fn is_opening(title: &str) -> bool {
    title.ends_with(['(', '[', '{'])
}

/// Takes the punctuation that belonged to a removed piece; the token to go on with.
fn after_removed(text: &Text<'_>, to: usize, literal: bool, title: &mut String) -> usize {
    let mut at = to;
    let mark = |at: usize| match text.tokens.get(at) {
        Some(token) if !token.spaced && !token.literal => match token.kind {
            Kind::Mark(mark) => Some(mark),
            _ => None,
        },
        _ => None,
    };
    // Brackets that held nothing else.
    let pairs = [('(', ')'), ('[', ']'), ('{', '}')];
    for (open, close) in pairs {
        if !literal && title.ends_with(open) && mark(at) == Some(close) {
            title.pop();
            title.truncate(title.trim_end().len());
            at += 1;
        }
    }
    let at_start = title.trim_end().is_empty();
    while let Some(found) = mark(at) {
        let drop = match found {
            ',' | ';' | ':' | '،' => at_start || title.ends_with([',', ';', ':']) || text.is_end(at),
            '.' | '۔' => text.is_end(at) || at_start,
            '!' | '?' | '؟' => {
                // The mark of the sentence moves to what is left of it.
                if !at_start {
                    title.push(found);
                    at += 1;
                    continue;
                }
                true
            }
            _ => false,
        };
        if drop {
            at += 1;
        } else if matches!(found, ',' | ';' | ':' | '.' | '،') {
            title.push(found);
            at += 1;
        } else {
            break;
        }
    }
    // "tomorrow - call mom": the dash separated the date.
    let dash =
        text.tokens.get(at).is_some_and(|token| matches!(token.kind, Kind::Mark('-' | '–' | '—')) && token.spaced);
    if dash && at_start && text.tokens.get(at + 1).is_some_and(|token| token.spaced) {
        at += 1;
    }
    at
}

/// Token ranges as spans of the text, in order.
pub(super) fn spans(text: &Text<'_>, taken: &[(usize, usize, SpanKind)]) -> Vec<Span> {
    let mut chars = 0;
    let mut seen = 0;
    let mut spans = Vec::with_capacity(taken.len());
    for (from, to, kind) in taken {
        let (Some(first), Some(last)) = (text.tokens.get(*from), to.checked_sub(1).and_then(|to| text.tokens.get(to)))
        else {
            continue;
        };
        chars += text.source[seen..first.start].chars().count();
        let char_start = chars;
        chars += text.source[first.start..last.end].chars().count();
        seen = last.end;
        spans.push(Span {
            start: first.start,
            end: last.end,
            char_start,
            char_end: chars,
            kind: *kind,
            text: text.source[first.start..last.end].to_owned(),
        });
    }
    spans
}
