//! Taskwarrior's JSON: an array, or an object a line.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Plan, Reader, Writer, json::to_string, unreadable};
use crate::{
    due::Due,
    error::{DomainError, Result},
    priority::Priority,
    task::{NewTask, ProjectRef, Status, Task},
    wire,
};

const STAMP: &str = "%Y%m%dT%H%M%SZ";

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Entry {
    uuid: String,
    description: String,
    status: String,
    entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recur: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Annotation>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Annotation {
    entry: Option<String>,
    description: String,
}

pub fn tasks(file: &Writer, tasks: &[Task]) -> Result<String> {
    let mut text = String::new();
    for (index, task) in tasks.iter().enumerate() {
        text.push_str(file.before(index));
        text.push_str(&to_string(&entry(task, file.project_name(task)))?);
    }
    Ok(text)
}

fn entry(task: &Task, project: Option<&str>) -> Entry {
    Entry {
        uuid: task.id.to_string(),
        description: task.title.clone(),
        status: task.status.as_str().to_owned(),
        entry: Some(stamp(task.created_at)),
        end: task.completed_at.map(stamp),
        due: task.due.as_ref().and_then(|due| match due {
            Due::At(at) => Some(stamp(at.timestamp())),
            Due::Day(day) => day.to_zoned(TimeZone::UTC).ok().map(|at| stamp(at.timestamp())),
        }),
        project: project.map(str::to_owned),
        tags: task.labels.iter().map(|label| label.replace(' ', "_")).collect(),
        priority: match task.priority {
            Priority::Urgent | Priority::High => Some("H".to_owned()),
            Priority::Medium => Some("M".to_owned()),
            Priority::Low => Some("L".to_owned()),
            Priority::None => None,
        },
        recur: None,
        annotations: task
            .description
            .iter()
            .map(|text| Annotation { entry: Some(stamp(task.created_at)), description: text.clone() })
            .collect(),
    }
}

fn stamp(at: Timestamp) -> String {
    at.strftime(STAMP).to_string()
}

pub fn read(text: &str, reader: &mut Reader<'_>) -> Result<Plan> {
    let entries: Vec<Value> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(unreadable)?
    } else {
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line.trim().trim_end_matches(',')))
            .collect::<std::result::Result<_, _>>()
            .map_err(unreadable)?
    };
    let mut plan = Plan::default();
    for (index, value) in entries.into_iter().enumerate() {
        let line = index + 1;
        match serde_json::from_value::<Entry>(value) {
            Ok(entry) if entry.status == "deleted" => plan.skip(line, "It was deleted there."),
            Ok(entry) => {
                let task = entry.into_task(reader);
                plan.push(line, task);
            }
            Err(error) => plan.skip(line, error.to_string()),
        }
    }
    Ok(plan)
}

impl Entry {
    fn into_task(self, reader: &mut Reader<'_>) -> Result<NewTask> {
        let zone = reader.context.now.time_zone().clone();
        let notes: Vec<String> = self.annotations.into_iter().map(|note| note.description).collect();
        let due = self.due.as_deref().map(|text| instant("due", text)).transpose()?.map(|at| {
            let local = at.to_zoned(zone.clone());
            // A clock of midnight, here or in UTC, is how a mere day is written there.
            if local.time() == civil::Time::midnight() {
                Due::Day(local.date())
            } else if at.to_zoned(TimeZone::UTC).time() == civil::Time::midnight() {
                Due::Day(at.to_zoned(TimeZone::UTC).date())
            } else {
                Due::At(local)
            }
        });
        let recurrence = match self.recur.as_deref() {
            Some(words) => Some(wire::recurrence(words, reader.context)?),
            None => None,
        };
        Ok(NewTask {
            id: Some(reader.id_for(&self.uuid)),
            title: self.description,
            description: (!notes.is_empty()).then(|| notes.join("\n\n")),
            status: if self.status == "completed" { Status::Completed } else { Status::Pending },
            priority: match self.priority.as_deref() {
                Some("H") => Priority::High,
                Some("M") => Priority::Medium,
                Some("L") => Priority::Low,
                _ => Priority::None,
            },
            labels: self.tags,
            project: self.project.map(ProjectRef::Name),
            due,
            recurrence,
            created_at: self.entry.as_deref().map(|text| instant("entry", text)).transpose()?,
            completed_at: self.end.as_deref().map(|text| instant("end", text)).transpose()?,
            ..NewTask::default()
        })
    }
}

fn instant(field: &'static str, text: &str) -> Result<Timestamp> {
    civil::DateTime::strptime(STAMP, text)
        .and_then(|at| at.to_zoned(TimeZone::UTC))
        .map(|at| at.timestamp())
        .or_else(|_| text.parse())
        .map_err(|_| DomainError::invalid(field, format!("`{field}` is no instant such as 20261118T100000Z.")))
}
