//! What has drifted from a release: the objects of the cluster, as they were listed, against its manifest.

use std::collections::BTreeMap;

use pilot_core::model::ObjectMeta;
use serde_json::{Value, json};

use super::compare::differs;
use super::record;
use crate::cluster::{Connection, KINDS};
use crate::plan::object_ref;

/// Most releases that are looked at.
const MOST: usize = 20;

/// `pilot/v1` ReleaseDrift for every deployed release whose record can be read.
pub async fn drifts(from: &Connection, objects: &[Value]) -> Vec<Value> {
    let mut found = Vec::new();
    for meta in deployed(objects).into_iter().take(MOST) {
        // A record that cannot be read (no permission, another format) says nothing.
        let Ok(record) = record::read(from, &meta).await else { continue };
        let differences = differences(objects, &record.manifest, &meta.namespace);
        found.push(json!({
            "apiVersion": "pilot/v1", "kind": "ReleaseDrift",
            "metadata": {"name": meta.labels.get("name"), "namespace": meta.namespace},
            "revision": meta.labels.get("version").and_then(|v| v.parse::<i64>().ok()),
            "differences": differences,
        }));
    }
    found
}

/// The newest record of every release, when it is deployed.
fn deployed(objects: &[Value]) -> Vec<ObjectMeta> {
    let mut newest: BTreeMap<(String, String), (u32, ObjectMeta)> = BTreeMap::new();
    for object in
        objects.iter().filter(|o| o["kind"] == "Secret" && o.pointer("/metadata/labels/owner") == Some(&json!("helm")))
    {
        let Ok(mut meta) = serde_json::from_value::<ObjectMeta>(object["metadata"].clone()) else { continue };
        let label = |key: &str| meta.labels.get(key).cloned().unwrap_or_default();
        let (name, version) = (label("name"), label("version").parse().unwrap_or(0));
        "Secret".clone_into(&mut meta.kind);
        let place = (meta.namespace.clone(), name);
        if newest.get(&place).is_none_or(|(known, _)| *known < version) {
            newest.insert(place, (version, meta));
        }
    }
    newest
        .into_values()
        .map(|(_, meta)| meta)
        .filter(|meta| meta.labels.get("status").is_some_and(|s| s == "deployed"))
        .collect()
}

fn differences(objects: &[Value], manifest: &str, namespace: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for wanted in record::manifests(manifest) {
        let mut object = object_ref(&wanted);
        // Kinds that were not listed cannot be told from those that are missing.
        let Some(kind) = KINDS.iter().find(|k| k.kind == object.kind && k.api_version == object.api_version) else {
            continue;
        };
        let listed = objects.iter().any(|o| o["kind"] == kind.kind);
        if kind.namespaced && object.namespace.is_empty() {
            namespace.clone_into(&mut object.namespace);
        }
        let live = objects.iter().find(|o| {
            o["kind"] == kind.kind
                && o.pointer("/metadata/name").and_then(Value::as_str) == Some(&object.name)
                && o.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or("") == object.namespace
        });
        let mut fields = match live {
            None if listed => vec![String::new()],
            None => continue,
            Some(live) => differs(&wanted, live),
        };
        // Values of Secrets are not here to be compared; replicas belong to an autoscaler where there is one.
        fields
            .retain(|field| !(kind.kind == "Secret" && (field.starts_with("data") || field.starts_with("stringData"))));
        let scaled = objects.iter().any(|o| {
            o["kind"] == "HorizontalPodAutoscaler"
                && o.pointer("/metadata/namespace").and_then(Value::as_str) == Some(&object.namespace)
                && o.pointer("/spec/scaleTargetRef/name").and_then(Value::as_str) == Some(&object.name)
        });
        fields.retain(|field| !(scaled && field == "spec.replicas"));
        found.extend(fields.into_iter().map(|field| json!({"object": object.to_string(), "field": field})));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_changed_is_named_and_an_autoscaler_may_scale() {
        let deployment = |replicas: i64| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "n"}, "spec": {"replicas": replicas, "paused": false}});
        let manifest = "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a}\nspec: {replicas: 1}\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata: {a: b}\n";
        let map = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "n"}, "data": {"a": "b"}});
        assert_eq!(differences(&[deployment(1), map("c")], manifest, "n"), Vec::<Value>::new());
        assert_eq!(
            differences(&[deployment(3), map("other")], manifest, "n"),
            [
                json!({"object": "Deployment/n/a", "field": "spec.replicas"}),
                json!({"object": "ConfigMap/n/c", "field": ""})
            ]
        );
        let hpa = json!({"kind": "HorizontalPodAutoscaler", "metadata": {"namespace": "n"}, "spec": {"scaleTargetRef": {"name": "a"}}});
        assert_eq!(differences(&[deployment(3), map("c"), hpa], manifest, "n"), Vec::<Value>::new());
        assert_eq!(differences(&[deployment(1)], manifest, "n"), Vec::<Value>::new(), "ConfigMaps were not listed");
    }
}
