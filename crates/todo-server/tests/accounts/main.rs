//! The wire of accounts, row by row, on every engine that the machine has.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that can't go on should stop there")]

mod browser;

mod account_export;
mod api;
mod email;
mod entry;
mod hostile;
mod keys;
mod limits;
mod origin;
mod password;
mod phase_three;
mod profile;
mod sessions;
mod timing;
