//! A phrase that points at tasks ("it", "task 3", "the second one", "everything overdue", "the dentist task") as a [`Target`].

use todo_domain::language;

use super::{
    filter_phrase,
    intent::Target,
    lexicon::{Lexicon, Symbol},
    token::{Token, slice},
};

/// Longest list of numbers that is taken, and longest range ("1 to 20").
const NUMBERS_MAX: usize = 100;

pub(crate) struct Phrase<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub lexicon: &'a Lexicon,
    pub context: &'a language::Context,
}

impl Phrase<'_> {
    fn symbols(&self) -> Vec<Symbol> {
        self.lexicon.symbols(self.tokens)
    }

    fn part(&self, range: std::ops::Range<usize>) -> Option<Phrase<'_>> {
        let tokens = self.tokens.get(range).filter(|tokens| !tokens.is_empty())?;
        Some(Phrase { tokens, ..*self })
    }

    /// Reads the phrase; `None` when it can't name tasks (a question word, a request).
    pub(crate) fn target(&self) -> Option<Target> {
        let symbols = self.symbols();
        if self.tokens.is_empty() || self.is_barred(&symbols) {
            return None;
        }
        if let Some(pointed) = self.pointed() {
            return Some(pointed);
        }
        if let Some(except) = self.except(&symbols) {
            return Some(except);
        }
        if let Some(described) = self.described() {
            return Some(described);
        }
        self.words(&symbols)
    }

    /// By number, place or pronoun only.
    pub(crate) fn pointed(&self) -> Option<Target> {
        let symbols = self.symbols();
        let the = self.lexicon.starts("the", &symbols).filter(|n| *n < symbols.len());
        let rests = [Some(symbols.as_slice()), the.and_then(|n| symbols.get(n..))];
        for symbols in rests.into_iter().flatten() {
            if self.lexicon.is("it", symbols) {
                return Some(Target::It);
            }
            if self.lexicon.is("both", symbols) {
                return Some(Target::Them { count: Some(2) });
            }
            if self.lexicon.is("them", symbols) {
                return Some(Target::Them { count: None });
            }
            if self.lexicon.is("rest", symbols) {
                return Some(Target::Rest);
            }
        }
        self.numbers().or_else(|| self.places(&symbols))
    }

    /// A question word, a request or a negation in front: this is no name of a task.
    fn is_barred(&self, symbols: &[Symbol]) -> bool {
        ["question", "thought", "polite", "negation"].iter().any(|class| self.lexicon.starts(class, symbols).is_some())
    }

    /// `#3`, "task 3", "3, 4 and 7", "1 to 3".
    fn numbers(&self) -> Option<Target> {
        let symbols = self.symbols();
        let mut numbers: Vec<i64> = Vec::new();
        let mut marked = false;
        let mut range = false;
        let mut at = 0;
        while at < self.tokens.len() {
            let rest = symbols.get(at..)?;
            if let Some(n) = self.lexicon.starts("number.mark", rest) {
                // "the third task" ends with the word; "task" alone is no number.
                if at + n >= self.tokens.len() {
                    return None;
                }
                marked = true;
                at += n;
                continue;
            }
            if numbers.is_empty() && self.lexicon.starts("the", rest) == Some(1) {
                at += 1;
                continue;
            }
            if !numbers.is_empty() {
                if let Some(n) = self.lexicon.starts("through", rest) {
                    range = true;
                    at += n;
                    continue;
                }
                if let Some(n) = self.lexicon.starts("and", rest) {
                    at += n;
                    continue;
                }
            }
            let word = &self.tokens.get(at)?.fold;
            let bare = word.strip_prefix('#').inspect(|_| marked = true).unwrap_or(word);
            let (number, last) = match bare.split_once('-') {
                Some((a, b)) => (small(a)?, Some(small(b.trim_start_matches('#'))?)),
                None => match small(bare) {
                    Some(number) => (number, None),
                    // "task two"; a number word alone is a word of a title.
                    None if marked => (self.lexicon.rank("number", *rest.first()?)? as i64 + 1, None),
                    None => return None,
                },
            };
            if range {
                extend(&mut numbers, number)?;
                range = false;
            } else {
                numbers.push(number);
            }
            if let Some(last) = last {
                extend(&mut numbers, last)?;
            }
            at += 1;
        }
        if numbers.is_empty() || range || numbers.len() > NUMBERS_MAX {
            return None;
        }
        let mut seen = std::collections::HashSet::new();
        numbers.retain(|number| seen.insert(*number));
        Some(if marked { Target::Numbers { numbers } } else { Target::Bare { numbers } })
    }

    /// "the second one", "first and third", "the last two", "the first 3 tasks".
    fn places(&self, symbols: &[Symbol]) -> Option<Target> {
        let mut at = self.lexicon.starts("the", symbols).filter(|n| *n < symbols.len()).unwrap_or(0);
        let count_at = |at: usize| -> Option<i64> {
            let token = self.tokens.get(at)?;
            small(&token.fold)
                .or_else(|| self.lexicon.rank("number", *symbols.get(at)?).map(|rank| rank as i64 + 1))
                .filter(|count| (1..=20).contains(count))
        };
        let is_noun = |at: usize| at < symbols.len() && self.lexicon.is("task", symbols.get(at..).unwrap_or_default());
        let first = *symbols.get(at)?;
        let is_last = self.lexicon.rank("last", first).is_some();
        let is_first = self.lexicon.rank("ordinal", first) == Some(0);
        if (is_last || is_first)
            && let Some(count) = count_at(at + 1).filter(|_| at + 2 == symbols.len() || is_noun(at + 2))
        {
            // "the last one" counts one.
            let places = if is_first { (1..=count).collect() } else { (-count..=-1).collect() };
            return Some(Target::Places { places });
        }
        let mut places = Vec::new();
        while at < symbols.len() {
            let rest = symbols.get(at..)?;
            if let Some(n) = self.lexicon.starts("and", rest).filter(|_| !places.is_empty()) {
                at += n;
                at += self.lexicon.starts("the", symbols.get(at..)?).unwrap_or(0);
                continue;
            }
            if !places.is_empty() && self.lexicon.is("task", rest) {
                break;
            }
            if !places.is_empty() && self.lexicon.starts("task", rest) == Some(1) && at + 1 < symbols.len() {
                at += 1;
                continue;
            }
            let symbol = *rest.first()?;
            let place = self.lexicon.rank("ordinal", symbol).or_else(|| self.lexicon.rank("ordinal.short", symbol));
            match place {
                Some(rank) => places.push(rank as i64 + 1),
                None if self.lexicon.rank("last", symbol).is_some() => places.push(-1),
                None => return None,
            }
            at += 1;
        }
        (!places.is_empty()).then_some(Target::Places { places })
    }

    /// "everything except the dentist".
    fn except(&self, symbols: &[Symbol]) -> Option<Target> {
        (1..symbols.len()).find_map(|at| {
            let n = self.lexicon.starts("except", symbols.get(at..)?)?;
            let all = self.part(0..at)?.many()?;
            let except = self.part(at + n..symbols.len())?.target()?;
            Some(Target::Except { all: Box::new(all), except: Box::new(except) })
        })
    }

    fn many(&self) -> Option<Target> {
        match self.pointed() {
            Some(target @ Target::Them { .. }) => Some(target),
            _ => self.described(),
        }
    }

    /// "all", "all my overdue tasks", "tasks due today".
    fn described(&self) -> Option<Target> {
        let symbols = self.symbols();
        if self.lexicon.is("all.tasks", &symbols) {
            return Some(Target::All { selection: crate::tools::Selection::default() });
        }
        let found = filter_phrase::read(self.text, self.tokens, self.lexicon, self.context)?;
        let mut selection = found.selection;
        match found.leftover {
            None if found.meaning && (found.all || found.noun && self.is_plural(&symbols)) => {}
            // "delete completed": a state alone.
            None if found.meaning && !found.noun && selection.status.is_some() => {}
            // "all work tasks", "all the grocery tasks".
            Some(topic) if found.all && found.noun && !topic.bytes().all(|b| b.is_ascii_digit()) => {
                selection.topic = Some(topic);
            }
            _ => return None,
        }
        Some(Target::All { selection })
    }

    fn is_plural(&self, symbols: &[Symbol]) -> bool {
        (0..symbols.len()).any(|at| symbols.get(at..).is_some_and(|rest| self.lexicon.starts("nouns", rest).is_some()))
    }

    /// Words of a title; several titles when commas or "and" stand between them.
    fn words(&self, symbols: &[Symbol]) -> Option<Target> {
        let whole = self.strip(symbols)?;
        let mut parts: Vec<Target> = Vec::new();
        let mut from = 0;
        for at in 0..=self.tokens.len() {
            let ends = at == self.tokens.len();
            let and = if ends { None } else { self.lexicon.starts("and", symbols.get(at..)?) };
            let comma = at > from && self.tokens.get(at - 1).is_some_and(|token| token.stop == Some(','));
            if !(ends || and.is_some() || comma) || at < from {
                continue;
            }
            if let Some(part) = self.part(from..at) {
                let part_symbols = part.symbols();
                parts.push(part.pointed().or_else(|| part.strip(&part_symbols))?);
            }
            from = at + and.unwrap_or(0);
        }
        match parts.len() {
            0 | 1 => Some(whole),
            _ => {
                let Target::Words { text, .. } = whole else { return Some(whole) };
                Some(Target::Each { parts, whole: text })
            }
        }
    }

    /// Without "the … task" around it.
    fn strip(&self, symbols: &[Symbol]) -> Option<Target> {
        let mut start = 0;
        let mut end = symbols.len();
        if let Some(n) = self.lexicon.starts("the", symbols).filter(|n| *n < end) {
            start = n;
        }
        if let Some(n) = self.lexicon.starts("noun.lead", symbols.get(start..)?).filter(|n| start + n < end) {
            start += n;
        }
        // "both dentist tasks".
        let both = self.lexicon.starts("both.lead", symbols.get(start..)?).filter(|n| start + n < end);
        start += both.unwrap_or(0);
        let several = both.is_some() || symbols.get(end - 1..).is_some_and(|last| self.lexicon.is("nouns", last));
        if let Some(n) = self.lexicon.ends("task", symbols.get(start..end)?).filter(|n| end - n > start) {
            end -= n;
        }
        let words = self.tokens.get(start..end)?;
        // "complete the": nothing is named.
        let empty = |token: &Token| !token.quoted && self.lexicon.is("stop", &[self.lexicon.symbol(&token.fold)]);
        if words.iter().all(empty) {
            return None;
        }
        let text = slice(self.text, words);
        Some(Target::Words { text: text.to_owned(), several })
    }
}

fn small(word: &str) -> Option<i64> {
    (word.len() <= 9 && !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()))
        .then(|| word.parse().ok())
        .flatten()
}

/// Continues a list of numbers up to `last`.
fn extend(numbers: &mut Vec<i64>, last: i64) -> Option<()> {
    let first = *numbers.last()?;
    let count = usize::try_from(last.checked_sub(first)?).ok()?;
    if count > NUMBERS_MAX {
        return None;
    }
    numbers.extend(first + 1..=last);
    Some(())
}
