//! What only reads: `list_tasks`, `search_tasks`, `summarize_day`, `list_labels`, `list_projects`.

use futures::FutureExt;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use todo_domain::{
    Filter, Status, Task,
    error::DomainError,
    query::{Order, SortKey, TaskQuery},
    wire,
};

use super::{
    Annotations, Output, Selection, Tool, ToolContext, ToolError,
    arguments::{object, read},
    task_json,
};

const READS: Annotations = Annotations { read_only: true, destructive: false, idempotent: true };
/// Tasks in a list when nothing is said.
const LIMIT: u32 = 50;
/// Tasks of each kind in the summary of a day.
const SUMMARY_LIMIT: u32 = 20;

pub(super) const LIST: Tool = Tool {
    name: "list_tasks",
    title: "List tasks",
    description: "Tasks that fit a description; all of it must hold. Without arguments: all tasks, oldest first.",
    annotations: READS,
    schema: || object(Selection::properties(), &[]),
    run: |context, arguments| list(context, arguments).boxed(),
};

pub(super) const SEARCH: Tool = Tool {
    name: "search_tasks",
    title: "Search tasks",
    description: "Tasks whose title or notes have every word (or a word that begins so), best match first.",
    annotations: READS,
    schema: || {
        object(
            json!({
                "query": { "type": "string", "minLength": 1 },
                "status": { "type": "string", "enum": ["all", "pending", "completed"] },
                "limit": { "type": "integer", "minimum": 1, "maximum": 100 },
            }),
            &["query"],
        )
    },
    run: |context, arguments| search(context, arguments).boxed(),
};

pub(super) const SUMMARIZE_DAY: Tool = Tool {
    name: "summarize_day",
    title: "Summarize a day",
    description: "What is due on a day (today when not given), what is overdue, what was completed, and what comes next.",
    annotations: READS,
    schema: || {
        object(
            json!({ "date": { "type": "string", "description": "A day, ISO 8601 or in words; today when absent." } }),
            &[],
        )
    },
    run: |context, arguments| summarize(context, arguments).boxed(),
};

pub(super) const LABELS: Tool = Tool {
    name: "list_labels",
    title: "List labels",
    description: "All labels, with how many open tasks have them.",
    annotations: READS,
    schema: || object(json!({}), &[]),
    run: |context, arguments| labels(context, arguments).boxed(),
};

pub(super) const PROJECTS: Tool = Tool {
    name: "list_projects",
    title: "List projects",
    description: "All projects, with how many open tasks they hold.",
    annotations: READS,
    schema: || object(json!({}), &[]),
    run: |context, arguments| projects(context, arguments).boxed(),
};

/// What a day looks like.
#[derive(Clone, Debug)]
pub struct DaySummary {
    /// The day.
    pub date: Date,
    /// Due on it and open.
    pub due: Vec<Task>,
    /// How many those are.
    pub due_total: i64,
    /// Overdue now; only asked for today.
    pub overdue: Vec<Task>,
    /// How many those are.
    pub overdue_total: i64,
    /// How many were completed on it.
    pub completed_total: i64,
    /// Open tasks in all.
    pub open_total: i64,
    /// What comes next by date.
    pub next: Option<Task>,
}

async fn list(context: &ToolContext, arguments: Value) -> Result<Output, ToolError> {
    let selection: Selection = read(arguments)?;
    let (tasks, total) = page(context, &selection).await?;
    Ok(tasks_output(tasks, total))
}

fn tasks_output(tasks: Vec<Task>, total: i64) -> Output {
    let json = tasks.iter().map(task_json).collect();
    Output { json, tasks, total: Some(total), ..Output::default() }
}

/// A page of what a description finds, and how many there are in all.
pub(super) async fn page(context: &ToolContext, selection: &Selection) -> Result<(Vec<Task>, i64), ToolError> {
    let (labels, projects) = match &selection.topic {
        Some(_) => {
            let labels = context.scope.labels().await?.into_iter().map(|label| label.name).collect();
            let projects = context.scope.projects().await?.into_iter().map(|project| project.name).collect();
            (labels, projects)
        }
        None => (Vec::new(), Vec::new()),
    };
    let filter = selection.filter(&context.language, &labels, &projects)?;
    let query = selection.query(filter, LIMIT)?;
    let page = context.scope.tasks(&query, &context.language.now).await?;
    Ok((page.tasks, counted(page.total)))
}

fn counted(total: Option<u64>) -> i64 {
    total.map_or(0, |total| i64::try_from(total).unwrap_or(i64::MAX))
}

async fn search(context: &ToolContext, arguments: Value) -> Result<Output, ToolError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        query: String,
        #[serde(default)]
        status: Option<String>,
        #[serde(default)]
        limit: Option<u32>,
    }
    let Arguments { query, status, limit } = read(arguments)?;
    if todo_domain::search::query(&query).is_empty() {
        return Err(DomainError::invalid("query", "`query` must have at least one letter or digit.").into());
    }
    let (tasks, total) =
        page(context, &Selection { search: Some(query), status, limit, ..Selection::default() }).await?;
    Ok(tasks_output(tasks, total))
}

async fn summarize(context: &ToolContext, arguments: Value) -> Result<Output, ToolError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Arguments {
        #[serde(default)]
        date: Option<String>,
    }
    let Arguments { date } = read(arguments)?;
    let now = &context.language.now;
    let date = match date {
        Some(text) => wire::due("date", &text, None, &context.language)?.date(),
        None => now.date(),
    };
    let open = || Filter::Status(Status::Pending);
    let today = date == now.date();
    let due = ask(context, open().and(Filter::Due { from: Some(date), to: Some(date) }), SUMMARY_LIMIT).await?;
    let overdue = if today { ask(context, Filter::Overdue, SUMMARY_LIMIT).await? } else { (Vec::new(), 0) };
    let completed = Selection { completed: Some(date.to_string()), limit: Some(1), ..Selection::default() };
    let (_, completed_total) = page(context, &completed).await?;
    let later = date.tomorrow().unwrap_or(date);
    let next = ask(context, open().and(Filter::Due { from: Some(later), to: None }), 1).await?;
    let (_, open_total) = ask(context, open(), 1).await?;
    // What is late today is told once, as overdue.
    let due_now: Vec<Task> =
        due.0.into_iter().filter(|task| !overdue.0.iter().any(|late| late.id == task.id)).collect();
    let late_today = overdue.0.iter().filter(|task| task.due.as_ref().is_some_and(|due| due.date() == date)).count();
    let due_total = due.1 - i64::try_from(late_today).unwrap_or(0);
    let day = DaySummary {
        date,
        due: due_now,
        due_total,
        overdue: overdue.0,
        overdue_total: overdue.1,
        completed_total,
        open_total,
        next: next.0.into_iter().next(),
    };
    let json = json!({
        "date": day.date.to_string(),
        "due": day.due.iter().map(task_json).collect::<Vec<_>>(),
        "due_total": day.due_total,
        "overdue": day.overdue.iter().map(task_json).collect::<Vec<_>>(),
        "overdue_total": day.overdue_total,
        "completed_total": day.completed_total,
        "open_total": day.open_total,
        "next": day.next.as_ref().map(task_json),
    });
    let tasks = day.overdue.iter().chain(&day.due).cloned().collect();
    Ok(Output { json, tasks, day: Some(day), ..Output::default() })
}

async fn ask(context: &ToolContext, filter: Filter, limit: u32) -> Result<(Vec<Task>, i64), ToolError> {
    let query = TaskQuery { limit, ..TaskQuery::new(filter).sorted(SortKey::DueDate, Order::Asc) };
    let page = context.scope.tasks(&query, &context.language.now).await?;
    Ok((page.tasks, counted(page.total)))
}

async fn labels(context: &ToolContext, arguments: Value) -> Result<Output, ToolError> {
    read::<Nothing>(arguments)?;
    let labels = context.scope.labels().await?;
    let json =
        labels.iter().map(|l| json!({ "id": l.id, "name": l.name, "color": l.color, "open_tasks": l.open_tasks }));
    Ok(Output { json: json.collect(), labels, ..Output::default() })
}

async fn projects(context: &ToolContext, arguments: Value) -> Result<Output, ToolError> {
    read::<Nothing>(arguments)?;
    let projects = context.scope.projects().await?;
    let json = projects.iter().filter(|project| !project.archived).map(|p| {
        json!({ "id": p.id, "name": p.name, "color": p.color, "parent_id": p.parent_id, "open_tasks": p.open_tasks })
    });
    Ok(Output { json: json.collect(), projects, ..Output::default() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}
