//! Accounts: passwords, sessions, cookies, tokens and limits, as Better Auth has them, without HTTP.

pub mod cookie;
pub mod email;
pub mod error;
pub mod jwt;
pub mod password;
pub mod random;
pub mod secrets;
