//! One request: courtesy taken off, the guards for questions and negations, then the patterns of the lexicon.

mod bare;
mod parts;
mod said;

use todo_domain::language::{self};

use super::{
    intent::{Change, Intent, Step, Target},
    lexicon::{Lexicon, Symbol},
    pattern::{Captures, Rule, Slot, Words},
    token::{Token, slice},
};
pub(crate) use bare::bare_task;
use parts::Parts;

/// A clause ready to be read.
pub(crate) struct Clause<'a> {
    pub text: &'a str,
    /// Without courtesy around it.
    pub tokens: &'a [Token],
    pub lexicon: &'a Lexicon,
    pub context: &'a language::Context,
    /// "can you …": a question mark then asks for nothing.
    pub polite: bool,
    symbols: Vec<Symbol>,
}

impl<'a> Clause<'a> {
    /// Takes "please", "can you" and the like off both ends.
    pub(crate) fn new(
        text: &'a str,
        tokens: &'a [Token],
        lexicon: &'a Lexicon,
        context: &'a language::Context,
    ) -> Self {
        let mut symbols = lexicon.symbols(tokens);
        let mut tokens = tokens;
        let mut polite = false;
        while let Some(n) = lexicon.starts("lead", &symbols).filter(|n| *n < symbols.len()) {
            // "no need to …" and "no longer …" say no to what follows.
            if lexicon.starts("negation", &symbols).is_some() {
                break;
            }
            polite |= symbols.get(..n).is_some_and(|lead| lexicon.is("polite", lead));
            // "well, …" and "now …" may be courtesy, "no." before a request is an answer to nothing.
            tokens = tokens.get(n..).unwrap_or_default();
            symbols.drain(..n);
        }
        while let Some(n) = lexicon.ends("tail", &symbols).filter(|n| *n < symbols.len()) {
            polite |= lexicon.is("polite", symbols.get(symbols.len() - n..).unwrap_or_default());
            tokens = tokens.get(..tokens.len() - n).unwrap_or_default();
            symbols.truncate(tokens.len());
        }
        Self { text, tokens, lexicon, context, polite, symbols }
    }

    /// The clause exactly as written.
    pub(crate) fn bare(
        text: &'a str,
        tokens: &'a [Token],
        lexicon: &'a Lexicon,
        context: &'a language::Context,
    ) -> Self {
        Self { text, tokens, lexicon, context, polite: false, symbols: lexicon.symbols(tokens) }
    }

    pub(crate) fn said(&self) -> &'a str {
        slice(self.text, self.tokens)
    }

    fn starts(&self, class: &str) -> bool {
        self.lexicon.starts(class, &self.symbols).is_some()
    }

    /// Begins as a question about facts.
    pub(crate) fn is_question(&self) -> bool {
        self.starts("question")
    }

    /// Ends with a question mark, without "can you" in front.
    pub(crate) fn asks(&self) -> bool {
        !self.polite && self.tokens.last().is_some_and(|token| token.stop == Some('?'))
    }

    /// Begins as a thought or a hypothesis.
    pub(crate) fn is_thought(&self) -> bool {
        self.starts("thought")
    }

    /// Begins as a request to show something.
    pub(crate) fn wants_to_see(&self) -> bool {
        self.starts("show")
    }

    /// Has a "not" that is not quoted.
    pub(crate) fn is_negated(&self) -> bool {
        self.starts("negation") || self.negations().next().is_some()
    }

    fn negations(&self) -> impl Iterator<Item = usize> {
        (0..self.symbols.len())
            .filter(|at| self.symbols.get(*at..).is_some_and(|rest| self.lexicon.starts("not", rest).is_some()))
    }

    /// Reads the clause by the patterns. With `typos`, words that the lexicon does not know may be one letter off; then every
    /// reading must be of the same kind.
    pub(crate) fn read(&self, typos: bool, only: fn(Rule) -> bool) -> Option<Step> {
        if self.tokens.is_empty() {
            return None;
        }
        let near: Vec<Vec<Symbol>> = if typos { self.near() } else { Vec::new() };
        if typos && near.iter().all(Vec::is_empty) {
            return None;
        }
        let colons: Vec<bool> = self.tokens.iter().map(|token| token.stop == Some(':')).collect();
        let words = Words { symbols: &self.symbols, near: &near, colons: &colons };
        let reads_only = self.is_question() || self.is_thought();
        let mut found: Option<(Rule, Intent)> = None;
        for pattern in &self.lexicon.patterns {
            let Some(rule) = pattern.rule else { continue };
            if !only(rule) || reads_only && !rule.only_reads() {
                continue;
            }
            let Some(intent) = pattern.find(&words, &mut |captures| self.build(rule, captures)) else { continue };
            match &found {
                None if !typos => return self.step(rule, intent),
                None => found = Some((rule, intent)),
                // A typo that could mean two things means neither.
                Some((first, known)) if std::mem::discriminant(known) != std::mem::discriminant(&intent) => {
                    if !(self.same_start(*first, rule) || first.only_reads() && rule.only_reads()) {
                        return None;
                    }
                }
                Some(_) => {}
            }
        }
        found.and_then(|(rule, intent)| self.step(rule, intent))
    }

    /// A later, looser pattern of the same verb does not make a typo ambiguous.
    fn same_start(&self, first: Rule, second: Rule) -> bool {
        use Rule::{
            Add, AddDated, AddLater, AddReminder, AddToProject, AddUntitled, Finish, List, PastStatement, Rename,
        };
        matches!(
            (first, second),
            (
                Rule::Complete | Rule::Reopen | Rule::SetPriority | Rule::Reschedule,
                Finish | PastStatement | Rename | List
            ) | (AddDated | AddLater | AddReminder | AddToProject | AddUntitled, Add)
        ) || !second.only_reads() && matches!(second, Add)
    }

    fn near(&self) -> Vec<Vec<Symbol>> {
        self.tokens
            .iter()
            .zip(&self.symbols)
            .map(|(token, symbol)| {
                let known = *symbol != 0 || self.lexicon.is_verb(&token.fold);
                let plain =
                    token.fold.chars().count() >= 3 && token.fold.chars().all(|c| c.is_alphabetic() || c == '\'');
                if known || token.quoted || !plain { Vec::new() } else { self.lexicon.near(&token.fold) }
            })
            .collect()
    }

    fn step(&self, _rule: Rule, intent: Intent) -> Option<Step> {
        let doubt = intent.writes() && self.asks() && !matches!(intent, Intent::Undo { .. });
        Some(Step { intent, said: self.said().to_owned(), doubt })
    }

    /// The intent of a rule that fits; `None` when a free part is not what its slot wants.
    fn build(&self, rule: Rule, captures: &Captures) -> Option<Intent> {
        if !self.negations_are_data(rule, captures) {
            return None;
        }
        let quoted = |range: &std::ops::Range<usize>| {
            self.tokens.get(range.clone()).is_some_and(|tokens| tokens.iter().all(|token| token.quoted))
        };
        if captures.iter().any(|(slot, range)| *slot == Slot::Quote && !quoted(range)) {
            return None;
        }
        let part = Parts { clause: self, captures };
        Some(match rule {
            Rule::Add | Rule::AddAnyway => part.add(false)?,
            Rule::AddReminder | Rule::AddLater => part.add(true)?,
            Rule::AddDated => part.add_dated()?,
            Rule::AddToProject => part.add_to_project()?,
            Rule::AddUntitled => Intent::AddUntitled,
            Rule::List => Intent::List { selection: part.selection()? },
            Rule::Completed => Intent::List { selection: part.completed()? },
            Rule::Count => Intent::Count { selection: part.selection()? },
            Rule::Search => Intent::Search { text: part.words()? },
            Rule::Show => Intent::Show { target: part.one_target()? },
            Rule::IsDone => Intent::Show { target: part.target().or_else(|| Some(Target::words(part.text()?)))? },
            Rule::Complete => Intent::Complete { target: part.target()?, statement: false },
            Rule::Finish => part.finish()?,
            Rule::PastStatement => Intent::Complete { target: Target::words(self.without_subject()), statement: true },
            Rule::Reopen => Intent::Reopen { target: part.target()? },
            Rule::Delete => Intent::Delete { target: part.target()? },
            Rule::Rename => part.change(Change::Title { title: part.title()? })?,
            Rule::Reschedule => part.reschedule()?,
            Rule::Postpone => part.change(Change::Shift { by: part.span()?, back: false })?,
            Rule::Advance => part.change(Change::Shift { by: part.span()?, back: true })?,
            Rule::ClearDue => part.change(Change::NoDue)?,
            Rule::SetPriority => part.change(Change::Priority { priority: part.priority()?.to_owned() })?,
            Rule::Prioritise => part.change(Change::Priority { priority: "high".to_owned() })?,
            Rule::RaisePriority => part.change(Change::Bump { up: true })?,
            Rule::LowerPriority => part.change(Change::Bump { up: false })?,
            Rule::ClearPriority => part.change(Change::Priority { priority: "none".to_owned() })?,
            Rule::AddLabel => part.change(Change::Label { labels: part.labels()? })?,
            Rule::RemoveLabel => part.unlabel()?,
            Rule::SetProject => part.change(Change::Project { project: part.project()? })?,
            Rule::ClearProject => part.change(Change::NoProject)?,
            Rule::SetNote => part.change(Change::Note { text: part.text()?.to_owned(), append: false })?,
            Rule::AddNote => part.change(Change::Note { text: part.text()?.to_owned(), append: true })?,
            Rule::ClearNote => part.change(Change::NoNote)?,
            Rule::Remind => part.remind()?,
            Rule::Repeat => part.change(Change::Repeat { rule: part.rule()? })?,
            Rule::StopRepeating => part.change(Change::NoRepeat)?,
            Rule::Undo => Intent::Undo { count: 1, about: None },
            Rule::UndoSeveral => Intent::Undo { count: part.number().unwrap_or(2), about: None },
            Rule::Restore => part.restore()?,
            Rule::Summary => part.summary()?,
            Rule::Labels => Intent::Labels,
            Rule::Projects => Intent::Projects,
            Rule::More => Intent::More,
            Rule::Help => Intent::Help,
            Rule::Greeting => talk("greeting"),
            Rule::Thanks => talk("thanks"),
            Rule::Bye => talk("bye"),
            Rule::HowAreYou => talk("how-are-you"),
            Rule::WhoAreYou => talk("who-are-you"),
            Rule::Yes | Rule::No => talk("nothing.asked"),
            Rule::CannotDo => talk("cannot"),
            Rule::Refuse => Intent::LeaveAlone,
        })
    }

    /// "don't …", "never …".
    pub(crate) fn begins_negated(&self) -> bool {
        self.starts("negation")
    }

    /// "complete", "show": of what?
    pub(crate) fn is_only_a_command(&self) -> bool {
        self.lexicon.is("command", &self.symbols)
    }

    /// "update 3 somehow" speaks of a task that there is; it is no title.
    pub(crate) fn is_command_on_number(&self) -> bool {
        let number = |token: &Token| token.fold.trim_start_matches('#').parse::<u32>().is_ok();
        self.starts("command") && self.tokens.get(1).is_some_and(number)
    }

    /// "I've called the dentist": without "I've".
    fn without_subject(&self) -> &str {
        let n = self.lexicon.starts("i", &self.symbols).filter(|n| *n < self.tokens.len()).unwrap_or(0);
        slice(self.text, self.tokens.get(n..).unwrap_or_default())
    }

    /// A "not" may stand in a title or be part of the pattern; anywhere else it forbids.
    fn negations_are_data(&self, rule: Rule, captures: &Captures) -> bool {
        if rule.only_reads() {
            return true;
        }
        self.negations().all(|at| {
            captures.iter().all(|(slot, range)| {
                !range.contains(&at)
                    || match slot {
                        Slot::Title => true,
                        Slot::Text => !matches!(rule, Rule::PastStatement),
                        Slot::Ref => self.is_exception(range, at),
                        _ => false,
                    }
            })
        })
    }

    /// "all but not the dentist".
    fn is_exception(&self, range: &std::ops::Range<usize>, at: usize) -> bool {
        at > range.start
            && (range.start + 1..=at).any(|from| {
                let rest = self.symbols.get(from..range.end).unwrap_or_default();
                self.lexicon.starts("except", rest).is_some_and(|n| from + n > at)
            })
    }
}

fn talk(say: &str) -> Intent {
    Intent::Talk { say: say.to_owned() }
}
