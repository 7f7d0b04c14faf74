//! Accounts: passwords, sessions, cookies, tokens and limits, as Better Auth has them, without HTTP.
//!
//! [`Auth`] is the service; each file adds what its name says to it. Pure parts ([`cookie`], [`email`], [`jwt`], [`origin`],
//! [`password`]) know neither database nor clock.

mod accounts;
mod admin;
pub mod api_tokens;
pub mod audit;
pub mod config;
pub mod cookie;
pub mod email;
mod error;
pub mod issuer;
pub mod jwt;
pub mod keygen;
pub mod limits;
pub mod mail;
pub mod origin;
pub mod password;
mod principal;
pub mod random;
mod recovery;
pub mod secrets;
mod service;
pub mod sessions;

pub use accounts::{SignUp, SignedUp};
pub use config::AuthConfig;
pub use error::{AuthError, Refusal};
pub use principal::{NoPrincipal, Principal, Proof, Scope, Scopes};
pub use recovery::Proven;
pub use service::{Auth, Client, Now};

/// A time as Better Auth's JSON has it: UTC with exactly three decimals and `Z`, as JavaScript prints it.
#[must_use]
pub fn wire_time(time: jiff::Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_look_like_javascript() {
        let time = |text: &str| super::wire_time(text.parse().expect("time"));
        assert_eq!(time("2026-11-21T03:00:00Z"), "2026-11-21T03:00:00.000Z");
        assert_eq!(time("2026-11-21T03:00:00.1239Z"), "2026-11-21T03:00:00.123Z");
    }
}
