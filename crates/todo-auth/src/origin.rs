//! Which origins may use cookies, and where a redirect may lead.

use url::Url;

/// Base of the parse that proves a relative address stays on our origin. `.invalid` never resolves (RFC 6761 §6.4).
const NOWHERE: &str = "https://relative.invalid";

/// The origin of an absolute http(s) URL, such as `https://todo.example.com:8443`.
#[must_use]
pub fn origin_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

/// One trusted origin or a pattern of them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    /// An origin, letter for letter.
    Exact(String),
    /// `https://*.example.com`, or without a scheme for both; `*` stands for any characters but `/`.
    Wild { scheme: Option<String>, host: String },
}

/// The origins that are trusted.
#[derive(Clone, Debug)]
pub struct TrustedOrigins {
    patterns: Vec<Pattern>,
    /// Whether the origin that the request was made to is trusted too: so when no public address is configured.
    own_host: bool,
}

/// A text in the list of trusted origins that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no origin; write one such as https://todo.example.com or https://*.example.com")]
pub struct NoOrigin(pub String);

impl TrustedOrigins {
    /// Trusts the origin of `base_url` and each of `others`. `own_host` trusts whatever host a request was made to.
    ///
    /// # Errors
    /// The first text that is no origin.
    pub fn new(base_url: &Url, others: &[String], own_host: bool) -> Result<Self, NoOrigin> {
        let mut patterns = vec![Pattern::Exact(base_url.origin().ascii_serialization())];
        for text in others {
            patterns.push(Pattern::read(text).ok_or_else(|| NoOrigin(text.clone()))?);
        }
        Ok(Self { patterns, own_host })
    }

    /// Whether a request to `host` (its `Host` header) that comes from `origin` (an origin or a `Referer`) is trusted.
    #[must_use]
    pub fn allows(&self, origin: &str, host: Option<&str>) -> bool {
        let Some(origin) = origin_of(origin) else { return false };
        let same_host = || {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some() && authority == host.map(|host| host.to_ascii_lowercase()).as_deref()
        };
        self.patterns.iter().any(|pattern| pattern.matches(&origin)) || (self.own_host && same_host())
    }

    /// Whether a redirect may lead to `target`: a path on our own origin, or an address on a trusted one.
    #[must_use]
    pub fn allows_target(&self, target: &str, host: Option<&str>) -> bool {
        if target.starts_with('/') { is_safe_path(target) } else { self.allows(target, host) }
    }
}

impl Pattern {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        if !text.contains('*') {
            // A path would promise more than is checked.
            let origin = origin_of(text)?;
            return (Url::parse(text).ok()?.path() == "/").then_some(Self::Exact(origin));
        }
        let (scheme, host) = match text.split_once("://") {
            Some((scheme @ ("http" | "https"), host)) => (Some(scheme.to_owned()), host),
            Some(_) => return None,
            None => (None, text),
        };
        let harmless = |c: char| c.is_ascii_alphanumeric() || "*.-:[]".contains(c);
        // `*` alone would trust everybody.
        let names_something = host.chars().any(|c| c.is_ascii_alphanumeric());
        (names_something && host.chars().all(harmless)).then(|| Self::Wild { scheme, host: host.to_ascii_lowercase() })
    }

    fn matches(&self, origin: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == origin,
            Self::Wild { scheme, host } => origin.split_once("://").is_some_and(|(found, authority)| {
                scheme.as_deref().is_none_or(|scheme| scheme == found) && wildcard(host, authority)
            }),
        }
    }
}

/// Whether `text` fits `pattern`, in which `*` stands for any run of characters.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// Whether a path can't be read as leading elsewhere by any browser: no `//`, no backslash, no control character, no encoded
/// separator in its path.
fn is_safe_path(path: &str) -> bool {
    let plain = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let suspicious = path.starts_with("//")
        || path.contains('\\')
        || path.chars().any(char::is_control)
        || plain.contains("%2f")
        || plain.contains("%5c");
    !suspicious
        && Url::parse(NOWHERE)
            .and_then(|base| base.join(path))
            .is_ok_and(|url| url.origin().ascii_serialization() == NOWHERE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(others: &[&str], own_host: bool) -> TrustedOrigins {
        let others: Vec<_> = others.iter().map(|text| (*text).to_owned()).collect();
        TrustedOrigins::new(&Url::parse("https://todo.example.com/x").expect("url"), &others, own_host)
            .expect("origins")
    }

    #[test]
    fn exact_and_patterns() {
        let trusted = trusted(&["http://localhost:30000", "https://*.pages.example", "*.dev.example:8080"], false);
        for good in [
            "https://todo.example.com",
            "https://todo.example.com/some/page",
            "https://TODO.example.com:443",
            "http://localhost:30000",
            "https://a.pages.example",
            "https://a.b.pages.example",
            "http://x.dev.example:8080",
        ] {
            assert!(trusted.allows(good, None), "{good}");
        }
        for bad in [
            "http://todo.example.com",
            "https://todo.example.com:8443",
            "https://todo.example.com.evil.example",
            "https://evil.example/https://todo.example.com",
            "https://todo.example.com@evil.example",
            "http://localhost:30001",
            "http://a.pages.example",
            "https://pages.example",
            "https://evilpages.example",
            "https://a.pages.example.evil.example",
            "http://x.dev.example",
            "null",
            "",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ] {
            assert!(!trusted.allows(bad, Some("todo.example.com")), "{bad}");
        }
    }

    #[test]
    fn own_host_only_without_a_public_address() {
        let (open, strict) = (trusted(&[], true), trusted(&[], false));
        assert!(open.allows("http://192.168.1.7:3000", Some("192.168.1.7:3000")));
        assert!(!open.allows("http://192.168.1.7:3001", Some("192.168.1.7:3000")));
        assert!(!open.allows("http://192.168.1.7:3000", None));
        assert!(!strict.allows("http://192.168.1.7:3000", Some("192.168.1.7:3000")));
    }

    #[test]
    fn targets() {
        let trusted = trusted(&[], false);
        for good in ["/", "/welcome?x=1#y", "/a?next=//b", "https://todo.example.com/welcome"] {
            assert!(trusted.allows_target(good, None), "{good}");
        }
        for bad in [
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "\\/evil.example",
            "/%2fevil.example",
            "/%5Cevil.example",
            "https://evil.example",
            "https:evil.example",
            "welcome",
            "",
            " /x",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://todo.example.com.evil.example/",
            "https://todo.example.com@evil.example/",
        ] {
            assert!(!trusted.allows_target(bad, Some("evil.example")), "{bad}");
        }
    }

    #[test]
    fn nonsense_in_the_list_is_named() {
        let base = Url::parse("http://localhost").expect("url");
        for bad in ["*", "https://*", "todo", "ftp://x.example", "https://a.example/path", "https://*.example/path"] {
            assert_eq!(
                TrustedOrigins::new(&base, &[bad.to_owned()], false).map(drop),
                Err(NoOrigin(bad.to_owned())),
                "{bad}"
            );
        }
    }
}
