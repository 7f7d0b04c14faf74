//! Pods that were pushed off, are lost or don't go away (HLT-115, HLT-116, HLT-118).

use super::Case;
use crate::finding::EvidenceSource;
use crate::health::catalogue::{EVICTED, TERMINATING, UNKNOWN_STATE};
use crate::health::draft::Draft;
use crate::health::world::seconds_since;

pub fn evicted(case: &Case<'_>) -> Option<Draft> {
    let status = &case.pod.status;
    let reason = status.reason.as_str();
    let why = match reason {
        "Evicted" => {
            let text = status.message.to_ascii_lowercase();
            if text.contains("ephemeral") || text.contains("disk") {
                "the node ran low on disk, or the pod wrote more than its ephemeral-storage limit"
            } else if text.contains("memory") {
                "the node ran low on memory and the pod used more than its request"
            } else if text.contains("pids") || text.contains("process") {
                "the node ran out of process ids"
            } else {
                "the node ran low on a resource"
            }
        }
        "Preempting" | "Preempted" => "a pod of higher priority took its place",
        "NodeShutdown" | "Shutdown" | "Terminated" if status.message.contains("shutdown") => "its node was shut down",
        "NodeLost" => "its node is lost",
        "NodeAffinity" | "UnexpectedAdmissionError" => "its node refused it",
        _ => return None,
    };
    Some(
        Draft::new(&EVICTED, format!("pod was evicted: {why}"))
            .seen(EvidenceSource::Status, "status.message", status.message.clone())
            .waits_for("Node", "", &case.pod.spec.node_name)
            .advice(
                "Give the pod requests that match its usage, so that it is placed where there is room; failed pods can be deleted.",
                "the right request depends on its usage",
            ),
    )
}

pub fn unknown(case: &Case<'_>) -> Option<Draft> {
    let lost = case.containers().any(|(_, s)| {
        [&s.state.terminated, &s.last_state.terminated]
            .into_iter()
            .flatten()
            .any(|t| t.reason == "ContainerStatusUnknown")
            && s.state.running.is_none()
    });
    (case.pod.status.phase == "Unknown" || lost).then(|| {
        Draft::new(&UNKNOWN_STATE, "the kubelet of its node no longer reports the pod's state")
            .seen(EvidenceSource::Spec, "spec.nodeName", case.pod.spec.node_name.clone())
            .waits_for("Node", "", &case.pod.spec.node_name)
            .advice("Look at the node.", "the node must come back, or be removed from the cluster")
    })
}

pub fn terminating(case: &Case<'_>) -> Option<Draft> {
    let meta = &case.pod.metadata;
    // deletionTimestamp already includes the grace period.
    let overdue = seconds_since(case.world.now, Some(meta.deletion_timestamp?));
    if overdue < 60 {
        return None;
    }
    let why = if meta.finalizers.is_empty() {
        "its node does not confirm that the containers have stopped".to_owned()
    } else {
        format!("finalizers wait: {}", meta.finalizers.join(", "))
    };
    Some(
        Draft::new(&TERMINATING, format!("pod should have ended long ago: {why}"))
            .seen(EvidenceSource::Status, "metadata.deletionTimestamp", format!("{overdue} s overdue"))
            .waits_for("Node", "", &case.pod.spec.node_name)
            .advice(
                "Let the finalizer's controller finish, or bring the node back.",
                "removing a finalizer or forcing the deletion can lose data",
            ),
    )
}
