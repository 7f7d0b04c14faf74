//! Adding and changing tasks.

use axum::{Form, extract::Path, response::Response};
use serde::Deserialize;
use todo_client::{BulkAction, Client, ClientError};
use todo_domain::wire::{Field, TaskInput, TaskJson};
use uuid::Uuid;

use super::{Done, What, answer, back};
use crate::{
    locale::{LANGUAGES, dates::DueText, repeat},
    visitor::Visitor,
};

/// Where to go back to.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Back {
    back: String,
}

/// What the add form sends: the text, and what the list it stands in would add to it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Added {
    text: String,
    back: String,
    due: String,
    project_id: Option<Uuid>,
    label: String,
    parent_id: Option<Uuid>,
}

/// `POST /tasks`
pub async fn add(visitor: Visitor, Form(added): Form<Added>) -> Response {
    let outcome = add_task(&visitor.client, &added).await;
    let back = back(&added.back).to_owned();
    answer(&visitor, outcome.map(|operation| Done::new(What::Added, operation, back)))
}

async fn add_task(client: &Client, added: &Added) -> Result<Option<String>, ClientError> {
    if let Some(parent) = added.parent_id {
        let input = subtask(client, added.text.trim(), parent).await?;
        return client.create_task(&input).await.map(|done| done.operation);
    }
    let mut lines = Vec::new();
    for line in added.text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        lines.push(added.in_its_list(client, line).await?);
    }
    client.quick_add(&lines.join("\n")).await.map(|done| done.operation)
}

/// The subtask that a sentence describes. One that would repeat, which no subtask can, is taken as it is written.
async fn subtask(client: &Client, text: &str, parent: Uuid) -> Result<TaskInput, ClientError> {
    let parsed = client.parse(text).await?;
    let mut input =
        TaskInput { title: Field::Value(text.to_owned()), parent_id: Field::Value(parent), ..TaskInput::default() };
    let said = |name: &str| parsed.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let list = |name: &str| -> Vec<String> {
        let values = parsed.get(name).and_then(|value| value.as_array());
        values.into_iter().flatten().filter_map(|value| value.as_str()).map(str::to_owned).collect()
    };
    if said("rrule").is_none() {
        set(&mut input.title, said("title"));
        set(&mut input.due_date, said("due"));
        set(&mut input.priority, said("priority"));
        set(&mut input.project, said("project"));
        input.labels = Field::Value(list("labels"));
        input.reminders = Field::Value(list("reminders"));
    }
    Ok(input)
}

impl Added {
    /// The line with what the list adds to it, in the line's own language, so that one sentence stays one operation. What the line
    /// says itself goes first.
    async fn in_its_list(&self, client: &Client, line: &str) -> Result<String, ClientError> {
        let mut line = line.to_owned();
        if self.due.is_empty() && self.project_id.is_none() && self.label.is_empty() {
            return Ok(line);
        }
        let parsed = client.parse(&line).await?;
        let says = |name: &str| parsed.get(name).is_some_and(|value| !value.is_null());
        let quoted =
            |name: &str| if name.contains(char::is_whitespace) { format!("\"{name}\"") } else { name.to_owned() };
        if !self.label.is_empty() {
            line = format!("{line} @{}", quoted(&self.label));
        }
        if let Some(id) = self.project_id.filter(|_| !says("project")) {
            let projects = client.projects().await?;
            if let Some(project) = projects.into_iter().find(|project| project.id == id) {
                line = format!("{line} #{}", quoted(&project.name));
            }
        }
        if !self.due.is_empty() && !says("due") && !says("rrule") {
            line = format!("{line} {}", self.due);
        }
        Ok(line)
    }
}

fn set(field: &mut Field<String>, value: Option<String>) {
    if let Some(value) = value {
        *field = Field::Value(value);
    }
}

/// What a form says about a field: left out, it stays; empty, it goes.
fn given(value: Option<String>) -> Field<String> {
    match value.as_deref().map(str::trim) {
        None => Field::Absent,
        Some("") => Field::Null,
        Some(value) => Field::Value(value.to_owned()),
    }
}

/// What the edit form sends. Fields that are left out stay; `whole` says that this is the full form, where an unticked box counts.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Edited {
    back: String,
    whole: String,
    title: Option<String>,
    description: Option<String>,
    due: Option<String>,
    day: Option<String>,
    time: Option<String>,
    priority: Option<String>,
    project: Option<String>,
    labels: Option<String>,
    recurrence: Option<String>,
    after: Option<String>,
    reminder: Option<String>,
    place: Option<String>,
}

/// `POST /tasks/{task}`
pub async fn edit(visitor: Visitor, Path(task): Path<String>, Form(edited): Form<Edited>) -> Response {
    let outcome = async {
        let before = visitor.client.task(&task).await?;
        let patch = edited.patch(&before, &visitor.client).await?;
        if patch == TaskInput::default() {
            return Ok(None);
        }
        visitor.client.update_task(&task, &patch).await.map(|done| done.operation)
    };
    let outcome = outcome.await;
    let back = back(&edited.back).to_owned();
    answer(&visitor, outcome.map(|operation| Done::new(What::Saved, operation, back)))
}

impl Edited {
    /// Only what differs from the task as it is, so that the history tells what was really changed.
    async fn patch(&self, before: &TaskJson, client: &Client) -> Result<TaskInput, ClientError> {
        let mut patch = TaskInput::default();
        let given = |value: &Option<String>| value.as_deref().map(str::trim).map(str::to_owned);
        if let Some(title) = given(&self.title).filter(|title| *title != before.title) {
            patch.title = Field::Value(title);
        }
        if let Some(notes) = self.description.as_deref().map(|notes| notes.replace("\r\n", "\n")) {
            if notes.trim().is_empty() {
                clear(&mut patch.description, before.description.is_some());
            } else if before.description.as_deref() != Some(notes.as_str()) {
                patch.description = Field::Value(notes);
            }
        }
        if let Some(priority) = given(&self.priority).filter(|priority| *priority != before.priority) {
            patch.priority = Field::Value(priority);
        }
        if let Some(labels) = &self.labels {
            let labels: Vec<String> = labels
                .split([',', '،'])
                .map(|label| label.trim().trim_start_matches('@'))
                .filter(|label| !label.is_empty())
                .map(str::to_owned)
                .collect();
            if labels != before.labels {
                patch.labels = Field::Value(labels);
            }
        }
        if let Some(project) = given(&self.project) {
            let now = match before.project_id {
                Some(id) => {
                    client.projects().await?.into_iter().find(|project| project.id == id).map(|project| project.name)
                }
                None => None,
            };
            if project.is_empty() {
                clear(&mut patch.project, now.is_some());
            } else if now.as_deref() != Some(project.as_str()) {
                patch.project = Field::Value(project);
            }
        }
        self.due(before, client, &mut patch).await?;
        if let Some(rule) = given(&self.recurrence) {
            if rule.is_empty() {
                clear(&mut patch.recurrence, before.recurrence.is_some());
            } else if before.recurrence.as_ref() != Some(&rule)
                && LANGUAGES.iter().all(|language| repeat::words(language, before).as_ref() != Some(&rule))
            {
                patch.recurrence = Field::Value(rule);
            }
        }
        if !self.whole.is_empty()
            && let Some(rule) = before.recurrence.clone()
        {
            let anchor = if self.after.is_some() { "completion" } else { "due" };
            if patch.recurrence != Field::Null && before.recurrence_anchor.as_deref() != Some(anchor) {
                if patch.recurrence == Field::Absent {
                    patch.recurrence = Field::Value(rule);
                }
                patch.recurrence_anchor = Field::Value(anchor.to_owned());
            }
        }
        if let Some(reminder) = given(&self.reminder).filter(|reminder| reminder != "keep") {
            let now: Vec<String> = before.reminders.iter().map(ToString::to_string).collect();
            if reminder != now.join(",") {
                patch.reminders = Field::Value(if reminder.is_empty() { Vec::new() } else { vec![reminder] });
            }
        }
        if let Some(place) = given(&self.place).filter(|place| !place.is_empty()) {
            patch.place = Field::Value(place);
        }
        Ok(patch)
    }

    /// The due date: in words (`due`), or as day and time.
    async fn due(&self, before: &TaskJson, client: &Client, patch: &mut TaskInput) -> Result<(), ClientError> {
        if let Some(words) = &self.due {
            if words.trim().is_empty() {
                clear(&mut patch.due_date, before.due_date.is_some());
            } else {
                patch.due_date = Field::Value(words.trim().to_owned());
            }
            return Ok(());
        }
        let Some(day) = self.day.as_deref().map(str::trim) else { return Ok(()) };
        let time = self.time.as_deref().map(str::trim).filter(|time| !time.is_empty());
        if day.is_empty() {
            match time {
                // A time alone is the next one.
                Some(time) if before.due_date.is_none() => patch.due_date = Field::Value(time.to_owned()),
                _ => clear(&mut patch.due_date, before.due_date.is_some()),
            }
            return Ok(());
        }
        let profile = client.profile().await?;
        let zone = jiff::tz::TimeZone::get(&profile.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
        let now = before.due_date.as_deref().and_then(|text| DueText::parse(text, &zone));
        let same = match (&now, time) {
            (Some(DueText::Day(now)), None) => now.to_string() == day,
            (Some(DueText::At(now)), Some(time)) => {
                now.date().to_string() == day && now.strftime("%H:%M").to_string() == time
            }
            _ => false,
        };
        if !same {
            patch.due_date = Field::Value(time.map_or_else(|| day.to_owned(), |time| format!("{day}T{time}")));
            if time.is_some() && !profile.timezone.is_empty() {
                patch.due_timezone = Field::Value(profile.timezone);
            }
        }
        Ok(())
    }
}

fn clear<T>(field: &mut Field<T>, is_set: bool) {
    if is_set {
        *field = Field::Null;
    }
}

/// `POST /tasks/{task}/complete`
pub async fn complete(visitor: Visitor, Path(task): Path<String>, Form(form): Form<Back>) -> Response {
    let outcome = visitor.client.complete_task(&task).await.map(|done| done.operation);
    finish(&visitor, What::Completed, &form.back, outcome)
}

/// `POST /tasks/{task}/reopen`
pub async fn reopen(visitor: Visitor, Path(task): Path<String>, Form(form): Form<Back>) -> Response {
    let outcome = visitor.client.reopen_task(&task).await.map(|done| done.operation);
    finish(&visitor, What::Reopened, &form.back, outcome)
}

/// `POST /tasks/{task}/delete`
pub async fn delete(visitor: Visitor, Path(task): Path<String>, Form(form): Form<Back>) -> Response {
    let outcome = visitor.client.delete_task(&task).await.map(|done| done.operation);
    // The page of a deleted task is no place to go back to.
    let back = if form.back.starts_with("/task/") { "/all" } else { &form.back };
    finish(&visitor, What::Deleted, back, outcome)
}

/// `POST /undo/{operation}`
pub async fn undo(visitor: Visitor, Path(operation): Path<String>, Form(form): Form<Back>) -> Response {
    let outcome = visitor.client.undo(&operation).await.map(|done| done.operation);
    finish(&visitor, What::Undone, &form.back, outcome)
}

/// What the bulk form sends: ids separated by commas.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Bulk {
    back: String,
    action: String,
    tasks: String,
    due: Option<String>,
    priority: String,
    project: Option<String>,
    label: String,
}

/// `POST /tasks/bulk`
pub async fn bulk(visitor: Visitor, Form(form): Form<Bulk>) -> Response {
    let tasks: Vec<Uuid> = form.tasks.split(',').filter_map(|id| id.trim().parse().ok()).collect();
    let (action, what) = match form.action.as_str() {
        "complete" => (BulkAction::Complete, What::Completed),
        "reopen" => (BulkAction::Reopen, What::Reopened),
        "delete" => (BulkAction::Delete, What::Deleted),
        _ => {
            // Nothing in place of a date or a project takes it away.
            let mut patch =
                TaskInput { due_date: given(form.due), project: given(form.project), ..TaskInput::default() };
            set(&mut patch.priority, Some(form.priority).filter(|priority| !priority.is_empty()));
            let label = form.label.trim().trim_start_matches('@');
            if !label.is_empty() {
                patch.add_labels = Field::Value(vec![label.to_owned()]);
            }
            (BulkAction::Update { patch: Box::new(patch) }, What::Saved)
        }
    };
    let outcome = visitor.client.bulk(&action, &tasks).await.map(|done| done.operation);
    finish(&visitor, what, &form.back, outcome)
}

fn finish(visitor: &Visitor, what: What, to: &str, outcome: Result<Option<String>, ClientError>) -> Response {
    let back = back(to).to_owned();
    answer(visitor, outcome.map(|operation| Done::new(what, operation, back)))
}
