//! The one door to every output: secrets are taken out, control characters are made harmless.
//!
//! Sinks (terminal, JSON, HTML, audit) pass text through a [`Redactor`]; terminals then through
//! [`neutralise`].

mod detect;
mod neutral;
mod stream;
mod structure;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

pub use detect::{Secret, find, is_secret_value, is_sensitive_name};
pub use neutral::{neutralise, neutralise_block};
pub use stream::Stream;

/// Replaces secrets by `[REDACTED:kind#n]`. The number is the order of first appearance, so equal
/// secrets are recognisable within one output and nothing can be learned outside it.
#[derive(Default)]
pub struct Redactor {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Exact texts that are known to be secret, longest first, with their spellings.
    known: Vec<String>,
    /// A hash of each secret seen, and its number. The secrets themselves are not kept.
    seen: HashMap<u64, usize>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// A redactor that knows the detectors only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text that is secret wherever it turns up, also base64-encoded, URL-encoded or
    /// JSON-escaped. Texts under 4 characters are too common to hide.
    pub fn learn(&self, secret: &str) {
        use base64::Engine as _;
        if secret.trim().len() < 4 {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let encoded = base64::engine::general_purpose::STANDARD.encode(secret);
        let quoted = serde_json::Value::from(secret).to_string();
        for spelling in [
            secret.to_owned(),
            encoded.trim_end_matches('=').to_owned(),
            quoted.trim_matches('"').to_owned(),
            percent_encode(secret),
        ] {
            if !state.known.contains(&spelling) {
                state.known.push(spelling);
            }
        }
        state.known.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    }

    /// The text without its secrets.
    pub fn text(&self, text: &str) -> String {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = text.to_owned();
        for index in 0..state.known.len() {
            let secret = state.known[index].clone();
            if text.contains(&secret) {
                let mark = state.mark("known", &secret);
                text = text.replace(&secret, &mark);
            }
        }
        let found = find(&text);
        if found.is_empty() {
            return text;
        }
        let mut clean = String::with_capacity(text.len());
        let mut end = 0;
        for secret in found {
            clean.push_str(&text[end..secret.start]);
            clean.push_str(&state.mark(secret.kind, &text[secret.start..secret.end]));
            end = secret.end;
        }
        clean.push_str(&text[end..]);
        clean
    }

    fn hide(&self, kind: &str, secret: &str) -> String {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).mark(kind, secret)
    }
}

impl State {
    fn mark(&mut self, kind: &str, secret: &str) -> String {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        secret.hash(&mut hasher);
        let next = self.seen.len() + 1;
        let number = self.seen.entry(hasher.finish()).or_insert(next);
        format!("[REDACTED:{kind}#{number}]")
    }
}

fn percent_encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

#[cfg(test)]
mod tests;
