//! SQLite: one writer thread that commits together what arrives together, and a few readers.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::{FutureExt, future::BoxFuture};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{FromRow, Handle, Row, Tx, Val};
use crate::{
    config::StoreConfig,
    error::{Result, StoreError},
};

/// Most units of work that share one commit.
const BATCH_MAX: usize = 256;
/// Longest time that work is gathered into one commit.
const BATCH_TIME: Duration = Duration::from_millis(10);
/// How long another program may hold the file.
const BUSY_TIME: Duration = Duration::from_secs(5);
/// Units of work that may wait for the writer.
const QUEUE: usize = 1024;

/// How the layer above holds it.
pub(super) type Shared = Arc<Sqlite>;
/// A row while it is decoded.
pub type LiteRow<'r> = &'r rusqlite::Row<'r>;

pub(crate) struct Sqlite {
    writer: mpsc::Sender<Job>,
    /// `None` in memory, where only the writer's connection sees the data.
    readers: Option<Readers>,
    acquire_timeout: Duration,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Tx>>,
    gate: Semaphore,
    size: usize,
}

/// Tells whoever waits what came of the commit.
type Finish = Box<dyn FnOnce(Result<()>) + Send>;

/// Runs in the transaction, unless that could not begin; answers whether to keep what it did.
type Work = Box<dyn FnOnce(Option<&Tx>) -> (bool, Finish) + Send>;

enum Job {
    /// Shares a transaction with others.
    Work(Work),
    /// Runs alone, outside any transaction.
    Exclusive(Box<dyn FnOnce(&mut Connection) + Send>),
}

impl Sqlite {
    pub(super) fn open(path: Option<&PathBuf>, config: &StoreConfig) -> Result<Self> {
        let connection = match path {
            Some(path) => connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?,
            None => Connection::open_in_memory()?,
        };
        configure(&connection)?;
        if path.is_some() {
            // Another process may be switching the same new file at this moment; the busy timeout does not cover that.
            let start = Instant::now();
            while let Err(error) = connection.pragma_update(None, "journal_mode", "WAL") {
                if start.elapsed() > BUSY_TIME || error.sqlite_error_code() != Some(rusqlite::ErrorCode::DatabaseBusy) {
                    return Err(error.into());
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            connection.pragma_update(None, "synchronous", if config.durable { "FULL" } else { "NORMAL" })?;
        }
        let (writer, jobs) = mpsc::channel(QUEUE);
        std::thread::Builder::new().name("sqlite-writer".into()).spawn(move || write_jobs(connection, jobs)).map_err(
            |error| StoreError::Unavailable {
                detail: "no thread for the writer".into(),
                source: Some(Box::new(error)),
            },
        )?;
        let readers = path.map(|path| Readers {
            path: path.clone(),
            idle: Mutex::default(),
            gate: Semaphore::new(config.pool_size),
            size: config.pool_size,
        });
        Ok(Self { writer, readers, acquire_timeout: config.acquire_timeout })
    }

    pub(super) async fn read<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        let Some(readers) = &self.readers else { return self.write(work).await };
        let _permit = self.permit(readers).await?;
        let reader = readers.take()?;
        let answer = snapshot(&reader, &work);
        readers.put(reader);
        answer
    }

    pub(super) async fn read_slow<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        let Some(readers) = &self.readers else { return self.write(work).await };
        let _permit = self.permit(readers).await?;
        let reader = readers.take()?;
        let (answer, reader) = tokio::task::spawn_blocking(move || (snapshot(&reader, &work), reader))
            .await
            .map_err(|error| StoreError::Database(Box::new(error)))?;
        readers.put(reader);
        answer
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Job::Work(Box::new(move |tx| {
            let result = tx.map(|tx| ready(work(tx)));
            let keep = matches!(result, Some(Ok(_)));
            let finish: Finish = Box::new(move |committed| {
                let result = match (result, committed) {
                    (Some(Ok(value)), Ok(())) => Ok(value),
                    (Some(Err(error)), _) | (_, Err(error)) => Err(error),
                    (None, Ok(())) => Err(StoreError::unavailable("the SQLite writer did not begin")),
                };
                // Nobody may be waiting any more; the work is done all the same.
                let _ = answer.send(result);
            });
            (keep, finish)
        }));
        self.submit(job).await?;
        answered.await.map_err(|_| StoreError::unavailable("the SQLite writer stopped"))?
    }

    pub(super) async fn exclusive<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.submit(Job::Exclusive(Box::new(move |connection| {
            // As above.
            let _ = answer.send(work(connection));
        })))
        .await?;
        answered.await.map_err(|_| StoreError::unavailable("the SQLite writer stopped"))?
    }

    async fn submit(&self, job: Job) -> Result<()> {
        self.writer.send_timeout(job, self.acquire_timeout).await.map_err(|error| match error {
            mpsc::error::SendTimeoutError::Timeout(_) => StoreError::unavailable("too many writes are waiting"),
            mpsc::error::SendTimeoutError::Closed(_) => StoreError::unavailable("the SQLite writer stopped"),
        })
    }

    async fn permit<'s>(&self, readers: &'s Readers) -> Result<tokio::sync::SemaphorePermit<'s>> {
        tokio::time::timeout(self.acquire_timeout, readers.gate.acquire())
            .await
            .map_err(|_| StoreError::unavailable("all readers are in use"))?
            .map_err(|_| StoreError::unavailable("the store is closed"))
    }

    pub(super) async fn ping(&self) -> Result<()> {
        match &self.readers {
            Some(readers) => {
                let reader = readers.take()?;
                let answer = ready(async { reader.query::<(i64,)>("SELECT 1", &[]).await });
                readers.put(reader);
                answer.map(drop)
            }
            None => self.read(|tx| Box::pin(async move { tx.query::<(i64,)>("SELECT 1", &[]).await.map(drop) })).await,
        }
    }

    pub(super) fn pool_use(&self) -> (usize, usize) {
        self.readers
            .as_ref()
            .map_or((0, 1), |readers| (readers.size - readers.gate.available_permits().min(readers.size), readers.size))
    }
}

impl Readers {
    fn take(&self) -> Result<Tx> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(
            || {
                let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
                configure(&connection)?;
                Ok(Tx(Handle::Sqlite(LiteTx::new(connection))))
            },
            Ok,
        )
    }

    fn put(&self, reader: Tx) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(|error| {
        StoreError::Unavailable {
            detail: format!("the SQLite file {} can't be opened", path.display()),
            source: Some(Box::new(error)),
        }
    })
}

fn configure(connection: &Connection) -> Result<()> {
    connection.busy_timeout(BUSY_TIME)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -8 * 1024)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// The result of work that never waits, as work on SQLite.
fn ready<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    work.now_or_never()
        .unwrap_or_else(|| Err(StoreError::Schema("work on SQLite must not wait for anything else".into())))
}

fn snapshot<T>(reader: &Tx, work: impl for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>>) -> Result<T> {
    let run = |sql| ready(async { reader.execute(sql, &[]).await });
    run("BEGIN")?;
    let answer = ready(work(reader));
    run("COMMIT")?;
    answer
}

fn write_jobs(connection: Connection, mut jobs: mpsc::Receiver<Job>) {
    let mut tx = Tx(Handle::Sqlite(LiteTx::new(connection)));
    while let Some(job) = jobs.blocking_recv() {
        match job {
            Job::Work(work) => {
                if let Some(Job::Exclusive(work)) = write_batch(&tx, work, &mut jobs) {
                    exclusively(&mut tx, work);
                }
            }
            Job::Exclusive(work) => exclusively(&mut tx, work),
        }
    }
}

fn exclusively(tx: &mut Tx, work: impl FnOnce(&mut Connection)) {
    if let Handle::Sqlite(lite) = &mut tx.0 {
        work(lite.connection.get_mut().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Runs `first` and what arrives meanwhile in one transaction, each in a savepoint of its own. Hands back a job that must run alone.
fn write_batch(tx: &Tx, first: Work, jobs: &mut mpsc::Receiver<Job>) -> Option<Job> {
    let start = Instant::now();
    let run = |sql| ready(async { tx.execute(sql, &[]).await }).map(drop);
    let mut state = run("BEGIN IMMEDIATE");
    let mut finishes = Vec::new();
    let mut next = Some(Job::Work(first));
    while let Some(Job::Work(work)) = next {
        state = state.and_then(|()| run("SAVEPOINT job"));
        let (keep, finish) = work(state.is_ok().then_some(tx));
        finishes.push(finish);
        if !keep {
            state = state.and_then(|()| run("ROLLBACK TO job"));
        }
        state = state.and_then(|()| run("RELEASE job"));
        let room = state.is_ok() && finishes.len() < BATCH_MAX && start.elapsed() < BATCH_TIME;
        next = room.then(|| jobs.try_recv().ok()).flatten();
    }
    let committed = state.and_then(|()| run("COMMIT"));
    if let Err(error) = &committed {
        tracing::warn!(%error, "SQLite did not commit; nothing of it is kept");
        // Fails when the failure itself ended the transaction.
        let _ = run("ROLLBACK");
    }
    for finish in finishes {
        finish(committed.as_ref().copied().map_err(|error| match error {
            StoreError::Unavailable { detail, .. } => StoreError::unavailable(detail.clone()),
            other => StoreError::unavailable(other.to_string()),
        }));
    }
    next
}

/// A connection that statements run on, in whatever transaction is open there.
pub(super) struct LiteTx {
    /// Never contended: a connection is used by one task at a time. The lock makes it shareable between the steps of that task.
    connection: Mutex<Connection>,
}

impl LiteTx {
    fn new(connection: Connection) -> Self {
        Self { connection: Mutex::new(connection) }
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn query<T: FromRow>(&self, sql: &str, params: &[Val]) -> Result<Vec<T>> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&numbered(sql))?;
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next()? {
            answer.push(T::from_row(&Row::Lite(row))?);
        }
        Ok(answer)
    }

    pub(super) fn execute(&self, sql: &str, params: &[Val]) -> Result<u64> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&numbered(sql))?;
        Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
    }
}

/// `$1` of PostgreSQL as `?1` of SQLite. Statements hold no `$` otherwise: values are always parameters.
fn numbered(sql: &str) -> std::borrow::Cow<'_, str> {
    if sql.contains('$') { sql.replace('$', "?").into() } else { sql.into() }
}
