//! Requests that a stranger's page made a browser send. A page can have its own name resolve to an address inside (DNS
//! rebinding), so a name that anybody can register is answered only when it is known to be ours; and a browser says from which
//! origin a request comes, which must be one that is trusted.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, Uri, header, uri::Authority};
use todo_auth::origin::TrustedOrigins;
use todo_service::Problem;

/// Refuses a request whose host or origin is not one of ours.
///
/// # Errors
/// 403, with the variable that would allow it.
pub fn check(uri: &Uri, headers: &HeaderMap, trusted: &TrustedOrigins) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    // HTTP/2 names the host with the address; a proxy in front tells the name that it was asked for.
    let hosts = [uri.authority().map(Authority::as_str), text(header::HOST.as_str()), text("x-forwarded-host")];
    for host in hosts.into_iter().flatten() {
        if !is_ours(host, trusted) {
            let shown: String = host.chars().take(100).collect();
            return Err(refused(
                "INVALID_HOST",
                format!(
                    "`{}` is no name of this server; if it is one, add its address to TRUSTED_ORIGINS.",
                    shown.escape_debug()
                ),
            ));
        }
    }
    match text(header::ORIGIN.as_str()) {
        Some(origin) if !hosts.into_iter().any(|host| trusted.allows(origin, host)) => Err(refused(
            "INVALID_ORIGIN",
            "Pages of this origin may not use MCP; if they should, add it to TRUSTED_ORIGINS.".to_owned(),
        )),
        _ => Ok(()),
    }
}

fn refused(code: &'static str, detail: String) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, code, detail)
}

/// Whether a `Host` names this server: by an address, by a name that no stranger can own, or by one that was configured.
fn is_ours(host: &str, trusted: &TrustedOrigins) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok()
        || is_private_name(&name)
        || ["https", "http"].iter().any(|scheme| trusted.allows(&format!("{scheme}://{authority}"), None))
}

/// Names that only the own machine, network or cluster resolves: without a dot, reserved (RFC 6761), or of a Kubernetes service.
fn is_private_name(name: &str) -> bool {
    let suffixes = [".localhost", ".svc", ".svc.cluster.local"];
    (!name.is_empty() && !name.contains('.')) || suffixes.iter().any(|suffix| name.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted() -> TrustedOrigins {
        let base = url::Url::parse("https://todo.example.com").unwrap();
        TrustedOrigins::new(&base, &["https://*.pages.example".to_owned()], true).unwrap()
    }

    fn checked(lines: &[(&str, &str)]) -> Result<(), Problem> {
        let headers = lines
            .iter()
            .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        check(&Uri::from_static("/mcp"), &headers, &trusted())
    }

    #[test]
    fn own_names_pass() {
        for host in [
            "localhost:3000",
            "127.0.0.1",
            "[::1]:3000",
            "10.1.2.3:8000",
            "todo-backend:8000",
            "todo-backend.todo.svc:8000",
            "todo-backend.todo.svc.cluster.local",
            "todo.example.com",
            "TODO.example.com:443",
            "a.pages.example",
        ] {
            assert!(checked(&[("host", host)]).is_ok(), "{host}");
        }
    }

    #[test]
    fn names_of_strangers_are_refused_whatever_their_origin() {
        for host in [
            "evil.example",
            "localhost.evil.example:3000",
            "127.0.0.1.evil.example",
            "todo.example.com.evil.example",
            "",
        ] {
            let refused = checked(&[("host", host), ("origin", "http://evil.example")]).unwrap_err();
            assert_eq!((refused.status.as_u16(), refused.code.as_ref()), (403, "INVALID_HOST"), "{host}");
        }
        assert!(checked(&[("host", "todo-backend:8000"), ("x-forwarded-host", "evil.example")]).is_err());
    }

    #[test]
    fn http_2_names_the_host_with_the_address() {
        let asked = |address: &'static str| check(&Uri::from_static(address), &HeaderMap::new(), &trusted());
        assert!(asked("https://todo.example.com/mcp").is_ok());
        assert!(asked("https://evil.example/mcp").is_err());
    }

    #[test]
    fn origins_of_strangers_are_refused() {
        for origin in
            ["http://evil.example", "null", "http://localhost:9999", "https://todo.example.com.evil.example", ""]
        {
            let refused = checked(&[("host", "localhost:3000"), ("origin", origin)]).unwrap_err();
            assert_eq!(refused.code, "INVALID_ORIGIN", "{origin}");
        }
        assert!(checked(&[("host", "localhost:3000"), ("origin", "http://localhost:3000")]).is_ok());
        assert!(checked(&[("host", "localhost:3000"), ("origin", "https://a.pages.example")]).is_ok());
        let behind = [
            ("host", "todo-backend:8000"),
            ("x-forwarded-host", "todo.example.com"),
            ("origin", "https://todo.example.com"),
        ];
        assert!(checked(&behind).is_ok());
    }
}
