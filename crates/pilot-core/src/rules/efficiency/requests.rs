//! Requests and limits as written: EFF-001 to EFF-005.

use serde_json::json;

use super::usage::{peak, rounded};
use crate::finding::Severity::{High, Info, Medium};
use crate::model::ContainerAt;
use crate::rules::reliability::has_default_request;
use crate::rules::scan::Scan;
use crate::rules::{Context, Rule, Workload};

const REFERENCE: &str = "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "EFF-001",
        Medium,
        "No CPU or memory request",
        "Set requests from what the container uses.",
        REFERENCE,
        no_requests,
    )
    .needs(&["LimitRange"])
    .no_patch("the right request follows from usage: see optimize resources"),
    Rule::new(
        "EFF-002",
        Medium,
        "No memory limit",
        "Set a memory limit: else one leak takes the node.",
        REFERENCE,
        no_memory_limit,
    )
    .needs(&["LimitRange"])
    .no_patch("the right limit follows from usage: see optimize resources"),
    Rule::new(
        "EFF-003",
        Info,
        "No CPU limit",
        "Set one only where neighbours must be protected: it throttles.",
        REFERENCE,
        no_cpu_limit,
    )
    .opt_in(),
    Rule::new(
        "EFF-004",
        Medium,
        "Limit far above the request",
        "Raise the request: the node is planned by it.",
        REFERENCE,
        ratios,
    ),
    Rule::new("EFF-005", Medium, "Request that can't be met", "Lower the request.", REFERENCE, impossible)
        .no_patch("no node is that large: lower the request or add a larger node"),
];

/// The request of a container or, when it has none, of its whole pod or its namespace's default.
fn has_request(ctx: &Context<'_>, workload: &Workload<'_>, at: &ContainerAt<'_>, resource: &str) -> bool {
    at.container.request(resource).is_some()
        || workload
            .spec
            .resources
            .as_ref()
            .is_some_and(|pod| pod.requests.contains_key(resource) || pod.limits.contains_key(resource))
        || has_default_request(ctx, &workload.meta.namespace, resource)
}

fn no_requests(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for workload in &ctx.workloads {
        let bare =
            |at: &ContainerAt<'_>| !has_request(ctx, workload, at, "cpu") && !has_request(ctx, workload, at, "memory");
        // Ephemeral containers can't have resources.
        let containers = || workload.spec.all_containers().filter(|at| at.list() != "ephemeralContainers");
        let best_effort = containers().all(|at| bare(&at));
        for at in containers() {
            let missing: Vec<&str> =
                ["cpu", "memory"].into_iter().filter(|resource| !has_request(ctx, workload, &at, resource)).collect();
            if missing.is_empty() {
                continue;
            }
            let mut requests = json!({});
            for resource in &missing {
                if let Some(used) = peak(workload, &at.container.name, resource) {
                    requests[*resource] = json!(rounded(resource, used, 120));
                }
            }
            let known = requests.as_object().is_some_and(|requests| requests.len() == missing.len());
            let patch = known.then(|| workload.container_patch(&at, json!({ "resources": { "requests": requests } })));
            let (severity, tail) =
                if best_effort { (High, ": the pod is the first to be evicted") } else { (Medium, "") };
            scan.container(workload, &at, format!("has no request for {}{tail}", missing.join(" and ")))
                .severity(severity)
                .field("resources.requests")
                .maybe_patch(patch);
        }
    }
}

fn no_memory_limit(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for workload in &ctx.workloads {
        let by_namespace = ctx
            .snapshot
            .limit_ranges
            .iter()
            .filter(|range| range.metadata.namespace == workload.meta.namespace)
            .any(|range| {
                range.spec.limits.iter().any(|item| item.type_ == "Container" && item.default.contains_key("memory"))
            });
        if by_namespace || workload.spec.resources.as_ref().is_some_and(|pod| pod.limits.contains_key("memory")) {
            continue;
        }
        for at in workload.spec.all_containers().filter(|at| at.list() != "ephemeralContainers") {
            if at.container.limit("memory").is_some() {
                continue;
            }
            let request = at.container.resources.requests.get("memory").copied();
            let base = request.into_iter().chain(peak(workload, &at.container.name, "memory")).max();
            let patch = base.map(|base| {
                workload.container_patch(
                    &at,
                    json!({ "resources": { "limits": { "memory": rounded("memory", base, 150) } } }),
                )
            });
            scan.container(workload, &at, "has no memory limit")
                .field("resources.limits.memory")
                .maybe_patch(patch)
                .risk("a container that needs more than the limit is killed");
        }
    }
}

fn no_cpu_limit(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.long_running().filter(|at| at.container.limit("cpu").is_none()) {
            scan.container(workload, &at, "has no CPU limit").field("resources.limits.cpu");
        }
    }
}

fn ratios(scan: &mut Scan<'_>) {
    let config = scan.ctx.config;
    for workload in scan.workloads() {
        for at in workload.spec.long_running() {
            for (resource, ratio) in [("memory", config.memory_ratio), ("cpu", config.cpu_ratio)] {
                let resources = &at.container.resources;
                let (Some(request), Some(limit)) = (resources.requests.get(resource), resources.limits.get(resource))
                else {
                    continue;
                };
                if request.is_zero() || *limit <= *request * ratio {
                    continue;
                }
                let needed = limit.share(1, ratio);
                let raised = rounded(resource, needed, 100);
                scan.container(
                    workload,
                    &at,
                    format!("{resource} limit {limit} is more than {ratio} times the request {request}"),
                )
                .field(&format!("resources.limits.{resource}"))
                .patch(workload.container_patch(&at, json!({ "resources": { "requests": { resource: raised } } })))
                .risk("a higher request needs more room on the nodes");
            }
        }
    }
}

fn impossible(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for workload in &ctx.workloads {
        for at in workload.spec.all_containers() {
            for (resource, request) in &at.container.resources.requests {
                if let Some(limit) = at.container.limit(resource).filter(|limit| request > limit) {
                    scan.container(
                        workload,
                        &at,
                        format!("requests {request} of {resource} but may use only {limit}: the API server refuses it"),
                    )
                    .field(&format!("resources.requests.{resource}"))
                    .patch(workload.container_patch(&at, json!({ "resources": { "requests": { resource: limit } } })));
                }
            }
        }
        for resource in ["cpu", "memory"] {
            let Some(largest) =
                ctx.snapshot.nodes.iter().filter_map(|node| node.status.allocatable.get(resource)).max()
            else {
                continue;
            };
            let request = workload.spec.scheduled_request(resource);
            if request > *largest {
                scan.workload(
                    workload,
                    format!("a pod requests {request} of {resource}; the largest node has {largest}"),
                )
                .field(&format!("containers[0].resources.requests.{resource}"));
            }
        }
    }
}
