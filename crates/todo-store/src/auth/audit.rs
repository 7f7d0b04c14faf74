//! The table `audit`: what happened to accounts and credentials, for the user and for the operator.

use jiff::Timestamp;

use crate::{
    Store,
    db::{FromRow, Identity, Repeat, Row},
    error::Result,
    vals,
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// To whom; `None` when no account is concerned (an unknown address).
    pub user_id: Option<String>,
    /// What was done or tried, such as `sign_in`.
    pub action: String,
    /// How it ended, such as `ok` or `wrong_password`.
    pub outcome: String,
    /// Where from.
    pub ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// A few words more, never a secret.
    pub detail: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

impl FromRow for Entry {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            user_id: row.get(0)?,
            action: row.get(1)?,
            outcome: row.get(2)?,
            ip: row.get(3)?,
            user_agent: row.get(4)?,
            detail: row.get(5)?,
            created_at: row.get(6)?,
        })
    }
}

/// Records an entry.
///
/// # Errors
/// The database's.
pub async fn record(store: &Store, entry: &Entry) -> Result<()> {
    store
        .db()
        .execute(
            Identity::System,
            Repeat::Unsafe,
            "INSERT INTO audit (user_id, action, outcome, ip, user_agent, detail, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
            vals![
                entry.user_id.clone(),
                &entry.action,
                &entry.outcome,
                entry.ip.clone(),
                entry.user_agent.clone(),
                entry.detail.clone(),
                entry.created_at
            ],
        )
        .await
        .map(drop)
}

/// A user's latest entries, newest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, user: &str, limit: i64) -> Result<Vec<Entry>> {
    store
        .db()
        .query(
            Identity::System,
            "SELECT user_id, action, outcome, ip, user_agent, detail, created_at FROM audit
         WHERE user_id = $1 ORDER BY id DESC LIMIT $2",
            vals![user, limit],
        )
        .await
}

/// A user's entries older than the row `before`, newest first, with their rows.
///
/// # Errors
/// The database's.
pub async fn page(store: &Store, user: &str, before: i64, limit: i64) -> Result<Vec<(i64, Entry)>> {
    let rows: Vec<Numbered> = store
        .db()
        .query(
            Identity::System,
            "SELECT user_id, action, outcome, ip, user_agent, detail, created_at, id FROM audit
         WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            vals![user, before, limit],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.entry)).collect())
}

struct Numbered {
    id: i64,
    entry: Entry,
}

impl FromRow for Numbered {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get(7)?, entry: Entry::from_row(row)? })
    }
}

/// Removes entries from before `before`. Answers how many.
///
/// # Errors
/// The database's.
pub async fn prune(store: &Store, before: Timestamp) -> Result<u64> {
    store.db().execute(Identity::System, Repeat::Safe, "DELETE FROM audit WHERE created_at < $1", vals![before]).await
}
