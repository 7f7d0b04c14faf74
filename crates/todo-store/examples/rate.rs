//! How many commands and lists per second the store does by itself, without HTTP:
//! `cargo run --release -p todo-store --features testing --example rate`.
//!
//! 32 clients, as many users, 5 seconds each. SQLite commits durably; the private PostgreSQL server of the tests does not sync.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use todo_domain::{Command, Door, Filter, NewTask, TaskQuery, UserId, command::Context};
use todo_store::{Store, StoreConfig, UserScope, testing::TestDb};

const CLIENTS: usize = 32;
const PERIOD: Duration = Duration::from_secs(5);

type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let lite = TestDb::sqlite().await?;
    measure("SQLite, durable", &Store::open(&StoreConfig::from_url(&lite.url)?)?).await?;
    if let Some(pg) = TestDb::postgres().await? {
        let mut config = StoreConfig::from_url(&pg.url)?;
        config.pool_size = 8;
        measure("PostgreSQL", &Store::open(&config)?).await?;
    }
    Ok(())
}

async fn measure(name: &str, store: &Store) -> Result<(), Error> {
    rate(name, "create", store, |scope, n| async move {
        let context = context();
        scope.run(Command::Create(vec![NewTask::titled(format!("Buy milk {n}"))]), &context).await.map(drop)
    })
    .await?;
    rate(name, "create with a label", store, |scope, n| async move {
        let context = context();
        let new = NewTask { labels: vec!["shop".into()], ..NewTask::titled(format!("Buy milk {n}")) };
        scope.run(Command::Create(vec![new]), &context).await.map(drop)
    })
    .await?;
    rate(name, "list of 50", store, |scope, _| async move {
        scope.tasks(&TaskQuery::new(Filter::All), &jiff::Zoned::now()).await.map(drop)
    })
    .await
}

fn context() -> Context {
    Context { now: jiff::Zoned::now(), door: Door::Rest }
}

async fn rate<W>(
    name: &str,
    what: &str,
    store: &Store,
    work: impl Fn(UserScope, u64) -> W + Clone + Send + Sync + 'static,
) -> Result<(), Error>
where
    W: Future<Output = Result<(), todo_store::StoreError>> + Send,
{
    let done = Arc::new(AtomicU64::new(0));
    let start = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (scope, work, done) = (store.user(&UserId::new(format!("user{client}"))), work.clone(), done.clone());
            tokio::spawn(async move {
                let mut slowest = Duration::ZERO;
                while start.elapsed() < PERIOD {
                    let begun = Instant::now();
                    work(scope.clone(), done.fetch_add(1, Ordering::Relaxed)).await?;
                    slowest = slowest.max(begun.elapsed());
                }
                Ok::<_, todo_store::StoreError>(slowest)
            })
        })
        .collect();
    let mut slowest = Duration::ZERO;
    for client in clients {
        slowest = slowest.max(client.await??);
    }
    let rate = done.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
    println!("{name:<18} {what:<22} {rate:>9.0}/s   slowest {slowest:?}");
    Ok(())
}
