//! Hashes of JSON that do not depend on the order of keys.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// JSON with sorted keys and no white space.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (at, key) in keys.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(&fields[key], out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// SHA-256 of a text, in hexadecimal.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        hex.push_str(&format!("{byte:02x}"));
        hex
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter_and_values_do() {
        let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let one = canonical(&parse(r#"{"b": [1, {"d": 1, "c": "x\"y"}], "a": null}"#));
        assert_eq!(one, canonical(&parse(r#"{"a": null, "b": [1, {"c": "x\"y", "d": 1}]}"#)));
        assert_eq!(one, r#"{"a":null,"b":[1,{"c":"x\"y","d":1}]}"#);
        assert_ne!(one, canonical(&json!({"a": null, "b": [{"c": "x\"y", "d": 1}, 1]})));
        // The example of FIPS 180-2.
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
