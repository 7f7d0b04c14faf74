//! Who manages the fields that a step changes, from `metadata.managedFields`.
//!
//! Format: <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>: `f:name` is a field,
//! `k:{…}` the list element with these keys, `v:…` a value of a set.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Our own name in `managedFields`.
pub const MANAGER: &str = "pilot";

/// A manager and the part of its field set at hand.
type Set<'a> = (&'a str, &'a Value);

/// One line per manager other than pilot: `spec.replicas is managed by helm`.
pub fn owners(before: &Value, after: &Value) -> Vec<String> {
    let entries = before.pointer("/metadata/managedFields").and_then(Value::as_array);
    let sets: Vec<Set<'_>> = entries
        .into_iter()
        .flatten()
        .filter(|entry| entry["subresource"].as_str().unwrap_or("").is_empty())
        .filter_map(|entry| Some((entry["manager"].as_str()?, entry.get("fieldsV1")?)))
        .filter(|(manager, _)| *manager != MANAGER)
        .collect();
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    walk(&super::pruned(before), &super::pruned(after), &sets, "", &mut found);
    found.into_iter().map(|(manager, fields)| line(manager, &fields)).collect()
}

fn line(manager: &str, fields: &[String]) -> String {
    let shown = fields.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let more = if fields.len() > 3 { format!(" and {} more", fields.len() - 3) } else { String::new() };
    let verb = if fields.len() == 1 { "is" } else { "are" };
    let warning =
        if manager.eq_ignore_ascii_case("helm") { ": the next upgrade of its release sets them again" } else { "" };
    format!("{shown}{more} {verb} managed by {manager}{warning}")
}

fn walk<'a>(before: &Value, after: &Value, sets: &[Set<'a>], path: &str, found: &mut BTreeMap<&'a str, Vec<String>>) {
    if before == after || sets.is_empty() {
        return;
    }
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => objects(old, new, sets, path, found),
        (Value::Array(old), Value::Array(new)) if sets.iter().any(|(_, set)| has_keys(set)) => {
            lists(old, new, sets, path, found);
        }
        _ => {
            for (manager, _) in sets {
                found.entry(manager).or_default().push(path.to_owned());
            }
        }
    }
}

fn objects<'a>(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    sets: &[Set<'a>],
    path: &str,
    found: &mut BTreeMap<&'a str, Vec<String>>,
) {
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let inside: Vec<Set<'a>> =
            sets.iter().filter_map(|(manager, set)| Some((*manager, set.get(format!("f:{key}"))?))).collect();
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        walk(old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null), &inside, &path, found);
    }
}

fn lists<'a>(old: &[Value], new: &[Value], sets: &[Set<'a>], path: &str, found: &mut BTreeMap<&'a str, Vec<String>>) {
    let mut elements: BTreeMap<&'a str, Vec<Set<'a>>> = BTreeMap::new();
    for (manager, set) in sets {
        for (key, inside) in set.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("k:")) {
            elements.entry(key.as_str()).or_default().push((manager, inside));
        }
    }
    for (key, inside) in elements {
        let Some(Ok(keys)) = key.strip_prefix("k:").map(serde_json::from_str::<Map<String, Value>>) else { continue };
        let is = |item: &&Value| keys.iter().all(|(name, value)| item.get(name) == Some(value));
        let (was, is_now) = (old.iter().find(is), new.iter().find(is));
        let name = keys.values().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect::<Vec<_>>();
        let path = format!("{path}[{}]", name.join(","));
        walk(was.unwrap_or(&Value::Null), is_now.unwrap_or(&Value::Null), &inside, &path, found);
    }
}

fn has_keys(set: &Value) -> bool {
    set.as_object().is_some_and(|set| set.keys().any(|key| key.starts_with("k:")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_changed_fields_and_their_managers_are_named() {
        let object = |replicas: i64, image: &str| {
            json!({"metadata": {"name": "a", "managedFields": [
                {"manager": "helm", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {},
                    "f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"app\"}": {".": {}, "f:image": {}, "f:name": {}}}}}}}},
                {"manager": "hpa", "operation": "Update", "subresource": "scale", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
                {"manager": "editor", "operation": "Update", "fieldsV1": {"f:metadata": {"f:labels": {"f:x": {}}}}},
                {"manager": "pilot", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "app", "image": image}, {"name": "side", "image": "s"}]}}}})
        };
        let before = object(1, "a:1");
        assert_eq!(owners(&before, &before), Vec::<String>::new());
        let scaled = owners(&before, &object(3, "a:1"));
        assert_eq!(scaled.len(), 1);
        assert!(scaled[0].starts_with("spec.replicas is managed by helm: the next upgrade"), "{scaled:?}");
        let image = owners(&before, &object(1, "a:2"));
        assert!(image[0].starts_with("spec.template.spec.containers[app].image is managed by helm"), "{image:?}");
    }
}
