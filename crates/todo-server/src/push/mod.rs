//! Web push: reminders that arrive when no page is open.
//!
//! - `routes.rs` subscriptions of browsers.
//! - `remind.rs` from a due reminder to one message for each browser, exactly once whichever replica does it.
//! - `deliver.rs` one message to one push service, and what its answer means (RFC 8030).
//! - `encrypt.rs` what only the browser can read (RFC 8291), `vapid.rs` who sends it (RFC 8292).
//! - `endpoint.rs` where messages may go at all.

mod deliver;
mod encrypt;
mod endpoint;
mod remind;
mod routes;
pub mod vapid;

pub use remind::run;
pub use routes::router;

/// Messages to push services, by what came of them.
pub const DELIVERIES: &str = "push_deliveries_total";
/// Values of `outcome` of [`DELIVERIES`].
pub const OUTCOMES: [&str; 5] = ["delivered", "gone", "retried", "refused", "expired"];

/// Unpadded base64url, as web push has all its binary values; padding and the other alphabet are accepted.
fn from_base64url(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let plain = text.trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(plain).ok()
}
