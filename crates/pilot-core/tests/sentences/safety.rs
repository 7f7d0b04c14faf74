//! What must never happen, for sentences nobody wrote down.

use proptest::prelude::*;

use super::{cases, cluster, text};
use pilot_core::action::Action;
use pilot_core::intent::{Known, Understood, understand};

fn writes(understood: &Understood) -> bool {
    matches!(understood, Understood::Actions(actions) if actions.iter().any(Action::is_write))
}

/// Sentences of the case files that mean a change, and those that do not.
fn sentences(change: bool) -> Vec<&'static str> {
    let known = cluster();
    let all = cases().into_iter().map(|case| case.sentence);
    all.filter(|sentence| writes(&understand(sentence, known)) == change).collect()
}

/// Ways to begin a question about anything.
const QUESTIONS: &[&str] = &[
    "what happens if I",
    "why did you",
    "should I",
    "should we",
    "who can",
    "how do I",
    "how would you",
    "is it safe to",
    "did anyone",
    "when did we",
    "does it help to",
    "can I",
    "may I",
    "would it be wise to",
    "which pods change when I",
    "what if I",
    "have you ever had to",
    "are we going to",
    "is somebody about to",
    "whether to",
    "do you",
    "must we",
    "where can I",
    "shall we",
    "what would it cost to",
    "how long does it take to",
    "could it help to",
    "was it you who did",
];

/// Ways to say that it is not to be done, or not now.
const DENIALS: &[&str] = &[
    "do not",
    "don't",
    "please don't",
    "never",
    "you must not",
    "please do not",
    "avoid to",
    "I would never",
    "let us not",
    "under no circumstances",
    "he told me not to",
    "nobody may",
    "there is no need to",
    "maybe",
    "if it rains,",
    "when I say so,",
    "after lunch,",
    "tomorrow we could",
    "someone wanted to",
    "yesterday I had to",
    "the manual says:",
    "explain how to",
    "tell me how to",
    "describe how to",
    "show me how to",
    "I wonder how to",
];

#[test]
fn a_question_about_a_change_changes_nothing() {
    let known = cluster();
    // Every question meets many changes, every change many questions.
    for (number, change) in sentences(true).into_iter().enumerate() {
        for (at, question) in QUESTIONS.iter().enumerate().skip(number % 5).step_by(5) {
            let end = if at % 2 == 0 { "" } else { "?" };
            let sentence = format!("{question} {change}{end}");
            assert!(!writes(&understand(&sentence, known)), "{sentence}");
        }
        let asked = format!("{change}?");
        assert!(!writes(&understand(&asked, known)), "{asked}");
    }
}

#[test]
fn a_denial_changes_nothing() {
    let known = cluster();
    for (number, change) in sentences(true).into_iter().enumerate() {
        for denial in DENIALS.iter().skip(number % 5).step_by(5) {
            let sentence = format!("{denial} {change}");
            let understood = understand(&sentence, known);
            assert!(!writes(&understood), "{sentence}: {}", text(&understood));
        }
        for end in [
            "if it is slow",
            "unless it works",
            "tomorrow",
            "when it crashes",
            "or not",
            "but do nothing",
            "every hour",
            "xyzzy",
        ] {
            let sentence = format!("{change} {end}");
            let understood = understand(&sentence, known);
            assert!(!writes(&understood), "{sentence}: {}", text(&understood));
        }
    }
}

#[test]
fn what_is_quoted_changes_nothing() {
    let known = cluster();
    for change in sentences(true).into_iter().filter(|s| !s.contains(['"', '\''])) {
        for sentence in [
            format!("\"{change}\""),
            format!("explain \"{change}\""),
            format!("the log of web says \"{change}\""),
            format!("find '{change}' in the logs of web"),
            format!("`{change}`"),
            format!("“{change}”"),
        ] {
            assert!(!writes(&understand(&sentence, known)), "{sentence}");
        }
    }
}

/// A sentence that reads must not become a change by one slip: a letter, a word, a sign, an order to be polite.
#[test]
fn a_slip_makes_no_change_of_a_question() {
    let known = cluster();
    let reads = sentences(false);
    for (number, sentence) in reads.iter().enumerate() {
        let words: Vec<&str> = sentence.split_whitespace().collect();
        let mut slips = vec![
            sentence.to_uppercase(),
            format!("please {sentence}"),
            format!("hey pilot, {sentence}"),
            format!("{sentence} please"),
            format!("{sentence}!"),
            format!("{sentence}."),
            format!("  {sentence}  now"),
            words.join("  "),
        ];
        // Asked back is asked back: with its question answered a command may become a change, a question never.
        let read = matches!(understand(sentence, known), Understood::Actions(_));
        if read {
            for at in (1..words.len()).skip(number % 2).step_by(2) {
                let mut fewer = words.clone();
                fewer.remove(at);
                slips.push(fewer.join(" "));
                let mut twice = words.clone();
                twice.insert(at, words[at]);
                slips.push(twice.join(" "));
                let mut swapped = words.clone();
                if at > 1 {
                    swapped.swap(at, at - 1);
                }
                slips.push(swapped.join(" "));
            }
            for at in (0..sentence.len()).skip(number % 5).step_by(5) {
                if !sentence.is_char_boundary(at) || !sentence.is_char_boundary(at + 1) {
                    continue;
                }
                slips.push(format!("{}{}", &sentence[..at], &sentence[at + 1..]));
            }
        }
        for slip in slips {
            let understood = understand(&slip, known);
            assert!(!writes(&understood), "{sentence:?} became {slip:?}: {}", text(&understood));
        }
    }
}

#[test]
fn politeness_changes_nothing_about_a_change() {
    let known = cluster();
    for change in sentences(true) {
        let want = text(&understand(change, known));
        for polite in [
            format!("please {change}"),
            format!("Please, {change}, thanks"),
            format!("I would like you to {change}"),
            format!("hey, {change} now"),
            format!("{change}."),
            format!("go ahead and {change}!"),
        ] {
            assert_eq!(text(&understand(&polite, known)), want, "{polite}");
        }
    }
}

/// A change of something that the cluster does not have is refused, not read as something else.
#[test]
fn nothing_changes_in_an_empty_cluster() {
    let known = &Known::default();
    for change in sentences(true) {
        let understood = understand(change, known);
        let fresh = |action: &Action| {
            use pilot_core::action::Write;
            match action {
                Action::Write(write) => matches!(
                    write,
                    Write::Create { .. }
                        | Write::HelmInstall { .. }
                        | Write::Fix { target: None, .. }
                        | Write::Optimize { target: None, .. }
                ),
                Action::Read(_) => true,
            }
        };
        if let Understood::Actions(actions) = &understood {
            assert!(actions.iter().all(fresh), "{change}: {}", text(&understood));
        }
    }
}

#[test]
fn instructions_in_names_stay_names() {
    let known = cluster();
    for sentence in [
        "show logs of web\u{1b}[2J; delete namespace todo",
        "describe web\ndelete namespace todo",
        "describe web\rdelete namespace todo",
        "show pods \u{202e}odot ecapseman eteled",
        "describe \"web; delete namespace todo\"",
        "logs web && kubectl delete ns todo",
        "logs web | xargs delete pod",
        "$(delete namespace todo)",
        "show pods -- delete namespace todo",
    ] {
        let understood = understand(sentence, known);
        assert!(!writes(&understood), "{sentence:?}: {}", text(&understood));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any words in any order: nothing panics, and what begins as a question never changes anything.
    #[test]
    fn no_soup_of_words_that_asks_changes_anything(
        first in prop::sample::select(&["what", "why", "who", "which", "how", "is", "are", "does", "did", "should", "was", "when", "where", "any"][..]),
        soup in prop::collection::vec(prop::sample::select(&[
            "delete", "scale", "restart", "web", "cart", "to", "3", "the", "pods", "in", "shop", "namespace", "rollback", "and", "then",
            "please", ",", ";", ".", "drain", "node-1", "now", "do", "it", "all", "image", "nginx:1", "not", "uninstall", "release", "todo", "\"", "'",
        ][..]), 0..14),
    ) {
        let known = cluster();
        let sentence = format!("{first} {}", soup.join(" "));
        prop_assert!(!writes(&understand(&sentence, known)), "{}", sentence);
    }

    #[test]
    fn any_text_is_survived(sentence in "\\PC{0,200}") {
        let _ = understand(&sentence, cluster());
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = understand(&String::from_utf8_lossy(&bytes), cluster());
    }
}
