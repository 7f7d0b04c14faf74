//! The text of a reply as it goes out: word by word as long as it claims nothing, sentence by sentence where it does, and only
//! when it is known whether that is true.

use todo_domain::search;

use super::{
    claims::{self, Facts},
    vocabulary,
};

/// A word longer than this goes out without waiting for its end.
const WORD_MAX: usize = 120;

/// Text on its way.
#[derive(Debug)]
pub(super) struct Draft {
    /// All that has gone out.
    said: String,
    /// What has come and has not gone out: the rest of the current sentence, whose beginning may be out.
    rest: String,
    /// The part of the current sentence that is out.
    begun: String,
    /// The current sentence has a word that a claim may have.
    suspicious: bool,
    /// Sentences that wait for the tools: each with the part of it that is out.
    waiting: Vec<(String, String)>,
    /// A thinking aloud at the beginning, which is nobody's business.
    thinking: Thinking,
    /// Nothing but white space has come in this turn.
    fresh: bool,
    /// A new turn has begun after text of an earlier one.
    gap: bool,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            said: String::new(),
            rest: String::new(),
            begun: String::new(),
            suspicious: false,
            waiting: Vec::new(),
            thinking: Thinking::Unknown,
            fresh: true,
            gap: false,
        }
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Thinking {
    #[default]
    Unknown,
    Yes,
    Over,
}

const THINK: &str = "<think>";
const THOUGHT: &str = "</think>";

impl Draft {
    /// All that has gone out.
    pub(super) fn said(&self) -> &str {
        &self.said
    }

    /// Takes a piece; gives what may go out.
    pub(super) fn feed(&mut self, piece: &str) -> String {
        self.rest.push_str(piece);
        if !self.has_thought() {
            return String::new();
        }
        if self.fresh {
            self.rest = self.rest.trim_start().to_owned();
            self.fresh = self.rest.is_empty();
        }
        let mut out = String::new();
        while let Some(word) = self.next_word() {
            self.suspicious |= is_suspicious(&word);
            let ends = ends_sentence(&word);
            if self.suspicious || !self.waiting.is_empty() {
                self.rest.insert_str(0, &word);
                // The sentence is judged when it is whole.
                match self.sentence_end() {
                    Some(end) => {
                        let tail: String = self.rest.drain(..end).collect();
                        out.push_str(&self.close(tail));
                        continue;
                    }
                    None => break,
                }
            }
            out.push_str(&word);
            self.begun.push_str(&word);
            if ends {
                self.begun.clear();
            }
        }
        self.out(out)
    }

    /// The turn is over and its tools have run: gives the rest, lies replaced by `correction`.
    pub(super) fn settle(&mut self, facts: &Facts, correction: &str) -> String {
        let tail = std::mem::take(&mut self.rest);
        let mut out = String::new();
        if !tail.is_empty() && self.thinking != Thinking::Yes {
            self.suspicious = true;
            out.push_str(&self.close(tail));
        }
        for (begun, tail) in std::mem::take(&mut self.waiting) {
            if claims::is_true(&format!("{begun}{tail}"), facts) {
                out.push_str(&tail);
            } else {
                let lead = if begun.is_empty() { "" } else { "… " };
                if !out.trim_end().ends_with(correction) && !self.said.trim_end().ends_with(correction) {
                    out.push_str(lead);
                    out.push_str(correction);
                    out.push_str(tail.get(tail.trim_end().len()..).unwrap_or_default());
                }
            }
        }
        self.begun.clear();
        self.suspicious = false;
        self.thinking = Thinking::Unknown;
        self.fresh = true;
        let out = self.out(out);
        self.gap = !self.said.trim().is_empty();
        out
    }

    /// The turn came to nothing: what has not gone out is dropped.
    pub(super) fn abandon(&mut self) {
        self.rest.clear();
        self.waiting.clear();
    }

    /// A whole sentence: out when it claims nothing and none before it waits.
    fn close(&mut self, tail: String) -> String {
        let begun = std::mem::take(&mut self.begun);
        self.suspicious = false;
        if self.waiting.is_empty() && !claims::is_claim(&format!("{begun}{tail}")) {
            return tail;
        }
        self.waiting.push((begun, tail));
        String::new()
    }

    fn out(&mut self, text: String) -> String {
        if text.is_empty() {
            return text;
        }
        let lead = if std::mem::take(&mut self.gap) { "\n\n" } else { "" };
        let text = format!("{lead}{text}");
        self.said.push_str(&text);
        text
    }

    /// Takes a word with the white space after it, when it is whole.
    fn next_word(&mut self) -> Option<String> {
        let blank = self.rest.find(char::is_whitespace);
        let end = match blank {
            Some(at) => {
                let after = self.rest.get(at..)?;
                at + (after.len() - after.trim_start().len())
            }
            // A script without spaces goes out sentence by sentence, and at the latest by and by.
            None => self.sentence_end().or_else(|| {
                (self.rest.len() > WORD_MAX)
                    .then(|| self.rest.char_indices().map(|(at, _)| at).take_while(|at| *at <= WORD_MAX).last())?
            })?,
        };
        Some(self.rest.drain(..end).collect())
    }

    /// Where the current sentence ends in what has not gone out, with the white space after it.
    fn sentence_end(&self) -> Option<usize> {
        let mut chars = self.rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            let ends = match c {
                '\n' | '。' | '۔' | '؟' | '？' | '！' => true,
                '.' | '!' | '?' => next.is_some_and(char::is_whitespace),
                _ => false,
            };
            if ends {
                let end = at + c.len_utf8();
                let after = self.rest.get(end..).unwrap_or_default();
                return Some(end + (after.len() - after.trim_start().len()));
            }
        }
        None
    }

    /// Drops a thinking aloud; whether the text proper has begun.
    fn has_thought(&mut self) -> bool {
        if self.thinking == Thinking::Unknown {
            let text = self.rest.trim_start();
            if text.len() < THINK.len() && THINK.starts_with(text) {
                return false;
            }
            self.thinking = if text.starts_with(THINK) { Thinking::Yes } else { Thinking::Over };
        }
        if self.thinking == Thinking::Yes {
            let Some(end) = self.rest.find(THOUGHT) else { return false };
            let after = self.rest.get(end + THOUGHT.len()..).unwrap_or_default().trim_start().to_owned();
            self.rest = after;
            self.thinking = Thinking::Over;
        }
        true
    }
}

fn is_suspicious(word: &str) -> bool {
    search::words(word).iter().any(|word| vocabulary::all().iter().any(|vocabulary| vocabulary.is_suspicious(word)))
}

/// Whether a word with the white space after it is the last of a sentence.
fn ends_sentence(word: &str) -> bool {
    word.contains('\n') || word.trim_end().ends_with(['.', '!', '?', '。', '۔', '؟', '？', '！'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO: &str = "(No.)";

    fn whole(text: &str, cut: usize, facts: &Facts) -> (String, String) {
        let mut draft = Draft::default();
        let mut live = String::new();
        let mut pieces: Vec<String> = Vec::new();
        let mut piece = String::new();
        for c in text.chars() {
            piece.push(c);
            if piece.chars().count() == cut {
                pieces.push(std::mem::take(&mut piece));
            }
        }
        pieces.push(piece);
        for piece in pieces {
            live.push_str(&draft.feed(&piece));
        }
        let before = live.clone();
        live.push_str(&draft.settle(facts, NO));
        assert_eq!(draft.said(), live);
        (before, live)
    }

    #[test]
    fn honest_text_is_the_same_however_it_is_cut() {
        let text = "Here are 3 tasks:\n1. Buy milk (#3)\n2. Zahnarzt anrufen – 3.5 km!\n\nI can do that. Shall I?  你好。再见。 Bye";
        for cut in 1..12 {
            assert_eq!(whole(text, cut, &Facts::default()).1, text, "{cut}");
        }
    }

    #[test]
    fn harmless_words_go_out_at_once() {
        let mut draft = Draft::default();
        assert_eq!(draft.feed("Hello"), "");
        assert_eq!(draft.feed(" there, here"), "Hello there, ");
        assert_eq!(draft.feed(" goes"), "here ");
    }

    #[test]
    fn a_lie_does_not_go_out() {
        for cut in 1..30 {
            let (_, text) = whole("Sure. I've deleted all 5 tasks. Have a nice day!", cut, &Facts::default());
            assert_eq!(text, format!("Sure. {NO} Have a nice day!"), "{cut}");
            let (before, text) = whole("The milk has been added.", cut, &Facts::default());
            assert_eq!(before, "The milk ", "{cut}");
            assert_eq!(text, format!("The milk … {NO}"), "{cut}");
        }
    }

    #[test]
    fn thinking_aloud_is_left_out() {
        for cut in 1..9 {
            let (_, text) = whole("<think>I deleted it? No.\n</think>\n\nHello you", cut, &Facts::default());
            assert_eq!(text, "Hello you", "{cut}");
        }
        assert_eq!(whole("<thinner> is", 3, &Facts::default()).1, "<thinner> is");
    }

    #[test]
    fn turns_are_set_apart() {
        let mut draft = Draft::default();
        let facts = Facts::default();
        let mut text = draft.feed("Let me look.");
        text.push_str(&draft.settle(&facts, NO));
        text.push_str(&draft.feed("Two tasks."));
        text.push_str(&draft.settle(&facts, NO));
        assert_eq!(text, "Let me look.\n\nTwo tasks.");
    }
}
