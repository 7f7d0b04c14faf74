//! One thin layer over two drivers: statements are written once, with `$1`, and run on PostgreSQL and on SQLite.
//!
//! Work is done in transactions ([`Tx`]) that carry an [`Identity`]. On PostgreSQL the identity is what row-level security sees;
//! statements are pipelined, so a transaction costs as many round trips as it has answers to wait for, and what only reads costs one
//! message a statement. On SQLite reads run inline
//! on one of a few connections and writes run on one writer thread that commits together what arrives together.

mod postgres;
mod row;
#[cfg_attr(not(feature = "sqlite"), path = "no_sqlite.rs")]
mod sqlite;
mod tls;
mod value;

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use todo_domain::id::UserId;

pub use row::{Column, FromRow, Row};
pub use value::Val;

use crate::{
    config::{StoreConfig, Target},
    error::{Result, StoreError},
};

/// On whose behalf a transaction runs.
#[derive(Clone, Debug)]
pub enum Identity {
    /// One user: sees and writes only their rows.
    User(UserId),
    /// Background work across users: sees jobs and events, and no task.
    Worker,
    /// Accounts and other tables that belong to no user's data.
    System,
}

/// The SQL that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// `IN` over parameter `n`, a [`Val::Ints`].
    #[must_use]
    pub fn any_int(self, n: usize) -> String {
        match self {
            Self::Postgres => format!("= ANY(${n})"),
            Self::Sqlite => format!("IN (SELECT value FROM json_each(${n}))"),
        }
    }

    /// `IN` over parameter `n`, a [`Val::Uuids`].
    #[must_use]
    pub fn any_uuid(self, n: usize) -> String {
        match self {
            Self::Postgres => format!("= ANY(${n})"),
            Self::Sqlite => format!("IN (SELECT unhex(value) FROM json_each(${n}))"),
        }
    }
}

/// A statement in both dialects, each put together once: for what every request asks.
pub(crate) struct Statement {
    make: fn(Dialect) -> String,
    postgres: OnceLock<String>,
    sqlite: OnceLock<String>,
}

impl Statement {
    /// What `make` answers for a dialect.
    pub(crate) const fn new(make: fn(Dialect) -> String) -> Self {
        Self { make, postgres: OnceLock::new(), sqlite: OnceLock::new() }
    }

    /// Its text.
    pub(crate) fn text(&self, dialect: Dialect) -> &str {
        let text = match dialect {
            Dialect::Postgres => &self.postgres,
            Dialect::Sqlite => &self.sqlite,
        };
        text.get_or_init(|| (self.make)(dialect))
    }
}

/// A database of either engine. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Postgres(Arc<postgres::Postgres>),
    Sqlite(sqlite::Shared),
}

/// A transaction. Dropped without a commit, it leaves nothing behind.
pub struct Tx(Handle);

enum Handle {
    Postgres(postgres::PgTx),
    Sqlite(sqlite::LiteTx),
}

/// Whether work may be done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The work finds out by itself that it was done before.
    Safe,
    /// It must not be repeated once a commit was sent.
    Unsafe,
}

/// How often transient failures are tried again.
const ATTEMPTS: u32 = 4;
/// No new attempt after so long.
const RETRY_FOR: Duration = Duration::from_secs(3);

impl Db {
    /// Opens the database; connections are made on first use.
    ///
    /// # Errors
    /// [`StoreError::Config`] when a certificate can't be read, [`StoreError::Unavailable`] when the file can't be opened.
    pub fn open(config: &StoreConfig) -> Result<Self> {
        let engine = match &config.target {
            Target::Postgres { .. } => Engine::Postgres(Arc::new(postgres::Postgres::open(config)?)),
            Target::File(path) => Engine::Sqlite(sqlite::Sqlite::open(Some(path), config)?.into()),
            Target::Memory => Engine::Sqlite(sqlite::Sqlite::open(None, config)?.into()),
        };
        Ok(Self { engine })
    }

    /// Which SQL to speak.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.engine {
            Engine::Postgres(_) => Dialect::Postgres,
            Engine::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Reads: on SQLite in one transaction with one consistent view, on PostgreSQL statement by statement (as READ COMMITTED is).
    /// Only `SELECT` can be read with. Repeated when the connection is lost.
    ///
    /// # Errors
    /// What `work` returns, or the database's.
    pub async fn read<T, F>(&self, identity: Identity, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        self.read_paced(identity, false, work).await
    }

    /// As [`Db::read`], for what may take long if `slow`: then SQLite runs it on a thread of its own.
    ///
    /// # Errors
    /// What `work` returns, or the database's.
    pub async fn read_paced<T, F>(&self, identity: Identity, slow: bool, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        match &self.engine {
            Engine::Postgres(postgres) => {
                let work = Answering::new(work);
                postgres.read(&identity, &work).await?;
                work.answer()
            }
            Engine::Sqlite(sqlite) if slow => sqlite.read_slow(work).await,
            Engine::Sqlite(sqlite) => sqlite.read(work).await,
        }
    }

    /// Writes in one transaction, which commits when `work` returns `Ok`. Repeated when the connection is lost before the commit
    /// was sent, and after that only when `repeat` allows it.
    ///
    /// # Errors
    /// What `work` returns, or the database's.
    pub async fn write<T, F>(&self, identity: Identity, repeat: Repeat, work: F) -> Result<T>
    where
        F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        match &self.engine {
            Engine::Postgres(postgres) => {
                let work = Answering::new(work);
                postgres.write(&identity, repeat, &work).await?;
                work.answer()
            }
            Engine::Sqlite(sqlite) => sqlite.write(work).await,
        }
    }

    /// One reading statement.
    ///
    /// # Errors
    /// The database's.
    pub async fn query<T: FromRow + Send + 'static>(
        &self,
        identity: Identity,
        sql: impl Into<Arc<str>>,
        params: Vec<Val>,
    ) -> Result<Vec<T>> {
        let sql = sql.into();
        match &self.engine {
            Engine::Postgres(postgres) => postgres::decoded(&postgres.query(&identity, &sql, &params).await?),
            Engine::Sqlite(sqlite) => {
                let params = Arc::new(params);
                sqlite
                    .read(move |tx| {
                        let (sql, params) = (sql.clone(), params.clone());
                        Box::pin(async move { tx.query(&sql, &params).await })
                    })
                    .await
            }
        }
    }

    /// One reading statement that answers at most one row.
    ///
    /// # Errors
    /// The database's.
    pub async fn query_opt<T: FromRow + Send + 'static>(
        &self,
        identity: Identity,
        sql: impl Into<Arc<str>>,
        params: Vec<Val>,
    ) -> Result<Option<T>> {
        Ok(self.query(identity, sql, params).await?.into_iter().next())
    }

    /// One writing statement in a transaction of its own; answers how many rows it touched.
    ///
    /// # Errors
    /// The database's.
    pub async fn execute(
        &self,
        identity: Identity,
        repeat: Repeat,
        sql: impl Into<Arc<str>>,
        params: Vec<Val>,
    ) -> Result<u64> {
        let (sql, params) = (sql.into(), Arc::new(params));
        self.write(identity, repeat, move |tx| {
            let (sql, params) = (sql.clone(), params.clone());
            Box::pin(async move { tx.execute(&sql, &params).await })
        })
        .await
    }

    /// One writing statement with `RETURNING`, in a transaction of its own.
    ///
    /// # Errors
    /// The database's.
    pub async fn execute_returning<T: FromRow + Send + 'static>(
        &self,
        identity: Identity,
        repeat: Repeat,
        sql: impl Into<Arc<str>>,
        params: Vec<Val>,
    ) -> Result<Vec<T>> {
        let (sql, params) = (sql.into(), Arc::new(params));
        self.write(identity, repeat, move |tx| {
            let (sql, params) = (sql.clone(), params.clone());
            Box::pin(async move { tx.query(&sql, &params).await })
        })
        .await
    }

    /// Runs one writing statement of PostgreSQL that names its user itself, as a transaction by itself; answers its one row.
    ///
    /// # Errors
    /// The database's; [`StoreError::Corrupt`] when there is no row.
    pub(crate) async fn write_one<T: FromRow>(&self, sql: &str, params: &[Val]) -> Result<T> {
        let Engine::Postgres(postgres) = &self.engine else {
            return Err(StoreError::Schema("only PostgreSQL has statements that name their user".into()));
        };
        let rows = postgres.write_one(sql, params).await?;
        postgres::decoded(&rows)?
            .into_iter()
            .next()
            .ok_or_else(|| StoreError::Corrupt("a statement that answers one row answered none".into()))
    }

    /// Runs a script of several statements outside any other transaction (migrations).
    pub(crate) async fn script(&self, sql: String) -> Result<()> {
        match &self.engine {
            Engine::Postgres(postgres) => postgres.script(&sql).await,
            Engine::Sqlite(sqlite) => {
                sqlite
                    .exclusive(move |connection| {
                        connection.execute_batch(&sql).inspect_err(|_| {
                            // The script's own transaction may be open; its failure is what is reported.
                            let _ = connection.execute_batch("ROLLBACK");
                        })?;
                        Ok(())
                    })
                    .await
            }
        }
    }

    /// Whether the database answers within `limit`, by a way that a busy pool can't block.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn ping(&self, limit: Duration) -> Result<()> {
        let answer = async {
            match &self.engine {
                Engine::Postgres(postgres) => postgres.ping().await,
                Engine::Sqlite(sqlite) => sqlite.ping().await,
            }
        };
        tokio::time::timeout(limit, answer)
            .await
            .unwrap_or_else(|_| Err(StoreError::unavailable(format!("no answer within {} ms", limit.as_millis()))))
    }

    /// Connections: in use, and at most.
    #[must_use]
    pub fn pool_use(&self) -> (usize, usize) {
        match &self.engine {
            Engine::Postgres(postgres) => postgres.pool_use(),
            Engine::Sqlite(sqlite) => sqlite.pool_use(),
        }
    }

    pub(crate) fn postgres(&self) -> Option<&Arc<postgres::Postgres>> {
        match &self.engine {
            Engine::Postgres(postgres) => Some(postgres),
            Engine::Sqlite(_) => None,
        }
    }
}

impl Tx {
    /// Which SQL to speak.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.0 {
            Handle::Postgres(_) => Dialect::Postgres,
            Handle::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// All rows of a statement. Statements that are awaited together are sent together.
    ///
    /// # Errors
    /// The database's.
    pub async fn query<T: FromRow>(&self, sql: &str, params: &[Val]) -> Result<Vec<T>> {
        match &self.0 {
            Handle::Postgres(tx) => postgres::decoded(&tx.query(sql, params).await?),
            Handle::Sqlite(tx) => tx.query(sql, params),
        }
    }

    /// The first row of a statement.
    ///
    /// # Errors
    /// The database's.
    pub async fn query_opt<T: FromRow>(&self, sql: &str, params: &[Val]) -> Result<Option<T>> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// The one row of a statement that always answers one.
    ///
    /// # Errors
    /// The database's; [`StoreError::Corrupt`] when there is none.
    pub async fn query_one<T: FromRow>(&self, sql: &str, params: &[Val]) -> Result<T> {
        self.query_opt(sql, params)
            .await?
            .ok_or_else(|| StoreError::Corrupt("a statement that answers one row answered none".into()))
    }

    /// Runs a statement; answers how many rows it touched.
    ///
    /// # Errors
    /// The database's.
    pub async fn execute(&self, sql: &str, params: &[Val]) -> Result<u64> {
        match &self.0 {
            Handle::Postgres(tx) => tx.execute(sql, params).await,
            Handle::Sqlite(tx) => tx.execute(sql, params),
        }
    }

    /// Sends a statement in order, without waiting for its answer; a failure is reported by the commit.
    ///
    /// # Errors
    /// The database's.
    pub async fn defer(&self, sql: &str, params: Vec<Val>) -> Result<()> {
        match &self.0 {
            Handle::Postgres(tx) => tx.defer(sql, params).await,
            Handle::Sqlite(tx) => tx.execute(sql, &params).map(drop),
        }
    }
}

/// Work of a transaction whatever it answers, so that what runs it is compiled once and not for every kind of answer.
trait Work: Send + Sync {
    /// Does the work and keeps the answer.
    fn run<'w>(&'w self, tx: &'w Tx) -> BoxFuture<'w, Result<()>>;
}

/// Work with the place where its answer is kept.
struct Answering<F, T> {
    work: F,
    answer: Mutex<Option<T>>,
}

impl<F, T> Answering<F, T> {
    const fn new(work: F) -> Self {
        Self { work, answer: Mutex::new(None) }
    }

    fn answer(self) -> Result<T> {
        let answer = self.answer.into_inner().unwrap_or_else(PoisonError::into_inner);
        answer.ok_or_else(|| StoreError::Corrupt("a transaction ended without an answer".into()))
    }
}

impl<F, T> Work for Answering<F, T>
where
    F: for<'t> Fn(&'t Tx) -> BoxFuture<'t, Result<T>> + Send + Sync,
    T: Send,
{
    fn run<'w>(&'w self, tx: &'w Tx) -> BoxFuture<'w, Result<()>> {
        Box::pin(async move {
            let answer = (self.work)(tx).await?;
            *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
            Ok(())
        })
    }
}

/// Tries again, with growing pauses, what failed for want of a connection.
async fn retry<T, W: Future<Output = Result<T>>>(repeat: Repeat, work: impl Fn() -> W) -> Result<T> {
    let start = tokio::time::Instant::now();
    let mut pause = Duration::from_millis(20);
    for _ in 1..ATTEMPTS {
        match work().await {
            Err(StoreError::Unavailable { source: Some(source), detail }) if start.elapsed() < RETRY_FOR => {
                tracing::debug!(error = %source, detail, "database unavailable; trying again");
            }
            Err(StoreError::Unknown(source)) if repeat == Repeat::Safe && start.elapsed() < RETRY_FOR => {
                tracing::debug!(error = %source, "commit outcome unknown; repeating an idempotent write");
            }
            other => return other,
        }
        tokio::time::sleep(pause).await;
        pause *= 4;
    }
    work().await
}
