//! How many replicas there are and where they run: REL-008, REL-017, REL-018.

use serde_json::{Value, json};

use crate::finding::Severity::{High, Medium};
use crate::model::{LabelSelector, Labels, TopologySpreadConstraint};
use crate::rules::scan::Scan;
use crate::rules::{Context, Rule, Workload};

const REFERENCE: &str = "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "REL-008",
        Medium,
        "Single replica behind a Service",
        "Run at least two replicas.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",
        single,
    )
    .no_patch("a volume that only one node can mount ties it to one replica"),
    Rule::new(
        "REL-017",
        Medium,
        "Replicas may share a node",
        "Spread them with topologySpreadConstraints.",
        REFERENCE,
        not_spread,
    )
    .no_patch("the pods have no labels to spread by"),
    Rule::new(
        "REL-018",
        High,
        "Spread constraint that does nothing or is invalid",
        "Give maxSkew ≥ 1, a topologyKey, a labelSelector that matches the pods, and DoNotSchedule or ScheduleAnyway.",
        REFERENCE,
        broken_spread,
    )
    .no_patch("a constraint without topologyKey can't be addressed by a patch"),
];

/// Mounts a claim that only one node can write.
pub(super) fn is_tied_to_a_volume(ctx: &Context<'_>, workload: &Workload<'_>) -> bool {
    workload.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref()).any(|source| {
        let claim = ctx.claims.get(&(workload.meta.namespace.as_str(), source.claim_name.as_str()));
        claim.is_none_or(|claim| {
            !claim.spec.access_modes.iter().any(|mode| mode == "ReadWriteMany" || mode == "ReadOnlyMany")
        })
    })
}

fn single(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    if ctx.is_local() {
        return;
    }
    for workload in &ctx.workloads {
        if workload.kind() != "Deployment"
            || workload.services.is_empty()
            || workload.replicas == Some(0)
            || ctx.min_replicas(workload) >= 2
        {
            continue;
        }
        let hit = scan
            .workload(workload, "has one replica: every restart and drain is an outage of its Service")
            .root_field("spec.replicas");
        if let Some(hpa) = ctx.autoscaler(workload) {
            hit.patch(crate::rules::scan::merge(
                &hpa.metadata,
                json!({ "spec": { "minReplicas": 2, "maxReplicas": hpa.max().max(3) } }),
            ));
        } else if !is_tied_to_a_volume(ctx, workload) {
            hit.patch(workload.patch(json!({ "spec": { "replicas": 2 } })))
                .risk("the program must be able to run twice");
        }
    }
}

fn spreads(key: &str) -> bool {
    matches!(
        key,
        "kubernetes.io/hostname"
            | "topology.kubernetes.io/zone"
            | "topology.kubernetes.io/region"
            | "failure-domain.beta.kubernetes.io/zone"
            | "failure-domain.beta.kubernetes.io/region"
    )
}

fn matches(selector: Option<&LabelSelector>, labels: &Labels) -> bool {
    selector.is_some_and(|selector| selector.matches(labels))
}

fn not_spread(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    if ctx.is_local() || !ctx.has_many_nodes() {
        return;
    }
    for workload in &ctx.workloads {
        if workload.replicas.is_none() || workload.is_job() || ctx.min_replicas(workload) < 2 {
            continue;
        }
        let labels = workload.labels();
        let by_constraint =
            workload.spec.topology_spread_constraints.iter().any(|constraint| {
                spreads(&constraint.topology_key) && matches(constraint.label_selector.as_ref(), labels)
            });
        let by_affinity =
            workload.spec.affinity.iter().filter_map(|affinity| affinity.pod_anti_affinity.as_ref()).any(|anti| {
                let preferred = anti
                    .preferred_during_scheduling_ignored_during_execution
                    .iter()
                    .map(|term| &term.pod_affinity_term);
                anti.required_during_scheduling_ignored_during_execution
                    .iter()
                    .chain(preferred)
                    .any(|term| spreads(&term.topology_key) && matches(term.label_selector.as_ref(), labels))
            });
        if by_constraint || by_affinity {
            continue;
        }
        let patch = selector_labels(workload).map(|labels| {
            workload.pod_patch(json!({ "topologySpreadConstraints": [{
                "topologyKey": "kubernetes.io/hostname", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": { "matchLabels": labels } }] }))
        });
        scan.workload(workload, "all replicas may run on one node and fail with it")
            .field("topologySpreadConstraints")
            .maybe_patch(patch);
    }
}

/// Labels that pick the workload's pods: of its selector, else of its template.
pub(super) fn selector_labels<'a>(workload: &Workload<'a>) -> Option<&'a Labels> {
    let own = workload.selector.map(|selector| &selector.match_labels).filter(|labels| !labels.is_empty());
    own.or(Some(&workload.template.labels)).filter(|labels| !labels.is_empty())
}

fn broken_spread(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for (index, constraint) in workload.spec.topology_spread_constraints.iter().enumerate() {
            let faults = faults(constraint, workload.labels());
            if faults.is_empty() {
                continue;
            }
            let patch = (!constraint.topology_key.is_empty()).then(|| fixed(workload, constraint)).flatten();
            scan.workload(workload, format!("spread constraint: {}", faults.join(", ")))
                .field(&format!("topologySpreadConstraints[{index}]"))
                .maybe_patch(patch);
        }
    }
}

fn faults(constraint: &TopologySpreadConstraint, labels: &Labels) -> Vec<String> {
    let mut faults = Vec::new();
    if constraint.max_skew <= 0 {
        faults.push(format!("maxSkew is {}", constraint.max_skew));
    }
    if constraint.topology_key.is_empty() {
        faults.push("no topologyKey".to_owned());
    }
    if constraint.min_domains.is_some_and(|domains| domains <= 0) {
        faults.push("minDomains is not positive".to_owned());
    }
    if !matches!(constraint.when_unsatisfiable.as_str(), "DoNotSchedule" | "ScheduleAnyway") {
        faults.push(format!("whenUnsatisfiable is {:?}", constraint.when_unsatisfiable));
    }
    match &constraint.label_selector {
        None => faults.push("no labelSelector, so it counts no pod".to_owned()),
        Some(selector) if !selector.matches(labels) => {
            faults.push("labelSelector does not match the pods themselves".to_owned())
        }
        Some(_) => {}
    }
    faults
}

fn fixed(workload: &Workload<'_>, constraint: &TopologySpreadConstraint) -> Option<crate::finding::Patch> {
    let mut body = json!({ "topologyKey": constraint.topology_key, "maxSkew": constraint.max_skew.max(1) });
    if !matches!(constraint.when_unsatisfiable.as_str(), "DoNotSchedule" | "ScheduleAnyway") {
        body["whenUnsatisfiable"] = json!("ScheduleAnyway");
    }
    if constraint.min_domains.is_some_and(|domains| domains <= 0) {
        body["minDomains"] = Value::Null;
    }
    if !matches(constraint.label_selector.as_ref(), workload.labels()) {
        // Unset first what does not match, so that the merge can't keep it.
        let mut labels = json!(selector_labels(workload)?);
        if let (Some(old), Value::Object(fields)) = (&constraint.label_selector, &mut labels) {
            for key in old.match_labels.keys() {
                fields.entry(key.clone()).or_insert(Value::Null);
            }
        }
        body["labelSelector"] = json!({ "matchLabels": labels, "matchExpressions": null });
    }
    Some(workload.pod_patch(json!({ "topologySpreadConstraints": [body] })))
}
