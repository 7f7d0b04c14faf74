//! A filter cut into operators and words; quotes and backslashes make operators literal.

use super::parse::wrong;
use crate::error::Result;

/// A piece of a filter.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    And,
    Or,
    Not,
    Open,
    Close,
    /// A run of words: each with whether it was quoted.
    Term(Vec<Word>),
}

/// A word, and whether it was quoted: then it stands for itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) quoted: bool,
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => word.extend(chars.next()),
            '"' => {
                quoted = true;
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => word.extend(chars.next()),
                        Some(inner) => word.push(inner),
                        None => return Err(wrong("A quotation mark is not closed.")),
                    }
                }
            }
            '&' | '|' | '(' | ')' | '!' if c != '!' || word.is_empty() => {
                end_word(&mut words, &mut word, &mut quoted);
                if !words.is_empty() {
                    tokens.push(Token::Term(std::mem::take(&mut words)));
                }
                tokens.push(match c {
                    '&' => Token::And,
                    '|' => Token::Or,
                    '!' => Token::Not,
                    '(' => Token::Open,
                    _ => Token::Close,
                });
                // `&&` and `||` are what programmers write.
                if matches!(c, '&' | '|') && chars.peek() == Some(&c) {
                    chars.next();
                }
            }
            c if c.is_whitespace() => end_word(&mut words, &mut word, &mut quoted),
            c => word.push(c),
        }
    }
    end_word(&mut words, &mut word, &mut quoted);
    if !words.is_empty() {
        tokens.push(Token::Term(words));
    }
    Ok(tokens)
}

fn end_word(words: &mut Vec<Word>, word: &mut String, quoted: &mut bool) {
    if !word.is_empty() {
        words.push(Word { text: std::mem::take(word), quoted: *quoted });
    }
    *quoted = false;
}
