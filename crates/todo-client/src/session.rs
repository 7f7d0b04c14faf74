//! Signing up, in and out. The wire is Better Auth's.

use http::{HeaderMap, HeaderValue, Method, header};
use serde::{Deserialize, Serialize};

use crate::{Client, Result};

/// What signing up takes.
#[derive(Serialize)]
pub struct NewAccount<'a> {
    /// How the person wants to be called.
    pub name: &'a str,
    /// E-mail address.
    pub email: &'a str,
    /// 8 to 128 characters.
    pub password: &'a str,
}

/// What signing in takes.
#[derive(Serialize)]
pub struct Credentials<'a> {
    /// E-mail address.
    pub email: &'a str,
    /// Password.
    pub password: &'a str,
    /// Whether the session outlives the browser.
    #[serde(rename = "rememberMe")]
    pub remember_me: bool,
}

/// A session was opened or closed.
#[derive(Debug)]
pub struct Entered {
    /// `Set-Cookie` values for the browser.
    pub cookies: Vec<HeaderValue>,
    /// Token for [`crate::Identity::bearer`].
    pub token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    token: Option<String>,
}

#[derive(Serialize)]
struct ChangePassword<'a> {
    #[serde(rename = "currentPassword")]
    current: &'a str,
    #[serde(rename = "newPassword")]
    new: &'a str,
    #[serde(rename = "revokeOtherSessions")]
    revoke: bool,
}

#[derive(Serialize)]
struct Password<'a> {
    password: &'a str,
}

#[derive(Serialize)]
struct Nothing {}

impl Client {
    /// Makes an account and signs in.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn sign_up(&self, account: &NewAccount<'_>) -> Result<Entered> {
        self.enter("/api/auth/sign-up/email", account).await
    }

    /// Signs in.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn sign_in(&self, credentials: &Credentials<'_>) -> Result<Entered> {
        self.enter("/api/auth/sign-in/email", credentials).await
    }

    /// Signs out.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn sign_out(&self) -> Result<Entered> {
        self.enter("/api/auth/sign-out", &Nothing {}).await
    }

    /// Changes the password; optionally ends all other sessions.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn change_password(&self, current: &str, new: &str, revoke_others: bool) -> Result<Entered> {
        self.enter("/api/auth/change-password", &ChangePassword { current, new, revoke: revoke_others }).await
    }

    /// Deletes the account with everything in it.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn delete_account(&self, password: &str) -> Result<Entered> {
        self.enter("/api/auth/delete-user", &Password { password }).await
    }

    async fn enter(&self, path: &str, body: &impl Serialize) -> Result<Entered> {
        let (headers, answer): (HeaderMap, Option<Answer>) = self.call(Method::POST, path, &[], Some(body)).await?;
        let cookies = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
        Ok(Entered { cookies, token: answer.and_then(|answer| answer.token) })
    }
}
