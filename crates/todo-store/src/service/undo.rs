//! Taking an operation back, exactly, or not at all.
//!
//! Undoing is an operation like any other, so it can be undone itself (a redo). Whether something has changed since is judged by
//! content, not by version: taking back two operations in reverse order works, and a change that was reversed by hand is none.

use todo_domain::{DomainError, Outcome, error::Code, id::TaskRef};
use uuid::Uuid;

use super::{Change, Unit};
use crate::{
    error::{Result, StoreError},
    labels::{LabelRecord, name_key},
    operations,
    projects::ProjectRecord,
    tasks::Record,
    vals,
};

pub(super) async fn undo(mut unit: Unit<'_>, operation: Uuid) -> Result<Outcome> {
    type Found = (String, String, String, Option<jiff::Timestamp>);
    let found: Option<Found> = unit
        .tx
        .query_opt(
            "SELECT kind, summary, changes, undone_at FROM operations WHERE user_id = $1 AND id = $2",
            &vals![unit.user, operation],
        )
        .await?;
    let (kind, summary, changes, undone_at) = found.ok_or_else(operations::not_found)?;
    if undone_at.is_some() {
        return Err(conflict("This operation was undone already.").into());
    }
    let changes = Change::read_all(&changes)?;
    load_tasks(&mut unit, &changes).await?;
    // Backwards: what came first goes last. Labels and projects that went must be back before the tasks that name them.
    let (mut ids, mut rest) = (Vec::new(), Vec::new());
    for change in changes.into_iter().rev() {
        match change {
            Change::Task { before, after } => rest.push((before, after)),
            Change::Label { before, after, tasks } => undo_label(&mut unit, before, after, &tasks, &kind).await?,
            Change::Project { before, after, tasks, children } => {
                undo_project(&mut unit, before, after, &tasks, &children, &kind).await?;
            }
        }
    }
    for (before, after) in rest {
        ids.push(undo_task(&mut unit, before, after)?);
    }
    ids.reverse();
    for id in &ids {
        check_neighbours(&mut unit, *id).await?;
    }
    unit.tx
        .defer(
            "UPDATE operations SET undone_at = $3 WHERE user_id = $1 AND id = $2",
            vals![unit.user, operation, unit.timestamp()],
        )
        .await?;
    let operation = unit.finish("undo", || undone(&summary)).await?;
    let tasks = ids.iter().filter_map(|id| unit.last_seen(*id)).collect();
    Ok(Outcome { operation, tasks, ..Outcome::default() })
}

fn undone(summary: &str) -> String {
    summary.strip_prefix("Undid: ").map_or_else(|| format!("Undid: {summary}"), |first| format!("Redid: {first}"))
}

fn conflict(detail: &str) -> DomainError {
    DomainError::new(Code::UndoConflict, detail)
}

fn changed_since(what: &str) -> DomainError {
    conflict(&format!("{what} has changed since; undo the later changes first."))
}

/// Every task that the changes speak of, and those around them that decide whether they can be undone.
async fn load_tasks(unit: &mut Unit<'_>, changes: &[Change]) -> Result<()> {
    let mut wanted = Vec::new();
    for change in changes {
        match change {
            Change::Task { before, after } => {
                for record in [before, after].into_iter().flatten() {
                    wanted.extend([Some(record.id), record.parent_id].into_iter().flatten());
                }
            }
            Change::Label { tasks, .. } | Change::Project { tasks, .. } => wanted.extend(tasks),
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    for ids in wanted.chunks(500) {
        let refs: Vec<TaskRef> = ids.iter().copied().map(TaskRef::Id).collect();
        let found = crate::tasks::load(unit.tx, unit.user, &refs).await?;
        unit.adopt(found);
    }
    Ok(())
}

fn undo_task(unit: &mut Unit<'_>, before: Option<Box<Record>>, after: Option<Box<Record>>) -> Result<Uuid> {
    let moved = match (&before, &after) {
        (Some(before), Some(after)) => before.position != after.position,
        _ => false,
    };
    let id = before.as_ref().or(after.as_ref()).map(|record| record.id);
    let id = id.ok_or_else(|| StoreError::Corrupt("an empty change".into()))?;
    let now = unit.get(id).cloned();
    match (&after, &now) {
        (None, None) => {}
        (Some(after), Some(task)) if after.is_content_of(task, moved) => {}
        (after, now) => {
            let title = after.as_ref().map(|record| &record.title).or(now.as_ref().map(|task| &task.title));
            return Err(changed_since(&format!("“{}”", title.map_or("", String::as_str))).into());
        }
    }
    let Some(record) = before else {
        unit.remove(id);
        return Ok(id);
    };
    let mut task = record.into_task(unit.user, unit.timestamp())?;
    match now {
        Some(now) => {
            (task.number, task.version, task.updated_at) = (now.number, now.version, now.updated_at);
            if !moved {
                task.position = now.position;
            }
        }
        // A version must not come back with other content.
        None => task.version += 1,
    }
    unit.put(task);
    Ok(id)
}

/// What a restored task points to must be there, and nothing may point to one that goes.
async fn check_neighbours(unit: &mut Unit<'_>, id: Uuid) -> Result<()> {
    let Some(task) = unit.get(id).cloned() else {
        let left = unit.load_subtasks(id).await?;
        return match left.first().and_then(|id| unit.get(*id)) {
            Some(task) => Err(conflict(&format!("“{}” was put under it since; move that first.", task.title)).into()),
            None => Ok(()),
        };
    };
    if let Some(project) = task.project_id
        && unit.project_record(project).await.is_err()
    {
        return Err(conflict("Its project was deleted since; undo that first.").into());
    }
    if let Some(parent) = task.parent_id {
        let fits = unit.get(parent).is_some_and(|parent| parent.parent_id.is_none());
        if !fits || !unit.load_subtasks(id).await?.is_empty() {
            return Err(conflict("The task it was under has changed since; undo that first.").into());
        }
    }
    if let Some(series) = task.series_id {
        let sql = "SELECT id FROM tasks WHERE user_id = $1 AND series_id = $2 AND occurrence = $3 AND id <> $4";
        let taken: Option<(Uuid,)> = unit.tx.query_opt(sql, &vals![unit.user, series, task.occurrence, id]).await?;
        if taken.is_some_and(|taken| !unit.removes(taken.0)) {
            return Err(conflict("Another occurrence took its place since; undo that first.").into());
        }
    }
    Ok(())
}

async fn undo_label(
    unit: &mut Unit<'_>,
    before: Option<LabelRecord>,
    after: Option<LabelRecord>,
    tasks: &[Uuid],
    kind: &str,
) -> Result<()> {
    match (before, after) {
        (Some(before), Some(after)) => {
            if unit.label(after.id).await.ok().as_ref() != Some(&after) {
                return Err(changed_since(&format!("Label “{}”", after.name)).into());
            }
            unit.set_label(&after, before).await
        }
        (Some(label), None) => {
            let key = name_key(&label.name);
            if unit.labels().await?.iter().any(|known| known.id == label.id || name_key(&known.name) == key) {
                return Err(changed_since(&format!("Label “{}”", label.name)).into());
            }
            unit.add_label(label.clone()).await?;
            for id in tasks {
                if let Some(mut task) = unit.get(*id).cloned() {
                    task.labels.push(label.name.clone());
                    task.labels = todo_domain::task::label_set(&task.labels)?;
                    unit.put(task);
                }
            }
            Ok(())
        }
        (None, Some(label)) => {
            // One that was made on the fly stays if something else uses it by now; its maker only takes it off their own tasks.
            if unit.label(label.id).await.ok().as_ref() == Some(&label) {
                unit.doomed.push(Change::Label { before: Some(label), after: None, tasks: Vec::new() });
            } else if kind == "create_label" {
                return Err(changed_since(&format!("Label “{}”", label.name)).into());
            }
            Ok(())
        }
        (None, None) => Ok(()),
    }
}

async fn undo_project(
    unit: &mut Unit<'_>,
    before: Option<ProjectRecord>,
    after: Option<ProjectRecord>,
    tasks: &[Uuid],
    children: &[Uuid],
    kind: &str,
) -> Result<()> {
    match (before, after) {
        (Some(before), Some(after)) => {
            if unit.project_record(after.id).await.ok().as_ref() != Some(&after) {
                return Err(changed_since(&format!("Project “{}”", after.name)).into());
            }
            unit.set_project(&after, before).await
        }
        (Some(project), None) => {
            let key = name_key(&project.name);
            let known = unit.projects().await?;
            let parent_gone = project.parent_id.is_some_and(|parent| known.iter().all(|known| known.id != parent));
            if parent_gone || known.iter().any(|known| known.id == project.id || name_key(&known.name) == key) {
                return Err(changed_since(&format!("Project “{}”", project.name)).into());
            }
            unit.add_project(project.clone()).await?;
            for child in children {
                if let Ok(record) = unit.project_record(*child).await
                    && record.parent_id.is_none()
                {
                    unit.set_project(&record, ProjectRecord { parent_id: Some(project.id), ..record.clone() }).await?;
                }
            }
            for id in tasks {
                if let Some(mut task) = unit.get(*id).filter(|task| task.project_id.is_none()).cloned() {
                    task.project_id = Some(project.id);
                    unit.put(task);
                }
            }
            Ok(())
        }
        (None, Some(project)) => {
            if unit.project_record(project.id).await.ok().as_ref() == Some(&project) {
                unit.doomed.push(Change::Project {
                    before: Some(project),
                    after: None,
                    tasks: Vec::new(),
                    children: Vec::new(),
                });
            } else if kind == "create_project" {
                return Err(changed_since(&format!("Project “{}”", project.name)).into());
            }
            Ok(())
        }
        (None, None) => Ok(()),
    }
}

impl Unit<'_> {
    /// Deletes a label or project that an undone operation had made, unless something uses it by now.
    pub(super) async fn write_doomed(&mut self, change: Change) -> Result<()> {
        match &change {
            Change::Label { before: Some(label), .. } => {
                let deleted = self
                    .tx
                    .execute(
                        "DELETE FROM labels WHERE user_id = $1 AND id = $2 AND NOT EXISTS \
                         (SELECT 1 FROM task_labels WHERE user_id = $1 AND label_id = $2)",
                        &vals![self.user, label.id],
                    )
                    .await?;
                if deleted > 0 {
                    self.changes.push(change);
                }
            }
            Change::Project { before: Some(project), .. } => {
                let deleted = self
                    .tx
                    .execute(
                        "DELETE FROM projects WHERE user_id = $1 AND id = $2 \
                         AND NOT EXISTS (SELECT 1 FROM tasks WHERE user_id = $1 AND project_id = $2) \
                         AND NOT EXISTS (SELECT 1 FROM projects WHERE user_id = $1 AND parent_id = $2)",
                        &vals![self.user, project.id],
                    )
                    .await?;
                if deleted > 0 {
                    self.changes.push(change);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
