//! The table `session`. The column `token` holds a digest.

use jiff::Timestamp;
use todo_domain::Settings;

use super::users::{self, User};
use crate::{
    Store,
    db::{Dialect, FromRow, Identity, Repeat, Row, Statement},
    error::Result,
    settings, vals,
};

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Row id; also the handle by which another session of the same user may end it.
    pub id: String,
    /// Digest of the token.
    pub digest: String,
    /// The user.
    pub user_id: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last extended.
    pub updated_at: Timestamp,
    /// Where from.
    pub ip_address: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
}

const COLUMNS: &str =
    r#"s.id, s.token, s."userId", s."expiresAt", s."createdAt", s."updatedAt", s."ipAddress", s."userAgent""#;

impl FromRow for Session {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            digest: row.get(1)?,
            user_id: row.get(2)?,
            expires_at: row.get(3)?,
            created_at: row.get(4)?,
            updated_at: row.get(5)?,
            ip_address: row.get(6)?,
            user_agent: row.get(7)?,
        })
    }
}

/// A session with its user.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
    /// The user's preferences.
    pub settings: Settings,
}

impl FromRow for Live {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { session: Session::from_row(row)?, user: User::read(row, 8)?, settings: settings::read(row, 16)? })
    }
}

/// Stores a new session.
///
/// # Errors
/// The database's.
pub async fn create(store: &Store, session: &Session) -> Result<()> {
    store.db().execute(
        Identity::System,
        Repeat::Unsafe,
        r#"INSERT INTO session (id, token, "userId", "expiresAt", "createdAt", "updatedAt", "ipAddress", "userAgent")
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"#,
        vals![
            &session.id,
            &session.digest,
            &session.user_id,
            session.expires_at,
            session.created_at,
            session.updated_at,
            session.ip_address.clone(),
            session.user_agent.clone()
        ],
    )
    .await
    .map(drop)
}

/// The session with this token's digest, and its user, in one indexed read. It may have expired.
///
/// # Errors
/// The database's.
pub async fn find(store: &Store, digest: &str) -> Result<Option<Live>> {
    static LIVE: Statement = Statement::new(|dialect| live(dialect, "s.token = $1"));
    store.db().query_opt(Identity::System, LIVE.text(store.db().dialect()), vals![digest]).await
}

/// The session with this id, and its user.
///
/// # Errors
/// The database's.
pub async fn find_by_id(store: &Store, id: &str) -> Result<Option<Live>> {
    store.db().query_opt(Identity::System, live(store.db().dialect(), "s.id = $1"), vals![id]).await
}

fn live(dialect: Dialect, condition: &str) -> String {
    format!(
        r#"SELECT {COLUMNS}, {}, p.data FROM session s JOIN "user" u ON u.id = s."userId" {} WHERE {condition}"#,
        users::COLUMNS,
        settings::join(dialect)
    )
}

/// A user's sessions that have not expired, newest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, user: &str, now: Timestamp) -> Result<Vec<Session>> {
    store
        .db()
        .query(
            Identity::System,
            format!(
                r#"SELECT {COLUMNS} FROM session s WHERE s."userId" = $1 AND s."expiresAt" > $2
               ORDER BY s."createdAt" DESC, s.id"#
            ),
            vals![user, now],
        )
        .await
}

/// Moves the end of a session. Answers whether it still existed.
///
/// # Errors
/// The database's.
pub async fn extend(store: &Store, id: &str, expires_at: Timestamp, now: Timestamp) -> Result<bool> {
    let changed = store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            r#"UPDATE session SET "expiresAt" = $2, "updatedAt" = $3 WHERE id = $1"#,
            vals![id, expires_at, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Ends the session with this token's digest. Answers its user, if it existed.
///
/// # Errors
/// The database's.
pub async fn delete(store: &Store, digest: &str) -> Result<Option<String>> {
    let ended: Vec<(String,)> = store
        .db()
        .execute_returning(
            Identity::System,
            Repeat::Safe,
            r#"DELETE FROM session WHERE token = $1 RETURNING "userId""#,
            vals![digest],
        )
        .await?;
    Ok(ended.into_iter().next().map(|(user,)| user))
}

/// Ends one of the user's sessions, named by its token's digest or by its id. Answers whether there was one.
///
/// # Errors
/// The database's.
pub async fn delete_of_user(store: &Store, user: &str, digest: &str, id: &str) -> Result<bool> {
    let ended = store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            r#"DELETE FROM session WHERE "userId" = $1 AND (token = $2 OR id = $3)"#,
            vals![user, digest, id],
        )
        .await?;
    Ok(ended > 0)
}

/// Ends all of a user's sessions but the one with the id `except`. Answers how many.
///
/// # Errors
/// The database's.
pub async fn delete_all(store: &Store, user: &str, except: Option<&str>) -> Result<u64> {
    store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            r#"DELETE FROM session WHERE "userId" = $1 AND id <> $2"#,
            vals![user, except.unwrap_or_default()],
        )
        .await
}

/// Removes sessions that expired before `before`. Answers how many.
///
/// # Errors
/// The database's.
pub async fn prune(store: &Store, before: Timestamp) -> Result<u64> {
    store
        .db()
        .execute(Identity::System, Repeat::Safe, r#"DELETE FROM session WHERE "expiresAt" < $1"#, vals![before])
        .await
}
