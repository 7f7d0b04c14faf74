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
    /// Where the link of the mail leads that proves the address, if one is sent.
    #[serde(rename = "callbackURL", skip_serializing_if = "Option::is_none")]
    pub callback: Option<&'a str>,
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
struct Delete<'a> {
    password: &'a str,
    #[serde(rename = "callbackURL")]
    callback: &'a str,
}

#[derive(Serialize)]
struct RequestReset<'a> {
    email: &'a str,
    #[serde(rename = "redirectTo")]
    page: &'a str,
}

#[derive(Serialize)]
struct Reset<'a> {
    token: &'a str,
    #[serde(rename = "newPassword")]
    password: &'a str,
}

#[derive(Serialize)]
struct Verify<'a> {
    email: &'a str,
    #[serde(rename = "callbackURL")]
    page: &'a str,
}

#[derive(Serialize)]
struct ChangeEmail<'a> {
    #[serde(rename = "newEmail")]
    email: &'a str,
    #[serde(rename = "callbackURL")]
    page: &'a str,
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

    /// Deletes the account with everything in it. Where that takes a mailed link, which leads to `callback`, no cookies change.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn delete_account(&self, password: &str, callback: &str) -> Result<Entered> {
        self.enter("/api/auth/delete-user", &Delete { password, callback }).await
    }

    /// Asks for a link for a new password; it leads to `page`, with the parameter `token` or `error`.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn request_password_reset(&self, email: &str, page: &str) -> Result<()> {
        self.enter("/api/auth/request-password-reset", &RequestReset { email, page }).await.map(drop)
    }

    /// Sets a new password by the token of a mailed link.
    ///
    /// # Errors
    /// Any [`crate::ClientError`]; the code `INVALID_TOKEN` when the link was used or has expired.
    pub async fn reset_password(&self, token: &str, password: &str) -> Result<()> {
        self.enter("/api/auth/reset-password", &Reset { token, password }).await.map(drop)
    }

    /// Asks for a link that proves the address; it leads to `page`.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn send_verification(&self, email: &str, page: &str) -> Result<()> {
        self.enter("/api/auth/send-verification-email", &Verify { email, page }).await.map(drop)
    }

    /// Asks for a link that makes `email` the address of the account; it leads to `page`.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn change_email(&self, email: &str, page: &str) -> Result<()> {
        self.enter("/api/auth/change-email", &ChangeEmail { email, page }).await.map(drop)
    }

    async fn enter(&self, path: &str, body: &impl Serialize) -> Result<Entered> {
        let (headers, answer): (HeaderMap, Option<Answer>) = self.call(Method::POST, path, &[], Some(body)).await?;
        let cookies = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
        Ok(Entered { cookies, token: answer.and_then(|answer| answer.token) })
    }
}
