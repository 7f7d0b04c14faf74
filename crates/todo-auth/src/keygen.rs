//! Fresh secrets for an installation.

use crate::random;

/// A secret for `BETTER_AUTH_SECRET`: 48 characters of `[A-Za-z0-9]`, 285 bits.
#[must_use]
pub fn secret() -> String {
    random::alphanumeric(48)
}
