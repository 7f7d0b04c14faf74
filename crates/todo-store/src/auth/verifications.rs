//! The table `verification`: what a mailed token stands for. Identifiers contain the token's digest, never the token.

use jiff::Timestamp;

use crate::{
    Store,
    db::{Identity, Repeat, Val},
    error::Result,
    jobs::{self, NewJob},
    vals,
};

/// Stores what the identifier stands for.
///
/// # Errors
/// The database's.
pub async fn create(
    store: &Store,
    id: &str,
    identifier: &str,
    value: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    store
        .db()
        .execute(
            Identity::System,
            Repeat::Unsafe,
            r#"INSERT INTO verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
           VALUES ($1, $2, $3, $4, $5, $5)"#,
            vals![id, identifier, value, expires_at, now],
        )
        .await
        .map(drop)
}

/// A link that is about to be mailed.
#[derive(Clone, Debug)]
pub struct Link {
    /// Id of its row.
    pub id: String,
    /// What identifiers of its kind start with.
    pub kind: String,
    /// Kind and digest of its token.
    pub identifier: String,
    /// Whose it is: their earlier links of the kind end.
    pub owner: String,
    /// What it stands for.
    pub value: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The present moment.
    pub now: Timestamp,
    /// The job that mails it.
    pub mail: Option<NewJob>,
}

/// Stores a link together with the job that mails it, in one transaction: no mail without its link, no link without its mail.
///
/// # Errors
/// The database's.
pub async fn issue(store: &Store, link: Link) -> Result<()> {
    // As the worker, because row-level security lets nobody else add jobs of other users.
    store
        .db()
        .write(Identity::Worker, Repeat::Unsafe, move |tx| {
            let link = link.clone();
            Box::pin(async move {
                tx.execute(FORGET, &forgotten(&link.kind, &link.owner)).await?;
                tx.execute(
                    r#"INSERT INTO verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
                       VALUES ($1, $2, $3, $4, $5, $5)"#,
                    &vals![&link.id, &link.identifier, &link.value, link.expires_at, link.now],
                )
                .await?;
                match &link.mail {
                    Some(mail) => jobs::add(tx, mail).await,
                    None => Ok(()),
                }
            })
        })
        .await
}

/// What the identifier stands for, unless it has expired; it stays.
///
/// # Errors
/// The database's.
pub async fn peek(store: &Store, identifier: &str, now: Timestamp) -> Result<Option<String>> {
    let found: Option<(String,)> = store
        .db()
        .query_opt(
            Identity::System,
            r#"SELECT value FROM verification WHERE identifier = $1 AND "expiresAt" > $2"#,
            vals![identifier, now],
        )
        .await?;
    Ok(found.map(|(value,)| value))
}

/// Takes what the identifier stands for out of the table: a second call finds nothing. `None` when it has expired.
///
/// # Errors
/// The database's.
pub async fn consume(store: &Store, identifier: &str, now: Timestamp) -> Result<Option<String>> {
    let taken: Vec<(String, Timestamp)> = store
        .db()
        .execute_returning(
            Identity::System,
            Repeat::Unsafe,
            r#"DELETE FROM verification WHERE identifier = $1 RETURNING value, "expiresAt""#,
            vals![identifier],
        )
        .await?;
    Ok(taken.into_iter().find(|(_, expires_at)| *expires_at > now).map(|(value, _)| value))
}

/// Removes what stands for this user under identifiers that start with `prefix`: earlier links of the same kind. A value is the
/// user's id, alone or followed by a line feed and more.
///
/// # Errors
/// The database's.
pub async fn forget(store: &Store, prefix: &str, user: &str) -> Result<u64> {
    store.db().execute(Identity::System, Repeat::Safe, FORGET, forgotten(prefix, user)).await
}

const FORGET: &str = "DELETE FROM verification WHERE substr(identifier, 1, length($1)) = $1
    AND (value = $2 OR substr(value, 1, length($3)) = $3)";

fn forgotten(prefix: &str, user: &str) -> Vec<Val> {
    vals![prefix, user, format!("{user}\n")]
}

/// Removes what expired before `before`. Answers how many.
///
/// # Errors
/// The database's.
pub async fn prune(store: &Store, before: Timestamp) -> Result<u64> {
    store
        .db()
        .execute(Identity::System, Repeat::Safe, r#"DELETE FROM verification WHERE "expiresAt" < $1"#, vals![before])
        .await
}
