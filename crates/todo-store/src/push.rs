//! Web Push subscriptions of a user's browsers.

use jiff::Timestamp;
use serde::Serialize;
use todo_domain::{Code, DomainError};
use uuid::Uuid;

use crate::{
    db::{FromRow, Repeat, Row},
    error::Result,
    scope::UserScope,
    vals,
};

/// Most subscriptions of one user; the oldest give way.
pub const SUBSCRIPTIONS_MAX: i64 = 50;

/// Where and how to reach one browser (RFC 8030, RFC 8291).
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PushSubscription {
    /// UUIDv7.
    pub id: Uuid,
    /// Address at the push service.
    pub endpoint: String,
    /// Public key of the browser, base64url.
    #[serde(skip)]
    pub p256dh: String,
    /// Shared secret, base64url.
    #[serde(skip)]
    pub auth: String,
    /// The browser, as it named itself.
    pub user_agent: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for PushSubscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Whoever knows the endpoint and the keys can send.
        f.debug_struct("PushSubscription").field("id", &self.id).finish_non_exhaustive()
    }
}

impl FromRow for PushSubscription {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            endpoint: row.get(1)?,
            p256dh: row.get(2)?,
            auth: row.get(3)?,
            user_agent: row.get(4)?,
            created_at: row.get(5)?,
        })
    }
}

const COLUMNS: &str = "id, endpoint, p256dh, auth, user_agent, created_at";

impl UserScope {
    /// All subscriptions, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn push_subscriptions(&self) -> Result<Vec<PushSubscription>> {
        let sql = format!("SELECT {COLUMNS} FROM push_subscriptions WHERE user_id = $1 ORDER BY id");
        self.db().query(self.identity(), sql, vals![self.user_id()]).await
    }

    /// One subscription.
    ///
    /// # Errors
    /// The database's.
    pub async fn push_subscription(&self, id: Uuid) -> Result<Option<PushSubscription>> {
        let sql = format!("SELECT {COLUMNS} FROM push_subscriptions WHERE user_id = $1 AND id = $2");
        self.db().query_opt(self.identity(), sql, vals![self.user_id(), id]).await
    }

    /// Adds a subscription; the same endpoint again takes the new keys and keeps its id. The caller has checked the address.
    ///
    /// # Errors
    /// A validation error on `endpoint`; the database's.
    pub async fn add_push_subscription(
        &self,
        endpoint: &str,
        p256dh: &str,
        auth: &str,
        user_agent: Option<&str>,
        now: Timestamp,
    ) -> Result<PushSubscription> {
        if endpoint.is_empty() || endpoint.len() > 2000 || endpoint.contains('\0') {
            return Err(DomainError::invalid("endpoint", "`endpoint` must be a URL of at most 2000 bytes.").into());
        }
        let sql = format!(
            "INSERT INTO push_subscriptions (user_id, id, endpoint, p256dh, auth, user_agent, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, endpoint) DO UPDATE SET \
             p256dh = excluded.p256dh, auth = excluded.auth, user_agent = excluded.user_agent RETURNING {COLUMNS}"
        );
        let params = vals![self.user_id(), Uuid::now_v7(), endpoint, p256dh, auth, user_agent, now];
        let rows = self.db().execute_returning(self.identity(), Repeat::Safe, sql, params).await?;
        self.db()
            .execute(
                self.identity(),
                Repeat::Safe,
                "DELETE FROM push_subscriptions WHERE user_id = $1 AND id NOT IN \
                 (SELECT id FROM push_subscriptions WHERE user_id = $1 ORDER BY id DESC LIMIT $2)",
                vals![self.user_id(), SUBSCRIPTIONS_MAX],
            )
            .await?;
        let none = || DomainError::new(Code::LimitReached, "The subscription was not kept.");
        Ok(rows.into_iter().next().ok_or_else(none)?)
    }

    /// Deletes a subscription; answers whether there was one.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete_push_subscription(&self, id: Uuid) -> Result<bool> {
        let sql = "DELETE FROM push_subscriptions WHERE user_id = $1 AND id = $2";
        Ok(self.db().execute(self.identity(), Repeat::Safe, sql, vals![self.user_id(), id]).await? > 0)
    }

    /// Deletes the subscription at an endpoint, as when the push service says it is gone.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete_push_endpoint(&self, endpoint: &str) -> Result<bool> {
        let sql = "DELETE FROM push_subscriptions WHERE user_id = $1 AND endpoint = $2";
        Ok(self.db().execute(self.identity(), Repeat::Safe, sql, vals![self.user_id(), endpoint]).await? > 0)
    }
}
