//! The unit of work of one command: what it loaded, what it made of it, and how that is written.
//!
//! A command changes tasks in memory; [`Unit::finish`] compares with what was loaded and writes the difference, the operation and
//! the event. Nothing can be changed without being remembered.

use std::collections::HashMap;

use jiff::{Timestamp, Zoned};
use todo_domain::{
    DomainError, Operation, Task,
    command::Context,
    error::Code,
    id::{TaskRef, UserId},
};
use uuid::Uuid;

use super::change::Change;
use crate::{
    db::{Dialect, FromRow, Row, Tx},
    error::Result,
    events::{EventTask, Payload, TaskChange},
    jobs,
    labels::LabelRecord,
    projects::ProjectRecord,
    tasks::{self, Record, to_micros, write},
    vals,
};

/// Distance between neighbours in the manual order.
pub(crate) const STEP: f64 = 1024.0;

/// A user's counters. The row is locked while a command runs, so that a user's commands happen one after the other: numbers are
/// never given twice, events commit in the order of their sequence numbers, and no two completions race.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counter {
    pub number: i64,
    pub seq: i64,
    pub position: f64,
    pub tasks: i64,
    pub open: i64,
    pub hooks: bool,
}

impl FromRow for Counter {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            seq: row.get(1)?,
            position: row.get(2)?,
            tasks: row.get(3)?,
            open: row.get(4)?,
            hooks: row.get(5)?,
        })
    }
}

/// Locks the user's counters, making them first if need be.
pub(crate) async fn lock(tx: &Tx, user: &UserId) -> Result<Counter> {
    let select = match tx.dialect() {
        Dialect::Postgres => {
            "SELECT number, seq, position, tasks, open, hooks FROM counters WHERE user_id = $1 FOR UPDATE"
        }
        // There is one writer.
        Dialect::Sqlite => "SELECT number, seq, position, tasks, open, hooks FROM counters WHERE user_id = $1",
    };
    if let Some(counter) = tx.query_opt(select, &vals![user]).await? {
        return Ok(counter);
    }
    tx.execute(
        "INSERT INTO counters (user_id, number, seq, position, tasks, open) VALUES ($1, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
        &vals![user],
    )
    .await?;
    tx.query_one(select, &vals![user]).await
}

/// A task before and after; `None` where it does not exist.
pub(super) struct Entry {
    pub(super) before: Option<Task>,
    pub(super) after: Option<Task>,
}

pub(crate) struct Unit<'t> {
    pub tx: &'t Tx,
    pub user: &'t UserId,
    /// The present moment in the user's zone, in whole microseconds.
    pub now: Zoned,
    pub context: &'t Context,
    pub counter: Counter,
    pub(super) entries: Vec<Entry>,
    index: HashMap<Uuid, usize>,
    pub(super) labels: Option<Vec<LabelRecord>>,
    pub(super) projects: Option<Vec<ProjectRecord>>,
    /// Changes of labels and projects, already written.
    pub(super) changes: Vec<Change>,
    /// Labels and projects that go once no task points to them any more.
    pub(super) doomed: Vec<Change>,
}

impl<'t> Unit<'t> {
    pub fn new(tx: &'t Tx, user: &'t UserId, context: &'t Context, counter: Counter) -> Self {
        let now = to_micros(context.now.timestamp()).to_zoned(context.now.time_zone().clone());
        Self {
            tx,
            user,
            now,
            context,
            counter,
            entries: Vec::new(),
            index: HashMap::new(),
            labels: None,
            projects: None,
            changes: Vec::new(),
            doomed: Vec::new(),
        }
    }

    pub fn timestamp(&self) -> Timestamp {
        self.now.timestamp()
    }

    /// Takes tasks that were read into the unit; those already there stay as they are.
    pub fn adopt(&mut self, tasks: Vec<Task>) -> Vec<Uuid> {
        tasks
            .into_iter()
            .map(|task| {
                let id = task.id;
                if !self.index.contains_key(&id) {
                    self.index.insert(id, self.entries.len());
                    self.entries.push(Entry { before: Some(task.clone()), after: Some(task) });
                }
                id
            })
            .collect()
    }

    /// Loads the tasks that are named, each once, in the order in which they are named.
    pub async fn load(&mut self, refs: &[TaskRef]) -> Result<Vec<Uuid>> {
        let found = tasks::load(self.tx, self.user, refs).await?;
        let by_number: HashMap<i64, Uuid> = found.iter().map(|task| (task.number, task.id)).collect();
        self.adopt(found);
        let mut ids = Vec::with_capacity(refs.len());
        for one in refs {
            let id = match one {
                TaskRef::Id(id) => Some(*id).filter(|id| self.get(*id).is_some()),
                TaskRef::Number(number) => by_number.get(number).copied(),
            };
            let id = id.ok_or_else(|| match refs {
                [_] => DomainError::task_not_found(),
                _ => DomainError::new(Code::TaskNotFound, format!("There is no task {one}.")),
            })?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// The subtasks of a task.
    pub async fn load_subtasks(&mut self, parent: Uuid) -> Result<Vec<Uuid>> {
        let found = tasks::subtasks(self.tx, self.user, parent).await?;
        let mut ids = self.adopt(found);
        ids.retain(|id| self.get(*id).is_some_and(|task| task.parent_id == Some(parent)));
        Ok(ids)
    }

    /// A task of the unit, as it is now.
    pub fn get(&self, id: Uuid) -> Option<&Task> {
        self.entries.get(*self.index.get(&id)?)?.after.as_ref()
    }

    /// A copy of a task of the unit, as it is now.
    pub fn copy(&self, id: Uuid) -> Result<Task> {
        Ok(self.get(id).cloned().ok_or_else(DomainError::task_not_found)?)
    }

    /// Any task of the unit, as it is or as it was last.
    pub fn last_seen(&self, id: Uuid) -> Option<Task> {
        let entry = self.entries.get(*self.index.get(&id)?)?;
        entry.after.clone().or_else(|| entry.before.clone())
    }

    /// Puts a task: a new one, or a new state of one that is there.
    pub fn put(&mut self, task: Task) {
        match self.index.get(&task.id) {
            Some(index) => {
                if let Some(entry) = self.entries.get_mut(*index) {
                    entry.after = Some(task);
                }
            }
            None => {
                self.index.insert(task.id, self.entries.len());
                self.entries.push(Entry { before: None, after: Some(task) });
            }
        }
    }

    /// Takes a task away.
    pub fn remove(&mut self, id: Uuid) {
        if let Some(entry) = self.index.get(&id).and_then(|index| self.entries.get_mut(*index)) {
            entry.after = None;
        }
    }

    /// Whether the unit takes this task away.
    pub fn removes(&self, id: Uuid) -> bool {
        self.index.get(&id).and_then(|index| self.entries.get(*index)).is_some_and(|entry| entry.after.is_none())
    }

    /// The next number for people.
    pub const fn next_number(&mut self) -> i64 {
        self.counter.number += 1;
        self.counter.number
    }

    /// The place after every task.
    pub fn next_position(&mut self) -> f64 {
        self.counter.position += STEP;
        self.counter.position
    }

    /// Writes what changed, the operation and the event. `None` when nothing changed.
    pub async fn finish(&mut self, kind: &str, summary: impl FnOnce() -> String) -> Result<Option<Operation>> {
        let now = self.timestamp();
        for entry in &mut self.entries {
            match (&entry.before, &mut entry.after) {
                (Some(before), Some(after)) if before != after => {
                    after.version = before.version + 1;
                    after.updated_at = now;
                }
                _ => {}
            }
        }
        self.write_tasks().await?;
        let doomed = std::mem::take(&mut self.doomed);
        for change in doomed {
            self.write_doomed(change).await?;
        }
        let mut event = Payload::default();
        let mut changes = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.before != entry.after) {
            let (before, after) = (&entry.before, &entry.after);
            self.counter.tasks += i64::from(after.is_some()) - i64::from(before.is_some());
            let open = |task: &Option<Task>| i64::from(task.as_ref().is_some_and(|task| !task.is_completed()));
            self.counter.open += open(after) - open(before);
            if let Some(task) = after.as_ref().or(before.as_ref()) {
                event.tasks.push(EventTask {
                    id: task.id,
                    number: task.number,
                    change: TaskChange::between(before.as_ref(), after.as_ref()),
                });
            }
            changes.push(Change::Task {
                before: before.as_ref().map(|task| Box::new(Record::from(task))),
                after: after.as_ref().map(|task| Box::new(Record::from(task))),
            });
        }
        for change in &self.changes {
            event.note(change);
        }
        // Labels and projects come back before the tasks that need them.
        let changes: Vec<Change> = self.changes.drain(..).chain(changes).collect();
        if changes.is_empty() {
            return Ok(None);
        }
        self.counter.seq += 1;
        let operation = Operation {
            id: Uuid::now_v7(),
            kind: kind.to_owned(),
            summary: summary(),
            door: self.context.door,
            created_at: now,
            undone_at: None,
        };
        self.write_records(&operation, &changes, &event).await?;
        Ok(Some(operation))
    }

    async fn write_tasks(&mut self) -> Result<()> {
        let changed: Vec<(Option<Task>, Option<Task>)> = self
            .entries
            .iter()
            .filter(|entry| entry.before != entry.after)
            .map(|entry| (entry.before.clone(), entry.after.clone()))
            .collect();
        for (before, after) in &changed {
            if let (Some(before), Some(after)) = (before, after) {
                write::update(self.tx, before, after).await?;
            }
        }
        // Subtasks go before their parents and come after them; an occurrence goes before another takes its place.
        let is_child = |task: &Task| task.parent_id.is_some();
        for child in [true, false] {
            for (task, _) in changed.iter().filter(|(_, after)| after.is_none()) {
                if let Some(task) = task.as_ref().filter(|task| is_child(task) == child) {
                    write::delete(self.tx, self.user, task.id).await?;
                }
            }
        }
        for child in [false, true] {
            for (_, task) in changed.iter().filter(|(before, _)| before.is_none()) {
                if let Some(task) = task.as_ref().filter(|task| is_child(task) == child) {
                    write::insert(self.tx, task).await?;
                }
            }
        }
        for (before, after) in &changed {
            let names = |task: &Option<Task>| task.as_ref().map_or_else(Vec::new, |task| task.labels.clone());
            if let Some(task) = after
                && names(before) != task.labels
            {
                let old = self.label_ids(&names(before)).await?;
                let new = self.label_ids(&task.labels).await?;
                write::relabel(self.tx, self.user, task.id, &old, &new).await?;
            }
            jobs::reminders::reschedule(self, before.as_ref(), after.as_ref()).await?;
        }
        Ok(())
    }

    async fn write_records(&self, operation: &Operation, changes: &[Change], event: &Payload) -> Result<()> {
        let changes = Change::write_all(changes)?;
        let payload = serde_json::to_string(event).map_err(|error| crate::StoreError::Corrupt(error.to_string()))?;
        self.tx
            .defer(
                "INSERT INTO operations (user_id, id, kind, summary, door, changes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                vals![self.user, operation.id, &operation.kind, &operation.summary, operation.door.as_str(), changes, operation.created_at],
            )
            .await?;
        self.tx
            .defer(
                "INSERT INTO events (user_id, seq, kind, operation_id, payload) VALUES ($1, $2, $3, $4, $5)",
                vals![self.user, self.counter.seq, &operation.kind, operation.id, payload],
            )
            .await?;
        if self.counter.hooks {
            jobs::enqueue_event(self.tx, self.user, self.counter.seq, self.timestamp()).await?;
        }
        self.tx
            .defer(
                "UPDATE counters SET number = $2, seq = $3, position = $4, tasks = $5, open = $6 WHERE user_id = $1",
                vals![
                    self.user,
                    self.counter.number,
                    self.counter.seq,
                    self.counter.position,
                    self.counter.tasks,
                    self.counter.open
                ],
            )
            .await
    }
}
