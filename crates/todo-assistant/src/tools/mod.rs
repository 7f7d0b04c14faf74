//! The tool registry: each tool is defined once, and chat, MCP and the command line are generated from it.
//!
//! | file | tools |
//! |---|---|
//! | `add.rs` | `add_task` |
//! | `find.rs` | `list_tasks`, `search_tasks`, `list_labels`, `list_projects`, `summarize_day` |
//! | `finish.rs` | `complete_task`, `reopen_task`, `delete_task` |
//! | `change.rs` | `update_task`, `reschedule`, `set_recurrence` |
//! | `bulk.rs` | `bulk_update` |
//! | `undo.rs` | `undo` |
//!
//! `effect.rs` tells what a call does to tasks.

mod add;
mod arguments;
mod bulk;
mod change;
mod effect;
mod find;
mod finish;
mod selection;
mod undo;

use std::borrow::Cow;

use futures::future::BoxFuture;
use serde_json::{Map, Value};
use todo_domain::{
    Label, Operation, Project, Task, command,
    error::{Code, DomainError},
    language,
    wire::TaskJson,
};
use todo_store::{StoreError, UserScope};

pub use effect::Effect;
pub use find::DaySummary;
pub use selection::Selection;

/// The circumstances of a tool call. The user is who the credential says, never who the arguments say.
#[derive(Clone)]
pub struct ToolContext {
    /// The user's data.
    pub scope: UserScope,
    /// The user's clock, zone, habits and language.
    pub language: language::Context,
    /// Through which door the call came.
    pub door: command::Door,
}

impl ToolContext {
    pub(crate) fn command(&self) -> command::Context {
        command::Context { now: self.language.now.clone(), door: self.door }
    }
}

/// What a tool may do, as MCP's tool annotations say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Annotations {
    /// Changes nothing.
    pub read_only: bool,
    /// May take away what a person would miss.
    pub destructive: bool,
    /// Called twice with the same arguments it does no more than once.
    pub idempotent: bool,
}

/// A tool.
pub struct Tool {
    /// Its name in every door.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it does, for models and for people.
    pub description: &'static str,
    /// What it may do.
    pub annotations: Annotations,
    schema: fn() -> Value,
    run: Handler,
}

type Handler = for<'a> fn(&'a ToolContext, Value) -> BoxFuture<'a, Result<Output, ToolError>>;

impl std::fmt::Debug for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tool").field("name", &self.name).field("annotations", &self.annotations).finish_non_exhaustive()
    }
}

impl Tool {
    /// JSON Schema (2020-12) of the arguments.
    #[must_use]
    pub fn schema(&self) -> Value {
        (self.schema)()
    }
}

/// What a tool call did.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// The result for callers.
    pub json: Value,
    /// The tasks that it is about, as they are now (deleted ones: as they were last).
    pub tasks: Vec<Task>,
    /// Tasks that came or went besides, such as the next occurrence.
    pub also: Vec<Task>,
    /// How many tasks a list has in all.
    pub total: Option<i64>,
    /// The operation by which it can be undone.
    pub operation: Option<Operation>,
    /// Labels, of `list_labels`.
    pub labels: Vec<Label>,
    /// Projects, of `list_projects`.
    pub projects: Vec<Project>,
    /// The day, of `summarize_day`.
    pub day: Option<DaySummary>,
}

/// Why a tool call failed. Callers (and models) can correct the arguments by it.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// There is no tool of that name.
    #[error("there is no tool `{0}`")]
    Unknown(String),
    /// The arguments, or what they ask for, are refused.
    #[error(transparent)]
    Refused(#[from] DomainError),
    /// The store failed; nothing that the caller did.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ToolError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Domain(error) => Self::Refused(error),
            other => Self::Store(other),
        }
    }
}

impl ToolError {
    /// Stable, machine-readable reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "UNKNOWN_TOOL",
            Self::Refused(error) => error.code.as_str(),
            Self::Store(error) if error.is_transient() => "DATABASE_UNAVAILABLE",
            Self::Store(_) => "SERVER_ERROR",
        }
    }

    /// The argument to blame.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Refused(error) => error.field.as_deref(),
            _ => None,
        }
    }

    /// One sentence for people; never a secret or an internal message.
    #[must_use]
    pub fn detail(&self) -> Cow<'_, str> {
        match self {
            Self::Store(_) => Cow::Borrowed("The task list can't be reached right now; try again in a moment."),
            other => Cow::Owned(other.to_string()),
        }
    }

    /// The error as a tool result.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::json!({ "error": { "code": self.code(), "field": self.field(), "detail": self.detail() } })
    }
}

/// All tools.
#[must_use]
pub fn all() -> &'static [Tool] {
    const TOOLS: &[Tool] = &[
        add::TOOL,
        find::LIST,
        finish::COMPLETE,
        finish::DELETE,
        change::UPDATE,
        finish::REOPEN,
        change::RESCHEDULE,
        change::SET_RECURRENCE,
        find::SEARCH,
        bulk::TOOL,
        undo::TOOL,
        find::SUMMARIZE_DAY,
        find::LABELS,
        find::PROJECTS,
    ];
    TOOLS
}

/// The tool of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Tool> {
    all().iter().find(|tool| tool.name == name)
}

/// Runs a tool. A `user_id` among the arguments must be the caller's own.
///
/// # Errors
/// [`ToolError`]; a refused argument is named.
pub async fn call(context: &ToolContext, name: &str, arguments: Value) -> Result<Output, ToolError> {
    let tool = find(name).ok_or_else(|| ToolError::Unknown(name.chars().take(64).collect()))?;
    let mut arguments = match arguments {
        Value::Null => Map::new(),
        Value::Object(arguments) => arguments,
        _ => return Err(DomainError::invalid("arguments", "The arguments must be a JSON object.").into()),
    };
    match arguments.remove("user_id") {
        None | Some(Value::Null) => {}
        Some(Value::String(user)) if user == context.scope.user_id().as_str() => {}
        Some(_) => {
            return Err(DomainError::invalid("user_id", "`user_id` must be your own; leave it out.").into());
        }
    }
    (tool.run)(context, Value::Object(arguments)).await
}

/// A task as tools show it: `id` is the small number of the original contract, `uuid` the id of the REST API. Fields without a
/// value are left out, so that long lists stay light.
pub fn task_json(task: &Task) -> Value {
    let Ok(Value::Object(mut json)) = serde_json::to_value(TaskJson::from(task)) else { return Value::Null };
    if let Some(uuid) = json.insert("id".into(), task.number.into()) {
        json.insert("uuid".into(), uuid);
    }
    for name in ["number", "tags", "category_id", "position", "user_id"] {
        json.remove(name);
    }
    json.retain(|_, value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    });
    Value::Object(json)
}

/// The contract's answer about one task, with the richer fields beside it.
pub(crate) fn about_one(outcome: command::Outcome, status: &str) -> Result<Output, ToolError> {
    let task = outcome.tasks.first().ok_or_else(DomainError::task_not_found)?;
    let mut json = serde_json::json!({
        "task_id": task.number,
        "status": status,
        "title": task.title,
        "task": task_json(task),
    });
    if let Some(operation) = &outcome.operation {
        json["operation_id"] = operation.id.to_string().into();
    }
    if !outcome.also.is_empty() {
        json["also"] = outcome.also.iter().map(task_json).collect();
    }
    Ok(Output { json, operation: outcome.operation, tasks: outcome.tasks, also: outcome.also, ..Output::default() })
}

/// A task that must be there.
pub(crate) async fn task(context: &ToolContext, reference: todo_domain::TaskRef) -> Result<Task, ToolError> {
    context.scope.task(reference).await?.ok_or_else(|| not_found(&reference))
}

pub(crate) fn not_found(reference: &todo_domain::TaskRef) -> ToolError {
    DomainError::new(Code::TaskNotFound, format!("There is no task {reference}.")).into()
}
