//! What quick-add understood, as JSON and as a task to make: the same for REST, the page, the command line and the assistant.

use serde::Serialize;

use crate::{
    due::Due,
    language::{QuickAdd, SpanKind},
    reminder::Reminder,
    task::{NewTask, ProjectRef},
};

/// What was understood of a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Parsed))]
pub struct ParsedJson {
    /// What is left of the text.
    pub title: String,
    /// A day, or a local date-time in the reader's zone.
    pub due: Option<String>,
    /// RFC 5545 recurrence rule.
    pub rrule: Option<String>,
    /// `due` or `completion`; null without a recurrence.
    pub anchor: Option<String>,
    /// The rule in words.
    pub recurrence_text: Option<String>,
    /// `low`, `medium`, `high` or `urgent`.
    pub priority: Option<String>,
    /// Names of labels.
    pub labels: Vec<String>,
    /// Name of a project.
    pub project: Option<String>,
    /// Instants, or leads such as `-PT10M`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub reminders: Vec<Reminder>,
    /// Minutes of work.
    pub duration_minutes: Option<u32>,
    /// The recognised pieces of the text, in order.
    pub spans: Vec<SpanJson>,
    /// A phrase that may be a date or part of the title.
    pub question: Option<QuestionJson>,
}

/// A recognised piece of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Span))]
pub struct SpanJson {
    /// Offset of the first character, in Unicode characters.
    pub start: usize,
    /// Offset after the last character, in Unicode characters.
    pub end: usize,
    /// The same in UTF-16 code units, as JavaScript counts.
    pub utf16_start: usize,
    /// The same in UTF-16 code units, as JavaScript counts.
    pub utf16_end: usize,
    /// `date`, `recurrence`, `reminder`, `priority`, `label`, `project` or `duration`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kind: SpanKind,
    /// The piece itself.
    pub text: String,
}

/// "Do you mean Friday night, or is it part of the title?"
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ParseQuestion))]
pub struct QuestionJson {
    /// The phrase in doubt.
    pub text: String,
    /// What it means if it is a date.
    pub due: Option<String>,
    /// The title if it is a date.
    pub title_then: String,
}

impl ParsedJson {
    /// What was understood of `source`.
    #[must_use]
    pub fn new(source: &str, parsed: &QuickAdd) -> Self {
        let utf16 = |byte: usize| source.get(..byte).map_or(0, |before| before.encode_utf16().count());
        Self {
            title: parsed.title.clone(),
            due: parsed.due.as_ref().map(local_text),
            rrule: parsed.recurrence.as_ref().map(ToString::to_string),
            anchor: parsed.recurrence.as_ref().map(|rule| rule.anchor().as_str().to_owned()),
            recurrence_text: parsed.recurrence.as_ref().map(crate::Recurrence::describe),
            priority: parsed.priority.map(|level| level.as_str().to_owned()),
            labels: parsed.labels.clone(),
            project: parsed.project.clone(),
            reminders: parsed.reminders.clone(),
            duration_minutes: parsed.duration_minutes,
            spans: parsed
                .spans
                .iter()
                .map(|span| SpanJson {
                    start: span.char_start,
                    end: span.char_end,
                    utf16_start: utf16(span.start),
                    utf16_end: utf16(span.end),
                    kind: span.kind,
                    text: span.text.clone(),
                })
                .collect(),
            question: parsed.question.as_ref().map(|question| QuestionJson {
                text: question.span.text.clone(),
                due: question.reading.due.as_ref().map(local_text),
                title_then: question.title_then.clone(),
            }),
        }
    }
}

/// A due date as the reader's own calendar and clock show it.
fn local_text(due: &Due) -> String {
    match due {
        Due::Day(day) => day.to_string(),
        Due::At(at) => at.datetime().to_string(),
    }
}

impl From<QuickAdd> for NewTask {
    fn from(parsed: QuickAdd) -> Self {
        Self {
            title: parsed.title,
            priority: parsed.priority.unwrap_or_default(),
            labels: parsed.labels,
            project: parsed.project.map(ProjectRef::Name),
            due: parsed.due,
            reminders: parsed.reminders,
            recurrence: parsed.recurrence,
            duration_minutes: parsed.duration_minutes,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Context, quick_add};

    #[test]
    fn offsets_count_characters_and_code_units() {
        let context = Context::new("2026-11-18T10:00:00[Europe/Paris]".parse().unwrap());
        let text = "🍰 cake tomorrow 5pm @party";
        let json = ParsedJson::new(text, &quick_add(text, &context));
        assert_eq!((json.title.as_str(), json.due.as_deref()), ("🍰 cake", Some("2026-11-19T17:00:00")));
        let date = &json.spans[0];
        assert_eq!((date.start, date.utf16_start), (7, 8));
        assert_eq!(json.labels, ["party"]);
        assert_eq!(json.anchor, None);
    }
}
