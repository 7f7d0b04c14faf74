//! Changing tasks.

use todo_domain::{DomainError, Outcome, Status, Task, TaskPatch, error::Code, id::TaskRef, task::label_set, text};
use uuid::Uuid;

use super::{Unit, complete, conclude, load};
use crate::{error::Result, tasks::storable_due};

pub(super) async fn update(
    mut unit: Unit<'_>,
    refs: Vec<TaskRef>,
    patch: TaskPatch,
    if_version: Option<i64>,
) -> Result<Outcome> {
    let patch = patch.check()?;
    let ids = load(&mut unit, &refs, if_version).await?;
    let mut also = Vec::new();
    for id in &ids {
        change(&mut unit, *id, &patch).await?;
        match patch.status {
            Some(Status::Completed) => also.extend(complete::complete_one(&mut unit, *id).await?),
            Some(Status::Pending) => also.extend(complete::reopen_one(&mut unit, *id).await?),
            None => {}
        }
    }
    conclude(unit, "update", "Changed", &ids, &also).await
}

async fn change(unit: &mut Unit<'_>, id: Uuid, patch: &TaskPatch) -> Result<()> {
    let mut task = unit.copy(id)?;
    if let Some(title) = &patch.title {
        task.title.clone_from(title);
    }
    if let Some(description) = &patch.description {
        task.description.clone_from(description);
    }
    if let Some(priority) = patch.priority {
        task.priority = priority;
    }
    task.labels = labels(unit, &task, patch).await?;
    match &patch.project {
        Some(Some(project)) => task.project_id = Some(unit.project(project).await?),
        Some(None) => task.project_id = None,
        None => {}
    }
    if let Some(due) = &patch.due {
        task.due = due.clone().map(storable_due);
    }
    if let Some(reminders) = &patch.reminders {
        task.reminders.clone_from(reminders);
    }
    if let Some(recurrence) = &patch.recurrence {
        task.recurrence.clone_from(recurrence);
        if let Some(rule) = recurrence {
            // A task that once repeated keeps its series, so that no occurrence is made twice.
            task.series_id = task.series_id.or_else(|| Some(Uuid::now_v7()));
            task.due = task.due.or_else(|| rule.first_due(&unit.now)).map(storable_due);
        }
    }
    if let Some(minutes) = patch.duration_minutes {
        task.duration_minutes = minutes;
    }
    match patch.parent_id {
        Some(Some(parent)) => {
            unit.parent(parent, Some(id)).await?;
            task.parent_id = Some(parent);
        }
        Some(None) => task.parent_id = None,
        None => {}
    }
    if task.parent_id.is_some() && task.recurrence.is_some() {
        return Err(DomainError::invalid("recurrence", "A subtask can't repeat; let its parent repeat.").into());
    }
    unit.put(task);
    if let Some(place) = patch.place {
        unit.place(id, place).await?;
    }
    Ok(())
}

async fn labels(unit: &mut Unit<'_>, task: &Task, patch: &TaskPatch) -> Result<Vec<String>> {
    if patch.labels.is_none() && patch.add_labels.is_empty() && patch.remove_labels.is_empty() {
        return Ok(task.labels.clone());
    }
    let mut names = patch.labels.clone().unwrap_or_else(|| task.labels.clone());
    names.extend(patch.add_labels.iter().cloned());
    names.retain(|name| !patch.remove_labels.iter().any(|gone| gone.to_lowercase() == name.to_lowercase()));
    unit.canonical_labels(label_set(&names)?).await
}

impl Unit<'_> {
    /// A task under which `child` (or a new task) may be put: there is one level of subtasks.
    pub(super) async fn parent(&mut self, parent: Uuid, child: Option<Uuid>) -> Result<Task> {
        let refuse = |detail: &str| DomainError::invalid("parent_id", detail.to_owned());
        if child == Some(parent) {
            return Err(refuse("A task can't be its own subtask.").into());
        }
        let Ok(ids) = self.load(&[TaskRef::Id(parent)]).await else {
            return Err(refuse("`parent_id` names no task of yours.").into());
        };
        let parent = ids.first().map_or_else(|| Err(DomainError::task_not_found().into()), |id| self.copy(*id))?;
        if parent.parent_id.is_some() {
            return Err(refuse("Subtasks can't have subtasks; name a task that is not a subtask itself.").into());
        }
        if let Some(child) = child
            && !self.load_subtasks(child).await?.is_empty()
        {
            return Err(refuse("A task with subtasks can't become a subtask.").into());
        }
        Ok(parent)
    }
}

/// The refusal when a colour is not `#RRGGBB`.
pub(crate) fn check_color(color: Option<String>) -> Result<Option<String>> {
    match color {
        Some(color)
            if color.len() == 7 && color.starts_with('#') && color.bytes().skip(1).all(|b| b.is_ascii_hexdigit()) =>
        {
            Ok(Some(color.to_ascii_lowercase()))
        }
        Some(_) => Err(DomainError::invalid("color", "`color` must have the form #RRGGBB.").into()),
        None => Ok(None),
    }
}

/// A cleaned name, or the refusal with the field that the client sent.
pub(super) fn check_name(clean: fn(&str) -> todo_domain::error::Result<String>, raw: &str) -> Result<String> {
    Ok(clean(raw).map_err(|error| DomainError {
        field: Some("name".into()),
        detail: error.detail.replace("`labels`", "`name`").replace("`project`", "`name`"),
        ..error
    })?)
}

/// The refusal of a second thing of the same name.
pub(super) fn duplicate(code: Code, what: &str) -> DomainError {
    DomainError {
        code,
        field: Some("name".into()),
        detail: format!("A {what} of this name exists; choose another name."),
    }
}

/// The cleaning of label names.
pub(super) fn label_name(raw: &str) -> Result<String> {
    check_name(text::label_name, raw)
}

/// The cleaning of project names.
pub(super) fn project_name(raw: &str) -> Result<String> {
    check_name(text::project_name, raw)
}
