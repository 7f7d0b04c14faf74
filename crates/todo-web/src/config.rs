//! What the page needs to know about where it runs.

use url::Url;

/// Settings of the page.
#[derive(Clone, Debug, Default)]
pub struct WebConfig {
    /// The address that people type, if it is known; changes are accepted from its origin, and cookies and HSTS follow its scheme.
    pub public_url: Option<Url>,
    /// Version shown in `/config.json`.
    pub version: &'static str,
}

impl WebConfig {
    /// Whether people reach us over TLS according to the configured address.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}
