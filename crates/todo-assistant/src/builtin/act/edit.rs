//! Changes of tasks there are: completing, reopening, deleting, fields, and taking back.

use serde_json::{Value, json};
use todo_domain::{Code, Task};
use uuid::Uuid;

use super::{Actor, NAMED_MAX, Verb};
use crate::{
    builtin::{
        change,
        intent::{Intent, Step, Target},
        matching::{Fit, Wanted},
        resolve::{Prefer, Resolved, Resolver},
    },
    tools::{Output, ToolError},
};

use super::add::new_instead;

impl Actor<'_> {
    pub(super) async fn resolve(&self, target: &Target, prefer: Prefer) -> Result<Resolved, ToolError> {
        Resolver { tools: self.tools, memory: &self.after, lexicon: self.lexicon, prefer }.resolve(target).await
    }

    pub(super) async fn on_tasks(
        &mut self,
        verb: Verb,
        target: &Target,
        step: &Step,
        confirmed: bool,
    ) -> Result<(), ToolError> {
        let mut target = target.clone();
        narrow(&mut target, verb);
        let prefer = if verb == Verb::Reopen { Prefer::Completed } else { Prefer::Open };
        let resolved = self.resolve(&target, prefer).await?;
        if !matches!(resolved, Resolved::Tasks { .. })
            && !confirmed
            && let Some(item) = new_instead(step, &target, self.tools, self.lexicon)
        {
            return self.add(vec![item], step, true).await;
        }
        let Resolved::Tasks { tasks, named } = resolved else {
            return self.unresolved(resolved, step, verb == Verb::Complete).await;
        };
        self.load_projects(&tasks).await?;
        let single = tasks.len() == 1;
        // Named one by one and easily undone: no question. A description, or deleting several: a question.
        let sure = confirmed || !step.doubt && (single || named && verb != Verb::Delete);
        if !sure {
            self.ask_to_confirm(verb, &tasks, step);
            return Ok(());
        }
        match (&step.intent, tasks.as_slice()) {
            (Intent::Change { change, .. }, _) => change::run(self, change, &tasks, step, confirmed).await,
            (_, [task]) => self.one(verb, task).await,
            _ => self.many(verb, &tasks).await,
        }
    }

    pub(super) fn ask_to_confirm(&mut self, verb: Verb, tasks: &[Task], step: &Step) {
        let change = match &step.intent {
            Intent::Change { change, .. } => change::describe(change, &self.phrasing()),
            _ => String::new(),
        };
        let mut prompt = match tasks {
            [task] => {
                let title = self.phrasing().title(task);
                self.phrasing().say(&format!("confirm.one.{}", verb.key()), &[("title", &title), ("change", &change)])
            }
            many => self
                .phrasing()
                .say(&format!("confirm.{}", verb.key()), &[("count", &many.len().to_string()), ("change", &change)]),
        };
        if tasks.len() > 1 {
            for task in tasks.iter().take(NAMED_MAX) {
                prompt.push_str(&format!("\n{}", self.phrasing().line(task)));
            }
            if tasks.len() > NAMED_MAX {
                let hidden = (tasks.len() - NAMED_MAX).to_string();
                prompt.push_str(&format!("\n{}", self.phrasing().say("summary.more", &[("count", &hidden)])));
            }
        }
        let mut step = Step { doubt: false, ..step.clone() };
        if let Some(target) = step.intent.target_mut() {
            *target = Target::Ids { ids: tasks.iter().map(|task| task.id).collect() };
        }
        self.confirm(prompt, step);
    }

    pub(super) async fn one(&mut self, verb: Verb, task: &Task) -> Result<(), ToolError> {
        let (tool, key) = match verb {
            Verb::Complete if task.is_completed() => return self.already("already.completed", task),
            Verb::Reopen if !task.is_completed() => return self.already("already.open", task),
            Verb::Complete => ("complete_task", "completed"),
            Verb::Reopen => ("reopen_task", "reopened"),
            Verb::Delete | Verb::Change => ("delete_task", "deleted"),
        };
        let Some(output) = self.call(tool, json!({ "task_id": task.number })).await? else { return Ok(()) };
        let Some(now) = output.tasks.first() else { return Ok(()) };
        let title = self.phrasing().title(now);
        // The next occurrence is told with the completion.
        let next = output
            .also
            .iter()
            .find(|other| verb == Verb::Complete && !other.is_completed() && other.series_id.is_some());
        let details = match next.and_then(|next| next.due.as_ref()) {
            Some(due) => {
                let due = self.phrasing().due(due);
                format!("; {}", self.phrasing().say("next.occurrence", &[("due", &due)]))
            }
            None => String::new(),
        };
        self.say(key, &[("title", &title), ("details", &details)]);
        let now = now.clone();
        self.spoke_of(if verb == Verb::Delete { &[] } else { std::slice::from_ref(&now) });
        Ok(())
    }

    pub(super) fn already(&mut self, key: &str, task: &Task) -> Result<(), ToolError> {
        let title = self.phrasing().title(task);
        self.say(key, &[("title", &title)]);
        self.spoke_of(std::slice::from_ref(task));
        Ok(())
    }

    pub(super) async fn many(&mut self, verb: Verb, tasks: &[Task]) -> Result<(), ToolError> {
        let ids: Vec<i64> = tasks.iter().map(|task| task.number).collect();
        let input = json!({ "action": verb.key(), "task_ids": ids });
        let Some(output) = self.call("bulk_update", input).await? else { return Ok(()) };
        let key = match verb {
            Verb::Complete => "completed.many",
            Verb::Reopen => "reopened.many",
            Verb::Delete => "deleted.many",
            Verb::Change => "changed.many",
        };
        self.say_many(key, &output.tasks);
        self.spoke_of(if verb == Verb::Delete { &[] } else { &output.tasks });
        Ok(())
    }

    /// One `bulk_update` that changes fields of several tasks.
    pub(crate) async fn update(&mut self, tasks: &[Task], changes: Value) -> Result<Option<Output>, ToolError> {
        match tasks {
            [task] => {
                let mut input = changes;
                input["task_id"] = task.number.into();
                self.call("update_task", input).await
            }
            many => {
                let ids: Vec<i64> = many.iter().map(|task| task.number).collect();
                self.call("bulk_update", json!({ "action": "update", "task_ids": ids, "changes": changes })).await
            }
        }
    }

    /// A tool on each task by itself; what came of it.
    pub(crate) async fn each(
        &mut self,
        tool: &'static str,
        tasks: &[Task],
        input: &Value,
    ) -> Result<Vec<Task>, ToolError> {
        let mut changed = Vec::new();
        for task in tasks {
            let mut input = input.clone();
            input["task_id"] = task.number.into();
            if let Some(output) = self.call(tool, input).await? {
                changed.extend(output.tasks);
            }
        }
        Ok(changed)
    }

    /// Tells what a change did.
    pub(crate) async fn tell(&mut self, key: &str, tasks: &[Task], places: &[(&str, &str)]) -> Result<(), ToolError> {
        self.spoke_of(tasks);
        self.load_projects(tasks).await?;
        match tasks {
            [] => {}
            [task] => {
                let title = self.phrasing().title(task);
                let places: Vec<(&str, &str)> = places.iter().copied().chain([("title", title.as_str())]).collect();
                self.say(key, &places);
            }
            many => self.say_many("changed.many", many),
        }
        Ok(())
    }

    pub(super) async fn undo(&mut self, count: u32, about: Option<&str>) -> Result<(), ToolError> {
        let named: Vec<Uuid> = match about {
            Some(text) => self.operation_about(text).await?,
            None if count == 1 => self.after.operations.iter().rev().copied().collect(),
            None => Vec::new(),
        };
        if about.is_some() && named.is_empty() {
            self.say("not.found", &[("text", about.unwrap_or_default())]);
            return Ok(());
        }
        let inputs: Vec<Value> = match named.is_empty() {
            true => (0..count).map(|_| json!({})).collect(),
            false => named.iter().map(|id| json!({ "operation_id": id })).collect(),
        };
        self.after.operations.clear();
        for input in inputs {
            match self.caller.call(self.tools, "undo", input).await {
                None => return Ok(()),
                Some(Ok(output)) => {
                    let summary =
                        output.operation.as_ref().map(|operation| operation.summary.clone()).unwrap_or_default();
                    self.say("undone", &[("summary", &summary)]);
                    let open: Vec<Task> = output.tasks;
                    self.spoke_of(&open);
                }
                Some(Err(error @ ToolError::Store(_))) => return Err(error),
                Some(Err(error)) => {
                    let key = match error.code() {
                        code if code == Code::OperationNotFound.as_str() => "undo.none",
                        code if code == Code::UndoConflict.as_str() => "undo.conflict",
                        _ => "failed",
                    };
                    let detail = error.detail().into_owned();
                    self.say(key, &[("error", &detail)]);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The latest operation whose summary has the words.
    pub(super) async fn operation_about(&self, text: &str) -> Result<Vec<Uuid>, ToolError> {
        let wanted = Wanted::new(text, self.lexicon);
        let page = self.tools.scope.operations(50, None).await?;
        let found = page.operations.iter().find(|operation| {
            operation.undone_at.is_none()
                && !matches!(operation.kind.as_str(), "undo" | "create")
                && wanted.fit(&operation.summary).is_some_and(|fit| fit < Fit::Some)
        });
        Ok(found.map(|operation| operation.id).into_iter().collect())
    }
}

/// A description without a status means the tasks that the verb can do something to.
fn narrow(target: &mut Target, verb: Verb) {
    match target {
        Target::All { selection } if selection.status.is_none() => {
            selection.status = match verb {
                Verb::Reopen => Some("completed".to_owned()),
                Verb::Delete if selection.is_everything() || selection.completed.is_some() => None,
                _ => Some("pending".to_owned()),
            };
        }
        Target::Except { all, .. } => narrow(all, verb),
        _ => {}
    }
}
