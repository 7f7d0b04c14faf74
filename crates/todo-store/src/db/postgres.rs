//! PostgreSQL: a pool of connections, prepared statements, pipelined transactions.
//!
//! Whoever reads does so by statements that are transactions by themselves and name the user themselves ([`named`]): one message each,
//! and nothing of the user is left on the connection, so this is safe behind a transaction pooler, as are `BEGIN` … `COMMIT` around
//! several writes.

use std::{
    borrow::Cow,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use futures::{
    FutureExt,
    future::{BoxFuture, Future},
};
use tokio_postgres::{
    Row as PgRow,
    types::{ToSql, Type},
};

use super::{FromRow, Handle, Identity, Repeat, Row, Tx, Val, Work, retry, tls};
use crate::{
    config::{StoreConfig, Target},
    error::{Result, StoreError},
    meter,
};

/// Sets who is asking, for row-level security, and how long the server may work on one statement. Ends with the transaction.
const IDENTIFY: &str = "SELECT set_config('app.user_id', $1, true), set_config('app.role', $2, true), set_config('statement_timeout', $3, true)";

/// Filters come in many forms; a connection forgets its prepared statements rather than keep more than this.
const STATEMENTS_MAX: usize = 300;

pub(crate) struct Postgres {
    pool: Pool,
    connector: tls::Connector,
    config: tokio_postgres::Config,
    prepared: bool,
    work_timeout: Duration,
    statement_timeout: String,
    /// What every new connection runs first: the limit for statements that are transactions by themselves; [`IDENTIFY`] sets it for the
    /// others.
    set_up: String,
    /// The connection that pings use, apart from the pool, so that load can't make the database look dead.
    probe: tokio::sync::Mutex<Option<tokio_postgres::Client>>,
}

impl Postgres {
    pub(super) fn open(config: &StoreConfig) -> Result<Self> {
        let Target::Postgres { config: pg, tls: mode, root_cert, prepared } = &config.target else {
            return Err(StoreError::Schema("not a PostgreSQL URL".into()));
        };
        let connector = tls::Connector::new(*mode, root_cert.as_deref())?;
        let manager = Manager::from_config(
            (**pg).clone(),
            connector.clone(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let set_up = format!("SET statement_timeout = {}", config.work_timeout.as_millis());
        let limit = set_up.clone();
        let limited = Hook::async_fn(move |client: &mut ClientWrapper, _| {
            let limit = limit.clone();
            Box::pin(async move { client.batch_execute(&limit).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(manager)
            .post_create(limited)
            .max_size(config.pool_size)
            .wait_timeout(Some(config.acquire_timeout))
            .create_timeout(Some(config.acquire_timeout))
            .recycle_timeout(Some(config.acquire_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Schema(error.to_string()))?;
        Ok(Self {
            pool,
            connector,
            config: (**pg).clone(),
            prepared: *prepared,
            work_timeout: config.work_timeout,
            statement_timeout: format!("{}ms", config.work_timeout.as_millis()),
            set_up,
            probe: tokio::sync::Mutex::new(None),
        })
    }

    pub(super) fn read<'w>(&'w self, identity: &'w Identity, work: &'w dyn Work) -> BoxFuture<'w, Result<()>> {
        Box::pin(retry(Repeat::Safe, move || {
            self.limited(self.on_connection(move |client| {
                async move { work.run(&Tx(Handle::Postgres(self.reader(client, identity)))).await }.boxed()
            }))
        }))
    }

    /// One reading statement.
    pub(super) fn query<'w>(
        &'w self,
        identity: &'w Identity,
        sql: &'w str,
        params: &'w [Val],
    ) -> BoxFuture<'w, Result<Vec<PgRow>>> {
        Box::pin(retry(Repeat::Safe, move || {
            self.limited(self.on_connection(move |client| {
                async move { self.reader(client, identity).query(sql, params).await }.boxed()
            }))
        }))
    }

    /// Runs one writing statement that is a transaction by itself and names the user itself.
    pub(super) fn write_one<'w>(&'w self, sql: &'w str, params: &'w [Val]) -> BoxFuture<'w, Result<Vec<PgRow>>> {
        Box::pin(retry(Repeat::Unsafe, move || self.write_one_once(sql, params)))
    }

    async fn write_one_once(&self, sql: &str, params: &[Val]) -> Result<Vec<PgRow>> {
        let one = self.on_connection(|client| {
            async move {
                let statement = if self.prepared { Some(client.prepare_cached(sql).await?) } else { None };
                let mut answer = Box::pin(async {
                    match &statement {
                        Some(statement) => client.query(statement, &refs(params)).await,
                        None => client.query_typed(sql, &typed(params)).await,
                    }
                });
                // The first poll sends. A failure by then has sent nothing; a later one may have come after the commit.
                match (&mut answer).now_or_never() {
                    Some(rows) => rows.map_err(StoreError::from),
                    None => answer.await.map_err(outcome_unknown),
                }
            }
            .boxed()
        });
        tokio::time::timeout(self.work_timeout, one)
            .await
            .unwrap_or_else(|late| Err(StoreError::Unknown(Box::new(late))))
    }

    pub(super) fn write<'w>(
        &'w self,
        identity: &'w Identity,
        repeat: Repeat,
        work: &'w dyn Work,
    ) -> BoxFuture<'w, Result<()>> {
        Box::pin(retry(repeat, move || self.write_once(identity, work)))
    }

    async fn write_once(&self, identity: &Identity, work: &dyn Work) -> Result<()> {
        let unit = self.on_connection(|client| {
            async move {
                let tx = Tx(Handle::Postgres(self.begin(client, identity).await?));
                let done = work.run(&tx).await;
                let Handle::Postgres(tx) = tx.0 else { return done };
                match done {
                    Ok(()) => tx.commit().await,
                    Err(error) => Err(tx.cause_of(error).await),
                }
            }
            .boxed()
        });
        // The commit may have been on its way.
        tokio::time::timeout(self.work_timeout, unit)
            .await
            .unwrap_or_else(|late| Err(StoreError::Unknown(Box::new(late))))
    }

    async fn limited<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::time::timeout(self.work_timeout, work).await.unwrap_or_else(|_| {
            Err(StoreError::unavailable(format!("no answer within {} s", self.work_timeout.as_secs())))
        })
    }

    /// Does work on a connection of the pool. When the database refuses in a way that may be the fault of the connection, nothing was
    /// done, and the work is done once more, on a fresh connection that takes that one's place. What is refused there too is the fault
    /// of the statement.
    async fn on_connection<'w, T>(
        &'w self,
        work: impl Fn(Arc<Object>) -> BoxFuture<'w, Result<T>> + Send + Sync,
    ) -> Result<T> {
        let client = Arc::new(self.client().await?);
        let done = work(client.clone()).await;
        let Err(StoreError::Database(error)) = &done else { return done };
        if !is_unfit(&**error) {
            return done;
        }
        let refusal = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::as_db_error);
        let cause = refusal.map_or_else(|| error.to_string(), |refusal| refusal.message().to_owned());
        tracing::warn!(
            cause,
            "a connection to the database is not used again: its state may be why a statement was refused"
        );
        // All that was asked of it has been answered, so nothing else holds it.
        let Some(client) = Arc::into_inner(client) else { return done };
        // Boxed, for connecting is large and rare, and the future around it is moved with every statement.
        let fresh = self.renewed(client).boxed().await?;
        work(Arc::new(fresh)).await
    }

    /// A fresh connection in the place of one of the pool's.
    async fn renewed(&self, mut place: Object) -> Result<Object> {
        let fresh = async {
            let (client, connection) = self.connect().await?;
            let driven = tokio::spawn(
                async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "a connection to the database ended");
                    }
                }
                .boxed(),
            );
            client.batch_execute(&self.set_up).await?;
            Ok(ClientWrapper::new(client, driven))
        };
        match fresh.await {
            Ok(fresh) => {
                *place = fresh;
                Ok(place)
            }
            Err(error) => {
                drop(Object::take(place));
                Err(error)
            }
        }
    }

    async fn client(&self) -> Result<Object> {
        let asked = Instant::now();
        let client = self.pool.get().await;
        meter::pool_waited(asked.elapsed());
        let client = client?;
        if client.statement_cache.size() > STATEMENTS_MAX {
            client.statement_cache.clear();
        }
        Ok(client)
    }

    /// For statements that are transactions by themselves.
    fn reader(&self, client: Arc<Object>, identity: &Identity) -> PgTx {
        PgTx::new(client, self.prepared, Bounds::Statement(identity.clone()))
    }

    async fn begin(&self, client: Arc<Object>, identity: &Identity) -> Result<PgTx> {
        let tx = PgTx::new(client, self.prepared, Bounds::Block { open: AtomicBool::new(true) });
        let (user, role) = match identity {
            Identity::User(user) => (user.as_str(), ""),
            Identity::Worker => ("", "worker"),
            Identity::System => ("", ""),
        };
        tx.defer("BEGIN", Vec::new()).await?;
        tx.defer(IDENTIFY, crate::vals![user, role, self.statement_timeout.as_str()]).await?;
        Ok(tx)
    }

    /// On a connection of its own: a script may take as long as it needs.
    pub(super) async fn script(&self, sql: &str) -> Result<()> {
        let (client, connection) = self.connect().await?;
        let driven = tokio::spawn(connection);
        let done = client.batch_execute(sql).await;
        drop(client);
        // The connection ends with its client; what it says then is of no interest beside the script's own failure.
        let _ = driven.await;
        Ok(done?)
    }

    /// A connection of its own, outside the pool, with the task that drives it.
    pub(crate) async fn connect(
        &self,
    ) -> Result<(tokio_postgres::Client, tokio_postgres::Connection<tokio_postgres::Socket, tls::Stream>)> {
        self.config
            .connect(self.connector.clone())
            .await
            .map_err(|error| StoreError::from(deadpool_postgres::PoolError::Backend(error)))
    }

    pub(super) async fn ping(&self) -> Result<()> {
        let mut probe = self.probe.lock().await;
        // Taken out, so that a ping that is given up leaves no half-answered connection behind.
        let client = match probe.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => {
                let (client, connection) = self.connect().await?;
                tokio::spawn(
                    async move {
                        if let Err(error) = connection.await {
                            tracing::debug!(%error, "the probe's connection ended");
                        }
                    }
                    .boxed(),
                );
                client
            }
        };
        client.simple_query("SELECT 1").await?;
        *probe = Some(client);
        Ok(())
    }

    pub(super) fn pool_use(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size.saturating_sub(status.available), status.max_size)
    }
}

type Pending = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>;

pub(super) struct PgTx {
    client: Arc<Object>,
    prepared: bool,
    /// Sent, not yet answered, in order.
    deferred: Mutex<Vec<Pending>>,
    bounds: Bounds,
}

/// Where transactions begin and end.
enum Bounds {
    /// `BEGIN` was sent; the user is named once.
    Block {
        /// Whether the end was not sent yet.
        open: AtomicBool,
    },
    /// Every statement is a transaction by itself.
    Statement(Identity),
}

/// A reading statement that names the user itself before it looks at any row. `$n` is the user, or the role.
///
/// The order is enforced: the inner query depends on a value of the outer one, `OFFSET 0` keeps the planner from dissolving either,
/// and so the policies of row-level security are evaluated after `set_config`. Were it otherwise, nothing would be seen.
fn named(sql: &str, setting: &str, n: usize) -> String {
    format!(
        "SELECT answer.* FROM (SELECT set_config('{setting}', ${n}, true) AS given OFFSET 0) AS caller, \
         LATERAL (SELECT asked.* FROM ({sql}) AS asked WHERE caller.given IS NOT NULL OFFSET 0) AS answer"
    )
}

impl PgTx {
    fn new(client: Arc<Object>, prepared: bool, bounds: Bounds) -> Self {
        Self { client, prepared, deferred: Mutex::default(), bounds }
    }

    pub(super) async fn query(&self, sql: &str, params: &[Val]) -> Result<Vec<PgRow>> {
        let (setting, value) = match &self.bounds {
            Bounds::Statement(Identity::User(user)) => ("app.user_id", user.as_str()),
            Bounds::Statement(Identity::Worker) => ("app.role", "worker"),
            // Named already, or nobody.
            Bounds::Block { .. } | Bounds::Statement(Identity::System) => return self.rows(sql, params).await,
        };
        let mut params = Cow::Borrowed(params);
        params.to_mut().push(value.into());
        self.rows(&named(sql, setting, params.len()), &params).await
    }

    async fn rows(&self, sql: &str, params: &[Val]) -> Result<Vec<PgRow>> {
        Ok(if self.prepared {
            let statement = self.client.prepare_cached(sql).await?;
            self.client.query(&statement, &refs(params)).await?
        } else {
            self.client.query_typed(sql, &typed(params)).await?
        })
    }

    pub(super) async fn execute(&self, sql: &str, params: &[Val]) -> Result<u64> {
        if self.prepared {
            let statement = self.client.prepare_cached(sql).await?;
            Ok(self.client.execute(&statement, &refs(params)).await?)
        } else {
            Ok(self.client.execute_typed(sql, &typed(params)).await?)
        }
    }

    pub(super) async fn defer(&self, sql: &str, params: Vec<Val>) -> Result<()> {
        let client = self.client.clone();
        let mut pending: Pending = if self.prepared {
            let statement = self.client.prepare_cached(sql).await?;
            Box::pin(async move { client.execute(&statement, &refs(&params)).await })
        } else {
            let sql = sql.to_owned();
            Box::pin(async move { client.execute_typed(&sql, &typed(&params)).await })
        };
        // The first poll sends; the answer is awaited by the commit.
        match (&mut pending).now_or_never() {
            Some(done) => done.map(drop).map_err(Into::into),
            None => {
                self.deferred.lock().unwrap_or_else(PoisonError::into_inner).push(pending);
                Ok(())
            }
        }
    }

    /// What really stopped the work: it may be but the echo of a refused statement that nobody had waited for.
    async fn cause_of(self, error: StoreError) -> StoreError {
        match error {
            StoreError::Database(_) => self.settle().await.err().unwrap_or(error),
            other => other,
        }
    }

    async fn commit(self) -> Result<()> {
        self.defer("COMMIT", Vec::new()).await?;
        self.ended();
        self.settle().await
    }

    /// Notes that the end of the transaction was sent.
    fn ended(&self) -> bool {
        match &self.bounds {
            Bounds::Block { open } => open.swap(false, Ordering::Relaxed),
            Bounds::Statement(_) => false,
        }
    }

    /// Waits for the answers to all that was sent.
    async fn settle(&self) -> Result<()> {
        let deferred = std::mem::take(&mut *self.deferred.lock().unwrap_or_else(PoisonError::into_inner));
        for pending in deferred {
            // A refused statement aborts the transaction, and the commit behind it then rolls back.
            pending.await.map_err(outcome_unknown)?;
        }
        Ok(())
    }
}

/// Whether a refusal says more about the connection than about the statement, which another connection may take: a path on which the
/// tables are not found, a role without rights, a session that may only read, prepared statements that are gone or planned for another
/// schema. A pooler between us and the database, or code inside it, can leave connections so.
fn is_unfit(error: &(dyn std::error::Error + 'static)) -> bool {
    // PostgreSQL, Appendix A: feature not supported (a cached plan of another shape), invalid transaction state, invalid statement
    // name, invalid schema name, access rule violation.
    const CLASSES: [&str; 5] = ["0A", "25", "26", "3F", "42"];
    error
        .downcast_ref::<tokio_postgres::Error>()
        .and_then(tokio_postgres::Error::code)
        .is_some_and(|code| CLASSES.iter().any(|class| code.code().starts_with(class)))
}

/// The failure of something sent together with a commit: when the server did not refuse it, nobody knows what came of it.
fn outcome_unknown(error: tokio_postgres::Error) -> StoreError {
    match StoreError::from(error) {
        StoreError::Unavailable { source: Some(source), .. } if !is_refusal(&*source) => StoreError::Unknown(source),
        other => other,
    }
}

/// Whether the server itself answered with an error.
fn is_refusal(error: &(dyn std::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<tokio_postgres::Error>()
        .is_some_and(|error| error.as_db_error().is_some_and(|db| db.severity() != "FATAL"))
}

impl Drop for PgTx {
    fn drop(&mut self) {
        if self.ended() {
            let client = self.client.clone();
            // The first poll sends it; whoever gets the connection next is behind it in the queue.
            let _ = Box::pin(async move { client.batch_execute("ROLLBACK").await }).now_or_never();
        }
    }
}

/// What rows become.
pub(super) fn decoded<T: FromRow>(rows: &[PgRow]) -> Result<Vec<T>> {
    rows.iter().map(|row| T::from_row(&Row::Pg(row))).collect()
}

fn refs(params: &[Val]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

fn typed(params: &[Val]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    params.iter().map(|param| (param as &(dyn ToSql + Sync), param.pg_type())).collect()
}
