//! The owner of the machine, for whom the command line acts before anybody has signed up.

use todo_domain::id::UserId;
use todo_store::auth::users::{self, User};

use crate::error::AuthError;
use crate::random;
use crate::service::Auth;

impl Auth {
    /// The user on whose behalf the command line of this machine acts: the only account; a new one without password when there is
    /// none; `None` when there are several.
    ///
    /// # Errors
    /// The database's.
    pub async fn local_owner(&self) -> Result<Option<UserId>, AuthError> {
        let accounts = users::list(self.store(), 2, 0).await?;
        Ok(match accounts.as_slice() {
            [] => Some(UserId::new(users::create_owner(self.store(), &random::id(), self.now()).await?)),
            [only] => Some(UserId::new(only.id.clone())),
            _ => None,
        })
    }

    /// Stores a new account. The first person who signs up takes over what the command line made for the owner before. Answers
    /// the stored user, or `None` when the address is taken.
    pub(crate) async fn store_account(&self, user: &User, hash: &str) -> Result<Option<User>, AuthError> {
        if let Some(owner) = users::adopt_owner(self.store(), user, &random::id(), hash).await? {
            return self.user(&owner).await;
        }
        let made = users::create(self.store(), user, &random::id(), hash).await?;
        Ok(made.then(|| user.clone()))
    }
}
