//! Links that are mailed: a new password, a proven address, a changed address, a deletion. Tokens are opaque, work once, and only
//! their digests are stored.

use todo_domain::id::UserId;
use todo_store::auth::users::{self, User};
use todo_store::auth::verifications::{self, Link};

use crate::audit::Action;
use crate::cookie::percent_encode;
use crate::email;
use crate::error::{AuthError, Refusal};
use crate::mail::{Letter, Subject};
use crate::random;
use crate::service::{Auth, Client, after};

/// How long a link works.
const LINK_SECONDS: i64 = 3600;
/// Length of Better Auth's reset tokens; 142 bits.
const TOKEN_LENGTH: usize = 24;

const RESET: &str = "reset-password:";
const VERIFY: &str = "verify-email:";
const CHANGE: &str = "change-email:";
const DELETE: &str = "delete-account:";

/// What following a link of a mail led to.
#[derive(Clone, Debug)]
pub enum Proven {
    /// The address was proven.
    Verified(User),
    /// It had been proven before.
    AlreadyVerified,
    /// The user has a new address.
    Changed(User),
}

impl Auth {
    /// Mails a link for a new password, if the address is known. Nobody learns which from the answer or its time.
    ///
    /// # Errors
    /// [`Refusal::InvalidEmail`]; the database's.
    pub async fn request_reset(&self, email: &str, redirect: Option<&str>, client: &Client) -> Result<(), AuthError> {
        let email = email::normalise(email).ok_or(Refusal::InvalidEmail)?;
        let found = users::find_by_email(self.store(), &email).await?;
        let user = found.map(|credential| credential.user);
        // The same is written in either case, so that the time is the same; nobody has the token of the other.
        let (owner, to) = user.as_ref().map_or(("", ""), |user| (user.id.as_str(), user.email.as_str()));
        let token = new_token();
        let link = self.reset_link(&token, redirect);
        self.mail_link(RESET, owner, owner, &token, (Subject::ResetPassword, to, link)).await?;
        self.record(Action::ResetRequested, "ok", user.as_ref().map(|user| user.id.as_str()), client, None).await;
        Ok(())
    }

    fn reset_link(&self, token: &str, redirect: Option<&str>) -> String {
        let link = format!("{}/api/auth/reset-password/{token}", self.config().origin());
        match redirect {
            Some(redirect) => format!("{link}?callbackURL={}", percent_encode(redirect)),
            None => link,
        }
    }

    /// Whether a reset token would work now; it is not used up.
    ///
    /// # Errors
    /// The database's.
    pub async fn reset_token_works(&self, token: &str) -> Result<bool, AuthError> {
        let owner = verifications::peek(self.store(), &identifier(RESET, token), self.now()).await?;
        Ok(owner.is_some_and(|owner| !owner.is_empty()))
    }

    /// Sets the password of the user to whom the token was mailed. All their sessions and links end: whoever asks for a new
    /// password may have lost the old one to somebody.
    ///
    /// # Errors
    /// The password's rules, [`Refusal::InvalidToken`], [`AuthError::Busy`].
    pub async fn reset_password(&self, token: &str, password: &str, client: &Client) -> Result<(), AuthError> {
        self.config().password.judge(password, "", "").map_err(Refusal::from)?;
        let owner = verifications::consume(self.store(), &identifier(RESET, token), self.now()).await?;
        let owner = owner.filter(|owner| !owner.is_empty()).ok_or(Refusal::InvalidToken)?;
        let user = self.user(&owner).await?.ok_or(Refusal::InvalidToken)?;
        self.set_password(&user.id, password).await?;
        verifications::forget(self.store(), RESET, &user.id).await?;
        self.revoke_sessions(&user.id, None).await?;
        if !user.email_verified {
            // The link came by mail, which proves the address.
            users::verify_email(self.store(), &user.id, self.now()).await?;
        }
        self.record(Action::PasswordReset, "ok", Some(&user.id), client, None).await;
        Ok(())
    }

    /// A link for a new password that the operator hands to the user.
    pub(crate) async fn reset_link_for(&self, user: &User) -> Result<String, AuthError> {
        let token = new_token();
        verifications::issue(self.store(), self.new_link(RESET, &user.id, &user.id, &token)).await?;
        Ok(self.reset_link(&token, None))
    }

    /// Mails a link that proves the address, for a visitor who is not signed in: the same answer whoever asks.
    ///
    /// # Errors
    /// [`Refusal::InvalidEmail`]; the database's.
    pub async fn request_verification(&self, email: &str, callback: Option<&str>) -> Result<(), AuthError> {
        let email = email::normalise(email).ok_or(Refusal::InvalidEmail)?;
        let found = users::find_by_email(self.store(), &email).await?;
        match found.map(|credential| credential.user).filter(|user| !user.email_verified) {
            Some(user) => self.send_verification(&user, callback).await,
            None => Ok(()),
        }
    }

    /// Mails a link that proves the user's address.
    ///
    /// # Errors
    /// The database's.
    pub async fn send_verification(&self, user: &User, callback: Option<&str>) -> Result<(), AuthError> {
        let token = new_token();
        let value = format!("{}\n{}", user.id, user.email);
        let link = self.verify_link(&token, callback);
        self.mail_link(VERIFY, &user.id, &value, &token, (Subject::VerifyEmail, &user.email, link)).await
    }

    fn verify_link(&self, token: &str, callback: Option<&str>) -> String {
        let callback = percent_encode(callback.unwrap_or("/"));
        format!("{}/api/auth/verify-email?token={token}&callbackURL={callback}", self.config().origin())
    }

    /// Mails a link to the new address that makes it the user's. A taken address is answered alike.
    ///
    /// # Errors
    /// [`Refusal::InvalidEmail`], [`Refusal::SameEmail`]; the database's.
    pub async fn request_email_change(
        &self,
        user: &User,
        new_email: &str,
        callback: Option<&str>,
    ) -> Result<(), AuthError> {
        let email = email::normalise(new_email).ok_or(Refusal::InvalidEmail)?;
        if email == user.email {
            return Err(Refusal::SameEmail.into());
        }
        let taken = users::find_by_email(self.store(), &email).await?.is_some();
        let token = new_token();
        let value = format!("{}\n{email}", user.id);
        let link = self.verify_link(&token, callback);
        let to = if taken { "" } else { &email };
        self.mail_link(CHANGE, &user.id, &value, &token, (Subject::ChangeEmail, to, link)).await
    }

    /// Follows a link of [`Auth::send_verification`] or [`Auth::request_email_change`].
    ///
    /// # Errors
    /// [`Refusal::InvalidToken`]; the database's.
    pub async fn verify_email(&self, token: &str, client: &Client) -> Result<Proven, AuthError> {
        let now = self.now();
        if let Some(value) = verifications::consume(self.store(), &identifier(VERIFY, token), now).await? {
            let user = self.owner_of(&value).await?;
            if user.email_verified {
                return Ok(Proven::AlreadyVerified);
            }
            users::verify_email(self.store(), &user.id, now).await?;
            self.record(Action::EmailVerified, "ok", Some(&user.id), client, None).await;
            return Ok(Proven::Verified(User { email_verified: true, updated_at: now, ..user }));
        }
        let value = verifications::consume(self.store(), &identifier(CHANGE, token), now).await?;
        let value = value.ok_or(Refusal::InvalidToken)?;
        let (owner, email) = value.split_once('\n').ok_or(Refusal::InvalidToken)?;
        let user = self.user(owner).await?.ok_or(Refusal::InvalidToken)?;
        if !users::change_email(self.store(), &user.id, email, true, now).await? {
            return Err(Refusal::InvalidToken.into());
        }
        // Links that were mailed to the old address must not work for the new one.
        verifications::forget(self.store(), RESET, &user.id).await?;
        self.record(Action::EmailChanged, "ok", Some(&user.id), client, None).await;
        Ok(Proven::Changed(User { email: email.to_owned(), email_verified: true, updated_at: now, ..user }))
    }

    /// The user of `id\naddress`, if the address is still theirs.
    async fn owner_of(&self, value: &str) -> Result<User, AuthError> {
        let (owner, email) = value.split_once('\n').ok_or(Refusal::InvalidToken)?;
        let user = self.user(owner).await?.filter(|user| user.email == email);
        user.ok_or_else(|| Refusal::InvalidToken.into())
    }

    /// Mails a link that removes the account of the signed-in user ([`Auth::confirm_deletion`]).
    ///
    /// # Errors
    /// The database's.
    pub async fn request_deletion(&self, user: &User, callback: Option<&str>) -> Result<(), AuthError> {
        let token = new_token();
        let callback = percent_encode(callback.unwrap_or("/"));
        let origin = self.config().origin();
        let link = format!("{origin}/api/auth/delete-user/callback?token={token}&callbackURL={callback}");
        self.mail_link(DELETE, &user.id, &user.id, &token, (Subject::DeleteAccount, &user.email, link)).await
    }

    /// Whether the token was mailed to this user to remove their account, by us or by Better Auth before its database was taken
    /// over. It is used up.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn consume_deletion(&self, user: &User, token: &str) -> Result<bool, AuthError> {
        for identifier in [identifier(DELETE, token), format!("delete-account-{token}")] {
            let owner = verifications::consume(self.store(), &identifier, self.now()).await?;
            if owner.as_deref() == Some(user.id.as_str()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Stores a link together with the letter that carries it; the earlier links of the same kind and owner end.
    async fn mail_link(
        &self,
        kind: &str,
        owner: &str,
        value: &str,
        token: &str,
        (subject, to, link): (Subject, &str, String),
    ) -> Result<(), AuthError> {
        let row = self.new_link(kind, owner, value, token);
        let letter = Letter { to: to.to_owned(), subject, link, until: row.expires_at, message_id: random::id() };
        let user = (!owner.is_empty()).then(|| UserId::new(owner.to_owned()));
        let mail = self.mail_job(&letter, user, row.now);
        verifications::issue(self.store(), Link { mail, ..row }).await?;
        self.posted(&letter);
        Ok(())
    }

    fn new_link(&self, kind: &str, owner: &str, value: &str, token: &str) -> Link {
        let now = self.now();
        Link {
            id: random::id(),
            kind: kind.to_owned(),
            identifier: identifier(kind, token),
            // Links that lead nowhere belong to nobody, so none ends another.
            owner: if owner.is_empty() { random::id() } else { owner.to_owned() },
            value: value.to_owned(),
            expires_at: after(now, LINK_SECONDS),
            now,
            mail: None,
        }
    }
}

fn new_token() -> String {
    random::alphanumeric(TOKEN_LENGTH)
}

fn identifier(kind: &str, token: &str) -> String {
    format!("{kind}{}", random::digest(token))
}
