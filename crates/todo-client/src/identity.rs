//! On whose behalf a request is made.

use http::{Extensions, HeaderMap, HeaderName, HeaderValue, header};

/// Headers of a browser's request that the backend needs to see as they are: who is asking, from which page, from where.
const FORWARDED: [HeaderName; 6] = [
    header::COOKIE,
    header::AUTHORIZATION,
    header::ORIGIN,
    header::REFERER,
    header::USER_AGENT,
    header::ACCEPT_LANGUAGE,
];

/// On whose behalf a request is made: headers and request extensions that go with every call.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    pub(crate) headers: HeaderMap,
    pub(crate) extensions: Extensions,
}

impl Identity {
    /// Nobody.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// The holder of an API token or session token.
    #[must_use]
    pub fn bearer(token: &str) -> Self {
        let mut identity = Self::default();
        if let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {token}")) {
            value.set_sensitive(true);
            identity.headers.insert(header::AUTHORIZATION, value);
        }
        identity
    }

    /// The browser that sent these headers.
    #[must_use]
    pub fn browser(headers: &HeaderMap) -> Self {
        let mut identity = Self::default();
        for name in FORWARDED {
            for value in headers.get_all(&name) {
                identity.headers.append(name.clone(), value.clone());
            }
        }
        identity
    }

    /// Adds a header to every call.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds a request extension; it reaches a router in the same process and is lost over HTTP.
    #[must_use]
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extensions.insert(value);
        self
    }
}
