//! What to say to somebody who was not understood: the three things nearest to their words.

use todo_domain::search;

use super::lexicon::Lexicon;

/// How many examples to offer.
const EXAMPLES: usize = 3;

/// The examples of the lexicon that share most with the text, as one line.
pub(crate) fn nearest(text: &str, lexicon: &Lexicon) -> String {
    let words = search::words(text);
    let mut examples: Vec<(usize, &str)> = lexicon
        .say("examples")
        .split(" | ")
        .map(|example| {
            let (keywords, sentence) = example.split_once(':').unwrap_or(("", example));
            let known = search::words(keywords).into_iter().chain(search::words(sentence));
            let shared = known
                .filter(|word| {
                    words.iter().any(|other| other == word || word.len() >= 4 && super::matching::one_typo(other, word))
                })
                .count();
            (shared, sentence.trim())
        })
        .collect();
    // Stable: without anything in common the first three stand.
    examples.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    examples.iter().take(EXAMPLES).map(|(_, sentence)| format!("“{sentence}”")).collect::<Vec<_>>().join(", ")
}
