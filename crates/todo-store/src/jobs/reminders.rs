//! Reminders as jobs: one for each instant, kept in step with the task in the same transaction.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use todo_domain::Task;
use uuid::Uuid;

use super::REMINDER;
use crate::{error::Result, service::Unit, tasks::to_micros, vals};

/// What a reminder job is about. The handler reads the task afresh: it may have changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReminderJob {
    /// The task.
    pub task_id: Uuid,
    /// The instant of the reminder.
    pub at: Timestamp,
}

/// The instants at which an open task reminds.
fn instants(task: &Task, zone: &TimeZone) -> Vec<Timestamp> {
    if task.is_completed() {
        return Vec::new();
    }
    let mut instants: Vec<Timestamp> =
        task.reminders.iter().filter_map(|reminder| reminder.instant(task.due.as_ref(), zone)).map(to_micros).collect();
    instants.sort_unstable();
    instants.dedup();
    instants
}

/// Puts the jobs of one task right. Instants that have passed remind nobody.
pub(crate) async fn reschedule(unit: &Unit<'_>, before: Option<&Task>, after: Option<&Task>) -> Result<()> {
    let zone = unit.now.time_zone();
    let old = before.map_or_else(Vec::new, |task| instants(task, zone));
    let new = after.map_or_else(Vec::new, |task| instants(task, zone));
    if old == new {
        return Ok(());
    }
    let Some(id) = after.or(before).map(|task| task.id) else { return Ok(()) };
    if !old.is_empty() {
        unit.tx
            .defer("DELETE FROM jobs WHERE user_id = $1 AND task_id = $2 AND kind = $3", vals![unit.user, id, REMINDER])
            .await?;
    }
    for at in new.into_iter().filter(|at| *at >= unit.timestamp()) {
        let payload = serde_json::json!(ReminderJob { task_id: id, at }).to_string();
        // Named by user as well: a client may choose an id that somebody else's task has.
        let dedupe = format!("{}:{}:{}", unit.user, id.simple(), at.as_microsecond());
        unit.tx
            .defer(
                "INSERT INTO jobs (kind, user_id, task_id, dedupe, payload, run_at) VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT DO NOTHING",
                vals![REMINDER, unit.user, id, dedupe, payload, at],
            )
            .await?;
    }
    Ok(())
}
