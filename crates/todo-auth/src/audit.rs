//! The audit trail: sign-ins, failures, use of tokens and changes of credentials.

use futures::{Stream, stream};
use todo_store::auth::audit::{self, Entry};

use crate::error::AuthError;
use crate::service::{Auth, Client};

/// Entries that are read at once.
const PAGE: i64 = 200;

/// What is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// An account was made.
    SignUp,
    /// Somebody signed in, or tried to.
    SignIn,
    /// A session was ended by its user.
    SignOut,
    /// Sessions were ended from another one, or by the operator.
    SessionsRevoked,
    /// The password was changed, or an attempt failed.
    ChangePassword,
    /// A link for a new password was asked for.
    ResetRequested,
    /// A new password was chosen by link.
    PasswordReset,
    /// The address was proven.
    EmailVerified,
    /// The address was changed.
    EmailChanged,
    /// A personal token was made.
    TokenCreated,
    /// A personal token was used, noted at most every few minutes.
    TokenUsed,
    /// A personal token was removed.
    TokenRevoked,
    /// The operator locked the account.
    Locked,
    /// The operator unlocked the account.
    Unlocked,
    /// The account was removed. The entry itself survives without naming anybody.
    Deleted,
}

impl Action {
    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::SessionsRevoked => "sessions_revoked",
            Self::ChangePassword => "change_password",
            Self::ResetRequested => "reset_requested",
            Self::PasswordReset => "password_reset",
            Self::EmailVerified => "email_verified",
            Self::EmailChanged => "email_changed",
            Self::TokenCreated => "token_created",
            Self::TokenUsed => "token_used",
            Self::TokenRevoked => "token_revoked",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::Deleted => "deleted",
        }
    }
}

impl Auth {
    /// Records what happened. A failure to record is logged; it does not undo what happened.
    pub(crate) async fn record(
        &self,
        action: Action,
        outcome: &str,
        user: Option<&str>,
        client: &Client,
        detail: Option<String>,
    ) {
        tracing::info!(event_type = action.name(), outcome, user_id = user, ip = client.ip_text(), "account event");
        let entry = Entry {
            user_id: user.map(str::to_owned),
            action: action.name().to_owned(),
            outcome: outcome.to_owned(),
            ip: client.ip_text(),
            user_agent: client.user_agent.clone(),
            detail,
            created_at: self.now(),
        };
        if let Err(error) = audit::record(self.store(), &entry).await {
            tracing::error!(%error, event_type = action.name(), "an account event could not be recorded");
        }
    }

    /// The user's latest entries, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn activity(&self, user: &str, limit: i64) -> Result<Vec<Entry>, AuthError> {
        Ok(audit::list(self.store(), user, limit).await?)
    }

    /// All of the user's entries, newest first, in chunks.
    pub fn whole_activity<'a>(
        &'a self,
        user: &'a str,
    ) -> impl Stream<Item = Result<Vec<Entry>, AuthError>> + Send + use<'a> {
        stream::try_unfold(Some(i64::MAX), move |before| async move {
            let Some(before) = before else { return Ok(None) };
            let page = audit::page(self.store(), user, before, PAGE).await?;
            let last = page.last().map(|(row, _)| *row);
            Ok((!page.is_empty()).then(|| (page.into_iter().map(|(_, entry)| entry).collect(), last)))
        })
    }
}
