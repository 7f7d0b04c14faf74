//! One sentence, several tasks: "buy milk, call mom and pay rent", lists, lines.

use todo_domain::language::{self, SpanKind, quick_add};

use super::{
    intent::Item,
    lexicon::Lexicon,
    token::{Token, tokens},
};

/// Most tasks that one message makes.
pub(crate) const ITEMS_MAX: usize = 100;
/// Longest thing in a shopping list, in words.
const NOUN_WORDS: usize = 3;

/// Cuts the text of new tasks. `plural`: the sentence spoke of tasks, so commas and "and" part them.
pub(crate) fn split(
    text: &str,
    title: &[Token],
    lexicon: &Lexicon,
    context: &language::Context,
    plural: bool,
) -> Vec<Item> {
    let lines = by_lines(text, title);
    let mut texts: Vec<String> = Vec::new();
    for line in &lines {
        let body = without_bullet(line);
        let line_tokens = tokens(body);
        let cuts = cuts(body, &line_tokens, lexicon, plural && lines.len() == 1);
        let parts = parts(body, &line_tokens, &cuts, lexicon);
        // "gym on monday, wednesday and friday": what would be left without a title is no task of its own.
        let only_date = |part: &String| quick_add(part, context).title.trim().is_empty();
        let parts = if parts.len() > 1 && parts.iter().any(only_date) { vec![body.to_owned()] } else { parts };
        let nouns = parts.len() > 1 && !starts_with_verb(&line_tokens, lexicon, 0);
        texts.extend(if nouns { with_shared_date(parts, context) } else { parts });
    }
    texts.retain(|text| !text.trim().is_empty());
    texts.truncate(ITEMS_MAX);
    texts.into_iter().map(|text| Item { text, lifted: true, ..Item::default() }).collect()
}

fn by_lines<'a>(text: &'a str, title: &[Token]) -> Vec<&'a str> {
    let mut lines = Vec::new();
    let mut from = 0;
    // In code a semicolon parts nothing that anybody wants to do.
    let semicolons = !with_quotes(text, title).contains(['<', '>', '{', '}', '=', '(', ')']);
    for (at, token) in title.iter().enumerate() {
        let last = at + 1 == title.len();
        if last || token.stop == Some('\n') || semicolons && token.stop == Some(';') {
            if let Some(tokens) = title.get(from..=at) {
                lines.push(with_quotes(text, tokens));
            }
            from = at + 1;
        }
    }
    lines
}

/// The text of tokens with what stands directly around them (quotes, brackets): a title keeps it, and quick-add must see quotes.
/// Only what ends a clause is left out.
fn with_quotes<'a>(text: &'a str, tokens: &[Token]) -> &'a str {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return "" };
    let head = text.get(..first.start).unwrap_or_default();
    let kept = head.trim_end_matches(|c: char| !c.is_whitespace() && !c.is_alphanumeric() && c != ':');
    let tail = text.get(last.end..).unwrap_or_default();
    let chunk = tail.split(char::is_whitespace).next().unwrap_or_default();
    let closing = chunk.trim_end_matches(['.', ',', ';', ':', '!', '،', '۔', '。']);
    text.get(kept.len()..last.end + closing.len()).unwrap_or_default()
}

fn without_bullet(line: &str) -> &str {
    let line = line.trim();
    let line = line.strip_prefix(['-', '*', '•', '–']).map_or(line, str::trim_start);
    let line = ["[ ]", "[]", "[x]"].iter().find_map(|mark| line.strip_prefix(mark)).map_or(line, str::trim_start);
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if (1..=2).contains(&digits)
        && let Some(rest) = line.get(digits..).and_then(|rest| rest.strip_prefix(['.', ')']))
        && rest.starts_with(' ')
    {
        return rest.trim_start();
    }
    line
}

/// Tokens at which a new task begins (the first one left out).
fn cuts(text: &str, tokens: &[Token], lexicon: &Lexicon, plural: bool) -> Vec<usize> {
    let symbols = lexicon.symbols(tokens);
    // Where a comma or an "and" parts two words: the word after it.
    let joints: Vec<(usize, bool)> = (1..tokens.len())
        .filter_map(|at| {
            let comma = tokens.get(at - 1)?.stop == Some(',');
            let and = lexicon.starts("and", symbols.get(at..)?);
            match (comma, and) {
                (_, Some(n)) if at + n < tokens.len() => Some((at + n, comma)),
                (true, None) => Some((at, true)),
                _ => None,
            }
        })
        .filter({
            let mut last = 0;
            move |(at, _)| std::mem::replace(&mut last, *at) != *at
        })
        .collect();
    if joints.is_empty() {
        return Vec::new();
    }
    if starts_with_verb(tokens, lexicon, 0) {
        return joints.into_iter().map(|(at, _)| at).filter(|at| starts_with_verb(tokens, lexicon, *at)).collect();
    }
    let all: Vec<usize> = joints.iter().map(|(at, _)| *at).collect();
    if plural {
        return all;
    }
    // A list of things needs a comma; "dinner with Anna and Bob" is one.
    let commas = joints.iter().any(|(_, comma)| *comma);
    let parts = parts(text, tokens, &all, lexicon);
    let things = parts.iter().enumerate().all(|(i, part)| {
        let words = part.split_whitespace().count();
        let relation = part.split_whitespace().any(|word| lexicon.is("preposition", &[lexicon.symbol(word)]));
        // The last one may carry a date for all.
        !relation && words <= NOUN_WORDS || i + 1 == parts.len() && words <= NOUN_WORDS + 4
    });
    if commas && things { all } else { Vec::new() }
}

/// A verb with something to do after it ("call mom"; but not "paper", nor "water for the trip").
fn starts_with_verb(tokens: &[Token], lexicon: &Lexicon, at: usize) -> bool {
    let Some(first) = tokens.get(at) else { return false };
    if first.quoted || !lexicon.is_verb(&first.fold) {
        return false;
    }
    let Some(next) = tokens.get(at + 1).filter(|_| first.stop != Some(',')) else { return false };
    let symbol = [lexicon.symbol(&next.fold)];
    at == 0 || !(lexicon.is("preposition", &symbol) || lexicon.is("and", &symbol))
}

fn parts(text: &str, tokens: &[Token], cuts: &[usize], lexicon: &Lexicon) -> Vec<String> {
    let symbols = lexicon.symbols(tokens);
    let mut parts = Vec::new();
    let mut from = 0;
    for at in cuts.iter().copied().chain([tokens.len()]) {
        let mut end = at;
        if at < tokens.len() {
            // The joining words go with neither side.
            while let Some(n) =
                symbols.get(from..end).and_then(|part| lexicon.ends("and", part)).filter(|n| from + n < end)
            {
                end -= n;
            }
        }
        if let Some(part) = tokens.get(from..end) {
            parts.push(with_quotes(text, part).to_owned());
        }
        from = at;
    }
    parts
}

/// "milk, eggs and bread tomorrow", "tomorrow: milk, eggs, bread": the date is meant for all.
fn with_shared_date(parts: Vec<String>, context: &language::Context) -> Vec<String> {
    let dates = |part: &String, only_first: bool| {
        let read = quick_add(part, context);
        let dates = read.spans.iter().filter(|span| matches!(span.kind, SpanKind::Date | SpanKind::Recurrence));
        let dates: Vec<String> = dates
            .filter(|span| !only_first || part.trim_start().starts_with(span.text.as_str()))
            .map(|span| span.text.clone())
            .collect();
        dates.join(" ")
    };
    let at_end = parts.last().map(|part| dates(part, false)).unwrap_or_default();
    let at_start = parts.first().map(|part| dates(part, true)).unwrap_or_default();
    let (shared, from) = if at_end.is_empty() { (at_start, 0) } else { (at_end, parts.len() - 1) };
    if shared.is_empty() {
        return parts;
    }
    let one = |(i, part): (usize, &String)| if i == from { part.clone() } else { format!("{part} {shared}") };
    parts.iter().enumerate().map(one).collect()
}
