//! Our own JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Plan, Reader, Writer, unreadable};
use crate::{
    error::{DomainError, Result},
    task::{NewTask, ProjectRef, Task},
    wire::{Field, TaskInput, TaskJson},
};

const VERSION: u32 = 1;

/// A task as an export writes it: as the API does, with the name of its project.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    #[serde(flatten)]
    task: TaskJson,
    project: Option<&'a str>,
}

impl<'a> Entry<'a> {
    /// The entry of a task in the project of that name.
    #[must_use]
    pub fn new(task: &Task, project: Option<&'a str>) -> Self {
        Self { task: TaskJson::from(task), project }
    }
}

pub fn begin(file: &Writer) -> Result<String> {
    let now = to_string(&file.now)?;
    Ok(format!("{{\n\"format\": \"todo\",\n\"version\": {VERSION},\n\"exported_at\": {now},\n\"tasks\": ["))
}

pub fn tasks(file: &Writer, tasks: &[Task]) -> Result<String> {
    let mut text = String::new();
    for (index, task) in tasks.iter().enumerate() {
        text.push_str(file.before(index));
        text.push_str(&to_string(&Entry::new(task, file.project_name(task)))?);
    }
    Ok(text)
}

pub fn end(file: &Writer) -> Result<String> {
    let (labels, projects) = (to_string(&file.labels)?, to_string(&file.projects)?);
    Ok(format!("\n],\n\"labels\": {labels},\n\"projects\": {projects}\n}}\n"))
}

pub(super) fn to_string(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(unreadable)
}

#[derive(Deserialize)]
struct Incoming {
    #[serde(default)]
    version: Option<u32>,
    tasks: Vec<Value>,
}

/// The fields that an export has; those that only describe are passed over.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    id: String,
    title: String,
    description: Option<String>,
    status: Option<String>,
    completed: Option<bool>,
    priority: Option<String>,
    labels: Option<Vec<String>>,
    tags: Option<Vec<String>>,
    project: Option<String>,
    due_date: Option<String>,
    due_timezone: Option<String>,
    reminders: Option<Vec<String>>,
    recurrence: Option<String>,
    recurrence_anchor: Option<String>,
    duration_minutes: Option<u32>,
    parent_id: Option<String>,
    created_at: Option<jiff::Timestamp>,
    completed_at: Option<jiff::Timestamp>,
}

pub fn read(text: &str, reader: &mut Reader<'_>) -> Result<Plan> {
    let rows = match serde_json::from_str::<Value>(text).map_err(unreadable)? {
        Value::Array(rows) => rows,
        other => {
            let incoming: Incoming = serde_json::from_value(other).map_err(unreadable)?;
            if incoming.version.is_some_and(|version| version > VERSION) {
                return Err(unreadable("it was written by a newer version of this program"));
            }
            incoming.tasks
        }
    };
    let mut plan = Plan::default();
    for (index, row) in rows.into_iter().enumerate() {
        match serde_json::from_value::<Row>(row) {
            Ok(row) => {
                let task = row.into_task(reader);
                plan.push(index + 1, task);
            }
            Err(error) => plan.skip(index + 1, error.to_string()),
        }
    }
    Ok(plan)
}

impl Row {
    fn into_task(self, reader: &mut Reader<'_>) -> Result<NewTask> {
        let parent = self.parent_id.as_deref().and_then(|source| reader.known(source));
        if self.parent_id.is_some() && parent.is_none() {
            return Err(DomainError::invalid("parent_id", "The parent of this subtask is not in the file before it."));
        }
        let field = |value: Option<String>| value.map_or(Field::Absent, Field::Value);
        let input = TaskInput {
            title: Field::Value(self.title),
            description: field(self.description),
            status: field(self.status),
            completed: self.completed.map_or(Field::Absent, Field::Value),
            priority: field(self.priority),
            labels: self.labels.or(self.tags).map_or(Field::Absent, Field::Value),
            due_date: field(self.due_date),
            due_timezone: field(self.due_timezone),
            reminders: self.reminders.map_or(Field::Absent, Field::Value),
            recurrence: field(self.recurrence.clone()),
            recurrence_anchor: field(self.recurrence.and(self.recurrence_anchor)),
            duration_minutes: self.duration_minutes.map_or(Field::Absent, Field::Value),
            ..TaskInput::default()
        };
        let task = input.into_new(reader.context)?;
        Ok(NewTask {
            id: Some(reader.id_for(&self.id)),
            parent_id: parent,
            project: self.project.map(ProjectRef::Name),
            created_at: self.created_at,
            completed_at: self.completed_at,
            ..task
        })
    }
}
