//! Values that people leave in examples and forget to change.

const WELL_KNOWN: [&str; 24] = [
    "changeme",
    "change-me",
    "change_me",
    "changeit",
    "change-this",
    "replaceme",
    "replace-me",
    "secret",
    "password",
    "passw0rd",
    "p@ssw0rd",
    "pass",
    "admin",
    "root",
    "test",
    "example",
    "default",
    "placeholder",
    "your-secret-here",
    "supersecret",
    "123456",
    "12345678",
    "qwerty",
    "letmein",
];

/// Whether a secret's value is blank or a well-known stand-in. Case and trailing newline don't count.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let text = text.trim().to_ascii_lowercase();
    text.is_empty()
        || WELL_KNOWN.contains(&text.as_str())
        || (text.starts_with('<') && text.ends_with('>'))
        || text.starts_with("change-me")
        || text.starts_with("changeme")
        || text.starts_with("your-")
        || text.chars().all(|c| c == 'x' || c == '*')
}
