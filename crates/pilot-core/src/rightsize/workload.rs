//! Recommendations for every container of a snapshot: what it has, what it should have, the next step, and what the
//! cluster has to say against it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::change::{Resource, Step, apply_block, step};
use super::severity::Severity;
use super::{
    Advice, AutoscaledOn, Bounds, ContainerUsage, Current, DataTier, MIB, Recommended, Strategy, Surroundings,
    recommend,
};
use crate::finding::{Patch, PatchType};
use crate::health::World;
use crate::model::{Container, HorizontalPodAutoscaler, ObjectMeta, ObjectRef};
use crate::quantity::Quantity;

/// Usage by workload and container.
pub type Measured = BTreeMap<(ObjectRef, String), ContainerUsage>;

/// The recommendation for one container.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// The workload.
    pub workload: ObjectRef,
    /// The container.
    pub container: String,
    /// Replicas the recommendation is multiplied by.
    pub replicas: i64,
    /// As it stands.
    pub current: Current,
    /// As it should be.
    pub recommended: Recommended,
    /// What one apply would do: CPU request, CPU limit, memory request, memory limit.
    pub steps: [Step; 4],
    /// KRR's grade.
    pub severity: Severity,
    /// Points behind it, the smaller of CPU and memory.
    pub points: u64,
    /// Pods behind it.
    pub pods: usize,
    /// Seconds of history.
    pub window_seconds: u64,
    /// What to know before it is applied.
    pub notes: Vec<String>,
    /// Why it must not be applied without `--force`.
    pub blocked: Option<String>,
}

/// Reviews every container of every workload that has usage, or that exists.
pub fn review(world: &World<'_>, measured: &Measured, tier: DataTier, strategy: Strategy) -> Vec<Review> {
    let mut reviews = Vec::new();
    let snapshot = world.snapshot;
    let deployments =
        snapshot.deployments.iter().map(|d| (&d.metadata, &d.spec.template.spec, d.spec.replicas.unwrap_or(1)));
    let stateful =
        snapshot.stateful_sets.iter().map(|s| (&s.metadata, &s.spec.template.spec, s.spec.replicas.unwrap_or(1)));
    let daemons =
        snapshot.daemon_sets.iter().map(|d| (&d.metadata, &d.spec.template.spec, d.status.desired_number_scheduled));
    for (meta, spec, replicas) in deployments.chain(stateful).chain(daemons) {
        let workload = meta.object_ref();
        let hpa = snapshot.autoscalers.iter().find(|h| {
            let target = &h.spec.scale_target_ref;
            h.metadata.namespace == meta.namespace && target.kind == meta.kind && target.name == meta.name
        });
        for at in spec.long_running() {
            let mut usage = measured.get(&(workload.clone(), at.container.name.clone())).cloned().unwrap_or_default();
            usage.oom_limit_bytes = usage.oom_limit_bytes.max(oom_limit(world, &workload, &at.container.name));
            reviews.push(one(world, meta, at.container, replicas, hpa, &usage, tier, strategy));
        }
    }
    reviews.sort_by(|a, b| (a.severity, &a.workload, &a.container).cmp(&(b.severity, &b.workload, &b.container)));
    reviews
}

#[expect(clippy::too_many_arguments, reason = "everything one recommendation depends on, in one call")]
fn one(
    world: &World<'_>,
    meta: &ObjectMeta,
    container: &Container,
    replicas: i64,
    hpa: Option<&HorizontalPodAutoscaler>,
    usage: &ContainerUsage,
    tier: DataTier,
    strategy: Strategy,
) -> Review {
    let current = Current {
        cpu_request_millis: container.request("cpu").map(millis),
        cpu_limit_millis: container.limit("cpu").map(millis),
        memory_request_bytes: container.request("memory").map(bytes),
        memory_limit_bytes: container.limit("memory").map(bytes),
    };
    let on = |resource: &str| hpa.is_some_and(|h| h.utilization_metrics().iter().any(|(name, _)| *name == resource));
    let hpa_on = AutoscaledOn { cpu: on("cpu"), memory: on("memory") };
    let around = surroundings(world, &meta.namespace);
    let recommended = recommend(strategy, usage, &current, hpa_on, &around);
    let steps = [
        step(Resource::Cpu, current.cpu_request_millis, recommended.cpu_request),
        step(Resource::Cpu, current.cpu_limit_millis, recommended.cpu_limit),
        step(Resource::Memory, current.memory_request_bytes, recommended.memory_request),
        step(Resource::Memory, current.memory_limit_bytes, recommended.memory_limit),
    ];
    let mut notes = Vec::new();
    if usage.oom_limit_bytes.is_some() {
        notes.push("an OOM kill was seen: memory is sized above the limit it hit".to_owned());
    }
    if strategy == Strategy::Balanced {
        notes.extend(hpa.and_then(|h| hpa_shift(h, &current, &recommended)));
    }
    notes.extend(quota_note(world, &meta.namespace, replicas, &current, &recommended));
    notes.extend(fit_note(world, &recommended));
    if meta.labels.get("app.kubernetes.io/managed-by").is_some_and(|by| by == "Helm") {
        notes.push(
            "managed by Helm: change the values and upgrade the release, or the next upgrade takes it back".to_owned(),
        );
    }
    Review {
        workload: meta.object_ref(),
        container: container.name.clone(),
        replicas,
        current,
        recommended,
        steps,
        severity: Severity::of_container(&current, &recommended),
        points: usage.cpu_points().min(usage.memory_points()),
        pods: usage.pods.len(),
        window_seconds: usage.window_seconds,
        notes,
        blocked: apply_block(tier, usage),
    }
}

fn millis(quantity: Quantity) -> u64 {
    u64::try_from(quantity.milli()).unwrap_or(0)
}

fn bytes(quantity: Quantity) -> u64 {
    u64::try_from(quantity.units()).unwrap_or(0)
}

/// The highest limit at which a container of the workload was killed for memory.
fn oom_limit(world: &World<'_>, workload: &ObjectRef, container: &str) -> Option<u64> {
    let pods = world.pods_of(workload).iter();
    let killed = pods.filter(|pod| {
        pod.status.all_containers().filter(|s| s.name == container).any(|s| {
            [&s.state.terminated, &s.last_state.terminated].into_iter().flatten().any(|t| t.reason == "OOMKilled")
        })
    });
    killed
        .filter_map(|pod| {
            pod.spec.all_containers().find(|at| at.container.name == container)?.container.limit("memory")
        })
        .map(bytes)
        .max()
}

fn surroundings(world: &World<'_>, namespace: &str) -> Surroundings {
    let mut around = Surroundings {
        largest_node_cpu_millis: world
            .snapshot
            .nodes
            .iter()
            .filter_map(|n| n.status.allocatable.get("cpu").copied())
            .map(millis)
            .max(),
        ..Surroundings::default()
    };
    let ranges = world.snapshot.limit_ranges.iter().filter(|r| r.metadata.namespace == namespace);
    for item in ranges.flat_map(|r| &r.spec.limits).filter(|item| item.type_ == "Container") {
        let bounds = |resource: &str, unit: fn(Quantity) -> u64| Bounds {
            min: item.min.get(resource).copied().map(unit),
            max: item.max.get(resource).copied().map(unit),
            max_ratio_milli: item.max_limit_request_ratio.get(resource).copied().map(millis),
        };
        around.cpu = bounds("cpu", millis);
        around.memory = bounds("memory", bytes);
    }
    around
}

/// The autoscaler keeps its percentage, so a new request moves the load at which it scales.
fn hpa_shift(hpa: &HorizontalPodAutoscaler, current: &Current, recommended: &Recommended) -> Option<String> {
    let target = hpa.spec.target_cpu_utilization_percentage.or_else(|| {
        hpa.spec
            .metrics
            .iter()
            .filter_map(|m| m.resource.as_ref())
            .find(|r| r.name == "cpu")?
            .target
            .average_utilization
    })?;
    let (now, next) = (current.cpu_request_millis?, recommended.cpu_request.value()?);
    if now == next || next == 0 {
        return None;
    }
    let same_load = i128::from(target) * i128::from(now) / i128::from(next);
    Some(format!(
        "an autoscaler targets {target} % CPU: with the new request the load it now scales at is {same_load} %"
    ))
}

/// Whether the change fits into the namespace's quotas.
fn quota_note(
    world: &World<'_>,
    namespace: &str,
    replicas: i64,
    current: &Current,
    recommended: &Recommended,
) -> Option<String> {
    for quota in world.snapshot.quotas.iter().filter(|q| q.metadata.namespace == namespace) {
        let rows = [
            (["requests.cpu", "cpu"], current.cpu_request_millis, recommended.cpu_request, 1_000_000_i128),
            (["requests.memory", "memory"], current.memory_request_bytes, recommended.memory_request, 1_000_000_000),
        ];
        for (names, now, next, nano) in rows {
            let Some(next) = next.value() else { continue };
            let more = (i128::from(next) - i128::from(now.unwrap_or(0))) * i128::from(replicas) * nano;
            for name in names {
                let (Some(hard), used) =
                    (quota.status.hard.get(name), quota.status.used.get(name).copied().unwrap_or_default())
                else {
                    continue;
                };
                if used.nano() + more > hard.nano() {
                    return Some(format!(
                        "does not fit: ResourceQuota {} has {name} {used} of {hard} in use",
                        quota.metadata.name
                    ));
                }
            }
        }
    }
    None
}

/// Whether one pod of the new size fits on the largest node at all.
fn fit_note(world: &World<'_>, recommended: &Recommended) -> Option<String> {
    let memory = recommended.memory_request.value()?;
    let largest =
        world.snapshot.nodes.iter().filter_map(|n| n.status.allocatable.get("memory").copied()).map(bytes).max()?;
    (memory > largest).then(|| format!("does not fit on any node: the largest has {} MiB of memory", largest / MIB))
}

/// The patch that takes one step for the containers of one workload; `None` when nothing changes.
pub fn patch(workload: &ObjectRef, reviews: &[&Review]) -> Option<Patch> {
    let mut containers = Vec::new();
    for review in reviews {
        let mut requests = Map::new();
        let mut limits = Map::new();
        let names = [("requests", "cpu"), ("limits", "cpu"), ("requests", "memory"), ("limits", "memory")];
        for ((group, resource), step) in names.into_iter().zip(review.steps) {
            let value = match step {
                Step::Keep => continue,
                Step::Remove => Value::Null,
                Step::Set(v) | Step::Halve(v) => json!(text(resource, v)),
            };
            if group == "requests" { &mut requests } else { &mut limits }.insert(resource.to_owned(), value);
        }
        raise_limit(review, &mut limits);
        let mut resources = Map::new();
        for (name, group) in [("requests", requests), ("limits", limits)] {
            if !group.is_empty() {
                resources.insert(name.to_owned(), Value::Object(group));
            }
        }
        if !resources.is_empty() {
            containers.push(json!({"name": review.container, "resources": resources}));
        }
    }
    if containers.is_empty() {
        return None;
    }
    let body = json!({"spec": {"template": {"spec": {"containers": containers}}}});
    Some(Patch { type_: PatchType::Strategic, target: workload.clone(), body })
}

/// Steps are taken value by value; together they must not leave a memory limit below its request.
fn raise_limit(review: &Review, limits: &mut Map<String, Value>) {
    let after = |step: Step, now: Option<u64>| match step {
        Step::Set(v) | Step::Halve(v) => Some(v),
        Step::Keep => now,
        Step::Remove => None,
    };
    for (resource, request, limit, now_request, now_limit) in [
        ("cpu", review.steps[0], review.steps[1], review.current.cpu_request_millis, review.current.cpu_limit_millis),
        (
            "memory",
            review.steps[2],
            review.steps[3],
            review.current.memory_request_bytes,
            review.current.memory_limit_bytes,
        ),
    ] {
        if let (Some(request), Some(limit)) = (after(request, now_request), after(limit, now_limit))
            && limit < request
        {
            limits.insert(resource.to_owned(), json!(text(resource, request)));
        }
    }
}

/// A value as a quantity: millicores, mebibytes where they are whole.
pub fn text(resource: &str, value: u64) -> String {
    match resource {
        "cpu" => format!("{value}m"),
        _ if value.is_multiple_of(MIB) => format!("{}Mi", value / MIB),
        _ => value.to_string(),
    }
}

/// A recommendation as text: `250m`, `unset`, or why there is none.
pub fn advice_text(resource: &str, advice: Advice) -> String {
    match advice {
        Advice::Value(value) => text(resource, value),
        Advice::Unset => "unset".to_owned(),
        Advice::Undefined(super::Undefined::NoData) => "no data".to_owned(),
        Advice::Undefined(super::Undefined::NotEnoughData) => "not enough data".to_owned(),
        Advice::Undefined(super::Undefined::HpaDetected) => "HPA".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::usage::PodUsage;
    use super::*;
    use crate::snapshot::Snapshot;

    fn measured(cpu_milli: u64, mib: u64) -> Measured {
        let pod = PodUsage {
            pod: "a".into(),
            cpu_p95_nanos: Some(cpu_milli * 1_000_000),
            cpu_points: 500,
            memory_peak_bytes: Some(mib * MIB),
            memory_points: 500,
            ..PodUsage::default()
        };
        let usage = ContainerUsage { pods: vec![pod], oom_limit_bytes: None, window_seconds: 86_400 };
        [((deployment_ref(), "c".to_owned()), usage)].into()
    }

    fn deployment_ref() -> ObjectRef {
        ObjectRef {
            api_version: "apps/v1".into(),
            kind: "Deployment".into(),
            namespace: "todo".into(),
            name: "backend".into(),
        }
    }

    fn reviews(more: Vec<Value>, measured: &Measured) -> Vec<Review> {
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "backend", "namespace": "todo"},
            "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}}]}}}});
        let objects = std::iter::once(deployment).chain(more).map(|o| (o, None));
        let snapshot = Snapshot::from_objects(objects, Timestamp::UNIX_EPOCH);
        assert_eq!(snapshot.errors, []);
        review(&World::new(&snapshot), measured, DataTier::Prometheus, Strategy::Balanced)
    }

    #[test]
    fn one_apply_goes_halfway_down() {
        let reviews = reviews(vec![], &measured(100, 100));
        assert_eq!(reviews[0].recommended.cpu_request, Advice::Value(110));
        assert_eq!(reviews[0].steps[0], Step::Halve(500));
        assert_eq!(reviews[0].blocked, None);
        let patch = patch(&deployment_ref(), &[&reviews[0]]).unwrap();
        let resources = &patch.body["spec"]["template"]["spec"]["containers"][0]["resources"];
        assert_eq!(resources, &json!({"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"memory": "512Mi"}}));
    }

    #[test]
    fn nothing_measured_changes_nothing() {
        let reviews = reviews(vec![], &Measured::new());
        assert_eq!(reviews[0].severity, Severity::Unknown);
        assert_eq!(patch(&deployment_ref(), &[&reviews[0]]), None);
        assert!(reviews[0].blocked.is_some());
    }

    #[test]
    fn the_cluster_has_its_say() {
        let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "todo"},
            "status": {"hard": {"requests.memory": "3Gi"}, "used": {"requests.memory": "2Gi"}}});
        let hpa = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h", "namespace": "todo"},
            "spec": {"maxReplicas": 5, "scaleTargetRef": {"kind": "Deployment", "name": "backend"},
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}]}});
        let reviews = reviews(vec![quota, hpa], &measured(100, 2048));
        assert!(reviews[0].notes.iter().any(|n| n.contains("ResourceQuota q")), "{:?}", reviews[0].notes);
        assert!(
            reviews[0].notes.iter().any(|n| n.contains("targets 80 % CPU") && n.contains("727 %")),
            "{:?}",
            reviews[0].notes
        );
    }
}
