//! Helm: its records are read here, its program does what only it can do.

mod compare;
mod drift;
mod program;
pub mod record;

pub use compare::{compare, manifest_diff};
pub use drift::drifts;
pub use program::{Program, values};
