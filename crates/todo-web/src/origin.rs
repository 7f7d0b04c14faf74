//! Refuses forms that another site sends in the person's name (cross-site request forgery).

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, Method, header};
use url::Url;

use crate::{config::WebConfig, page::problem};

/// Whether a change may be accepted: it comes from one of our own pages.
///
/// Browsers say so themselves with `Sec-Fetch-Site`; older ones and other clients are judged by `Origin`, which must name the
/// host that was asked or the configured public address. A change with neither, and with cookies, is refused.
fn is_ours(headers: &HeaderMap, public: Option<&Url>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match text("origin").or_else(|| text("referer")) {
        Some(origin) => Url::parse(origin).is_ok_and(|origin| {
            let named = origin.host_str().map(|host| match origin.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            });
            let asked = text("x-forwarded-host").or_else(|| text("host"));
            named.as_deref().is_some_and(|named| Some(named) == asked)
                || public.is_some_and(|public| public.origin() == origin.origin())
        }),
        None => !headers.contains_key(header::COOKIE),
    }
}

/// Lets reading pass, and changes from our own pages.
pub async fn check(config: WebConfig, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_ours(request.headers(), config.public_url.as_ref()) {
        next.run(request).await
    } else {
        problem::foreign_form(request.headers())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_pages_may_send_forms() {
        let public = Url::parse("https://todo.example").unwrap();
        let ours = |pairs: &[(&'static str, &str)]| is_ours(&headers(pairs), Some(&public));
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site"), ("host", "a:1"), ("origin", "http://a:1")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]));
        assert!(ours(&[("host", "localhost:3000"), ("origin", "http://localhost:3000")]));
        assert!(ours(&[("host", "10.0.0.1:3000"), ("origin", "https://todo.example")]));
        assert!(!ours(&[("host", "todo.example"), ("origin", "https://evil.example")]));
        assert!(!ours(&[("host", "todo.example"), ("origin", "null")]));
        assert!(!ours(&[("host", "todo.example"), ("cookie", "a=b")]));
        assert!(ours(&[("host", "todo.example")]));
    }
}
