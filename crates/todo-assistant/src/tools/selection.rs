//! Which tasks: the arguments of `list_tasks`, shared by `bulk_update`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use todo_domain::{
    Filter, Status,
    error::DomainError,
    filter, language,
    query::{Order, SortKey, Start, TaskQuery},
    text, wire,
};

/// A description of tasks, in words that tools and people share. Everything that is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// `all`, `pending` or `completed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Any of these priorities.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_several")]
    pub priority: Vec<String>,
    /// All of these labels.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_several")]
    pub labels: Vec<String>,
    /// In this project; `none` is the inbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// When due, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// First due day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date_from: Option<String>,
    /// Last due day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date_to: Option<String>,
    /// Completed on these days, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<String>,
    /// Made on these days, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Words in title or notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// A label, a project or a word: whichever there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Only repeating tasks.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub recurring: bool,
    /// Only tasks without label.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unlabelled: bool,
    /// The filter language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<String>,
    /// Direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// How many, 1 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Skip so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

impl Selection {
    /// Whether it describes nothing but perhaps a status.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        Self { status: None, sort_by: None, order: None, limit: None, offset: None, ..self.clone() } == Self::default()
    }

    /// The condition. A `topic` is settled by the labels and projects there are.
    ///
    /// # Errors
    /// A validation error that names the field.
    pub fn filter(
        &self,
        context: &language::Context,
        labels: &[String],
        projects: &[String],
    ) -> Result<Filter, DomainError> {
        let mut found = match &self.filter {
            Some(text) => filter::parse(text, context)?,
            None => Filter::All,
        };
        let mut also = |condition: Filter| found = std::mem::replace(&mut found, Filter::All).and(condition);
        match self.status.as_deref().map(str::trim) {
            None | Some("all" | "") => {}
            Some(status) => also(Filter::Status(Status::parse(status).ok_or_else(|| {
                let short: String = status.chars().take(60).collect();
                DomainError::invalid(
                    "status",
                    format!("`{}` is no status; use all, pending or completed.", short.escape_debug()),
                )
            })?)),
        }
        if !self.priority.is_empty() {
            let levels = self.priority.iter().map(|name| wire::priority(name)).collect::<Result<Vec<_>, _>>()?;
            let mut any: Vec<Filter> =
                levels.into_iter().map(|level| Filter::Priority { min: level, max: level }).collect();
            also(if any.len() == 1 { any.remove(0) } else { Filter::Or(any) });
        }
        for name in &self.labels {
            also(Filter::Label(text::label_name(name)?));
        }
        match self.project.as_deref().map(str::trim) {
            None | Some("") => {}
            Some("none" | "inbox") => also(!Filter::AnyProject),
            Some(name) => also(Filter::Project(text::project_name(name)?)),
        }
        if let Some(words) = &self.due {
            also(filter::parse_due(words, context)?);
        }
        let range = (day("due_date_from", &self.due_date_from)?, day("due_date_to", &self.due_date_to)?);
        if let (Some(from), Some(to)) = range
            && from > to
        {
            return Err(DomainError::invalid("due_date_from", "`due_date_from` lies after `due_date_to`."));
        }
        if range != (None, None) {
            also(Filter::Due { from: range.0, to: range.1 });
        }
        if let Some(words) = &self.completed {
            let (from, to) = instants("completed", words, context)?;
            also(Filter::Completed { from, to });
        }
        if let Some(words) = &self.created {
            let (from, to) = instants("created", words, context)?;
            also(Filter::Created { from, to });
        }
        if let Some(text) = self.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            also(Filter::Text(text.chars().take(500).collect()));
        }
        if let Some(topic) = self.topic.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            also(about(topic, labels, projects));
        }
        if self.recurring {
            also(Filter::Recurring);
        }
        if self.unlabelled {
            also(!Filter::AnyLabel);
        }
        Ok(found)
    }

    /// The question to the store.
    ///
    /// # Errors
    /// A validation error that names the field.
    pub fn query(&self, filter: Filter, limit: u32) -> Result<TaskQuery, DomainError> {
        let sort = match &self.sort_by {
            Some(key) => SortKey::parse(key)?,
            None if self.search.is_some() => SortKey::Relevance,
            None if self.completed.is_some() => SortKey::CompletedAt,
            None if self.due.is_some() || self.due_date_from.is_some() || self.due_date_to.is_some() => {
                SortKey::DueDate
            }
            None => SortKey::Number,
        };
        let order = self.order.as_deref().map(Order::parse).transpose()?.unwrap_or(sort.default_order());
        let limit = self.limit.unwrap_or(limit);
        if !(1..=todo_domain::query::PAGE_MAX).contains(&limit) {
            let max = todo_domain::query::PAGE_MAX;
            return Err(DomainError::invalid("limit", format!("`limit` must be 1 to {max}.")));
        }
        Ok(TaskQuery { filter, sort, order, limit, start: Start::Offset(self.offset.unwrap_or(0)) })
    }

    pub(super) fn properties() -> Value {
        json!({
            "status": { "type": "string", "enum": ["all", "pending", "completed"] },
            "priority": {
                "type": "array", "items": { "type": "string", "enum": ["none", "low", "medium", "high", "urgent"] },
                "description": "Any of these."
            },
            "labels": { "type": "array", "items": { "type": "string" }, "description": "All of these." },
            "project": { "type": "string", "description": "Name of the project; `none` is the inbox." },
            "due": {
                "type": "string",
                "description": "In words: today, overdue, this week, next 7 days, before friday, none."
            },
            "due_date_from": { "type": "string", "format": "date" },
            "due_date_to": { "type": "string", "format": "date" },
            "completed": { "type": "string", "description": "Completed on these days, in words: today, last week." },
            "created": { "type": "string", "description": "Made on these days, in words." },
            "search": { "type": "string", "description": "Words in title or notes." },
            "topic": { "type": "string", "description": "A label, a project or a word: whichever there is." },
            "recurring": { "type": "boolean" },
            "unlabelled": { "type": "boolean" },
            "filter": { "type": "string", "description": "Filter language: (today | overdue) & !@waiting." },
            "sort_by": {
                "type": "string",
                "enum": ["created_at", "updated_at", "completed_at", "due_date", "priority", "title", "position", "number", "relevance"]
            },
            "order": { "type": "string", "enum": ["asc", "desc"] },
            "limit": { "type": "integer", "minimum": 1, "maximum": 100 },
            "offset": { "type": "integer", "minimum": 0 },
        })
    }
}

/// A label of that name, a project of that name, else a word of the title.
fn about(topic: &str, labels: &[String], projects: &[String]) -> Filter {
    let key = topic.to_lowercase();
    let label = labels.iter().find(|name| name.to_lowercase() == key).map(|name| Filter::Label(name.clone()));
    let project = projects.iter().find(|name| name.to_lowercase() == key).map(|name| Filter::Project(name.clone()));
    let named: Vec<Filter> = label.into_iter().chain(project).collect();
    match named.len() {
        0 => Filter::Text(topic.chars().take(500).collect()),
        _ => Filter::Or(named),
    }
}

/// Days in words, as the instants between which they lie in the reader's zone.
fn instants(
    field: &'static str,
    words: &str,
    context: &language::Context,
) -> Result<(Option<jiff::Timestamp>, Option<jiff::Timestamp>), DomainError> {
    let Ok(Filter::Due { from, to }) = filter::parse_due(words, context) else {
        let short: String = words.chars().take(60).collect();
        return Err(DomainError::invalid(
            field,
            format!("`{}` names no days; write today, yesterday or last week.", short.escape_debug()),
        ));
    };
    let zone = context.now.time_zone();
    let start = |day: Date| day.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
    let end = |day: Date| {
        let next = day.tomorrow().ok().and_then(start)?;
        next.checked_sub(jiff::SignedDuration::from_micros(1)).ok()
    };
    Ok((from.and_then(start), to.and_then(end)))
}

fn day(field: &'static str, text: &Option<String>) -> Result<Option<Date>, DomainError> {
    text.as_deref()
        .map(|text| {
            let short: String = text.chars().take(60).collect();
            text.trim().parse().map_err(|_| {
                DomainError::invalid(field, format!("`{}` is no day; write 2026-12-24.", short.escape_debug()))
            })
        })
        .transpose()
}

/// A list, or one string with commas in it.
fn one_or_several<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Option::<Either>::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Either::One(text)) => {
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
        Some(Either::Several(names)) => names,
    })
}
