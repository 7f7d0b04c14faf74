//! Manifests that say something else than meant: REL-024, REL-031, REL-032, REL-034.

use std::collections::BTreeMap;

use serde_json::json;

use crate::api_lifecycle::lifecycle;
use crate::finding::Severity::{High, Low, Medium};
use crate::model::Labels;
use crate::rules::Rule;
use crate::rules::scan::{Scan, merge};

const LABELS: &str = "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "REL-024",
        Medium,
        "Environment variable given twice",
        "Keep one; the last one wins.",
        "https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/",
        duplicate_env,
    )
    .no_patch("patches address variables by name and can't remove one of two"),
    Rule::new(
        "REL-031",
        High,
        "API version removed or deprecated",
        "Convert the manifest to the newer version.",
        "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
        old_api,
    )
    .no_patch("fields differ between the versions: convert the manifest"),
    Rule::new(
        "REL-032",
        Medium,
        "Invalid label value or port name",
        "Label values have at most 63 letters, digits, - _ . ; port names at most 15 lower-case letters, digits and -.",
        LABELS,
        invalid_names,
    )
    .no_patch("what was meant can't be known"),
    Rule::new(
        "REL-034",
        Low,
        "Labels of one application differ",
        "Use the same app.kubernetes.io/instance everywhere, as part of the name.",
        "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
        mismatched_instance,
    ),
];

fn duplicate_env(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            let mut last: BTreeMap<&str, usize> = BTreeMap::new();
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for (index, env) in at.container.env.iter().enumerate() {
                *counts.entry(&env.name).or_default() += 1;
                last.insert(&env.name, index);
            }
            for (name, count) in counts.into_iter().filter(|(_, count)| *count > 1) {
                let winner = last.get(name).copied().unwrap_or_default();
                scan.container(workload, &at, format!("{name} is given {count} times; env[{winner}] wins"))
                    .field(&format!("env[{winner}]"));
            }
        }
    }
}

fn old_api(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let minor = ctx.version.minor;
    for meta in ctx.snapshot.all().filter(|meta| ctx.reports_on(&meta.namespace)) {
        let Some(entry) = lifecycle(&meta.api_version, &meta.kind).filter(|entry| minor >= entry.deprecated) else {
            continue;
        };
        let instead = if entry.replacement.is_empty() { String::new() } else { format!("; use {}", entry.replacement) };
        let (severity, message) = if minor >= entry.removed {
            (High, format!("{} {} is gone since Kubernetes 1.{}{instead}", entry.api_version, meta.kind, entry.removed))
        } else {
            (
                Medium,
                format!(
                    "{} {} is deprecated and goes with Kubernetes 1.{}{instead}",
                    entry.api_version, meta.kind, entry.removed
                ),
            )
        };
        // Between versions with the same fields the name is all that changes.
        let renames = matches!(
            (entry.api_version, meta.kind.as_str()),
            ("policy/v1beta1", "PodDisruptionBudget")
                | ("batch/v1beta1", "CronJob")
                | ("rbac.authorization.k8s.io/v1beta1", _)
                | ("storage.k8s.io/v1beta1", "StorageClass")
                | ("scheduling.k8s.io/v1beta1", _)
                | ("autoscaling/v2beta2", _)
        );
        let patch = renames.then(|| merge(meta, json!({ "apiVersion": entry.replacement })));
        scan.object(meta, message).severity(severity).root_field("apiVersion").maybe_patch(patch);
    }
}

/// A label value: empty, or up to 63 characters, alphanumeric at both ends.
fn is_label_value(value: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_none_or(u8::is_ascii_alphanumeric);
    let bytes = value.as_bytes();
    bytes.len() <= 63
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

/// RFC 6335 service name: up to 15 lower-case letters, digits and single hyphens, with a letter.
fn is_port_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    (1..=15).contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
        && bytes.iter().any(u8::is_ascii_lowercase)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

fn bad_labels(labels: &Labels) -> Option<String> {
    let (key, value) = labels.iter().find(|(_, value)| !is_label_value(value))?;
    Some(format!("label {key} has the invalid value {value:?}"))
}

fn invalid_names(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for meta in ctx.snapshot.all().filter(|meta| ctx.reports_on(&meta.namespace)) {
        if let Some(message) = bad_labels(&meta.labels) {
            scan.object(meta, message).root_field("metadata.labels");
        }
    }
    for workload in &ctx.workloads {
        if workload.kind() != "Pod"
            && let Some(message) = bad_labels(workload.labels())
        {
            let path = workload.path.strip_suffix("spec").unwrap_or_default();
            scan.workload(workload, format!("pod template: {message}")).root_field(&format!("{path}metadata.labels"));
        }
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for at in workload.spec.long_running() {
            for (index, port) in at.container.ports.iter().enumerate().filter(|(_, port)| !port.name.is_empty()) {
                let field = format!("ports[{index}].name");
                if !is_port_name(&port.name) {
                    scan.container(workload, &at, format!("port name {:?} is invalid", port.name)).field(&field);
                }
                if let Some(other) = seen.insert(&port.name, &at.container.name) {
                    scan.container(
                        workload,
                        &at,
                        format!("port name {} is taken by container {other} already", port.name),
                    )
                    .field(&field);
                }
            }
        }
    }
    for service in ctx.user(&ctx.snapshot.services) {
        for (index, port) in service.spec.ports.iter().enumerate() {
            if let Some(crate::model::IntOrString::String(target)) = &port.target_port
                && !is_port_name(target)
            {
                scan.object(&service.metadata, format!("targetPort {target:?} is not a port name"))
                    .root_field(&format!("spec.ports[{index}].targetPort"));
            }
        }
    }
}

fn mismatched_instance(scan: &mut Scan<'_>) {
    const INSTANCE: &str = "app.kubernetes.io/instance";
    for workload in scan.workloads().iter().filter(|workload| workload.kind() != "Pod") {
        let own = workload.meta.labels.get(INSTANCE);
        let template = workload.labels().get(INSTANCE);
        let message = match (own, template) {
            (Some(own), Some(template)) if own != template => {
                format!("{INSTANCE} is {own} on the object and {template} on its pods")
            }
            (Some(own), _) if !workload.meta.name.contains(own.as_str()) => {
                format!("{INSTANCE} {own} is not part of the name")
            }
            _ => continue,
        };
        scan.workload(workload, message).root_field("metadata.labels");
    }
}
