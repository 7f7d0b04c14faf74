//! The table `rateLimit`: counters that all replicas share, for requests and for failed sign-ins.

use crate::{
    Store,
    db::{Identity, Repeat},
    error::Result,
    vals,
};

/// A counter after it was counted up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// How many in this window.
    pub count: i64,
    /// Milliseconds since the epoch of the last one that was counted.
    pub last_ms: i64,
}

/// Counts one more under `key`, in one atomic statement. A new window begins when the last count is `window_ms` or longer ago, or
/// that far ahead: then a clock went back, and must not lock anybody out until it is there again.
/// Beyond `limit` the counter stands still, so that a client that keeps trying is let in again after the window.
///
/// `id` is for the row if it is new.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, id: &str, key: &str, window_ms: i64, limit: i64, now_ms: i64) -> Result<Counter> {
    let rows: Vec<(i64, i64)> = store
        .db()
        .execute_returning(
            Identity::System,
            Repeat::Unsafe,
            r#"INSERT INTO "rateLimit" AS r (id, key, count, "lastRequest") VALUES ($1, $2, 1, $3)
               ON CONFLICT (key) DO UPDATE SET
                 count = CASE WHEN r."lastRequest" <= $4 OR r."lastRequest" >= $6 THEN 1
                              WHEN r.count > $5 THEN r.count ELSE r.count + 1 END,
                 "lastRequest" = CASE WHEN r."lastRequest" <= $4 OR r."lastRequest" >= $6 OR r.count < $5 THEN $3
                                      ELSE r."lastRequest" END
               RETURNING count, "lastRequest""#,
            vals![id, key, now_ms, now_ms.saturating_sub(window_ms), limit, now_ms.saturating_add(window_ms)],
        )
        .await?;
    let (count, last_ms) = rows.into_iter().next().unwrap_or((1, now_ms));
    Ok(Counter { count, last_ms })
}

/// Counts `amount` at once under `key`, in the window that begins at `window_ms`; answers the sum in that window.
///
/// `id` is for the row if it is new.
///
/// # Errors
/// The database's.
pub async fn take(store: &Store, id: &str, key: &str, window_ms: i64, amount: i64) -> Result<i64> {
    let rows: Vec<(i64,)> = store
        .db()
        .execute_returning(
            Identity::System,
            Repeat::Unsafe,
            r#"INSERT INTO "rateLimit" AS r (id, key, count, "lastRequest") VALUES ($1, $2, $3, $4)
               ON CONFLICT (key) DO UPDATE SET
                 count = CASE WHEN r."lastRequest" = $4 THEN r.count + $3 ELSE $3 END, "lastRequest" = $4
               RETURNING count"#,
            vals![id, key, amount, window_ms],
        )
        .await?;
    Ok(rows.first().map_or(amount, |row| row.0))
}

/// The counter under `key`, not counted up.
///
/// # Errors
/// The database's.
pub async fn read(store: &Store, key: &str) -> Result<Option<Counter>> {
    let found: Option<(i64, i64)> = store
        .db()
        .query_opt(Identity::System, r#"SELECT count, "lastRequest" FROM "rateLimit" WHERE key = $1"#, vals![key])
        .await?;
    Ok(found.map(|(count, last_ms)| Counter { count, last_ms }))
}

/// Forgets a counter.
///
/// # Errors
/// The database's.
pub async fn reset(store: &Store, key: &str) -> Result<()> {
    store
        .db()
        .execute(Identity::System, Repeat::Safe, r#"DELETE FROM "rateLimit" WHERE key = $1"#, vals![key])
        .await
        .map(drop)
}

/// Removes counters that were last counted up before `before_ms`. Answers how many.
///
/// # Errors
/// The database's.
pub async fn prune(store: &Store, before_ms: i64) -> Result<u64> {
    store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            r#"DELETE FROM "rateLimit" WHERE "lastRequest" < $1"#,
            vals![before_ms],
        )
        .await
}
