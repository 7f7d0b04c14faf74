//! What the cluster and its namespaces can give: EFF-009, EFF-013, EFF-014, EFF-015.

use std::collections::BTreeSet;

use crate::finding::EvidenceSource;
use crate::finding::Severity::{High, Info, Low, Medium};
use crate::model::Node;
use crate::quantity::Quantity;
use crate::rules::Rule;
use crate::rules::scan::Scan;

const QUOTA: &str = "https://kubernetes.io/docs/concepts/policy/resource-quotas/";
const NODE: &str = "https://kubernetes.io/docs/concepts/architecture/nodes/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "EFF-009",
        Medium,
        "Autoscalers at their maximum exceed the cluster",
        "Lower maxReplicas or add nodes.",
        "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
        overcommitted,
    )
    .needs(&["Node"])
    .no_patch("which autoscaler gets less is for their owners to say"),
    Rule::new(
        "EFF-013",
        Low,
        "Namespace without quota or limit range",
        "Add a ResourceQuota and a LimitRange, so that one team can't take the cluster.",
        QUOTA,
        no_quota,
    )
    .needs(&["ResourceQuota", "LimitRange"]),
    Rule::new("EFF-014", Medium, "Quota nearly used up", "Raise the quota or free resources.", QUOTA, quota_full)
        .no_patch("whether the namespace may use more is for its administrator to say"),
    Rule::new("EFF-015", Info, "Node mostly idle", "Use a smaller node, or fewer.", NODE, idle_node).needs(&["Node"]),
];

fn overcommitted(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    if ctx.snapshot.nodes.is_empty() {
        return;
    }
    for resource in ["cpu", "memory"] {
        let capacity: Quantity =
            ctx.snapshot.nodes.iter().filter_map(|node| node.status.allocatable.get(resource).copied()).sum();
        let mut wanted = Quantity::default();
        let mut scaled = Vec::new();
        for workload in &ctx.all_workloads {
            if let Some(hpa) = ctx.autoscaler(workload) {
                // The maximum replaces the current replicas; nothing is counted twice.
                wanted = wanted + workload.spec.scheduled_request(resource) * hpa.max();
                scaled.push(hpa);
            }
        }
        if wanted > capacity {
            for hpa in scaled {
                if ctx.reports_on(&hpa.metadata.namespace) {
                    scan.object(&hpa.metadata, format!("all autoscalers at their maximum would request {wanted} of {resource}; the nodes have {capacity}"))
                        .root_field("spec.maxReplicas");
                }
            }
        }
    }
}

fn no_quota(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let used: BTreeSet<&str> = ctx.workloads.iter().map(|workload| workload.meta.namespace.as_str()).collect();
    for namespace in &ctx.snapshot.namespaces {
        let name = namespace.metadata.name.as_str();
        if !used.contains(name) {
            continue;
        }
        let quota = ctx.snapshot.quotas.iter().any(|quota| quota.metadata.namespace == name);
        let range = ctx.snapshot.limit_ranges.iter().any(|range| range.metadata.namespace == name);
        let message = match (quota, range) {
            (true, true) => continue,
            (false, false) => "has neither a ResourceQuota nor a LimitRange",
            (false, true) => "has no ResourceQuota",
            (true, false) => "has no LimitRange",
        };
        scan.object(&namespace.metadata, message).root_field("metadata.name");
    }
}

fn quota_full(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for quota in ctx.user(&ctx.snapshot.quotas) {
        for (resource, hard) in &quota.status.hard {
            let Some(used) = quota.status.used.get(resource) else { continue };
            if hard.is_zero() || used.nano() * 10 < hard.nano() * 9 {
                continue;
            }
            let severity = if used >= hard { High } else { Medium };
            scan.object(&quota.metadata, format!("{used} of {hard} {resource} are used"))
                .severity(severity)
                .root_field(&format!("spec.hard.{resource}"))
                .evidence(EvidenceSource::Status, &format!("status.used.{resource}"), used.to_string());
        }
    }
}

/// Price of a core against a GiB on the large clouds, in thousandths: 7.461.
const CORE_TO_GIB: i128 = 7461;
const GIB: i128 = 1 << 30;

/// The node's price in GiB equivalents, scaled: what matters is the share.
fn weight(cpu: Quantity, memory: Quantity) -> i128 {
    cpu.nano() / 1_000 * CORE_TO_GIB + memory.nano() / GIB * 1_000
}

fn idle_node(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let requested = |node: &Node, resource: &str| -> Quantity {
        ctx.snapshot
            .pods
            .iter()
            .filter(|pod| {
                pod.spec.node_name == node.metadata.name && !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
            })
            .map(|pod| pod.spec.scheduled_request(resource))
            .sum()
    };
    for node in &ctx.snapshot.nodes {
        let amount = |resource: &str| node.status.allocatable.get(resource).copied().unwrap_or_default();
        let whole = weight(amount("cpu"), amount("memory"));
        let used = weight(requested(node, "cpu"), requested(node, "memory"));
        if whole > 0 && used * 2 < whole {
            let idle = 100 - used * 100 / whole;
            scan.object(&node.metadata, format!("{idle} % of its cost is requested by no pod"))
                .root_field("status.allocatable");
        }
    }
}
