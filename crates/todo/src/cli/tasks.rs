//! Adding, listing and changing tasks.

use anyhow::{Context, bail};
use clap::Args;
use serde_json::Value;
use todo_client::{BulkAction, Client, ListQuery};
use todo_domain::wire::{Field, TaskInput, TaskJson};

use super::Target;
use crate::{session, table};

impl Target {
    /// The client for the commands: a server's, or this installation's own.
    ///
    /// # Errors
    /// See [`session::open`].
    pub async fn open(&self) -> anyhow::Result<Client> {
        session::open(self.server.as_ref(), self.token.as_deref(), self.user.as_deref()).await
    }

    /// Whether JSON is wanted.
    #[must_use]
    pub const fn wants_json(&self) -> bool {
        self.json
    }
}

/// Add a task by sentence
#[derive(Debug, Args)]
pub struct Add {
    /// The sentence; several are several tasks
    #[arg(required = true)]
    text: Vec<String>,
}

impl Add {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        // `todo add buy milk` without quotes is one task.
        let text = self.text.join(" ");
        let made = target.open().await?.quick_add(&text).await?;
        let tasks = tasks_of(made.value)?;
        report(target, "Added", &tasks)
    }
}

/// List tasks
#[derive(Debug, Args)]
pub struct List {
    /// Condition in the filter language, such as "today | overdue"
    filter: Vec<String>,
    /// Completed ones as well
    #[arg(long, short)]
    all: bool,
    /// Order: due_date, priority, title, created_at, …
    #[arg(long, value_name = "KEY")]
    sort: Option<String>,
    /// How many
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl List {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let filter = self.filter.join(" ");
        let says_status = ["done", "completed", "status"].iter().any(|word| filter.contains(word));
        let query = ListQuery {
            status: if self.all || says_status { "all".to_owned() } else { "pending".to_owned() },
            filter,
            sort_by: self.sort.unwrap_or_else(|| "due_date".to_owned()),
            limit: Some(self.limit.clamp(1, 100)),
            ..ListQuery::default()
        };
        list(target, query).await
    }
}

/// Search tasks
#[derive(Debug, Args)]
pub struct Search {
    /// Words in title or notes
    #[arg(required = true)]
    words: Vec<String>,
}

impl Search {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let search = self.words.join(" ");
        list(target, ListQuery { search, sort_by: "relevance".to_owned(), limit: Some(50), ..ListQuery::default() })
            .await
    }
}

async fn list(target: &Target, query: ListQuery) -> anyhow::Result<()> {
    let page = target.open().await?.tasks(&query).await?;
    if target.json {
        println!("{}", serde_json::json!({"tasks": page.tasks, "total": page.total, "next_cursor": page.next_cursor}));
        return Ok(());
    }
    table::print(&page.tasks, today());
    let shown = u64::try_from(page.tasks.len()).unwrap_or(u64::MAX);
    if page.total > shown {
        println!("… and {} more", page.total - shown);
    }
    Ok(())
}

/// One task
#[derive(Debug, Args)]
pub struct One {
    /// Number or id
    task: String,
}

impl One {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let task = target.open().await?.task(&reference(&self.task)).await?;
        if target.json {
            println!("{}", serde_json::to_string(&task)?);
            return Ok(());
        }
        table::print(std::slice::from_ref(&task), today());
        if let Some(notes) = &task.description {
            println!("\n{}", notes.lines().map(table::plain).collect::<Vec<_>>().join("\n"));
        }
        Ok(())
    }
}

/// Several tasks
#[derive(Debug, Args)]
pub struct Several {
    /// Numbers or ids
    #[arg(required = true)]
    tasks: Vec<String>,
}

impl Several {
    pub async fn run(self, target: &Target, action: BulkAction, verb: &str) -> anyhow::Result<()> {
        let client = target.open().await?;
        let mut ids = Vec::with_capacity(self.tasks.len());
        for task in &self.tasks {
            ids.push(client.task(&reference(task)).await.with_context(|| format!("task {task}"))?.id);
        }
        let changed = client.bulk(&action, &ids).await?;
        report(target, verb, &tasks_of(changed.value)?)
    }
}

/// Change a task
#[derive(Debug, Args)]
pub struct Edit {
    /// Number or id
    task: String,
    /// New title
    #[arg(long)]
    title: Option<String>,
    /// New notes; empty for none
    #[arg(long)]
    description: Option<String>,
    /// none, low, medium, high or urgent
    #[arg(long)]
    priority: Option<String>,
    /// New due date in words or ISO 8601; "none" for none
    #[arg(long)]
    due: Option<String>,
    /// New recurrence in words or as a rule; "none" for none
    #[arg(long)]
    repeat: Option<String>,
    /// Labels, replacing the ones it has
    #[arg(long, value_delimiter = ',')]
    labels: Option<Vec<String>>,
    /// Project; "none" for the inbox
    #[arg(long)]
    project: Option<String>,
}

impl Edit {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let field = |value: Option<String>| value.map_or(Field::Absent, Field::Value);
        let clearable = |value: Option<String>| match value.as_deref() {
            None => Field::Absent,
            Some("none" | "") => Field::Null,
            Some(text) => Field::Value(text.to_owned()),
        };
        let patch = TaskInput {
            title: field(self.title),
            description: clearable(self.description),
            priority: field(self.priority),
            due_date: clearable(self.due),
            recurrence: clearable(self.repeat),
            labels: self.labels.map_or(Field::Absent, Field::Value),
            project: clearable(self.project),
            ..TaskInput::default()
        };
        if patch == TaskInput::default() {
            bail!("say what to change, such as --due tomorrow");
        }
        let changed = target.open().await?.update_task(&reference(&self.task), &patch).await?;
        report(target, "Changed", &[changed.value])
    }
}

/// Undo a change
#[derive(Debug, Args)]
pub struct Undo {
    /// Id of the operation; the last change when left out
    operation: Option<String>,
}

impl Undo {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let client = target.open().await?;
        let (id, summary) = match self.operation {
            Some(id) => (id, "the operation".to_owned()),
            None => {
                let last = client
                    .operations(None)
                    .await?
                    .into_iter()
                    .find(|operation| operation.undone_at.is_none() && operation.kind != "undo");
                let last = last.context("there is nothing to undo")?;
                (last.id.to_string(), last.summary)
            }
        };
        let undone = client.undo(&id).await?;
        if target.json {
            println!("{}", undone.value);
        } else {
            println!("Undone: {}", table::plain(&summary));
        }
        Ok(())
    }
}

fn tasks_of(mut value: Value) -> anyhow::Result<Vec<TaskJson>> {
    serde_json::from_value(value["tasks"].take()).context("the server's answer can't be read")
}

fn report(target: &Target, verb: &str, tasks: &[TaskJson]) -> anyhow::Result<()> {
    if target.json {
        println!("{}", serde_json::json!({ "tasks": tasks }));
        return Ok(());
    }
    println!("{verb}:");
    table::print(tasks, today());
    Ok(())
}

/// `#3` is how people write the number 3.
fn reference(task: &str) -> String {
    task.strip_prefix('#').unwrap_or(task).to_owned()
}

fn today() -> jiff::civil::Date {
    let clock = crate::serve::clock();
    clock.now_in(clock.home_zone()).date()
}
