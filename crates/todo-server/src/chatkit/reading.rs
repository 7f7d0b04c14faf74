//! Threads and items in pages. A turn has several items; a page may end between them.

use serde_json::Value;
use todo_service::Problem;
use todo_store::{
    UserScope,
    conversations::{ConversationRow, Walk},
};
use uuid::Uuid;

use super::{
    ids::{self, Part},
    request::{Order, Paging},
    thread::{Page, items, thread},
};
use crate::errors::problem;

/// Entries on a page when nothing is said.
const DEFAULT: i64 = 20;
/// Most entries on a page.
const MAX: i64 = 100;

impl Paging {
    /// The first page, oldest first: what a thread shows when it is opened.
    pub const fn first() -> Self {
        Self { limit: None, order: Order::Asc, after: None }
    }

    fn limit(&self) -> u32 {
        u32::try_from(self.limit.unwrap_or(DEFAULT).clamp(1, MAX)).unwrap_or(1)
    }
}

/// The conversation of a thread.
///
/// # Errors
/// 404 when there is none, or it is somebody else's.
pub async fn conversation(scope: &UserScope, thread: &str) -> Result<ConversationRow, Problem> {
    let id = ids::conversation(thread).ok_or_else(no_thread)?;
    scope.conversation(id).await.map_err(problem)?.ok_or_else(no_thread)
}

/// 404.
pub fn no_thread() -> Problem {
    Problem::not_found("THREAD_NOT_FOUND", "There is no such thread.")
}

/// 404.
pub fn no_item() -> Problem {
    Problem::not_found("ITEM_NOT_FOUND", "There is no such item.")
}

/// A page of threads, without their items.
///
/// # Errors
/// 404 for an `after` that is no thread's; the store's failures.
pub async fn threads(scope: &UserScope, paging: &Paging) -> Result<Page, Problem> {
    let limit = paging.limit();
    let from = match &paging.after {
        Some(after) => Some(conversation(scope, after).await?.id),
        None => None,
    };
    // The one to go on after comes along, and one more says whether there are more.
    let walk = Walk { newest_first: paging.order == Order::Desc, from, limit: limit + 2 };
    let rows = scope.threads(walk).await.map_err(problem)?;
    let mut rows: Vec<_> = rows.into_iter().filter(|row| Some(row.id) != from).collect();
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let empty = || Page::new(Vec::new(), false);
    Ok(Page::new(rows.iter().map(|row| thread(row, empty())).collect(), has_more))
}

/// A page of the items of a conversation.
///
/// # Errors
/// 404 for an `after` that is no item's; the store's failures.
pub async fn page_of_items(scope: &UserScope, conversation: Uuid, paging: &Paging) -> Result<Page, Problem> {
    let limit = paging.limit();
    let newest_first = paging.order == Order::Desc;
    let after = match &paging.after {
        Some(after) => Some(ids::turn(after).ok_or_else(no_item)?),
        None => None,
    };
    let latest = scope.turns(conversation, Walk { newest_first: true, from: None, limit: 1 }).await.map_err(problem)?;
    let latest = latest.first().map(|turn| turn.id);
    // Every turn has an item at least: with the one to go on after and one more there are enough.
    let walk = Walk { newest_first, from: after.map(|(turn, _)| turn), limit: limit + 2 };
    let turns = scope.turns(conversation, walk).await.map_err(problem)?;
    if let Some((turn, _)) = after
        && turns.first().is_none_or(|first| first.id != turn)
    {
        return Err(no_item());
    }
    let mut found: Vec<Value> = Vec::new();
    for turn in &turns {
        let mut of_turn = items(conversation, turn, latest == Some(turn.id));
        if newest_first {
            of_turn.reverse();
        }
        let still_ahead = |part: Part| match after {
            Some((id, seen)) if id == turn.id => {
                if newest_first {
                    part < seen
                } else {
                    part > seen
                }
            }
            _ => true,
        };
        found.extend(of_turn.into_iter().filter(|(part, _)| still_ahead(*part)).map(|(_, item)| item));
    }
    let has_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    Ok(Page::new(found, has_more))
}
