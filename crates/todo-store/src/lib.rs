//! The store: tasks and everything around them in PostgreSQL or SQLite, behind one API.
//!
//! - [`Store`] opens the database. [`Store::user`] gives a [`UserScope`], the only way to a user's data.
//! - [`UserScope::run`] is the task service: one [`Command`](todo_domain::command::Command) in one transaction that writes the
//!   change, the operation by which it can be undone, and the event that tells readers.
//! - SQL stands in one file per aggregate (`tasks`, `labels`, `events`, …); [`db`] is the layer under it.

pub mod auth;
pub mod config;
pub mod conversations;
mod cursor;
pub mod db;
pub mod error;
pub mod events;
pub mod export;
pub mod feed;
pub mod idempotency;
pub mod jobs;
mod labels;
pub mod mcp;
pub mod meter;
mod migrate;
pub mod operations;
mod projects;
pub mod push;
pub mod saved_filters;
mod scope;
mod service;
mod settings;
pub mod statistics;
mod store;
mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
pub mod webhooks;

pub use config::StoreConfig;
pub use error::StoreError;
pub use feed::{ChangeFeed, Changed, UserFeed};
pub use migrate::{SchemaState, wanted_version};
pub use push::PushSubscription;
pub use saved_filters::SavedFilter;
pub use scope::UserScope;
pub use store::Store;
pub use tasks::list::TaskPage;
