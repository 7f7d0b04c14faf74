//! Passwords: the rules for new ones, the hash formats, and the gate that bounds how many are hashed at once.

mod gate;
mod hash;
mod policy;

pub use gate::{Gate, GateLimits, Verdict};
pub use policy::{Policy, Weakness};
