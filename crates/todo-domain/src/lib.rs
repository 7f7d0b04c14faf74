//! The words and the rules of tasks: what a task is, what may be said about it, what a change may do.
//!
//! Pure by design: no I/O, no async, no clock. The present moment is always a parameter, so every rule can be tested at any
//! instant and in any time zone. Every door of the product (REST, chat, MCP, CalDAV, command line, page) obeys the rules here.

pub mod due;
pub mod priority;

pub use due::Due;
pub use priority::Priority;
