//! Everything a user has, page by page.

use std::sync::Arc;

use futures::{Stream, stream};
use jiff::Zoned;
use todo_domain::{
    Filter, Task, TaskQuery,
    query::{Order, SortKey, Start},
};

use crate::{error::Result, scope::UserScope, tasks::list::List};

/// Tasks that are read at once.
const CHUNK: u32 = 500;

impl UserScope {
    /// All tasks by number, in chunks: memory stays small however many there are. Changes meanwhile neither double nor lose a
    /// task that was there all the time.
    pub fn export_all(&self, now: &Zoned) -> impl Stream<Item = Result<Vec<Task>>> + Send + use<> {
        let (scope, now) = (self.clone(), now.clone());
        stream::try_unfold(Some(Start::Offset(0)), move |start| {
            let (scope, now) = (scope.clone(), now.clone());
            async move {
                let Some(start) = start else { return Ok(None) };
                let query = TaskQuery { start, ..TaskQuery::new(Filter::All).sorted(SortKey::Number, Order::Asc) };
                let list = Arc::new(List::of_length(scope.user_id(), &query, &now, CHUNK)?);
                let page = scope
                    .db()
                    .read_paced(scope.identity(), true, move |tx| {
                        let list = list.clone();
                        Box::pin(async move { list.page(tx).await })
                    })
                    .await?;
                if page.tasks.is_empty() {
                    return Ok(None);
                }
                Ok(Some((page.tasks, page.next_cursor.map(Start::Cursor))))
            }
        })
    }
}
