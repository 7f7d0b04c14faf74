//! The free parts of a clause, each read as what its slot wants.

use todo_domain::language::{self, parse_length, parse_range, parse_when};

use super::{
    Clause,
    said::{Said, label_mark},
};
use crate::{
    builtin::{
        filter_phrase,
        intent::{Change, Intent, Item, Target},
        items,
        lexicon::Lexicon,
        pattern::{Captures, Slot},
        target::Phrase,
        token::{self, Token, slice},
    },
    tools::Selection,
};

/// The free parts of a clause, read by kind.
pub(super) struct Parts<'a, 'c> {
    pub(super) clause: &'c Clause<'a>,
    pub(super) captures: &'c Captures,
}

impl Parts<'_, '_> {
    pub(super) fn tokens(&self, wanted: &[Slot]) -> Option<&[Token]> {
        let (_, range) = self.captures.iter().find(|(slot, _)| wanted.contains(slot))?;
        self.clause.tokens.get(range.clone())
    }

    pub(super) fn raw(&self, wanted: &[Slot]) -> Option<&str> {
        Some(slice(self.clause.text, self.tokens(wanted)?))
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.raw(&[Slot::Text, Slot::Quote])
    }

    /// Words to search for.
    pub(super) fn words(&self) -> Option<String> {
        Some(filter_phrase::essence(self.clause.text, self.tokens(&[Slot::Text])?, self.clause.lexicon))
    }

    /// "finish the report"; "finish the slides by friday" is something to do.
    pub(super) fn finish(&self) -> Option<Intent> {
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
    pub(super) fn title(&self) -> Option<String> {
        let tokens = self.tokens(&[Slot::Text, Slot::Quote])?;
        Some(slice(self.clause.text, tokens).trim().to_owned()).filter(|title| !title.is_empty())
    }

    pub(super) fn phrase<'t>(&'t self, tokens: &'t [Token]) -> Phrase<'t> {
        let clause = self.clause;
        Phrase { text: clause.text, tokens, lexicon: clause.lexicon, context: clause.context }
    }

    pub(super) fn target(&self) -> Option<Target> {
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
    pub(super) fn one_target(&self) -> Option<Target> {
        self.target().filter(|target| match target {
            Target::Places { places } => places.len() == 1,
            Target::All { .. } | Target::Them { .. } | Target::Rest => false,
            _ => true,
        })
    }

    pub(super) fn change(&self, change: Change) -> Option<Intent> {
        Some(Intent::Change { target: self.target()?, change })
    }

    pub(super) fn add(&self, remind: bool) -> Option<Intent> {
        let tokens = self.tokens(&[Slot::Title, Slot::Quote])?;
        let plural = self.clause.symbols.iter().enumerate().any(|(at, _)| {
            let before_title = self.captures.iter().all(|(_, range)| at < range.start);
            let rest = self.clause.symbols.get(at..).unwrap_or_default();
            before_title && self.clause.lexicon.starts("nouns", rest).is_some()
        });
        let said = Said::around(self.clause, tokens);
        let (lexicon, context) = (self.clause.lexicon, self.clause.context);
        let retold = said.as_ref().map(|said| (said.title.as_str(), token::tokens(&said.title)));
        let (text, words) = match &retold {
            Some((text, words)) => (*text, words.as_slice()),
            None => (self.clause.text, tokens),
        };
        let mut items =
            titles(text, words, lexicon).unwrap_or_else(|| items::split(text, words, lexicon, context, plural));
        let mut marks = said.as_ref().map(|said| said.marks.clone()).unwrap_or_default();
        if self.has(Slot::When) {
            marks.push(self.when()?);
        }
        if self.has(Slot::Priority) {
            marks.push(self.priority_mark()?.to_owned());
        }
        if self.has(Slot::Label) {
            marks.extend(self.labels()?.iter().map(|label| label_mark(label)));
        }
        for item in &mut items {
            item.remind = remind;
            item.project = said.as_ref().and_then(|said| said.project.clone());
            item.marks = Some(marks.join(" ")).filter(|marks| !marks.is_empty());
        }
        // A pronoun or a number is no title: "add it".
        if items.is_empty() || self.phrase(tokens).pointed().is_some_and(|_| tokens.iter().all(|token| !token.quoted)) {
            return None;
        }
        Some(Intent::Add { items })
    }

    /// "I have an appointment on monday" is something to do; "I have a question" is not.
    pub(super) fn add_dated(&self) -> Option<Intent> {
        language::quick_add(self.raw(&[Slot::Title])?, self.clause.context).due?;
        self.add(false)
    }

    fn has(&self, slot: Slot) -> bool {
        self.captures.iter().any(|(captured, _)| *captured == slot)
    }

    /// The priority as quick-add writes it.
    fn priority_mark(&self) -> Option<&'static str> {
        Some(match self.priority()? {
            "urgent" => "p1",
            "high" => "p2",
            "medium" => "p3",
            "low" => "p4",
            _ => "",
        })
    }

    pub(super) fn add_to_project(&self) -> Option<Intent> {
        let project = self.project()?;
        let words = self.tokens(&[Slot::Project])?;
        // "add milk to my list": no project.
        if self.clause.lexicon.starts("noun.lead", &self.clause.lexicon.symbols(words)) == Some(words.len()) {
            return None;
        }
        if let Some(target) = self.phrase(self.tokens(&[Slot::Title, Slot::Quote])?).pointed() {
            return Some(Intent::Change { target, change: Change::Project { project } });
        }
        let Intent::Add { mut items } = self.add(false)? else { return None };
        for item in &mut items {
            item.project = Some(project.clone());
        }
        Some(Intent::Add { items })
    }

    /// The selection of one or two `{filter}` parts.
    pub(super) fn selection(&self) -> Option<Selection> {
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
    pub(super) fn says_all(&self) -> bool {
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

    pub(super) fn completed(&self) -> Option<Selection> {
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

    pub(super) fn when(&self) -> Option<String> {
        let text = self.raw(&[Slot::When])?;
        parse_when(text, self.clause.context)?.due?;
        Some(text.to_owned())
    }

    pub(super) fn rule(&self) -> Option<String> {
        let text = self.raw(&[Slot::Rule])?;
        parse_when(text, self.clause.context)?.recurrence?;
        Some(text.to_owned())
    }

    pub(super) fn reschedule(&self) -> Option<Intent> {
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

    pub(super) fn span(&self) -> Option<String> {
        let text = self.raw(&[Slot::Span])?;
        parse_length(text, self.clause.context)?;
        Some(text.to_owned())
    }

    pub(super) fn priority(&self) -> Option<&'static str> {
        let symbols = self.clause.lexicon.symbols(self.tokens(&[Slot::Priority])?);
        let lexicon = self.clause.lexicon;
        let lead = lexicon.starts("priority.word", &symbols).filter(|n| *n < symbols.len()).unwrap_or(0);
        let (level, n) = filter_phrase::priority(lexicon, symbols.get(lead..)?)?;
        let rest = symbols.get(lead + n..)?;
        (rest.is_empty() || lexicon.is("priority.word", rest)).then_some(level)
    }

    pub(super) fn labels(&self) -> Option<Vec<String>> {
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
    pub(super) fn unlabel(&self) -> Option<Intent> {
        let named = self.tokens(&[Slot::Label, Slot::Sigil]).is_some();
        let labels = if named { self.labels()? } else { Vec::new() };
        self.change(Change::Unlabel { labels })
    }

    pub(super) fn project(&self) -> Option<String> {
        let tokens = self.tokens(&[Slot::Project])?;
        let the = self.clause.lexicon.starts("my", &self.clause.lexicon.symbols(tokens)).filter(|n| *n < tokens.len());
        if self.clause.lexicon.is("my", &self.clause.lexicon.symbols(tokens)) {
            return None;
        }
        let raw = slice(self.clause.text, tokens.get(the.unwrap_or(0)..)?).trim_start_matches('#');
        let short = (1..=100).contains(&raw.chars().count()) && tokens.len() <= 5;
        (short && parse_when(raw, self.clause.context).is_none()).then(|| raw.to_owned())
    }

    pub(super) fn remind(&self) -> Option<Intent> {
        let when = match self.raw(&[Slot::Span]) {
            Some(_) => format!("{} before", self.span()?),
            None => match self.raw(&[Slot::When])? {
                text if parse_when(text, self.clause.context).is_some_and(|when| when.due.is_some()) => text.to_owned(),
                text => {
                    parse_length(text, self.clause.context)?;
                    format!("{text} before")
                }
            },
        };
        self.change(Change::Remind { when })
    }

    pub(super) fn number(&self) -> Option<u32> {
        let token = self.tokens(&[Slot::Number])?.first()?;
        let lexicon = self.clause.lexicon;
        let number = token
            .fold
            .parse()
            .ok()
            .or_else(|| lexicon.rank("number", lexicon.symbol(&token.fold)).map(|rank| rank as u32 + 1))?;
        (1..=50).contains(&number).then_some(number)
    }

    pub(super) fn restore(&self) -> Option<Intent> {
        Some(match self.target()? {
            Target::Words { text, .. } => Intent::Undo { count: 1, about: Some(text) },
            Target::It => Intent::Undo { count: 1, about: None },
            Target::Numbers { numbers } => {
                Intent::Undo { count: 1, about: Some(format!("#{}", numbers.first().copied().unwrap_or_default())) }
            }
            _ => return None,
        })
    }

    pub(super) fn summary(&self) -> Option<Intent> {
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

/// What is quoted is a title as it stands, without the quotes: "Plan the trip", or several of them.
fn titles(text: &str, tokens: &[Token], lexicon: &Lexicon) -> Option<Vec<Item>> {
    let joins = |token: &Token| lexicon.is("and", &[lexicon.symbol(&token.fold)]);
    let whole = tokens.iter().all(|token| token.quoted || joins(token)) && tokens.iter().any(|token| token.quoted);
    whole.then(|| {
        let quoted = tokens.iter().filter(|token| token.quoted).take(items::ITEMS_MAX);
        let title = |token: &Token| slice(text, std::slice::from_ref(token)).to_owned();
        quoted.map(|token| Item { text: title(token), literal: true, lifted: true, ..Item::default() }).collect()
    })
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
