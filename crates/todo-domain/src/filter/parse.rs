//! The filter language as text: terms joined by `&`, `|`, `!` and parentheses.
//!
//! A term is a date phrase (`today`, `next 7 days`), a state (`overdue`, `open`, `no date`, `recurring`), a priority (`p1`,
//! `priority >= high`), a label (`@home`, `@wait*`), a project (`#Work`), a field (`due before: friday`, `search: report`), or plain
//! words, which are searched. Terms side by side (`today p1 @home`) must all hold. Quotes and backslashes make operators literal.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{
    Filter,
    token::{Token, Word, tokens},
};
use crate::{
    error::{DomainError, Result},
    language::{self, Context, Range},
    priority::Priority,
    task::Status,
    text,
};

/// Longest filter, in characters.
pub const FILTER_MAX: usize = 1000;
const DEPTH_MAX: usize = 32;

/// Reads a filter; blank text means every task.
///
/// # Errors
/// A validation error on `filter` that says what can't be read.
pub fn parse(text: &str, context: &Context) -> Result<Filter> {
    if text.chars().count() > FILTER_MAX {
        return Err(wrong(format!("A filter must have at most {FILTER_MAX} characters.")));
    }
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Ok(Filter::All);
    }
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, context };
    let filter = parser.any()?;
    match parser.peek() {
        None => Ok(filter),
        Some(_) => Err(wrong("There is a `)` without its `(`.")),
    }
}

/// Reads when something is due: a date phrase, `overdue`, or `none`.
///
/// # Errors
/// A validation error on `due`.
pub fn parse_due(text: &str, context: &Context) -> Result<Filter> {
    let lower = text.trim().to_lowercase();
    match lower.as_str() {
        "overdue" | "late" => return Ok(Filter::Overdue),
        "none" | "no date" | "never" => return Ok(!any_due()),
        "any" | "set" => return Ok(any_due()),
        _ => {}
    }
    range(&lower, context).ok_or_else(|| {
        DomainError::invalid(
            "due",
            format!("`{}` is no time; write `today`, `next 7 days` or 2026-12-24.", short(text)),
        )
    })
}

fn any_due() -> Filter {
    Filter::Due { from: None, to: None }
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    context: &'a Context,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn take(&mut self) -> Option<&'a Token> {
        let token = self.tokens.get(self.at);
        self.at += 1;
        token
    }

    fn any(&mut self) -> Result<Filter> {
        let mut any = vec![self.all()?];
        while self.peek() == Some(&Token::Or) {
            self.at += 1;
            any.push(self.all()?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Filter::Or(any) })
    }

    fn all(&mut self) -> Result<Filter> {
        let mut all = self.one()?;
        loop {
            match self.peek() {
                Some(Token::And) => self.at += 1,
                // `today (p1 | p2)` and `p1 !@home`: side by side means both.
                Some(Token::Open | Token::Not | Token::Term(_)) => {}
                _ => return Ok(all),
            }
            all = all.and(self.one()?);
        }
    }

    fn one(&mut self) -> Result<Filter> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(wrong(format!("Parentheses are nested more than {DEPTH_MAX} deep.")));
        }
        let filter = match self.take() {
            Some(Token::Not) => !self.one()?,
            Some(Token::Open) => {
                let inner = self.any()?;
                if self.take() != Some(&Token::Close) {
                    return Err(wrong("There is a `(` without its `)`."));
                }
                inner
            }
            Some(Token::Term(words)) => term(words, self.context)?,
            Some(Token::And | Token::Or) => return Err(wrong("An operator stands where a condition should.")),
            Some(Token::Close) => return Err(wrong("The parentheses are empty or unbalanced.")),
            None => return Err(wrong("A condition is missing at the end.")),
        };
        self.depth -= 1;
        Ok(filter)
    }
}

/// Words side by side: sigils stand for themselves, a field takes the words up to the next sigil, the rest is one phrase.
fn term(words: &[Word], context: &Context) -> Result<Filter> {
    let mut found = Filter::All;
    let mut phrase: Vec<&Word> = Vec::new();
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        if let Some((field, consumed)) = field(&phrase, word) {
            let before = phrase.len() - consumed;
            let pending: Vec<&Word> = phrase.drain(..).take(before).collect();
            found = found.and(plain(&pending, context)?);
            let mut value = String::new();
            let inline = word.text.split_once(':').map_or("", |(_, inline)| inline);
            push_word(&mut value, inline);
            while let Some((next, after)) = rest.split_first() {
                if is_sigil(next) || next.text.contains(':') && !next.quoted && !starts_with_digit(&next.text) {
                    break;
                }
                push_word(&mut value, &next.text);
                rest = after;
            }
            found = found.and(field_filter(&field, &value, context)?);
        } else if is_sigil(word) {
            let pending = std::mem::take(&mut phrase);
            found = found.and(plain(&pending, context)?).and(sigil(&word.text)?);
        } else {
            phrase.push(word);
        }
    }
    Ok(found.and(plain(&phrase, context)?))
}

fn push_word(value: &mut String, word: &str) {
    if !value.is_empty() && !word.is_empty() {
        value.push(' ');
    }
    value.push_str(word);
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// `@label`, `#project` and `p1`.
fn is_sigil(word: &Word) -> bool {
    let text = &word.text;
    if word.quoted && !text.starts_with(['@', '#']) {
        return false;
    }
    (text.starts_with('@') || text.starts_with('#')) && text.chars().count() > 1
        || matches!(text.to_ascii_lowercase().as_str(), "p1" | "p2" | "p3" | "p4")
}

fn sigil(text: &str) -> Result<Filter> {
    if let Some(name) = text.strip_prefix('@') {
        return label(name);
    }
    if let Some(name) = text.strip_prefix('#') {
        return project(name);
    }
    Priority::parse(text).map(exactly).ok_or_else(|| wrong(format!("`{}` is no priority.", short(text))))
}

fn label(name: &str) -> Result<Filter> {
    match name.strip_suffix('*') {
        Some("") => Ok(Filter::AnyLabel),
        Some(start) => text::label_name(start).map(|start| Filter::Label(format!("{start}*"))).map_err(as_filter_error),
        None => text::label_name(name).map(Filter::Label).map_err(as_filter_error),
    }
}

fn project(name: &str) -> Result<Filter> {
    match name.to_lowercase().as_str() {
        "inbox" => Ok(!Filter::AnyProject),
        _ => text::project_name(name).map(Filter::Project).map_err(as_filter_error),
    }
}

fn exactly(level: Priority) -> Filter {
    Filter::Priority { min: level, max: level }
}

/// `due before: friday` is a field of two words, of which the first was read as a plain word already.
fn field(before: &[&Word], word: &Word) -> Option<(String, usize)> {
    if word.quoted {
        return None;
    }
    let (name, _) = word.text.split_once(':')?;
    let name = name.to_lowercase();
    if matches!(name.as_str(), "before" | "after") {
        let subject = before.last()?;
        return Some((format!("{} {name}", subject.text.to_lowercase()), 1));
    }
    (!name.is_empty() && name.chars().all(char::is_alphabetic)).then_some((name, 0))
}

fn field_filter(field: &str, value: &str, context: &Context) -> Result<Filter> {
    let value = value.trim();
    if value.is_empty() {
        return Err(wrong(format!("`{field}:` needs a value.")));
    }
    match field {
        "status" | "is" => match value.to_lowercase().as_str() {
            "all" | "any" => Ok(Filter::All),
            "overdue" => Ok(Filter::Overdue),
            "recurring" => Ok(Filter::Recurring),
            other => Status::parse(other)
                .map(Filter::Status)
                .ok_or_else(|| wrong(format!("`{}` is no status; use open, completed or all.", short(value)))),
        },
        "priority" => value
            .split(',')
            .map(|level| {
                Priority::parse(level).map(exactly).ok_or_else(|| {
                    wrong(format!("`{}` is no priority; use none, low, medium, high or urgent.", short(level)))
                })
            })
            .collect::<Result<Vec<_>>>()
            .map(|mut any| if any.len() == 1 { any.remove(0) } else { Filter::Or(any) }),
        "label" | "tag" | "labels" | "tags" => {
            value.split(',').try_fold(Filter::All, |all, name| label(name.trim()).map(|one| all.and(one)))
        }
        "project" | "category" => project(value),
        "search" | "text" | "title" => Ok(Filter::Text(value.to_owned())),
        "due" => parse_due(value, context).map_err(as_filter_error),
        "due before" => day_range(value, context).map(|(from, _)| Filter::Due { from: None, to: day_before(from) }),
        "due after" => day_range(value, context).map(|(_, to)| Filter::Due { from: day_after(to), to: None }),
        "created" | "updated" | "changed" | "completed" | "done" => {
            let (from, to) = day_range(value, context)?;
            instants(field, from, to, context)
        }
        "created before" | "updated before" | "changed before" | "completed before" | "done before" => {
            let (from, _) = day_range(value, context)?;
            instants(field, None, day_before(from), context)
        }
        "created after" | "updated after" | "changed after" | "completed after" | "done after" => {
            let (_, to) = day_range(value, context)?;
            instants(field, day_after(to), None, context)
        }
        other => Err(wrong(format!(
            "`{}:` is no field; use status, priority, label, project, due, created, updated, completed or search.",
            short(other)
        ))),
    }
}

fn instants(field: &str, from: Option<Date>, to: Option<Date>, context: &Context) -> Result<Filter> {
    let zone = context.now.time_zone();
    let from = from.map(|day| start_of(day, zone)).transpose()?;
    let to = to.map(|day| end_of(day, zone)).transpose()?;
    Ok(match field.split(' ').next() {
        Some("created") => Filter::Created { from, to },
        Some("completed" | "done") => Filter::Completed { from, to },
        _ => Filter::Updated { from, to },
    })
}

fn start_of(day: Date, zone: &TimeZone) -> Result<Timestamp> {
    day.to_zoned(zone.clone()).map(|at| at.timestamp()).map_err(|_| wrong("That date is out of range."))
}

fn end_of(day: Date, zone: &TimeZone) -> Result<Timestamp> {
    day.to_datetime(Time::MAX)
        .to_zoned(zone.clone())
        .map(|at| at.timestamp())
        .map_err(|_| wrong("That date is out of range."))
}

fn day_before(day: Option<Date>) -> Option<Date> {
    day.map(|day| day.saturating_sub(1.day()))
}

fn day_after(day: Option<Date>) -> Option<Date> {
    day.map(|day| day.saturating_add(1.day()))
}

fn day_range(value: &str, context: &Context) -> Result<(Option<Date>, Option<Date>)> {
    match language::parse_range(value, context) {
        Some(Range::Days { from, to }) => Ok((from, to)),
        _ => Err(wrong(format!("`{}` is no time; write `today`, `next 7 days` or 2026-12-24.", short(value)))),
    }
}

fn range(text: &str, context: &Context) -> Option<Filter> {
    Some(match language::parse_range(text, context)? {
        Range::Days { from, to } => Filter::Due { from, to },
        Range::Overdue => Filter::Overdue,
        Range::Undated => !any_due(),
        Range::Dated => any_due(),
    })
}

/// A phrase without sigils and fields.
fn plain(words: &[&Word], context: &Context) -> Result<Filter> {
    let Some(first) = words.first() else { return Ok(Filter::All) };
    let phrase = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    if words.len() == 1 && first.quoted {
        return Ok(Filter::Text(phrase));
    }
    let lower = phrase.to_lowercase();
    if let Some(filter) = state(&lower) {
        return Ok(filter);
    }
    if let Some(filter) = comparison(&lower)? {
        return Ok(filter);
    }
    Ok(range(&lower, context).unwrap_or(Filter::Text(phrase)))
}

fn state(phrase: &str) -> Option<Filter> {
    Some(match phrase {
        "all" | "view all" | "everything" => Filter::All,
        "overdue" | "od" | "late" => Filter::Overdue,
        "open" | "pending" | "todo" | "active" | "not done" => Filter::Status(Status::Pending),
        "completed" | "complete" | "done" => Filter::Status(Status::Completed),
        "no date" | "no due date" | "undated" => !any_due(),
        "has date" | "dated" | "scheduled" => any_due(),
        "no label" | "no labels" | "no tag" | "no tags" | "unlabelled" | "unlabeled" => !Filter::AnyLabel,
        "has label" | "labelled" | "labeled" => Filter::AnyLabel,
        "no project" | "inbox" => !Filter::AnyProject,
        "no priority" => exactly(Priority::None),
        "recurring" | "repeating" => Filter::Recurring,
        "not recurring" => !Filter::Recurring,
        "subtask" | "subtasks" => Filter::Subtask,
        "no parent" => !Filter::Subtask,
        "reminder" | "reminders" | "has reminder" => Filter::Reminder,
        "no reminder" | "no reminders" => !Filter::Reminder,
        _ => {
            let level = phrase.strip_suffix(" priority").or_else(|| phrase.strip_prefix("priority "))?;
            exactly(Priority::parse(level)?)
        }
    })
}

/// `priority >= high`, with or without spaces.
fn comparison(phrase: &str) -> Result<Option<Filter>> {
    let Some(rest) = phrase.strip_prefix("priority").map(str::trim_start) else { return Ok(None) };
    let Some(split) = rest.find(|c: char| !matches!(c, '<' | '>' | '=')).filter(|at| *at > 0) else { return Ok(None) };
    let (operator, level) = rest.split_at(split);
    let level = Priority::parse(level)
        .ok_or_else(|| wrong(format!("`{}` is no priority; use none, low, medium, high or urgent.", short(level))))?;
    let (lowest, highest) = (Priority::None, Priority::Urgent);
    let up = Priority::from_rank(level.rank() + 1);
    let down = Priority::from_rank(level.rank() - 1);
    Ok(Some(match operator {
        "=" | "==" => exactly(level),
        ">=" => Filter::Priority { min: level, max: highest },
        "<=" => Filter::Priority { min: lowest, max: level },
        ">" if level == highest => !Filter::All,
        "<" if level == lowest => !Filter::All,
        ">" => Filter::Priority { min: up, max: highest },
        "<" => Filter::Priority { min: lowest, max: down },
        _ => return Err(wrong(format!("`{operator}` is no comparison; use =, >, >=, < or <=."))),
    }))
}

fn as_filter_error(error: DomainError) -> DomainError {
    DomainError { field: Some("filter".into()), ..error }
}

pub(super) fn wrong(detail: impl Into<String>) -> DomainError {
    DomainError::invalid("filter", detail)
}

fn short(text: &str) -> String {
    let cut: String = text.chars().take(40).collect();
    cut.escape_debug().to_string()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
