//! A task as operations remember it: everything but the time of its last change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use todo_domain::{Due, Priority, Reminder, Status, Task, id::UserId};
use uuid::Uuid;

use super::{damaged, recurrence_from_text};
use crate::error::Result;

/// The content of a task. Fields without a value take no space in the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub id: Uuid,
    /// 0 when the number was handed out by the statement that made the task.
    #[serde(default)]
    pub number: i64,
    /// Not part of the content; a deleted task that comes back counts on from here.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    version: i64,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    priority: i16,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reminders: Vec<Reminder>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recurrence: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    anchor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    series_id: Option<Uuid>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    occurrence: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_minutes: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<Uuid>,
    pub position: f64,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_zero(value: &i16) -> bool {
    *value == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_one(value: &i64) -> bool {
    *value == 1
}

const fn one() -> i64 {
    1
}

impl From<&Task> for Record {
    fn from(task: &Task) -> Self {
        Self {
            id: task.id,
            number: task.number,
            version: task.version,
            title: task.title.clone(),
            description: task.description.clone(),
            priority: task.priority.rank(),
            labels: task.labels.clone(),
            project_id: task.project_id,
            due: task.due.as_ref().map(|due| match due {
                Due::Day(day) => day.to_string(),
                Due::At(at) => at.to_string(),
            }),
            reminders: task.reminders.clone(),
            recurrence: task.recurrence.as_ref().map(ToString::to_string),
            anchor: task.recurrence.as_ref().map(|rule| rule.anchor().as_str().to_owned()),
            series_id: task.series_id,
            occurrence: task.occurrence,
            duration_minutes: task.duration_minutes,
            parent_id: task.parent_id,
            position: task.position,
            created_at: task.created_at,
            completed_at: task.completed_at,
        }
    }
}

impl Record {
    /// The task with this content.
    pub(crate) fn into_task(self, user: &UserId, updated_at: Timestamp) -> Result<Task> {
        let due = self
            .due
            .map(|text| {
                if text.contains('[') {
                    text.parse().map(Due::At).map_err(|error| damaged("due date", error))
                } else {
                    text.parse().map(Due::Day).map_err(|error| damaged("due date", error))
                }
            })
            .transpose()?;
        Ok(Task {
            id: self.id,
            number: self.number,
            user_id: user.clone(),
            title: self.title,
            description: self.description,
            status: if self.completed_at.is_some() { Status::Completed } else { Status::Pending },
            priority: Priority::from_rank(self.priority),
            labels: self.labels,
            project_id: self.project_id,
            due,
            reminders: self.reminders,
            recurrence: recurrence_from_text(self.recurrence, self.anchor)?,
            series_id: self.series_id,
            occurrence: self.occurrence,
            duration_minutes: self.duration_minutes,
            parent_id: self.parent_id,
            position: self.position,
            created_at: self.created_at,
            updated_at,
            completed_at: self.completed_at,
            version: self.version,
        })
    }

    /// Whether `task` still has this content. Its place in the manual order counts only `with_position`: moving other tasks
    /// may renumber it.
    pub(crate) fn is_content_of(&self, task: &Task, with_position: bool) -> bool {
        let mut other = Self::from(task);
        (other.number, other.version) = (self.number, self.version);
        if !with_position {
            other.position = self.position;
        }
        *self == other
    }
}
