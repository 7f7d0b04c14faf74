//! From a sentence to what it asks for. Pure: the clock, the language and the question that is open are parameters.

use todo_domain::language;

use super::{
    answer::{self, Answer},
    clause::{Clause, bare_task},
    intent::{Intent, Step},
    lexicon::{self, Lexicon},
    memory::Question,
    pattern::Rule,
    token::{Token, slice, tokens},
};

/// What is known besides the sentence.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Clock, zone, habits and language of the user.
    pub context: &'a language::Context,
    /// Language tag of the user, tried first.
    pub language: &'a str,
    /// The question that the last answer asked.
    pub pending: Option<&'a Question>,
}

/// What a sentence means.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// It answers the open question.
    Answer(Answer),
    /// It asks for these, in order.
    Steps(Vec<Step>),
}

/// Longest sentence that is read, in words; more is no request.
const WORDS_MAX: usize = 400;
/// Most places at which a sentence is tried to be parted.
const JOINTS_MAX: usize = 12;

/// Reads a sentence. Answers the language in which it was understood.
#[must_use]
pub fn understand(text: &str, situation: &Situation<'_>) -> (Reading, &'static str) {
    let first = lexicon::of(situation.language);
    let tokens = tokens(text);
    let unknown =
        |intent| (Reading::Steps(vec![Step { intent, said: text.trim().to_owned(), doubt: false }]), first.language);
    if tokens.is_empty() || tokens.len() > WORDS_MAX {
        return unknown(Intent::Unknown);
    }
    // A sentence made of the user's own words is not looked for in another language, where they may mean something else.
    let own = first.symbols(&tokens).iter().filter(|symbol| **symbol != 0).count() * 2 > tokens.len();
    let others = lexicon::all().iter().filter(|other| other.language != first.language && !own);
    let languages: Vec<&'static Lexicon> = std::iter::once(first).chain(others).collect();
    if let Some(question) = situation.pending {
        for lexicon in &languages {
            if let Some(answer) = answer::plain(text, &tokens, question, lexicon) {
                return (Reading::Answer(answer), lexicon.language);
            }
        }
    }
    // Exactly, then by a choice's words, then as a task that begins with a verb, then with a typo forgiven, then as a task with a
    // date or a mark. Each stage in the user's language first.
    let context_of = |lexicon: &'static Lexicon| in_language(situation.context, lexicon);
    let mine = context_of(first);
    let reader = Reader { text, lexicon: first, context: &mine, typos: false };
    if let Some(steps) = reader.sentence(&tokens, 0) {
        return (Reading::Steps(steps), first.language);
    }
    if let Some(answer) = situation.pending.and_then(|question| answer::by_words(text, question, first)) {
        return (Reading::Answer(answer), first.language);
    }
    let negated = |lexicon: &&'static Lexicon| Clause::bare(text, &tokens, lexicon, situation.context).begins_negated();
    if !languages.iter().any(negated)
        && let Some(steps) = reader.bare(&tokens, false)
    {
        return (Reading::Steps(steps), first.language);
    }
    // What asks or wants to see in the user's language is no request in another one, whatever its words mean there.
    let mine_asks = Clause::bare(text, &tokens, first, &mine);
    let mine_asks = mine_asks.is_question() || mine_asks.is_thought() || mine_asks.wants_to_see();
    let allowed = |steps: &Vec<Step>| !(mine_asks && steps.iter().any(|step| step.intent.writes()));
    for lexicon in languages.iter().skip(1) {
        let reader = Reader { text, lexicon, context: &context_of(lexicon), typos: false };
        if let Some(steps) = reader.sentence(&tokens, 0).filter(allowed) {
            return (Reading::Steps(steps), lexicon.language);
        }
    }
    // Whoever says no in any language forbids guessing.
    if languages.iter().any(negated) {
        return unknown(Intent::LeaveAlone);
    }
    for lexicon in languages.iter().skip(1) {
        let reader = Reader { text, lexicon, context: &context_of(lexicon), typos: false };
        if let Some(steps) = reader.bare(&tokens, false).filter(allowed) {
            return (Reading::Steps(steps), lexicon.language);
        }
    }
    // In all four at once everything looks like something.
    for lexicon in languages.iter().filter(|lexicon| lexicon.language == first.language || lexicon.language == "en") {
        let reader = Reader { text, lexicon, context: &context_of(lexicon), typos: true };
        if let Some(steps) = reader.sentence(&tokens, 0).filter(allowed) {
            return (Reading::Steps(steps), lexicon.language);
        }
    }
    if let Some(steps) = reader.bare(&tokens, true) {
        return (Reading::Steps(steps), first.language);
    }
    for lexicon in &languages {
        let clause = Clause::new(text, &tokens, lexicon, situation.context);
        if clause.is_negated() && !clause.is_question() {
            return unknown(Intent::LeaveAlone);
        }
        if clause.is_question() || clause.is_thought() {
            return unknown(Intent::Unknown);
        }
    }
    let clause = Clause::new(text, &tokens, first, situation.context);
    if clause.is_command_on_number() || clause.is_only_a_command() || !text.chars().any(char::is_alphabetic) {
        return unknown(Intent::Unknown);
    }
    unknown(Intent::OfferToAdd { text: clause.said().to_owned() })
}

fn in_language(context: &language::Context, lexicon: &Lexicon) -> language::Context {
    context.clone().with_language(lexicon.language)
}

struct Reader<'a> {
    text: &'a str,
    lexicon: &'static Lexicon,
    context: &'a language::Context,
    typos: bool,
}

impl Reader<'_> {
    /// One request, or several joined by "and", "then", full stops.
    fn sentence(&self, tokens: &[Token], depth: usize) -> Option<Vec<Step>> {
        if depth < JOINTS_MAX
            && let Some(steps) = self.parted(tokens, depth)
        {
            return Some(steps);
        }
        self.clause(tokens).map(|step| vec![step])
    }

    fn parted(&self, tokens: &[Token], depth: usize) -> Option<Vec<Step>> {
        let symbols = self.lexicon.symbols(tokens);
        let mut tried = 0;
        for at in 1..tokens.len() {
            let before = tokens.get(at - 1)?;
            let hard = matches!(before.stop, Some('.' | '!' | ';' | '\n' | '?'));
            let comma = before.stop == Some(',');
            let join = self.lexicon.starts("join", symbols.get(at..)?);
            if !(hard || comma || join.is_some()) {
                continue;
            }
            let next = at + join.unwrap_or(0);
            let rest = symbols.get(next..)?;
            let rest_tokens = tokens.get(next..).filter(|rest| !rest.is_empty())?;
            if !hard && !self.begins_command(rest, rest_tokens) {
                continue;
            }
            tried += 1;
            if tried > JOINTS_MAX {
                return None;
            }
            let Some(left) = self.clause(tokens.get(..at)?).or_else(|| self.bare_clause(tokens.get(..at)?, false))
            else {
                continue;
            };
            let Some(right) = self.sentence(rest_tokens, depth + 1).or_else(|| {
                self.bare_clause(rest_tokens, false)
                    .filter(|_| hard || !matches!(left.intent, Intent::Add { .. }))
                    .map(|step| vec![step])
            }) else {
                // "complete 1 and don't delete 2": the second part asks for nothing.
                if Clause::new(self.text, rest_tokens, self.lexicon, self.context).begins_negated() {
                    return Some(vec![left]);
                }
                continue;
            };
            // "Buy milk. Call mom.": two sentences, each with its verb.
            let both_new = before.stop != Some(';')
                && matches!(left.intent, Intent::Add { .. })
                && right.first().is_some_and(|step| matches!(step.intent, Intent::Add { .. }));
            if hard && both_new && rest_tokens.first().is_some_and(|token| self.lexicon.is_verb(&token.fold)) {
                return Some(std::iter::once(left).chain(right).collect());
            }
            // "Hi! What's due today?": the greeting needs no answer of its own.
            if matches!(left.intent, Intent::Talk { .. }) && !matches!(right.first()?.intent, Intent::Talk { .. }) {
                return Some(right);
            }
            if self.may_follow(&left, right.first()?, symbols.get(at..next)?, rest, rest_tokens) {
                return Some(std::iter::once(left).chain(right).collect());
            }
        }
        None
    }

    fn begins_command(&self, symbols: &[lexicon::Symbol], tokens: &[Token]) -> bool {
        let clause = Clause::new(self.text, tokens, self.lexicon, self.context);
        let symbols = symbols
            .get(tokens.len() - clause.tokens.len()..)
            .filter(|s| s.len() >= clause.tokens.len())
            .unwrap_or(symbols);
        self.lexicon.starts("command", symbols).is_some()
            || self.lexicon.starts("past", symbols).is_some()
            || self.lexicon.starts("i", symbols).is_some()
            || clause.tokens.first().is_some_and(|token| self.lexicon.is_verb(&token.fold))
    }

    /// After a new task "and delete old mails" may be part of its title; only what is surely a command parts it.
    fn may_follow(
        &self,
        left: &Step,
        right: &Step,
        join: &[lexicon::Symbol],
        symbols: &[lexicon::Symbol],
        tokens: &[Token],
    ) -> bool {
        if !matches!(left.intent, Intent::Add { .. }) {
            return true;
        }
        if matches!(right.intent, Intent::Add { .. }) {
            return self.lexicon.starts("command.sure", symbols).is_some();
        }
        let mut intent = right.intent.clone();
        let pointed = intent.target_mut().is_some_and(|target| target.is_pointed());
        let named = tokens.iter().any(|token| {
            let symbol = [self.lexicon.symbol(&token.fold)];
            self.lexicon.is("noun", &symbol) || self.lexicon.is("nouns", &symbol)
        });
        pointed
            || named
            || self.lexicon.is("sequence", join)
            || self.lexicon.starts("command.sure", symbols).is_some()
            || (!right.intent.writes() && intent.target_mut().is_none() && !matches!(right.intent, Intent::Unknown))
    }

    fn clause(&self, tokens: &[Token]) -> Option<Step> {
        // Courtesy that is the whole message is meant as such.
        let whole = Clause::bare(self.text, tokens, self.lexicon, self.context);
        if let Some(step) = whole.read(false, is_talk) {
            return Some(step);
        }
        let clause = Clause::new(self.text, tokens, self.lexicon, self.context);
        if clause.tokens.iter().all(|token| token.quoted) {
            return None;
        }
        let step = clause.read(self.typos, |_| true)?;
        if self.typos || !self.is_list_of_lines(&clause) { Some(step) } else { None }
    }

    /// A pasted list is not a request, whatever its first line looks like.
    fn is_list_of_lines(&self, clause: &Clause<'_>) -> bool {
        let text = slice(self.text, clause.tokens);
        text.lines().count() > 1 && self.text.trim_start().starts_with(['-', '*', '•'])
    }

    fn bare_clause(&self, tokens: &[Token], nouns: bool) -> Option<Step> {
        let clause = Clause::new(self.text, tokens, self.lexicon, self.context);
        let intent = bare_task(&clause, nouns)?;
        Some(Step { intent, said: clause.said().to_owned(), doubt: false })
    }

    /// A task, or one per line, without a verb of ours.
    fn bare(&self, tokens: &[Token], nouns: bool) -> Option<Vec<Step>> {
        if let Some(steps) = self.lines(tokens) {
            return Some(steps);
        }
        self.bare_clause(tokens, nouns).map(|step| vec![step])
    }

    /// A list with bullets, or lines that each are a task.
    fn lines(&self, tokens: &[Token]) -> Option<Vec<Step>> {
        if !tokens.iter().any(|token| token.stop == Some('\n')) {
            return None;
        }
        let bulleted = self.text.lines().filter(|line| !line.trim().is_empty()).all(|line| {
            line.trim_start().starts_with(['-', '*', '•'])
                || line.trim_start().starts_with(|c: char| c.is_ascii_digit())
        });
        let lines: Vec<&[Token]> = tokens.split_inclusive(|token| token.stop == Some('\n')).collect();
        let tasks = lines.iter().all(|line| self.bare_clause(line, true).is_some());
        if !(bulleted || tasks) {
            return None;
        }
        let mut items = super::items::split(self.text, tokens, self.lexicon, self.context, false);
        for item in &mut items {
            item.lifted = false;
        }
        Some(vec![Step { intent: Intent::Add { items }, said: self.text.trim().to_owned(), doubt: false }])
    }
}

const fn is_talk(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::Greeting
            | Rule::Thanks
            | Rule::Bye
            | Rule::HowAreYou
            | Rule::WhoAreYou
            | Rule::Help
            | Rule::Undo
            | Rule::Yes
            | Rule::No
            | Rule::Summary
            | Rule::CannotDo
    )
}
