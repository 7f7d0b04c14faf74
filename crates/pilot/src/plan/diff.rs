//! What differs between two versions of an object: for people as a diff, for undo as a patch.

use serde_json::{Map, Value};
use similar::TextDiff;

use crate::report::Door;

/// Fields of the metadata that the server counts by itself.
const NOISE: &[&str] = &["managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink"];

/// The object without its status and without what the server counts by itself.
pub fn pruned(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("status");
        if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
            NOISE.iter().for_each(|noise| {
                metadata.remove(*noise);
            });
            // The Deployment controller counts revisions here.
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.retain(|key, _| !key.starts_with("deployment.kubernetes.io/"));
            }
        }
    }
    value
}

/// Unified diff of two objects as YAML, redacted.
pub fn diff(before: &Value, after: &Value) -> String {
    // One door for both sides: equal secrets look equal, and a changed one is seen to change.
    let door = Door::default();
    let text = |value: &Value| {
        if value.is_null() {
            return String::new();
        }
        door.literal(&serde_saphyr::to_string(&door.value(&pruned(value))).unwrap_or_default())
    };
    let (before, after) = (text(before), text(after));
    TextDiff::from_lines(&before, &after).unified_diff().context_radius(3).header("now", "planned").to_string()
}

/// The JSON merge patch (RFC 7386) that makes `before` out of `after` again; `None` when they are equal. Lists are
/// replaced as a whole.
pub fn way_back(before: &Value, after: &Value) -> Option<Value> {
    difference(&pruned(after), &pruned(before))
}

fn difference(from: &Value, to: &Value) -> Option<Value> {
    if from == to {
        return None;
    }
    let (Value::Object(old), Value::Object(new)) = (from, to) else { return Some(to.clone()) };
    let mut patch = Map::new();
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in new {
        match old.get(key) {
            Some(known) => {
                if let Some(change) = difference(known, value) {
                    patch.insert(key.clone(), change);
                }
            }
            None => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    Some(Value::Object(patch))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_diff_shows_what_changes_and_no_secret() {
        let object = |replicas: i64| {
            json!({"kind": "Deployment", "metadata": {"name": "a", "resourceVersion": replicas.to_string()},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "c", "env": [{"name": "DB_PASSWORD", "value": "hunter2hunter2"}]}]}}}})
        };
        let text = diff(&object(1), &object(3));
        assert!(text.contains("-  replicas: 1") && text.contains("+  replicas: 3"), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("resourceVersion"), "{text}");
        assert_eq!(diff(&object(1), &object(1)), "");
    }

    #[test]
    fn a_changed_secret_is_seen_to_change_and_stays_secret() {
        let secret = |value: &str| json!({"kind": "Secret", "metadata": {"name": "s"}, "data": {"password": value}});
        let text = diff(&secret("aHVudGVyMg=="), &secret("aHVudGVyMw=="));
        assert!(text.contains("-  password") && text.contains("+  password"), "{text}");
        assert!(!text.contains("aHVud"), "{text}");
    }

    #[test]
    fn the_way_back_restores_the_object() {
        let before = json!({"metadata": {"name": "a", "generation": 1}, "spec": {"replicas": 1, "list": [1, 2], "gone": {"x": 1}}});
        let after = json!({"metadata": {"name": "a", "generation": 2}, "spec": {"replicas": 3, "list": [2], "new": {"y": 1}}, "status": {"n": 1}});
        let back = way_back(&before, &after).unwrap();
        let mut restored = pruned(&after);
        pilot_core::patch::merge(&mut restored, &back);
        assert_eq!(restored, pruned(&before));
        assert_eq!(way_back(&before, &before), None);
    }
}
