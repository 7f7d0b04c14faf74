//! A text cut into words, numbers and marks, once, with what the lexicon knows about each of them.

use super::lexicon::{Class, Lexicon, Sense, fold};

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters; an apostrophe between letters belongs to the word.
    Word,
    /// Decimal digits of any script. `None` above nine digits.
    Number { value: Option<u32>, digits: u8 },
    /// Any other visible character.
    Mark(char),
}

/// A piece of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// Byte offset of the first character.
    pub start: usize,
    /// Byte offset after the last character.
    pub end: usize,
    pub kind: Kind,
    /// White space, or the start of the text, stands before it.
    pub spaced: bool,
    /// Quoted or escaped: never part of a phrase.
    pub literal: bool,
    /// Where its folded form stands in `Text::keys`.
    key: (usize, usize),
    /// Where its senses stand in `Text::senses`.
    senses: (usize, usize),
}

/// A sense at a token, with the number of tokens that make it up.
#[derive(Clone, Copy, Debug)]
struct Found {
    sense: Sense,
    tokens: usize,
}

/// A tokenised text.
#[derive(Clone, Debug)]
pub(super) struct Text<'t> {
    pub source: &'t str,
    pub tokens: Vec<Token>,
    keys: String,
    senses: Vec<Found>,
}

/// Longest phrase of a lexicon, in tokens.
const LONGEST_PHRASE: usize = 8;

/// Zero-width marks and controls, which separate like spaces.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{2066}'..='\u{2069}')
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || c == '\u{200c}' || unicode_normalization::char::is_combining_mark(c)
}

/// Decimal digits of the scripts that people write dates in.
fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => c.to_digit(10),
        '\u{660}'..='\u{669}' => Some(c as u32 - 0x660),
        '\u{6f0}'..='\u{6f9}' => Some(c as u32 - 0x6f0),
        '\u{ff10}'..='\u{ff19}' => Some(c as u32 - 0xff10),
        _ => None,
    }
}

impl<'t> Text<'t> {
    /// Cuts `source` up. Quotes and backslashes mean nothing yet.
    pub fn new(source: &'t str, lexicon: &Lexicon) -> Self {
        let mut text =
            Self { source, tokens: Vec::new(), keys: String::with_capacity(source.len()), senses: Vec::new() };
        text.cut();
        text.look_up(lexicon);
        text
    }

    fn cut(&mut self) {
        let mut chars = self.source.char_indices().peekable();
        let mut spaced = true;
        while let Some((start, c)) = chars.next() {
            if is_blank(c) {
                spaced = true;
                continue;
            }
            let key_start = self.keys.len();
            let mut end = start + c.len_utf8();
            let kind = if let Some(first) = digit(c) {
                let mut value = Some(first);
                let mut digits: u8 = 1;
                self.keys.push(char::from_digit(first, 10).unwrap_or('0'));
                while let Some((at, next)) = chars.peek().and_then(|(at, c)| Some((*at + c.len_utf8(), digit(*c)?))) {
                    value = value.filter(|_| digits < 9).map(|value| value * 10 + next);
                    digits = digits.saturating_add(1);
                    self.keys.push(char::from_digit(next, 10).unwrap_or('0'));
                    end = at;
                    chars.next();
                }
                Kind::Number { value, digits }
            } else if is_letter(c) {
                while let Some((at, next)) = chars.peek().copied() {
                    let apostrophe = matches!(next, '\'' | '\u{2019}')
                        && self.source[at + next.len_utf8()..].chars().next().is_some_and(is_letter);
                    if !is_letter(next) && !apostrophe {
                        break;
                    }
                    end = at + next.len_utf8();
                    chars.next();
                }
                fold(&self.source[start..end], &mut self.keys);
                Kind::Word
            } else {
                self.keys.push(c);
                Kind::Mark(c)
            };
            let key = (key_start, self.keys.len());
            self.tokens.push(Token { start, end, kind, spaced, literal: false, key, senses: (0, 0) });
            spaced = false;
        }
    }

    fn look_up(&mut self, lexicon: &Lexicon) {
        for at in 0..self.tokens.len() {
            let first = self.senses.len();
            if let Some(entry) = lexicon.entry(self.key(at)) {
                for (rest, sense) in &entry.longer {
                    if let Some(next) = self.follow(at + 1, rest) {
                        self.senses.push(Found { sense: *sense, tokens: next - at });
                    }
                }
                self.senses.extend(entry.alone.iter().map(|sense| Found { sense: *sense, tokens: 1 }));
            }
            self.tokens[at].senses = (first, self.senses.len());
        }
    }

    /// Whether the words `rest` stand from token `at` on, possibly joined by hyphens; the token after them.
    fn follow(&self, mut at: usize, rest: &[Box<str>]) -> Option<usize> {
        for word in rest.iter().take(LONGEST_PHRASE) {
            let hyphen =
                self.is_mark(at, '-') && !self.tokens[at].spaced && self.tokens.get(at + 1).is_some_and(|t| !t.spaced);
            if hyphen && **word != *"-" {
                at += 1;
            }
            if at >= self.tokens.len() || self.key(at) != &**word {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The folded form of a token; empty past the end.
    pub fn key(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &self.keys[token.key.0..token.key.1])
    }

    /// The folded form of the last word before `at`.
    pub fn word_before(&self, at: usize) -> &str {
        let words = self.tokens.get(..at).unwrap_or(&[]).iter().rposition(|token| token.kind == Kind::Word);
        words.map_or("", |at| self.key(at))
    }

    /// Whether the word before a token is a possessive ("Beethoven's").
    pub fn is_possessive_before(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| self.key(before).ends_with("'s"))
    }

    /// Whether a word of several letters is written in capitals.
    pub fn is_shouted(&self, at: usize) -> bool {
        let raw = self.tokens.get(at).map_or("", |token| &self.source[token.start..token.end]);
        raw.chars().nth(1).is_some() && raw.chars().all(char::is_uppercase)
    }

    /// Whether a word begins with a capital.
    pub fn is_capital(&self, at: usize) -> bool {
        let first = self.tokens.get(at).and_then(|token| self.source[token.start..].chars().next());
        first.is_some_and(char::is_uppercase)
    }

    pub fn is_mark(&self, at: usize, mark: char) -> bool {
        matches!(self.tokens.get(at), Some(Token { kind: Kind::Mark(c), .. }) if *c == mark)
    }

    /// A mark that follows its neighbour without a space.
    pub fn is_glued_mark(&self, at: usize, mark: char) -> bool {
        self.is_mark(at, mark) && self.is_glued(at)
    }

    /// Whether the token stands right after the one before it.
    pub fn is_glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.spaced)
    }

    /// Value and number of digits of a number.
    pub fn number(&self, at: usize) -> Option<(u32, u8)> {
        match self.tokens.get(at)? {
            Token { kind: Kind::Number { value: Some(value), digits }, literal: false, .. } => Some((*value, *digits)),
            _ => None,
        }
    }

    /// The longest reading of the words at `at` as `class`: its value and the token after it.
    pub fn find(&self, at: usize, class: Class) -> Option<(i16, usize)> {
        self.find_all(at, class).next()
    }

    /// All readings of the words at `at` as `class`, longest first.
    pub fn find_all(&self, at: usize, class: Class) -> impl Iterator<Item = (i16, usize)> + '_ {
        let (first, last) = self.tokens.get(at).map_or((0, 0), |token| token.senses);
        let found = self.senses[first..last].iter().filter(move |found| found.sense.class == class);
        found
            .map(move |found| (found.sense.value, at + found.tokens))
            .filter(move |(_, next)| !self.any_literal(at, *next))
    }

    /// The token after the words of `class` at `at`, if they are there.
    pub fn after(&self, at: usize, class: Class) -> Option<usize> {
        self.find(at, class).map(|(_, next)| next)
    }

    /// The token after optional words of `class`.
    pub fn skip(&self, at: usize, class: Class) -> usize {
        self.after(at, class).unwrap_or(at)
    }

    pub fn is(&self, at: usize, class: Class) -> bool {
        self.find(at, class).is_some()
    }

    pub fn any_literal(&self, from: usize, to: usize) -> bool {
        self.tokens.get(from..to).is_none_or(|tokens| tokens.iter().any(|token| token.literal))
    }

    /// Whether a phrase may begin at a token: after a space, or after a mark that opens or separates.
    pub fn may_start(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else { return false };
        if token.literal {
            return false;
        }
        if token.spaced {
            return true;
        }
        match self.tokens[at - 1].kind {
            Kind::Mark('(' | '[' | '{' | '«' | '“' | '‘' | '¡' | '¿' | '—' | '–') => true,
            // "milk,friday", but not "1,5".
            Kind::Mark(',' | ';' | '،') => !matches!(token.kind, Kind::Number { .. }),
            // "due:friday", but not "12:30".
            Kind::Mark(':') => at >= 2 && self.tokens[at - 2].kind == Kind::Word && token.kind == Kind::Word,
            Kind::Mark('"' | '\'') => self.tokens[at - 1].spaced,
            _ => false,
        }
    }

    /// Whether a phrase may end before a token: a space or the end follows, or marks that close or separate.
    pub fn may_end(&self, at: usize) -> bool {
        let mut at = at;
        loop {
            match self.tokens.get(at) {
                None => return true,
                Some(token) if token.spaced => return true,
                Some(Token {
                    kind: Kind::Mark(',' | ';' | ')' | ']' | '}' | '»' | '”' | '—' | '–' | '،' | '؛'),
                    ..
                }) => return true,
                Some(Token {
                    kind: Kind::Mark('.' | ':' | '!' | '?' | '"' | '\'' | '’' | '…' | '؟' | '۔'),
                ..
                }) => at += 1,
                Some(_) => return false,
            }
        }
    }

    /// Whether nothing visible but closing marks follows.
    pub fn is_end(&self, at: usize) -> bool {
        self.tokens.get(at..).is_none_or(|rest| {
            rest.iter().all(
                |token| matches!(token.kind, Kind::Mark(c) if !matches!(c, '@' | '#' | '"' | '$' | '€' | '£' | '%')),
            )
        })
    }
}

/// The folded tokens of a phrase, as lexicon keys.
pub(super) fn keys(phrase: &str) -> Vec<Box<str>> {
    let text = Text::new(phrase, &Lexicon::default());
    (0..text.len()).map(|at| text.key(at).into()).collect()
}
