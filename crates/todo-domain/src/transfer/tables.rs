//! Our own CSV: a row a task, with a header. Columns may come in any order; unknown ones are passed over.

use super::{Plan, Reader, Writer, unreadable};
use crate::{
    error::Result,
    reminder::Reminder,
    task::{NewTask, ProjectRef, Task},
    wire::{self, Field, TaskInput},
};

const COLUMNS: [&str; 17] = [
    "id",
    "number",
    "title",
    "description",
    "status",
    "priority",
    "labels",
    "project",
    "due_date",
    "due_timezone",
    "recurrence",
    "recurrence_anchor",
    "reminders",
    "duration_minutes",
    "parent_id",
    "created_at",
    "completed_at",
];

pub fn begin() -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(unreadable)?;
    finish(writer)
}

pub fn tasks(file: &Writer, tasks: &[Task]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for task in tasks {
        let text = |value: Option<String>| value.unwrap_or_default();
        let row = [
            task.id.to_string(),
            task.number.to_string(),
            task.title.clone(),
            text(task.description.clone()),
            task.status.as_str().to_owned(),
            task.priority.as_str().to_owned(),
            task.labels.join(","),
            text(file.project_name(task).map(str::to_owned)),
            text(task.due.as_ref().map(wire::due_text)),
            text(task.due.as_ref().and_then(|due| due.zone_name()).map(str::to_owned)),
            text(task.recurrence.as_ref().map(ToString::to_string)),
            text(task.recurrence.as_ref().map(|rule| rule.anchor().as_str().to_owned())),
            task.reminders.iter().map(Reminder::to_string).collect::<Vec<_>>().join(" "),
            text(task.duration_minutes.map(|minutes| minutes.to_string())),
            text(task.parent_id.map(|id| id.to_string())),
            task.created_at.to_string(),
            text(task.completed_at.map(|at| at.to_string())),
        ];
        writer.write_record(row).map_err(unreadable)?;
    }
    finish(writer)
}

pub(super) fn finish(writer: csv::Writer<Vec<u8>>) -> Result<String> {
    let bytes = writer.into_inner().map_err(unreadable)?;
    String::from_utf8(bytes).map_err(unreadable)
}

/// What stands between the columns: spreadsheets write semicolons where the comma is that of numbers, and tabulators when copied.
fn separator(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default().as_bytes();
    let count = |mark: u8| head.iter().filter(|byte| **byte == mark).count();
    [b';', b'\t'].into_iter().find(|mark| count(*mark) > count(b',')).unwrap_or(b',')
}

pub fn read(text: &str, reader: &mut Reader<'_>) -> Result<Plan> {
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .flexible(true)
        .trim(csv::Trim::Headers)
        .from_reader(text.as_bytes());
    let header = rows.headers().map_err(unreadable)?.clone();
    let column = |name: &str| header.iter().position(|have| have.eq_ignore_ascii_case(name));
    if column("title").is_none() {
        return Err(unreadable("its first line must name the columns, among them `title`"));
    }
    let mut plan = Plan::default();
    for (index, row) in rows.records().enumerate() {
        let line = index + 2;
        match row {
            Ok(row) => {
                let cell = |name: &str| {
                    column(name)
                        .and_then(|at| row.get(at))
                        .map(str::trim)
                        .filter(|text| !text.is_empty())
                        .map(str::to_owned)
                };
                let task = task(&cell, reader);
                plan.push(line, task);
            }
            Err(error) => plan.skip(line, error.to_string()),
        }
    }
    Ok(plan)
}

fn task(cell: &dyn Fn(&str) -> Option<String>, reader: &mut Reader<'_>) -> Result<NewTask> {
    let field = |name: &str| cell(name).map_or(Field::Absent, Field::Value);
    let list = |name: &str, separator: char| {
        cell(name).map_or(Field::Absent, |text| {
            Field::Value(
                text.split(separator).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            )
        })
    };
    let instant = |name: &'static str| {
        cell(name)
            .map(|text| text.parse::<jiff::Timestamp>())
            .transpose()
            .map_err(|error| crate::error::DomainError::invalid(name, format!("`{name}` is no instant: {error}.")))
    };
    let input = TaskInput {
        title: cell("title").map_or(Field::Absent, Field::Value),
        description: field("description"),
        status: field("status"),
        priority: field("priority"),
        labels: list("labels", ','),
        due_date: field("due_date"),
        due_timezone: field("due_timezone"),
        recurrence: field("recurrence"),
        recurrence_anchor: if cell("recurrence").is_some() { field("recurrence_anchor") } else { Field::Absent },
        reminders: list("reminders", ' '),
        duration_minutes: cell("duration_minutes")
            .and_then(|text| text.parse().ok())
            .map_or(Field::Absent, Field::Value),
        ..TaskInput::default()
    };
    let task = input.into_new(reader.context)?;
    let parent_id = cell("parent_id").and_then(|source| reader.known(&source));
    Ok(NewTask {
        id: Some(reader.id_for(&cell("id").unwrap_or_default())),
        parent_id,
        project: cell("project").map(ProjectRef::Name),
        created_at: instant("created_at")?,
        completed_at: instant("completed_at")?,
        ..task
    })
}
