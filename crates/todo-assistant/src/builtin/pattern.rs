//! Sentence patterns of the lexicon and their matching against tokens.

use super::lexicon::Symbol;

/// What kind of words a free part of a sentence may be; checked when the whole pattern fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Slot {
    /// The text of a new task, with its dates and labels.
    Title,
    /// Which tasks.
    Ref,
    /// A date.
    When,
    /// A recurrence.
    Rule,
    /// Which tasks, as a description ("overdue tasks in Work").
    Filter,
    /// A priority.
    Priority,
    /// A label.
    Label,
    /// A project.
    Project,
    /// Anything.
    Text,
    /// A small number.
    Number,
    /// A length of time.
    Span,
    /// Which tasks, pointed at by number, place or pronoun.
    That,
    /// As `Filter`, but every word must be understood.
    Bare,
    /// A label written `@name`.
    Sigil,
    /// A quoted passage.
    Quote,
    /// A slot name that the code does not know; the lexicon's test refuses it.
    Unknown,
}

impl Slot {
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "title" => Self::Title,
            "ref" => Self::Ref,
            "when" => Self::When,
            "rule" => Self::Rule,
            "filter" => Self::Filter,
            "priority" => Self::Priority,
            "label" => Self::Label,
            "project" => Self::Project,
            "text" => Self::Text,
            "n" => Self::Number,
            "span" => Self::Span,
            "that" => Self::That,
            "bare" => Self::Bare,
            "sigil" => Self::Sigil,
            "quote" => Self::Quote,
            _ => Self::Unknown,
        }
    }
}

/// What a pattern means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    Add,
    AddUntitled,
    AddLater,
    AddDated,
    AddReminder,
    AddAnyway,
    AddToProject,
    AddLabel,
    List,
    Count,
    Search,
    Show,
    IsDone,
    Completed,
    Complete,
    Finish,
    PastStatement,
    Reopen,
    Delete,
    Rename,
    Reschedule,
    Postpone,
    Advance,
    ClearDue,
    SetPriority,
    Prioritise,
    RaisePriority,
    LowerPriority,
    ClearPriority,
    RemoveLabel,
    SetProject,
    ClearProject,
    SetNote,
    AddNote,
    ClearNote,
    Remind,
    Repeat,
    StopRepeating,
    Undo,
    UndoSeveral,
    Restore,
    Summary,
    Labels,
    Projects,
    More,
    Help,
    Greeting,
    Thanks,
    Bye,
    HowAreYou,
    WhoAreYou,
    Yes,
    No,
    Refuse,
    CannotDo,
}

impl Rule {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "add" => Self::Add,
            "add.untitled" => Self::AddUntitled,
            "add.later" => Self::AddLater,
            "add.dated" => Self::AddDated,
            "add.remind" => Self::AddReminder,
            "add.dont" => Self::AddAnyway,
            "add.project" => Self::AddToProject,
            "label.add" => Self::AddLabel,
            "label.remove" => Self::RemoveLabel,
            "list" => Self::List,
            "count" => Self::Count,
            "search" => Self::Search,
            "show" => Self::Show,
            "is-done" => Self::IsDone,
            "completed" => Self::Completed,
            "complete" => Self::Complete,
            "finish" => Self::Finish,
            "past" => Self::PastStatement,
            "reopen" => Self::Reopen,
            "delete" => Self::Delete,
            "rename" => Self::Rename,
            "reschedule" => Self::Reschedule,
            "postpone" => Self::Postpone,
            "advance" => Self::Advance,
            "due.clear" => Self::ClearDue,
            "priority" => Self::SetPriority,
            "prioritise" => Self::Prioritise,
            "priority.raise" => Self::RaisePriority,
            "priority.lower" => Self::LowerPriority,
            "priority.clear" => Self::ClearPriority,
            "project" => Self::SetProject,
            "project.clear" => Self::ClearProject,
            "note" => Self::SetNote,
            "note.add" => Self::AddNote,
            "note.clear" => Self::ClearNote,
            "remind" => Self::Remind,
            "repeat" => Self::Repeat,
            "repeat.stop" => Self::StopRepeating,
            "undo" => Self::Undo,
            "undo.several" => Self::UndoSeveral,
            "restore" => Self::Restore,
            "summary" => Self::Summary,
            "labels" => Self::Labels,
            "projects" => Self::Projects,
            "more" => Self::More,
            "help" => Self::Help,
            "greeting" => Self::Greeting,
            "thanks" => Self::Thanks,
            "bye" => Self::Bye,
            "how-are-you" => Self::HowAreYou,
            "who-are-you" => Self::WhoAreYou,
            "yes" => Self::Yes,
            "no" => Self::No,
            "refuse" => Self::Refuse,
            "cannot" => Self::CannotDo,
            _ => return None,
        })
    }

    /// Whether the rule only reads or talks; only such rules are tried for questions.
    pub(crate) const fn only_reads(self) -> bool {
        matches!(
            self,
            Self::List
                | Self::Count
                | Self::Search
                | Self::Show
                | Self::IsDone
                | Self::Completed
                | Self::Summary
                | Self::Labels
                | Self::Projects
                | Self::More
                | Self::Help
                | Self::Greeting
                | Self::Thanks
                | Self::Bye
                | Self::HowAreYou
                | Self::WhoAreYou
                | Self::Refuse
                | Self::CannotDo
        )
    }
}

/// A part of a pattern.
#[derive(Clone, Debug)]
pub(crate) enum Element {
    /// One of several phrases.
    Words { phrases: Vec<Vec<Symbol>>, optional: bool, colon: bool },
    /// Free words, at least one; with `colon` a colon must follow them.
    Slot { slot: Slot, colon: bool },
}

/// A sentence pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub rule: Option<Rule>,
    pub elements: Vec<Element>,
}

/// The free parts of a sentence: which slot, and the range of its tokens.
pub(crate) type Captures = Vec<(Slot, std::ops::Range<usize>)>;

/// The words of a sentence, each with the symbols it may stand for (several for a word with a typo).
pub(crate) struct Words<'a> {
    /// Symbols of each word.
    pub symbols: &'a [Symbol],
    /// For a word that is not in the lexicon: words that differ by one letter. Same length as `symbols`, or empty.
    pub near: &'a [Vec<Symbol>],
    /// Whether a colon follows each word.
    pub colons: &'a [bool],
}

impl Words<'_> {
    fn is(&self, at: usize, symbol: Symbol) -> bool {
        self.symbols.get(at).is_some_and(|s| *s == symbol)
            || self.near.get(at).is_some_and(|near| near.binary_search(&symbol).is_ok())
    }

    fn fits(&self, at: usize, phrase: &[Symbol]) -> bool {
        phrase.iter().enumerate().all(|(i, symbol)| self.is(at + i, *symbol))
    }
}

impl Pattern {
    pub(crate) fn new(rule: &str, elements: Vec<Element>) -> Self {
        Self { rule: Rule::parse(rule), elements }
    }

    /// Fits the pattern to the whole sentence in every way, shortest free parts first, until `accept` takes one.
    pub(crate) fn find<T>(&self, words: &Words<'_>, accept: &mut dyn FnMut(&Captures) -> Option<T>) -> Option<T> {
        if !self.may_fit(words) {
            return None;
        }
        let mut captures = Captures::new();
        let mut steps = 4_000;
        fit(&self.elements, words, 0, &mut captures, &mut steps, accept)
    }

    /// A quick no: every part that is not optional must have its first word somewhere.
    fn may_fit(&self, words: &Words<'_>) -> bool {
        self.elements.iter().enumerate().all(|(i, element)| match element {
            Element::Words { phrases, optional: false, .. } => {
                let reach = if i == 0 { 1 } else { words.symbols.len() };
                (0..reach.min(words.symbols.len()))
                    .any(|at| phrases.iter().any(|phrase| phrase.first().is_some_and(|first| words.is(at, *first))))
            }
            Element::Words { .. } | Element::Slot { .. } => true,
        })
    }
}

fn fit<T>(
    elements: &[Element],
    words: &Words<'_>,
    at: usize,
    captures: &mut Captures,
    steps: &mut u32,
    accept: &mut dyn FnMut(&Captures) -> Option<T>,
) -> Option<T> {
    // Bounded work for any sentence.
    *steps = steps.checked_sub(1)?;
    let length = words.symbols.len();
    let Some((element, rest)) = elements.split_first() else {
        return if at == length { accept(captures) } else { None };
    };
    match element {
        Element::Words { phrases, optional, colon } => {
            for phrase in phrases {
                let end = at + phrase.len();
                if words.fits(at, phrase)
                    && (!colon || words.colons.get(end - 1).copied().unwrap_or(false))
                    && let Some(found) = fit(rest, words, end, captures, steps, accept)
                {
                    return Some(found);
                }
            }
            if *optional { fit(rest, words, at, captures, steps, accept) } else { None }
        }
        Element::Slot { slot, colon } => {
            let first = if rest.is_empty() { length } else { at + 1 };
            for end in first..=length {
                if end == at || *colon && !words.colons.get(end - 1).copied().unwrap_or(false) {
                    continue;
                }
                captures.push((*slot, at..end));
                if let Some(found) = fit(rest, words, end, captures, steps, accept) {
                    return Some(found);
                }
                captures.pop();
            }
            None
        }
    }
}
