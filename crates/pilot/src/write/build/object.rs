//! Any object: labels, creation, apply, patches, volumes, deletion.

use pilot_core::action::{MapChange, Target, Template};
use pilot_core::finding::PatchType;
use pilot_core::quantity::Quantity;
use serde_json::{Value, json};

use super::Build;
use crate::exit::Error;
use crate::plan::{Plan, Step, Verb, object_ref};

pub fn mark(build: &Build<'_>, target: &Target, field: &str, changes: &MapChange) -> Result<Plan, Error> {
    let target = build.find(target)?;
    if changes.is_empty() {
        return Err(Error::Usage(format!("name the {field}: key=value, or key- to remove")));
    }
    let mut plan = Plan::new(format!("change {field} of {target}"));
    if field == "labels" {
        let selected = build.world.services_for(
            &target.namespace,
            &changes.iter().filter_map(|(k, v)| Some((k.clone(), v.clone()?))).collect(),
        );
        for service in selected {
            plan.remark(format!("Service {} selects these labels", service.metadata.name));
        }
    }
    plan.push(Step::new(Verb::Patch, target, PatchType::Merge, json!({"metadata": {(field): changes}})));
    Ok(plan)
}

pub fn create(build: &Build<'_>, template: &Template, namespace: Option<&str>) -> Plan {
    let namespace = build.namespace_for_new(namespace);
    let mut plan = Plan::new(format!("create {} {}", template.kind(), template.name()));
    for object in template.objects(&namespace) {
        plan.push(Step::create(object).at_least(template.class()));
    }
    plan
}

pub fn apply(build: &Build<'_>, objects: &[Value]) -> Result<Plan, Error> {
    let mut plan = Plan::new(match objects {
        [one] => format!("apply {}", object_ref(one)),
        several => format!("apply {} objects", several.len()),
    });
    let namespace = build.namespace_for_new(None);
    // What others stand on comes first.
    let mut sorted: Vec<&Value> = objects.iter().collect();
    sorted.sort_by_key(|object| match object["kind"].as_str().unwrap_or("") {
        "Namespace" => 0,
        "CustomResourceDefinition" => 1,
        "ServiceAccount" | "Secret" | "ConfigMap" | "PersistentVolumeClaim" | "Role" | "ClusterRole" => 2,
        "RoleBinding" | "ClusterRoleBinding" | "Service" => 3,
        _ => 4,
    });
    for object in sorted {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        let (api_version, kind, name) = (text("/apiVersion"), text("/kind"), text("/metadata/name"));
        if api_version.is_empty() || kind.is_empty() || name.is_empty() {
            return Err(Error::Usage(format!(
                "an object to apply needs apiVersion, kind and metadata.name: {kind} {name}"
            )));
        }
        let mut object = object.clone();
        let namespaced = crate::cluster::find_kind(kind).is_none_or(|k| k.namespaced);
        if namespaced && text("/metadata/namespace").is_empty() {
            object["metadata"]["namespace"] = json!(namespace);
        }
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            // The server sets these; an apply that carries them is refused.
            for field in ["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation"] {
                metadata.remove(field);
            }
        }
        if let Some(fields) = object.as_object_mut() {
            fields.remove("status");
        }
        plan.push(Step::apply(object));
    }
    Ok(plan)
}

pub fn patch(build: &Build<'_>, target: &Target, type_: PatchType, body: &Value) -> Result<Plan, Error> {
    if type_ == PatchType::Create {
        return apply(build, std::slice::from_ref(body));
    }
    let target = build.find(target)?;
    if !body.is_object() {
        return Err(Error::Usage("a patch is an object".to_owned()));
    }
    let mut plan = Plan::new(format!("patch {target}"));
    plan.push(Step::new(Verb::Patch, target, type_, body.clone()));
    Ok(plan)
}

pub fn resize(build: &Build<'_>, target: &Target, size: &str) -> Result<Plan, Error> {
    let target = build.find(&Target { kind: Some("PersistentVolumeClaim".to_owned()), ..target.clone() })?;
    let wanted: Quantity = size.parse().map_err(|_| Error::Usage(format!("{size:?} is not a size such as 10Gi")))?;
    let snapshot = build.snapshot();
    let claim = snapshot
        .claims
        .iter()
        .find(|c| c.metadata.namespace == target.namespace && c.metadata.name == target.name)
        .ok_or_else(|| Error::NotFound(target.to_string()))?;
    if let Some(now) = claim.spec.resources.requests.get("storage")
        && wanted < *now
    {
        return Err(Error::Refused(format!("{target} has {now}: a volume can only grow")));
    }
    let class = claim.spec.storage_class_name.clone().unwrap_or_default();
    let expands = snapshot.storage_classes.iter().find(|c| c.metadata.name == class);
    if expands.is_some_and(|c| c.allow_volume_expansion != Some(true)) {
        return Err(Error::Refused(format!(
            "StorageClass {class} does not allow volumes to grow (allowVolumeExpansion): make a larger claim and move the data"
        )));
    }
    let mut plan = Plan::new(format!("resize {target} to {size}"));
    plan.remark("a volume that has grown cannot shrink again: this cannot be undone");
    let body = json!({"spec": {"resources": {"requests": {"storage": size}}}});
    plan.push(Step::new(Verb::Patch, target, PatchType::Merge, body));
    Ok(plan)
}

pub fn delete(build: &Build<'_>, target: &Target) -> Result<Plan, Error> {
    if target.kind.is_none() {
        return Err(Error::Refused(format!("say what {} is: kind/name", target.name)));
    }
    let target = build.find(target)?;
    let mut plan = Plan::new(format!("delete {target}"));
    plan.push(Step::delete(target));
    Ok(plan)
}
