//! The rules against their cases.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "test code: a broken fixture must stop the test")]

mod cases;
mod fixture;
mod hostile;
mod logic_errors;
mod policies;
mod secrets;
mod suppression;
