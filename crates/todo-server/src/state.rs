//! What every handler can reach.

use std::{ops::Deref, sync::Arc};

use todo_assistant::model::Model;
use todo_auth::Auth;
use todo_service::{Clock, Shutdown};
use todo_store::Store;

use crate::{auth::TrustedProxies, config::Config};

/// Shared by all requests. Every layer of the router clones it for every request, so that is one counter.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What an [`AppState`] holds.
#[derive(Clone)]
pub struct Shared {
    /// The database.
    pub store: Store,
    /// Accounts and sessions.
    pub auth: Auth,
    /// The model behind the assistant, when there is one.
    pub model: Option<Model>,
    /// Whose word about a client's address is taken.
    pub proxies: Arc<TrustedProxies>,
    /// The present moment.
    pub clock: Clock,
    /// What the program was told.
    pub config: Arc<Config>,
    /// Whether the process is stopping.
    pub shutdown: Shutdown,
}

impl From<Shared> for AppState {
    fn from(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
