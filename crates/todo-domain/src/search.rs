//! Full-text search that works in any script: the same folding for what is stored and for what is asked.
//!
//! Databases split text at spaces and punctuation, which leaves Chinese, Japanese, Thai and the like unsearchable, and they fold
//! case and accents each in its own way. So the words are made here: compatibility-decomposed (NFKD), lower-cased, without
//! combining marks, and one word per character in scripts that are written without spaces.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Most words that are taken from a query.
pub const QUERY_WORDS_MAX: usize = 16;
/// Longest word kept, in characters; longer ones are cut on both sides alike.
const WORD_MAX: usize = 64;

/// The words of `text`, in order.
pub fn words(text: &str) -> Vec<String> {
    if text.is_ascii() {
        // Nothing to take apart; the same words for a fraction of the work.
        return cut(text.chars().map(|c| c.to_ascii_lowercase()));
    }
    cut(text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase))
}

/// The words in characters that have been folded.
fn cut(folded: impl Iterator<Item = char>) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut length = 0;
    for c in folded {
        let alone = is_written_without_spaces(c);
        if (!c.is_alphanumeric() || alone) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
            length = 0;
        }
        if alone {
            words.push(c.to_string());
        } else if c.is_alphanumeric() && length < WORD_MAX {
            word.push(c);
            length += 1;
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// What the databases index: the words of all parts, separated by single spaces.
#[must_use]
pub fn document(parts: &[&str]) -> String {
    let mut document = String::new();
    for word in parts.iter().flat_map(|part| words(part)) {
        if !document.is_empty() {
            document.push(' ');
        }
        document.push_str(&word);
    }
    document
}

/// The words of a query, at most [`QUERY_WORDS_MAX`]; each matches as a prefix. Empty when the text has no letter or digit.
#[must_use]
pub fn query(text: &str) -> Vec<String> {
    let mut words = words(text);
    words.truncate(QUERY_WORDS_MAX);
    words
}

/// Scripts without spaces between words: Han, Kana, Thai, Lao, Khmer, Myanmar, Tibetan.
fn is_written_without_spaces(c: char) -> bool {
    matches!(u32::from(c),
        0x0E00..=0x0EFF | 0x0F00..=0x0FFF | 0x1000..=0x109F | 0x1780..=0x17FF
        | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fold_case_accents_and_width() {
        assert_eq!(words("Café ＡＢＣ, naïve—x2"), ["cafe", "abc", "naive", "x2"]);
    }

    #[test]
    fn plain_text_has_the_words_that_folding_would_give() {
        let every: String = (0..128_u8).flat_map(|one| [char::from(one), 'A', 'z', char::from(one), ' ']).collect();
        assert_eq!(words(&every), cut(every.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase)));
        assert_eq!(words("Buy MILK, 2 l"), ["buy", "milk", "2", "l"]);
    }

    #[test]
    fn scripts_without_spaces_split_by_character() {
        assert_eq!(words("買牛奶now"), ["買", "牛", "奶", "now"]);
    }

    #[test]
    fn queries_are_bounded_and_may_be_empty() {
        assert_eq!(query("… !!"), Vec::<String>::new());
        assert_eq!(query(&"w ".repeat(100)).len(), QUERY_WORDS_MAX);
        assert_eq!(query(&"a".repeat(500))[0].len(), 64);
    }
}
