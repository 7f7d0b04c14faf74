//! A made-up cluster of any size: Deployments with their ReplicaSets, pods, Services, configuration,
//! usage and policies; some healthy, some careless. The same size gives the same cluster.

use serde_json::{Value, json};

const PODS_PER_DEPLOYMENT: usize = 5;
const DEPLOYMENTS_PER_NAMESPACE: usize = 20;

/// The objects of a cluster with `pods` pods, rounded up to whole Deployments.
pub fn cluster(pods: usize) -> Vec<Value> {
    let mut objects = Vec::new();
    for node in 0..(pods / 50 + 1) {
        objects.push(json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": { "name": format!("node-{node}"), "labels": { "kubernetes.io/hostname": format!("node-{node}") } },
            "status": {
                "allocatable": { "cpu": "16", "memory": "64Gi", "pods": "110" },
                "conditions": [{ "type": "Ready", "status": "True" }],
            },
        }));
    }
    for index in 0..pods.div_ceil(PODS_PER_DEPLOYMENT) {
        let namespace = format!("team-{}", index / DEPLOYMENTS_PER_NAMESPACE);
        if index.is_multiple_of(DEPLOYMENTS_PER_NAMESPACE) {
            objects.push(json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace } }));
        }
        application(&mut objects, &namespace, index);
    }
    objects
}

fn application(objects: &mut Vec<Value>, namespace: &str, index: usize) {
    let name = format!("app-{index}");
    let labels = json!({ "app": name, "pod-template-hash": "abc" });
    let meta =
        |suffix: &str| json!({ "name": format!("{name}{suffix}"), "namespace": namespace, "labels": { "app": name } });
    let owned = |suffix: &str, kind: &str, owner: &str| {
        json!({
            "name": format!("{name}{suffix}"), "namespace": namespace, "labels": labels,
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": owner, "controller": true }],
        })
    };
    let spec = pod_spec(&name, index);
    let template = json!({ "metadata": { "labels": labels }, "spec": spec });
    let selector = json!({ "matchLabels": { "app": name } });
    objects.push(json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(""),
        "spec": { "replicas": PODS_PER_DEPLOYMENT, "selector": selector, "template": template } }));
    objects
        .push(json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": owned("-abc", "Deployment", &name),
        "spec": { "replicas": PODS_PER_DEPLOYMENT, "selector": selector, "template": template } }));
    objects.push(json!({ "apiVersion": "v1", "kind": "Service", "metadata": meta(""),
        "spec": { "selector": { "app": name }, "ports": [{ "name": "http", "port": 80, "targetPort": "http" }] } }));
    objects.push(
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("-config"), "data": { "MODE": "prod" } }),
    );
    if index.is_multiple_of(3) {
        objects.push(json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta(""),
            "spec": { "podSelector": selector, "policyTypes": ["Ingress", "Egress"],
                "ingress": [{ "from": [{ "namespaceSelector": {} }] }], "egress": [{}] } }));
    }
    for pod in 0..PODS_PER_DEPLOYMENT {
        let suffix = format!("-abc-{pod}");
        let mut placed = spec.clone();
        placed["nodeName"] = json!(format!("node-{}", index % 7));
        objects.push(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": owned(&suffix, "ReplicaSet", &format!("{name}-abc")),
            "spec": placed,
            "status": { "phase": "Running", "podIP": format!("10.0.{}.{pod}", index % 250),
                "conditions": [{ "type": "Ready", "status": "True" }],
                "containerStatuses": [{ "name": "app", "ready": true, "restartCount": 0, "state": { "running": {} } }] } }));
        objects.push(json!({ "apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics", "metadata": { "name": format!("{name}{suffix}"), "namespace": namespace },
            "containers": [{ "name": "app", "usage": { "cpu": format!("{}m", 20 + index % 200), "memory": "90Mi" } }] }));
    }
}

fn pod_spec(name: &str, index: usize) -> Value {
    let careless = index.is_multiple_of(2);
    let mut container = json!({
        "name": "app", "image": if careless { "registry.example.com/app".to_owned() } else { format!("registry.example.com/app:1.{index}") },
        "ports": [{ "name": "http", "containerPort": 8080 }],
        "env": [
            { "name": "UPSTREAM", "value": format!("http://app-{}:80", index + 1) },
            { "name": "LOG", "value": "info" },
        ],
        "envFrom": [{ "configMapRef": { "name": format!("{name}-config") } }],
        "resources": { "requests": { "cpu": "100m", "memory": "128Mi" }, "limits": { "memory": "256Mi" } },
    });
    if !careless {
        container["securityContext"] =
            json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } });
        container["readinessProbe"] = json!({ "httpGet": { "path": "/ready", "port": "http" } });
    }
    json!({ "containers": [container], "serviceAccountName": "default" })
}
