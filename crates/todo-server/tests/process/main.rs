//! The program itself, as a process: what can only be seen from outside.
#![expect(clippy::expect_used, reason = "a test that can't go on should stop there")]

mod backend;

mod issuer;
mod mail;
