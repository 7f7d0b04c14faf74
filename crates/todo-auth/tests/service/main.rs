//! The stories of accounts, links and tokens, on every engine that the machine has.
#![expect(clippy::expect_used, reason = "a test that can't go on should stop there")]

mod desk;

mod accounts;
mod links;
mod mail;
mod tokens;
