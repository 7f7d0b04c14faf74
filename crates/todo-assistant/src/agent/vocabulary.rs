//! Words by which a model's work is checked, from the `[agent]` section of each language's lexicon. They take no part in
//! understanding sentences; they only decide whether something needs a yes, or was really done.
//!
//! `ask.<kind>` are words by which people ask for a kind of change; `claim.<kinds>` words by which a reply says that it was made
//! (`claim.any`: of whatever kind); `word.<role>` words around them.

use std::{collections::HashMap, sync::OnceLock};

use todo_domain::search;

use crate::{
    builtin::{lexicon_of, stem},
    tools::Effect,
};

/// The words of a language.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    classes: HashMap<String, Vec<Vec<String>>>,
    claims: Vec<(Vec<String>, Vec<Effect>)>,
}

/// The languages that ship.
pub(super) fn all() -> &'static [Vocabulary] {
    static ALL: OnceLock<Vec<Vocabulary>> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            include_str!("../../lexicon/en.lex"),
            include_str!("../../lexicon/es.lex"),
            include_str!("../../lexicon/de.lex"),
            include_str!("../../lexicon/ur.lex"),
        ]
        .into_iter()
        .map(Vocabulary::read)
        .collect()
    })
}

/// Words without their endings, so that "moved" asks like "move".
pub(super) fn stems(words: &[String]) -> Vec<String> {
    let english = lexicon_of("en");
    words.iter().map(|word| stem(word, english)).collect()
}

impl Vocabulary {
    fn read(lexicon: &str) -> Self {
        let mut vocabulary = Self::default();
        let section = lexicon.lines().map(str::trim).skip_while(|line| *line != "[agent]").skip(1);
        for line in section.take_while(|line| !line.starts_with('[')).filter(|line| !line.starts_with('#')) {
            let Some((name, phrases)) = line.split_once('=') else { continue };
            let phrases: Vec<Vec<String>> = phrases.split('|').map(search::words).collect();
            match name.trim().strip_prefix("claim.") {
                Some(kinds) => {
                    let effects: Vec<Effect> = Effect::ALL
                        .into_iter()
                        .filter(|effect| kinds.split('.').any(|kind| kind == effect.key()))
                        .collect();
                    vocabulary.claims.extend(phrases.into_iter().map(|phrase| (phrase, effects.clone())));
                }
                None => {
                    let name = name.trim();
                    let asks = name.starts_with("ask.");
                    let phrases = phrases.into_iter().map(|phrase| if asks { stems(&phrase) } else { phrase });
                    vocabulary.classes.entry(name.to_owned()).or_default().extend(phrases);
                }
            }
        }
        vocabulary
    }

    /// Whether `words` begin with a phrase of the class.
    pub(super) fn at(&self, class: &str, words: &[String]) -> bool {
        self.classes.get(class).is_some_and(|phrases| phrases.iter().any(|phrase| words.starts_with(phrase)))
    }

    /// Whether words of somebody (as [`stems`]) ask for a kind of change.
    pub(super) fn asks_for(&self, effect: Effect, stems: &[String]) -> bool {
        let class = format!("ask.{}", effect.key());
        (0..stems.len()).any(|at| self.at(&class, stems.get(at..).unwrap_or_default()))
    }

    /// Whether the language has words of the class.
    pub(super) fn has(&self, class: &str) -> bool {
        self.classes.contains_key(class)
    }

    /// The kinds of change that `words` say at their beginning to have been made; an empty list is any kind.
    pub(super) fn claim(&self, words: &[String]) -> Option<&[Effect]> {
        let fits = self.claims.iter().filter(|(phrase, _)| words.starts_with(phrase));
        fits.max_by_key(|(phrase, _)| phrase.len()).map(|(_, effects)| effects.as_slice())
    }

    /// Whether a claim may begin with that word or stand near it.
    pub(super) fn is_suspicious(&self, word: &str) -> bool {
        let begins = |phrase: &Vec<String>| phrase.first().is_some_and(|first| first == word);
        self.claims.iter().any(|(phrase, _)| begins(phrase))
            || ["word.first", "word.passive"]
                .iter()
                .any(|class| self.classes.get(*class).is_some_and(|phrases| phrases.iter().any(begins)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_can_ask_for_and_claim_the_common_changes() {
        for vocabulary in all() {
            for effect in Effect::ALL {
                assert!(vocabulary.has(&format!("ask.{}", effect.key())), "{effect:?}");
            }
            for effect in [Effect::Add, Effect::Complete, Effect::Delete, Effect::Change] {
                assert!(vocabulary.claims.iter().any(|(_, effects)| effects.contains(&effect)), "{effect:?}");
            }
            assert!(vocabulary.claims.iter().all(|(phrase, _)| !phrase.is_empty()));
            assert!(vocabulary.classes.values().flatten().all(|phrase| !phrase.is_empty()));
        }
    }
}
