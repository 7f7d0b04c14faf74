//! Numbers about a user's tasks.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan, Zoned, civil::Date, tz::TimeZone};
use serde::Serialize;
use todo_domain::Filter;
use uuid::Uuid;

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
    /// Completed tasks of each project; `None` is the inbox. A project without any is left out.
    pub completed_in: BTreeMap<Option<Uuid>, u64>,
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
    /// Tasks that were open and overdue at its end, for today until now, by the due dates that they have now.
    pub overdue: u32,
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
        let overdue = self.overdue_at_ends(now, &counts.keys().copied().collect::<Vec<_>>(), since).await?;
        let sql = "SELECT project_id, COUNT(*) FROM tasks WHERE user_id = $1 AND completed_at IS NOT NULL GROUP BY project_id";
        let completed_in: Vec<(Option<Uuid>, i64)> =
            self.db().query(self.identity(), sql, vals![self.user_id()]).await?;
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
                .zip(overdue)
                .map(|((date, (created, completed)), overdue)| DayCount { date, created, completed, overdue })
                .collect(),
            completed_in: completed_in.into_iter().map(|(project, completed)| (project, count(completed))).collect(),
            streak: u32::try_from(streak).unwrap_or(u32::MAX),
        })
    }

    /// How many tasks were overdue at the end of each of `days`, which are in order; the last one ends now.
    async fn overdue_at_ends(&self, now: &Zoned, days: &[Date], since: Timestamp) -> Result<Vec<u32>> {
        let zone = now.time_zone();
        let after = |day: Date| day.tomorrow().ok().and_then(|next| start_of(next, zone)).unwrap_or(Timestamp::MAX);
        let ends: Vec<Timestamp> = days.iter().map(|day| after(*day).min(now.timestamp())).collect();
        // The clock reading may be of a zone that is up to 26 hours away.
        let latest = now.timestamp().checked_add(SignedDuration::from_hours(26)).unwrap_or(Timestamp::MAX);
        let sql = "SELECT due_sort, due_at, created_at, completed_at FROM tasks WHERE user_id = $1 \
                   AND due_sort IS NOT NULL AND due_sort <= $2 AND (completed_at IS NULL OR completed_at >= $3)";
        let rows: Vec<(i64, Option<Timestamp>, Timestamp, Option<Timestamp>)> =
            self.db().query(self.identity(), sql, vals![self.user_id(), latest.as_microsecond(), since]).await?;
        let mut steps = vec![0_i64; ends.len() + 1];
        for (due_sort, due_at, created, completed) in rows {
            let Some(passed) = due_at.or_else(|| {
                // For a mere day the sort key is its last microsecond.
                let day = Timestamp::from_microsecond(due_sort).ok()?.to_zoned(TimeZone::UTC).date();
                Some(after(day))
            }) else {
                continue;
            };
            let from = ends.partition_point(|end| *end < passed.max(created));
            let to = completed.map_or(ends.len(), |completed| ends.partition_point(|end| *end < completed));
            if let (true, Some(begin)) = (from < to, steps.get_mut(from)) {
                *begin += 1;
                if let Some(end) = steps.get_mut(to) {
                    *end -= 1;
                }
            }
        }
        let mut open = 0;
        let running = steps.iter().take(ends.len()).map(|step| {
            open += step;
            u32::try_from(open).unwrap_or(0)
        });
        Ok(running.collect())
    }
}

fn start_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned(zone.clone()).ok().map(|at| at.timestamp())
}
