//! The table `jwks`: our signing keys. Private parts are stored as the caller gives them, encrypted.

use jiff::Timestamp;

use crate::{
    Store,
    db::{FromRow, Identity, Repeat, Row},
    error::Result,
    vals,
};

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwkRow {
    /// The `kid`.
    pub id: String,
    /// JSON text of the public key.
    pub public_key: String,
    /// JSON text of the encrypted private key.
    pub private_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops signing.
    pub expires_at: Option<Timestamp>,
    /// Algorithm, if known.
    pub alg: Option<String>,
    /// Curve, if known.
    pub crv: Option<String>,
}

impl FromRow for JwkRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            public_key: row.get(1)?,
            private_key: row.get(2)?,
            created_at: row.get(3)?,
            expires_at: row.get(4)?,
            alg: row.get(5)?,
            crv: row.get(6)?,
        })
    }
}

/// All keys, newest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store) -> Result<Vec<JwkRow>> {
    store
        .db()
        .query(
            Identity::System,
            r#"SELECT id, "publicKey", "privateKey", "createdAt", "expiresAt", alg, crv FROM jwks
           ORDER BY "createdAt" DESC, id"#,
            vec![],
        )
        .await
}

/// Stores a key.
///
/// # Errors
/// The database's.
pub async fn create(store: &Store, key: &JwkRow) -> Result<()> {
    store
        .db()
        .execute(
            Identity::System,
            Repeat::Unsafe,
            r#"INSERT INTO jwks (id, "publicKey", "privateKey", "createdAt", "expiresAt", alg, crv)
           VALUES ($1, $2, $3, $4, $5, $6, $7)"#,
            vals![
                &key.id,
                &key.public_key,
                &key.private_key,
                key.created_at,
                key.expires_at,
                key.alg.clone(),
                key.crv.clone()
            ],
        )
        .await
        .map(drop)
}
