//! Numbers about a user's tasks.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, Zoned, civil::Date};
use serde::Serialize;
use todo_domain::Filter;

use crate::{error::Result, scope::UserScope, vals};

/// Longest period, in days.
pub const DAYS_MAX: u16 = 366;

/// What was done and what is left.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// All tasks.
    pub total: u64,
    /// Open tasks.
    pub open: u64,
    /// Completed tasks.
    pub completed: u64,
    /// Open tasks that are overdue.
    pub overdue: u64,
    /// Open tasks that are due today.
    pub due_today: u64,
    /// Each day of the period, oldest first.
    pub days: Vec<DayCount>,
    /// Days in a row, up to today or yesterday, on which something was completed, within the period.
    pub streak: u32,
}

/// One day in the reader's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DayCount {
    /// Which.
    pub date: Date,
    /// Tasks made.
    pub created: u32,
    /// Tasks completed.
    pub completed: u32,
}

impl UserScope {
    /// Counts, with the last `days` days (at most [`DAYS_MAX`]) in the zone of `now`.
    ///
    /// # Errors
    /// The database's.
    pub async fn statistics(&self, now: &Zoned, days: u16) -> Result<Statistics> {
        let days = i64::from(days.clamp(1, DAYS_MAX));
        let today = now.date();
        let first = today.checked_sub((days - 1).days()).unwrap_or(today);
        let since = first.to_zoned(now.time_zone().clone()).map_or(Timestamp::MIN, |at| at.timestamp());
        let counters: Option<(i64, i64)> = self
            .db()
            .query_opt(self.identity(), "SELECT tasks, open FROM counters WHERE user_id = $1", vals![self.user_id()])
            .await?;
        let (total, open) = counters.unwrap_or((0, 0));
        let mut counts: BTreeMap<Date, (u32, u32)> =
            (0..days).filter_map(|day| first.checked_add(day.days()).ok()).map(|date| (date, (0, 0))).collect();
        for (column, created) in [("created_at", true), ("completed_at", false)] {
            let sql = format!("SELECT {column} FROM tasks WHERE user_id = $1 AND {column} >= $2");
            let rows: Vec<(Timestamp,)> = self.db().query(self.identity(), sql, vals![self.user_id(), since]).await?;
            for (at,) in rows {
                if let Some(day) = counts.get_mut(&at.to_zoned(now.time_zone().clone()).date()) {
                    if created { day.0 += 1 } else { day.1 += 1 }
                }
            }
        }
        let done = |date: &Date| counts.get(date).is_some_and(|day| day.1 > 0);
        let start = if done(&today) { Some(today) } else { today.yesterday().ok() };
        let streak = std::iter::successors(start, |date| date.yesterday().ok()).take_while(done).count();
        let pending = Filter::Status(todo_domain::Status::Pending);
        let count = |value: i64| u64::try_from(value).unwrap_or(0);
        Ok(Statistics {
            total: count(total),
            open: count(open),
            completed: count(total - open),
            overdue: self.count(&Filter::Overdue, now).await?,
            due_today: self.count(&pending.and(Filter::Due { from: Some(today), to: Some(today) }), now).await?,
            days: counts
                .into_iter()
                .map(|(date, (created, completed))| DayCount { date, created, completed })
                .collect(),
            streak: u32::try_from(streak).unwrap_or(u32::MAX),
        })
    }
}
