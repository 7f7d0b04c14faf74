//! How dangerous an action is.

use serde::{Deserialize, Serialize};

/// Orders from harmless to dangerous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Changes nothing.
    Read,
    /// Changes something; a yes is enough.
    Write,
    /// Takes something away, or touches what everybody stands on: the name must be typed.
    Destructive,
}
