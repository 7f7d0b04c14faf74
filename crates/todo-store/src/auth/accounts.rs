//! The table `account`: how a user signs in. Ours have one row, the password.

use jiff::Timestamp;

use crate::{
    Store,
    db::{FromRow, Identity, Repeat, Row},
    error::Result,
    vals,
};

/// A way of signing in, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Row id.
    pub id: String,
    /// The user's id at the provider; for passwords the user's own id.
    pub account_id: String,
    /// `credential` for passwords.
    pub provider_id: String,
    /// Granted scopes, separated by commas.
    pub scope: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl FromRow for Account {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            account_id: row.get(1)?,
            provider_id: row.get(2)?,
            scope: row.get(3)?,
            created_at: row.get(4)?,
            updated_at: row.get(5)?,
        })
    }
}

/// All of a user's.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, user: &str) -> Result<Vec<Account>> {
    store
        .db()
        .query(
            Identity::System,
            r#"SELECT id, "accountId", "providerId", scope, "createdAt", "updatedAt" FROM account
           WHERE "userId" = $1 ORDER BY "createdAt", id"#,
            vals![user],
        )
        .await
}

/// Sets the password's hash, making the row `id` if the user has none.
///
/// # Errors
/// The database's.
pub async fn set_password(store: &Store, id: &str, user: &str, hash: &str, now: Timestamp) -> Result<()> {
    let (id, user, hash) = (id.to_owned(), user.to_owned(), hash.to_owned());
    store
        .db()
        .write(Identity::System, Repeat::Safe, move |tx| {
            let (id, user, hash) = (id.clone(), user.clone(), hash.clone());
            Box::pin(async move {
                let changed = tx
                    .execute(
                        r#"UPDATE account SET password = $2, "updatedAt" = $3
                       WHERE "userId" = $1 AND "providerId" = 'credential'"#,
                        &vals![&user, &hash, now],
                    )
                    .await?;
                if changed == 0 {
                    tx.execute(
                    r#"INSERT INTO account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
                       VALUES ($1, $2, 'credential', $2, $3, $4, $4)"#,
                    &vals![id, &user, &hash, now],
                )
                .await?;
                }
                Ok(())
            })
        })
        .await
}

/// Replaces the hash of an unchanged password by one in today's form, unless it was changed in the meantime.
///
/// # Errors
/// The database's.
pub async fn upgrade_hash(store: &Store, user: &str, old: &str, new: &str) -> Result<()> {
    store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            r#"UPDATE account SET password = $3 WHERE "userId" = $1 AND "providerId" = 'credential' AND password = $2"#,
            vals![user, old, new],
        )
        .await
        .map(drop)
}

/// Whether any password's hash is not argon2id: Better Auth's scrypt in a database that was taken over.
///
/// # Errors
/// The database's.
pub async fn any_legacy_hash(store: &Store) -> Result<bool> {
    let found: Option<(i64,)> = store
        .db()
        .query_opt(Identity::System, "SELECT 1 FROM account WHERE password NOT LIKE '$argon2%' LIMIT 1", vec![])
        .await?;
    Ok(found.is_some())
}
