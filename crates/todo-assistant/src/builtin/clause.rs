//! One request: courtesy taken off, the guards for questions and negations, then the patterns of the lexicon.

use todo_domain::language::{self, parse_range, parse_when};

use super::{
    filter_phrase,
    intent::{Change, Intent, Item, Step, Target},
    items,
    lexicon::{Lexicon, Symbol},
    pattern::{Captures, Rule, Slot, Words},
    target::Phrase,
    token::{Token, slice},
};
use crate::tools::Selection;

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
        use Rule::{Add, AddLater, AddReminder, AddToProject, AddUntitled, Finish, List, PastStatement, Rename};
        matches!(
            (first, second),
            (
                Rule::Complete | Rule::Reopen | Rule::SetPriority | Rule::Reschedule,
                Finish | PastStatement | Rename | List
            ) | (AddLater | AddReminder | AddToProject | AddUntitled, Add)
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
        let part = Parts { clause: self, captures };
        Some(match rule {
            Rule::Add | Rule::AddAnyway => part.add(false)?,
            Rule::AddReminder => part.add(true)?,
            Rule::AddLater => part.add_later()?,
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

/// The free parts of a clause, read by kind.
struct Parts<'a, 'c> {
    clause: &'c Clause<'a>,
    captures: &'c Captures,
}

impl Parts<'_, '_> {
    fn tokens(&self, wanted: &[Slot]) -> Option<&[Token]> {
        let (_, range) = self.captures.iter().find(|(slot, _)| wanted.contains(slot))?;
        self.clause.tokens.get(range.clone())
    }

    fn raw(&self, wanted: &[Slot]) -> Option<&str> {
        Some(slice(self.clause.text, self.tokens(wanted)?))
    }

    fn text(&self) -> Option<&str> {
        self.raw(&[Slot::Text, Slot::Quote])
    }

    /// Words to search for.
    fn words(&self) -> Option<String> {
        Some(filter_phrase::essence(self.clause.text, self.tokens(&[Slot::Text])?, self.clause.lexicon))
    }

    /// "finish the report"; "finish the slides by friday" is something to do.
    fn finish(&self) -> Option<Intent> {
        let target = self.target()?;
        if !target.is_pointed() {
            let read = language::quick_add(self.raw(&[Slot::Ref])?, self.clause.context);
            if read.due.is_some() || read.recurrence.is_some() {
                return None;
            }
        }
        Some(Intent::Complete { target, statement: false })
    }

    /// A new title: without the quotes around it.
    fn title(&self) -> Option<String> {
        let tokens = self.tokens(&[Slot::Text, Slot::Quote])?;
        Some(slice(self.clause.text, tokens).trim().to_owned()).filter(|title| !title.is_empty())
    }

    fn phrase<'t>(&'t self, tokens: &'t [Token]) -> Phrase<'t> {
        let clause = self.clause;
        Phrase { text: clause.text, tokens, lexicon: clause.lexicon, context: clause.context }
    }

    fn target(&self) -> Option<Target> {
        if let Some(tokens) = self.tokens(&[Slot::That]) {
            return self.phrase(tokens).pointed();
        }
        let opens = self.captures.iter().any(|(slot, range)| *slot == Slot::Ref && range.start == 0);
        let first = self.clause.tokens.first().map_or("", |token| token.fold.as_str());
        let lexicon = self.clause.lexicon;
        if opens && (lexicon.starts("command", &self.clause.symbols).is_some() || lexicon.is_near("command", first)) {
            return None;
        }
        match self.tokens(&[Slot::Ref]) {
            Some(tokens) => self.phrase(tokens).target(),
            // "done", "snooze": what was last spoken of.
            None if self.captures.is_empty() => Some(Target::It),
            None => None,
        }
    }

    /// One task to tell about; "show all" is a list.
    fn one_target(&self) -> Option<Target> {
        self.target().filter(|target| match target {
            Target::Places { places } => places.len() == 1,
            Target::All { .. } | Target::Them { .. } | Target::Rest => false,
            _ => true,
        })
    }

    fn change(&self, change: Change) -> Option<Intent> {
        Some(Intent::Change { target: self.target()?, change })
    }

    fn add(&self, remind: bool) -> Option<Intent> {
        let tokens = self.tokens(&[Slot::Title])?;
        let plural = self.clause.symbols.iter().enumerate().any(|(at, _)| {
            let before_title = self.captures.iter().all(|(_, range)| at < range.start);
            let rest = self.clause.symbols.get(at..).unwrap_or_default();
            before_title && self.clause.lexicon.starts("nouns", rest).is_some()
        });
        let mut items = items::split(self.clause.text, tokens, self.clause.lexicon, self.clause.context, plural);
        for item in &mut items {
            item.remind = remind;
        }
        // A pronoun or a number is no title: "add it".
        if items.is_empty() || self.phrase(tokens).pointed().is_some_and(|_| tokens.iter().all(|token| !token.quoted)) {
            return None;
        }
        Some(Intent::Add { items })
    }

    fn add_later(&self) -> Option<Intent> {
        let when = self.when()?;
        let Intent::Add { mut items } = self.add(true)? else { return None };
        for item in &mut items {
            item.text = format!("{} {when}", item.text);
        }
        Some(Intent::Add { items })
    }

    fn add_to_project(&self) -> Option<Intent> {
        let project = self.project()?;
        let words = self.tokens(&[Slot::Project])?;
        // "add milk to my list": no project.
        if self.clause.lexicon.starts("noun.lead", &self.clause.lexicon.symbols(words)) == Some(words.len()) {
            return None;
        }
        if let Some(target) = self.phrase(self.tokens(&[Slot::Title])?).pointed() {
            return Some(Intent::Change { target, change: Change::Project { project } });
        }
        let Intent::Add { mut items } = self.add(false)? else { return None };
        for item in &mut items {
            item.project = Some(project.clone());
        }
        Some(Intent::Add { items })
    }

    /// The selection of one or two `{filter}` parts.
    fn selection(&self) -> Option<Selection> {
        let mut all = Selection::default();
        for (slot, range) in self.captures {
            let strict = match slot {
                Slot::Filter => false,
                Slot::Bare => true,
                _ => continue,
            };
            let tokens = self.clause.tokens.get(range.clone())?;
            let clause = self.clause;
            let found = filter_phrase::read(clause.text, tokens, clause.lexicon, clause.context)?;
            let mut one = found.selection;
            let command = clause.lexicon.starts("command", &clause.lexicon.symbols(tokens)).is_some();
            if strict && (command || one.search.is_some() && !found.noun) {
                return None;
            }
            if let Some(leftover) = found.leftover {
                let symbols = clause.lexicon.symbols(tokens);
                // "home tasks": one word before the noun is a topic also without "show".
                let first = tokens.first().map_or("", |token| token.fold.as_str());
                let a_topic = found.noun
                    && clause.lexicon.starts("show", &symbols).is_none()
                    && !clause.lexicon.is_near("show", first)
                    && !clause.lexicon.is_near("command", first)
                    && !leftover.contains(' ')
                    && clause.lexicon.ends("nouns", &symbols).is_some();
                let strict = strict && !a_topic;
                // A request or a verb is no topic.
                let barred = strict
                    || clause.lexicon.starts("command", &symbols).is_some()
                    || tokens.first().is_some_and(|token| clause.lexicon.is_verb(&token.fold) && !found.noun);
                if barred {
                    return None;
                }
                one.topic = Some(leftover);
            } else if strict && !(found.meaning || found.noun) {
                return None;
            }
            all = merge(all, one);
        }
        // A list of the tasks is one of the open ones, unless "all" or a date of completion says otherwise.
        if all.status.is_none() && all.completed.is_none() && !self.says_all() {
            all.status = Some("pending".to_owned());
        }
        Some(all)
    }

    /// "all my tasks": completed ones too; "all overdue tasks" are open all the same.
    fn says_all(&self) -> bool {
        let clause = self.clause;
        let all = (0..clause.symbols.len())
            .any(|at| clause.symbols.get(at..).is_some_and(|rest| clause.lexicon.starts("all", rest).is_some()));
        let only_all = self.captures.iter().any(|(slot, range)| {
            matches!(slot, Slot::Filter | Slot::Bare)
                && clause.tokens.get(range.clone()).is_some_and(|tokens| {
                    filter_phrase::read(clause.text, tokens, clause.lexicon, clause.context)
                        .is_some_and(|found| found.selection.is_everything() && found.leftover.is_none())
                })
        });
        all && only_all
    }

    fn completed(&self) -> Option<Selection> {
        let completed = match self.raw(&[Slot::When]) {
            Some(text) => {
                parse_range(text, self.clause.context)?;
                Some(text.to_owned())
            }
            None => None,
        };
        Some(Selection {
            status: Some("completed".to_owned()),
            completed,
            sort_by: Some("completed_at".to_owned()),
            ..Selection::default()
        })
    }

    fn when(&self) -> Option<String> {
        let text = self.raw(&[Slot::When])?;
        parse_when(text, self.clause.context)?.due?;
        Some(text.to_owned())
    }

    fn rule(&self) -> Option<String> {
        let text = self.raw(&[Slot::Rule])?;
        parse_when(text, self.clause.context)?.recurrence?;
        Some(text.to_owned())
    }

    fn reschedule(&self) -> Option<Intent> {
        let Some(text) = self.raw(&[Slot::When]) else {
            // "snooze it": till tomorrow.
            return self.change(Change::Shift { by: "1 day".to_owned(), back: false });
        };
        let read = parse_when(text, self.clause.context)?;
        let change = match read.recurrence {
            Some(_) => Change::Repeat { rule: text.to_owned() },
            None => {
                read.due?;
                Change::Due { when: text.to_owned() }
            }
        };
        self.change(change)
    }

    fn span(&self) -> Option<String> {
        let text = self.raw(&[Slot::Span])?;
        // In another language "in" is another word; English is understood beside it.
        parse_when(&format!("in {text}"), self.clause.context)?.due?;
        Some(text.to_owned())
    }

    fn priority(&self) -> Option<&'static str> {
        let symbols = self.clause.lexicon.symbols(self.tokens(&[Slot::Priority])?);
        let lexicon = self.clause.lexicon;
        let lead = lexicon.starts("priority.word", &symbols).filter(|n| *n < symbols.len()).unwrap_or(0);
        let (level, n) = filter_phrase::priority(lexicon, symbols.get(lead..)?)?;
        let rest = symbols.get(lead + n..)?;
        (rest.is_empty() || lexicon.is("priority.word", rest)).then_some(level)
    }

    fn labels(&self) -> Option<Vec<String>> {
        let sigil = self.tokens(&[Slot::Sigil]);
        let tokens = sigil.or_else(|| self.tokens(&[Slot::Label]))?;
        let clause = self.clause;
        if sigil.is_some() && !slice(clause.text, tokens).starts_with('@') {
            return None;
        }
        let mut labels = vec![String::new()];
        for token in tokens {
            let raw = slice(clause.text, std::slice::from_ref(token));
            if !token.quoted && clause.lexicon.is("and", &clause.lexicon.symbols(std::slice::from_ref(token))) {
                labels.push(String::new());
                continue;
            }
            if let Some(last) = labels.last_mut() {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(raw.trim_start_matches('@'));
            }
            if token.stop == Some(',') {
                labels.push(String::new());
            }
        }
        labels.retain(|label| !label.is_empty());
        let short = labels.iter().all(|label| label.split(' ').count() <= 3 && label.chars().count() <= 50);
        (!labels.is_empty() && short).then_some(labels)
    }

    /// These labels; all of them when none is named.
    fn unlabel(&self) -> Option<Intent> {
        let named = self.tokens(&[Slot::Label, Slot::Sigil]).is_some();
        let labels = if named { self.labels()? } else { Vec::new() };
        self.change(Change::Unlabel { labels })
    }

    fn project(&self) -> Option<String> {
        let tokens = self.tokens(&[Slot::Project])?;
        let the = self.clause.lexicon.starts("my", &self.clause.lexicon.symbols(tokens)).filter(|n| *n < tokens.len());
        if self.clause.lexicon.is("my", &self.clause.lexicon.symbols(tokens)) {
            return None;
        }
        let raw = slice(self.clause.text, tokens.get(the.unwrap_or(0)..)?).trim_start_matches('#');
        let short = (1..=100).contains(&raw.chars().count()) && tokens.len() <= 5;
        (short && parse_when(raw, self.clause.context).is_none()).then(|| raw.to_owned())
    }

    fn remind(&self) -> Option<Intent> {
        let when = match self.raw(&[Slot::Span]) {
            Some(_) => format!("{} before", self.span()?),
            None => match self.raw(&[Slot::When])? {
                text if parse_when(text, self.clause.context).is_some_and(|when| when.due.is_some()) => text.to_owned(),
                text => {
                    parse_when(&format!("in {text}"), self.clause.context)?.due?;
                    format!("{text} before")
                }
            },
        };
        self.change(Change::Remind { when })
    }

    fn number(&self) -> Option<u32> {
        let token = self.tokens(&[Slot::Number])?.first()?;
        let lexicon = self.clause.lexicon;
        let number = token
            .fold
            .parse()
            .ok()
            .or_else(|| lexicon.rank("number", lexicon.symbol(&token.fold)).map(|rank| rank as u32 + 1))?;
        (1..=50).contains(&number).then_some(number)
    }

    fn restore(&self) -> Option<Intent> {
        Some(match self.target()? {
            Target::Words { text, .. } => Intent::Undo { count: 1, about: Some(text) },
            Target::It => Intent::Undo { count: 1, about: None },
            Target::Numbers { numbers } => {
                Intent::Undo { count: 1, about: Some(format!("#{}", numbers.first().copied().unwrap_or_default())) }
            }
            _ => return None,
        })
    }

    fn summary(&self) -> Option<Intent> {
        let Some(text) = self.raw(&[Slot::When]) else { return Some(Intent::Summary { day: None }) };
        if parse_when(text, self.clause.context).is_some_and(|when| when.due.is_some() && when.recurrence.is_none()) {
            let is_range = matches!(
                parse_range(text, self.clause.context),
                Some(language::Range::Days { from: Some(from), to: Some(to) }) if from != to
            );
            if !is_range {
                return Some(Intent::Summary { day: Some(text.to_owned()) });
            }
        }
        parse_range(text, self.clause.context)?;
        let selection =
            Selection { due: Some(text.to_owned()), status: Some("pending".to_owned()), ..Selection::default() };
        Some(Intent::List { selection })
    }
}

/// Both descriptions; the second one's word counts where both say something.
fn merge(first: Selection, second: Selection) -> Selection {
    let join = |mut a: Vec<String>, b: Vec<String>| {
        a.extend(b);
        a
    };
    let completed_on = (first.status.as_deref() == Some("completed") || second.status.as_deref() == Some("completed"))
        && first.completed.is_none();
    let due = second.due.clone().or(first.due.clone());
    // "how many tasks did I finish / this week".
    let (due, moved) = if completed_on && due.as_deref().is_some_and(|due| due != "overdue" && due != "none") {
        (None, due)
    } else {
        (due, None)
    };
    Selection {
        status: second.status.or(first.status),
        priority: join(first.priority, second.priority),
        labels: join(first.labels, second.labels),
        project: second.project.or(first.project),
        due,
        due_date_from: None,
        due_date_to: None,
        completed: second.completed.or(first.completed).or(moved),
        created: second.created.or(first.created),
        search: second.search.or(first.search),
        topic: second.topic.or(first.topic),
        recurring: first.recurring || second.recurring,
        unlabelled: first.unlabelled || second.unlabelled,
        filter: None,
        sort_by: second.sort_by.or(first.sort_by),
        order: second.order.or(first.order),
        limit: second.limit.or(first.limit),
        offset: None,
    }
}

/// A task said as in quick-add, without a verb of ours: "buy milk tomorrow", "dentist friday 3pm". `None` when it may as well be
/// small talk.
pub(crate) fn bare_task(clause: &Clause<'_>, nouns: bool) -> Option<Intent> {
    if clause.is_question() || clause.asks() || clause.is_thought() || clause.is_negated() {
        return None;
    }
    let first = clause.tokens.first()?;
    if clause.tokens.iter().all(|token| token.quoted) || clause.lexicon.starts("i", &clause.symbols).is_some() {
        return None;
    }
    let finite =
        |at: usize| clause.symbols.get(at..).is_some_and(|rest| clause.lexicon.starts("finite", rest).is_some());
    let read = language::quick_add(clause.said(), clause.context);
    let title_words = read.title.split_whitespace().count();
    let marked = read.due.is_some()
        || read.recurrence.is_some()
        || read.priority.is_some()
        || read.project.is_some()
        || !read.labels.is_empty();
    let imperative =
        clause.lexicon.is_verb(&first.fold) && clause.tokens.len() >= 2 && !finite(1) && !clause.is_command_on_number();
    let points = |token: &Token| {
        let symbol = [clause.lexicon.symbol(&token.fold)];
        !token.quoted && (clause.lexicon.is("it", &symbol) || clause.lexicon.is("them", &symbol))
    };
    let noun = nouns
        && marked
        && !clause.tokens.iter().any(points)
        && (1..=8).contains(&title_words)
        && !(0..clause.tokens.len()).any(finite)
        && clause.lexicon.starts("starter", &clause.symbols).is_none()
        && clause.lexicon.starts("command", &clause.symbols).is_none();
    if !(imperative || noun) || read.title.is_empty() {
        return None;
    }
    let items = items::split(clause.text, clause.tokens, clause.lexicon, clause.context, false)
        .into_iter()
        .map(|item| Item { lifted: false, ..item })
        .collect();
    Some(Intent::Add { items })
}
