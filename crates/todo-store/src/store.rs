//! The store as a whole.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use todo_domain::id::UserId;

use crate::{
    config::StoreConfig,
    db::Db,
    error::Result,
    events,
    feed::Feed,
    idempotency, meter,
    migrate::{self, SchemaState},
    operations,
    scope::UserScope,
};

/// A database of tasks. Cheap to clone; all clones share its connections.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    db: Db,
    feed: Feed,
}

impl Store {
    /// Opens the database. It need not be reachable yet: PostgreSQL is connected to on first use.
    ///
    /// # Errors
    /// [`StoreError::Config`](crate::StoreError::Config) when a certificate can't be read,
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable) when the SQLite file can't be opened.
    pub fn open(config: &StoreConfig) -> Result<Self> {
        Ok(Self { shared: Arc::new(Shared { db: Db::open(config)?, feed: Feed::new() }) })
    }

    /// Brings the schema up to date; answers the versions that were applied. Safe to run from many processes at once.
    ///
    /// # Errors
    /// The database's; [`StoreError::Schema`](crate::StoreError::Schema) when its history is not ours.
    pub async fn migrate(&self) -> Result<Vec<i64>> {
        migrate::migrate(self.db()).await
    }

    /// Whether the schema fits this program.
    pub async fn schema_state(&self) -> SchemaState {
        migrate::state(self.db()).await
    }

    /// Deletes what has had its time: stored responses after a day, events after `events_kept`, operations after
    /// `operations_kept` (they can't be undone any more). Safe to run from many processes.
    ///
    /// # Errors
    /// The database's.
    pub async fn prune(&self, now: Timestamp, events_kept: Duration, operations_kept: Duration) -> Result<u64> {
        let before = |kept: Duration| now.checked_sub(kept).unwrap_or(Timestamp::MIN);
        let responses = idempotency::prune(self, now).await?;
        let events = events::prune(self, before(events_kept)).await?;
        let operations = operations::prune(self, before(operations_kept)).await?;
        Ok(responses + events + operations)
    }

    /// Whether the database answers within `limit`; not held up by a busy pool.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable).
    pub async fn ping(&self, limit: Duration) -> Result<()> {
        self.db().ping(limit).await
    }

    /// Connections in use, and how many there may be.
    #[must_use]
    pub fn pool_use(&self) -> (usize, usize) {
        self.db().pool_use()
    }

    /// The data of one user: the only way to it.
    #[must_use]
    pub fn user(&self, user: &UserId) -> UserScope {
        UserScope::new(self.clone(), user.clone())
    }

    /// Tells whoever watches that this user's tasks have changed.
    pub(crate) fn changed(&self, user: &UserId) {
        meter::event_written();
        self.shared.feed.changed(self.db(), user);
    }

    pub(crate) fn feed(&self) -> &Feed {
        &self.shared.feed
    }

    pub(crate) fn db(&self) -> &Db {
        &self.shared.db
    }
}
