//! What people write. (First shape; the founder of the language core fills it in. Other rooms rely on these signatures.)

use jiff::Zoned;

use crate::{due::Due, recurrence::Recurrence};

/// The reader's circumstances.
#[derive(Clone, Debug)]
pub struct Context {
    /// The present moment in the user's zone.
    pub now: Zoned,
}

/// What a date phrase means.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct When {
    /// The due date.
    pub due: Option<Due>,
    /// The recurrence.
    pub recurrence: Option<Recurrence>,
}

/// Reads a text that is a date phrase from end to end.
#[must_use]
pub fn parse_when(_text: &str, _context: &Context) -> Option<When> {
    None
}
