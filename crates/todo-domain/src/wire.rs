//! JSON shapes of tasks, shared by the server, the client, the tools and the exports, so that every door spells a task alike.
//!
//! Output carries both spellings that clients of the original contract use (`completed` beside `status`, `tags` beside `labels`,
//! `category_id` beside `project_id`). Input takes either spelling; unknown fields are refused.

mod text;

use std::fmt;

use jiff::{Timestamp, Zoned, civil, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::{
    due::Due,
    error::{DomainError, Result},
    language,
    priority::Priority,
    recurrence::Recurrence,
    reminder::Reminder,
    task::{NewTask, Place, ProjectRef, Status, Task, TaskPatch},
};

pub use text::{write_task, write_tasks};

/// A task as clients see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Task))]
pub struct TaskJson {
    /// UUIDv7.
    pub id: Uuid,
    /// Small number for people: "task 3".
    pub number: i64,
    /// Owner.
    pub user_id: String,
    /// Title.
    pub title: String,
    /// Notes in Markdown.
    pub description: Option<String>,
    /// `pending` or `completed`.
    pub status: String,
    /// The same as a flag.
    pub completed: bool,
    /// `none`, `low`, `medium`, `high` or `urgent`.
    pub priority: String,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// The same, under the name that clients of the original contract know.
    pub tags: Vec<String>,
    /// Project; null is the inbox.
    pub project_id: Option<Uuid>,
    /// The same, under the name that clients of the original contract know.
    pub category_id: Option<Uuid>,
    /// A day (`2026-11-18`) or an instant with offset (`2026-11-18T17:00:00+01:00`).
    pub due_date: Option<String>,
    /// Zone of an instant (`Europe/Paris`).
    pub due_timezone: Option<String>,
    /// Instants, or leads such as `-PT10M`.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub reminders: Vec<Reminder>,
    /// RFC 5545 recurrence rule.
    pub recurrence: Option<String>,
    /// The rule in words.
    pub recurrence_text: Option<String>,
    /// `due` or `completion`: from what the next occurrence is counted.
    pub recurrence_anchor: Option<String>,
    /// Shared by the occurrences of a repeating task.
    pub series_id: Option<Uuid>,
    /// Expected minutes of work.
    pub duration_minutes: Option<u32>,
    /// The task of which this is a subtask.
    pub parent_id: Option<Uuid>,
    /// Place in the manual order.
    pub position: f64,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it changed last.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
    /// When it was completed.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub completed_at: Option<Timestamp>,
    /// Counts changes; the entity tag is `"v<version>"`.
    pub version: i64,
}

impl From<&Task> for TaskJson {
    fn from(task: &Task) -> Self {
        Self {
            id: task.id,
            number: task.number,
            user_id: task.user_id.as_str().to_owned(),
            title: task.title.clone(),
            description: task.description.clone(),
            status: task.status.as_str().to_owned(),
            completed: task.is_completed(),
            priority: task.priority.as_str().to_owned(),
            labels: task.labels.clone(),
            tags: task.labels.clone(),
            project_id: task.project_id,
            category_id: task.project_id,
            due_date: task.due.as_ref().map(due_text),
            due_timezone: task.due.as_ref().and_then(Due::zone_name).map(str::to_owned),
            reminders: task.reminders.clone(),
            recurrence: task.recurrence.as_ref().map(ToString::to_string),
            recurrence_text: task.recurrence.as_ref().map(Recurrence::describe),
            recurrence_anchor: task.recurrence.as_ref().map(|rule| rule.anchor().as_str().to_owned()),
            series_id: task.series_id,
            duration_minutes: task.duration_minutes,
            parent_id: task.parent_id,
            position: task.position,
            created_at: task.created_at,
            updated_at: task.updated_at,
            completed_at: task.completed_at,
            version: task.version,
        }
    }
}

/// A due date as text: a day, or RFC 3339 with the offset of its zone.
#[must_use]
pub fn due_text(due: &Due) -> String {
    match due {
        Due::Day(day) => day.to_string(),
        Due::At(at) => at.timestamp().display_with_offset(at.offset()).to_string(),
    }
}

/// A field of a partial update: absent, null, or a value (RFC 7396 keeps the three apart).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Field<T> {
    /// Not mentioned: stays as it is.
    #[default]
    Absent,
    /// `null`: cleared.
    Null,
    /// A new value.
    Value(T),
}

impl<T> Field<T> {
    /// As the nested option that [`TaskPatch`] uses.
    pub fn into_option(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// The value, where clearing is not possible.
    ///
    /// # Errors
    /// A validation error on `field` when it is null.
    pub fn required(self, field: &'static str) -> Result<Option<T>> {
        match self {
            Self::Absent => Ok(None),
            Self::Null => {
                Err(DomainError::invalid(field, format!("`{field}` can't be null; leave it out to keep it.")))
            }
            Self::Value(value) => Ok(Some(value)),
        }
    }

    /// The value if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    fn or(self, other: Self) -> Self {
        if matches!(self, Self::Absent) { other } else { self }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Absent | Self::Null => serializer.serialize_none(),
        }
    }
}

fn absent<T>(field: &Field<T>) -> bool {
    matches!(field, Field::Absent)
}

/// What a client says to make or to change a task. On creation null means absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TaskInput))]
pub struct TaskInput {
    /// Client-chosen UUID (creation only).
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>, required = false))]
    pub id: Field<Uuid>,
    /// 1 to 200 characters after trimming; required on creation.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub title: Field<String>,
    /// Notes in Markdown, at most 10,000 characters.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub description: Field<String>,
    /// `pending` or `completed`.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub status: Field<String>,
    /// The same as a flag.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>, required = false))]
    pub completed: Field<bool>,
    /// `none`, `low`, `medium`, `high`, `urgent` in any case.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub priority: Field<String>,
    /// Names of labels; made on the fly; replaces the set.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, required = false))]
    pub labels: Field<Vec<String>>,
    /// The same.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, required = false))]
    pub tags: Field<Vec<String>>,
    /// Names of labels to add to those of the task; made on the fly.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, required = false))]
    pub add_labels: Field<Vec<String>>,
    /// Ids of existing labels; replaces the set.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Uuid>>, required = false))]
    pub tag_ids: Field<Vec<Uuid>>,
    /// Id of an existing project.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>, required = false))]
    pub project_id: Field<Uuid>,
    /// The same.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>, required = false))]
    pub category_id: Field<Uuid>,
    /// Name of a project; made on the fly.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub project: Field<String>,
    /// A day, an RFC 3339 instant, a local date-time, or words (`next friday 5pm`).
    #[serde(alias = "due", skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub due_date: Field<String>,
    /// Zone of a local date-time; otherwise the user's own.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub due_timezone: Field<String>,
    /// Instants, or leads such as `-PT10M`.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, required = false))]
    pub reminders: Field<Vec<String>>,
    /// RFC 5545 rule, or words (`every other monday`).
    #[serde(alias = "rrule", skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub recurrence: Field<String>,
    /// `due` or `completion`.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub recurrence_anchor: Field<String>,
    /// Expected minutes of work.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, required = false))]
    pub duration_minutes: Field<u32>,
    /// Parent, for a subtask.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>, required = false))]
    pub parent_id: Field<Uuid>,
    /// Manual order: `first`, `last`, or the id of a task after which this goes.
    #[serde(skip_serializing_if = "absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, required = false))]
    pub place: Field<String>,
}

impl TaskInput {
    /// The new task that is described. `label_ids` were resolved to names by the caller (`tag_ids`).
    ///
    /// # Errors
    /// A validation error that names the field.
    pub fn into_new(self, context: &language::Context) -> Result<NewTask> {
        let title = self.title.value().ok_or_else(|| DomainError::invalid("title", "`title` is required."))?;
        let rule = recurrence_field(self.recurrence, self.recurrence_anchor, context)?;
        let due = due_field(self.due_date, self.due_timezone, context)?.flatten();
        let status = status_field(self.status, self.completed)?.unwrap_or_default();
        let mut labels = self.labels.or(self.tags).value().unwrap_or_default();
        labels.extend(self.add_labels.value().unwrap_or_default());
        NewTask {
            id: self.id.value(),
            title,
            description: self.description.value(),
            status,
            priority: self.priority.value().as_deref().map(priority).transpose()?.unwrap_or_default(),
            labels,
            project: project_field(self.project_id, self.category_id, self.project).flatten(),
            due,
            reminders: reminders(self.reminders.value().unwrap_or_default())?,
            recurrence: rule.flatten(),
            duration_minutes: self.duration_minutes.value(),
            parent_id: self.parent_id.value(),
            created_at: None,
            completed_at: None,
        }
        .check()
    }

    /// The change that is described.
    ///
    /// # Errors
    /// A validation error that names the field.
    pub fn into_patch(self, context: &language::Context) -> Result<TaskPatch> {
        if self.id != Field::Absent {
            return Err(DomainError::invalid("id", "`id` can't be changed."));
        }
        TaskPatch {
            title: self.title.required("title")?,
            description: self.description.into_option(),
            status: status_field(self.status, self.completed)?,
            priority: self
                .priority
                .into_option()
                .map(|p| p.as_deref().map_or(Ok(Priority::None), priority))
                .transpose()?,
            labels: self.labels.or(self.tags).into_option().map(Option::unwrap_or_default),
            add_labels: self.add_labels.value().unwrap_or_default(),
            remove_labels: Vec::new(),
            project: project_field(self.project_id, self.category_id, self.project),
            due: due_field(self.due_date, self.due_timezone, context)?,
            reminders: self.reminders.into_option().map(|list| reminders(list.unwrap_or_default())).transpose()?,
            recurrence: recurrence_field(self.recurrence, self.recurrence_anchor, context)?,
            duration_minutes: self.duration_minutes.into_option(),
            parent_id: self.parent_id.into_option(),
            place: self.place.value().as_deref().map(place).transpose()?,
        }
        .check()
    }
}

fn status_field(status: Field<String>, completed: Field<bool>) -> Result<Option<Status>> {
    let status = match status.required("status")? {
        Some(text) => Some(Status::parse(&text).ok_or_else(|| {
            DomainError::invalid("status", format!("`{}` is no status; use pending or completed.", text.escape_debug()))
        })?),
        None => None,
    };
    let flag = completed.required("completed")?.map(|done| if done { Status::Completed } else { Status::Pending });
    match (status, flag) {
        (Some(a), Some(b)) if a != b => Err(DomainError::invalid("completed", "`completed` contradicts `status`.")),
        (a, b) => Ok(a.or(b)),
    }
}

/// Reads a priority in any spelling.
///
/// # Errors
/// A validation error on `priority`.
pub fn priority(text: &str) -> Result<Priority> {
    Priority::parse(text).ok_or_else(|| {
        DomainError::invalid(
            "priority",
            format!("`{}` is no priority; use none, low, medium, high or urgent.", text.escape_debug()),
        )
    })
}

fn project_field(id: Field<Uuid>, category: Field<Uuid>, name: Field<String>) -> Option<Option<ProjectRef>> {
    match (id.or(category), name) {
        (Field::Value(id), _) => Some(Some(ProjectRef::Id(id))),
        (_, Field::Value(name)) => Some(Some(ProjectRef::Name(name))),
        (Field::Null, _) | (_, Field::Null) => Some(None),
        (Field::Absent, Field::Absent) => None,
    }
}

fn reminders(texts: Vec<String>) -> Result<Vec<Reminder>> {
    texts.iter().map(|text| Reminder::parse(text)).collect()
}

fn place(text: &str) -> Result<Place> {
    match text {
        "first" => Ok(Place::First),
        "last" => Ok(Place::Last),
        id => Uuid::try_parse(id)
            .map(Place::After)
            .map_err(|_| DomainError::invalid("place", "`place` is `first`, `last` or the id of a task.")),
    }
}

fn due_field(due: Field<String>, zone: Field<String>, context: &language::Context) -> Result<Option<Option<Due>>> {
    let zone = zone.value().map(|name| time_zone("due_timezone", &name)).transpose()?;
    match due {
        Field::Absent => Ok(None),
        Field::Null => Ok(Some(None)),
        Field::Value(text) => self::due("due_date", &text, zone, context).map(|due| Some(Some(due))),
    }
}

/// Reads the name of a time zone.
///
/// # Errors
/// A validation error on `field`.
pub fn time_zone(field: &'static str, name: &str) -> Result<TimeZone> {
    TimeZone::get(name.trim()).map_err(|_| {
        DomainError::invalid(
            field,
            format!("`{}` is no time zone; use a name such as Europe/Paris.", name.escape_debug()),
        )
    })
}

/// Reads a due date: a day, an instant (RFC 3339, or RFC 9557 with a zone), a local date-time, or words.
///
/// # Errors
/// A validation error on `field`.
pub fn due(field: &'static str, text: &str, zone: Option<TimeZone>, context: &language::Context) -> Result<Due> {
    let text = text.trim();
    let home = zone.clone().unwrap_or_else(|| context.now.time_zone().clone());
    if text.contains('[')
        && let Ok(at) = text.parse::<Zoned>()
    {
        return Ok(Due::At(at));
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(Due::At(instant.to_zoned(home)));
    }
    if looks_like_iso(text) {
        let looked = text.to_ascii_uppercase();
        if looked.contains('T') || looked.contains(' ') {
            if let Ok(local) = text.parse::<civil::DateTime>() {
                return local.to_zoned(home).map(Due::At).map_err(|error| no_date(field, text, &error));
            }
        } else if let Ok(day) = text.parse::<civil::Date>() {
            return Ok(Due::Day(day));
        }
    }
    match language::parse_when(text, context).and_then(|when| when.due) {
        Some(Due::At(at)) if zone.is_some() => {
            at.datetime().to_zoned(home).map(Due::At).map_err(|error| no_date(field, text, &error))
        }
        Some(due) => Ok(due),
        None => Err(no_date(
            field,
            text,
            &"write 2026-12-24, 2026-12-24T18:00:00+01:00, or words such as `next friday 5pm`",
        )),
    }
}

fn looks_like_iso(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8 && bytes.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-' || *b == b'+')
}

fn no_date(field: &'static str, text: &str, why: &dyn fmt::Display) -> DomainError {
    let short: String = text.chars().take(60).collect();
    DomainError::invalid(field, format!("`{}` is no date: {why}.", short.escape_debug()))
}

fn recurrence_field(
    rule: Field<String>,
    anchor: Field<String>,
    context: &language::Context,
) -> Result<Option<Option<Recurrence>>> {
    let anchor = anchor.value();
    match rule {
        Field::Absent => match anchor {
            Some(_) => Err(DomainError::invalid("recurrence_anchor", "`recurrence_anchor` needs `recurrence`.")),
            None => Ok(None),
        },
        Field::Null => Ok(Some(None)),
        Field::Value(text) => {
            let mut rule = recurrence(&text, context)?;
            if let Some(anchor) = anchor {
                rule = rule.with_anchor(anchor.parse().map_err(|_| {
                    DomainError::invalid("recurrence_anchor", "`recurrence_anchor` is `due` or `completion`.")
                })?);
            }
            Ok(Some(Some(rule)))
        }
    }
}

/// Reads a recurrence: an RFC 5545 rule, or words.
///
/// # Errors
/// A validation error on `recurrence`.
pub fn recurrence(text: &str, context: &language::Context) -> Result<Recurrence> {
    let text = text.trim();
    if text.to_ascii_uppercase().contains("FREQ=") {
        return text.parse().map_err(|error| DomainError::invalid("recurrence", format!("{error}")));
    }
    language::parse_when(text, context).and_then(|when| when.recurrence).ok_or_else(|| {
        let short: String = text.chars().take(60).collect();
        DomainError::invalid(
            "recurrence",
            format!(
                "`{}` is no recurrence; write FREQ=WEEKLY;BYDAY=MO or words such as `every other monday`.",
                short.escape_debug()
            ),
        )
    })
}
