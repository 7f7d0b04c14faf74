//! The data of one user.

use todo_domain::id::UserId;

use crate::{
    db::{Db, Identity},
    store::Store,
};

/// One user's view of the store. Every query on tasks is a method of this type, so none can be written without a user.
#[derive(Clone)]
pub struct UserScope {
    store: Store,
    user: UserId,
}

impl UserScope {
    pub(crate) const fn new(store: Store, user: UserId) -> Self {
        Self { store, user }
    }

    /// Whose data this is.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        &self.user
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn db(&self) -> &Db {
        self.store.db()
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity::User(self.user.clone())
    }
}
