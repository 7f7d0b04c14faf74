//! The REST contract: the real router in this process, the same cases on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod chat;
mod chatkit;
mod errors;
mod events;
mod harness;
mod isolation;
mod lists;
mod mcp;
mod mcp_sessions;
mod organise;
mod tasks;
mod transfer;
