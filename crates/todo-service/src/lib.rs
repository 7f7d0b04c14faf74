//! What each of our HTTP services needs besides its routes: configuration from the environment, logs, metrics, problem documents,
//! probes, and a listener that drains before it stops.

pub mod clock;
mod collector;
pub mod config;
pub mod listen;
pub mod logs;
pub mod meter;
pub mod observe;
pub mod probe;
pub mod problem;
pub mod shutdown;
mod span_fields;
pub mod traces;

pub use clock::Clock;
pub use config::{ConfigError, Reader, Vars};
pub use problem::Problem;
pub use shutdown::Shutdown;
