//! Webhooks: addresses that are told of a user's events.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use todo_domain::{Code, DomainError};
use uuid::Uuid;

use crate::{
    db::{FromRow, Repeat, Row},
    error::{Result, StoreError},
    scope::UserScope,
    service::lock,
    vals,
};

/// Most webhooks of one user.
pub const WEBHOOKS_MAX: i64 = 20;

/// An address that is told.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// UUIDv7.
    pub id: Uuid,
    /// Where events are posted.
    pub url: String,
    /// With what they are signed.
    #[serde(skip)]
    pub secret: String,
    /// Kinds of operations that are told; empty means all.
    pub events: Vec<String>,
    /// Off, it is told nothing.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("id", &self.id).field("active", &self.active).finish_non_exhaustive()
    }
}

impl FromRow for Webhook {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            url: row.get(1)?,
            secret: row.get(2)?,
            events: serde_json::from_str(&row.get::<String>(3)?)
                .map_err(|error| StoreError::Corrupt(format!("events of a webhook: {error}")))?,
            active: row.get(4)?,
            created_at: row.get(5)?,
        })
    }
}

const COLUMNS: &str = "id, url, secret, events, active, created_at";

impl UserScope {
    /// All webhooks, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>> {
        let sql = format!("SELECT {COLUMNS} FROM webhooks WHERE user_id = $1 ORDER BY id");
        self.db().query(self.identity(), sql, vals![self.user_id()]).await
    }

    /// One webhook.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook(&self, id: Uuid) -> Result<Option<Webhook>> {
        let sql = format!("SELECT {COLUMNS} FROM webhooks WHERE user_id = $1 AND id = $2");
        self.db().query_opt(self.identity(), sql, vals![self.user_id(), id]).await
    }

    /// Adds a webhook, or replaces the one with the same id. From then on events are queued as jobs of kind
    /// [`EVENT`](crate::jobs::EVENT). The caller has checked the address.
    ///
    /// # Errors
    /// [`Code::LimitReached`]; the database's.
    pub async fn save_webhook(&self, webhook: &Webhook) -> Result<()> {
        let work = Arc::new((self.user_id().clone(), webhook.clone()));
        self.db()
            .write(self.identity(), Repeat::Safe, move |tx| {
                let work = work.clone();
                Box::pin(async move {
                    let (user, webhook) = &*work;
                    lock(tx, user).await?;
                    let (others,): (i64,) = tx
                        .query_one(
                            "SELECT count(*) FROM webhooks WHERE user_id = $1 AND id <> $2",
                            &vals![user, webhook.id],
                        )
                        .await?;
                    if others >= WEBHOOKS_MAX {
                        let detail = format!("There can be at most {WEBHOOKS_MAX} webhooks; delete one first.");
                        return Err(DomainError::new(Code::LimitReached, detail).into());
                    }
                    let events = serde_json::Value::from(webhook.events.as_slice()).to_string();
                    tx.defer(
                        "INSERT INTO webhooks (user_id, id, url, secret, events, active, created_at) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, id) DO UPDATE SET \
                         url = excluded.url, secret = excluded.secret, events = excluded.events, active = excluded.active",
                        vals![
                            user,
                            webhook.id,
                            &webhook.url,
                            &webhook.secret,
                            events,
                            webhook.active,
                            webhook.created_at
                        ],
                    )
                    .await?;
                    tx.defer(FLAG, vals![user]).await
                })
            })
            .await
    }

    /// Deletes a webhook; answers whether there was one.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete_webhook(&self, id: Uuid) -> Result<bool> {
        let user = self.user_id().clone();
        self.db()
            .write(self.identity(), Repeat::Safe, move |tx| {
                let user = user.clone();
                Box::pin(async move {
                    lock(tx, &user).await?;
                    let gone =
                        tx.execute("DELETE FROM webhooks WHERE user_id = $1 AND id = $2", &vals![&user, id]).await?;
                    tx.defer(FLAG, vals![&user]).await?;
                    Ok(gone > 0)
                })
            })
            .await
    }
}

/// Commands look at the counters anyway, so it is there that they learn whether anybody is told.
const FLAG: &str =
    "UPDATE counters SET hooks = EXISTS (SELECT 1 FROM webhooks WHERE user_id = $1 AND active) WHERE user_id = $1";
