//! What a sentence says of a new task beside its title: "add the slides, label work", "… in the Home project".

use super::Clause;
use crate::builtin::token::{Token, slice};

/// A new task's text with labels and project taken out.
pub(super) struct Said {
    /// What is left for the title and quick-add.
    pub title: String,
    /// Labels as quick-add writes them.
    pub marks: Vec<String>,
    /// The project's name.
    pub project: Option<String>,
}

impl Said {
    /// `None` when nothing is said in words of ours.
    pub(super) fn around(clause: &Clause<'_>, tokens: &[Token]) -> Option<Self> {
        let mut said = Self { title: String::new(), marks: Vec::new(), project: None };
        let symbols = clause.lexicon.symbols(tokens);
        let mut kept: Vec<&str> = Vec::new();
        let (mut from, mut at) = (0, 1);
        while at < tokens.len() {
            let comma = tokens.get(at - 1).is_some_and(|before| before.stop == Some(','));
            let rest = symbols.get(at..).unwrap_or_default();
            // After a comma the bare noun is enough: ", label work".
            let led = |lead: &str, noun: &str| {
                let noun = comma.then(|| clause.lexicon.starts(noun, rest)).flatten();
                clause.lexicon.starts(lead, rest).max(noun)
            };
            let end = if let Some(n) = led("label.lead", "label.word") {
                said.labels(clause, tokens, at + n)
            } else if let Some(n) = led("project.lead", "project.word") {
                said.project(clause, tokens, at + n)
            } else {
                None
            };
            match end {
                Some(end) => {
                    kept.extend(tokens.get(from..at).map(|tokens| quoted_slice(clause.text, tokens)));
                    (from, at) = (end, end + 1);
                }
                None => at += 1,
            }
        }
        if said.marks.is_empty() && said.project.is_none() {
            return None;
        }
        kept.extend(tokens.get(from..).filter(|rest| !rest.is_empty()).map(|rest| quoted_slice(clause.text, rest)));
        said.title = kept.join(" ");
        Some(said)
    }

    /// One label, or several joined by "and"; the token after them.
    fn labels(&mut self, clause: &Clause<'_>, tokens: &[Token], mut at: usize) -> Option<usize> {
        loop {
            let label = std::slice::from_ref(tokens.get(at)?);
            self.marks.push(label_mark(slice(clause.text, label).trim_start_matches(['@', '#'])));
            at += 1;
            let symbols = clause.lexicon.symbols(tokens.get(at..)?);
            match clause.lexicon.starts("and", &symbols) {
                Some(n) if at + n < tokens.len() => at += n,
                _ => return Some(at),
            }
        }
    }

    fn project(&mut self, clause: &Clause<'_>, tokens: &[Token], at: usize) -> Option<usize> {
        let name = std::slice::from_ref(tokens.get(at)?);
        self.project = Some(slice(clause.text, name).trim_start_matches('#').to_owned());
        Some(at + 1)
    }
}

/// A label as quick-add writes it.
pub(super) fn label_mark(label: &str) -> String {
    if label.chars().all(char::is_alphanumeric) {
        format!("@{label}")
    } else {
        format!("@\"{}\"", label.replace('"', ""))
    }
}

/// The text of tokens with the quotes around it.
fn quoted_slice<'t>(text: &'t str, tokens: &[Token]) -> &'t str {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return "" };
    let width = |c: Option<char>| c.filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).map_or(0, char::len_utf8);
    let start =
        first.start - if first.quoted { width(text.get(..first.start).and_then(|t| t.chars().next_back())) } else { 0 };
    let end = last.end + if last.quoted { width(text.get(last.end..).and_then(|t| t.chars().next())) } else { 0 };
    text.get(start..end).unwrap_or_default()
}
