//! What logs say: signatures, repeats counted as one, and the facts that a line states.

pub mod facts;
pub mod scan;
pub mod signature;
mod template;

pub use scan::{LogGroup, LogReport, LogScanner, scan};
pub use signature::{LogClass, SIGNATURES, classify};
pub use template::template;
