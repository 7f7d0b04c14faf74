//! The change feed: who has something new to read.
//!
//! A hint, not the news itself: readers fetch events after the last sequence number they know. In one process it is immediate.
//! Between replicas on PostgreSQL it travels by `NOTIFY`, sent after the commit and for many commits at once: inside the
//! transactions it would make all commits of the database wait for each other. A look at the latest events every second finds
//! what a lost notification, a killed replica or another program on the same SQLite file did not tell.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, Once, PoisonError},
    time::Duration,
};

use futures::{FutureExt as _, future::BoxFuture};
use todo_domain::id::UserId;
use tokio::sync::{Notify, broadcast, watch};
use tokio_postgres::AsyncMessage;

use crate::{
    Store,
    db::{Db, Dialect, Identity},
    error::{Result, StoreError},
    vals,
};

/// Hints that a slow reader may fall behind before it is told to look for itself.
const BUFFER: usize = 1024;
/// How long changes are gathered into one notification.
const GATHER: Duration = Duration::from_millis(10);
/// How often the latest events are looked at.
const POLL: Duration = Duration::from_secs(1);
/// The channel between replicas.
const CHANNEL: &str = "todo_changes";
/// Longest payload of a notification, below PostgreSQL's limit of 8000 bytes.
const PAYLOAD_MAX: usize = 7000;

/// Whose tasks changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// This user's.
    User(UserId),
    /// Perhaps anybody's: hints were lost.
    Anyone,
}

/// A stream of hints.
pub struct ChangeFeed(broadcast::Receiver<Changed>);

impl ChangeFeed {
    /// The next hint. Never ends while the store lives.
    pub async fn next(&mut self) -> Changed {
        match self.0.recv().await {
            Ok(changed) => changed,
            Err(broadcast::error::RecvError::Lagged(_)) => Changed::Anyone,
            // The store is gone; there is nothing to wake anybody for.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }

    /// Waits for a hint that concerns `user`.
    pub async fn wait_for(&mut self, user: &UserId) {
        loop {
            match self.next().await {
                Changed::Anyone => return,
                Changed::User(changed) if changed == *user => return,
                Changed::User(_) => {}
            }
        }
    }
}

/// Hints about one user, for one of their streams. It wakes for nobody else's changes.
pub struct UserFeed {
    user: UserId,
    /// Taken when this goes.
    woken: Option<watch::Receiver<()>>,
    hints: Arc<Hints>,
}

impl UserFeed {
    /// Waits until something may have changed since the last call.
    pub async fn changed(&mut self) {
        let woken = match &mut self.woken {
            Some(woken) => woken.changed().await.is_ok(),
            None => false,
        };
        if !woken {
            // There is nothing to wake anybody for any more.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for UserFeed {
    fn drop(&mut self) {
        let mut users = self.hints.users.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.woken.take());
        if users.get(&self.user).is_some_and(watch::Sender::is_closed) {
            users.remove(&self.user);
        }
    }
}

/// Where hints go.
struct Hints {
    all: broadcast::Sender<Changed>,
    /// The users that somebody follows.
    users: Mutex<HashMap<UserId, watch::Sender<()>>>,
}

impl Hints {
    fn tell(&self, changed: Changed) {
        {
            let users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            let followed: Vec<_> = match &changed {
                Changed::User(user) => users.get(user).into_iter().collect(),
                Changed::Anyone => users.values().collect(),
            };
            for sender in followed {
                sender.send_replace(());
            }
        }
        // Without listeners there is nobody to tell.
        let _ = self.all.send(changed);
    }
}

/// The sending side, one per store.
pub(crate) struct Feed {
    hints: Arc<Hints>,
    /// Users whose changes are still to be told to other replicas.
    untold: Arc<(Mutex<BTreeSet<UserId>>, Notify)>,
    /// Closes when the store goes, and ends the background tasks.
    alive: watch::Sender<()>,
    watching: Once,
    telling: Once,
}

impl Feed {
    pub fn new() -> Self {
        Self {
            hints: Arc::new(Hints { all: broadcast::channel(BUFFER).0, users: Mutex::default() }),
            untold: Arc::default(),
            alive: watch::channel(()).0,
            watching: Once::new(),
            telling: Once::new(),
        }
    }

    /// After a commit.
    pub fn changed(&self, db: &Db, user: &UserId) {
        self.hints.tell(Changed::User(user.clone()));
        if db.dialect() == Dialect::Postgres && tokio::runtime::Handle::try_current().is_ok() {
            self.untold.0.lock().unwrap_or_else(PoisonError::into_inner).insert(user.clone());
            self.untold.1.notify_one();
            self.telling.call_once(|| {
                let (db, untold) = (db.clone(), self.untold.clone());
                self.spawn(async move { tell(&db, &untold).await }.boxed());
            });
        }
    }

    fn subscribe(&self, db: &Db) -> ChangeFeed {
        let feed = ChangeFeed(self.hints.all.subscribe());
        self.watch(db);
        feed
    }

    fn follow(&self, db: &Db, user: &UserId) -> UserFeed {
        let mut users = self.hints.users.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = users.entry(user.clone()).or_insert_with(|| watch::channel(()).0).subscribe();
        drop(users);
        self.watch(db);
        UserFeed { user: user.clone(), woken: Some(woken), hints: self.hints.clone() }
    }

    /// Looks out, from the first follower on, for what other processes change.
    fn watch(&self, db: &Db) {
        self.watching.call_once(|| {
            let (poll_db, hints) = (db.clone(), self.hints.clone());
            self.spawn(async move { poll(&poll_db, &hints).await }.boxed());
            if db.dialect() == Dialect::Postgres {
                let (db, hints) = (db.clone(), self.hints.clone());
                self.spawn(async move { listen(&db, &hints).await }.boxed());
            }
        });
    }

    /// Works in the background for as long as the feed lives.
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        let mut alive = self.alive.subscribe();
        tokio::spawn(
            async move {
                tokio::select! {
                    () = work => {}
                    _ = alive.changed() => {}
                }
            }
            .boxed(),
        );
    }
}

impl Store {
    /// Hints about whose tasks have changed, in this process and in others. Must be called inside a Tokio runtime.
    #[must_use]
    pub fn changes(&self) -> ChangeFeed {
        self.feed().subscribe(self.db())
    }

    /// Hints about one user's tasks. Must be called inside a Tokio runtime.
    #[must_use]
    pub fn changes_of(&self, user: &UserId) -> UserFeed {
        self.feed().follow(self.db(), user)
    }
}

/// Tells other replicas, for many commits at once.
async fn tell(db: &Db, untold: &(Mutex<BTreeSet<UserId>>, Notify)) {
    loop {
        untold.1.notified().await;
        tokio::time::sleep(GATHER).await;
        let users = std::mem::take(&mut *untold.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut payload = String::new();
        for user in users {
            if payload.len() + user.as_str().len() > PAYLOAD_MAX {
                notify(db, std::mem::take(&mut payload)).await;
            }
            if !payload.is_empty() {
                payload.push('\n');
            }
            payload.push_str(user.as_str());
        }
        notify(db, payload).await;
    }
}

async fn notify(db: &Db, payload: String) {
    if payload.is_empty() {
        return;
    }
    // One message: a statement by itself is a transaction.
    let told: Result<Vec<(bool,)>> =
        db.query(Identity::System, "SELECT true FROM pg_notify($1, $2)", vals![CHANNEL, payload]).await;
    if let Err(error) = told {
        // Others find out by looking.
        tracing::debug!(%error, "could not notify other replicas");
    }
}

/// Hears other replicas, reconnecting for ever.
async fn listen(db: &Db, hints: &Hints) {
    let mut pause = Duration::from_millis(100);
    loop {
        match listen_once(db, hints).await {
            Ok(()) => pause = Duration::from_millis(100),
            Err(error) => tracing::debug!(%error, "the notification connection was lost"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(10));
    }
}

async fn listen_once(db: &Db, hints: &Hints) -> Result<()> {
    let Some(postgres) = db.postgres() else { return Ok(()) };
    let (client, mut connection) = postgres.connect().await?;
    let listening = tokio::spawn(async move {
        let listening = client.batch_execute(&format!("LISTEN {CHANNEL}")).await;
        // The connection ends when the client is dropped.
        listening.map(|()| client)
    });
    // What happened while nobody listened.
    hints.tell(Changed::Anyone);
    let ended = loop {
        match std::future::poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(notification))) => {
                for user in notification.payload().lines() {
                    hints.tell(Changed::User(UserId::new(user)));
                }
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => break Err(StoreError::from(error)),
            None => break Ok(()),
        }
    };
    listening.abort();
    ended
}

/// Looks at the latest events.
async fn poll(db: &Db, hints: &Hints) {
    // By the clock of the database, which wrote the events. Five looks catch what committed late.
    let sql = match db.dialect() {
        Dialect::Postgres => {
            "SELECT user_id, max(seq) FROM events WHERE created_at > now() - interval '5 seconds' GROUP BY user_id"
        }
        Dialect::Sqlite => {
            "SELECT user_id, max(seq) FROM events \
             WHERE created_at > CAST((unixepoch('subsec') - 5) * 1000000 AS INTEGER) GROUP BY user_id"
        }
    };
    let mut known: HashMap<String, i64> = HashMap::new();
    let mut blind = false;
    loop {
        tokio::time::sleep(POLL).await;
        match db.query::<(String, i64)>(Identity::Worker, sql, Vec::new()).await {
            Ok(rows) => {
                if std::mem::take(&mut blind) {
                    hints.tell(Changed::Anyone);
                }
                for (user, seq) in &rows {
                    if known.get(user) != Some(seq) {
                        hints.tell(Changed::User(UserId::new(user.clone())));
                    }
                }
                known = rows.into_iter().collect();
            }
            Err(error) => {
                blind = true;
                tracing::debug!(%error, "could not look for changes");
            }
        }
    }
}
