//! Requests and limits against what is used: EFF-006, EFF-007, EFF-008.

use serde_json::json;

use crate::finding::EvidenceSource;
use crate::finding::Severity::{High, Low, Medium};
use crate::model::{ContainerAt, ObjectMeta, PodMetrics};
use crate::quantity::Quantity;
use crate::rules::scan::Scan;
use crate::rules::{Rule, Workload};
use crate::snapshot::Snapshot;

const REFERENCE: &str = "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "EFF-006",
        Medium,
        "Far more used than requested",
        "Raise the request, and the memory limit when usage is close to it.",
        REFERENCE,
        under_allocated,
    )
    .needs(&["PodMetrics"]),
    Rule::new("EFF-007", Low, "Far less used than requested", "Lower the request.", REFERENCE, over_allocated)
        .needs(&["PodMetrics"]),
    Rule::new(
        "EFF-008",
        Medium,
        "Close to what it may use",
        "Raise the request or the limit.",
        REFERENCE,
        close_to_limit,
    )
    .needs(&["PodMetrics"]),
];

/// Three hours: less says nothing about a day.
const ENOUGH_HISTORY: i64 = 3 * 3600;

fn used(samples: &[&PodMetrics], container: &str, resource: &str) -> Vec<Quantity> {
    samples
        .iter()
        .flat_map(|sample| &sample.containers)
        .filter(|usage| usage.name == container)
        .filter_map(|usage| usage.usage.get(resource).copied())
        .collect()
}

/// The highest usage that the workload's own index knows.
pub(super) fn peak(workload: &Workload<'_>, container: &str, resource: &str) -> Option<Quantity> {
    used(&workload.samples, container, resource).into_iter().max()
}

/// `amount` × `percent`, rounded up to a whole millicore or MiB, in the usual notation.
pub(super) fn rounded(resource: &str, amount: Quantity, percent: i64) -> Quantity {
    let scaled = amount.share(percent, 100);
    if resource == "memory" {
        const MIB: i64 = 1 << 20;
        Quantity::from_bytes(
            scaled
                .units()
                .div_euclid(MIB)
                .saturating_add(i64::from(scaled.units() % MIB != 0))
                .max(1)
                .saturating_mul(MIB),
        )
    } else {
        Quantity::from_milli(scaled.milli().max(1))
    }
}

/// `part` as a percentage of `whole`, rounded down; exact integers.
fn percent(part: Quantity, whole: Quantity) -> i128 {
    if whole.is_zero() { 0 } else { part.nano() * 100 / whole.nano() }
}

fn each<'a>(
    scan: &mut Scan<'a>,
    mut judge: impl FnMut(&mut Scan<'a>, &'a Workload<'a>, &ContainerAt<'a>, &str, Quantity),
) {
    for workload in scan.workloads().iter().filter(|workload| !workload.samples.is_empty()) {
        for at in workload.spec.long_running() {
            for resource in ["cpu", "memory"] {
                if let Some(used) = peak(workload, &at.container.name, resource) {
                    judge(scan, workload, &at, resource, used);
                }
            }
        }
    }
}

fn near_memory_limit(at: &ContainerAt<'_>, resource: &str, used: Quantity) -> bool {
    resource == "memory" && at.container.limit(resource).is_some_and(|limit| percent(used, limit) > 90)
}

fn under_allocated(scan: &mut Scan<'_>) {
    each(scan, |scan, workload, at, resource, used| {
        let request = at.container.request(resource);
        let near_limit = near_memory_limit(at, resource, used);
        let over = request.filter(|request| percent(used, *request) > 200);
        if over.is_none() && !near_limit {
            return;
        }
        let mut resources = json!({ "requests": { resource: rounded(resource, used, 120) } });
        if at.container.limit(resource).is_some_and(|limit| percent(used, limit) > 80) {
            resources["limits"] = json!({ resource: rounded(resource, used, 150) });
        }
        let (severity, message) = match (near_limit, request) {
            (true, _) => (High, format!("uses {used} of memory, over 90 % of its limit: it is about to be killed")),
            (false, Some(request)) => {
                (Medium, format!("uses {used} of {resource}, {} % of its request", percent(used, request)))
            }
            (false, None) => return,
        };
        scan.container(workload, at, message)
            .severity(severity)
            .field(&format!("resources.requests.{resource}"))
            .evidence(EvidenceSource::Metric, resource, used.to_string())
            .patch(workload.container_patch(at, json!({ "resources": resources })));
    });
}

fn over_allocated(scan: &mut Scan<'_>) {
    each(scan, |scan, workload, at, resource, used| {
        let times = || workload.samples.iter().filter_map(|sample| sample.timestamp).map(|time| time.as_second());
        let window = times().max().zip(times().min()).map_or(0, |(last, first)| last - first);
        let Some(request) = at.container.request(resource).filter(|request| !request.is_zero()) else { return };
        // 10m and 32Mi are the smallest amounts worth asking for.
        let floor = if resource == "cpu" { Quantity::from_milli(10) } else { Quantity::from_bytes(32 << 20) };
        if window >= ENOUGH_HISTORY && percent(used, request) < 50 && request > floor {
            scan.container(
                workload,
                at,
                format!(
                    "used at most {used} of {resource}, {} % of its request, in {} h",
                    percent(used, request),
                    window / 3600
                ),
            )
            .field(&format!("resources.requests.{resource}"))
            .evidence(EvidenceSource::Metric, resource, used.to_string())
            .patch(workload.container_patch(
                at,
                json!({ "resources": { "requests": { resource: rounded(resource, used, 120).max(floor) } } }),
            ));
        }
    });
}

fn close_to_limit(scan: &mut Scan<'_>) {
    each(scan, |scan, workload, at, resource, used| {
        let (request, limit) = (at.container.request(resource), at.container.limit(resource));
        let guaranteed = limit.is_some() && limit == request;
        let Some(bound) = (if guaranteed { limit } else { request }).filter(|bound| !bound.is_zero()) else { return };
        let share = percent(used, bound);
        // Worse cases are EFF-006.
        if share <= 80 || share > 200 || near_memory_limit(at, resource, used) {
            return;
        }
        let raised = rounded(resource, used, 130);
        let mut resources = json!({ "requests": { resource: raised } });
        if limit.is_some_and(|limit| limit < raised) || guaranteed {
            resources["limits"] = json!({ resource: raised });
        }
        scan.container(
            workload,
            at,
            format!("uses {used} of {resource}, {share} % of its {}", if guaranteed { "limit" } else { "request" }),
        )
        .field(&format!("resources.requests.{resource}"))
        .evidence(EvidenceSource::Metric, resource, used.to_string())
        .patch(workload.container_patch(at, json!({ "resources": resources })));
    });
}

/// Attaches to each workload the samples of its pods; part of building the context.
pub(in crate::rules) fn attach<'a>(snapshot: &'a Snapshot, workloads: &mut [Workload<'a>]) {
    fn key(meta: &ObjectMeta) -> (&str, &str) {
        (&meta.namespace, &meta.name)
    }
    let metrics = &snapshot.pod_metrics;
    for workload in workloads {
        for pod in &workload.pods {
            let wanted = key(&pod.metadata);
            let start = metrics.partition_point(|sample| key(&sample.metadata) < wanted);
            workload.samples.extend(metrics[start..].iter().take_while(|sample| key(&sample.metadata) == wanted));
        }
    }
}
