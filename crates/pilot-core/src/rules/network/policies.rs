//! Network policies that do nothing: NET-010.

use super::cidr_contains;
use crate::finding::Severity::Medium;
use crate::model::{NetworkPolicy, NetworkPolicyPeer};
use crate::rules::scan::Scan;
use crate::rules::{Context, Rule};

pub(super) const RULES: &[Rule] = &[Rule::new(
    "NET-010",
    Medium,
    "Network policy that matches nothing",
    "Correct the selector or the address block.",
    "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    matches_nothing,
)
.no_patch("whom it was meant for can't be known")];

fn matches_nothing(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for policy in ctx.user(&ctx.snapshot.network_policies) {
        let meta = &policy.metadata;
        let selector = &policy.spec.pod_selector;
        // An empty selector is a rule for the namespace, also when nothing runs in it yet.
        let selects = selector.is_empty()
            || ctx
                .all_workloads
                .iter()
                .any(|workload| workload.meta.namespace == meta.namespace && selector.matches(workload.labels()));
        if !selects {
            scan.object(meta, "selects no pod").root_field("spec.podSelector").absent(ctx.absence(Medium, false));
        }
        let ingress = policy.spec.ingress.iter().enumerate().flat_map(|(rule, ingress)| {
            ingress
                .from
                .iter()
                .enumerate()
                .map(move |(peer, from)| (format!("spec.ingress[{rule}].from[{peer}]"), from))
        });
        let egress = policy.spec.egress.iter().enumerate().flat_map(|(rule, egress)| {
            egress.to.iter().enumerate().map(move |(peer, to)| (format!("spec.egress[{rule}].to[{peer}]"), to))
        });
        for (field, peer) in ingress.chain(egress) {
            if let Some(message) = dead_peer(ctx, policy, peer) {
                scan.object(meta, message).root_field(&field).absent(ctx.absence(Medium, false));
            }
        }
    }
}

fn dead_peer(ctx: &Context<'_>, policy: &NetworkPolicy, peer: &NetworkPolicyPeer) -> Option<&'static str> {
    if let Some(block) = &peer.ip_block {
        let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
            .iter()
            .any(|range| cidr_contains(range, block.cidr.split('/').next().unwrap_or("")));
        let pods = ctx.snapshot.pods.iter().map(|pod| pod.status.pod_ip.as_str());
        let services = ctx.snapshot.services.iter().map(|service| service.spec.cluster_ip.as_str());
        let nodes =
            ctx.snapshot.nodes.iter().flat_map(|node| &node.status.addresses).map(|address| address.address.as_str());
        let hit = pods.chain(services).chain(nodes).any(|ip| cidr_contains(&block.cidr, ip));
        return (ctx.is_live() && private && !hit)
            .then_some("an address block covers no pod, Service or node of the cluster");
    }
    let namespaces = |namespace: &str| match &peer.namespace_selector {
        Some(selector) => selector.matches(&ctx.labels_of_namespace(namespace)),
        None => namespace == policy.metadata.namespace,
    };
    let mut pods = ctx.all_workloads.iter().filter(|workload| namespaces(&workload.meta.namespace)).peekable();
    let has_pods = pods.peek().is_some();
    if peer.namespace_selector.is_some()
        && !has_pods
        && !ctx.namespace_labels.keys().any(|namespace| namespaces(namespace))
    {
        return Some("a peer's namespaceSelector matches no namespace");
    }
    // Files seldom hold the pods of other namespaces.
    if !has_pods && !ctx.is_live() {
        return None;
    }
    let selector = peer.pod_selector.as_ref().filter(|selector| !selector.is_empty())?;
    (!pods.any(|workload| selector.matches(workload.labels()))).then_some("a peer's podSelector matches no pod")
}
