//! Autoscalers as written: REL-009 to REL-012.

use serde_json::json;

use crate::finding::Severity::{High, Low, Medium};
use crate::model::HorizontalPodAutoscaler;
use crate::nearest::nearest;
use crate::rules::scan::{Scan, merge};
use crate::rules::{Context, Rule, Workload};

const REFERENCE: &str = "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "REL-009",
        Low,
        "Replicas fixed beside an autoscaler",
        "Remove spec.replicas from the manifest: every deploy resets what the autoscaler chose.",
        REFERENCE,
        fixed_replicas,
    ),
    Rule::new("REL-010", High, "Autoscaler without target", "Correct scaleTargetRef.", REFERENCE, no_target)
        .no_patch("no workload of a similar name exists"),
    Rule::new(
        "REL-011",
        Medium,
        "Autoscaler that can't scale well",
        "Use minReplicas of at least 2 and a maxReplicas above it.",
        REFERENCE,
        bounds,
    ),
    Rule::new(
        "REL-012",
        High,
        "Autoscaler on a resource without request",
        "Set the request: utilisation is a share of it.",
        REFERENCE,
        no_request,
    )
    .needs(&["LimitRange"])
    .no_patch("the right request follows from usage: see optimize resources"),
];

/// The workload that an autoscaler scales.
fn target<'a>(ctx: &'a Context<'a>, hpa: &HorizontalPodAutoscaler) -> Option<&'a Workload<'a>> {
    let target = &hpa.spec.scale_target_ref;
    ctx.all_workloads.iter().find(|workload| {
        workload.meta.namespace == hpa.metadata.namespace
            && workload.kind() == target.kind
            && workload.meta.name == target.name
    })
}

fn fixed_replicas(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    // In a cluster the autoscaler itself writes spec.replicas.
    if ctx.is_live() {
        return;
    }
    let deployments = ctx.snapshot.deployments.iter().map(|object| (&object.metadata, object.spec.replicas));
    let stateful_sets = ctx.snapshot.stateful_sets.iter().map(|object| (&object.metadata, object.spec.replicas));
    for (meta, replicas) in deployments.chain(stateful_sets) {
        let key = (meta.namespace.as_str(), meta.kind.as_str(), meta.name.as_str());
        if let (Some(replicas), Some(hpa)) = (replicas, ctx.autoscalers.get(&key)) {
            scan.object(meta, format!("fixes {replicas} replicas while autoscaler {} decides them", hpa.metadata.name))
                .root_field("spec.replicas")
                .patch(merge(meta, json!({ "spec": { "replicas": null } })));
        }
    }
}

fn no_target(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for hpa in ctx.user(&ctx.snapshot.autoscalers) {
        let wanted = &hpa.spec.scale_target_ref;
        let known_kind =
            matches!(wanted.kind.as_str(), "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController");
        if !known_kind || target(ctx, hpa).is_some() {
            continue;
        }
        let names = ctx
            .all_workloads
            .iter()
            .filter(|workload| workload.meta.namespace == hpa.metadata.namespace && workload.kind() == wanted.kind)
            .map(|workload| workload.meta.name.as_str());
        let similar = nearest(&wanted.name, names);
        let hint = similar.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
        let patch = similar.map(|name| merge(&hpa.metadata, json!({ "spec": { "scaleTargetRef": { "name": name } } })));
        scan.object(&hpa.metadata, format!("scales {} {}, which does not exist{hint}", wanted.kind, wanted.name))
            .root_field("spec.scaleTargetRef.name")
            .absent(ctx.absence(High, similar.is_some()))
            .maybe_patch(patch);
    }
}

fn bounds(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for hpa in ctx.user(&ctx.snapshot.autoscalers) {
        let (min, max) = (hpa.min(), hpa.max());
        let (message, min, max) = if max < min {
            (format!("maxReplicas {max} is below minReplicas {min}"), min, min.max(2) + 1)
        } else if min == max {
            (format!("minReplicas and maxReplicas are both {min}: it never scales"), min.max(2), min.max(2) + 1)
        } else if min < 2 && !ctx.is_local() {
            (format!("may go down to {min} replica: no redundancy"), 2, max.max(3))
        } else {
            continue;
        };
        let mut spec = json!({ "maxReplicas": max });
        if min != hpa.min() {
            spec["minReplicas"] = json!(min);
        }
        if min < 2 {
            spec["minReplicas"] = json!(2);
        }
        scan.object(&hpa.metadata, message)
            .root_field("spec.minReplicas")
            .patch(merge(&hpa.metadata, json!({ "spec": spec })))
            .risk("more replicas cost more");
    }
}

/// Whether a LimitRange of the namespace fills in the request.
pub(in crate::rules) fn has_default_request(ctx: &Context<'_>, namespace: &str, resource: &str) -> bool {
    ctx.snapshot
        .limit_ranges
        .iter()
        .filter(|range| range.metadata.namespace == namespace)
        .flat_map(|range| &range.spec.limits)
        .any(|item| {
            item.type_ == "Container"
                && (item.default_request.contains_key(resource) || item.default.contains_key(resource))
        })
}

fn no_request(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for hpa in ctx.user(&ctx.snapshot.autoscalers) {
        let Some(workload) = target(ctx, hpa) else { continue };
        for (resource, container) in hpa.utilization_metrics() {
            if has_default_request(ctx, &hpa.metadata.namespace, resource)
                || workload.spec.resources.as_ref().is_some_and(|pod| pod.requests.contains_key(resource))
            {
                continue;
            }
            for at in workload.spec.long_running() {
                let counts = container.is_none_or(|name| name == at.container.name);
                if counts && at.container.request(resource).is_none() {
                    scan.container(
                        workload,
                        &at,
                        format!(
                            "autoscaler {} scales on {resource} utilisation, but there is no {resource} request",
                            hpa.metadata.name
                        ),
                    )
                    .field(&format!("resources.requests.{resource}"));
                }
            }
        }
    }
}
