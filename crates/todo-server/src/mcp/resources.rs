//! Resources: what a client can attach to a conversation without calling a tool.
//!
//! | address | what |
//! |---|---|
//! | `todo://today` | due today, overdue, done, next |
//! | `todo://tasks/{task}` | one task, by number or UUID |
//! | `todo://filters/{filter}` | the tasks of a saved filter (by name or id), or of a condition in the filter language |

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rmcp::{
    ErrorData,
    model::{PaginatedRequestParams, ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};
use serde_json::{Value, json};
use todo_assistant::tools::{self, ToolContext, ToolError};
use todo_domain::{Filter, Status, Task, TaskQuery, TaskRef, query::Start};
use todo_store::{events::Event, saved_filters::SavedFilter};

use super::{page, server::unreachable_store};

const TODAY: &str = "todo://today";
const TASKS: &str = "todo://tasks/";
const FILTERS: &str = "todo://filters/";
/// Address of a task, to fill in.
pub const TASK_TEMPLATE: &str = "todo://tasks/{task}";
/// Address of a filter, to fill in.
pub const FILTER_TEMPLATE: &str = "todo://filters/{filter}";
const JSON: &str = "application/json";
/// Tasks in a filter; who needs more asks the tool `list_tasks` for pages.
const TASKS_MAX: u32 = 100;
/// What need not be escaped in a segment of a path (RFC 3986 §2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Today, the saved filters, and the open tasks: a page of them, and the cursor of the next.
///
/// # Errors
/// Invalid params for a cursor that is none of ours; the store's failures.
pub async fn list(
    context: &ToolContext,
    request: Option<&PaginatedRequestParams>,
) -> Result<(Vec<Resource>, Option<String>), ErrorData> {
    let from = page::start(request)?;
    let filters = context.scope.saved_filters().await.map_err(unreachable_store)?;
    let mut first = vec![today()];
    first.extend(filters.iter().map(of_filter));
    let before = first.len();
    let mut found: Vec<Resource> = first.into_iter().skip(from).take(page::SIZE).collect();
    // One more than fits says whether there is another page.
    let wanted = page::SIZE + 1 - found.len();
    let offset = u64::try_from(from.saturating_sub(before)).unwrap_or(u64::MAX);
    let query = TaskQuery {
        limit: u32::try_from(wanted).unwrap_or(1),
        start: Start::Offset(offset),
        ..TaskQuery::new(Filter::Status(Status::Pending))
    };
    let tasks = context.scope.tasks_uncounted(&query, &context.language.now).await.map_err(unreachable_store)?;
    found.extend(tasks.tasks.iter().map(of_task));
    let more = found.len() > page::SIZE;
    found.truncate(page::SIZE);
    Ok((found, more.then(|| page::cursor(from + page::SIZE))))
}

fn today() -> Resource {
    Resource::new(TODAY, "today")
        .with_title("Today")
        .with_description("Tasks due today, what is overdue, what was completed, and what comes next.")
        .with_mime_type(JSON)
}

fn of_filter(filter: &SavedFilter) -> Resource {
    Resource::new(
        format!("{FILTERS}{}", utf8_percent_encode(&filter.name, SEGMENT)),
        format!("filter: {}", filter.name),
    )
    .with_title(filter.name.clone())
    .with_description(format!("Tasks that fit: {}", filter.query))
    .with_mime_type(JSON)
}

fn of_task(task: &Task) -> Resource {
    Resource::new(format!("{TASKS}{}", task.number), format!("task {}", task.number))
        .with_title(task.title.clone())
        .with_mime_type(JSON)
}

/// The addresses that clients can fill in.
pub fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(TASK_TEMPLATE, "task")
            .with_title("A task")
            .with_description("One task by its number, as in \"task 3\", or by its UUID.")
            .with_mime_type(JSON),
        ResourceTemplate::new(FILTER_TEMPLATE, "filter")
            .with_title("Tasks of a filter")
            .with_description(
                "Tasks of a saved filter (its name), or of a condition such as `overdue | p1` or `@home & !done`.",
            )
            .with_mime_type(JSON),
    ]
}

/// The contents behind an address.
///
/// # Errors
/// Resource not found; invalid params for a condition that can't be read; the store's failures.
pub async fn read(context: &ToolContext, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let json = if uri == TODAY {
        ask(context, uri, "summarize_day", json!({})).await?
    } else if let Some(task) = uri.strip_prefix(TASKS) {
        one_task(context, uri, task).await?
    } else if let Some(filter) = uri.strip_prefix(FILTERS) {
        filtered(context, uri, filter).await?
    } else {
        return Err(not_found(uri));
    };
    Ok(ReadResourceResult::new(vec![ResourceContents::text(json.to_string(), uri).with_mime_type(JSON)]))
}

async fn one_task(context: &ToolContext, uri: &str, task: &str) -> Result<Value, ErrorData> {
    let reference = TaskRef::parse(&decoded(task).ok_or_else(|| not_found(uri))?);
    let reference = reference.ok_or_else(|| not_found(uri))?;
    let task = context.scope.task(reference).await.map_err(unreachable_store)?.ok_or_else(|| not_found(uri))?;
    Ok(tools::task_json(&task))
}

async fn filtered(context: &ToolContext, uri: &str, filter: &str) -> Result<Value, ErrorData> {
    let text = decoded(filter).filter(|text| !text.trim().is_empty()).ok_or_else(|| not_found(uri))?;
    let saved = context.scope.saved_filters().await.map_err(unreachable_store)?;
    let named = |filter: &&SavedFilter| {
        filter.name.to_lowercase() == text.to_lowercase() || filter.id.to_string() == text.to_lowercase()
    };
    let condition = saved.iter().find(named).map_or_else(|| text.clone(), |filter| filter.query.clone());
    let tasks = ask(context, uri, "list_tasks", json!({ "filter": condition, "limit": TASKS_MAX })).await?;
    Ok(json!({ "filter": condition, "tasks": tasks }))
}

/// Whether something could stand at an address, so that it can be followed.
pub fn is_address(uri: &str) -> bool {
    let task = |segment: &str| decoded(segment).is_some_and(|text| TaskRef::parse(&text).is_some());
    let filter = |segment: &str| decoded(segment).is_some_and(|text| !text.trim().is_empty());
    uri == TODAY || uri.strip_prefix(TASKS).is_some_and(task) || uri.strip_prefix(FILTERS).is_some_and(filter)
}

/// Whether what stands at an address may have changed with an event: a task with itself, a list with any task.
pub fn concerns(uri: &str, event: &Event) -> bool {
    let Some(segment) = uri.strip_prefix(TASKS) else { return is_address(uri) };
    let task = decoded(segment).and_then(|text| TaskRef::parse(&text));
    event.payload.tasks.iter().any(|changed| match task {
        Some(TaskRef::Number(number)) => changed.number == number,
        Some(TaskRef::Id(id)) => changed.id == id,
        None => false,
    })
}

/// A segment of an address as it was meant; none that is no UTF-8.
fn decoded(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// What a tool that only reads answers.
async fn ask(context: &ToolContext, uri: &str, tool: &str, arguments: Value) -> Result<Value, ErrorData> {
    match tools::call(context, tool, arguments).await {
        Ok(output) => Ok(output.json),
        Err(ToolError::Store(error)) => Err(unreachable_store(error)),
        Err(refused) => Err(ErrorData::invalid_params(refused.to_string(), Some(json!({ "uri": uri })))),
    }
}

/// Nothing stands at an address.
pub fn not_found(uri: &str) -> ErrorData {
    let short: String = uri.chars().take(200).collect();
    ErrorData::resource_not_found("There is no such resource.", Some(json!({ "uri": short })))
}
