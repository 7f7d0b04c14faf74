//! Autoscalers that can't work or are at their end (HLT-221, HLT-222).

use super::catalogue::{HPA_AT_MAX, HPA_CANNOT_SCALE};
use super::draft::{Draft, Found};
use super::world::{World, seconds_since};
use crate::finding::{EvidenceSource, Patch, PatchType};
use crate::model::{HorizontalPodAutoscaler, condition};
use serde_json::json;

/// Findings about autoscalers.
pub fn check(world: &World<'_>) -> Vec<Found> {
    world
        .snapshot
        .autoscalers
        .iter()
        .filter_map(|hpa| Some(broken(hpa).or_else(|| at_max(world, hpa))?.about(hpa.metadata.object_ref())))
        .collect()
}

fn broken(hpa: &HorizontalPodAutoscaler) -> Option<Draft> {
    let conditions = &hpa.status.conditions;
    let bad = ["AbleToScale", "ScalingActive"]
        .iter()
        .find_map(|type_| condition(conditions, type_).filter(|c| c.is_false()))?;
    // An autoscaler of a workload that is scaled to zero is switched off on purpose.
    if bad.reason == "ScalingDisabled" {
        return None;
    }
    let text = bad.message.to_ascii_lowercase();
    let (cause, advice) = if text.contains("missing request for") {
        (
            "a container has no request for the resource that it scales on",
            "Set the request: utilisation is a share of it.",
        )
    } else if text.contains("no metrics returned")
        || text.contains("unable to fetch metrics")
        || text.contains("could not find the requested resource")
        || text.contains("metrics.k8s.io")
    {
        (
            "it gets no metrics: metrics-server is missing or not ready",
            "Install metrics-server, or wait until it has data.",
        )
    } else if bad.reason == "FailedGetScale" || text.contains("not found") {
        ("its target does not exist", "Correct scaleTargetRef.")
    } else if text.contains("ambiguous") || bad.reason == "AmbiguousSelector" {
        ("another autoscaler governs the same pods", "Keep one of them.")
    } else {
        ("it cannot work", "Read the message.")
    };
    Some(
        Draft::new(&HPA_CANNOT_SCALE, format!("{cause} ({})", bad.reason))
            .field(format!("status.conditions[{}]", bad.type_))
            .seen(
                EvidenceSource::Status,
                format!("status.conditions[{}]", bad.type_),
                format!("{}: {}", bad.reason, bad.message),
            )
            .waits_for(&hpa.spec.scale_target_ref.kind, &hpa.metadata.namespace, &hpa.spec.scale_target_ref.name)
            .advice(advice, "the cause is outside the autoscaler"),
    )
}

fn at_max(world: &World<'_>, hpa: &HorizontalPodAutoscaler) -> Option<Draft> {
    let limited =
        condition(&hpa.status.conditions, "ScalingLimited").filter(|c| c.is_true() && c.reason == "TooManyReplicas")?;
    let long = seconds_since(world.now, limited.last_transition_time) > 15 * 60;
    if !long || hpa.status.current_replicas < hpa.spec.max_replicas {
        return None;
    }
    let max = hpa.spec.max_replicas;
    let raised = max + (max / 2).max(1);
    Some(
        Draft::new(
            &HPA_AT_MAX,
            format!("at its maximum of {max} replicas for more than 15 minutes and still above target"),
        )
        .field("spec.maxReplicas")
        .seen(EvidenceSource::Status, "status.conditions[ScalingLimited]", limited.message.clone())
        .patch(
            format!("Raise maxReplicas to {raised} if the nodes have room, or give each replica more."),
            Some(Patch {
                type_: PatchType::Merge,
                target: hpa.metadata.object_ref(),
                body: json!({"spec": {"maxReplicas": raised}}),
            }),
        )
        .risk("more replicas cost more and may not fit on the nodes"),
    )
}
