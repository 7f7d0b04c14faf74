//! The blast radius: what happens besides the fields that change.

use pilot_core::health::World;
use pilot_core::model::{Labels, ObjectRef, Pod, is_subset};
use serde_json::Value;

use super::{Step, Verb};

/// Lines about pods that go, Services that lose endpoints, budgets and autoscalers.
pub fn impact(world: &World<'_>, step: &Step) -> Vec<String> {
    let mut lines = match (step.verb, step.target.kind.as_str()) {
        (Verb::Delete, "Namespace") => namespace(world, &step.target),
        (Verb::Delete, _) => removed(world, &step.target),
        (Verb::Evict, _) => evicted(world, &step.target),
        (_, "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") => workload(world, step),
        (_, "Service") => service(world, step),
        (_, "Node") => vec![format!("{} pods run on it and stay", world.pods_on(&step.target.name).count())],
        _ => Vec::new(),
    };
    lines.sort();
    lines.dedup();
    lines
}

fn number(object: Option<&Value>, pointer: &str, default: i64) -> i64 {
    object.and_then(|o| o.pointer(pointer)).and_then(Value::as_i64).unwrap_or(default)
}

fn workload(world: &World<'_>, step: &Step) -> Vec<String> {
    let target = &step.target;
    let pods = world.pods_of(target);
    let mut lines = Vec::new();
    if step.changes_pods() {
        let strategy = step.before.as_ref().and_then(|o| o.pointer("/spec/strategy/type")).and_then(Value::as_str);
        lines.push(match (pods.len(), strategy) {
            (0, _) => "no pod runs now; new ones start with the change".to_owned(),
            (n, Some("Recreate")) => {
                format!("all {n} pods of {target} stop before new ones start: it is away meanwhile")
            }
            (1, _) => format!("the one pod of {target} is replaced"),
            (n, _) => format!("{n} pods of {target} are replaced, some at a time"),
        });
    }
    let from = number(step.before.as_ref(), "/spec/replicas", 1);
    let to = number(step.after.as_ref(), "/spec/replicas", from);
    if to < from {
        lines.push(format!("{} of {from} pods of {target} stop", from - to));
        lines.extend(budgets(world, pods, to));
    }
    if to == 0 && from > 0 {
        lines.extend(without_endpoints(world, target, pods));
    }
    if from != to {
        lines.extend(autoscalers(world, target));
    }
    lines
}

fn autoscalers(world: &World<'_>, target: &ObjectRef) -> Vec<String> {
    let governs = world.snapshot.autoscalers.iter().filter(|h| {
        let of = &h.spec.scale_target_ref;
        h.metadata.namespace == target.namespace && of.kind == target.kind && of.name == target.name
    });
    governs
        .map(|h| {
            format!(
                "autoscaler {} governs the replicas ({} to {}) and will set them again",
                h.metadata.name,
                h.min(),
                h.spec.max_replicas
            )
        })
        .collect()
}

/// Budgets that ask for more pods than stay. Scaling down is not an eviction: no budget stops it.
fn budgets(world: &World<'_>, pods: &[&Pod], stay: i64) -> Vec<String> {
    let Some(pod) = pods.first() else { return Vec::new() };
    let asks = world.snapshot.disruption_budgets.iter().filter_map(|budget| {
        let selector = budget.spec.selector.as_ref()?;
        let ours = budget.metadata.namespace == pod.metadata.namespace && selector.matches(&pod.metadata.labels);
        let least = budget.spec.min_available.as_ref()?.scaled_up(stay.max(1))?;
        (ours && least > stay).then(|| {
            format!("budget {} asks for {least} pods; it does not stop a change of replicas", budget.metadata.name)
        })
    });
    asks.collect()
}

/// Services whose endpoints are all among `pods`.
fn without_endpoints(world: &World<'_>, target: &ObjectRef, pods: &[&Pod]) -> Vec<String> {
    let gone = |pod: &Pod| pods.iter().any(|p| p.metadata.name == pod.metadata.name);
    let services = world.snapshot.services.iter().filter(|s| s.metadata.namespace == target.namespace).filter(|s| {
        let selected = world.selected(s);
        !selected.is_empty() && selected.iter().all(|pod| gone(pod))
    });
    services.map(|s| format!("Service {} is left without endpoints", s.metadata.name)).collect()
}

fn removed(world: &World<'_>, target: &ObjectRef) -> Vec<String> {
    let pods = world.pods_of(target);
    let mut lines = Vec::new();
    if !pods.is_empty() {
        lines.push(format!("{} pods go with it", pods.len()));
        lines.extend(without_endpoints(world, target, pods));
    }
    if target.kind == "Pod" {
        let owner = world.pod(&target.namespace, &target.name).and_then(|pod| pod.metadata.controller());
        lines.push(match owner {
            Some(owner) => format!("{} {} makes a new one", owner.kind, owner.name),
            None => "nothing makes a new one".to_owned(),
        });
    }
    let used = world.snapshot.pods.iter().filter(|pod| {
        let volumes = &pod.spec.volumes;
        pod.metadata.namespace == target.namespace
            && target.kind == "PersistentVolumeClaim"
            && volumes.iter().any(|v| v.persistent_volume_claim.as_ref().is_some_and(|c| c.claim_name == target.name))
    });
    let used = used.count();
    if used > 0 {
        lines.push(format!("{used} pods use it: it goes when they have gone, and its data may go with it"));
    }
    lines
}

fn namespace(world: &World<'_>, target: &ObjectRef) -> Vec<String> {
    let all = world.snapshot.all().filter(|meta| meta.namespace == target.name);
    let mut kinds: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for meta in all {
        *kinds.entry(meta.kind.as_str()).or_default() += 1;
    }
    kinds.remove("Event");
    kinds.into_iter().map(|(kind, n)| format!("{n} {kind} go with it")).collect()
}

fn evicted(world: &World<'_>, target: &ObjectRef) -> Vec<String> {
    match world.pod(&target.namespace, &target.name).map(|pod| pod.metadata.controller().is_some()) {
        Some(false) => vec![format!("{target} belongs to nothing: it does not come back")],
        _ => Vec::new(),
    }
}

fn service(world: &World<'_>, step: &Step) -> Vec<String> {
    let selector = |object: Option<&Value>| -> Option<Labels> {
        serde_json::from_value(object?.pointer("/spec/selector")?.clone()).ok()
    };
    let (old, new) = (selector(step.before.as_ref()), selector(step.after.as_ref()));
    if old == new {
        return Vec::new();
    }
    let count = |labels: &Option<Labels>| {
        labels.as_ref().filter(|l| !l.is_empty()).map_or((0, 0), |labels| {
            let pods = world.pods_in(&step.target.namespace).iter().filter(|p| is_subset(labels, &p.metadata.labels));
            pods.fold((0, 0), |(all, ready), pod| (all + 1, ready + usize::from(pod.status.is_ready())))
        })
    };
    let ((_, before), (all, after)) = (count(&old), count(&new));
    vec![format!("{} has {before} ready endpoints now and {after} of {all} pods afterwards", step.target)]
}
