//! Disruption budgets: REL-013 to REL-016.

use serde_json::{Value, json};

use super::replicas::selector_labels;
use crate::finding::Severity::{High, Low, Medium};
use crate::model::{IntOrString, PodDisruptionBudget};
use crate::rules::scan::{Scan, create, merge};
use crate::rules::{Context, Rule, Workload};

const REFERENCE: &str = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "REL-013",
        Medium,
        "No disruption budget",
        "Add a PodDisruptionBudget with maxUnavailable: 1.",
        REFERENCE,
        missing,
    )
    .needs(&["PodDisruptionBudget"])
    .no_patch("the pods have no labels that a budget could select them by"),
    Rule::new(
        "REL-014",
        High,
        "Disruption budget blocks every drain",
        "Allow at least one pod to be unavailable.",
        REFERENCE,
        blocking,
    ),
    Rule::new(
        "REL-015",
        Medium,
        "Disruption budget that does not work",
        "Give it one of minAvailable and maxUnavailable, and a selector that only it has.",
        REFERENCE,
        broken,
    )
    .no_patch("which pods it is meant for can't be known"),
    Rule::new(
        "REL-016",
        Low,
        "Unready pods block drains",
        "Set unhealthyPodEvictionPolicy: AlwaysAllow.",
        REFERENCE,
        unhealthy,
    ),
];

/// A budget without selector selects nothing, one with an empty selector the whole namespace.
fn covers(budget: &PodDisruptionBudget, workload: &Workload<'_>) -> bool {
    budget.metadata.namespace == workload.meta.namespace
        && budget.spec.selector.as_ref().is_some_and(|selector| selector.matches(workload.labels()))
}

fn covered<'a>(ctx: &'a Context<'a>, budget: &'a PodDisruptionBudget) -> impl Iterator<Item = &'a Workload<'a>> {
    ctx.all_workloads.iter().filter(|workload| !workload.is_job() && covers(budget, workload))
}

fn missing(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    if ctx.is_local() {
        return;
    }
    for workload in &ctx.workloads {
        if !matches!(workload.kind(), "Deployment" | "StatefulSet")
            || ctx.min_replicas(workload) < 2
            || ctx.snapshot.disruption_budgets.iter().any(|budget| covers(budget, workload))
        {
            continue;
        }
        let patch = selector_labels(workload).map(|labels| {
            create(json!({
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": { "name": workload.meta.name, "namespace": workload.meta.namespace },
                "spec": { "maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": { "matchLabels": labels } },
            }))
        });
        scan.workload(workload, "no disruption budget: a drain may take all replicas at once")
            .root_field("spec.replicas")
            .maybe_patch(patch);
    }
}

fn blocking(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for budget in ctx.user(&ctx.snapshot.disruption_budgets) {
        let spec = &budget.spec;
        let desired: i64 = covered(ctx, budget).map(|workload| desired(ctx, workload)).sum();
        let zero = |value: &IntOrString| {
            matches!(value, IntOrString::Int(0))
                || matches!(value, IntOrString::String(text) if text.trim_end_matches('%').trim() == "0")
        };
        let message = if spec.max_unavailable.as_ref().is_some_and(zero) {
            "maxUnavailable is 0".to_owned()
        } else if let Some(min) = &spec.min_available {
            let all = matches!(min, IntOrString::String(text) if text == "100%");
            let needed = min.scaled_up(desired);
            if all {
                "minAvailable is 100%".to_owned()
            } else if desired > 0 && needed.is_some_and(|needed| needed >= desired) {
                format!("minAvailable {min} means all of the {desired} replicas")
            } else {
                continue;
            }
        } else {
            continue;
        };
        scan.object(&budget.metadata, format!("no pod may ever be evicted: {message}"))
            .root_field("spec")
            .patch(merge(&budget.metadata, json!({ "spec": { "minAvailable": Value::Null, "maxUnavailable": 1 } })))
            .risk("with a single replica, a drain interrupts it");
    }
}

/// Pods the budget counts on: the autoscaler's minimum, or what is asked for; daemons one per node.
fn desired(ctx: &Context<'_>, workload: &Workload<'_>) -> i64 {
    match workload.kind() {
        "Pod" => i64::try_from(workload.pods.len()).unwrap_or(1),
        "DaemonSet" => i64::try_from(ctx.snapshot.nodes.len().max(1)).unwrap_or(1),
        _ => ctx.min_replicas(workload),
    }
}

fn broken(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for budget in ctx.user(&ctx.snapshot.disruption_budgets) {
        if budget.spec.min_available.is_none() && budget.spec.max_unavailable.is_none() {
            scan.object(&budget.metadata, "has neither minAvailable nor maxUnavailable")
                .root_field("spec")
                .patch(merge(&budget.metadata, json!({ "spec": { "maxUnavailable": 1 } })));
        }
        if covered(ctx, budget).next().is_none() {
            scan.object(&budget.metadata, "selects no pod")
                .root_field("spec.selector")
                .absent(ctx.absence(Medium, false));
        }
    }
    for workload in &ctx.workloads {
        let names: Vec<&str> = ctx
            .snapshot
            .disruption_budgets
            .iter()
            .filter(|budget| covers(budget, workload))
            .map(|budget| budget.metadata.name.as_str())
            .collect();
        if names.len() > 1 {
            scan.workload(
                workload,
                format!("budgets {} select the same pods: the eviction API refuses to choose", names.join(", ")),
            )
            .severity(High)
            .root_field("spec.template.metadata.labels");
        }
    }
}

fn unhealthy(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for budget in ctx.user(&ctx.snapshot.disruption_budgets) {
        if budget.spec.unhealthy_pod_eviction_policy.as_deref() != Some("AlwaysAllow") {
            scan.object(&budget.metadata, "pods that run but are not ready can't be evicted")
                .root_field("spec.unhealthyPodEvictionPolicy")
                .patch(merge(&budget.metadata, json!({ "spec": { "unhealthyPodEvictionPolicy": "AlwaysAllow" } })));
        }
    }
}
