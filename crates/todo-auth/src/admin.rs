//! What the operator does to accounts: create, list, lock, unlock, reset, remove.

use todo_store::auth::users::{self, User};
use todo_store::auth::{api_tokens, audit, limits, sessions, verifications};

use crate::audit::Action;
use crate::email;
use crate::error::{AuthError, Refusal};
use crate::random;
use crate::service::{Auth, Client, after};

/// How long the audit trail is kept: 180 days.
const AUDIT_SECONDS: i64 = 180 * 24 * 3600;
/// Counters older than a day serve nothing: the longest window is 15 minutes.
const LIMITS_SECONDS: i64 = 24 * 3600;

impl Auth {
    /// Makes an account. Without `password` the user gets a link to choose one.
    ///
    /// # Errors
    /// [`Refusal::InvalidEmail`], [`Refusal::UserAlreadyExists`], the password's rules; the database's.
    pub async fn admin_create(
        &self,
        email: &str,
        name: &str,
        password: Option<&str>,
    ) -> Result<(User, Option<String>), AuthError> {
        let email = email::normalise(email).ok_or(Refusal::InvalidEmail)?;
        if let Some(password) = password {
            self.config().password.judge(password, &email, name).map_err(Refusal::from)?;
        }
        let chosen = password.map_or_else(random::id, str::to_owned);
        let hash = self.inner.gate.hash(&chosen).await?;
        let user = User { email_verified: true, ..self.new_user(name.to_owned(), email, None) };
        if !users::create(self.store(), &user, &random::id(), &hash).await? {
            return Err(Refusal::UserAlreadyExists.into());
        }
        self.record(Action::SignUp, "by_operator", Some(&user.id), &Client::default(), None).await;
        let link = match password {
            Some(_) => None,
            None => Some(self.reset_link_for(&user).await?),
        };
        Ok((user, link))
    }

    /// Accounts, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn admin_list(&self, limit: i64, offset: i64) -> Result<Vec<User>, AuthError> {
        Ok(users::list(self.store(), limit, offset).await?)
    }

    /// The account with this address or id.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; the database's.
    pub async fn admin_find(&self, email_or_id: &str) -> Result<User, AuthError> {
        let by_email = match email::normalise(email_or_id) {
            Some(email) => users::find_by_email(self.store(), &email).await?.map(|credential| credential.user),
            None => None,
        };
        let found = match by_email {
            Some(user) => Some(user),
            None => self.user(email_or_id).await?,
        };
        found.ok_or_else(|| Refusal::NotFound.into())
    }

    /// Locks or unlocks an account. Locking ends its sessions; its tokens stop working while it lasts.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; the database's.
    pub async fn admin_set_locked(&self, email_or_id: &str, locked: bool) -> Result<User, AuthError> {
        let user = self.admin_find(email_or_id).await?;
        users::set_locked(self.store(), &user.id, locked, self.now()).await?;
        let action = if locked { Action::Locked } else { Action::Unlocked };
        self.record(action, "by_operator", Some(&user.id), &Client::default(), None).await;
        Ok(User { locked, ..user })
    }

    /// Ends all sessions and tokens of an account and answers a link to choose a new password.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; the database's.
    pub async fn admin_reset(&self, email_or_id: &str) -> Result<(User, String), AuthError> {
        let user = self.admin_find(email_or_id).await?;
        self.revoke_sessions(&user.id, None).await?;
        api_tokens::delete_all(self.store(), &user.id).await?;
        let link = self.reset_link_for(&user).await?;
        self.record(Action::SessionsRevoked, "by_operator", Some(&user.id), &Client::default(), None).await;
        Ok((user, link))
    }

    /// Removes an account with everything in it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; the database's.
    pub async fn admin_remove(&self, email_or_id: &str) -> Result<User, AuthError> {
        let user = self.admin_find(email_or_id).await?;
        self.erase(&user.id, &Client::default()).await?;
        Ok(user)
    }

    /// Removes what has expired: sessions, links, counters, old entries of the audit trail. For a job that runs now and then.
    ///
    /// # Errors
    /// The database's.
    pub async fn prune(&self) -> Result<(), AuthError> {
        let now = self.now();
        sessions::prune(self.store(), now).await?;
        verifications::prune(self.store(), now).await?;
        limits::prune(self.store(), after(now, -LIMITS_SECONDS).as_millisecond()).await?;
        audit::prune(self.store(), after(now, -AUDIT_SECONDS)).await?;
        Ok(())
    }
}
