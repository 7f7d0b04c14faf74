//! Applying patches to JSON objects: RFC 7386 merge and Kubernetes strategic merge.

use serde_json::{Map, Value};

use crate::finding::{Patch, PatchType};

/// What `object` becomes when `patch` is applied. `Create` replaces it by the patch's body.
pub fn apply(object: &Value, patch: &Patch) -> Value {
    let mut result = object.clone();
    match patch.type_ {
        PatchType::Merge => merge(&mut result, &patch.body),
        PatchType::Strategic => strategic(&mut result, &patch.body),
        PatchType::Create => result = patch.body.clone(),
    }
    result
}

/// JSON merge patch (RFC 7386): objects merge, `null` removes, anything else replaces.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    let fields = object_of(target);
    for (key, change) in changes {
        if change.is_null() {
            fields.remove(key);
        } else {
            merge(fields.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

/// Strategic merge: as merge, but lists of named things merge element by element, an element with `$patch: delete` is
/// removed, and an object with `$patch: replace` replaces the one that is there.
pub fn strategic(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if changes.get("$patch").and_then(Value::as_str) == Some("replace") {
        *target = Value::Object(Map::new());
    }
    let fields = object_of(target);
    for (key, change) in changes.iter().filter(|(key, _)| *key != "$patch") {
        if change.is_null() {
            fields.remove(key);
            continue;
        }
        let field = fields.entry(key.clone()).or_insert(Value::Null);
        match change {
            Value::Array(items) => match merge_key(key, items) {
                Some(merge_key) => merge_list(field, items, merge_key),
                None => *field = change.clone(),
            },
            _ => strategic(field, change),
        }
    }
}

fn object_of(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(fields) => fields,
        _ => unreachable!("made an object just above"),
    }
}

/// The field that names the elements of a list, from the `patchMergeKey` tags of the API types.
fn merge_key(field: &str, items: &[Value]) -> Option<&'static str> {
    match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "env"
        | "imagePullSecrets"
        | "secrets"
        | "webhooks" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        "volumeDevices" => Some("devicePath"),
        "hostAliases" => Some("ip"),
        "topologySpreadConstraints" => Some("topologyKey"),
        "conditions" => Some("type"),
        "ownerReferences" => Some("uid"),
        // Of a container and of a Service; network policies replace theirs.
        "ports" if items.iter().any(|item| item.get("containerPort").is_some()) => Some("containerPort"),
        "ports" if items.iter().any(|item| item.get("targetPort").is_some()) => Some("port"),
        _ => None,
    }
}

fn merge_list(target: &mut Value, changes: &[Value], key: &str) {
    if !target.is_array() {
        *target = Value::Array(Vec::new());
    }
    let Value::Array(items) = target else { return };
    for change in changes {
        let position = items.iter().position(|item| item.get(key) == change.get(key));
        let delete = change.get("$patch").and_then(Value::as_str) == Some("delete");
        match (position, delete) {
            (_, true) => items.retain(|item| item.get(key) != change.get(key)),
            (Some(position), false) => strategic(&mut items[position], change),
            (None, false) => items.push(change.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merge_replaces_lists_and_null_removes() {
        let mut object = json!({"a": [1, 2], "b": {"c": 1, "d": 2}});
        merge(&mut object, &json!({"a": [3], "b": {"c": null}}));
        assert_eq!(object, json!({"a": [3], "b": {"d": 2}}));
    }

    #[test]
    fn strategic_replaces_an_object_on_request() {
        let mut object = json!({"template": {"spec": {"a": 1, "b": 2}}});
        strategic(&mut object, &json!({"template": {"$patch": "replace", "spec": {"a": 3}}}));
        assert_eq!(object, json!({"template": {"spec": {"a": 3}}}));
    }

    #[test]
    fn strategic_merges_containers_by_name_and_deletes_on_request() {
        let mut object = json!({"containers": [
            {"name": "a", "image": "x", "env": [{"name": "E", "value": "1"}], "command": ["p", "q"]},
            {"name": "b"}]});
        strategic(
            &mut object,
            &json!({"containers": [
            {"name": "a", "env": [{"name": "E", "$patch": "delete"}, {"name": "F", "value": "2"}], "command": ["r"]}]}),
        );
        assert_eq!(
            object,
            json!({"containers": [
            {"name": "a", "image": "x", "env": [{"name": "F", "value": "2"}], "command": ["r"]},
            {"name": "b"}]})
        );
    }
}
