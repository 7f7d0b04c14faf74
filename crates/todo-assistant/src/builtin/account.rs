//! What tool calls did, told from their results and from nothing else.

use todo_domain::Task;

use super::phrasing::Phrasing;
use crate::tools::{Effect, Output};

/// Tasks that are named one by one.
const NAMED_MAX: usize = 10;

/// A line or more for each call that changed something.
pub(crate) fn account(phrasing: &Phrasing<'_>, done: &[(Effect, Output)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (effect, output) in done {
        let (one, many) = match effect {
            Effect::Add => ("added", "added.many"),
            Effect::Complete => ("completed", "completed.many"),
            Effect::Reopen => ("reopened", "reopened.many"),
            Effect::Delete => ("deleted", "deleted.many"),
            Effect::Change => ("changed", "changed.many"),
            Effect::Undo => {
                let summary = output.operation.as_ref().map(|operation| operation.summary.clone()).unwrap_or_default();
                lines.push(phrasing.say("undone", &[("summary", &summary)]));
                continue;
            }
        };
        match output.tasks.as_slice() {
            [] => {}
            [task] if output.operation.is_none() => {
                lines.push(phrasing.say("unchanged", &[("title", &phrasing.title(task))]))
            }
            [task] => {
                let details = match effect {
                    Effect::Add | Effect::Change => phrasing.tail(task),
                    _ => String::new(),
                };
                lines.push(phrasing.say(one, &[("title", &phrasing.title(task)), ("details", &details)]));
            }
            tasks => {
                lines.push(phrasing.say(many, &[("count", &tasks.len().to_string())]));
                lines.extend(named(phrasing, tasks));
            }
        }
    }
    lines
}

/// The first tasks, a line each, and how many more there are.
pub(crate) fn named(phrasing: &Phrasing<'_>, tasks: &[Task]) -> Vec<String> {
    let mut lines: Vec<String> = tasks.iter().take(NAMED_MAX).map(|task| phrasing.line(task)).collect();
    if tasks.len() > NAMED_MAX {
        lines.push(phrasing.say("summary.more", &[("count", &(tasks.len() - NAMED_MAX).to_string())]));
    }
    lines
}
