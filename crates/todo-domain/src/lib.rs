//! The words and the rules of tasks: what a task is, what may be said about it, what a change may do.
//!
//! Pure by design: no I/O, no async, no clock. The present moment is always a parameter, so every rule can be tested at any
//! instant and in any time zone. Every door of the product (REST, chat, MCP, CalDAV, command line, page) obeys the rules here.

pub mod command;
pub mod due;
pub mod error;
pub mod filter;
pub mod id;
pub mod language;
pub mod parsed;
pub mod priority;
pub mod query;
pub mod recurrence;
pub mod reminder;
pub mod search;
pub mod settings;
pub mod task;
pub mod text;
pub mod transfer;
pub mod wire;

pub use command::{Command, Door, Label, Operation, Outcome, Project};
pub use due::Due;
pub use error::{Code, DomainError};
pub use filter::Filter;
pub use id::{TaskRef, UserId};
pub use priority::Priority;
pub use query::TaskQuery;
pub use recurrence::Recurrence;
pub use reminder::Reminder;
pub use settings::Settings;
pub use task::{NewTask, Status, Task, TaskPatch};
