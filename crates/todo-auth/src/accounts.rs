//! Accounts: sign-up, sign-in, change of password and profile, deletion.

use todo_domain::id::UserId;
use todo_store::auth::accounts::{self, Account};
use todo_store::auth::users::{self, User};
use todo_store::auth::{erase, sessions::Live};

use crate::audit::Action;
use crate::email;
use crate::error::{AuthError, Refusal};
use crate::password::{Policy, Verdict, Weakness};
use crate::random;
use crate::service::{Auth, Client};
use crate::sessions::NewSession;

/// What a new user gives.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// Name to show.
    pub name: String,
    /// Address.
    pub email: String,
    /// Password.
    pub password: String,
    /// Address of a picture.
    pub image: Option<String>,
    /// Whether the session outlives the browser.
    pub remember: bool,
    /// Where the link of the verification mail leads at last.
    pub callback: Option<String>,
}

/// The outcome of a sign-up.
#[derive(Clone, Debug)]
pub struct SignedUp {
    /// The new user; made up when the address is taken and that must not be told.
    pub user: User,
    /// The session, unless the address has to be proven first.
    pub session: Option<NewSession>,
}

impl From<Weakness> for Refusal {
    fn from(weakness: Weakness) -> Self {
        match weakness {
            Weakness::TooShort => Self::PasswordTooShort,
            Weakness::TooLong => Self::PasswordTooLong,
            Weakness::Guessable => Self::PasswordTooCommon,
        }
    }
}

impl Auth {
    /// Makes an account and signs it in.
    ///
    /// With verification required, a taken address is answered like a free one, after the same work: nobody learns who has an
    /// account here.
    ///
    /// # Errors
    /// [`Refusal::SignUpDisabled`], [`Refusal::InvalidEmail`], the password's rules, [`Refusal::UserAlreadyExists`], [`AuthError::Busy`].
    pub async fn sign_up(&self, new: SignUp, client: &Client) -> Result<SignedUp, AuthError> {
        if !self.config().sign_up {
            return Err(Refusal::SignUpDisabled.into());
        }
        let email = email::normalise(&new.email).ok_or(Refusal::InvalidEmail)?;
        self.config().password.judge(&new.password, &email, &new.name).map_err(Refusal::from)?;
        self.inner.gate.require_room()?;
        let verify = self.config().require_verification;
        let taken = users::find_by_email(self.store(), &email).await?.is_some();
        if taken && !verify {
            self.record(Action::SignUp, "taken", None, client, None).await;
            return Err(Refusal::UserAlreadyExists.into());
        }
        let hash = self.inner.gate.hash(&new.password).await?;
        let mut user = self.new_user(new.name, email, new.image);
        let adopted = if taken { None } else { users::adopt_owner(self.store(), &user, &random::id(), &hash).await? };
        let made = match adopted {
            Some(id) => {
                user.id = id;
                true
            }
            None => !taken && users::create(self.store(), &user, &random::id(), &hash).await?,
        };
        if !made {
            self.record(Action::SignUp, "taken", None, client, None).await;
            // Between the look and the write somebody else may have taken it.
            return if verify { Ok(SignedUp { user, session: None }) } else { Err(Refusal::UserAlreadyExists.into()) };
        }
        self.record(Action::SignUp, "ok", Some(&user.id), client, None).await;
        if verify {
            self.send_verification(&user, new.callback.as_deref()).await?;
            return Ok(SignedUp { user, session: None });
        }
        let session = self.start_session(&user, new.remember, client).await?;
        Ok(SignedUp { user, session: Some(session) })
    }

    /// The account for the command line on the machine itself: the only one there is, else, when there is none, a new one without
    /// a password, which the first person who signs up takes over. `None` when there are several.
    ///
    /// # Errors
    /// The database's.
    pub async fn local_owner(&self) -> Result<Option<UserId>, AuthError> {
        Ok(match users::list(self.store(), 2, 0).await?.as_slice() {
            [] => Some(UserId::new(users::create_owner(self.store(), &random::id(), self.now()).await?)),
            [only] => Some(UserId::new(only.id.clone())),
            _ => None,
        })
    }

    pub(crate) fn new_user(&self, name: String, email: String, image: Option<String>) -> User {
        let now = self.now();
        User {
            id: random::id(),
            name,
            email,
            email_verified: false,
            image,
            created_at: now,
            updated_at: now,
            locked: false,
        }
    }

    /// Signs in. An unknown address costs and answers the same as a wrong password.
    ///
    /// # Errors
    /// [`Refusal::InvalidEmail`], [`Refusal::PasswordTooLong`], [`Refusal::InvalidEmailOrPassword`],
    /// [`Refusal::EmailNotVerified`], [`Refusal::AccountDisabled`], [`AuthError::Locked`], [`AuthError::Busy`].
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        remember: bool,
        client: &Client,
    ) -> Result<(User, NewSession), AuthError> {
        let email = email::normalise(email).ok_or(Refusal::InvalidEmail)?;
        if Policy::is_too_long(password) {
            return Err(Refusal::PasswordTooLong.into());
        }
        self.inner.gate.require_room()?;
        self.check_failures(&email, client).await?;
        let found = users::find_by_email(self.store(), &email).await?;
        let hash = found.as_ref().and_then(|credential| credential.hash.as_deref());
        let verdict = self.inner.gate.check(hash, password).await?;
        let (Verdict::Right { rehash }, Some(credential)) = (verdict, &found) else {
            self.count_failure(&email, client).await?;
            let user = found.as_ref().map(|credential| credential.user.id.as_str());
            self.record(Action::SignIn, "wrong_credentials", user, client, None).await;
            return Err(Refusal::InvalidEmailOrPassword.into());
        };
        let user = credential.user.clone();
        if let (Some(old), Some(new)) = (hash, rehash) {
            accounts::upgrade_hash(self.store(), &user.id, old, &new).await?;
        }
        self.forgive_failures(&email, client).await?;
        if user.locked {
            self.record(Action::SignIn, "locked", Some(&user.id), client, None).await;
            return Err(Refusal::AccountDisabled.into());
        }
        if self.config().require_verification && !user.email_verified {
            self.send_verification(&user, None).await?;
            self.record(Action::SignIn, "not_verified", Some(&user.id), client, None).await;
            return Err(Refusal::EmailNotVerified.into());
        }
        let session = self.start_session(&user, remember, client).await?;
        self.record(Action::SignIn, "ok", Some(&user.id), client, None).await;
        Ok((user, session))
    }

    /// Checks the password of a signed-in user.
    ///
    /// # Errors
    /// [`Refusal::PasswordTooLong`], [`Refusal::CredentialAccountNotFound`], [`Refusal::InvalidPassword`], [`AuthError::Locked`],
    /// [`AuthError::Busy`].
    pub async fn check_password(&self, user: &User, password: &str, client: &Client) -> Result<(), AuthError> {
        if Policy::is_too_long(password) {
            return Err(Refusal::PasswordTooLong.into());
        }
        self.check_failures(&user.email, client).await?;
        let found = users::find_with_credential(self.store(), &user.id).await?;
        let hash = found.and_then(|credential| credential.hash).ok_or(Refusal::CredentialAccountNotFound)?;
        match self.inner.gate.check(Some(&hash), password).await? {
            Verdict::Right { .. } => Ok(()),
            Verdict::Wrong => {
                self.count_failure(&user.email, client).await?;
                Err(Refusal::InvalidPassword.into())
            }
        }
    }

    /// Changes the password. With `revoke` all sessions end and a new one begins.
    ///
    /// # Errors
    /// As [`Auth::check_password`], and the rules for new passwords.
    pub async fn change_password(
        &self,
        live: &Live,
        current: &str,
        new: &str,
        revoke: bool,
        client: &Client,
    ) -> Result<Option<NewSession>, AuthError> {
        let user = &live.user;
        self.config().password.judge(new, &user.email, &user.name).map_err(Refusal::from)?;
        if let Err(error) = self.check_password(user, current, client).await {
            if matches!(error, AuthError::Refused(Refusal::InvalidPassword)) {
                self.record(Action::ChangePassword, "wrong_password", Some(&user.id), client, None).await;
            }
            return Err(error);
        }
        self.set_password(&user.id, new).await?;
        self.record(Action::ChangePassword, "ok", Some(&user.id), client, None).await;
        if !revoke {
            return Ok(None);
        }
        self.revoke_sessions(&user.id, None).await?;
        self.start_session(user, true, client).await.map(Some)
    }

    pub(crate) async fn set_password(&self, user: &str, password: &str) -> Result<(), AuthError> {
        let hash = self.inner.gate.hash(password).await?;
        accounts::set_password(self.store(), &random::id(), user, &hash, self.now()).await?;
        Ok(())
    }

    /// Changes name and picture; `None` leaves what there is.
    ///
    /// # Errors
    /// [`Refusal::NoFieldsToUpdate`]; the database's.
    pub async fn update_profile(
        &self,
        user: &str,
        name: Option<&str>,
        image: Option<Option<&str>>,
    ) -> Result<(), AuthError> {
        if name.is_none() && image.is_none() {
            return Err(Refusal::NoFieldsToUpdate.into());
        }
        Ok(users::update_profile(self.store(), user, name, image, self.now()).await?)
    }

    /// The ways in which the user can sign in.
    ///
    /// # Errors
    /// The database's.
    pub async fn list_accounts(&self, user: &str) -> Result<Vec<Account>, AuthError> {
        Ok(accounts::list(self.store(), user).await?)
    }

    /// The user with this id.
    ///
    /// # Errors
    /// The database's.
    pub async fn user(&self, id: &str) -> Result<Option<User>, AuthError> {
        Ok(users::find(self.store(), id).await?)
    }

    /// Whether anybody has an account: the page offers sign-up first when nobody has.
    ///
    /// # Errors
    /// The database's.
    pub async fn has_users(&self) -> Result<bool, AuthError> {
        Ok(users::any(self.store()).await?)
    }

    /// Removes the account of a signed-in user with everything in it. Without the password the session has to be fresh; `token` is
    /// the one of a mailed link. Where deletions must be confirmed by mail, a link is mailed instead, and `false` is answered.
    ///
    /// # Errors
    /// As [`Auth::check_password`]; [`Refusal::SessionExpired`]; [`Refusal::InvalidToken`].
    pub async fn delete_account(
        &self,
        live: &Live,
        password: Option<&str>,
        token: Option<&str>,
        callback: Option<&str>,
        client: &Client,
    ) -> Result<bool, AuthError> {
        let user = &live.user;
        if let Some(password) = password {
            self.check_password(user, password, client).await?;
        }
        if let Some(token) = token {
            self.confirm_deletion(user, token, client).await?;
            return Ok(true);
        }
        if self.config().confirm_deletion {
            self.request_deletion(user, callback).await?;
            return Ok(false);
        }
        if password.is_none() {
            self.require_fresh(&live.session, Refusal::SessionExpired)?;
        }
        self.erase(&user.id, client).await?;
        Ok(true)
    }

    /// Removes the account of a signed-in user who followed the mailed link.
    ///
    /// # Errors
    /// [`Refusal::InvalidToken`]; the database's.
    pub async fn confirm_deletion(&self, user: &User, token: &str, client: &Client) -> Result<(), AuthError> {
        if !self.consume_deletion(user, token).await? {
            return Err(Refusal::InvalidToken.into());
        }
        self.erase(&user.id, client).await?;
        Ok(())
    }

    /// Removes a user with everything that is theirs. Answers whether there was one.
    pub(crate) async fn erase(&self, user: &str, client: &Client) -> Result<bool, AuthError> {
        let gone = erase::user(self.store(), user).await?;
        if gone {
            self.record(Action::Deleted, "ok", None, client, None).await;
        }
        Ok(gone)
    }
}
