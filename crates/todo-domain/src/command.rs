//! Everything that can be done to tasks. Each command runs in one transaction that writes the change, its undo record and its
//! event; the doors only build commands.

use jiff::Zoned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    id::TaskRef,
    task::{NewTask, Task, TaskPatch},
};

/// Most tasks that one command may touch.
pub const BULK_MAX: usize = 1000;

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Make tasks (one, or several lines at once).
    Create(Vec<NewTask>),
    /// Change one task.
    Update {
        /// Which.
        task: TaskRef,
        /// What changes.
        patch: TaskPatch,
        /// Refuse unless this is the current version (`If-Match`).
        if_version: Option<i64>,
    },
    /// Change several tasks alike.
    UpdateMany {
        /// Which.
        tasks: Vec<TaskRef>,
        /// What changes in each.
        patch: TaskPatch,
    },
    /// Complete tasks; those already completed stay as they are. A repeating task makes its next occurrence, once.
    Complete {
        /// Which.
        tasks: Vec<TaskRef>,
        /// Refuse unless this is the current version of the one task.
        if_version: Option<i64>,
    },
    /// Reopen tasks; those open stay as they are. The next occurrence that completing made is taken back if it is untouched.
    Reopen {
        /// Which.
        tasks: Vec<TaskRef>,
        /// Refuse unless this is the current version of the one task.
        if_version: Option<i64>,
    },
    /// Complete an open task, reopen a completed one.
    Toggle {
        /// Which.
        task: TaskRef,
    },
    /// Delete tasks with their subtasks.
    Delete {
        /// Which.
        tasks: Vec<TaskRef>,
        /// Refuse unless this is the current version of the one task.
        if_version: Option<i64>,
    },
    /// Make a label.
    CreateLabel {
        /// Name, unique without case.
        name: String,
        /// `#RRGGBB`.
        color: Option<String>,
    },
    /// Rename or recolour a label, on all its tasks.
    UpdateLabel {
        /// Which.
        id: Uuid,
        /// New name.
        name: Option<String>,
        /// New or no colour.
        color: Option<Option<String>>,
    },
    /// Delete a label and take it off its tasks.
    DeleteLabel {
        /// Which.
        id: Uuid,
    },
    /// Make a project.
    CreateProject {
        /// Name, unique without case.
        name: String,
        /// `#RRGGBB`.
        color: Option<String>,
        /// Parent project.
        parent_id: Option<Uuid>,
    },
    /// Rename, recolour, move or archive a project.
    UpdateProject {
        /// Which.
        id: Uuid,
        /// New name.
        name: Option<String>,
        /// New or no colour.
        color: Option<Option<String>>,
        /// New or no parent.
        parent_id: Option<Option<Uuid>>,
        /// Archived projects are hidden from lists.
        archived: Option<bool>,
    },
    /// Delete a project; its tasks go back to the inbox.
    DeleteProject {
        /// Which.
        id: Uuid,
    },
    /// Take an operation back exactly; refused when what it changed has changed since.
    Undo {
        /// Which operation.
        operation: Uuid,
    },
}

/// Which door a command came through; kept with the operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Door {
    /// REST API.
    #[default]
    Rest,
    /// The web page.
    Page,
    /// The assistant.
    Chat,
    /// MCP.
    Mcp,
    /// Command line.
    Cli,
    /// CalDAV.
    Caldav,
    /// Import of a file.
    Import,
}

impl Door {
    /// Lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Page => "page",
            Self::Chat => "chat",
            Self::Mcp => "mcp",
            Self::Cli => "cli",
            Self::Caldav => "caldav",
            Self::Import => "import",
        }
    }
}

/// The circumstances of a command.
#[derive(Clone, Debug)]
pub struct Context {
    /// The present moment, in the user's time zone.
    pub now: Zoned,
    /// Which door.
    pub door: Door,
}

/// What a command did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The operation to undo; `None` when nothing changed (already completed, empty patch).
    pub operation: Option<Operation>,
    /// The tasks that were asked for, in that order, as they are now (deleted ones: as they were last).
    pub tasks: Vec<Task>,
    /// Tasks that came or went besides: next occurrences, subtasks.
    pub also: Vec<Task>,
    /// The label that was made or changed.
    pub label: Option<Label>,
    /// The project that was made or changed.
    pub project: Option<Project>,
}

/// The record of a change, by which it can be undone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Operation {
    /// UUIDv7.
    pub id: Uuid,
    /// What was done (`create`, `complete`, `update`, …).
    pub kind: String,
    /// One line for people: `Completed “Buy milk”`.
    pub summary: String,
    /// Through which door.
    pub door: Door,
    /// When.
    pub created_at: jiff::Timestamp,
    /// Set once it was undone.
    pub undone_at: Option<jiff::Timestamp>,
}

/// A label (a tag).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Label {
    /// UUIDv7.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// `#RRGGBB`.
    pub color: Option<String>,
    /// When it was made.
    pub created_at: jiff::Timestamp,
    /// How many open tasks have it.
    pub open_tasks: i64,
}

/// A project (a category).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Project {
    /// UUIDv7.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// `#RRGGBB`.
    pub color: Option<String>,
    /// Parent project.
    pub parent_id: Option<Uuid>,
    /// Hidden from lists.
    pub archived: bool,
    /// When it was made.
    pub created_at: jiff::Timestamp,
    /// How many open tasks it holds.
    pub open_tasks: i64,
}
