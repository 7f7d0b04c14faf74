//! A user's preferences.

use jiff::Timestamp;
use todo_domain::Settings;

use crate::{
    db::{Dialect, Repeat, Row},
    error::{Result, StoreError},
    scope::UserScope,
    vals,
};

/// Joins the preferences of the user `u` to a statement that finds out who is asking, as `p.data`: so a request needs no statement
/// of its own for them. On PostgreSQL the join names the user to row-level security first, in the order that `OFFSET 0` enforces.
pub(crate) const fn join(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => {
            "LEFT JOIN LATERAL (SELECT set_config('app.user_id', u.id, true) AS given OFFSET 0) AS caller ON true \
             LEFT JOIN LATERAL (SELECT data FROM settings WHERE user_id = caller.given OFFSET 0) AS p ON true"
        }
        Dialect::Sqlite => "LEFT JOIN settings AS p ON p.user_id = u.id",
    }
}

/// Reads `p.data` of [`join`].
pub(crate) fn read(row: &Row<'_>, index: usize) -> Result<Settings> {
    row.get::<Option<String>>(index)?.map_or_else(|| Ok(Settings::default()), |data| parse(&data))
}

fn parse(data: &str) -> Result<Settings> {
    serde_json::from_str(data).map_err(|error| StoreError::Corrupt(format!("settings: {error}")))
}

impl UserScope {
    /// The preferences; the defaults when none were saved.
    ///
    /// # Errors
    /// The database's.
    pub async fn settings(&self) -> Result<Settings> {
        let row: Option<(String,)> = self
            .db()
            .query_opt(self.identity(), "SELECT data FROM settings WHERE user_id = $1", vals![self.user_id()])
            .await?;
        row.map_or_else(|| Ok(Settings::default()), |(data,)| parse(&data))
    }

    /// Saves the preferences.
    ///
    /// # Errors
    /// A validation error; the database's.
    pub async fn save_settings(&self, settings: &Settings, now: Timestamp) -> Result<()> {
        settings.check()?;
        let data =
            serde_json::to_string(settings).map_err(|error| StoreError::Corrupt(format!("settings: {error}")))?;
        self.db()
            .execute(
                self.identity(),
                Repeat::Safe,
                "INSERT INTO settings (user_id, data, updated_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (user_id) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at",
                vals![self.user_id(), data, now],
            )
            .await?;
        Ok(())
    }
}
