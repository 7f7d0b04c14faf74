//! The words of a language, read from a data file (`crates/todo-assistant/lexicon/<language>.lex`), so that a language is a file.
//!
//! ```text
//! [classes]                      sets of words and phrases, by name
//! add = add | create | put down
//! [patterns]                     `rule: sentence`; the first that fits wins
//! add: <add> a? task? {title}
//! [stems]                        irregular forms
//! bought = buy
//! [verbs]                        verbs with which a title may begin
//! buy call email
//! [say]                          what the assistant answers
//! added = Added “{title}”.
//! ```
//!
//! In a pattern a bare word stands for itself, `a/b` for either, `<class>` for any phrase of the class, `{slot}` for one or more
//! free words; `?` makes a part optional; `word:` wants a colon after the word.

use std::{
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

use super::{
    pattern::{Element, Pattern, Slot},
    token::{Token, fold},
};

/// A word as a number; 0 is any word that the lexicon does not know.
pub(crate) type Symbol = u32;

/// A language.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    pub language: &'static str,
    symbols: HashMap<String, Symbol>,
    /// The word of each symbol, from 1.
    words: Vec<String>,
    classes: HashMap<String, Class>,
    pub patterns: Vec<Pattern>,
    stems: HashMap<String, String>,
    verbs: HashSet<String>,
    say: HashMap<String, String>,
}

/// The phrases of a class.
#[derive(Debug, Default)]
struct Class {
    phrases: Vec<Vec<Symbol>>,
    /// One bit for each symbol with which a phrase begins: most words begin none, and this says so at once.
    begins: Vec<u64>,
}

impl Class {
    fn extend(&mut self, phrases: Vec<Vec<Symbol>>) {
        for first in phrases.iter().filter_map(|phrase| phrase.first()) {
            let (word, bit) = (*first as usize / 64, first % 64);
            if self.begins.len() <= word {
                self.begins.resize(word + 1, 0);
            }
            if let Some(bits) = self.begins.get_mut(word) {
                *bits |= 1 << bit;
            }
        }
        self.phrases.extend(phrases);
    }

    fn begins_with(&self, symbol: Symbol) -> bool {
        self.begins.get(symbol as usize / 64).is_some_and(|bits| bits >> (symbol % 64) & 1 == 1)
    }

    /// The phrases with which `symbols` may begin.
    fn candidates(&self, symbols: &[Symbol]) -> &[Vec<Symbol>] {
        if symbols.first().is_some_and(|first| self.begins_with(*first)) { &self.phrases } else { &[] }
    }
}

/// The languages that ship, the default first.
pub(crate) fn all() -> &'static [Lexicon] {
    static ALL: OnceLock<Vec<Lexicon>> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            ("en", include_str!("../../lexicon/en.lex")),
            ("es", include_str!("../../lexicon/es.lex")),
            ("de", include_str!("../../lexicon/de.lex")),
            ("ur", include_str!("../../lexicon/ur.lex")),
        ]
        .into_iter()
        .map(|(language, text)| Lexicon::read(language, text))
        .collect()
    })
}

/// The lexicon of a language tag (`de-AT` is `de`); English when there is none.
pub(crate) fn of(tag: &str) -> &'static Lexicon {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let all = all();
    all.iter().find(|lexicon| lexicon.language == primary).unwrap_or(&all[0])
}

impl Lexicon {
    fn read(language: &'static str, text: &str) -> Self {
        let mut lexicon = Self { language, ..Self::default() };
        // Classes first: patterns refer to them.
        for (section, line) in sections(text) {
            match section {
                "classes" => {
                    if let Some((name, phrases)) = line.split_once('=') {
                        let phrases: Vec<_> = phrases.split('|').map(|phrase| lexicon.phrase(phrase)).collect();
                        lexicon.classes.entry(name.trim().to_owned()).or_default().extend(phrases);
                    }
                }
                "stems" => {
                    if let Some((forms, base)) = line.split_once('=') {
                        for form in forms.split_whitespace() {
                            lexicon.stems.insert(fold(form), fold(base.trim()));
                        }
                    }
                }
                "verbs" => lexicon.verbs.extend(line.split_whitespace().map(fold)),
                "say" => {
                    if let Some((key, template)) = line.split_once('=') {
                        lexicon.say.insert(key.trim().to_owned(), template.trim().to_owned());
                    }
                }
                _ => {}
            }
        }
        for (section, line) in sections(text) {
            if section == "patterns"
                && let Some((rule, sentence)) = line.split_once(':')
            {
                for parts in with_and_without(&sentence.split_whitespace().collect::<Vec<_>>()) {
                    let elements = parts.into_iter().map(|part| lexicon.element(part)).collect();
                    lexicon.patterns.push(Pattern::new(rule.trim(), elements));
                }
            }
        }
        lexicon
    }

    fn phrase(&mut self, phrase: &str) -> Vec<Symbol> {
        phrase.split_whitespace().map(|word| self.intern(word)).collect()
    }

    fn intern(&mut self, word: &str) -> Symbol {
        let word = fold(word);
        if let Some(symbol) = self.symbols.get(&word) {
            return *symbol;
        }
        self.words.push(word.clone());
        let symbol = Symbol::try_from(self.words.len()).unwrap_or(Symbol::MAX);
        self.symbols.insert(word, symbol);
        symbol
    }

    fn element(&mut self, part: &str) -> Element {
        let (part, optional) = part.strip_suffix('?').map_or((part, false), |part| (part, true));
        let (part, colon) = part.strip_suffix(':').map_or((part, false), |part| (part, true));
        if let Some(slot) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            return Element::Slot { slot: Slot::parse(slot), colon };
        }
        let mut phrases = Vec::new();
        for alternative in part.split('/') {
            match alternative.strip_prefix('<').and_then(|name| name.strip_suffix('>')) {
                Some(class) => phrases.extend_from_slice(self.phrases(class)),
                None => phrases.push(vec![self.intern(alternative)]),
            }
        }
        // Longer phrases first, so that `can you please` is not cut at `can you`.
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        Element::Words { phrases, optional, colon }
    }

    /// The symbol of a folded word.
    pub(crate) fn symbol(&self, folded: &str) -> Symbol {
        self.symbols.get(folded).copied().unwrap_or(0)
    }

    /// The symbols of tokens; quoted passages are never words of the lexicon.
    pub(crate) fn symbols(&self, tokens: &[Token]) -> Vec<Symbol> {
        tokens.iter().map(|token| if token.quoted { 0 } else { self.symbol(&token.fold) }).collect()
    }

    /// How many words at the start of `symbols` are a phrase of the class, taking the longest.
    pub(crate) fn starts(&self, class: &str, symbols: &[Symbol]) -> Option<usize> {
        let phrases = self.classes.get(class)?.candidates(symbols);
        phrases.iter().filter(|phrase| symbols.starts_with(phrase)).map(Vec::len).max()
    }

    /// How many words at the end of `symbols` are a phrase of the class, taking the longest.
    pub(crate) fn ends(&self, class: &str, symbols: &[Symbol]) -> Option<usize> {
        self.phrases(class).iter().filter(|phrase| symbols.ends_with(phrase)).map(Vec::len).max()
    }

    /// Whether the whole of `symbols` is a phrase of the class.
    pub(crate) fn is(&self, class: &str, symbols: &[Symbol]) -> bool {
        self.classes.get(class).is_some_and(|class| class.candidates(symbols).iter().any(|phrase| phrase == symbols))
    }

    /// Whether `symbols` are phrases of the class, one after the other ("sure, go ahead").
    pub(crate) fn is_made_of(&self, class: &str, symbols: &[Symbol]) -> bool {
        let mut rest = symbols;
        while !rest.is_empty() {
            match self.starts(class, rest).and_then(|n| rest.get(n..)) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        !symbols.is_empty()
    }

    /// Whether a word that the lexicon does not know is one letter off a word with which a phrase of the class begins.
    pub(crate) fn is_near(&self, class: &str, folded: &str) -> bool {
        self.symbol(folded) == 0 && folded.chars().count() >= 4 && {
            self.phrases(class).iter().filter_map(|phrase| phrase.first()).any(|first| self.is_one_off(*first, folded))
        }
    }

    /// The word of one of the classes that an unknown word is one letter off; 0 when there is none.
    pub(crate) fn nearest(&self, classes: &[&str], folded: &str) -> Symbol {
        if folded.chars().count() < 4 || !folded.chars().all(char::is_alphabetic) {
            return 0;
        }
        let words = classes.iter().flat_map(|class| self.phrases(class)).filter(|phrase| phrase.len() == 1).flatten();
        words.copied().filter(|symbol| self.is_one_off(*symbol, folded)).min().unwrap_or(0)
    }

    /// Where in its class a single word stands (0 for the first), for ordinals and number words.
    pub(crate) fn rank(&self, class: &str, symbol: Symbol) -> Option<usize> {
        self.phrases(class).iter().position(|phrase| phrase.as_slice() == [symbol])
    }

    /// Whether a title may begin with that verb.
    pub(crate) fn is_verb(&self, folded: &str) -> bool {
        self.verbs.contains(folded)
    }

    /// The base form of an irregular word.
    pub(crate) fn base<'a>(&'a self, folded: &'a str) -> Option<&'a str> {
        self.stems.get(folded).map(String::as_str)
    }

    /// Words of the lexicon that differ from an unknown one by one letter, as symbols.
    pub(crate) fn near(&self, folded: &str) -> Vec<Symbol> {
        let last = Symbol::try_from(self.words.len()).unwrap_or(Symbol::MAX);
        (1..=last).filter(|symbol| self.is_one_off(*symbol, folded)).collect()
    }

    /// Whether an unknown word is one letter off the word of a symbol; words of two letters are near to everything.
    fn is_one_off(&self, symbol: Symbol, folded: &str) -> bool {
        let word = (symbol as usize).checked_sub(1).and_then(|at| self.words.get(at));
        word.is_some_and(|word| super::matching::one_typo(folded, word) && word.chars().nth(2).is_some())
    }

    fn phrases(&self, class: &str) -> &[Vec<Symbol>] {
        self.classes.get(class).map_or(&[], |class| &class.phrases)
    }

    /// An answer's template; English stands in where a language has none.
    pub(crate) fn say(&self, key: &str) -> &str {
        self.say.get(key).or_else(|| all()[0].say.get(key)).map_or("", String::as_str)
    }
}

/// A sentence with an optional slot (`{when}?`) is two sentences.
fn with_and_without<'a>(parts: &[&'a str]) -> Vec<Vec<&'a str>> {
    match parts.iter().position(|part| part.starts_with('{') && part.ends_with('?')) {
        None => vec![parts.to_vec()],
        Some(at) => {
            let mut with = parts.to_vec();
            let without = with.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, part)| *part).collect();
            if let Some(slot) = with.get_mut(at) {
                *slot = slot.trim_end_matches('?');
            }
            vec![with, without]
        }
    }
}

/// Lines with the section they stand in; comments and blank lines left out.
fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut section = "";
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(move |line| {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => {
                section = name;
                None
            }
            None => Some((section, line)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::pattern::Slot;

    #[test]
    fn every_pattern_of_every_language_is_well_formed() {
        for lexicon in all() {
            assert!(!lexicon.patterns.is_empty(), "{}", lexicon.language);
            for pattern in &lexicon.patterns {
                assert!(pattern.rule.is_some(), "{}: unknown rule in {pattern:?}", lexicon.language);
                for element in &pattern.elements {
                    match element {
                        Element::Slot { slot, .. } => {
                            assert_ne!(*slot, Slot::Unknown, "{}: {pattern:?}", lexicon.language)
                        }
                        Element::Words { phrases, .. } => {
                            assert!(!phrases.is_empty(), "{}: empty class in {pattern:?}", lexicon.language);
                            assert!(phrases.iter().all(|p| !p.is_empty()), "{}: {pattern:?}", lexicon.language);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_language_tag_finds_its_lexicon() {
        assert_eq!(of("de-AT").language, "de");
        assert_eq!(of("xx").language, "en");
        assert_eq!(of("").language, "en");
    }
}
