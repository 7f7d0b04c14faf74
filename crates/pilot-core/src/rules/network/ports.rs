//! Node ports and load balancers: NET-012, NET-013, NET-014.

use std::collections::BTreeMap;

use super::SERVICE;
use crate::finding::Severity::{High, Low};
use crate::rules::Rule;
use crate::rules::scan::Scan;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "NET-012",
        Low,
        "Node port outside the range, or wanted twice",
        "Use another node port, or leave it to Kubernetes.",
        SERVICE,
        node_ports,
    ),
    Rule::new(
        "NET-013",
        Low,
        "Traffic policy that hides clients or loses requests",
        "Use externalTrafficPolicy Local behind a load balancer and Cluster for node ports.",
        SERVICE,
        traffic_policy,
    ),
    Rule::new(
        "NET-014",
        High,
        "Load balancer without address",
        "On minikube run `minikube tunnel`; elsewhere install a load balancer controller or use NodePort.",
        SERVICE,
        pending,
    )
    .no_patch("the address comes from outside the cluster"),
];

fn node_ports(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let range =
        ctx.snapshot.cluster_info.first().and_then(|info| info.node_port_range.as_deref()).unwrap_or("30000-32767");
    let (low, high) = range
        .split_once('-')
        .and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)))
        .unwrap_or((30_000, 32_767));
    let mut taken: BTreeMap<(i64, &str), &str> = BTreeMap::new();
    for service in &ctx.snapshot.services {
        for (index, port) in service.spec.ports.iter().enumerate() {
            let Some(node_port) = port.node_port.filter(|port| *port != 0) else { continue };
            let field = format!("spec.ports[{index}].nodePort");
            if !(low..=high).contains(&node_port) {
                scan.object(&service.metadata, format!("node port {node_port} is outside {low}-{high}"))
                    .root_field(&field);
            }
            if let Some(other) = taken.insert((node_port, port.protocol()), &service.metadata.name) {
                scan.object(&service.metadata, format!("node port {node_port} is wanted by Service {other} too"))
                    .root_field(&field);
            }
        }
    }
}

fn traffic_policy(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for service in ctx.user(&ctx.snapshot.services) {
        let message = match (service.type_(), service.spec.external_traffic_policy.as_str()) {
            ("LoadBalancer", "Cluster" | "") => {
                "hides the client's address and takes a second hop: externalTrafficPolicy Cluster"
            }
            ("NodePort", "Local") => "drops requests at nodes without a pod: externalTrafficPolicy Local",
            _ => continue,
        };
        scan.object(&service.metadata, message).root_field("spec.externalTrafficPolicy");
    }
}

fn pending(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for service in ctx.user(&ctx.snapshot.services).filter(|service| service.type_() == "LoadBalancer") {
        let age = service.metadata.age_seconds(ctx.snapshot.taken_at).unwrap_or(0);
        if age > 120 && service.status.load_balancer.ingress.is_empty() {
            let minikube =
                ctx.snapshot.nodes.iter().any(|node| node.metadata.labels.contains_key("minikube.k8s.io/name"));
            let hit = scan
                .object(&service.metadata, format!("has waited {} minutes for an address", age / 60))
                .root_field("status.loadBalancer");
            if minikube {
                hit.command("minikube tunnel".to_owned());
            }
        }
    }
}
