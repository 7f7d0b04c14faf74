//! Live objects against the manifest of a revision.
//!
//! A manifest says less than the live object: the server fills in defaults, and controllers add fields. What counts is
//! that everything the manifest says holds, which is what server-side apply would find nothing to change in. Lists of
//! named things are compared by name, amounts by what they are worth.

use pilot_core::model::ObjectRef;
use pilot_core::quantity::Quantity;
use serde::Serialize;
use serde_json::Value;

use super::record::manifests;
use crate::cluster::{self, Connection};
use crate::exit::Error;
use crate::plan::{diff, object_ref};

/// A field that is not as the manifest says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The object.
    pub object: ObjectRef,
    /// Field path; empty when the object is missing.
    pub field: String,
    /// What the manifest says.
    pub manifest: Value,
    /// What the live object says; null when it is missing.
    pub live: Value,
}

/// Every field of the manifest that does not hold in the cluster. Values of Secrets are compared and not kept.
///
/// # Errors
/// When an object can't be read for another reason than that it is not there.
pub async fn compare(from: &Connection, manifest: &str, namespace: &str) -> Result<Vec<Difference>, Error> {
    let mut found = Vec::new();
    for wanted in manifests(manifest).into_iter().map(as_stored) {
        let mut object = object_ref(&wanted);
        let resource = cluster::resource(from, &object.api_version, &object.kind).await?;
        if resource.namespaced && object.namespace.is_empty() {
            namespace.clone_into(&mut object.namespace);
        }
        let live = match from.get(&resource.object_path(&object.namespace, &object.name)).await {
            Ok(live) => live,
            Err(kube::Error::Api(status)) if status.code == 404 => Value::Null,
            Err(error) => return Err(from.explain(&error)),
        };
        let mut fields = Vec::new();
        if live.is_null() {
            fields.push((String::new(), Value::Null, Value::Null));
        } else {
            holds(&wanted, &live, "", &mut fields);
        }
        let secret = object.kind == "Secret";
        found.extend(fields.into_iter().map(|(field, manifest, live)| Difference {
            object: object.clone(),
            field,
            manifest: if secret { Value::Null } else { manifest },
            live: if secret { Value::Null } else { live },
        }));
    }
    Ok(found)
}

/// The server keeps a Secret's `stringData` as `data`.
fn as_stored(mut object: Value) -> Value {
    use base64::Engine as _;
    let Some(plain) = object.get_mut("stringData").map(Value::take) else { return object };
    if object["kind"] == "Secret" {
        for (key, value) in plain.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            object["data"][key] = Value::from(base64::engine::general_purpose::STANDARD.encode(text));
        }
    }
    object
}

/// Paths of the fields that `wanted` says and that do not hold in `live`.
pub(super) fn differs(wanted: &Value, live: &Value) -> Vec<String> {
    let mut found = Vec::new();
    holds(wanted, live, "", &mut found);
    found.into_iter().map(|(field, ..)| field).collect()
}

type Fields = Vec<(String, Value, Value)>;

/// Whether everything that `wanted` says holds in `live`; what does not is added to `found`.
fn holds(wanted: &Value, live: &Value, path: &str, found: &mut Fields) {
    match (wanted, live) {
        (Value::Object(fields), Value::Object(_)) => {
            for (key, value) in fields {
                // The status is the cluster's; stringData is kept as data.
                if path.is_empty() && matches!(key.as_str(), "status" | "stringData") {
                    continue;
                }
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                holds(value, live.get(key).unwrap_or(&Value::Null), &path, found);
            }
        }
        (Value::Array(items), Value::Array(others)) => list(items, others, path, found),
        _ if equal(wanted, live) => {}
        _ => found.push((path.to_owned(), wanted.clone(), live.clone())),
    }
}

fn list(items: &[Value], others: &[Value], path: &str, found: &mut Fields) {
    // What identifies an item does so once: port 53 is there for UDP and for TCP, and a taint is tolerated by effect.
    let identifies = |key: &&str| {
        let values: Vec<&Value> = items.iter().filter_map(|item| item.get(key)).collect();
        let once = |(at, value): (usize, &&Value)| !values[..at].contains(value);
        !items.is_empty() && values.len() == items.len() && values.iter().enumerate().all(once)
    };
    let key = ["name", "containerPort", "mountPath", "port", "key"].into_iter().find(identifies);
    let differs = |found: &mut Fields| found.push((path.to_owned(), Value::from(items), Value::from(others)));
    match key {
        Some(key) => {
            for item in items {
                let name = item[key].as_str().map_or_else(|| item[key].to_string(), str::to_owned);
                let path = format!("{path}[{name}]");
                match others.iter().find(|other| other.get(key) == item.get(key)) {
                    Some(other) => holds(item, other, &path, found),
                    None => found.push((path, item.clone(), Value::Null)),
                }
            }
            // One that the manifest does not have was added by hand, or by an admission webhook.
            if path.ends_with("containers") && others.len() > items.len() {
                differs(found);
            }
        }
        None if items.len() != others.len() => differs(found),
        None => items.iter().zip(others).enumerate().for_each(|(at, (item, other))| {
            holds(item, other, &format!("{path}[{at}]"), found);
        }),
    }
}

/// Equal as the API server sees it: amounts by their worth, and what is empty is as good as absent.
fn equal(wanted: &Value, live: &Value) -> bool {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
    };
    let amount = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse::<Quantity>().ok()
    };
    let plain = |value: &Value| value.is_string() || value.is_number();
    wanted == live
        || (live.is_null() && empty(wanted))
        || (plain(wanted) && plain(live) && amount(wanted).is_some_and(|a| amount(live) == Some(a)))
}

/// The diffs of all objects between two manifests, redacted.
pub fn manifest_diff(before: &str, after: &str) -> String {
    let (old, new) = (manifests(before), manifests(after));
    let mut text = String::new();
    let mut names: Vec<ObjectRef> = old.iter().chain(&new).map(object_ref).collect();
    names.sort();
    names.dedup();
    for name in names {
        let of = |list: &[Value]| list.iter().find(|o| object_ref(o) == name).cloned().unwrap_or_default();
        let changes = diff(&of(&old), &of(&new));
        if !changes.is_empty() {
            text += &format!("# {name}\n{changes}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_and_spellings_are_no_drift() {
        let wanted = json!({"metadata": {"name": "a"}, "spec": {"replicas": 2, "paused": false, "template": {"spec": {"containers": [
            {"name": "app", "image": "a:1", "resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}}, "env": [], "ports": [{"containerPort": 80}]}]}}}});
        let live = json!({"metadata": {"name": "a", "uid": "u"}, "spec": {"replicas": 2, "template": {"spec": {"containers": [
            {"name": "app", "image": "a:1", "imagePullPolicy": "Always", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
             "ports": [{"containerPort": 80, "protocol": "TCP"}]}]}}}, "status": {}});
        assert_eq!(differs(&wanted, &live), Vec::<String>::new());
    }

    #[test]
    fn one_port_may_be_there_twice() {
        let policy = |second: &str| json!({"spec": {"egress": [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": second}]}]}});
        assert_eq!(differs(&policy("TCP"), &policy("TCP")), Vec::<String>::new());
        assert_eq!(differs(&policy("TCP"), &policy("SCTP")), ["spec.egress[0].ports[1].protocol"]);
    }

    #[test]
    fn drift_is_named_by_field() {
        let object = |image: &str, replicas: i64| json!({"spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "app", "image": image, "args": ["a"]}]}}}});
        let mut live = object("a:2", 3);
        assert_eq!(differs(&object("a:1", 1), &live), ["spec.replicas", "spec.template.spec.containers[app].image"]);
        live["spec"]["template"]["spec"]["containers"] =
            json!([{"name": "app", "image": "a:1", "args": ["a"]}, {"name": "extra"}]);
        assert_eq!(differs(&object("a:1", 3), &live), ["spec.template.spec.containers"]);
    }

    #[test]
    fn manifests_are_compared_object_by_object() {
        let manifest = |replicas: i64| {
            format!(
                "---\nkind: Deployment\napiVersion: apps/v1\nmetadata: {{name: a}}\nspec: {{replicas: {replicas}}}\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: c}}\n"
            )
        };
        let text = manifest_diff(&manifest(1), &manifest(2));
        assert!(text.starts_with("# Deployment/a\n") && text.contains("+  replicas: 2"), "{text}");
        assert!(!text.contains("ConfigMap"), "{text}");
        assert_eq!(manifest_diff(&manifest(1), &manifest(1)), "");
    }
}
