//! A task, what may be said when one is made, and what may be changed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    due::Due,
    error::{Code, DomainError, Result},
    id::UserId,
    priority::Priority,
    recurrence::Recurrence,
    reminder::Reminder,
    text,
};

/// Whether a task still wants doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not done.
    #[default]
    Pending,
    /// Done.
    Completed,
}

impl Status {
    /// Lower-case name, as it stands in JSON and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
        }
    }

    /// Reads a status in any case, with the synonyms that clients use.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "pending" | "open" | "todo" | "active" | "incomplete" => Some(Self::Pending),
            "completed" | "complete" | "done" | "closed" => Some(Self::Completed),
            _ => None,
        }
    }
}

/// A task as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// UUIDv7.
    pub id: Uuid,
    /// Small number for people, counting this user's tasks from 1; never reused.
    pub number: i64,
    /// Who owns it.
    pub user_id: UserId,
    /// 1 to 200 characters.
    pub title: String,
    /// Notes in Markdown.
    pub description: Option<String>,
    /// Done or not.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// Names of its labels, in alphabetical order.
    pub labels: Vec<String>,
    /// The project it belongs to; `None` is the inbox.
    pub project_id: Option<Uuid>,
    /// When it is due.
    pub due: Option<Due>,
    /// When to remind.
    pub reminders: Vec<Reminder>,
    /// How it repeats.
    pub recurrence: Option<Recurrence>,
    /// Shared by all occurrences of a repeating task.
    pub series_id: Option<Uuid>,
    /// Which occurrence of the series this is, from 1.
    pub occurrence: i64,
    /// How long it takes.
    pub duration_minutes: Option<u32>,
    /// The task of which this is a subtask (one level).
    pub parent_id: Option<Uuid>,
    /// Place in the manual order; ties are broken by id.
    pub position: f64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
    /// Counts changes from 1; the strong entity tag.
    pub version: i64,
}

impl Task {
    /// The reference that people use.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.status == Status::Completed
    }
}

/// A project named by id, or by name (made on the fly when it does not exist).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectRef {
    /// An existing project.
    Id(Uuid),
    /// By name, compared without case.
    Name(String),
}

/// Where a task goes in the manual order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before everything.
    First,
    /// After everything.
    Last,
    /// Just before that task.
    Before(Uuid),
    /// Just after that task.
    After(Uuid),
}

/// What is said of a task when it is made. Checked by [`NewTask::check`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewTask {
    /// Client-chosen id (offline clients); made when absent.
    pub id: Option<Uuid>,
    /// Title, not yet trimmed.
    pub title: String,
    /// Notes.
    pub description: Option<String>,
    /// Usually pending; imports may bring completed ones.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// Names of labels, made on the fly.
    pub labels: Vec<String>,
    /// Project.
    pub project: Option<ProjectRef>,
    /// When it is due. A repeating task without one becomes due on its first occurrence.
    pub due: Option<Due>,
    /// When to remind.
    pub reminders: Vec<Reminder>,
    /// How it repeats.
    pub recurrence: Option<Recurrence>,
    /// How long it takes.
    pub duration_minutes: Option<u32>,
    /// Parent, for a subtask.
    pub parent_id: Option<Uuid>,
    /// For imports: when it was made and completed elsewhere.
    pub created_at: Option<Timestamp>,
    /// For imports.
    pub completed_at: Option<Timestamp>,
}

impl NewTask {
    /// A task with only a title.
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Cleans and checks every field.
    ///
    /// # Errors
    /// The first rule that is broken, with the field to blame.
    pub fn check(mut self) -> Result<Self> {
        self.title = text::title(&self.title)?;
        self.description = self.description.as_deref().map(text::description).transpose()?.flatten();
        self.labels = label_set(&self.labels)?;
        if let Some(ProjectRef::Name(name)) = &mut self.project {
            *name = text::project_name(name)?;
        }
        self.reminders = reminder_set(self.reminders)?;
        check_duration(self.duration_minutes)?;
        if self.parent_id.is_some() && self.recurrence.is_some() {
            return Err(DomainError::invalid("recurrence", "A subtask can't repeat; let its parent repeat."));
        }
        Ok(self)
    }
}

/// What changes; `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskPatch {
    /// New title.
    pub title: Option<String>,
    /// New or no notes.
    pub description: Option<Option<String>>,
    /// Completing or reopening by update follows the rules of the commands of that name.
    pub status: Option<Status>,
    /// New priority.
    pub priority: Option<Priority>,
    /// Replaces the set of labels.
    pub labels: Option<Vec<String>>,
    /// Adds labels.
    pub add_labels: Vec<String>,
    /// Takes labels off.
    pub remove_labels: Vec<String>,
    /// New or no project.
    pub project: Option<Option<ProjectRef>>,
    /// New or no due date; the recurrence stays.
    pub due: Option<Option<Due>>,
    /// Replaces the reminders.
    pub reminders: Option<Vec<Reminder>>,
    /// New or no recurrence.
    pub recurrence: Option<Option<Recurrence>>,
    /// New or no duration.
    pub duration_minutes: Option<Option<u32>>,
    /// New or no parent.
    pub parent_id: Option<Option<Uuid>>,
    /// New place in the manual order.
    pub place: Option<Place>,
}

impl TaskPatch {
    /// Whether the patch says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Cleans and checks every field that is given.
    ///
    /// # Errors
    /// The first rule that is broken, with the field to blame.
    pub fn check(mut self) -> Result<Self> {
        self.title = self.title.as_deref().map(text::title).transpose()?;
        if let Some(Some(description)) = &self.description {
            self.description = Some(text::description(description)?);
        }
        self.labels = self.labels.as_deref().map(label_set).transpose()?;
        self.add_labels = label_set(&self.add_labels)?;
        self.remove_labels = label_set(&self.remove_labels)?;
        if let Some(Some(ProjectRef::Name(name))) = &mut self.project {
            *name = text::project_name(name)?;
        }
        self.reminders = self.reminders.map(reminder_set).transpose()?;
        check_duration(self.duration_minutes.flatten())?;
        Ok(self)
    }
}

/// Names of labels: cleaned, without doubles (compared without case), sorted.
///
/// # Errors
/// A validation error on `labels`.
pub fn label_set(raw: &[String]) -> Result<Vec<String>> {
    let mut labels: Vec<String> = Vec::with_capacity(raw.len());
    for name in raw {
        let name = text::label_name(name)?;
        if !labels.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
            labels.push(name);
        }
    }
    if labels.len() > text::LABELS_PER_TASK_MAX {
        return Err(DomainError::invalid(
            "labels",
            format!("A task can have at most {} labels.", text::LABELS_PER_TASK_MAX),
        ));
    }
    labels.sort_by_key(|name| name.to_lowercase());
    Ok(labels)
}

fn reminder_set(mut reminders: Vec<Reminder>) -> Result<Vec<Reminder>> {
    reminders.sort_unstable();
    reminders.dedup();
    if reminders.len() > text::REMINDERS_PER_TASK_MAX {
        return Err(DomainError::new(
            Code::LimitReached,
            format!("A task can have at most {} reminders.", text::REMINDERS_PER_TASK_MAX),
        ));
    }
    Ok(reminders)
}

fn check_duration(minutes: Option<u32>) -> Result<()> {
    const YEAR: u32 = 366 * 24 * 60;
    match minutes {
        Some(0) | Some(YEAR..) => {
            Err(DomainError::invalid("duration_minutes", format!("`duration_minutes` must be 1 to {}.", YEAR - 1)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_a_set_without_case() {
        let set = label_set(&["@Work".into(), "home".into(), "work".into()]).unwrap();
        assert_eq!(set, ["home", "Work"]);
    }

    #[test]
    fn checks_name_the_field() {
        let blame = |new: NewTask| new.check().unwrap_err().field.unwrap().into_owned();
        assert_eq!(blame(NewTask::titled(" ")), "title");
        assert_eq!(blame(NewTask { labels: vec!["x".repeat(51)], ..NewTask::titled("a") }), "labels");
        assert_eq!(blame(NewTask { duration_minutes: Some(0), ..NewTask::titled("a") }), "duration_minutes");
        assert_eq!(blame(NewTask { description: Some("\0".into()), ..NewTask::titled("a") }), "description");
    }

    #[test]
    fn an_empty_patch_is_empty() {
        assert!(TaskPatch::default().is_empty());
        assert!(!TaskPatch { due: Some(None), ..TaskPatch::default() }.is_empty());
    }
}
