//! Operations: the history of what was done, by which it can be undone.

use jiff::Timestamp;
use todo_domain::{DomainError, Door, Operation};
use uuid::Uuid;

use crate::{
    cursor::Cursor,
    db::{FromRow, Identity, Repeat, Row, Val},
    error::Result,
    scope::UserScope,
    vals,
};

const COLUMNS: &str = "id, kind, summary, door, created_at, undone_at";

/// How many of the latest operations are searched for those of one task.
const LOOKED_AT: u32 = 5000;

/// Operations, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationPage {
    /// This page.
    pub operations: Vec<Operation>,
    /// Where the next page starts.
    pub next_cursor: Option<String>,
}

impl FromRow for Operation {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let door: String = row.get(3)?;
        let all = [Door::Rest, Door::Page, Door::Chat, Door::Mcp, Door::Cli, Door::Caldav, Door::Import];
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            summary: row.get(2)?,
            door: all.into_iter().find(|known| known.as_str() == door).unwrap_or_default(),
            created_at: row.get(4)?,
            undone_at: row.get(5)?,
        })
    }
}

impl UserScope {
    /// The history, newest first.
    ///
    /// # Errors
    /// A validation error on `cursor`; the database's.
    pub async fn operations(&self, limit: u32, cursor: Option<&str>) -> Result<OperationPage> {
        let scope = "operations";
        let limit = limit.clamp(1, todo_domain::query::PAGE_MAX);
        let after = cursor.map(|cursor| Cursor::decode(cursor, self.user_id(), scope)).transpose()?;
        let mut params = vals![self.user_id(), i64::from(limit) + 1];
        let bound = match after {
            Some(cursor) => {
                params.push(Val::Uuid(cursor.id));
                "AND id < $3"
            }
            None => "",
        };
        let sql = format!("SELECT {COLUMNS} FROM operations WHERE user_id = $1 {bound} ORDER BY id DESC LIMIT $2");
        let mut operations: Vec<Operation> = self.db().query(self.identity(), sql, params).await?;
        let more = operations.len() > limit as usize;
        operations.truncate(limit as usize);
        let next_cursor = operations
            .last()
            .filter(|_| more)
            .map(|last| Cursor { rest: false, key: Val::Null, id: last.id }.encode(self.user_id(), scope));
        Ok(OperationPage { operations, next_cursor })
    }

    /// The latest operations that touched a task, newest first; those long ago are not looked at.
    ///
    /// # Errors
    /// The database's.
    pub async fn task_operations(&self, task: Uuid, limit: u32) -> Result<OperationPage> {
        // The record of changes spells ids as JSON does.
        let sql = format!(
            "SELECT {COLUMNS} FROM (SELECT {COLUMNS}, changes FROM operations WHERE user_id = $1 ORDER BY id DESC LIMIT {LOOKED_AT}) \
             AS latest WHERE changes LIKE $2 ORDER BY id DESC LIMIT $3"
        );
        let params = vals![self.user_id(), format!("%\"{task}\"%"), limit.clamp(1, todo_domain::query::PAGE_MAX)];
        let (sql, params) = (std::sync::Arc::<str>::from(sql), std::sync::Arc::new(params));
        let operations = self
            .db()
            .read_paced(self.identity(), true, move |tx| {
                let (sql, params) = (sql.clone(), params.clone());
                Box::pin(async move { tx.query(&sql, &params).await })
            })
            .await?;
        Ok(OperationPage { operations, next_cursor: None })
    }

    /// One operation.
    ///
    /// # Errors
    /// [`Code::OperationNotFound`](todo_domain::Code::OperationNotFound); the database's.
    pub async fn operation(&self, id: Uuid) -> Result<Operation> {
        let sql = format!("SELECT {COLUMNS} FROM operations WHERE user_id = $1 AND id = $2");
        let found = self.db().query_opt(self.identity(), sql, vals![self.user_id(), id]).await?;
        Ok(found.ok_or_else(not_found)?)
    }
}

pub(crate) fn not_found() -> DomainError {
    DomainError::new(todo_domain::Code::OperationNotFound, "There is no such operation.")
}

/// Deletes operations older than `before`: they can't be undone any more.
pub(crate) async fn prune(store: &crate::Store, before: Timestamp) -> Result<u64> {
    store
        .db()
        .execute(Identity::Worker, Repeat::Safe, "DELETE FROM operations WHERE created_at < $1", vals![before])
        .await
}
