//! A noun phrase that describes tasks ("my overdue work tasks", "everything due this week except …") as a [`Selection`].

use todo_domain::language::{self, Range, is_range_word, parse_range};

use super::{
    lexicon::{Lexicon, Symbol},
    token::{Token, slice},
};
use crate::tools::Selection;

/// What a phrase says.
#[derive(Debug, Default)]
pub(crate) struct FilterPhrase {
    /// Which tasks.
    pub selection: Selection,
    /// It names tasks in so many words ("tasks", "todos").
    pub noun: bool,
    /// "all", "everything".
    pub all: bool,
    /// Something more than "tasks" was said.
    pub meaning: bool,
    /// Words that were not understood, in one run.
    pub leftover: Option<String>,
}

/// Longest date phrase looked for, in words.
const RANGE_WORDS: usize = 7;
/// Most words that may be left over: a topic is short.
const TOPIC_WORDS: usize = 4;

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    symbols: Vec<Symbol>,
    lexicon: &'a Lexicon,
    context: &'a language::Context,
    found: FilterPhrase,
    /// Not understood, as a range of tokens.
    left: Option<std::ops::Range<usize>>,
    /// What the next date is about.
    dates: Dates,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dates {
    Due,
    Created,
    Completed,
}

/// Reads a phrase; `None` when it can't be a description of tasks (two separate runs of words that are not understood).
pub(crate) fn read(
    text: &str,
    tokens: &[Token],
    lexicon: &Lexicon,
    context: &language::Context,
) -> Option<FilterPhrase> {
    let mut reader = Reader {
        text,
        tokens,
        symbols: forgiving(tokens, lexicon),
        lexicon,
        context,
        found: FilterPhrase::default(),
        left: None,
        dates: Dates::Due,
    };
    let mut at = 0;
    while at < tokens.len() {
        at = reader.step(at)?;
    }
    reader.finish()
}

/// Symbols with a letter's typo forgiven in the words that make a list ("taks", "overdeu").
fn forgiving(tokens: &[Token], lexicon: &Lexicon) -> Vec<Symbol> {
    let classes = ["nouns", "noun", "overdue", "status.pending", "status.completed", "due"];
    let forgive = |(token, symbol): (&Token, Symbol)| match symbol {
        0 if !token.quoted => lexicon.nearest(&classes, &token.fold),
        symbol => symbol,
    };
    tokens.iter().zip(lexicon.symbols(tokens)).map(forgive).collect()
}

impl Reader<'_> {
    fn class(&self, class: &str, at: usize) -> Option<usize> {
        self.lexicon.starts(class, self.symbols.get(at..)?)
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.fold.as_str())
    }

    /// Reads what begins at `at`; answers where it ends. `None` when nothing sensible can come of it.
    fn step(&mut self, at: usize) -> Option<usize> {
        let token = self.tokens.get(at)?;
        if token.quoted {
            self.found.selection.search = Some(slice(self.text, self.tokens.get(at..=at)?).to_owned());
            self.found.meaning = true;
            return Some(at + 1);
        }
        if let Some(next) = self.mark(at).or_else(|| self.order(at)).or_else(|| self.state(at)) {
            self.found.meaning = true;
            return Some(next);
        }
        if let Some(next) = self.dated(at).or_else(|| self.priority(at)).or_else(|| self.named(at)) {
            self.found.meaning = true;
            return Some(next);
        }
        if let Some(n) = self.class("nouns", at).or_else(|| self.class("noun", at)) {
            self.found.noun = true;
            return Some(at + n);
        }
        if let Some(n) = self.class("all", at) {
            self.found.all = true;
            return Some(at + n);
        }
        if let Some(n) = self.class("filler", at) {
            return Some(at + n);
        }
        match &mut self.left {
            None => self.left = Some(at..at + 1),
            Some(left) if left.end == at => left.end += 1,
            Some(_) => return None,
        }
        Some(at + 1)
    }

    /// `@label`, `#project`, `p1`.
    fn mark(&mut self, at: usize) -> Option<usize> {
        let token = self.tokens.get(at)?;
        let raw = self.text.get(token.start..token.end)?;
        if let Some(label) = raw.strip_prefix('@').filter(|name| !name.is_empty()) {
            self.found.selection.labels.push(label.to_owned());
            return Some(at + 1);
        }
        let project = raw.strip_prefix('#').filter(|name| name.starts_with(|c: char| !c.is_ascii_digit()))?;
        self.found.selection.project = Some(project.to_owned());
        Some(at + 1)
    }

    fn order(&mut self, at: usize) -> Option<usize> {
        if let Some(n) = self.class("sort.newest", at) {
            (self.found.selection.sort_by, self.found.selection.order) =
                (Some("created_at".into()), Some("desc".into()));
            return Some(at + n);
        }
        if let Some(n) = self.class("sort.oldest", at) {
            (self.found.selection.sort_by, self.found.selection.order) =
                (Some("created_at".into()), Some("asc".into()));
            return Some(at + n);
        }
        if let Some(n) = self.class("sort", at) {
            for (class, key) in [
                ("sort.due", "due_date"),
                ("sort.priority", "priority"),
                ("sort.title", "title"),
                ("sort.created", "created_at"),
            ] {
                if let Some(m) = self.class(class, at + n) {
                    self.found.selection.sort_by = Some(key.into());
                    return Some(at + n + m);
                }
            }
        }
        // "the first 3 tasks", "top five".
        let n = self.class("first", at)?;
        let count = self.word(at + n);
        let limit = count
            .parse()
            .ok()
            .or_else(|| self.lexicon.rank("number", *self.symbols.get(at + n)?).map(|rank| rank as u32 + 1))?;
        let of_tasks = self.class("nouns", at + n + 1).is_some() || at + n + 1 == self.tokens.len();
        (of_tasks && (1..=100).contains(&limit)).then(|| {
            self.found.selection.limit = Some(limit);
            at + n + 1
        })
    }

    fn state(&mut self, at: usize) -> Option<usize> {
        let selection = &mut self.found.selection;
        let starts = |class: &str| self.lexicon.starts(class, self.symbols.get(at..)?);
        if let Some(n) = starts("undated") {
            selection.due = Some("none".into());
            return Some(at + n);
        }
        if let Some(n) = starts("dated") {
            // "scheduled for friday" names the date itself.
            if at + n == self.tokens.len() || starts("when-word").is_none() {
                let followed = self.tokens.len() > at + n && self.range(at + n).is_some();
                if !followed && self.found.selection.due.is_none() {
                    self.found.selection.due = Some("any".into());
                }
            }
            return Some(at + n);
        }
        if let Some(n) = starts("overdue") {
            selection.due = Some("overdue".into());
            return Some(at + n);
        }
        // Longest first: "not done" is no "done".
        let pending = starts("status.pending").unwrap_or(0);
        let done = starts("status.completed").unwrap_or(0);
        if pending > 0 && pending >= done {
            selection.status = Some("pending".into());
            return Some(at + pending);
        }
        if done > 0 {
            selection.status = Some("completed".into());
            self.dates = Dates::Completed;
            return Some(at + done);
        }
        if let Some(n) = starts("recurring") {
            selection.recurring = true;
            return Some(at + n);
        }
        if let Some(n) = starts("unlabelled") {
            selection.unlabelled = true;
            return Some(at + n);
        }
        if let Some(n) = starts("inbox") {
            selection.project = Some("none".into());
            return Some(at + n);
        }
        if let Some(n) = starts("created")
            && self.range(at + n).is_some()
        {
            self.dates = Dates::Created;
            return Some(at + n);
        }
        None
    }

    /// A date phrase, with the word that leads to it.
    fn dated(&mut self, at: usize) -> Option<usize> {
        let led = self.class("due", at).map_or(at, |n| at + n);
        let lead = self.class("when-lead", led).unwrap_or(0);
        let (text, next) = match self.range(led + lead).or_else(|| self.range(led)) {
            Some(found) => found,
            // "due" alone: with a date.
            None if led > at && led == self.tokens.len() => return Some(led),
            None => {
                let n = self.class("when-word", led)?;
                self.range(led + n)?
            }
        };
        if led > at {
            self.dates = Dates::Due;
        }
        let place = match self.dates {
            Dates::Due => &mut self.found.selection.due,
            Dates::Created => &mut self.found.selection.created,
            Dates::Completed => &mut self.found.selection.completed,
        };
        if place.as_deref().is_some_and(|known| known != "any") {
            return None;
        }
        *place = Some(text);
        Some(next)
    }

    /// The longest run of words at `at` that is a range of days.
    fn range(&self, at: usize) -> Option<(String, usize)> {
        let first = [*self.symbols.get(at)?];
        // Most words of a list begin no date; looking for one is the dear part.
        if self.lexicon.is("filler", &first) && !self.lexicon.is("the", &first) {
            return None;
        }
        let words = self.tokens.get(at..)?.iter().take(RANGE_WORDS);
        let most = words.take_while(|token| !token.quoted && is_range_word(&token.fold, self.context)).count();
        (1..=most).rev().find_map(|n| {
            let words = self.tokens.get(at..at + n)?;
            let text = slice(self.text, words);
            let first = words.first()?;
            // A bare number or ordinal is no date here: "3" is a task, "the first" a place in a list.
            let place = self.symbols.get(at..at + n)?.iter().all(|symbol| {
                ["the", "ordinal", "ordinal.short", "number", "last"]
                    .iter()
                    .any(|class| self.lexicon.is(class, &[*symbol]))
            });
            if place || n == 1 && first.fold.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            match parse_range(text, self.context)? {
                Range::Days { .. } => Some((text.to_owned(), at + n)),
                Range::Overdue | Range::Undated | Range::Dated => None,
            }
        })
    }

    fn priority(&mut self, at: usize) -> Option<usize> {
        let lead = self.class("priority.word", at).unwrap_or(0);
        let (level, n) = priority(self.lexicon, self.symbols.get(at + lead..)?)?;
        // "none" and "no" alone say nothing about priority.
        if level == "none" && lead == 0 && self.class("priority.word", at + n).is_none() && n < 2 {
            return None;
        }
        let after = self.class("priority.word", at + lead + n).unwrap_or(0);
        self.found.selection.priority.push(level.to_owned());
        Some(at + lead + n + after)
    }

    /// "label home", "the Work project", "about milk".
    fn named(&mut self, at: usize) -> Option<usize> {
        if let Some(n) = self.class("label.word", at) {
            let mut next = at + n;
            while let Some(token) = self.tokens.get(next).filter(|_| self.class("nouns", next).is_none()) {
                let raw = slice(self.text, std::slice::from_ref(token));
                let and = self.class("and", next).unwrap_or(0);
                if and > 0 && next > at + n {
                    next += and;
                    continue;
                }
                if next > at + n && !self.continues(next - 1) {
                    break;
                }
                self.found.selection.labels.push(raw.trim_start_matches('@').to_owned());
                next += 1;
            }
            return (next > at + n).then_some(next);
        }
        if let Some(n) = self.class("in", at) {
            let the = self.class("the", at + n).unwrap_or(0);
            let start = at + n + the;
            if let Some(m) = self.class("project.word", start) {
                let name = self.name(start + m)?;
                self.found.selection.project = Some(name.0);
                return Some(name.1);
            }
            let (name, next) = self.name(start)?;
            let word = self.class("project.word", next);
            if word.is_some() || self.class("filler", start).is_none() {
                self.found.selection.project = Some(name);
                return Some(next + word.unwrap_or(0));
            }
            return None;
        }
        if let Some(n) = self.class("project.word", at) {
            let (name, next) = self.name(at + n)?;
            self.found.selection.project = Some(name);
            return Some(next);
        }
        let n = self.class("about", at).or_else(|| self.class("about.noun", at).filter(|_| self.found.noun))?;
        let rest = self.tokens.get(at + n..).filter(|rest| !rest.is_empty())?;
        self.found.selection.search = Some(essence(self.text, rest, self.lexicon));
        Some(self.tokens.len())
    }

    /// Whether a comma or "and" joins the word at `at` with the next.
    fn continues(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.stop == Some(',')) || self.class("and", at).is_some()
    }

    fn name(&self, at: usize) -> Option<(String, usize)> {
        let token = self.tokens.get(at)?;
        if self.class("nouns", at).is_some() || self.class("project.word", at).is_some() {
            return None;
        }
        let raw = slice(self.text, std::slice::from_ref(token)).trim_start_matches('#');
        let number = raw.bytes().all(|b| b.is_ascii_digit());
        (!raw.is_empty() && !number).then(|| (raw.to_owned(), at + 1))
    }

    fn finish(mut self) -> Option<FilterPhrase> {
        if let Some(left) = self.left.take() {
            if left.len() > TOPIC_WORDS {
                return None;
            }
            self.found.leftover = Some(slice(self.text, self.tokens.get(left)?).to_owned());
        }
        Some(self.found)
    }
}

/// The words to search for: without articles and "task".
pub(crate) fn essence(text: &str, tokens: &[Token], lexicon: &Lexicon) -> String {
    let words: Vec<&str> = tokens
        .iter()
        .filter(|token| token.quoted || !lexicon.is("stop", &[lexicon.symbol(&token.fold)]))
        .map(|token| slice(text, std::slice::from_ref(token)))
        .collect();
    if words.is_empty() { slice(text, tokens).to_owned() } else { words.join(" ") }
}

/// A priority at the start of `symbols`, taking the longest phrase; and how many words it is.
pub(crate) fn priority(lexicon: &Lexicon, symbols: &[Symbol]) -> Option<(&'static str, usize)> {
    ["urgent", "high", "medium", "low", "none"]
        .into_iter()
        .filter_map(|level| Some((level, lexicon.starts(&format!("priority.{level}"), symbols)?)))
        .max_by_key(|(_, n)| *n)
}
