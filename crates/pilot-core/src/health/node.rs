//! Nodes and the cluster as a whole (HLT-241 to HLT-243), and the way to it (HLT-271).

use super::catalogue::{API_ACCESS, CLUSTER_FACTS, NODE_LIMITED, NODE_UNHEALTHY};
use super::draft::{Draft, Found};
use super::world::{World, seconds_since};
use crate::finding::{EvidenceSource, Severity};
use crate::model::{Node, ObjectRef};
use crate::quantity::Quantity;

/// Conditions that mean trouble when they are `True`. Others are vendors' own and left alone.
const BAD: &[(&str, &str)] = &[
    ("MemoryPressure", "the node is low on memory and evicts pods"),
    ("DiskPressure", "the node is low on disk and evicts pods"),
    ("PIDPressure", "the node is low on process ids"),
    ("NetworkUnavailable", "the node's network is not set up"),
    ("KernelDeadlock", "the node's kernel is deadlocked"),
    ("ReadonlyFilesystem", "the node's file system is read-only"),
    ("FrequentKubeletRestart", "the node's kubelet keeps restarting"),
    ("FrequentContainerdRestart", "the node's container runtime keeps restarting"),
];

/// Findings about nodes.
pub fn check(world: &World<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for node in &world.snapshot.nodes {
        let about = node.metadata.object_ref();
        found.extend(unhealthy(world, node).into_iter().map(|d| d.about(about.clone())));
        found.extend(limited(world, node).into_iter().map(|d| d.about(about.clone())));
    }
    found.extend(cluster(world));
    found
}

fn unhealthy(world: &World<'_>, node: &Node) -> Vec<Draft> {
    let mut found = Vec::new();
    for condition in &node.status.conditions {
        let age = seconds_since(world.now, condition.last_heartbeat_time);
        let draft = if condition.type_ == "Ready" && !condition.is_true() {
            let text = if condition.status == "Unknown" {
                format!("the node has not reported for {age} s: it is off, or cut off from the control plane")
            } else {
                "the node's kubelet says it is not ready".to_owned()
            };
            Draft::new(&NODE_UNHEALTHY, text).advice(
                "Look at the machine: power, network, kubelet and container runtime.",
                "the cause is on the machine",
            )
        } else if let Some((_, text)) = BAD.iter().find(|(type_, _)| condition.is_true() && *type_ == condition.type_) {
            Draft::new(&NODE_UNHEALTHY, *text)
                .advice("Free the resource on the node, or move pods away.", "the cause is on the machine")
        } else {
            continue;
        };
        found.push(draft.field(format!("status.conditions[{}]", condition.type_)).seen(
            EvidenceSource::Status,
            format!("status.conditions[{}]", condition.type_),
            format!("{} {}: {}", condition.status, condition.reason, condition.message),
        ));
    }
    found
}

fn limited(world: &World<'_>, node: &Node) -> Vec<Draft> {
    let mut found = Vec::new();
    if node.spec.unschedulable {
        found.push(
            Draft::new(&NODE_LIMITED, "the node is cordoned: it takes no new pods")
                .field("spec.unschedulable")
                .seen(EvidenceSource::Spec, "spec.unschedulable", "true")
                .advice("Uncordon it when its maintenance is over.", "only you know whether the maintenance is over")
                .command(format!("kubectl uncordon {}", node.metadata.name)),
        );
    }
    let usage = world.snapshot.node_metrics.iter().find(|m| m.metadata.name == node.metadata.name);
    for resource in ["cpu", "memory"] {
        let (Some(used), Some(all)) =
            (usage.and_then(|m| m.usage.get(resource)), node.status.allocatable.get(resource))
        else {
            continue;
        };
        let percent = share(*used, *all);
        if percent >= 80 {
            found.push(
                Draft::new(&NODE_LIMITED, format!("{percent} % of the node's {resource} is in use"))
                    .field(format!("status.allocatable.{resource}"))
                    .severity(if percent >= 95 { Severity::High } else { Severity::Medium })
                    .seen(EvidenceSource::Metric, format!("node {resource}"), format!("{used} of {all}"))
                    .advice("Move pods away or add a node.", "which pods may move is your decision"),
            );
        }
    }
    found
}

/// `part` of `whole` in percent, rounded down.
pub fn share(part: Quantity, whole: Quantity) -> i128 {
    if whole.is_zero() { 0 } else { part.nano().saturating_mul(100) / whole.nano() }
}

/// Days before the end of the credentials that are worth a word.
const SOON: i64 = 14;

/// Findings about the way to the cluster: credentials that end.
pub fn access(world: &World<'_>) -> Vec<Found> {
    let end = world.snapshot.cluster_info.first().and_then(|info| info.credentials_end);
    let Some(end) = end else { return Vec::new() };
    let left = end.as_second() - world.now.as_second();
    if left > SOON * 86_400 {
        return Vec::new();
    }
    let (severity, message) = if left < 0 {
        (Severity::Critical, format!("the client certificate of the kubeconfig ended at {end}"))
    } else {
        (Severity::Medium, format!("the client certificate of the kubeconfig ends in {} days", left / 86_400))
    };
    let draft = Draft::new(&API_ACCESS, message)
        .severity(severity)
        .field("client-certificate-data")
        .seen(EvidenceSource::Spec, "client certificate", format!("valid until {end}"))
        .advice(
            "Renew the credentials (minikube update-context, kubeadm certs renew, or log in again).",
            "credentials come from whoever runs the cluster",
        );
    vec![draft.about(itself(world))]
}

/// The cluster as an object.
fn itself(world: &World<'_>) -> ObjectRef {
    let context = world.snapshot.cluster_info.first().map_or("", |info| info.context.as_str());
    ObjectRef {
        api_version: "pilot/v1".into(),
        kind: "Cluster".into(),
        namespace: String::new(),
        name: if context.is_empty() { "cluster" } else { context }.to_owned(),
    }
}

fn cluster(world: &World<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let control = world.snapshot.nodes.iter().filter(|n| n.is_control_plane()).count();
    if control == 1 && world.snapshot.nodes.len() > 1 {
        found.push(
            Draft::new(&CLUSTER_FACTS, "one control-plane node only: while it is away nothing can be changed")
                .field("control-plane")
                .advice("Use three control-plane nodes where that matters.", "for information")
                .about(itself(world)),
        );
    }
    let metrics = world.snapshot.cluster_info.first().and_then(|i| i.metrics_api);
    if metrics == Some(false) {
        found.push(
            Draft::new(&CLUSTER_FACTS, "the metrics API does not answer: no usage, no autoscaling on CPU or memory")
                .field("metrics")
                .advice("Install metrics-server (minikube addons enable metrics-server).", "for information")
                .about(itself(world)),
        );
    }
    found
}
