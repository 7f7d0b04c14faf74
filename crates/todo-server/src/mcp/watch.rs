//! What clients are told while they wait: that a resource they follow has changed, that the list of resources has. It is read
//! from the user's outbox, so that a client that comes back misses nothing, on any replica.

use rmcp::model::{
    ResourceListChangedNotification, ResourceUpdatedNotification, ResourceUpdatedNotificationParam, ServerNotification,
};
use todo_store::{
    Store, StoreError, UserFeed, UserScope,
    events::{Event, TaskChange},
};

use super::resources;

/// Most events that are read at once.
const BATCH: u32 = 200;

/// A place in a user's outbox.
pub struct Watch {
    scope: UserScope,
    feed: UserFeed,
    position: i64,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Resources came or went.
    ListChanged,
    /// What stands at an address has changed.
    Updated(String),
}

impl From<News> for ServerNotification {
    fn from(news: News) -> Self {
        match news {
            News::ListChanged => Self::ResourceListChangedNotification(ResourceListChangedNotification {
                method: Default::default(),
                extensions: Default::default(),
            }),
            News::Updated(uri) => Self::ResourceUpdatedNotification(ResourceUpdatedNotification::new(
                ResourceUpdatedNotificationParam::new(uri),
            )),
        }
    }
}

impl Watch {
    /// From now on.
    ///
    /// # Errors
    /// The store's.
    pub async fn begin(store: &Store, scope: UserScope) -> Result<Self, StoreError> {
        // Subscribed before the position is read: a change between the two wakes the watcher.
        let feed = store.changes_of(scope.user_id());
        let position = scope.latest_seq().await?;
        Ok(Self { scope, feed, position })
    }

    /// From where a client stopped; `None` when what happened since then is no longer known.
    ///
    /// # Errors
    /// The store's.
    pub async fn resume(store: &Store, scope: UserScope, after: i64) -> Result<Option<Self>, StoreError> {
        let now = Self::begin(store, scope).await?;
        let oldest = now.scope.oldest_seq().await?.unwrap_or(now.position + 1);
        Ok((oldest - 1..=now.position).contains(&after).then_some(Self { position: after, ..now }))
    }

    /// The number of the last event that was read.
    pub const fn position(&self) -> i64 {
        self.position
    }

    /// What happened since the last look; nothing, perhaps.
    ///
    /// # Errors
    /// The store's.
    pub async fn look(&mut self) -> Result<Vec<Event>, StoreError> {
        let events = self.scope.events_after(self.position, BATCH).await?;
        self.position = events.last().map_or(self.position, |event| event.seq);
        Ok(events)
    }

    /// Waits until something happens that a client is told who follows what `followed` says.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self, followed: impl Fn() -> Vec<String> + Send) -> Result<Vec<News>, StoreError> {
        loop {
            let events = self.look().await?;
            let news = news(&events, &followed());
            if !news.is_empty() {
                return Ok(news);
            }
            if events.is_empty() {
                self.changed().await;
            }
        }
    }

    /// Waits until another look may find something.
    pub async fn changed(&mut self) {
        self.feed.changed().await;
    }
}

/// What a client is told of events, each thing once.
pub fn news(events: &[Event], followed: &[String]) -> Vec<News> {
    let comes_or_goes = |event: &Event| event.payload.tasks.iter().any(|task| task.change != TaskChange::Updated);
    let list = events.iter().any(comes_or_goes).then_some(News::ListChanged);
    let updated = followed.iter().filter(|uri| events.iter().any(|event| resources::concerns(uri, event)));
    list.into_iter().chain(updated.cloned().map(News::Updated)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use todo_store::events::{EventTask, Payload};
    use uuid::Uuid;

    use super::*;

    fn event(number: i64, change: TaskChange) -> Event {
        let task = EventTask { id: Uuid::from_u128(7), number, change };
        Event {
            seq: 1,
            kind: "x".to_owned(),
            operation_id: None,
            payload: Payload { tasks: vec![task], ..Payload::default() },
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_task_concerns_itself_and_every_list() {
        let followed = [
            "todo://today",
            "todo://tasks/3",
            "todo://tasks/4",
            "todo://tasks/00000000-0000-0000-0000-000000000007",
            "todo://filters/p1",
        ]
        .map(str::to_owned);
        let updated = |uri: &str| News::Updated(uri.to_owned());
        let told = [
            updated("todo://today"),
            updated("todo://tasks/3"),
            updated("todo://tasks/00000000-0000-0000-0000-000000000007"),
            updated("todo://filters/p1"),
        ];
        let twice = [event(3, TaskChange::Updated), event(3, TaskChange::Updated)];
        assert_eq!(news(&twice, &followed), told);
        let mut gone = vec![News::ListChanged];
        gone.extend(told);
        assert_eq!(news(&[event(3, TaskChange::Deleted)], &followed), gone);
        assert_eq!(news(&[], &followed), []);
    }
}
