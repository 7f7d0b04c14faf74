//! Namespaces as boundaries: SEC-042 Pod Security labels, SEC-043 network policies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::finding::Severity::{Low, Medium};
use crate::finding::{EvidenceSource, Patch};
use crate::model::{IntOrString, Service};
use crate::pss::{self, Level};
use crate::rules::scan::{Scan, create, merge};
use crate::rules::{Rule, Workload};

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "SEC-042",
        Medium,
        "Namespace enforces no Pod Security level",
        "Label the namespace pod-security.kubernetes.io/enforce with the highest level its pods satisfy.",
        "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
        no_enforcement,
    )
    .needs(&["Namespace"])
    .no_patch("its pods violate even the baseline level: fix them first"),
    Rule::new(
        "SEC-043",
        Medium,
        "Pod that no network policy isolates",
        "Add a NetworkPolicy that allows what the Services need and nothing else.",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        not_isolated,
    )
    .needs(&["NetworkPolicy"]),
];

const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

fn no_enforcement(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let mut levels: BTreeMap<&str, Level> = BTreeMap::new();
    for workload in &ctx.workloads {
        let level = pss::verdict(ctx.version, workload.template, workload.spec);
        let lowest = levels.entry(&workload.meta.namespace).or_insert(level);
        *lowest = (*lowest).min(level);
    }
    for namespace in &ctx.snapshot.namespaces {
        let meta = &namespace.metadata;
        let Some(level) = levels.get(meta.name.as_str()) else { continue };
        if meta.labels.contains_key(ENFORCE) {
            continue;
        }
        let patch = (*level != Level::Privileged)
            .then(|| merge(meta, json!({ "metadata": { "labels": { ENFORCE: level.name() } } })));
        let message = if patch.is_some() {
            format!("enforces nothing; every pod in it already satisfies {level}")
        } else {
            "enforces nothing, and some pods violate even the baseline level".to_owned()
        };
        scan.object(meta, message)
            .root_field("metadata.labels")
            .evidence(EvidenceSource::Computed, "highest level", level.name())
            .maybe_patch(patch);
    }
}

fn not_isolated(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for workload in &ctx.workloads {
        // Network policies don't apply to pods in the host's network.
        if workload.spec.host_network {
            continue;
        }
        for direction in ["Ingress", "Egress"] {
            let isolated = ctx.snapshot.network_policies.iter().any(|policy| {
                policy.metadata.namespace == workload.meta.namespace
                    && policy.isolates(direction)
                    && policy.spec.pod_selector.matches(workload.labels())
            });
            if isolated {
                continue;
            }
            let (severity, message) = if direction == "Ingress" {
                (Medium, "accepts connections from every pod of the cluster: no NetworkPolicy selects it for ingress")
            } else {
                (Low, "may connect anywhere: no NetworkPolicy selects it for egress")
            };
            let patch = (direction == "Ingress").then(|| ingress_policy(workload));
            let hit = scan.workload(workload, message).severity(severity).root_field(direction);
            match patch {
                Some(Some(patch)) => {
                    hit.patch(patch).risk("clients that reach the pod without its Service are cut off");
                }
                Some(None) => {
                    hit.no_patch("the pods have no labels that a policy could select them by");
                }
                None => {}
            }
        }
    }
}

/// A policy that lets in what the Services of the workload forward, from anywhere.
fn ingress_policy(workload: &Workload<'_>) -> Option<Patch> {
    let labels = workload.selector.map(|selector| &selector.match_labels).filter(|labels| !labels.is_empty());
    let labels = labels.unwrap_or_else(|| workload.labels());
    if labels.is_empty() {
        return None;
    }
    let ports: Vec<Value> = workload.services.iter().flat_map(|service| target_ports(service)).collect();
    let ingress = if ports.is_empty() { json!([]) } else { json!([{ "ports": ports }]) };
    Some(create(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "name": format!("{}-ingress", workload.meta.name), "namespace": workload.meta.namespace },
        "spec": { "podSelector": { "matchLabels": labels }, "policyTypes": ["Ingress"], "ingress": ingress },
    })))
}

fn target_ports(service: &Service) -> impl Iterator<Item = Value> {
    service.spec.ports.iter().map(|port| {
        let target = match port.target() {
            IntOrString::Int(number) => json!(number),
            IntOrString::String(name) => json!(name),
        };
        json!({ "port": target, "protocol": port.protocol() })
    })
}
