//! Whom a Service selects: NET-001, NET-002, NET-005, NET-018.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::SERVICE;
use crate::finding::Severity::{High, Low, Medium};
use crate::finding::{Patch, PatchType};
use crate::model::{IntOrString, Labels, Service, ServicePort, is_subset};
use crate::nearest::nearest;
use crate::rules::scan::{Scan, merge};
use crate::rules::{Context, Rule, Workload};

pub(super) const RULES: &[Rule] = &[
    Rule::new("NET-001", High, "Service selects no pod", "Correct the selector.", SERVICE, selects_nothing)
        .no_patch("no workload of the namespace has similar labels"),
    Rule::new(
        "NET-002",
        High,
        "Service forwards to a port that the pods don't offer",
        "Correct targetPort.",
        SERVICE,
        wrong_port,
    )
    .no_patch("several ports are offered and the Service may mean any of them"),
    Rule::new(
        "NET-005",
        Medium,
        "Two Services with the same selector",
        "Keep one, or tell their pods apart.",
        SERVICE,
        same_selector,
    )
    .no_patch("which of the two is wrong can't be known"),
    Rule::new(
        "NET-018",
        Low,
        "Port by number",
        "Name the ports and use the names, so that the number stands in one place.",
        SERVICE,
        unnamed,
    ),
];

/// Workloads that a Service sends to.
pub(super) fn selected<'a>(ctx: &'a Context<'a>, service: &Service) -> impl Iterator<Item = &'a Workload<'a>> {
    ctx.all_workloads.iter().filter(move |workload| workload.services.iter().any(|other| std::ptr::eq(*other, service)))
}

fn has_endpoints_by_selector(service: &Service) -> bool {
    service.type_() != "ExternalName" && !service.spec.selector.is_empty()
}

fn selects_nothing(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for service in ctx.user(&ctx.snapshot.services).filter(|service| has_endpoints_by_selector(service)) {
        if selected(ctx, service).next().is_some() {
            continue;
        }
        let meta = &service.metadata;
        let closest = closest(ctx, service);
        let mut message = "its selector matches no pod".to_owned();
        let mut patch = None;
        if let Some((workload, difference)) = &closest {
            let pairs: Vec<String> = difference
                .iter()
                .map(|(key, value)| format!("{key}={}", value.map_or("(unset)", String::as_str)))
                .collect();
            message = format!(
                "its selector matches no pod; {} {} differs in {}",
                workload.kind(),
                workload.meta.name,
                pairs.join(", ")
            );
            let body: Value = difference
                .iter()
                .map(|(key, value)| ((*key).clone(), json!(value)))
                .collect::<serde_json::Map<_, _>>()
                .into();
            patch = Some(merge(meta, json!({ "spec": { "selector": body } })));
        }
        scan.object(meta, message)
            .root_field("spec.selector")
            .absent(ctx.absence(High, closest.is_some()))
            .maybe_patch(patch);
    }
}

/// What would have to change in the selector: the workload's value, or nothing where it has none.
type Difference<'a> = BTreeMap<&'a String, Option<&'a String>>;

/// The workload that was probably meant: it shares a label, or a differing value is nearly the same.
fn closest<'a>(ctx: &'a Context<'a>, service: &'a Service) -> Option<(&'a Workload<'a>, Difference<'a>)> {
    ctx.all_workloads
        .iter()
        .filter(|workload| workload.meta.namespace == service.metadata.namespace && !workload.is_job())
        .filter_map(|workload| {
            let labels = workload.labels();
            let difference: Difference<'_> = service
                .spec
                .selector
                .iter()
                .filter(|(key, value)| labels.get(*key) != Some(value))
                .map(|(key, _)| (key, labels.get(key)))
                .collect();
            let shared = service.spec.selector.len() - difference.len();
            let close = difference.iter().filter(|(key, value)| {
                let wanted = &service.spec.selector[**key];
                value.is_some_and(|value| nearest(wanted, [value.as_str()]).is_some())
            });
            let close = close.count();
            // A selector that nothing is left of would match everything.
            let keeps_something = shared > 0 || difference.values().any(Option::is_some);
            let related = close > 0
                || (shared > 0 && !is_generic(&service.spec.selector, labels))
                || workload.meta.name == service.metadata.name;
            (related && keeps_something).then_some((workload, difference, shared + close))
        })
        .max_by_key(|(workload, difference, score)| {
            (*score, usize::MAX - difference.len(), std::cmp::Reverse(&workload.meta.name))
        })
        .map(|(workload, difference, _)| (workload, difference))
}

/// Only labels that every object of a release has are shared.
fn is_generic(selector: &Labels, labels: &Labels) -> bool {
    const GENERIC: [&str; 3] =
        ["app.kubernetes.io/instance", "app.kubernetes.io/part-of", "app.kubernetes.io/managed-by"];
    selector
        .iter()
        .filter(|(key, value)| labels.get(*key) == Some(value))
        .all(|(key, _)| GENERIC.contains(&key.as_str()))
}

fn wrong_port(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for service in ctx.user(&ctx.snapshot.services).filter(|service| has_endpoints_by_selector(service)) {
        let workloads: Vec<&Workload<'_>> = selected(ctx, service).filter(|workload| !workload.is_job()).collect();
        if workloads.is_empty() {
            continue;
        }
        for (index, port) in service.spec.ports.iter().enumerate() {
            let target = port.target();
            let offers = |workload: &&Workload<'_>| workload.spec.resolve_port(&target, port.protocol()).is_some();
            let declares =
                |workload: &&Workload<'_>| workload.spec.long_running().any(|at| !at.container.ports.is_empty());
            // Declaring ports is optional: a number proves nothing when none is declared.
            let by_number = matches!(target, IntOrString::Int(_));
            if workloads.iter().any(offers) || (by_number && !workloads.iter().all(declares)) {
                continue;
            }
            let offered: Vec<IntOrString> = workloads
                .iter()
                .flat_map(|workload| workload.spec.long_running().flat_map(|at| &at.container.ports))
                .filter(|declared| declared.protocol() == port.protocol())
                .map(|declared| {
                    if declared.name.is_empty() {
                        IntOrString::Int(declared.container_port)
                    } else {
                        IntOrString::String(declared.name.clone())
                    }
                })
                .collect();
            let list: Vec<String> = offered.iter().map(ToString::to_string).collect();
            let meant = match &offered[..] {
                [only] => Some(only),
                _ => match &target {
                    IntOrString::String(name) => {
                        let near = nearest(name, list.iter().map(String::as_str)).map(str::to_owned);
                        near.and_then(|near| offered.iter().find(|port| port.to_string() == near))
                    }
                    IntOrString::Int(_) => None,
                },
            };
            let patch = meant.map(|meant| target_patch(service, port.port, meant));
            let has = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
            scan.object(
                &service.metadata,
                format!("forwards to {} port {target}, but the pods offer {has}", port.protocol()),
            )
            .root_field(&format!("spec.ports[{index}].targetPort"))
            .maybe_patch(patch);
        }
    }
}

fn target_patch(service: &Service, port: i64, target: &IntOrString) -> Patch {
    let target = match target {
        IntOrString::Int(number) => json!(number),
        IntOrString::String(name) => json!(name),
    };
    Patch {
        type_: PatchType::Strategic,
        target: service.metadata.object_ref(),
        body: json!({ "spec": { "ports": [{ "port": port, "targetPort": target }] } }),
    }
}

fn same_selector(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let mut first: BTreeMap<(&str, &Labels, bool), &Service> = BTreeMap::new();
    for service in ctx.user(&ctx.snapshot.services).filter(|service| has_endpoints_by_selector(service)) {
        // A headless Service beside a normal one is how StatefulSets are served.
        let key = (service.metadata.namespace.as_str(), &service.spec.selector, service.is_headless());
        if let Some(other) = first.get(&key) {
            // Different ports of the same pods, such as metrics, are often kept apart on purpose.
            let targets = |service: &Service| -> BTreeSet<IntOrString> {
                service.spec.ports.iter().map(ServicePort::target).collect()
            };
            let severity = if targets(service).is_disjoint(&targets(other)) { Low } else { Medium };
            scan.object(&service.metadata, format!("selects the same pods as Service {}", other.metadata.name))
                .severity(severity)
                .root_field("spec.selector");
        } else {
            first.insert(key, service);
        }
    }
}

fn unnamed(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for service in ctx.user(&ctx.snapshot.services).filter(|service| has_endpoints_by_selector(service)) {
        for (index, port) in service.spec.ports.iter().enumerate() {
            let IntOrString::Int(number) = port.target() else { continue };
            let name = ctx
                .all_workloads
                .iter()
                .filter(|workload| {
                    workload.meta.namespace == service.metadata.namespace
                        && is_subset(&service.spec.selector, workload.labels())
                })
                .flat_map(|workload| workload.spec.long_running().flat_map(|at| &at.container.ports))
                .find(|declared| declared.container_port == number && !declared.name.is_empty())
                .map(|declared| declared.name.as_str());
            let message = match name {
                Some(name) => format!("forwards to port {number}; its name is {name}"),
                None if port.name.is_empty() => format!("port {} has no name", port.port),
                None => continue,
            };
            scan.object(&service.metadata, message).root_field(&format!("spec.ports[{index}]"));
        }
    }
}
