//! The assistant from outside: sentences by their effect on a real store, the grammar's properties, the tools, the turns of a
//! conversation, and the guide for users.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at what it does not expect")]

mod agent;
mod chat;
mod documented;
mod injection;
mod provider;
mod sentences;
mod support;
mod tools;
mod understanding;
