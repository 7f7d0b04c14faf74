//! Pods that no node takes (HLT-101, HLT-102, HLT-103).
//!
//! The scheduler's message is read for what it names, and every node is checked again from the snapshot, so that the
//! finding can say per node what is missing.

use std::collections::BTreeMap;

use serde_json::json;

use super::Case;
use crate::finding::{EvidenceSource, Severity};
use crate::health::catalogue::{GATED, NO_SCHEDULER, UNSCHEDULABLE};
use crate::health::draft::{Draft, pod_patch};
use crate::model::{Labels, Node, NodeSelectorTerm, Pod, Taint, condition};
use crate::nearest::nearest;
use crate::quantity::Quantity;

/// What keeps a pod off one node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Obstacle {
    NotReady,
    Unschedulable,
    Taint(String),
    Selector(String),
    Affinity,
    Resource { name: String, needs: String, free: String },
    TooManyPods,
}

impl Obstacle {
    fn text(&self) -> String {
        match self {
            Self::NotReady => "not ready".to_owned(),
            Self::Unschedulable => "cordoned".to_owned(),
            Self::Taint(taint) => format!("taint {taint} not tolerated"),
            Self::Selector(pair) => format!("lacks label {pair}"),
            Self::Affinity => "does not match node affinity".to_owned(),
            Self::Resource { name, needs, free } => format!("{name}: needs {needs}, free {free}"),
            Self::TooManyPods => "too many pods".to_owned(),
        }
    }
}

pub fn unschedulable(case: &Case<'_>) -> Option<Draft> {
    let scheduled = condition(&case.pod.status.conditions, "PodScheduled")?;
    if !scheduled.is_false() || scheduled.reason == "SchedulingGated" {
        return None;
    }
    let message = scheduled.message.as_str();
    let event = case.world.pod_event(case.pod, &["FailedScheduling"]);
    let text = if message.is_empty() { event.map_or("", |e| e.message.as_str()) } else { message };
    let table: Vec<(&str, Vec<Obstacle>)> =
        case.world.snapshot.nodes.iter().map(|node| (node.metadata.name.as_str(), obstacles(case, node))).collect();
    let mut draft = match claim_not_bound(case, text) {
        Some(claim) => Draft::new(&UNSCHEDULABLE, format!("pod waits for volume claim {claim}, which is not bound"))
            .waits_for("PersistentVolumeClaim", &case.pod.metadata.namespace, &claim)
            .advice("Find out why the claim is not bound; the pod follows by itself.", "the cause is the claim"),
        None => explain(case, text, &table),
    };
    draft = draft.seen(EvidenceSource::Status, "status.conditions[PodScheduled]", text);
    for (node, found) in table.iter().take(20) {
        let text: Vec<String> = found.iter().map(Obstacle::text).collect();
        let text = if text.is_empty() { "nothing found that speaks against it".to_owned() } else { text.join("; ") };
        draft = draft.seen(EvidenceSource::Computed, format!("node {node}"), text);
    }
    Some(draft)
}

fn claim_not_bound(case: &Case<'_>, text: &str) -> Option<String> {
    let says = text.contains("unbound immediate PersistentVolumeClaims")
        || text.contains("persistentvolumeclaim")
        || text.contains("PersistentVolumeClaim");
    let named = case.pod.spec.volumes.iter().filter_map(|v| v.persistent_volume_claim.as_ref()).map(|c| &c.claim_name);
    let mut pending = named.filter(|name| {
        let found = case
            .world
            .snapshot
            .claims
            .iter()
            .find(|c| c.metadata.namespace == case.pod.metadata.namespace && c.metadata.name == **name);
        found.is_none_or(|claim| claim.status.phase != "Bound")
    });
    if says { pending.next().cloned() } else { None }
}

/// The dominant obstacle, worded; the scheduler's own message decides when the nodes are not in the snapshot.
fn explain(case: &Case<'_>, text: &str, table: &[(&str, Vec<Obstacle>)]) -> Draft {
    let candidates: Vec<&Vec<Obstacle>> = table.iter().map(|(_, found)| found).filter(|f| !f.is_empty()).collect();
    let everywhere = |test: fn(&Obstacle) -> bool| {
        !candidates.is_empty() && candidates.len() == table.len() && candidates.iter().all(|f| f.iter().any(test))
    };
    if let Some(draft) = selector(case, &candidates, everywhere(|o| matches!(o, Obstacle::Selector(_)))) {
        return draft;
    }
    if everywhere(|o| matches!(o, Obstacle::Resource { .. })) || (table.is_empty() && text.contains("Insufficient")) {
        return resources(case, text, table);
    }
    if everywhere(|o| matches!(o, Obstacle::Affinity)) {
        return Draft::new(&UNSCHEDULABLE, "no node matches the pod's required node affinity")
            .field(format!("{}.affinity.nodeAffinity", case.pod_spec_path()))
            .advice(
                "Label a node as the affinity asks, or change the affinity.",
                "which nodes are meant is your decision",
            );
    }
    if everywhere(|o| matches!(o, Obstacle::Taint(_))) || (table.is_empty() && text.contains("untolerated taint")) {
        return taint(case, text, &candidates);
    }
    if let Some(sentence) = from_message(text) {
        return Draft::new(&UNSCHEDULABLE, sentence).advice(
            "Change the constraint or the nodes, see the table of nodes.",
            "several changes would do; the choice is yours",
        );
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for obstacle in candidates.iter().flat_map(|found| found.first()) {
        *counts.entry(obstacle.text()).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(text, n)| format!("{n} × {text}")).collect();
    let message = match (parts.is_empty(), text.is_empty()) {
        (false, _) => format!("no node takes the pod: {}", parts.join(", ")),
        (true, false) => format!("no node takes the pod: {text}"),
        (true, true) => "no node takes the pod".to_owned(),
    };
    Draft::new(&UNSCHEDULABLE, message)
        .advice("See the table of nodes.", "several changes would do; the choice is yours")
}

fn selector(case: &Case<'_>, candidates: &[&Vec<Obstacle>], everywhere: bool) -> Option<Draft> {
    if !everywhere {
        return None;
    }
    let pair = candidates.iter().flat_map(|f| f.iter()).find_map(|o| match o {
        Obstacle::Selector(pair) => Some(pair.clone()),
        _ => None,
    })?;
    let (key, value) = pair.split_once('=').unwrap_or((&pair, ""));
    let nodes = &case.world.snapshot.nodes;
    let values: Vec<&str> = nodes.iter().filter_map(|n| n.metadata.labels.get(key)).map(String::as_str).collect();
    let meant = nearest(value, values.iter().copied()).or_else(|| values.first().copied());
    let draft =
        Draft::new(&UNSCHEDULABLE, format!("no node has the label {pair} that the pod's nodeSelector asks for"))
            .field(format!("{}.nodeSelector", case.pod_spec_path()));
    Some(match meant {
        Some(meant) => {
            draft.seen(EvidenceSource::Computed, format!("nodes with label {key}"), values.join(", ")).patch(
                format!("Nodes have {key}={meant}: ask for that, or label a node with {pair}."),
                pod_patch(case.root, json!({"nodeSelector": {key: meant}})),
            )
        }
        None => draft
            .patch(
                format!("No node has a label {key}: label a node with {pair}, or drop the selector."),
                pod_patch(case.root, json!({"nodeSelector": {key: null}})),
            )
            .risk("without the selector the pod may run on any node"),
    })
}

fn resources(case: &Case<'_>, text: &str, table: &[(&str, Vec<Obstacle>)]) -> Draft {
    let mut short: Vec<&str> = table
        .iter()
        .flat_map(|(_, found)| found)
        .filter_map(|o| match o {
            Obstacle::Resource { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    short.extend(
        text.match_indices("Insufficient ")
            .filter_map(|(at, word)| text[at + word.len()..].split([',', '.', ' ']).next()),
    );
    short.sort_unstable();
    short.dedup();
    let asked: Vec<String> =
        short.iter().map(|name| format!("{} {name}", case.pod.spec.scheduled_request(name))).collect();
    let allocatable =
        |name: &str| case.world.snapshot.nodes.iter().filter_map(|n| n.status.allocatable.get(name).copied()).max();
    let never =
        short.iter().any(|name| allocatable(name).is_some_and(|most| case.pod.spec.scheduled_request(name) > most));
    let message = if never {
        format!("pod requests {}, more than any node has in all", asked.join(" and "))
    } else {
        format!("pod requests {}, and no node has that much free", asked.join(" and "))
    };
    Draft::new(&UNSCHEDULABLE, message)
        .severity(if never { Severity::Critical } else { Severity::High })
        .field(format!("{}.containers[0].resources.requests", case.pod_spec_path()))
        .advice(
            if never {
                "Lower the request below a node's allocatable, or add a larger node."
            } else {
                "Lower requests (see optimize resources), remove other pods, or add a node."
            },
            "how far the request may fall depends on the program's usage",
        )
}

fn taint(case: &Case<'_>, text: &str, candidates: &[&Vec<Obstacle>]) -> Draft {
    let taint = candidates
        .iter()
        .flat_map(|f| f.iter())
        .find_map(|o| match o {
            Obstacle::Taint(taint) => Some(taint.clone()),
            _ => None,
        })
        .unwrap_or_else(|| between(text, "untolerated taint {", "}").unwrap_or("(unknown)").to_owned());
    let draft = Draft::new(&UNSCHEDULABLE, format!("every node has a taint that the pod does not tolerate: {taint}"))
        .field(format!("{}.tolerations", case.pod_spec_path()));
    let parsed = case.world.snapshot.nodes.iter().flat_map(|n| &n.spec.taints).find(|t| words(t) == taint);
    match parsed.filter(|t| !t.key.starts_with("node.kubernetes.io/")) {
        Some(t) => draft
            .patch(
                "Tolerate the taint if the pod belongs on these nodes, or remove the taint from a node.",
                pod_patch(case.root, json!({"tolerations": [toleration(t)]})),
            )
            .risk("tolerations in a patch replace the ones that are there"),
        None => draft.advice("The taint reports a problem of the node: see the node.", "the node must recover"),
    }
}

fn toleration(taint: &Taint) -> serde_json::Value {
    if taint.value.is_empty() {
        json!({"key": taint.key, "operator": "Exists", "effect": taint.effect})
    } else {
        json!({"key": taint.key, "operator": "Equal", "value": taint.value, "effect": taint.effect})
    }
}

/// Causes that only the scheduler can know.
fn from_message(text: &str) -> Option<String> {
    let says = |word: &str| text.contains(word);
    Some(
        if says("volume node affinity conflict") {
            "the pod's volume lives in a zone or on a node where the pod may not run"
        } else if says("didn't match pod anti-affinity") {
            "pod anti-affinity: every node already runs a pod that this one must not share a node with"
        } else if says("didn't match pod affinity") {
            "pod affinity: no node runs the pod that this one must be next to"
        } else if says("didn't match pod topology spread") {
            "topology spread: placing the pod anywhere would exceed maxSkew"
        } else if says("didn't have free ports") {
            "the host port that the pod asks for is taken on every node"
        } else if says("Too many pods") {
            "every node runs as many pods as it may"
        } else if says("no nodes available") {
            "there is no node to schedule pods on"
        } else {
            return None;
        }
        .to_owned(),
    )
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let rest = &text[text.find(start)? + start.len()..];
    Some(&rest[..rest.find(end)?])
}

fn words(taint: &Taint) -> String {
    let value = if taint.value.is_empty() { String::new() } else { format!("={}", taint.value) };
    format!("{}{value}:{}", taint.key, taint.effect)
}

fn obstacles(case: &Case<'_>, node: &Node) -> Vec<Obstacle> {
    let pod = case.pod;
    let mut found = Vec::new();
    if condition(&node.status.conditions, "Ready").is_some_and(|ready| !ready.is_true()) {
        found.push(Obstacle::NotReady);
    }
    let tolerated = |taint: &Taint| pod.spec.tolerations.iter().any(|t| t.tolerates(taint));
    let cordon =
        Taint { key: "node.kubernetes.io/unschedulable".into(), value: String::new(), effect: "NoSchedule".into() };
    if node.spec.unschedulable && !tolerated(&cordon) {
        found.push(Obstacle::Unschedulable);
    }
    for taint in &node.spec.taints {
        if taint.effect != "PreferNoSchedule" && taint.key != cordon.key && !tolerated(taint) {
            found.push(Obstacle::Taint(words(taint)));
        }
    }
    for (key, value) in &pod.spec.node_selector {
        if node.metadata.labels.get(key) != Some(value) {
            found.push(Obstacle::Selector(format!("{key}={value}")));
        }
    }
    if !affinity_matches(pod, node) {
        found.push(Obstacle::Affinity);
    }
    found.extend(missing_resources(case, node));
    found
}

fn affinity_matches(pod: &Pod, node: &Node) -> bool {
    let required = pod
        .spec
        .affinity
        .as_ref()
        .and_then(|a| a.node_affinity.as_ref())
        .and_then(|a| a.required_during_scheduling_ignored_during_execution.as_ref());
    let Some(required) = required else { return true };
    let fields: Labels = [("metadata.name".to_owned(), node.metadata.name.clone())].into();
    let term_matches = |term: &NodeSelectorTerm| {
        !(term.match_expressions.is_empty() && term.match_fields.is_empty())
            && term.match_expressions.iter().all(|r| r.matches(&node.metadata.labels))
            && term.match_fields.iter().all(|r| r.matches(&fields))
    };
    required.node_selector_terms.iter().any(term_matches)
}

fn missing_resources(case: &Case<'_>, node: &Node) -> Vec<Obstacle> {
    let mut found = Vec::new();
    let on_node: Vec<&Pod> = case.world.pods_on(&node.metadata.name).collect();
    for (name, allocatable) in &node.status.allocatable {
        if name == "pods" {
            if i64::try_from(on_node.len()).unwrap_or(i64::MAX) >= allocatable.units() {
                found.push(Obstacle::TooManyPods);
            }
            continue;
        }
        let needs = case.pod.spec.scheduled_request(name);
        let used = on_node.iter().fold(Quantity::default(), |sum, pod| sum + pod.spec.scheduled_request(name));
        let free = (*allocatable - used).max(Quantity::default());
        if !needs.is_zero() && needs > free {
            found.push(Obstacle::Resource { name: name.clone(), needs: needs.to_string(), free: free.to_string() });
        }
    }
    // A resource that the node does not know at all, such as a GPU.
    let asked = case
        .pod
        .spec
        .all_containers()
        .flat_map(|at| at.container.resources.requests.iter().chain(&at.container.resources.limits));
    for (name, needs) in asked {
        let known = node.status.allocatable.contains_key(name) || node.status.allocatable.is_empty();
        let obstacle = Obstacle::Resource { name: name.clone(), needs: needs.to_string(), free: "0".to_owned() };
        if !known && !needs.is_zero() && !found.contains(&obstacle) {
            found.push(obstacle);
        }
    }
    found
}

pub fn gated(case: &Case<'_>) -> Option<Draft> {
    let gates: Vec<&str> = case.pod.spec.scheduling_gates.iter().map(|gate| gate.name.as_str()).collect();
    if gates.is_empty() || !case.pod.spec.node_name.is_empty() {
        return None;
    }
    Some(
        Draft::new(&GATED, format!("pod is held back by scheduling gates: {}", gates.join(", ")))
            .seen(EvidenceSource::Spec, "spec.schedulingGates", gates.join(", "))
            .advice(
                "The controller that set the gates must remove them.",
                "only that controller knows when the pod may run",
            ),
    )
}

pub fn no_scheduler(case: &Case<'_>) -> Option<Draft> {
    let pod = case.pod;
    let seen = condition(&pod.status.conditions, "PodScheduled").is_some();
    if seen || !pod.spec.node_name.is_empty() || pod.status.phase != "Pending" || case.age() <= 60 {
        return None;
    }
    let scheduler = if pod.spec.scheduler_name.is_empty() { "default-scheduler" } else { &pod.spec.scheduler_name };
    let draft = Draft::new(&NO_SCHEDULER, format!("scheduler {scheduler} has not looked at the pod")).seen(
        EvidenceSource::Spec,
        "spec.schedulerName",
        scheduler,
    );
    Some(if scheduler == "default-scheduler" {
        draft.advice("Check that kube-scheduler runs (kube-system).", "the scheduler is part of the control plane")
    } else {
        draft.patch(
            format!("No scheduler called {scheduler} answers: start it, or use the default one."),
            pod_patch(case.root, json!({"schedulerName": "default-scheduler"})),
        )
    })
}
