//! Headers that every page carries.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderValue, header};

/// Nothing from elsewhere, nothing inline: what a hostile title smuggles in can neither run nor load nor send.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const FIXED: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Two years, as the preload lists ask.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Whether the browser came over TLS, here or at a proxy before us.
#[must_use]
pub fn is_secure(headers: &HeaderMap, public_https: bool) -> bool {
    public_https
        || headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()).is_some_and(|value| {
            value.split(',').next().is_some_and(|first| first.trim().eq_ignore_ascii_case("https"))
        })
}

/// Adds the one header that matters on files: they are what their type says.
pub async fn plain(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Adds the headers to what our own routes answer.
pub async fn secure(public_https: bool, request: Request, next: Next) -> Response {
    let secure = is_secure(request.headers(), public_https);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    response
}
