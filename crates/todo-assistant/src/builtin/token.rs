//! A sentence cut into words, each with its place in the original text, so that titles keep the user's own spelling.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A word, or a quoted passage (which is data and never matches a word of the lexicon).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// Folded for comparison: lower case, no accents, one kind of apostrophe.
    pub fold: String,
    /// First byte in the text, without leading punctuation or quote.
    pub start: usize,
    /// End in the text, without trailing punctuation or quote.
    pub end: usize,
    /// Written in quotes.
    pub quoted: bool,
    /// What follows directly: `,` `;` `:` `.` `!` `?` or a line break.
    pub stop: Option<char>,
}

/// Cuts `text` into tokens. Never fails; text without words gives none.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let skipped = rest.len() - rest.trim_start().len();
        if rest.get(..skipped).is_some_and(|gap| gap.contains('\n'))
            && let Some(last) = tokens.last_mut()
        {
            last.stop = Some('\n');
        }
        at += skipped;
        let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) else { break };
        if let Some((inner, length)) = quoted(rest) {
            tokens.push(Token {
                fold: String::new(),
                start: at + inner.start,
                end: at + inner.end,
                quoted: true,
                stop: None,
            });
            at += length;
            continue;
        }
        let chunk = rest.split(char::is_whitespace).next().unwrap_or(rest);
        push_chunk(&mut tokens, chunk, at);
        at += chunk.len().max(1);
    }
    tokens
}

/// A quoted passage at the beginning of `rest`: its inside, and its whole length with the quotes.
fn quoted(rest: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let open = rest.chars().next()?;
    let close = match open {
        '"' => '"',
        '“' | '„' | '”' => '”',
        '«' => '»',
        '‘' => '’',
        '\'' => '\'',
        '`' => '`',
        _ => return None,
    };
    let from = open.len_utf8();
    let body = rest.get(from..)?;
    let end = body.char_indices().find_map(|(i, c)| {
        let closes = c == close || (open == '„' && c == '“');
        let after = body.get(i + c.len_utf8()..).and_then(|after| after.chars().next());
        // An apostrophe inside a word does not close a single quote.
        let at_edge = !matches!(open, '\'' | '‘') || after.is_none_or(|c| !c.is_alphanumeric());
        (closes && at_edge).then_some((i, c.len_utf8()))
    });
    let (end, width) = end?;
    (!body.get(..end)?.trim().is_empty()).then_some((from..from + end, from + end + width))
}

fn push_chunk(tokens: &mut Vec<Token>, chunk: &str, at: usize) {
    let core = chunk.trim_start_matches(|c: char| !is_core(c) && !matches!(c, '#' | '@' | '+' | '\\'));
    let start = chunk.len() - core.len();
    let inner = core.trim_end_matches(|c: char| !is_core(c));
    let tail = core.get(inner.len()..).unwrap_or_default();
    let stop = tail.chars().chain(chunk.get(..start).unwrap_or_default().chars()).find_map(|c| match c {
        ',' | '،' | '、' | '，' => Some(','),
        ';' | '؛' => Some(';'),
        ':' => Some(':'),
        '.' | '۔' | '。' | '…' => Some('.'),
        '!' | '¡' => Some('!'),
        '?' | '؟' | '？' => Some('?'),
        _ => None,
    });
    if inner.is_empty() {
        if let (Some(last), Some(stop)) = (tokens.last_mut(), stop) {
            last.stop.get_or_insert(stop);
        }
        return;
    }
    // What stands before the word (an opening `¿`) is not a stop of the word.
    let stop = if tail.is_empty() { None } else { stop };
    tokens.push(Token { fold: fold(inner), start: at + start, end: at + start + inner.len(), quoted: false, stop });
}

/// Letters, digits and symbols such as emoji; punctuation stands around words.
fn is_core(c: char) -> bool {
    c.is_alphanumeric()
        || is_combining_mark(c)
        || matches!(c, '%' | '€' | '$' | '£')
        || !c.is_ascii() && !c.is_whitespace() && !"“”„‘’«»…–—¿¡،؛؟۔。、，？！：；（）•·".contains(c)
}

/// The form in which words are compared.
pub(crate) fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfkd()
        .filter(|c| !is_combining_mark(*c) && *c != '\u{200c}')
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '’' | '‘' | 'ʼ' => '\'',
            // Arabic letters that Urdu keyboards mix up.
            'ي' | 'ى' => 'ی',
            'ك' => 'ک',
            'ه' | 'ۂ' => 'ہ',
            other => other,
        })
        .collect()
}

/// The original text of a run of tokens.
pub(crate) fn slice<'a>(text: &'a str, tokens: &[Token]) -> &'a str {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => text.get(first.start..last.end).unwrap_or_default(),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folds(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.fold).collect()
    }

    #[test]
    fn words_lose_their_punctuation_but_keep_sigils_and_clocks() {
        assert_eq!(folds("Add: buy milk, #3 @home at 10:30!"), ["add", "buy", "milk", "#3", "@home", "at", "10:30"]);
        assert_eq!(folds("What’s due mañana?"), ["what's", "due", "manana"]);
        assert_eq!(tokens("todo: x")[0].stop, Some(':'));
        assert_eq!(tokens("a\nb")[0].stop, Some('\n'));
    }

    #[test]
    fn quotes_are_one_token() {
        let text = "rename 3 to 'Mum's \"x\"' now";
        let all = tokens(text);
        assert!(all[3].quoted, "{all:?}");
        assert_eq!(slice(text, &all[3..4]), "Mum's \"x\"");
        assert_eq!(folds("it's 'tis"), ["it's", "tis"]);
        assert!(tokens("“delete all”")[0].quoted);
    }

    #[test]
    fn nothing_breaks_it() {
        for text in ["", " ", "\"", "''", "“", "-", "!!", "\u{301}", "🙂", "a\u{0}b", "«»", "...,"] {
            let _ = tokens(text);
        }
    }
}
