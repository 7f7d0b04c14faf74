//! Completing and reopening. A repeating task makes its next occurrence once.

use jiff::{ToSpan, Zoned};
use todo_domain::{Due, Outcome, Reminder, Status, Task, id::TaskRef};
use uuid::Uuid;

use super::{Unit, conclude, load};
use crate::{
    error::Result,
    tasks::{COLUMNS, storable_due},
    vals,
};

pub(super) async fn complete(mut unit: Unit<'_>, refs: Vec<TaskRef>, if_version: Option<i64>) -> Result<Outcome> {
    let ids = load(&mut unit, &refs, if_version).await?;
    let mut also = Vec::new();
    for id in &ids {
        also.extend(complete_one(&mut unit, *id).await?);
    }
    conclude(unit, "complete", "Completed", &ids, &also).await
}

pub(super) async fn reopen(mut unit: Unit<'_>, refs: Vec<TaskRef>, if_version: Option<i64>) -> Result<Outcome> {
    let ids = load(&mut unit, &refs, if_version).await?;
    let mut also = Vec::new();
    for id in &ids {
        also.extend(reopen_one(&mut unit, *id).await?);
    }
    conclude(unit, "reopen", "Reopened", &ids, &also).await
}

pub(super) async fn toggle(mut unit: Unit<'_>, one: TaskRef) -> Result<Outcome> {
    let ids = load(&mut unit, &[one], None).await?;
    let completed = ids.first().and_then(|id| unit.get(*id)).is_some_and(Task::is_completed);
    if completed { reopen(unit, vec![one], None).await } else { complete(unit, vec![one], None).await }
}

/// Completes one task of the unit; answers the tasks that came with it.
pub(super) async fn complete_one(unit: &mut Unit<'_>, id: Uuid) -> Result<Vec<Uuid>> {
    let mut task = unit.copy(id)?;
    if task.is_completed() {
        return Ok(Vec::new());
    }
    task.status = Status::Completed;
    task.completed_at = Some(unit.timestamp());
    unit.put(task.clone());
    match next_occurrence(unit, &task).await? {
        Some(next) => spawn(unit, &task, next).await,
        None => Ok(Vec::new()),
    }
}

/// What follows a completed repeating task, unless it was made before.
async fn next_occurrence(unit: &mut Unit<'_>, task: &Task) -> Result<Option<Task>> {
    let (Some(rule), Some(series)) = (&task.recurrence, task.series_id) else { return Ok(None) };
    let due = task.due.clone().unwrap_or_else(|| Due::Day(unit.now.date()));
    let Some(next) = rule.next_after(&due, &unit.now) else { return Ok(None) };
    let (known,): (i64,) = unit
        .tx
        .query_one(
            "SELECT count(*) FROM tasks WHERE user_id = $1 AND series_id = $2 AND occurrence = $3",
            &vals![unit.user, series, task.occurrence + 1],
        )
        .await?;
    if known > 0 {
        return Ok(None);
    }
    let now = unit.timestamp();
    let next_due = storable_due(next.due);
    Ok(Some(Task {
        id: Uuid::now_v7(),
        number: unit.next_number(),
        status: Status::Pending,
        reminders: task.reminders.iter().map(|reminder| shift(*reminder, &due, &next_due, &unit.now)).collect(),
        due: Some(next_due),
        recurrence: Some(next.rule),
        occurrence: task.occurrence + 1,
        created_at: now,
        updated_at: now,
        completed_at: None,
        version: 1,
        ..task.clone()
    }))
}

/// A reminder at an instant moves as many days as the due date does.
fn shift(reminder: Reminder, from: &Due, to: &Due, now: &Zoned) -> Reminder {
    match reminder {
        Reminder::At(at) => {
            let zone = match to {
                Due::At(due) => due.time_zone(),
                Due::Day(_) => now.time_zone(),
            };
            let days = (to.date() - from.date()).get_days();
            let moved = at.to_zoned(zone.clone()).checked_add(days.days());
            Reminder::At(moved.map_or(at, |moved| moved.timestamp()))
        }
        lead @ Reminder::Before { .. } => lead,
    }
}

/// Adds the next occurrence, with open copies of the subtasks.
async fn spawn(unit: &mut Unit<'_>, task: &Task, next: Task) -> Result<Vec<Uuid>> {
    let subtasks = unit.load_subtasks(task.id).await?;
    let parent = next.id;
    let now = unit.timestamp();
    let mut made = vec![parent];
    unit.put(next);
    for id in subtasks {
        let subtask = unit.copy(id)?;
        let copy = Task {
            id: Uuid::now_v7(),
            number: unit.next_number(),
            status: Status::Pending,
            parent_id: Some(parent),
            // Instants of the past would remind of nothing.
            reminders: subtask
                .reminders
                .iter()
                .copied()
                .filter(|reminder| matches!(reminder, Reminder::Before { .. }))
                .collect(),
            due: None,
            created_at: now,
            updated_at: now,
            completed_at: None,
            version: 1,
            ..subtask
        };
        made.push(copy.id);
        unit.put(copy);
    }
    Ok(made)
}

/// Reopens one task of the unit; answers the tasks that went with it: the next occurrence, if nobody has touched it.
pub(super) async fn reopen_one(unit: &mut Unit<'_>, id: Uuid) -> Result<Vec<Uuid>> {
    let mut task = unit.copy(id)?;
    if !task.is_completed() {
        return Ok(Vec::new());
    }
    task.status = Status::Pending;
    task.completed_at = None;
    unit.put(task.clone());
    let Some(series) = task.series_id else { return Ok(Vec::new()) };
    let sql = format!("SELECT {COLUMNS} FROM tasks t WHERE t.user_id = $1 AND t.series_id = $2 AND t.occurrence = $3");
    let found: Vec<Task> = unit.tx.query(&sql, &vals![unit.user, series, task.occurrence + 1]).await?;
    let untouched = |task: &Task| task.version == 1 && !task.is_completed();
    let Some(next) = unit.adopt(found).into_iter().find(|id| unit.get(*id).is_some_and(untouched)) else {
        return Ok(Vec::new());
    };
    let mut gone = unit.load_subtasks(next).await?;
    if !gone.iter().all(|id| unit.get(*id).is_some_and(untouched)) {
        return Ok(Vec::new());
    }
    gone.insert(0, next);
    for id in &gone {
        unit.remove(*id);
    }
    Ok(gone)
}
