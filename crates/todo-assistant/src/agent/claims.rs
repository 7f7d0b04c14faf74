//! What a reply says to have been done, held against what was done.
//!
//! A sentence is taken for a claim when it says in one of the languages of the lexicon that something was made, completed,
//! deleted or changed, by the assistant ("I've deleted …", "Added …") or in the passive ("… has been moved"). Questions, wishes,
//! negations and what the user did are no claims.

use todo_domain::search;

use super::vocabulary::{self, Vocabulary};
use crate::tools::{Effect, Output};

/// What the tools of a run really did and showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    done: Vec<Done>,
    /// Titles of tasks that were shown.
    seen: Vec<Vec<String>>,
    seen_completed: bool,
    /// Some tool ran.
    ran: bool,
}

#[derive(Clone, Debug)]
struct Done {
    effect: Effect,
    number: i64,
    title: Vec<String>,
}

impl Facts {
    /// Adds the result of a call that succeeded.
    pub(super) fn learn(&mut self, effect: Option<Effect>, output: &Output) {
        self.ran = true;
        match effect {
            Some(effect) if output.operation.is_some() => {
                self.done.extend(output.tasks.iter().chain(&output.also).map(|task| Done {
                    effect,
                    number: task.number,
                    title: search::words(&task.title),
                }));
            }
            _ => {
                self.seen.extend(output.tasks.iter().map(|task| search::words(&task.title)));
                self.seen_completed |= output.tasks.iter().any(todo_domain::Task::is_completed)
                    || output.json["completed_total"].as_i64().is_some_and(|count| count > 0);
            }
        }
    }

    /// Whether nothing was changed.
    pub(super) fn nothing_changed(&self) -> bool {
        self.done.is_empty()
    }
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Claim {
    /// The kinds of change that it may be about; empty is any.
    effects: Vec<Effect>,
    /// The assistant says it of itself; otherwise it may be about what is in the list.
    own: bool,
}

/// Whether all that a sentence claims is true.
pub(super) fn is_true(sentence: &str, facts: &Facts) -> bool {
    vocabulary::all().iter().flat_map(|words| claims(sentence, words)).all(|claim| claim.holds(sentence, facts))
}

/// Whether a sentence claims anything.
pub(super) fn is_claim(sentence: &str) -> bool {
    vocabulary::all().iter().any(|words| !claims(sentence, words).is_empty())
}

fn claims(sentence: &str, vocabulary: &Vocabulary) -> Vec<Claim> {
    let sentence = sentence.trim();
    if sentence.ends_with(['?', '؟', '？']) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for clause in sentence.split_inclusive([',', ';', ':', '،', '؛', '—', '–', '(', '\n']) {
        let words = search::words(clause);
        let mut subject = Subject::default();
        for at in 0..words.len() {
            let rest = words.get(at..).unwrap_or_default();
            if let Some(effects) = vocabulary.claim(rest)
                && let Some(own) = subject.claims(at, rest, clause.ends_with(':'), vocabulary)
            {
                found.push(Claim { effects: effects.to_vec(), own });
            }
            subject.read(rest, vocabulary);
        }
    }
    found
}

/// What stands before a verb in its clause.
#[derive(Clone, Copy, Debug, Default)]
struct Subject {
    first: bool,
    you: bool,
    passive: bool,
    unreal: bool,
    negated: bool,
    noun: bool,
}

impl Subject {
    fn read(&mut self, rest: &[String], vocabulary: &Vocabulary) {
        let is = |class| vocabulary.at(class, rest);
        self.first |= is("word.first");
        self.you |= is("word.you");
        self.passive |= is("word.passive");
        self.unreal |= is("word.unreal");
        self.negated |= is("word.not");
        self.noun |= is("word.noun");
    }

    /// Whether a verb after this says that something was done: `Some(true)` by the assistant.
    fn claims(self, at: usize, rest: &[String], heading: bool, vocabulary: &Vocabulary) -> Option<bool> {
        if self.unreal || self.negated {
            return None;
        }
        // "3 completed tasks", "Completed:"
        let described = rest.get(1..).is_some_and(|rest| vocabulary.at("word.noun", rest)) || heading;
        match () {
            () if self.first => Some(true),
            () if self.you => None,
            () if !vocabulary.has("word.first") => Some(true),
            () if described && (self.passive || at == 0) => Some(false),
            () if self.passive => Some(false),
            () if at == 0 || at == 1 && !self.noun => Some(true),
            () => None,
        }
    }
}

impl Claim {
    fn holds(&self, sentence: &str, facts: &Facts) -> bool {
        let about = |effect: Effect| self.effects.is_empty() || self.effects.contains(&effect);
        let done: Vec<&Done> = facts.done.iter().filter(|done| about(done.effect)).collect();
        // A state of affairs that was read from the list.
        let read = about(Effect::Complete) && facts.seen_completed
            || (about(Effect::Add) || about(Effect::Change)) && !facts.seen.is_empty();
        if !self.own && read || self.effects.is_empty() && facts.ran {
            return true;
        }
        !done.is_empty() && numbers_fit(sentence, &done) && titles_fit(self, sentence, &done, facts)
    }
}

/// "#7" must be one of those, and "5 tasks" no more than there are.
fn numbers_fit(sentence: &str, done: &[&Done]) -> bool {
    let named = sentence.split('#').skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<i64>().ok()
    });
    let words = search::words(sentence);
    let counted = words.windows(2).filter_map(|pair| match pair {
        [number, noun] if vocabulary::all().iter().any(|v| v.at("word.noun", std::slice::from_ref(noun))) => {
            number.parse::<usize>().ok()
        }
        _ => None,
    });
    named.into_iter().all(|number| done.iter().any(|done| done.number == number))
        && counted.into_iter().all(|count| count <= done.len())
}

/// A title in quotes must be one that was changed, unless it is no task's title at all (a label, a new value).
fn titles_fit(claim: &Claim, sentence: &str, done: &[&Done], facts: &Facts) -> bool {
    let quoted: Vec<Vec<String>> =
        quotes(sentence).into_iter().map(search::words).filter(|words| !words.is_empty()).collect();
    let is_done = |title: &Vec<String>| done.iter().any(|done| done.title == *title);
    if claim.effects == [Effect::Add] && !quoted.is_empty() {
        return quoted.iter().any(is_done);
    }
    quoted.iter().all(|title| is_done(title) || !facts.seen.contains(title))
}

fn quotes(sentence: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = sentence;
    while let Some((at, open)) = rest.char_indices().find(|(_, c)| matches!(c, '“' | '"' | '«' | '„' | '*')) {
        let close: &[char] = match open {
            '«' => &['»'],
            '"' => &['"'],
            '*' => &['*'],
            _ => &['”', '“'],
        };
        let inside = rest.get(at + open.len_utf8()..).unwrap_or_default();
        let Some(end) = inside.find(close) else { break };
        found.extend(inside.get(..end));
        rest = inside.get(end..).and_then(|rest| rest.get(rest.chars().next()?.len_utf8()..)).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(effect: Effect, number: i64, title: &str) -> Facts {
        Facts {
            done: vec![Done { effect, number, title: search::words(title) }],
            seen: vec![search::words("Call mom")],
            ran: true,
            ..Facts::default()
        }
    }

    #[test]
    fn what_did_not_happen_is_a_lie() {
        let none = Facts::default();
        for lie in [
            "I've added milk to your list.",
            "Added “Buy milk”.",
            "I have deleted all your tasks.",
            "Your task has been marked as completed!",
            "The report was moved to Friday.",
            "Done!",
            "If you want, fine, I've deleted it.",
            "All tasks have now been removed.",
            "Ich habe die Aufgabe gelöscht.",
            "Die Aufgabe wurde verschoben.",
            "Borré la tarea.",
            "He añadido la leche.",
            "کام حذف کر دیا گیا ہے۔",
        ] {
            assert!(is_claim(lie), "{lie}");
            assert!(!is_true(lie, &none), "{lie}");
        }
    }

    #[test]
    fn other_sentences_are_no_claims() {
        for text in [
            "You completed 3 tasks yesterday.",
            "Shall I delete it?",
            "I can mark it as done.",
            "I haven't deleted anything.",
            "Nothing was changed.",
            "If I deleted it, you could say undo.",
            "You have 3 completed tasks.",
            "I'd suggest the dentist first.",
            "Say “undo” to get it back.",
            "Möchtest du, dass ich sie gelöscht lasse?",
            "Nada fue borrado.",
        ] {
            assert!(!is_claim(text), "{text}");
        }
    }

    #[test]
    fn what_happened_may_be_said() {
        let added = facts(Effect::Add, 7, "Buy milk");
        for (truth, lie) in [
            ("I've added “Buy milk” (#7).", "I've added “Pay rent”."),
            ("Added #7.", "Added #8."),
            ("I have added 1 task.", "I have added 5 tasks."),
            ("Done!", "I've deleted it."),
        ] {
            assert!(is_true(truth, &added), "{truth}");
            assert!(!is_true(lie, &added), "{lie}");
        }
        let completed = facts(Effect::Complete, 3, "Call the dentist");
        assert!(is_true("I marked “Call the dentist” as done.", &completed));
        assert!(!is_true("I marked “Call mom” as done.", &completed));
        assert!(is_true("I gave it the label “urgent”.", &completed));
    }

    #[test]
    fn what_the_list_says_may_be_told() {
        let seen = Facts { seen: vec![search::words("Buy milk")], seen_completed: true, ran: true, ..Facts::default() };
        for text in ["These are completed: “Buy milk”.", "“Buy milk” was added yesterday.", "Completed tasks: 3"]
        {
            assert!(is_true(text, &seen), "{text}");
        }
        assert!(!is_true("I've completed “Buy milk”.", &seen));
    }
}
