//! The table `user`.

use jiff::Timestamp;

use crate::{
    Store,
    db::{FromRow, Identity, Repeat, Row},
    error::Result,
    vals,
};

/// A user, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Opaque id.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Address in lower case.
    pub email: String,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// Address of a picture.
    pub image: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When its profile last changed.
    pub updated_at: Timestamp,
    /// Whether the operator has locked it.
    pub locked: bool,
}

/// Columns that [`User`] reads, in order; `u` is the table.
pub(super) const COLUMNS: &str =
    r#"u.id, u.name, u.email, u."emailVerified", u.image, u."createdAt", u."updatedAt", COALESCE(u.banned, false)"#;

impl User {
    pub(super) fn read(row: &Row<'_>, first: usize) -> Result<Self> {
        Ok(Self {
            id: row.get(first)?,
            name: row.get(first + 1)?,
            email: row.get(first + 2)?,
            email_verified: row.get(first + 3)?,
            image: row.get(first + 4)?,
            created_at: row.get(first + 5)?,
            updated_at: row.get(first + 6)?,
            locked: row.get(first + 7)?,
        })
    }
}

impl FromRow for User {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Self::read(row, 0)
    }
}

/// A user with the hash of their password.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The user.
    pub user: User,
    /// The stored hash; `None` when the user has no password.
    pub hash: Option<String>,
}

impl FromRow for Credential {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { user: User::read(row, 0)?, hash: row.get(8)? })
    }
}

/// Makes a user with a password, and the session if one is given. Answers `false`, and changes nothing, when the address is taken.
///
/// # Errors
/// The database's.
pub async fn create(store: &Store, user: &User, account_id: &str, hash: &str) -> Result<bool> {
    let (user, account_id, hash) = (user.clone(), account_id.to_owned(), hash.to_owned());
    store
        .db()
        .write(Identity::System, Repeat::Unsafe, move |tx| {
            let (user, account_id, hash) = (user.clone(), account_id.clone(), hash.clone());
            Box::pin(async move {
                let made = tx
                    .execute(
                        r#"INSERT INTO "user" (id, name, email, "emailVerified", image, "createdAt", "updatedAt")
                       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING"#,
                        &vals![
                            &user.id,
                            &user.name,
                            &user.email,
                            user.email_verified,
                            user.image.clone(),
                            user.created_at,
                            user.updated_at
                        ],
                    )
                    .await?;
                if made == 0 {
                    return Ok(false);
                }
                tx.execute(
                    r#"INSERT INTO account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
                   VALUES ($1, $2, 'credential', $2, $3, $4, $4)"#,
                    &vals![account_id, &user.id, hash, user.created_at],
                )
                .await?;
                Ok(true)
            })
        })
        .await
}

/// Address of the account that the command line makes for the owner of the machine. No mail can ever reach it.
const OWNER_EMAIL: &str = "owner@localhost";

/// Makes the account of the owner of the machine, without a password, and answers its id; of several programs that do so at
/// once the first wins.
///
/// # Errors
/// The database's.
pub async fn create_owner(store: &Store, id: &str, now: Timestamp) -> Result<String> {
    store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            r#"INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
               VALUES ($1, 'Owner', $2, false, $3, $3) ON CONFLICT (email) DO NOTHING"#,
            vals![id, OWNER_EMAIL, now],
        )
        .await?;
    let made = find_by_email(store, OWNER_EMAIL).await?;
    Ok(made.map_or_else(|| id.to_owned(), |made| made.user.id))
}

/// Gives the account of the owner of the machine a name, an address and a password: the first person who signs up takes over
/// what the command line has made. Answers the id, or `None` when there is no such account.
///
/// # Errors
/// The database's; a taken address breaks the rule that addresses are unique.
pub async fn adopt_owner(store: &Store, user: &User, account_id: &str, hash: &str) -> Result<Option<String>> {
    let (user, account_id, hash) = (user.clone(), account_id.to_owned(), hash.to_owned());
    store
        .db()
        .write(Identity::System, Repeat::Unsafe, move |tx| {
            let (user, account_id, hash) = (user.clone(), account_id.clone(), hash.clone());
            Box::pin(async move {
                let adopted: Option<(String,)> = tx
                    .query_opt(
                        r#"UPDATE "user" SET name = $2, email = $3, image = $4, "updatedAt" = $5
                           WHERE email = $1 RETURNING id"#,
                        &vals![OWNER_EMAIL, &user.name, &user.email, user.image.clone(), user.updated_at],
                    )
                    .await?;
                let Some((id,)) = adopted else { return Ok(None) };
                tx.execute(
                    r#"INSERT INTO account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
                   VALUES ($1, $2, 'credential', $2, $3, $4, $4)"#,
                    &vals![account_id, &id, hash, user.updated_at],
                )
                .await?;
                Ok(Some(id))
            })
        })
        .await
}

/// The user with this id.
///
/// # Errors
/// The database's.
pub async fn find(store: &Store, id: &str) -> Result<Option<User>> {
    store
        .db()
        .query_opt(Identity::System, format!(r#"SELECT {COLUMNS} FROM "user" u WHERE u.id = $1"#), vals![id])
        .await
}

/// The user with this address (lower case) and their password's hash.
///
/// # Errors
/// The database's.
pub async fn find_by_email(store: &Store, email: &str) -> Result<Option<Credential>> {
    store.db().query_opt(Identity::System, with_credential("u.email = $1"), vals![email]).await
}

/// The user with this id and their password's hash.
///
/// # Errors
/// The database's.
pub async fn find_with_credential(store: &Store, id: &str) -> Result<Option<Credential>> {
    store.db().query_opt(Identity::System, with_credential("u.id = $1"), vals![id]).await
}

fn with_credential(condition: &str) -> String {
    format!(
        r#"SELECT {COLUMNS}, a.password FROM "user" u
           LEFT JOIN account a ON a."userId" = u.id AND a."providerId" = 'credential' WHERE {condition}"#
    )
}

/// Users, oldest first, after the given id; for the operator.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, limit: i64, offset: i64) -> Result<Vec<User>> {
    store
        .db()
        .query(
            Identity::System,
            format!(r#"SELECT {COLUMNS} FROM "user" u ORDER BY u."createdAt", u.id LIMIT $1 OFFSET $2"#),
            vals![limit, offset],
        )
        .await
}

/// Whether there is any user.
///
/// # Errors
/// The database's.
pub async fn any(store: &Store) -> Result<bool> {
    let found: Option<(i64,)> =
        store.db().query_opt(Identity::System, r#"SELECT 1 FROM "user" LIMIT 1"#, vec![]).await?;
    Ok(found.is_some())
}

/// Changes name and picture; a `None` leaves the one there is.
///
/// # Errors
/// The database's.
pub async fn update_profile(
    store: &Store,
    id: &str,
    name: Option<&str>,
    image: Option<Option<&str>>,
    now: Timestamp,
) -> Result<()> {
    store.db().execute(
        Identity::System,
        Repeat::Safe,
        r#"UPDATE "user" SET name = COALESCE($2, name), image = CASE WHEN $3 THEN $4 ELSE image END, "updatedAt" = $5
           WHERE id = $1"#,
        vals![id, name, image.is_some(), image.flatten(), now],
    )
    .await
    .map(drop)
}

/// Marks the address as proven.
///
/// # Errors
/// The database's.
pub async fn verify_email(store: &Store, id: &str, now: Timestamp) -> Result<()> {
    store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            r#"UPDATE "user" SET "emailVerified" = true, "updatedAt" = $2 WHERE id = $1"#,
            vals![id, now],
        )
        .await
        .map(drop)
}

/// Changes the address to a proven one. Answers `false` when somebody else has it.
///
/// # Errors
/// The database's.
pub async fn change_email(store: &Store, id: &str, email: &str, verified: bool, now: Timestamp) -> Result<bool> {
    let changed = store
        .db()
        .execute(
            Identity::System,
            Repeat::Safe,
            r#"UPDATE "user" SET email = $2, "emailVerified" = $3, "updatedAt" = $4
               WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM "user" o WHERE o.email = $2 AND o.id <> $1)"#,
            vals![id, email, verified, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Locks or unlocks; a locked user's sessions end. Answers whether there is such a user.
///
/// # Errors
/// The database's.
pub async fn set_locked(store: &Store, id: &str, locked: bool, now: Timestamp) -> Result<bool> {
    let id = id.to_owned();
    store
        .db()
        .write(Identity::System, Repeat::Safe, move |tx| {
            let id = id.clone();
            Box::pin(async move {
                let found = tx
                    .execute(
                        r#"UPDATE "user" SET banned = $2, "updatedAt" = $3 WHERE id = $1"#,
                        &vals![&id, locked, now],
                    )
                    .await?;
                if locked {
                    tx.execute(r#"DELETE FROM session WHERE "userId" = $1"#, &vals![&id]).await?;
                }
                Ok(found == 1)
            })
        })
        .await
}
