//! The task service: every command of the domain, each in one transaction.

mod change;
mod complete;
mod create;
mod delete;
mod labels;
mod order;
mod projects;
mod undo;
mod unit;
mod update;

use std::sync::Arc;

use futures::future::BoxFuture;
use todo_domain::{
    Command, DomainError, Outcome, Task,
    command::{BULK_MAX, Context},
    error::Code,
    id::{TaskRef, UserId},
};
use uuid::Uuid;

pub(crate) use change::Change;
pub(crate) use unit::{Unit, lock};
pub(crate) use update::check_color;

use crate::{
    db::{Repeat, Tx},
    error::Result,
    idempotency::{self, Idempotency, Ran},
    scope::UserScope,
};

impl UserScope {
    /// Does what `command` says: change, operation and event in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Domain`](crate::StoreError::Domain) when a rule refuses it; then nothing has changed.
    pub fn run<'s>(&'s self, command: Command, context: &'s Context) -> BoxFuture<'s, Result<Outcome>> {
        // Boxed here, or every crate that awaits a command would compile all of them once more.
        Box::pin(self.run_now(command, context))
    }

    async fn run_now(&self, command: Command, context: &Context) -> Result<Outcome> {
        if let Some(outcome) = create::in_one_round_trip(self, &command, context).await? {
            self.store().changed(self.user_id());
            return Ok(outcome);
        }
        let work = Arc::new((self.user_id().clone(), command, context.clone()));
        let outcome = self
            .db()
            .write(self.identity(), Repeat::Unsafe, move |tx| {
                let work = work.clone();
                Box::pin(async move {
                    let (user, command, context) = &*work;
                    let counter = unit::lock(tx, user).await?;
                    apply(tx, user, command, context, counter).await
                })
            })
            .await?;
        if outcome.operation.is_some() {
            self.store().changed(self.user_id());
        }
        Ok(outcome)
    }

    /// As [`UserScope::run`], once per idempotency key: the response is stored in the transaction of the change, and answered
    /// again when the same request comes again.
    ///
    /// # Errors
    /// [`StoreError::IdempotencyMismatch`](crate::StoreError::IdempotencyMismatch) when the key came with another request,
    /// [`StoreError::IdempotencyInProgress`](crate::StoreError::IdempotencyInProgress) while a handler works on it; as
    /// [`UserScope::run`].
    pub fn run_once<'s>(
        &'s self,
        command: Command,
        context: &'s Context,
        key: Idempotency,
    ) -> BoxFuture<'s, Result<Ran>> {
        Box::pin(self.run_once_now(command, context, key))
    }

    async fn run_once_now(&self, command: Command, context: &Context, key: Idempotency) -> Result<Ran> {
        let work = Arc::new((self.user_id().clone(), command, context.clone(), key));
        let ran = self
            .db()
            .write(self.identity(), Repeat::Safe, move |tx| {
                let work = work.clone();
                Box::pin(async move {
                    let (user, command, context, key) = &*work;
                    let counter = unit::lock(tx, user).await?;
                    let now = context.now.timestamp();
                    if let Some(response) = idempotency::stored(tx, user, key.key(), key.fingerprint(), now).await? {
                        return Ok(Ran { response, outcome: None });
                    }
                    let outcome = apply(tx, user, command, context, counter).await?;
                    let response = key.respond(&outcome);
                    idempotency::store(tx, user, key.key(), key.fingerprint(), &response, now).await?;
                    Ok(Ran { response, outcome: Some(outcome) })
                })
            })
            .await?;
        if ran.outcome.as_ref().is_some_and(|outcome| outcome.operation.is_some()) {
            self.store().changed(self.user_id());
        }
        Ok(ran)
    }
}

async fn apply(
    tx: &Tx,
    user: &UserId,
    command: &Command,
    context: &Context,
    counter: unit::Counter,
) -> Result<Outcome> {
    let unit = Unit::new(tx, user, context, counter);
    match command.clone() {
        Command::Create(tasks) => create::create(unit, tasks).await,
        Command::Update { task, patch, if_version } => update::update(unit, vec![task], patch, if_version).await,
        Command::UpdateMany { tasks, patch } => update::update(unit, tasks, patch, None).await,
        Command::Complete { tasks, if_version } => complete::complete(unit, tasks, if_version).await,
        Command::Reopen { tasks, if_version } => complete::reopen(unit, tasks, if_version).await,
        Command::Toggle { task } => complete::toggle(unit, task).await,
        Command::Delete { tasks, if_version } => delete::delete(unit, tasks, if_version).await,
        Command::CreateLabel { name, color } => labels::create(unit, &name, color).await,
        Command::UpdateLabel { id, name, color } => labels::update(unit, id, name, color).await,
        Command::DeleteLabel { id } => labels::delete(unit, id).await,
        Command::CreateProject { name, color, parent_id } => projects::create(unit, &name, color, parent_id).await,
        Command::UpdateProject { id, name, color, parent_id, archived } => {
            projects::update(unit, id, projects::Patch { name, color, parent_id, archived }).await
        }
        Command::DeleteProject { id } => projects::delete(unit, id).await,
        Command::Undo { operation } => undo::undo(unit, operation).await,
    }
}

/// Refuses lists that are empty or too long for one command.
fn check_count(count: usize) -> Result<()> {
    match count {
        0 => Err(DomainError::invalid("tasks", "`tasks` must name at least one task.").into()),
        1..=BULK_MAX => Ok(()),
        _ => Err(DomainError {
            code: Code::LimitReached,
            field: Some("tasks".into()),
            detail: format!("One request can touch at most {BULK_MAX} tasks; send several."),
        }
        .into()),
    }
}

/// Loads the tasks of a command and checks the version that was asked for.
async fn load(unit: &mut Unit<'_>, refs: &[TaskRef], if_version: Option<i64>) -> Result<Vec<Uuid>> {
    check_count(refs.len())?;
    let ids = unit.load(refs).await?;
    if let Some(version) = if_version
        && ids.iter().any(|id| unit.get(*id).is_some_and(|task| task.version != version))
    {
        return Err(DomainError::new(
            Code::VersionConflict,
            "The task has changed since it was read; read it again and repeat the change.",
        )
        .into());
    }
    Ok(ids)
}

/// One line about tasks: `Completed “Buy milk”`, `Completed 3 tasks`.
fn summary(verb: &str, tasks: &[Task]) -> String {
    match tasks {
        [task] => format!("{verb} “{}”", task.title),
        _ => format!("{verb} {} tasks", tasks.len()),
    }
}

/// Finishes a command on tasks: writes, and tells what became of them.
async fn conclude(mut unit: Unit<'_>, kind: &str, verb: &str, ids: &[Uuid], also: &[Uuid]) -> Result<Outcome> {
    let shown: Vec<Task> = ids.iter().filter_map(|id| unit.last_seen(*id)).collect();
    let operation = unit.finish(kind, || summary(verb, &shown)).await?;
    let tasks = |ids: &[Uuid]| ids.iter().filter_map(|id| unit.last_seen(*id)).collect();
    let also: Vec<Uuid> = also.iter().copied().filter(|id| !ids.contains(id)).collect();
    Ok(Outcome { operation, tasks: tasks(ids), also: tasks(&also), label: None, project: None })
}
