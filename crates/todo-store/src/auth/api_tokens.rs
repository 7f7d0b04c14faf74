//! The table `api_tokens`: personal tokens for scripts, the command line and MCP clients. Only digests are stored.

use jiff::Timestamp;
use todo_domain::Settings;

use super::users::{self, User};
use crate::{
    Store,
    db::{Dialect, FromRow, Identity, Repeat, Row, Statement},
    error::Result,
    settings, vals,
};

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Row id, by which it is revoked.
    pub id: String,
    /// Whose.
    pub user_id: String,
    /// What the user calls it.
    pub name: String,
    /// The token's last characters, to tell it by.
    pub hint: String,
    /// Scopes, separated by spaces.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to within a few minutes.
    pub last_used_at: Option<Timestamp>,
}

const COLUMNS: &str = "t.id, t.user_id, t.name, t.hint, t.scopes, t.created_at, t.expires_at, t.last_used_at";

impl FromRow for ApiToken {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            user_id: row.get(1)?,
            name: row.get(2)?,
            hint: row.get(3)?,
            scopes: row.get(4)?,
            created_at: row.get(5)?,
            expires_at: row.get(6)?,
            last_used_at: row.get(7)?,
        })
    }
}

/// A token with its user.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The token.
    pub token: ApiToken,
    /// Its user.
    pub user: User,
    /// The user's preferences.
    pub settings: Settings,
}

impl FromRow for Live {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { token: ApiToken::from_row(row)?, user: User::read(row, 8)?, settings: settings::read(row, 16)? })
    }
}

/// Stores a token under its digest, unless the user has `limit` already. Answers whether it was stored.
///
/// # Errors
/// The database's.
pub async fn create(store: &Store, token: &ApiToken, digest: &str, limit: i64) -> Result<bool> {
    let made = store
        .db()
        .execute(
            Identity::System,
            Repeat::Unsafe,
            "INSERT INTO api_tokens (id, user_id, name, digest, hint, scopes, created_at, expires_at)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8
             WHERE (SELECT count(*) FROM api_tokens WHERE user_id = $2) < $9",
            vals![
                &token.id,
                &token.user_id,
                &token.name,
                digest,
                &token.hint,
                &token.scopes,
                token.created_at,
                token.expires_at,
                limit
            ],
        )
        .await?;
    Ok(made == 1)
}

/// The token with this digest and its user, in one indexed read. It may have expired.
///
/// # Errors
/// The database's.
pub async fn find(store: &Store, digest: &str) -> Result<Option<Live>> {
    static LIVE: Statement = Statement::new(live);
    store.db().query_opt(Identity::System, LIVE.text(store.db().dialect()), vals![digest]).await
}

fn live(dialect: Dialect) -> String {
    format!(
        r#"SELECT {COLUMNS}, {}, p.data FROM api_tokens t JOIN "user" u ON u.id = t.user_id {} WHERE t.digest = $1"#,
        users::COLUMNS,
        settings::join(dialect)
    )
}

/// A user's tokens, newest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, user: &str) -> Result<Vec<ApiToken>> {
    store
        .db()
        .query(
            Identity::System,
            format!("SELECT {COLUMNS} FROM api_tokens t WHERE t.user_id = $1 ORDER BY t.created_at DESC, t.id"),
            vals![user],
        )
        .await
}

/// Removes one of the user's tokens. Answers whether there was one.
///
/// # Errors
/// The database's.
pub async fn delete(store: &Store, user: &str, id: &str) -> Result<bool> {
    let gone = store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            "DELETE FROM api_tokens WHERE user_id = $1 AND id = $2",
            vals![user, id],
        )
        .await?;
    Ok(gone == 1)
}

/// Removes all of a user's tokens. Answers how many.
///
/// # Errors
/// The database's.
pub async fn delete_all(store: &Store, user: &str) -> Result<u64> {
    store.db().execute(Identity::System, Repeat::Safe, "DELETE FROM api_tokens WHERE user_id = $1", vals![user]).await
}

/// Notes that a token was used.
///
/// # Errors
/// The database's.
pub async fn touch(store: &Store, id: &str, now: Timestamp) -> Result<()> {
    store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1",
            vals![id, now],
        )
        .await
        .map(drop)
}
