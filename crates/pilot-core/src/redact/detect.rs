//! Texts that look like secrets, wherever they stand.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// A secret inside a text, as a byte range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is: `jwt`, `password`, …
    pub kind: &'static str,
}

/// Kind and pattern. Where a pattern has a group `s`, only that part is the secret.
const DETECTORS: [(&str, &str); 14] = [
    (
        "private-key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)",
    ),
    ("url-password", r#"[A-Za-z][A-Za-z0-9+.-]*://[^\s:/@"']*:(?P<s>[^\s/"']+)@"#),
    ("authorization", r"(?i)\b(?:bearer|basic)\s+(?P<s>[A-Za-z0-9._~+/-]{8,}=*)"),
    ("jwt", r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"),
    ("aws-key", r"(?:AKIA|ASIA|AGPA|AROA|AIDA)[A-Z0-9]{16}"),
    ("github-token", r"(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    ("gitlab-token", r"glpat-[A-Za-z0-9_-]{16,}"),
    ("google-key", r"AIza[A-Za-z0-9_-]{30,}"),
    ("slack-token", r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("azure-key", r"(?i)AccountKey=(?P<s>[A-Za-z0-9+/]{20,}={0,2})"),
    ("api-key", r"\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{16,}"),
    ("npm-token", r"\bnpm_[A-Za-z0-9]{30,}|\bhf_[A-Za-z0-9]{30,}|\bdckr_pat_[A-Za-z0-9_-]{20,}"),
    // word = value, word: value, "word": "value", --word value, also inside escaped JSON.
    (
        "password",
        r#"(?i)(?:passw(?:or)?d|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?key|credentials?)[A-Za-z0-9_-]{0,24}\\?["']?\s*(?:=|:)\s*(?:\\?["'](?P<q>[^"'\\\r\n]{3,})|(?P<s>[^\s"'\\,;&}\])]{3,}))"#,
    ),
    ("password", r#"(?i)--?(?:password|passwd|token|secret|api-key)[= ]\s*["']?(?P<s>[^\s"']{3,})"#),
];

#[expect(clippy::expect_used, reason = "the patterns are constants and a test compiles them")]
static PATTERNS: LazyLock<(RegexSet, Vec<Regex>)> = LazyLock::new(|| {
    let patterns = DETECTORS.map(|(_, pattern)| pattern);
    let set = RegexSet::new(patterns).expect("constant patterns");
    (set, patterns.iter().map(|pattern| Regex::new(pattern).expect("constant pattern")).collect())
});

/// Every secret in the text, in order, not overlapping.
pub fn find(text: &str) -> Vec<Secret> {
    let (set, regexes) = &*PATTERNS;
    let mut found = Vec::new();
    for index in set.matches(text) {
        let kind = DETECTORS[index].0;
        for captures in regexes[index].captures_iter(text) {
            let whole = captures.get(0);
            let part = captures.name("s").or_else(|| captures.name("q")).or(whole);
            if let Some(part) = part
                && !is_reference(part.as_str())
            {
                found.push(Secret { start: part.start(), end: part.end(), kind });
            }
        }
    }
    found.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    // Overlapping finds become one, so that no tail of a secret is left standing.
    let mut merged: Vec<Secret> = Vec::new();
    for secret in found {
        match merged.last_mut() {
            Some(last) if secret.start < last.end => last.end = last.end.max(secret.end),
            _ => merged.push(secret),
        }
    }
    merged
}

/// Words that stand where a secret would, but are none: references, masks, booleans, our own marks.
fn is_reference(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'', ',', ';']);
    text.starts_with("$(")
        || text.starts_with("${")
        || text.starts_with("{{")
        || text.starts_with("[REDACTED")
        || text.starts_with('<')
        || text.chars().all(|c| c == '*' || c == 'x' || c == '.')
        || matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "none" | "nil" | "required" | "missing" | "invalid" | "expired" | "not"
        )
}

static SENSITIVE_WORDS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "bearer",
    "apikey",
    "privatekey",
    "accesskey",
    "credential",
    "pwd",
    "authkey",
];

/// Endings that say the variable is about a secret but does not hold it.
static HARMLESS_ENDINGS: [&str; 22] = [
    "file",
    "path",
    "dir",
    "name",
    "ref",
    "url",
    "uri",
    "endpoint",
    "host",
    "ttl",
    "expiry",
    "expiration",
    "expires",
    "expiresin",
    "length",
    "enabled",
    "type",
    "algorithm",
    "issuer",
    "audience",
    "policy",
    "id",
];

/// Whether a variable or key of this name holds a secret by its name: `DB_PASSWORD`, `apiKey`, but
/// not `TOKEN_TTL`, `SECRET_NAME`, `PASSWORD_FILE`.
pub fn is_sensitive_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if lower == "aws_secret_access_key"
        || (lower.starts_with("azure_") && lower.ends_with("key"))
        || lower.contains("vapid_private")
    {
        return true;
    }
    let compact: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    if !SENSITIVE_WORDS.iter().any(|word| compact.contains(word)) {
        return false;
    }
    let last = words(name).pop().unwrap_or_default();
    !HARMLESS_ENDINGS.contains(&last.as_str()) && !tokens_are_counted(&lower)
}

/// `MAX_TOKENS`, `maxTokens`: an amount of a language model's tokens.
fn tokens_are_counted(lower: &str) -> bool {
    lower.ends_with("tokens") && !["auth", "access", "api", "secret", "bearer"].iter().any(|word| lower.contains(word))
}

/// Splits `DB_PASSWORD_FILE` and `dbPasswordFile` into lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_lower = false;
    for c in name.chars() {
        let boundary = !c.is_alphanumeric() || (c.is_uppercase() && previous_lower);
        if boundary {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        previous_lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a value gives itself away as a secret, whatever its name.
pub fn is_secret_value(value: &str) -> bool {
    find(value).iter().any(|secret| secret.kind != "password" && secret.kind != "authorization")
}
