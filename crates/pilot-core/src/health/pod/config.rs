//! References that lead nowhere, and pods stuck in ContainerCreating (HLT-106, HLT-114).

use serde_json::json;

use super::Case;
use crate::finding::{EvidenceSource, Patch};
use crate::health::catalogue::{CONFIG_MISSING, CREATING};
use crate::health::draft::{Draft, container_patch, pod_patch};
use crate::health::world::container;
use crate::nearest::nearest;

pub fn missing_reference(case: &Case<'_>) -> Option<Draft> {
    let (list, status, reason, message) = case.waiting(&["CreateContainerConfigError"])?;
    let draft = |text: String| {
        Draft::new(&CONFIG_MISSING, text).container(&status.name).seen(
            EvidenceSource::Status,
            format!("{list}[{}].state.waiting", status.name),
            format!("{reason}: {message}"),
        )
    };
    if message.contains("runAsNonRoot") {
        let text = if message.contains("non-numeric user") {
            format!(
                "container {} must not run as root, but its image names the user by name, which cannot be checked",
                status.name
            )
        } else {
            format!("container {} must not run as root, but its image runs as root", status.name)
        };
        return Some(
            draft(text)
                .field(case.field(list, &status.name, "securityContext.runAsUser"))
                .patch(
                    "Run it as a numeric user that can read the image's files.",
                    container_patch(
                        case.root,
                        list,
                        &status.name,
                        json!({"securityContext": {"runAsUser": 10001, "runAsNonRoot": true}}),
                    ),
                )
                .risk("files in the image may belong to another user"),
        );
    }
    if let Some((kind, name)) = not_found(message) {
        return Some(missing_object(case, draft, list, &status.name, kind, name));
    }
    if let Some((kind, name, key)) = no_key(message) {
        let known = keys(case, kind, name);
        let text = format!("container {} reads key {key:?} of {kind} {name}, which has no such key", status.name);
        let meant = nearest(key, known.iter().map(String::as_str));
        let draft = draft(text)
            .seen(EvidenceSource::Computed, format!("keys of {kind} {name}"), known.join(", "))
            .field(case.field(list, &status.name, "env"));
        return Some(
            match meant
                .and_then(|meant| key_patch(case, list, &status.name, kind, name, key, meant).map(|p| (meant, p)))
            {
                Some((meant, patch)) => {
                    draft.patch(format!("Did you mean {meant:?}? Read that key, or add {key:?}."), Some(patch))
                }
                None => draft.advice(format!("Add key {key:?} to {kind} {name}."), "its value has to come from you"),
            },
        );
    }
    Some(
        draft(format!("container {} cannot be configured: {message}", status.name))
            .advice("Correct what the message names.", "the cause is not of a known kind"),
    )
}

fn missing_object(
    case: &Case<'_>,
    draft: impl Fn(String) -> Draft,
    list: &str,
    container_name: &str,
    kind: &'static str,
    name: &str,
) -> Draft {
    let namespace = &case.pod.metadata.namespace;
    let elsewhere: Vec<&str> = case
        .world
        .snapshot
        .namespaces
        .iter()
        .map(|n| n.metadata.name.as_str())
        .filter(|other| other != namespace && case.world.object(kind, other, name).is_some())
        .collect();
    let names = case.world.names(kind, namespace);
    let meant = nearest(name, names.iter().copied());
    let draft =
        draft(format!("container {container_name} needs {kind} {name}, which does not exist in namespace {namespace}"))
            .field(case.field(list, container_name, "env"));
    let draft = if elsewhere.is_empty() {
        draft
    } else {
        draft.seen(EvidenceSource::Computed, format!("{kind} {name} exists in"), elsewhere.join(", "))
    };
    match meant.and_then(|meant| name_patch(case, list, container_name, kind, name, meant).map(|patch| (meant, patch)))
    {
        Some((meant, patch)) => {
            draft.patch(format!("Did you mean {kind} {meant}? Refer to it, or create {name}."), Some(patch))
        }
        None => draft
            .advice(format!("Create {kind} {name} in namespace {namespace}."), "its content has to come from you")
            .command(format!(
                "kubectl create {} {name} -n {namespace} --from-literal=KEY=VALUE",
                if kind == "Secret" { "secret generic" } else { "configmap" }
            )),
    }
}

/// `secret "x" not found`, `configmap "x" not found`.
fn not_found(message: &str) -> Option<(&'static str, &str)> {
    for (word, kind) in
        [("secret \"", "Secret"), ("configmap \"", "ConfigMap"), ("serviceaccount \"", "ServiceAccount")]
    {
        if let Some(at) = message.find(word) {
            let rest = &message[at + word.len()..];
            let end = rest.find('"')?;
            if rest[end..].contains("not found") {
                return Some((kind, &rest[..end]));
            }
        }
    }
    None
}

/// `couldn't find key K in Secret ns/name`.
fn no_key(message: &str) -> Option<(&'static str, &str, &str)> {
    let rest = &message[message.find("find key ")? + "find key ".len()..];
    let (key, rest) = rest.split_once(" in ")?;
    let (word, rest) = rest.split_once(' ')?;
    let kind = if word.eq_ignore_ascii_case("secret") { "Secret" } else { "ConfigMap" };
    let name = rest.split_whitespace().next()?.rsplit('/').next()?;
    Some((kind, name, key))
}

fn keys(case: &Case<'_>, kind: &str, name: &str) -> Vec<String> {
    let namespace = &case.pod.metadata.namespace;
    let snapshot = case.world.snapshot;
    if kind == "Secret" {
        let found = snapshot.secrets.iter().find(|s| s.metadata.namespace == *namespace && s.metadata.name == name);
        found.map_or_else(Vec::new, |s| s.keys.keys().cloned().collect())
    } else {
        let found = snapshot.config_maps.iter().find(|c| c.metadata.namespace == *namespace && c.metadata.name == name);
        found.map_or_else(Vec::new, |c| c.data.keys().cloned().chain(c.binary_data.iter().cloned()).collect())
    }
}

/// A patch that makes the environment refer to `to` instead of `from`.
fn name_patch(case: &Case<'_>, list: &str, name: &str, kind: &str, from: &str, to: &str) -> Option<Patch> {
    let spec = container(case.pod, name)?;
    let mut env = Vec::new();
    for var in &spec.env {
        let Some(source) = &var.value_from else { continue };
        let reference = if kind == "Secret" { &source.secret_key_ref } else { &source.config_map_key_ref };
        if let Some(reference) = reference.as_ref().filter(|r| r.name == from) {
            let field = if kind == "Secret" { "secretKeyRef" } else { "configMapKeyRef" };
            env.push(json!({"name": var.name, "valueFrom": {field: {"name": to, "key": reference.key}}}));
        }
    }
    if env.is_empty() {
        // envFrom has no merge key: the whole list is replaced.
        let has = spec.env_from.iter().any(|e| e.secret_ref.iter().chain(&e.config_map_ref).any(|r| r.name == from));
        if !has || spec.env_from.len() > 1 {
            return None;
        }
        let field = if kind == "Secret" { "secretRef" } else { "configMapRef" };
        return container_patch(case.root, list, name, json!({"envFrom": [{field: {"name": to}}]}));
    }
    container_patch(case.root, list, name, json!({ "env": env }))
}

fn key_patch(case: &Case<'_>, list: &str, name: &str, kind: &str, object: &str, from: &str, to: &str) -> Option<Patch> {
    let spec = container(case.pod, name)?;
    let env: Vec<_> = spec
        .env
        .iter()
        .filter_map(|var| {
            let source = var.value_from.as_ref()?;
            let reference = if kind == "Secret" { &source.secret_key_ref } else { &source.config_map_key_ref };
            reference.as_ref().filter(|r| r.name == object && r.key == from)?;
            let field = if kind == "Secret" { "secretKeyRef" } else { "configMapKeyRef" };
            Some(json!({"name": var.name, "valueFrom": {field: {"name": object, "key": to}}}))
        })
        .collect();
    if env.is_empty() { None } else { container_patch(case.root, list, name, json!({ "env": env })) }
}

pub fn creating(case: &Case<'_>) -> Option<Draft> {
    let (_, _, reason, _) = case.waiting(&["ContainerCreating", "PodInitializing"])?;
    let event = case.world.pod_event(
        case.pod,
        &[
            "FailedMount",
            "FailedAttachVolume",
            "FailedCreatePodSandBox",
            "FailedMapVolume",
            "NetworkNotReady",
            "FailedCreatePodContainer",
        ],
    );
    let initialising = reason == "PodInitializing" && event.is_none();
    if initialising || (event.is_none() && case.age() <= 120) || (case.age() <= 20) {
        return None;
    }
    let Some(event) = event else {
        return Some(
            Draft::new(&CREATING, "the node has not started the containers, and no event says why")
                .advice("Look at the kubelet and the container runtime of the node.", "the cause is on the node")
                .waits_for("Node", "", &case.pod.spec.node_name),
        );
    };
    let text = event.message.as_str();
    let draft = match (event.reason.as_str(), not_found(text)) {
        ("FailedMount" | "FailedMapVolume", Some((kind, name))) => {
            let namespace = &case.pod.metadata.namespace;
            let names = case.world.names(kind, namespace);
            let meant = nearest(name, names.iter().copied());
            let draft = Draft::new(
                &CREATING,
                format!("a volume needs {kind} {name}, which does not exist in namespace {namespace}"),
            )
            .field(format!("{}.volumes", case.pod_spec_path()));
            match meant.and_then(|meant| volume_patch(case, kind, name, meant).map(|patch| (meant, patch))) {
                Some((meant, patch)) => {
                    draft.patch(format!("Did you mean {kind} {meant}? Refer to it, or create {name}."), Some(patch))
                }
                None => draft.advice(
                    format!("Create {kind} {name} in namespace {namespace}."),
                    "its content has to come from you",
                ),
            }
        }
        ("FailedMount" | "FailedMapVolume", None)
            if text.contains("references non-existent secret key")
                || text.contains("references non-existent config key") =>
        {
            let key = text.rsplit(": ").next().unwrap_or("");
            Draft::new(&CREATING, format!("a volume asks for key {key}, which its Secret or ConfigMap does not have"))
                .field(format!("{}.volumes", case.pod_spec_path()))
                .advice("Correct the key in the volume's items, or add it.", "its value has to come from you")
        }
        ("FailedMount" | "FailedMapVolume", None) => Draft::new(&CREATING, "a volume cannot be mounted")
            .advice("Read the message; check the volume's driver and the node.", "the cause is in the storage system"),
        ("FailedAttachVolume", _) if text.contains("Multi-Attach") => {
            Draft::new(&CREATING, "the volume is still attached to another node and allows only one (ReadWriteOnce)")
                .advice(
                    "Wait until the other pod is gone, or delete it; use strategy Recreate for a single-writer volume.",
                    "ending another pod is your decision",
                )
        }
        ("FailedAttachVolume", _) => Draft::new(&CREATING, "the volume cannot be attached to the node")
            .advice("Check the storage driver and the node.", "the cause is in the storage system"),
        _ => Draft::new(&CREATING, "the node cannot set up the pod's network").advice(
            "Check the network plugin's pods (kube-system) on that node.",
            "the cause is in the network plugin",
        ),
    };
    Some(draft.event(event).seen(EvidenceSource::Spec, "spec.nodeName", case.pod.spec.node_name.clone()))
}

fn volume_patch(case: &Case<'_>, kind: &str, from: &str, to: &str) -> Option<Patch> {
    let volume = case.pod.spec.volumes.iter().find(|v| match kind {
        "Secret" => v.secret.as_ref().is_some_and(|s| s.secret_name == from),
        _ => v.config_map.as_ref().is_some_and(|c| c.name == from),
    })?;
    let source =
        if kind == "Secret" { json!({"secret": {"secretName": to}}) } else { json!({"configMap": {"name": to}}) };
    let mut entry = json!({"name": volume.name});
    if let (Some(entry), Some(source)) = (entry.as_object_mut(), source.as_object()) {
        entry.extend(source.clone());
    }
    pod_patch(case.root, json!({"volumes": [entry]}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kubelets_words() {
        assert_eq!(not_found(r#"secret "db" not found"#), Some(("Secret", "db")));
        assert_eq!(
            not_found(r#"MountVolume.SetUp failed for volume "c" : configmap "cfg" not found"#),
            Some(("ConfigMap", "cfg"))
        );
        assert_eq!(not_found("boom"), None);
        assert_eq!(no_key("couldn't find key url in Secret todo/db"), Some(("Secret", "db", "url")));
        assert_eq!(no_key("couldn't find key url in ConfigMap todo/cfg"), Some(("ConfigMap", "cfg", "url")));
    }
}
