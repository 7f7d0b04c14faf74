//! What becomes of a pod template on the machines of the script: decided from the objects and the script alone.

use std::collections::BTreeMap;

use pilot_core::quantity::Quantity;
use serde_json::{Value, json};

use super::api::Script;

/// Why a container does not run.
pub struct Trouble {
    reason: &'static str,
    killed: Option<&'static str>,
    pending: bool,
}

const fn waiting(reason: &'static str) -> Option<Trouble> {
    Some(Trouble { reason, killed: None, pending: false })
}

/// What is wrong with a template, first things first, as a kubelet would find out.
pub fn trouble(
    script: &Script,
    template: &Value,
    objects: &BTreeMap<String, Value>,
    namespace: &Value,
) -> Option<Trouble> {
    let spec = &template["spec"];
    if !fits_a_node(spec, objects) {
        return Some(Trouble { reason: "Unschedulable", killed: None, pending: true });
    }
    let namespace = namespace.as_str().unwrap_or("");
    for container in spec["containers"].as_array().into_iter().flatten() {
        let image = container["image"].as_str().unwrap_or("");
        if !script.images.contains(&image) {
            return waiting("ImagePullBackOff");
        }
        for variable in container["env"].as_array().into_iter().flatten() {
            let reference = &variable["valueFrom"]["secretKeyRef"];
            let name = reference["name"].as_str().unwrap_or("");
            let secret = objects.get(&format!("/api/v1/namespaces/{namespace}/secrets/{name}"));
            let key = reference["key"].as_str().unwrap_or("");
            if !reference.is_null() && secret.is_none_or(|s| s["data"][key].is_null()) {
                return waiting("CreateContainerConfigError");
            }
        }
        if script.crashing.contains(&image) {
            return Some(Trouble { reason: "CrashLoopBackOff", killed: Some("Error"), pending: false });
        }
        let limit: Option<Quantity> = container["resources"]["limits"]["memory"].as_str().and_then(|l| l.parse().ok());
        let needs: Quantity = format!("{}Mi", script.needs_mib).parse().unwrap();
        if limit.is_some_and(|limit| limit < needs) {
            return Some(Trouble { reason: "CrashLoopBackOff", killed: Some("OOMKilled"), pending: false });
        }
        let ports: Vec<&Value> =
            container["ports"].as_array().into_iter().flatten().map(|p| &p["containerPort"]).collect();
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let http = &container[probe]["httpGet"];
            let path = http["path"].as_str().unwrap_or("/");
            if !http.is_null() && (!ports.contains(&&http["port"]) || (path != "/" && !script.paths.contains(&path))) {
                return Some(Trouble { reason: "CrashLoopBackOff", killed: Some("Error"), pending: false });
            }
        }
    }
    None
}

fn fits_a_node(spec: &Value, objects: &BTreeMap<String, Value>) -> bool {
    let nodes = objects.iter().filter(|(path, _)| path.starts_with("/api/v1/nodes/")).map(|(_, node)| node);
    nodes.into_iter().any(|node| {
        let wanted = spec["nodeSelector"].as_object().cloned().unwrap_or_default();
        let labels = wanted.iter().all(|(key, value)| node["metadata"]["labels"][key] == *value);
        let tolerated = |taint: &Value| {
            let tolerations = spec["tolerations"].as_array().cloned().unwrap_or_default();
            tolerations
                .iter()
                .any(|t| t["key"] == taint["key"] && (t["value"] == taint["value"] || t["operator"] == "Exists"))
        };
        let taints = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
        labels && taints.iter().all(tolerated)
    })
}

/// A template without the label that its ReplicaSet adds.
pub fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
        labels.remove("pod-template-hash");
    }
    template
}

/// A new ReplicaSet of a Deployment.
pub fn replica_set(deployment: &Value, number: u64) -> (String, Value) {
    let (name, namespace) =
        (deployment["metadata"]["name"].as_str().unwrap(), deployment["metadata"]["namespace"].as_str().unwrap());
    let hash = format!("h{number}");
    let mut template = deployment["spec"]["template"].clone();
    template["metadata"]["labels"]["pod-template-hash"] = json!(hash);
    let mut selector = deployment["spec"]["selector"].clone();
    selector["matchLabels"]["pod-template-hash"] = json!(hash);
    let name_of = format!("{name}-{hash}");
    let set = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": name_of, "namespace": namespace, "labels": template["metadata"]["labels"],
            "creationTimestamp": "2026-01-15T12:00:00Z", "annotations": {},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": "d1", "controller": true}]},
        "spec": {"selector": selector, "template": template}});
    (format!("/apis/apps/v1/namespaces/{namespace}/replicasets/{name_of}"), set)
}

/// A pod of a ReplicaSet, running or in trouble.
pub fn pod(set: &Value, number: i64, unique: u64, trouble: Option<&Trouble>) -> (String, Value) {
    let namespace = set["metadata"]["namespace"].as_str().unwrap();
    let name = format!("{}-p{number}", set["metadata"]["name"].as_str().unwrap());
    let ready = trouble.is_none();
    let statuses: Vec<Value> = set["spec"]["template"]["spec"]["containers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|container| {
            let mut status = json!({"name": container["name"], "image": container["image"], "ready": ready, "restartCount": 0,
                "state": {"running": {"startedAt": "2026-01-15T12:00:00Z"}}});
            if let Some(trouble) = trouble {
                status["state"] = json!({"waiting": {"reason": trouble.reason, "message": "as the script says"}});
                if let Some(killed) = trouble.killed {
                    status["restartCount"] = json!(3);
                    status["lastState"] = json!({"terminated": {"reason": killed, "exitCode": if killed == "OOMKilled" { 137 } else { 1 }}});
                }
            }
            status
        })
        .collect();
    let pending = trouble.is_some_and(|t| t.pending);
    let word = |flag: bool| if flag { "True" } else { "False" };
    let mut object = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "uid": format!("pod-{unique}"), "labels": set["spec"]["template"]["metadata"]["labels"],
            "creationTimestamp": "2026-01-15T12:00:00Z",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": set["metadata"]["name"], "uid": "r1", "controller": true}]},
        "spec": set["spec"]["template"]["spec"],
        "status": {"phase": if ready { "Running" } else { "Pending" },
            "conditions": [{"type": "PodScheduled", "status": word(!pending)}, {"type": "Ready", "status": word(ready)}],
            "containerStatuses": if pending { json!([]) } else { json!(statuses) }}});
    if !pending {
        object["spec"]["nodeName"] = json!("node-1");
    }
    (format!("/api/v1/namespaces/{namespace}/pods/{name}"), object)
}

/// The endpoints of a Service: ready pods with the target port.
pub fn endpoint_slice(service: &Value, pods: &[(String, Value)]) -> Value {
    let selector = service["spec"]["selector"].as_object().cloned().unwrap_or_default();
    let target = &service["spec"]["ports"][0]["targetPort"];
    let has_port = |pod: &Value| {
        let ports =
            pod["spec"]["containers"].as_array().into_iter().flatten().flat_map(|c| c["ports"].as_array()).flatten();
        ports.into_iter().any(|p| p["containerPort"] == *target || p["name"] == *target)
    };
    let endpoints: Vec<Value> = pods
        .iter()
        .filter(|(_, pod)| !selector.is_empty() && selector.iter().all(|(k, v)| pod["metadata"]["labels"][k] == *v))
        .filter(|(_, pod)| has_port(pod))
        .map(|(_, pod)| {
            let ready = pod["status"]["conditions"].as_array().into_iter().flatten().any(|c| c["type"] == "Ready" && c["status"] == "True");
            json!({"addresses": ["10.0.0.1"], "conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"]}})
        })
        .collect();
    let name = service["metadata"]["name"].as_str().unwrap();
    json!({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": format!("{name}-1"), "namespace": service["metadata"]["namespace"], "labels": {"kubernetes.io/service-name": name}},
        "endpoints": endpoints, "ports": [{"port": target}]})
}
