//! Facts that a log line states and a diagnosis can check: who may not do what, which host, which variable.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

fn compile(pattern: &str, case_insensitive: bool) -> Option<Regex> {
    RegexBuilder::new(pattern).case_insensitive(case_insensitive).build().ok()
}

/// A refused request, as the API server words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    /// The user, for a pod `system:serviceaccount:NAMESPACE:NAME`.
    pub user: String,
    /// The verb, such as `list`.
    pub verb: String,
    /// The resource, with a subresource after a slash.
    pub resource: String,
    /// The API group, empty for the core group.
    pub group: String,
    /// The namespace; `None` at cluster scope.
    pub namespace: Option<String>,
}

/// Reads `User "…" cannot VERB resource "…" in API group "…" in the namespace "…"`.
pub fn forbidden(line: &str) -> Option<Forbidden> {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        compile(
            r#"User \\?"([^"\\]+)\\?" cannot (\w+) resource \\?"([^"\\]+)\\?"(?: in API group \\?"([^"\\]*)\\?")?(?: in the namespace \\?"([^"\\]+)\\?")?"#,
            false,
        )
    });
    let found = PATTERN.as_ref()?.captures(line)?;
    let text = |i: usize| found.get(i).map(|m| m.as_str().to_owned());
    Some(Forbidden {
        user: text(1)?,
        verb: text(2)?,
        resource: text(3)?,
        group: text(4).unwrap_or_default(),
        namespace: text(5),
    })
}

/// The host that a line says does not resolve.
pub fn unresolved_host(line: &str) -> Option<String> {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        compile(
            r#"lookup ([\w.-]+)(?: on [\d.:]+)?: |(?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)|could not resolve(?: host)?:? ["']?([\w.-]+)|could not translate host name ["']([\w.-]+)|host=['"]?([\w.-]+)['"]?.*name resolution|NXDOMAIN:? ["']?([\w.-]+)|Name or service not known:? \(?["']?([\w.-]+)"#,
            true,
        )
    });
    let found = PATTERN.as_ref()?.captures(line)?;
    found.iter().skip(1).flatten().next().map(|m| m.as_str().trim_end_matches('.').to_owned())
}

/// The `host:port` that a line says refused or did not answer.
pub fn refused_address(line: &str) -> Option<(String, u16)> {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        compile(
            r#"(?:ECONNREFUSED|ETIMEDOUT|dial tcp|connect(?:ion)? (?:to|refused:?)|(?:https?|postgres(?:ql)?|redis|mongodb|amqp)://(?:[^@\s/]*@)?)\s*(?:server at )?"?([\w.-]+?)"?(?::| port |", port )(\d{2,5})\b"#,
            true,
        )
    });
    let found = PATTERN.as_ref()?.captures(line)?;
    let port = found.get(2)?.as_str().parse().ok()?;
    Some((found.get(1)?.as_str().to_owned(), port))
}

/// The environment variable that a line says is missing.
pub fn missing_variable(line: &str) -> Option<String> {
    static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b", false));
    PATTERN.as_ref()?.captures(line).and_then(|c| c.get(1)).map(|m| m.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_refusal() {
        let line = r#"Error: pods is forbidden: User "system:serviceaccount:ops:viewer" cannot list resource "pods" in API group "" in the namespace "todo""#;
        let got = forbidden(line).unwrap();
        assert_eq!((got.user.as_str(), got.verb.as_str()), ("system:serviceaccount:ops:viewer", "list"));
        assert_eq!((got.resource.as_str(), got.namespace.as_deref()), ("pods", Some("todo")));
        let escaped = r#"{"msg":"nodes is forbidden: User \"bob\" cannot get resource \"nodes\" in API group \"\" at the cluster scope"}"#;
        assert_eq!(forbidden(escaped).unwrap().namespace, None);
        assert_eq!(forbidden("403 Forbidden"), None);
    }

    #[test]
    fn reads_hosts_and_ports() {
        assert_eq!(
            unresolved_host("dial tcp: lookup db.todo.svc on 10.96.0.10:53: no such host").as_deref(),
            Some("db.todo.svc")
        );
        assert_eq!(unresolved_host("Error: getaddrinfo EAI_AGAIN postgres").as_deref(), Some("postgres"));
        assert_eq!(unresolved_host(r#"could not translate host name "pg" to address"#).as_deref(), Some("pg"));
        assert_eq!(refused_address("connect ECONNREFUSED 10.0.0.3:5432"), Some(("10.0.0.3".into(), 5432)));
        assert_eq!(
            refused_address("dial tcp backend:8000: connect: connection refused"),
            Some(("backend".into(), 8000))
        );
        assert_eq!(
            refused_address(r#"connection to server at "pg", port 5432 failed: Connection refused"#),
            Some(("pg".into(), 5432))
        );
        assert_eq!(refused_address("all is well"), None);
    }

    #[test]
    fn reads_variables() {
        assert_eq!(missing_variable("BETTER_AUTH_SECRET is not set").as_deref(), Some("BETTER_AUTH_SECRET"));
        assert_eq!(missing_variable("KeyError: 'DATABASE_URL'").as_deref(), Some("DATABASE_URL"));
        assert_eq!(missing_variable("HTTP is fine"), None);
    }
}
