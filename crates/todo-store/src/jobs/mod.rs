//! Background work: rows that any process may claim, one at a time, until done.
//!
//! A claim expires, so that work of a process that died is taken up again; handlers must therefore bear being run twice.

pub(crate) mod push;
pub(crate) mod reminders;

pub use push::PushJob;

use std::time::Duration;

use jiff::Timestamp;
use todo_domain::id::UserId;
use uuid::Uuid;

use crate::{
    Store,
    db::{Dialect, FromRow, Identity, Repeat, Row, Tx, Val},
    error::Result,
    meter, vals,
};

/// Kind of the jobs that remind of a task; the payload is a [`reminders::ReminderJob`].
pub const REMINDER: &str = "reminder";
/// Kind of the jobs that tell one browser of a reminder; the payload is a [`PushJob`].
pub const PUSH: &str = "push";
/// Kind of the jobs that send a mail; the payload is sealed by whoever adds them.
pub const MAIL: &str = "mail";
/// Kind of the jobs that hand an event to webhooks; the payload is `{"seq": n}`.
pub const EVENT: &str = "event";

/// Attempts after which a job is given up.
const ATTEMPTS_MAX: i64 = 12;
/// The pause after the first failure; it doubles with each.
const BACKOFF_FIRST: Duration = Duration::from_secs(5);
/// The longest pause between attempts.
const BACKOFF_MAX: Duration = Duration::from_secs(3600);

/// What to do, for [`Store::enqueue`].
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What kind of work.
    pub kind: String,
    /// For whom; `None` for work that belongs to nobody.
    pub user: Option<UserId>,
    /// While a job of the same kind with the same text waits, this one is not added.
    pub dedupe: Option<String>,
    /// What the handler needs to know.
    pub payload: serde_json::Value,
    /// Not before.
    pub run_at: Timestamp,
}

const INSERT: &str =
    "INSERT INTO jobs (kind, user_id, dedupe, payload, run_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

impl NewJob {
    fn values(&self) -> Vec<Val> {
        let user = self.user.as_ref().map_or("", UserId::as_str);
        vals![&self.kind, user, self.dedupe.clone(), self.payload.to_string(), self.run_at]
    }
}

/// Adds a job in a transaction of [`Identity::Worker`], so that it exists if and only if what it follows from does.
pub(crate) async fn add(tx: &Tx, job: &NewJob) -> Result<()> {
    tx.execute(INSERT, &job.values()).await.map(drop)
}

/// A job that was claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its row.
    pub id: i64,
    /// What kind of work.
    pub kind: String,
    /// For whom.
    pub user: Option<UserId>,
    /// What the handler needs to know.
    pub payload: serde_json::Value,
    /// When it was due.
    pub run_at: Timestamp,
    /// How often it was claimed, this time included.
    pub attempts: i64,
    claim: Uuid,
}

impl FromRow for Job {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let user: String = row.get(2)?;
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            user: (!user.is_empty()).then(|| UserId::new(user)),
            payload: serde_json::from_str(&row.get::<String>(3)?).unwrap_or_default(),
            run_at: row.get(4)?,
            attempts: row.get(5)?,
            claim: row.get(6)?,
        })
    }
}

/// How the queue stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Jobs that are due and not done.
    pub due: i64,
    /// Jobs that were given up.
    pub dead: i64,
    /// When the oldest due job was due.
    pub oldest: Option<Timestamp>,
}

impl Store {
    /// Adds a job, unless one like it waits; answers whether it was added.
    ///
    /// # Errors
    /// The database's.
    pub async fn enqueue(&self, job: NewJob) -> Result<bool> {
        // Without a key a repetition would add a second job.
        let repeat = if job.dedupe.is_some() { Repeat::Safe } else { Repeat::Unsafe };
        Ok(self.db().execute(Identity::Worker, repeat, INSERT, job.values()).await? > 0)
    }

    /// Claims up to `limit` jobs of a kind that are due at `now`, oldest first. Whoever claims has `lease` to finish; then the
    /// jobs can be claimed again.
    ///
    /// # Errors
    /// The database's.
    pub async fn claim_jobs(&self, kind: &str, now: Timestamp, lease: Duration, limit: u32) -> Result<Vec<Job>> {
        let locked = match self.db().dialect() {
            Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
            Dialect::Sqlite => "",
        };
        let sql = format!(
            "UPDATE jobs SET attempts = attempts + 1, claimed_until = $3, claim = $4 WHERE id IN (\
             SELECT id FROM jobs WHERE kind = $1 AND NOT dead AND run_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2) \
             ORDER BY run_at LIMIT $5 {locked}) \
             RETURNING id, kind, user_id, payload, run_at, attempts, claim"
        );
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let params = vals![kind, now, until, Uuid::now_v7(), limit];
        let mut jobs: Vec<Job> = self.db().execute_returning(Identity::Worker, Repeat::Unsafe, sql, params).await?;
        jobs.sort_by_key(|job| (job.run_at, job.id));
        Ok(jobs)
    }

    /// Takes a finished job off the queue. Without effect when the claim had expired and somebody else has it.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish_job(&self, job: &Job) -> Result<()> {
        let sql = "DELETE FROM jobs WHERE id = $1 AND claim = $2";
        self.db().execute(Identity::Worker, Repeat::Safe, sql, vals![job.id, job.claim]).await.map(drop)
    }

    /// Puts a failed job back, later each time, or gives it up after too many attempts or when it is `hopeless`.
    ///
    /// # Errors
    /// The database's.
    pub async fn fail_job(&self, job: &Job, now: Timestamp, error: &str, hopeless: bool) -> Result<()> {
        self.put_back(job, now, error, hopeless, None).await
    }

    /// As [`Store::fail_job`], for a job that may help later, but not before a given moment.
    ///
    /// # Errors
    /// The database's.
    pub async fn fail_job_until(
        &self,
        job: &Job,
        now: Timestamp,
        error: &str,
        not_before: Option<Timestamp>,
    ) -> Result<()> {
        self.put_back(job, now, error, false, not_before).await
    }

    async fn put_back(
        &self,
        job: &Job,
        now: Timestamp,
        error: &str,
        hopeless: bool,
        not_before: Option<Timestamp>,
    ) -> Result<()> {
        let doublings = u32::try_from(job.attempts - 1).unwrap_or(0).min(20);
        let pause = BACKOFF_FIRST.saturating_mul(1 << doublings).min(BACKOFF_MAX);
        let dead = hopeless || job.attempts >= ATTEMPTS_MAX;
        meter::job_failed(&job.kind, dead);
        let error: String = error.chars().take(500).collect();
        let again = now.checked_add(pause).unwrap_or(Timestamp::MAX);
        let again = not_before.map_or(again, |not_before| again.max(not_before));
        self.db()
            .execute(
                Identity::Worker,
                Repeat::Safe,
                "UPDATE jobs SET run_at = $3, claimed_until = NULL, claim = NULL, last_error = $4, dead = $5 WHERE id = $1 AND claim = $2",
                vals![job.id, job.claim, again, error, dead],
            )
            .await
            .map(drop)
    }

    /// How many jobs are due, and since when.
    ///
    /// # Errors
    /// The database's.
    pub async fn backlog(&self, now: Timestamp) -> Result<Backlog> {
        let sql = "SELECT (SELECT count(*) FROM jobs WHERE NOT dead AND run_at <= $1), (SELECT count(*) FROM jobs WHERE dead), \
                   (SELECT min(run_at) FROM jobs WHERE NOT dead AND run_at <= $1)";
        let row: Option<(i64, i64, Option<Timestamp>)> = self.db().query_opt(Identity::Worker, sql, vals![now]).await?;
        Ok(row.map_or_else(Backlog::default, |(due, dead, oldest)| Backlog { due, dead, oldest }))
    }

    /// When the next job of a kind is due.
    ///
    /// # Errors
    /// The database's.
    pub async fn next_job_at(&self, kind: &str) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(run_at) FROM jobs WHERE kind = $1 AND NOT dead";
        let row: Option<(Option<Timestamp>,)> = self.db().query_opt(Identity::Worker, sql, vals![kind]).await?;
        Ok(row.and_then(|row| row.0))
    }
}

/// Adds the job that hands an event to the user's webhooks, in the transaction that writes the event.
pub(crate) async fn enqueue_event(tx: &Tx, user: &UserId, seq: i64, now: Timestamp) -> Result<()> {
    tx.defer(INSERT, vals![EVENT, user, format!("{user}:{seq}"), format!("{{\"seq\":{seq}}}"), now]).await
}
