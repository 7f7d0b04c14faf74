//! One line of text to one task.

use jiff::civil::Date;

use super::{
    context::Context,
    grammar::Grammar,
    lexicon::Class,
    literal::mark_literals,
    marks::Reminding,
    moment::{Moment, Verdict},
    repeat::Repeat,
    title,
    token::Text,
    when::When,
};
use crate::{Due, Priority, Recurrence, Reminder};

/// What was understood of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuickAdd {
    /// What is left of the text when every span is taken out. Empty when nothing is left.
    pub title: String,
    /// When the task is due; with a recurrence, its first occurrence.
    pub due: Option<Due>,
    /// How the task repeats, with its anchor.
    pub recurrence: Option<Recurrence>,
    /// Reminders, in the order of the text.
    pub reminders: Vec<Reminder>,
    /// The priority.
    pub priority: Option<Priority>,
    /// Labels without their `@`, in the order of the text, each once whatever its case.
    pub labels: Vec<String>,
    /// The project without its `#`.
    pub project: Option<String>,
    /// How long the task takes, in minutes.
    pub duration_minutes: Option<u32>,
    /// The recognised pieces of the text, in order, without overlap.
    pub spans: Vec<Span>,
    /// A phrase that may be a date or part of the title. It is part of the title until somebody answers.
    pub question: Option<Question>,
}

/// A recognised piece of the text (H19).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Span {
    /// Byte offset of its first character.
    pub start: usize,
    /// Byte offset after its last character.
    pub end: usize,
    /// The same in Unicode scalar values.
    pub char_start: usize,
    /// The same in Unicode scalar values.
    pub char_end: usize,
    /// What it was taken for.
    pub kind: SpanKind,
    /// The piece itself.
    pub text: String,
}

/// What a piece of the text was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// A day or a clock time, or both.
    Date,
    /// A recurrence.
    Recurrence,
    /// A reminder.
    Reminder,
    /// A priority.
    Priority,
    /// A label.
    Label,
    /// A project.
    Project,
    /// A duration.
    Duration,
}

/// "Do you mean Friday night, or is it part of the title?"
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The phrase in doubt.
    pub span: Span,
    /// What it means if it is a date.
    pub reading: When,
    /// The title if it is a date.
    pub title_then: String,
}

/// Longest text that is searched for phrases, in bytes. What is longer is a title as it stands.
pub const LONGEST_TEXT: usize = 16_384;

enum What {
    Priority(Priority),
    Label(String),
    Project(String),
    Duration(u32),
    Reminder(Reminding),
    RemindTo,
    Repeat(Repeat),
    Moment(Moment, Verdict),
}

struct Candidate {
    from: usize,
    to: usize,
    what: What,
}

/// Reads one line as one task. What is not understood stays in the title.
#[must_use]
pub fn quick_add(source: &str, context: &Context) -> QuickAdd {
    if source.len() > LONGEST_TEXT {
        return QuickAdd { title: source.split_whitespace().collect::<Vec<_>>().join(" "), ..QuickAdd::default() };
    }
    let mut text = Text::new(source, context.lexicon);
    let (whole, escapes) = mark_literals(&mut text);
    if whole {
        let inner = &source[text.tokens[0].end..text.tokens[text.len() - 1].start];
        return QuickAdd { title: title::one_line(inner), ..QuickAdd::default() };
    }
    let grammar = Grammar::new(&text, context);
    let candidates = grammar.candidates();
    Assembly { grammar, escapes, candidates }.assemble()
}

impl Grammar<'_> {
    /// Everything that may be taken out of the text, from left to right, without overlap.
    fn candidates(&self) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.text.len() {
            match self.candidate(at) {
                Some(mut candidate) => {
                    // "remind me tomorrow to call mom": the "to" goes with the reminder.
                    let timed = matches!(candidate.what, What::Moment(..) | What::Repeat(_));
                    let reminded = matches!(found.last(), Some(Candidate { what: What::RemindTo, to, .. }) if *to == candidate.from);
                    if timed && reminded {
                        candidate.to = self.text.skip(candidate.to, Class::RemindTail);
                    }
                    at = candidate.to.max(at + 1);
                    found.push(candidate);
                }
                None => at = self.name_end(at).unwrap_or(at + 1),
            }
        }
        found
    }

    /// A name such as "Black Friday" hides the date word in it, unless a leading word says that a date is meant.
    fn name_end(&self, at: usize) -> Option<usize> {
        let next = self.text.after(at, Class::Name)?;
        self.text.may_start(at).then_some(next)
    }

    fn candidate(&self, at: usize) -> Option<Candidate> {
        let text = self.text;
        if !text.may_start(at) {
            return None;
        }
        let made = |what: What, to: usize| Some(Candidate { from: at, to, what });
        if let Some((name, to)) = self.named(at, '#') {
            return made(What::Project(name), to);
        }
        if let Some((priority, to)) = self.priority(at) {
            return made(What::Priority(priority), to);
        }
        if let Some((reminder @ Reminding::Before(_), to)) = self.reminder(at) {
            return made(What::Reminder(reminder), to);
        }
        if self.is_start(at)
            && let Some(to) = text.after(at, Class::RemindTo)
        {
            return made(What::RemindTo, to);
        }
        if self.is_start(at)
            && let Some(to) = text.after(at, Class::Remind)
            && (self.repeat(to).is_some() || self.moment(to).is_some())
        {
            return made(What::RemindTo, to);
        }
        if let Some((reminder, to)) = self.reminder(at) {
            return made(What::Reminder(reminder), to);
        }
        if self.name_end(at).is_some() {
            return None;
        }
        if let Some((repeat, to)) = self.repeat(at) {
            return made(What::Repeat(repeat), to);
        }
        if let Some((minutes, to)) = self.duration(at) {
            return made(What::Duration(minutes), to);
        }
        if let Some((moment, to)) = self.moment(at) {
            match self.verdict(&moment, at, to) {
                Verdict::Title => {}
                verdict => return made(What::Moment(moment, verdict), to),
            }
        }
        let (name, to) = self.named(at, '@')?;
        made(What::Label(name), to)
    }
}

struct Assembly<'a> {
    grammar: Grammar<'a>,
    escapes: Vec<usize>,
    candidates: Vec<Candidate>,
}

impl Assembly<'_> {
    fn assemble(self) -> QuickAdd {
        let mut task = QuickAdd::default();
        let mut taken: Vec<(usize, usize, SpanKind)> = Vec::new();
        let last =
            |wanted: &dyn Fn(&What) -> bool| self.candidates.iter().rposition(|candidate| wanted(&candidate.what));

        // The last recurrence, the last day and the last clock time win (H9).
        let repeat = last(&|what| matches!(what, What::Repeat(_)));
        let day = last(&|what| matches!(what, What::Moment(moment, Verdict::Date) if moment.has_day()));
        let clock = last(&|what| matches!(what, What::Moment(moment, Verdict::Date) if !moment.has_day()));
        let moment_at = |index: Option<usize>| match &self.candidates.get(index?)?.what {
            What::Moment(moment, _) => Some(moment),
            _ => None,
        };
        let repeat_at = |index: Option<usize>| match &self.candidates.get(index?)?.what {
            What::Repeat(repeat) => Some(repeat),
            _ => None,
        };
        let mut day = day;
        let mut clock = clock;
        if let Some(said) = repeat_at(repeat) {
            // A day before a rule that names its own days belongs to the title; behind it, it says where the series starts.
            if said.names_its_day() && day < repeat {
                day = None;
            }
            if said.has_time() {
                clock = None;
            }
        }
        let day_moment = moment_at(day);
        if day_moment.is_some_and(|moment| moment.time(&self.grammar).is_some()) {
            clock = None;
        }
        let clock_moment = moment_at(clock);

        match (repeat_at(repeat), day_moment, clock_moment) {
            (Some(said), day, clock) => {
                let date: Option<Date> = day.and_then(|moment| moment.day(&self.grammar));
                let time = clock.or(day).and_then(|moment| moment.time(&self.grammar));
                if let Some((rule, due)) = said.clone().settle(&self.grammar, date, time) {
                    task.recurrence = Some(rule);
                    task.due = Some(due);
                }
            }
            (None, Some(day), Some(clock)) => {
                let date = day.day(&self.grammar);
                let time = clock.time(&self.grammar);
                task.due = date.zip(time).and_then(|(date, time)| self.grammar.due_at(date, time));
            }
            (None, Some(moment), None) | (None, None, Some(moment)) => task.due = moment.due(&self.grammar),
            (None, None, None) => {}
        }
        task.duration_minutes = clock_moment.or(day_moment).and_then(Moment::minutes);

        let remind_to = self.candidates.iter().any(|candidate| matches!(candidate.what, What::RemindTo));
        for (index, candidate) in self.candidates.iter().enumerate() {
            let kind = match &candidate.what {
                What::Priority(priority) if task.priority.is_none() => {
                    task.priority = Some(*priority);
                    SpanKind::Priority
                }
                What::Project(name) if task.project.is_none() => {
                    task.project = Some(name.clone());
                    SpanKind::Project
                }
                What::Label(name) => {
                    let known = task.labels.iter().any(|label| label.to_lowercase() == name.to_lowercase());
                    if !known {
                        task.labels.push(name.clone());
                    }
                    SpanKind::Label
                }
                What::Duration(minutes) if task.duration_minutes.is_none() => {
                    task.duration_minutes = Some(*minutes);
                    SpanKind::Duration
                }
                What::Reminder(reminding) => {
                    match reminding {
                        Reminding::Before(minutes) if *minutes <= Reminder::BEFORE_MAX => {
                            task.reminders.push(Reminder::Before { minutes: *minutes });
                        }
                        Reminding::Before(_) => continue,
                        Reminding::At(moment) => self.remind_at(&mut task, moment),
                    }
                    SpanKind::Reminder
                }
                What::RemindTo => SpanKind::Reminder,
                What::Repeat(_) if Some(index) == repeat && task.recurrence.is_some() => SpanKind::Recurrence,
                What::Moment(..) if (Some(index) == day || Some(index) == clock) && task.due.is_some() => {
                    SpanKind::Date
                }
                _ => continue,
            };
            taken.push((candidate.from, candidate.to, kind));
        }
        // "remind me to …" asks for a reminder when the task is due.
        if remind_to && task.reminders.is_empty() && matches!(task.due, Some(Due::At(_))) {
            task.reminders.push(Reminder::Before { minutes: 0 });
        }
        task.title = title::without(self.grammar.text, &self.ranges(&taken), &self.escapes);
        task.spans = title::spans(self.grammar.text, &taken);
        if task.due.is_none() {
            task.question = self.question(&taken);
        }
        task
    }

    /// A reminder at a moment of its own; without another due date it is the due date too.
    fn remind_at(&self, task: &mut QuickAdd, moment: &Moment) {
        let said = match (&task.due, moment.has_day()) {
            // "remind me at 9am" means the day of the task.
            (Some(due), false) => moment.time(&self.grammar).and_then(|time| self.grammar.due_at(due.date(), time)),
            _ => moment.due(&self.grammar),
        };
        let Some(said) = said else { return };
        let instant = match &said {
            Due::At(at) => Some(at.timestamp()),
            Due::Day(_) => Reminder::Before { minutes: 0 }.instant(Some(&said), self.grammar.context.now.time_zone()),
        };
        task.reminders.extend(instant.map(Reminder::At));
        if task.due.is_none() {
            task.due = Some(said);
        }
    }

    fn ranges(&self, taken: &[(usize, usize, SpanKind)]) -> Vec<(usize, usize)> {
        taken.iter().map(|(from, to, _)| (*from, *to)).collect()
    }

    fn question(&self, taken: &[(usize, usize, SpanKind)]) -> Option<Question> {
        let unsure = self.candidates.iter().rev().find_map(|candidate| match &candidate.what {
            What::Moment(moment, Verdict::Unsure) => Some((candidate, moment)),
            _ => None,
        });
        let (candidate, moment) = unsure?;
        let mut ranges = self.ranges(taken);
        ranges.push((candidate.from, candidate.to));
        ranges.sort_unstable();
        Some(Question {
            span: title::spans(self.grammar.text, &[(candidate.from, candidate.to, SpanKind::Date)]).pop()?,
            reading: When { due: Some(moment.due(&self.grammar)?), recurrence: None },
            title_then: title::without(self.grammar.text, &ranges, &self.escapes),
        })
    }
}
