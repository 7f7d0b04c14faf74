//! Ready endpoints of a Service: NET-003, NET-004.

use super::SERVICE;
use super::services::selected;
use crate::finding::EvidenceSource;
use crate::finding::Severity::{High, Low};
use crate::model::Service;
use crate::rules::scan::Scan;
use crate::rules::{Context, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "NET-003",
        High,
        "Service without a ready endpoint",
        "Find out why its pods are not ready: their own findings say.",
        SERVICE,
        none_ready,
    )
    .needs(&["EndpointSlice"])
    .no_patch("the pods must become ready first"),
    Rule::new("NET-004", Low, "Service with a single ready endpoint", "Run more replicas.", SERVICE, one_ready)
        .needs(&["EndpointSlice"]),
];

/// Ready endpoints by EndpointSlice, else by the older Endpoints; `None` when neither is known.
fn ready_endpoints(ctx: &Context<'_>, service: &Service) -> Option<usize> {
    let meta = &service.metadata;
    let slices: Vec<_> = ctx
        .snapshot
        .endpoint_slices
        .iter()
        .filter(|slice| slice.metadata.namespace == meta.namespace)
        .filter(|slice| slice.metadata.labels.get("kubernetes.io/service-name") == Some(&meta.name))
        .collect();
    if !slices.is_empty() {
        // An unknown readiness counts as ready, says the API.
        return Some(
            slices
                .iter()
                .flat_map(|slice| &slice.endpoints)
                .filter(|endpoint| endpoint.conditions.ready != Some(false))
                .count(),
        );
    }
    let older = ctx
        .snapshot
        .endpoints
        .iter()
        .find(|endpoints| endpoints.metadata.namespace == meta.namespace && endpoints.metadata.name == meta.name)?;
    Some(older.subsets.iter().map(|subset| subset.addresses.len()).sum())
}

fn none_ready(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for service in ctx.user(&ctx.snapshot.services) {
        if service.spec.selector.is_empty() || service.type_() == "ExternalName" {
            continue;
        }
        let pods: Vec<_> = selected(ctx, service).flat_map(|workload| &workload.pods).collect();
        if pods.is_empty() || ready_endpoints(ctx, service) != Some(0) {
            continue;
        }
        let unready = pods.iter().filter(|pod| !pod.status.is_ready()).count();
        let mut hit = scan
            .object(&service.metadata, format!("answers nobody: {unready} of {} pods are not ready", pods.len()))
            .root_field("spec.selector");
        for pod in &pods {
            hit = hit.evidence(EvidenceSource::Status, &format!("pod {}", pod.metadata.name), pod.status.phase.clone());
        }
        drop(hit);
    }
}

fn one_ready(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    if ctx.is_local() {
        return;
    }
    for service in ctx.user(&ctx.snapshot.services) {
        if !service.spec.selector.is_empty() && ready_endpoints(ctx, service) == Some(1) {
            scan.object(&service.metadata, "a single pod answers").root_field("spec.selector");
        }
    }
}
