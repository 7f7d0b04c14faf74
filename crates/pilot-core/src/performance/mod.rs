//! Bottlenecks (PRF): each with the number that proves it.

mod exposition;
mod trend;

use std::collections::BTreeMap;

use serde_json::json;

use crate::finding::{
    Category, Confidence, Evidence, EvidenceSource, Finding, Patch, PatchType, Remediation, Severity, Subject, sort,
};
use crate::health::{World, share};
use crate::model::{Container, ObjectRef, Pod, condition};
use crate::quantity::Quantity;

pub use exposition::{Exposition, read as read_exposition};
pub use trend::theil_sen;

/// Namespace, pod, container.
pub type Key = (String, String, String);

/// What a snapshot does not hold and a metrics server or the recorder knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signals {
    /// Share of CPU periods in which the container was throttled, 0 to 1.
    pub throttled: BTreeMap<Key, f64>,
    /// Memory working set over time: seconds and bytes, oldest first.
    pub memory: BTreeMap<Key, Vec<(i64, u64)>>,
    /// 95th percentile of the request duration per namespace and job, seconds.
    pub latency: BTreeMap<(String, String), f64>,
    /// Share of requests answered with 5xx per namespace and job, 0 to 1.
    pub errors: BTreeMap<(String, String), f64>,
    /// Database connections per namespace and workload: in use, at most, and callers that wait for one.
    pub pools: BTreeMap<(String, String), (f64, f64, f64)>,
}

/// Every bottleneck, worst first.
pub fn check(world: &World<'_>, signals: &Signals) -> Vec<Finding> {
    let mut found = Vec::new();
    for metrics in &world.snapshot.pod_metrics {
        let Some(pod) = world.pod(&metrics.metadata.namespace, &metrics.metadata.name) else { continue };
        let root = world.root(&pod.metadata);
        for used in &metrics.containers {
            let Some(container) = pod.spec.all_containers().map(|at| at.container).find(|c| c.name == used.name) else {
                continue;
            };
            let amount = |resource: &str| used.usage.get(resource).copied().unwrap_or_default();
            cpu(world, &mut found, pod, &root, container, amount("cpu"));
            memory(&mut found, pod, &root, container, amount("memory"));
        }
    }
    throttling(world, &mut found, signals);
    leaks(world, &mut found, signals);
    service_level(&mut found, signals);
    events(world, &mut found);
    nodes(world, &mut found);
    pending(world, &mut found);
    merge(&mut found);
    sort(&mut found);
    found
}

/// One bottleneck per workload, container and rule: the worst pod speaks, all are listed.
fn merge(found: &mut Vec<Finding>) {
    found.sort_by(|a, b| (a.key(), a.severity, &a.message).cmp(&(b.key(), b.severity, &b.message)));
    let mut merged: Vec<Finding> = Vec::new();
    for finding in found.drain(..) {
        match merged.last_mut().filter(|last| last.key() == finding.key()) {
            Some(last) => {
                last.affected.extend(finding.affected);
                last.affected.sort();
                last.affected.dedup();
            }
            None => merged.push(finding),
        }
    }
    *found = merged;
}

struct Bottleneck<'a> {
    id: &'static str,
    title: &'static str,
    severity: Severity,
    object: ObjectRef,
    container: Option<&'a str>,
    pod: Option<&'a str>,
    message: String,
    metric: (&'static str, String),
    fix: &'static str,
    patch: Option<Patch>,
}

fn push(found: &mut Vec<Finding>, b: Bottleneck<'_>) {
    let no_patch =
        b.patch.is_none().then(|| "how much is needed depends on the load: see optimize resources".to_owned());
    found.push(Finding {
        id: b.id.to_owned(),
        title: b.title.to_owned(),
        severity: b.severity,
        category: Category::Performance,
        subject: Subject { object: b.object, container: b.container.map(str::to_owned), field: None },
        message: b.message,
        evidence: vec![Evidence::new(EvidenceSource::Metric, b.metric.0, b.metric.1)],
        affected: b.pod.map(str::to_owned).into_iter().collect(),
        cause_of: Vec::new(),
        caused_by: Vec::new(),
        remediation: Remediation { text: b.fix.to_owned(), patch: b.patch, no_patch, ..Remediation::default() },
        confidence: Confidence::High,
        reference: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/".to_owned(),
        location: None,
        suppressed: None,
    });
}

fn cpu(
    world: &World<'_>,
    found: &mut Vec<Finding>,
    pod: &Pod,
    root: &ObjectRef,
    container: &Container,
    used: Quantity,
) {
    let name = container.name.as_str();
    let of = |id, title, severity, message, metric: String, fix| Bottleneck {
        id,
        title,
        severity,
        object: root.clone(),
        container: Some(name),
        pod: Some(&pod.metadata.name),
        message,
        metric: ("cpu", metric),
        fix,
        patch: None,
    };
    if let Some(limit) = container.limit("cpu") {
        let percent = share(used, limit);
        if percent >= 80 {
            let severity = if percent >= 95 { Severity::High } else { Severity::Medium };
            push(
                found,
                of(
                    "PRF-001",
                    "CPU is close to its limit",
                    severity,
                    format!("uses {percent} % of its CPU limit"),
                    format!("{used} of {limit}"),
                    "Raise or remove the CPU limit, or run more replicas.",
                ),
            );
        }
    }
    let request = container.request("cpu");
    let busy = world.snapshot.node_metrics.iter().find(|m| m.metadata.name == pod.spec.node_name).and_then(|m| {
        Some(share(*m.usage.get("cpu")?, *world.node(&pod.spec.node_name)?.status.allocatable.get("cpu")?))
    });
    if let (Some(request), Some(busy)) = (request, busy)
        && used > request
        && busy >= 80
    {
        push(
            found,
            of(
                "PRF-005",
                "CPU contention",
                Severity::Medium,
                format!("uses more CPU than it requests on node {}, which is {busy} % busy", pod.spec.node_name),
                format!("{used}, requested {request}"),
                "Request what it uses, so that it is placed where there is room.",
            ),
        );
    }
    let Some(base) = container.limit("cpu").or(request) else { return };
    let percent = share(used, base);
    let hpa = world.snapshot.autoscalers.iter().find(|h| {
        let target = &h.spec.scale_target_ref;
        h.metadata.namespace == root.namespace && target.kind == root.kind && target.name == root.name
    });
    match hpa {
        Some(hpa)
            if percent > 80 && hpa.status.current_replicas >= hpa.spec.max_replicas && hpa.spec.max_replicas > 0 =>
        {
            let raised = hpa.spec.max_replicas + (hpa.spec.max_replicas / 2).max(1);
            let patch = Patch {
                type_: PatchType::Merge,
                target: hpa.metadata.object_ref(),
                body: json!({"spec": {"maxReplicas": raised}}),
            };
            let mut b = of(
                "PRF-006",
                "No room to scale out",
                Severity::High,
                format!("its autoscaler is at its maximum of {} and CPU is at {percent} %", hpa.spec.max_replicas),
                format!("{used} of {base}"),
                "Raise maxReplicas if the nodes have room.",
            );
            b.patch = Some(patch);
            push(found, b);
        }
        None if percent > 80 && root.kind == "Deployment" => {
            push(
                found,
                of(
                    "PRF-006",
                    "No room to scale out",
                    Severity::Medium,
                    format!("CPU is at {percent} % and no autoscaler adds replicas"),
                    format!("{used} of {base}"),
                    "Add a HorizontalPodAutoscaler, or more replicas.",
                ),
            );
        }
        _ => {}
    }
    if percent > 70 && world.pods_of(root).len() == 1 && matches!(root.kind.as_str(), "Deployment" | "StatefulSet") {
        push(
            found,
            of(
                "PRF-013",
                "One replica carries everything",
                Severity::Medium,
                format!("its only replica is at {percent} % CPU"),
                format!("{used} of {base}"),
                "Run a second replica.",
            ),
        );
    }
    if let (Some(request), Some(limit)) = (request, container.limit("cpu"))
        && share(limit, request) > 1000
    {
        push(
            found,
            of(
                "PRF-015",
                "Noisy neighbour",
                Severity::Low,
                format!("may use {} times the CPU it requests", share(limit, request) / 100),
                format!("request {request}, limit {limit}"),
                "Bring request and limit closer together.",
            ),
        );
    }
}

fn memory(found: &mut Vec<Finding>, pod: &Pod, root: &ObjectRef, container: &Container, used: Quantity) {
    let Some(limit) = container.limit("memory") else { return };
    let percent = share(used, limit);
    let severity = match percent {
        95.. => Severity::Critical,
        90.. => Severity::High,
        80.. => Severity::Medium,
        _ => return,
    };
    push(
        found,
        Bottleneck {
            id: "PRF-003",
            title: "Memory is close to its limit",
            severity,
            object: root.clone(),
            container: Some(&container.name),
            pod: Some(&pod.metadata.name),
            message: format!("uses {percent} % of its memory limit; at 100 % it is killed"),
            metric: ("memory", format!("{} of {limit}", Quantity::from_bytes(used.units()))),
            fix: "Raise the memory limit, or find what holds the memory.",
            patch: None,
        },
    );
}

fn throttling(world: &World<'_>, found: &mut Vec<Finding>, signals: &Signals) {
    for ((namespace, pod, container), ratio) in &signals.throttled {
        let severity = match ratio {
            r if *r > 0.5 => Severity::High,
            r if *r > 0.25 => Severity::Medium,
            _ => continue,
        };
        let Some(found_pod) = world.pod(namespace, pod) else { continue };
        let percent = ratio * 100.0;
        let timeouts = world.pod_events(found_pod).iter().any(|e| {
            e.reason == "Unhealthy" && (e.message.contains("deadline exceeded") || e.message.contains("timeout"))
        });
        let root = world.root(&found_pod.metadata);
        let metric = ("container_cpu_cfs_throttled_periods_total", format!("{percent:.0} % of periods"));
        let base = |id, title, message| Bottleneck {
            id,
            title,
            severity,
            object: root.clone(),
            container: Some(container),
            pod: Some(pod),
            message,
            metric: metric.clone(),
            fix: "Raise or remove the CPU limit.",
            patch: None,
        };
        push(found, base("PRF-002", "CPU is throttled", format!("is throttled in {percent:.0} % of its CPU periods")));
        if timeouts {
            push(
                found,
                base(
                    "PRF-014",
                    "Throttling makes probes time out",
                    format!("probes time out while CPU is throttled in {percent:.0} % of periods"),
                ),
            );
        }
    }
}

fn leaks(world: &World<'_>, found: &mut Vec<Finding>, signals: &Signals) {
    for ((namespace, pod, container), samples) in &signals.memory {
        let (Some(slope), Some(found_pod), Some((_, last))) =
            (theil_sen(samples), world.pod(namespace, pod), samples.last())
        else {
            continue;
        };
        let limit = found_pod
            .spec
            .all_containers()
            .find(|at| at.container.name == *container)
            .and_then(|at| at.container.limit("memory"));
        let Some(limit) = limit else { continue };
        let left = limit.as_f64() - *last as f64;
        if slope <= 0.0 || left <= 0.0 {
            continue;
        }
        let hours = left / slope / 3600.0;
        if hours >= 24.0 {
            continue;
        }
        push(
            found,
            Bottleneck {
                id: "PRF-004",
                title: "Memory grows towards its limit",
                severity: if hours < 2.0 { Severity::High } else { Severity::Medium },
                object: world.root(&found_pod.metadata),
                container: Some(container),
                pod: Some(pod),
                message: format!(
                    "memory grows by {:.1} MiB an hour and reaches its limit in about {hours:.0} h",
                    slope * 3600.0 / 1_048_576.0
                ),
                metric: (
                    "memory working set",
                    format!(
                        "{} samples, now {}",
                        samples.len(),
                        Quantity::from_bytes(i64::try_from(*last).unwrap_or(i64::MAX))
                    ),
                ),
                fix: "Look for a leak; until then a higher limit buys time.",
                patch: None,
            },
        );
    }
}

fn service_level(found: &mut Vec<Finding>, signals: &Signals) {
    let about = |namespace: &str, job: &str| ObjectRef {
        api_version: "v1".into(),
        kind: "Service".into(),
        namespace: namespace.into(),
        name: job.into(),
    };
    let mut names: Vec<&(String, String)> = signals.latency.keys().chain(signals.errors.keys()).collect();
    names.sort();
    names.dedup();
    for at in names {
        let seconds = signals.latency.get(at).copied().filter(|s| *s > 1.0);
        let ratio = signals.errors.get(at).copied().filter(|r| *r > 0.01);
        let slow = seconds.map(|s| (format!("95 % of requests take up to {s:.2} s"), format!("p95 {s:.3} s")));
        let fails = ratio
            .map(|r| (format!("{:.1} % of requests are answered with 5xx", r * 100.0), format!("5xx ratio {r:.4}")));
        let (messages, proofs): (Vec<String>, Vec<String>) = slow.into_iter().chain(fails).unzip();
        if messages.is_empty() {
            continue;
        }
        push(
            found,
            Bottleneck {
                id: "PRF-009",
                title: "Requests are slow or fail",
                severity: if ratio.is_some() { Severity::High } else { Severity::Medium },
                object: about(&at.0, &at.1),
                container: None,
                pod: None,
                message: messages.join(", and "),
                metric: ("requests", proofs.join(", ")),
                fix: "Read the service's log, then look at the other bottlenecks of it and of what it calls.",
                patch: None,
            },
        );
    }
    for ((namespace, name), (used, most, waiting)) in &signals.pools {
        let full = *most > 0.0 && used / most >= 0.9;
        if !full && *waiting < 1.0 {
            continue;
        }
        push(
            found,
            Bottleneck {
                id: "PRF-010",
                title: "Database connections run out",
                severity: if *waiting >= 1.0 { Severity::High } else { Severity::Medium },
                object: about(namespace, name),
                container: None,
                pod: None,
                message: format!(
                    "{used:.0} of {most:.0} database connections are in use, {waiting:.0} callers wait for one"
                ),
                metric: ("database connections", format!("{used:.0} of {most:.0}, {waiting:.0} waiting")),
                fix: "Look for slow queries first; then allow more connections, as far as the database does.",
                patch: None,
            },
        );
    }
}

fn events(world: &World<'_>, found: &mut Vec<Finding>) {
    for pod in &world.snapshot.pods {
        let root = world.root(&pod.metadata);
        let flaps: i64 = world
            .pod_events(pod)
            .iter()
            .filter(|e| e.reason == "Unhealthy" && e.message.starts_with("Readiness"))
            .filter(|e| e.last_seen().is_some_and(|t| world.now.as_second() - t.as_second() < 900))
            .map(|e| e.occurrences())
            .sum();
        let base = |id, title, message, metric| Bottleneck {
            id,
            title,
            severity: Severity::Medium,
            object: root.clone(),
            container: None,
            pod: Some(&pod.metadata.name),
            message,
            metric,
            fix: "Find out why (diagnose workload).",
            patch: None,
        };
        if flaps >= 3 && pod.status.is_ready() {
            push(
                found,
                base(
                    "PRF-007",
                    "Readiness flaps",
                    format!("was not ready {flaps} times in 15 minutes"),
                    ("events", flaps.to_string()),
                ),
            );
        }
        let restarts: i64 = pod.status.container_statuses.iter().map(|s| s.restart_count).sum();
        if restarts >= 5 {
            push(
                found,
                base(
                    "PRF-008",
                    "Restarts cost capacity",
                    format!("has restarted {restarts} times"),
                    ("restartCount", restarts.to_string()),
                ),
            );
        }
    }
}

fn nodes(world: &World<'_>, found: &mut Vec<Finding>) {
    for resource in ["cpu", "memory"] {
        let mut shares: Vec<(i128, &str)> = world
            .snapshot
            .nodes
            .iter()
            .filter_map(|node| {
                let used = world
                    .snapshot
                    .node_metrics
                    .iter()
                    .find(|m| m.metadata.name == node.metadata.name)?
                    .usage
                    .get(resource)?;
                Some((share(*used, *node.status.allocatable.get(resource)?), node.metadata.name.as_str()))
            })
            .collect();
        shares.sort_unstable();
        let (Some((least, idle)), Some((most, hot))) = (shares.first(), shares.last()) else { continue };
        if *most > 80 && *least < 40 {
            push(
                found,
                Bottleneck {
                    id: "PRF-012",
                    title: "Load is spread unevenly",
                    severity: Severity::Medium,
                    object: ObjectRef {
                        api_version: "v1".into(),
                        kind: "Node".into(),
                        namespace: String::new(),
                        name: (*hot).to_owned(),
                    },
                    container: None,
                    pod: None,
                    message: format!("{most} % of its {resource} is in use while node {idle} is at {least} %"),
                    metric: (
                        if resource == "cpu" { "node cpu" } else { "node memory" },
                        format!("{hot} {most} %, {idle} {least} %"),
                    ),
                    fix: "Spread replicas (topologySpreadConstraints) and set requests that match usage.",
                    patch: None,
                },
            );
        }
    }
}

fn pending(world: &World<'_>, found: &mut Vec<Finding>) {
    for pod in world.snapshot.pods.iter().filter(|p| p.status.phase == "Pending") {
        let Some(waits) = condition(&pod.status.conditions, "PodScheduled")
            .filter(|c| c.is_false() && c.message.contains("Insufficient"))
        else {
            continue;
        };
        push(
            found,
            Bottleneck {
                id: "PRF-011",
                title: "Capacity is missing",
                severity: Severity::High,
                object: world.root(&pod.metadata),
                container: None,
                pod: Some(&pod.metadata.name),
                message: "a replica waits for room on a node".to_owned(),
                metric: ("PodScheduled", waits.message.clone()),
                fix: "Lower requests to what is used (optimize resources), or add a node.",
                patch: None,
            },
        );
    }
}
