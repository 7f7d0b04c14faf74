//! Which tasks are meant: one language for REST, chat, saved filters and the command line, compiled to SQL by the store.
//!
//! ```text
//! (today | overdue) & !@waiting
//! p1 & #Work & due before: next friday
//! search: report & no label
//! ```

mod parse;
mod token;

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use crate::{priority::Priority, task::Status};

pub use parse::{FILTER_MAX, parse, parse_due};

/// A condition on tasks.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every task.
    All,
    /// None of this.
    Not(Box<Filter>),
    /// All of these.
    And(Vec<Filter>),
    /// Any of these.
    Or(Vec<Filter>),
    /// Open or completed.
    Status(Status),
    /// Priority within bounds, both included.
    Priority {
        /// At least.
        min: Priority,
        /// At most.
        max: Priority,
    },
    /// Has the label of that name (without case; a trailing `*` matches the beginning).
    Label(String),
    /// Has the label of that id.
    LabelId(Uuid),
    /// Has any label.
    AnyLabel,
    /// In the project of that name (without case).
    Project(String),
    /// In the project of that id.
    ProjectId(Uuid),
    /// In any project; its negation is the inbox.
    AnyProject,
    /// Due on a day from..=to in the reader's zone; both open means: has a due date.
    Due {
        /// First day.
        from: Option<Date>,
        /// Last day.
        to: Option<Date>,
    },
    /// Open and past its due date at the reader's present moment.
    Overdue,
    /// Made between two instants, both included.
    Created {
        /// Earliest.
        from: Option<Timestamp>,
        /// Latest.
        to: Option<Timestamp>,
    },
    /// Changed last between two instants, both included.
    Updated {
        /// Earliest.
        from: Option<Timestamp>,
        /// Latest.
        to: Option<Timestamp>,
    },
    /// Completed between two instants, both included.
    Completed {
        /// Earliest.
        from: Option<Timestamp>,
        /// Latest.
        to: Option<Timestamp>,
    },
    /// Full-text: every word occurs (as a prefix) in the title or the notes.
    Text(String),
    /// Repeats.
    Recurring,
    /// Is a subtask.
    Subtask,
    /// Is a subtask of that task.
    Parent(Uuid),
    /// Has a reminder.
    Reminder,
}

impl Filter {
    /// Both conditions; [`Filter::All`] is neutral.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, one) | (one, Self::All) => one,
            (Self::And(mut all), Self::And(more)) => {
                all.extend(more);
                Self::And(all)
            }
            (Self::And(mut all), one) => {
                all.push(one);
                Self::And(all)
            }
            (one, Self::And(mut all)) => {
                all.insert(0, one);
                Self::And(all)
            }
            (one, other) => Self::And(vec![one, other]),
        }
    }
}

impl std::ops::Not for Filter {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}
