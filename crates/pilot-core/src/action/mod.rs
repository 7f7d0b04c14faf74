//! Typed actions: everything that can be asked of pilot, as data.
//!
//! Sentences, command lines, a model's tools and MCP calls all end in an [`Action`]; whether it reads or writes is known
//! by its type and never by looking at text. Reads run at once; writes become a plan that a person confirms.

mod class;
mod read;
mod target;
mod template;
mod text;
mod write;

use serde::{Deserialize, Serialize};

pub use class::Class;
pub use read::{Filter, LogQuery, Order, Read, Usage};
pub use target::Target;
pub use template::{Hidden, Template};
pub use write::{HelmValues, ImageChange, MapChange, Probe, ProbeKind, Replicas, Write};

/// One thing to do, as `{"read": {"action": "list", …}}` or `{"write": {"action": "scale", …}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Changes nothing.
    Read(Read),
    /// Becomes a plan; nothing happens before it is confirmed.
    Write(Write),
}

impl Action {
    /// Whether it changes something.
    pub fn is_write(&self) -> bool {
        matches!(self, Self::Write(_))
    }

    /// How dangerous it is by itself. A plan may still be worse than its action: see what its steps touch.
    pub fn class(&self) -> Class {
        match self {
            Self::Read(_) => Class::Read,
            Self::Write(write) => write.class(),
        }
    }

    /// The object it names, if it is about one.
    pub fn target(&self) -> Option<&Target> {
        match self {
            Self::Read(read) => read.target(),
            Self::Write(write) => write.target(),
        }
    }
}

impl From<Read> for Action {
    fn from(read: Read) -> Self {
        Self::Read(read)
    }
}

impl From<Write> for Action {
    fn from(write: Write) -> Self {
        Self::Write(write)
    }
}

#[cfg(test)]
mod tests;
