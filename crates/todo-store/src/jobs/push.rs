//! From a reminder to one job for each of the user's browsers.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Job, PUSH, reminders::ReminderJob};
use crate::{
    Store,
    db::{Identity, Repeat},
    error::Result,
    vals,
};

/// What a message to a browser is about. The handler reads task and subscription afresh: they may have changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushJob {
    /// The browser.
    pub subscription_id: Uuid,
    /// The task.
    pub task_id: Uuid,
    /// The instant of the reminder.
    pub at: Timestamp,
}

impl Store {
    /// Replaces a claimed reminder by one job of kind [`PUSH`] for each subscription of its user, in one transaction. Without effect
    /// when the claim had expired and somebody else has it.
    ///
    /// # Errors
    /// The database's.
    pub async fn fan_out_reminder(&self, job: &Job, now: Timestamp) -> Result<()> {
        let reminder = serde_json::from_value::<ReminderJob>(job.payload.clone()).ok();
        let Some((user, reminder)) = job.user.clone().zip(reminder) else {
            return self.fail_job(job, now, "the reminder can't be read", true).await;
        };
        let work = Arc::new((user.clone(), reminder, job.id, job.claim, now));
        self.db()
            .write(Identity::User(user), Repeat::Safe, move |tx| {
                let work = work.clone();
                Box::pin(async move {
                    let (user, reminder, id, claim, now) = &*work;
                    let sql = "DELETE FROM jobs WHERE id = $1 AND claim = $2 AND user_id = $3";
                    if tx.execute(sql, &vals![*id, *claim, user]).await? == 0 {
                        return Ok(());
                    }
                    let sql = "SELECT id FROM push_subscriptions WHERE user_id = $1";
                    let browsers: Vec<(Uuid,)> = tx.query(sql, &vals![user]).await?;
                    for (subscription_id,) in browsers {
                        let (task_id, at) = (reminder.task_id, reminder.at);
                        let payload = serde_json::json!(PushJob { subscription_id, task_id, at }).to_string();
                        let dedupe =
                            format!("{}:{}:{}", subscription_id.simple(), task_id.simple(), at.as_microsecond());
                        tx.defer(
                            "INSERT INTO jobs (kind, user_id, dedupe, payload, run_at) VALUES ($1, $2, $3, $4, $5) \
                             ON CONFLICT DO NOTHING",
                            vals![PUSH, user, dedupe, payload, *now],
                        )
                        .await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
