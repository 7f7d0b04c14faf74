//! The person's own things: profile, devices, API tokens, statistics.

use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Changed, Client, Result, request::segment};

/// Who the person is and how dates are written for them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Whether the address is proven.
    pub email_verified: bool,
    /// IANA time zone.
    pub timezone: String,
    /// First day of the week: `monday`, `sunday`, `saturday`.
    pub week_start: String,
    /// `dmy`, `mdy` or `ymd`.
    pub date_order: String,
    /// BCP 47 language tag; empty follows the browser.
    pub locale: Option<String>,
}

/// A change of the profile; `None` keeps.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProfilePatch {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// IANA time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// First day of the week.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week_start: Option<String>,
    /// Order of day, month and year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<String>,
    /// Language; `Some(None)` follows the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<Option<String>>,
}

/// A device that is signed in.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Id.
    pub id: String,
    /// Its token, by which it is revoked.
    pub token: String,
    /// Since when.
    pub created_at: Timestamp,
    /// What it calls itself.
    #[serde(default)]
    pub user_agent: Option<String>,
    /// From where.
    #[serde(default)]
    pub ip_address: Option<String>,
}

/// An API token; its secret is not kept.
#[derive(Clone, Debug, Deserialize)]
pub struct Token {
    /// Id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used last.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
    /// When it ends.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// What making a token takes.
#[derive(Clone, Debug, Serialize)]
pub struct TokenInput<'a> {
    /// What it is for.
    pub name: &'a str,
}

/// A token just made.
#[derive(Clone, Debug, Deserialize)]
pub struct NewToken {
    /// The secret; shown this once.
    pub token: String,
}

/// Something that happened to the account.
#[derive(Clone, Debug, Deserialize)]
pub struct Activity {
    /// What, such as `sign_in`.
    pub action: String,
    /// `ok`, or why not.
    pub outcome: String,
    /// From where.
    #[serde(default)]
    pub ip: Option<String>,
    /// With what.
    #[serde(default)]
    pub user_agent: Option<String>,
    /// A few words more.
    #[serde(default)]
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Numbers about the tasks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Stats {
    /// Open tasks.
    pub open: u64,
    /// Completed tasks.
    pub completed: u64,
    /// Open and past due.
    pub overdue: u64,
    /// Open and due today.
    pub due_today: u64,
    /// Open, in no project.
    pub inbox: u64,
    /// Days in a row, up to today, with something completed.
    pub streak_days: u64,
    /// Per day, oldest first.
    pub days: Vec<StatsDay>,
    /// Per project.
    pub projects: Vec<StatsProject>,
}

/// One day of the statistics.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StatsDay {
    /// The day.
    pub date: String,
    /// Completed on it.
    pub completed: u64,
    /// Made on it.
    pub created: u64,
    /// Overdue at its end.
    pub overdue: u64,
}

/// One project of the statistics.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StatsProject {
    /// Name; none is the inbox.
    pub name: Option<String>,
    /// Open tasks.
    pub open: u64,
    /// Completed tasks.
    pub completed: u64,
}

#[derive(Deserialize)]
struct Activities {
    activity: Vec<Activity>,
}

#[derive(Deserialize)]
struct Tokens {
    tokens: Vec<Token>,
}

#[derive(Serialize)]
struct Revoke<'a> {
    token: &'a str,
}

impl Client {
    /// The profile.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn profile(&self) -> Result<Profile> {
        self.get("/api/profile", &[]).await
    }

    /// Changes the profile.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn update_profile(&self, patch: &ProfilePatch) -> Result<Profile> {
        self.change(Method::PUT, "/api/profile", Some(patch)).await.map(|answer| answer.value)
    }

    /// The devices that are signed in.
    ///
    /// # Errors
    /// Any [`crate::ClientError`]; a refusal with 403 when the session is older than a day.
    pub async fn devices(&self) -> Result<Vec<Device>> {
        self.get("/api/auth/list-sessions", &[]).await
    }

    /// Signs a device out.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn revoke_device(&self, token: &str) -> Result<()> {
        self.post::<serde_json::Value>("/api/auth/revoke-session", &Revoke { token }).await.map(drop)
    }

    /// What happened to the account lately, newest first.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn activity(&self) -> Result<Vec<Activity>> {
        self.get::<Activities>("/api/activity", &[]).await.map(|answer| answer.activity)
    }

    /// API tokens.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn tokens(&self) -> Result<Vec<Token>> {
        self.get::<Tokens>("/api/tokens", &[]).await.map(|answer| answer.tokens)
    }

    /// Makes an API token.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn create_token(&self, input: &TokenInput<'_>) -> Result<NewToken> {
        self.post("/api/tokens", input).await.map(|answer| answer.value)
    }

    /// Revokes an API token.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn revoke_token(&self, id: &str) -> Result<()> {
        let path = format!("/api/tokens/{}", segment(id));
        self.change::<serde_json::Value>(Method::DELETE, &path, None::<&()>).await.map(|_: Changed<_>| ())
    }

    /// Numbers about the tasks.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn stats(&self) -> Result<Stats> {
        self.get("/api/stats", &[]).await
    }
}
