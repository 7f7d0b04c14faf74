//! Redaction that knows Kubernetes objects: places that hold secrets by definition.

use serde_json::Value;

use super::{Redactor, is_sensitive_name};

impl Redactor {
    /// Takes the secrets out of a JSON document: Secrets' data, environment values with sensitive
    /// names, Helm payloads, kubeconfig credentials, CA bundles, and whatever the detectors find in
    /// any other string, keys included.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(_) => self.object(value),
            _ => {}
        }
    }

    fn object(&self, value: &mut Value) {
        let is_secret = value.get("kind").and_then(Value::as_str) == Some("Secret");
        // {"name": "DB_PASSWORD", "value": "…"}: an environment variable or a kubeconfig entry.
        let named_sensitive = value.get("name").and_then(Value::as_str).is_some_and(is_sensitive_name);
        let Value::Object(fields) = value else { return };
        let old = std::mem::take(fields);
        for (key, mut field) in old {
            let holds_secret = match key.as_str() {
                "data" | "stringData" => is_secret,
                "value" => named_sensitive,
                "caBundle"
                | "client-key-data"
                | "client-certificate-data"
                | "kubectl.kubernetes.io/last-applied-configuration" => true,
                // A name or a reference is not the secret; only plain text under a telling key is.
                _ => field.is_string() && is_sensitive_name(&key) && !is_api_field(&key),
            };
            if holds_secret {
                self.hide_all(&key, &mut field);
            } else {
                self.value(&mut field);
            }
            fields.insert(self.text(&key), field);
        }
    }

    /// Hides every string below a place that is secret by definition.
    fn hide_all(&self, kind: &str, value: &mut Value) {
        match value {
            Value::String(text) if !text.is_empty() => *text = self.hide(kind_of(kind), text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_all(kind, item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.hide_all(kind, field)),
            _ => {}
        }
    }
}

/// Fields of the Kubernetes API whose name sounds secret but which hold a name or a path.
fn is_api_field(key: &str) -> bool {
    matches!(key, "secretName" | "secretRef" | "secretKeyRef" | "secret" | "tokenPath" | "imagePullSecrets")
}

fn kind_of(key: &str) -> &'static str {
    match key {
        "data" | "stringData" => "secret",
        "value" => "env",
        "caBundle" => "ca-bundle",
        _ => "credential",
    }
}
