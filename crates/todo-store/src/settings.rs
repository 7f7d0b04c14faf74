//! A user's preferences.

use jiff::Timestamp;
use todo_domain::Settings;

use crate::{
    db::Repeat,
    error::{Result, StoreError},
    scope::UserScope,
    vals,
};

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
        match row {
            None => Ok(Settings::default()),
            Some((data,)) => {
                serde_json::from_str(&data).map_err(|error| StoreError::Corrupt(format!("settings: {error}")))
            }
        }
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
