//! The live cluster: connecting, listing, logs. Nothing here decides to write, and nothing shells out.

mod ask_app;
mod collect;
mod connect;
mod kinds;
mod logs;
mod progress;
mod refusal;
mod resource;

pub use ask_app::metrics as app_metrics;
pub use collect::{Scope, collect, gather, usage};
pub use connect::{Connection, connect};
pub use kinds::{KINDS, find as find_kind, segment};
pub use logs::{LogRequest, stream as stream_log};
pub use progress::Progress;
pub use resource::{Resource, resource};
