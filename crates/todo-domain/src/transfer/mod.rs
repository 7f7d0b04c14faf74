//! Tasks in and out, in the formats of others: our own JSON and CSV, Todoist's CSV, Taskwarrior's JSON, iCalendar.
//!
//! Importing makes a plan first: what would be made, and what can't be read and why, by line. Nothing is guessed silently.

mod icalendar;
mod json;
mod tables;
mod taskwarrior;
mod todoist;

pub use json::Entry;

use std::collections::HashMap;

use serde::Serialize;
use uuid::Uuid;

use crate::{
    command::{Label, Project},
    error::{DomainError, Result},
    language,
    task::{NewTask, Task},
};

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Our own JSON: everything.
    Json,
    /// Our own CSV: a row a task.
    Csv,
    /// Todoist's CSV templates.
    Todoist,
    /// Taskwarrior's `export` and `import`.
    Taskwarrior,
    /// iCalendar VTODO (RFC 5545).
    Icalendar,
}

impl Format {
    /// Reads the name of a format.
    ///
    /// # Errors
    /// A validation error on `format`.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(match text.trim().to_ascii_lowercase().as_str() {
            "json" => Self::Json,
            "csv" => Self::Csv,
            "todoist" => Self::Todoist,
            "taskwarrior" => Self::Taskwarrior,
            "ics" | "icalendar" | "ical" => Self::Icalendar,
            other => {
                return Err(DomainError::invalid(
                    "format",
                    format!("`{}` is no format; use json, csv, todoist, taskwarrior or ics.", other.escape_debug()),
                ));
            }
        })
    }

    /// Media type of a file of this format.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json | Self::Taskwarrior => "application/json",
            Self::Csv | Self::Todoist => "text/csv; charset=utf-8",
            Self::Icalendar => "text/calendar; charset=utf-8",
        }
    }

    /// Name of a file of this format.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Json => "todo.json",
            Self::Csv => "todo.csv",
            Self::Todoist => "todo-todoist.csv",
            Self::Taskwarrior => "todo-taskwarrior.json",
            Self::Icalendar => "todo.ics",
        }
    }
}

/// Writes a file piece by piece, so that it need not be in memory as a whole: [`Writer::begin`], [`Writer::tasks`] as often as there
/// are more, [`Writer::end`].
#[derive(Debug)]
pub struct Writer {
    format: Format,
    labels: Vec<Label>,
    projects: Vec<Project>,
    names: HashMap<Uuid, String>,
    now: jiff::Timestamp,
    /// Whether no task was written yet.
    first: bool,
    /// Todoist's format has a subtask right below its parent, so its tasks are held back until all have come.
    held: Vec<Task>,
}

impl Writer {
    /// A file of this format. `now` is the present moment.
    #[must_use]
    pub fn new(format: Format, labels: Vec<Label>, projects: Vec<Project>, now: jiff::Timestamp) -> Self {
        let names = projects.iter().map(|project| (project.id, project.name.clone())).collect();
        Self { format, labels, projects, names, now, first: true, held: Vec::new() }
    }

    /// What stands before the tasks.
    ///
    /// # Errors
    /// When a writer fails, which no data can cause.
    pub fn begin(&self) -> Result<String> {
        match self.format {
            Format::Json => json::begin(self),
            Format::Csv => tables::begin(),
            Format::Todoist => todoist::begin(),
            Format::Taskwarrior => Ok("[".to_owned()),
            Format::Icalendar => Ok(icalendar::begin()),
        }
    }

    /// The next tasks; parents come before their subtasks.
    ///
    /// # Errors
    /// As [`Writer::begin`].
    pub fn tasks(&mut self, tasks: Vec<Task>) -> Result<String> {
        let text = match self.format {
            Format::Json => json::tasks(self, &tasks),
            Format::Csv => tables::tasks(self, &tasks),
            Format::Todoist => {
                self.held.extend(tasks.into_iter().filter(|task| !task.is_completed()));
                return Ok(String::new());
            }
            Format::Taskwarrior => taskwarrior::tasks(self, &tasks),
            Format::Icalendar => Ok(icalendar::tasks(self, &tasks)),
        };
        self.first &= tasks.is_empty();
        text
    }

    /// What stands behind the tasks, in pieces.
    ///
    /// # Errors
    /// As [`Writer::begin`].
    #[must_use]
    pub fn end(self) -> Box<dyn Iterator<Item = Result<String>> + Send> {
        match self.format {
            Format::Json => Box::new(std::iter::once(json::end(&self))),
            Format::Csv => Box::new(std::iter::empty()),
            Format::Todoist => Box::new(todoist::families(self.held)),
            Format::Taskwarrior => Box::new(std::iter::once(Ok("\n]\n".to_owned()))),
            Format::Icalendar => Box::new(std::iter::once(Ok(icalendar::end()))),
        }
    }

    fn project_name(&self, task: &Task) -> Option<&str> {
        self.names.get(&task.project_id?).map(String::as_str)
    }

    /// What stands before a task in an array of JSON, a task on each line.
    fn before(&self, index: usize) -> &'static str {
        if self.first && index == 0 { "\n" } else { ",\n" }
    }
}

/// A task that would be made. Its id is new; parents come before their subtasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Line or entry of the file, from 1.
    pub line: usize,
    /// The task.
    pub task: NewTask,
}

/// An entry that can't be taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Line or entry of the file, from 1.
    pub line: usize,
    /// Why.
    pub why: String,
}

/// What an import would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Tasks that would be made.
    pub tasks: Vec<Planned>,
    /// Entries that can't be taken over.
    pub skipped: Vec<Skipped>,
}

impl Plan {
    fn push(&mut self, line: usize, task: Result<NewTask>) {
        match task.and_then(NewTask::check) {
            Ok(task) => self.tasks.push(Planned { line, task }),
            Err(error) => self.skip(line, error.detail),
        }
    }

    fn skip(&mut self, line: usize, why: impl Into<String>) {
        self.skipped.push(Skipped { line, why: why.into() });
    }
}

/// Most tasks in one file.
pub const IMPORT_MAX: usize = 20_000;

/// Reads a file into a plan. `new_id` makes fresh ids; the plan's tasks are linked by them.
///
/// # Errors
/// A validation error on `file` when it is not of that format at all.
pub fn read(format: Format, text: &str, context: &language::Context, new_id: &mut dyn FnMut() -> Uuid) -> Result<Plan> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { context, new_id, ids: HashMap::new() };
    let plan = match format {
        Format::Json => json::read(text, &mut reader),
        Format::Csv => tables::read(text, &mut reader),
        Format::Todoist => todoist::read(text, &mut reader),
        Format::Taskwarrior => taskwarrior::read(text, &mut reader),
        Format::Icalendar => icalendar::read(text, &mut reader),
    }?;
    if plan.tasks.len() > IMPORT_MAX {
        return Err(DomainError::invalid("file", format!("A file can bring at most {IMPORT_MAX} tasks; split it.")));
    }
    Ok(plan)
}

struct Reader<'a> {
    context: &'a language::Context,
    new_id: &'a mut dyn FnMut() -> Uuid,
    /// Ids in the file and ours.
    ids: HashMap<String, Uuid>,
}

impl Reader<'_> {
    /// A fresh id for a task of the file.
    fn id_for(&mut self, source: &str) -> Uuid {
        let id = (self.new_id)();
        if !source.is_empty() {
            self.ids.insert(source.to_owned(), id);
        }
        id
    }

    fn known(&self, source: &str) -> Option<Uuid> {
        self.ids.get(source).copied()
    }
}

fn unreadable(why: impl std::fmt::Display) -> DomainError {
    DomainError::invalid("file", format!("The file can't be read: {why}."))
}

#[cfg(test)]
mod tests;
