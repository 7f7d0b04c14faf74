//! Typed client of the REST API.
//!
//! One [`Client`] speaks over any transport: HTTP to a backend elsewhere ([`Client::http`]), or straight into the backend's
//! router in the same process, without a socket ([`Client::in_process`]). Requests go out under an [`Identity`]: the browser's
//! session cookie and origin, or a bearer token.

mod account;
mod chat;
mod error;
mod identity;
mod operations;
mod organise;
mod request;
mod session;
mod tasks;
mod transfer;
mod transport;

pub use account::{
    Activity, Device, NewToken, Profile, ProfilePatch, Stats, StatsDay, StatsProject, Token, TokenInput,
};
pub use error::ClientError;
pub use identity::Identity;
pub use operations::OperationJson;
pub use organise::{Counts, LabelJson, NewFilter, ProjectJson, SavedFilter};
pub use request::{Changed, Client};
pub use session::{Credentials, Entered, NewAccount};
pub use tasks::{BulkAction, ListQuery, TaskList};
pub use transfer::{ExportFormat, ImportReport};
pub use transport::{Body, Broken, HttpTransport, empty, full};

/// Outcome of a call.
pub type Result<T, E = ClientError> = std::result::Result<T, E>;
