//! The checks of policies.

use regex::Regex;

use super::{Check, PolicyError, Required, Violations};
use crate::image_ref::ImageRef;
use crate::model::{ContainerAt, ObjectMeta, Resource as _};
use crate::pss;
use crate::quantity::Quantity;
use crate::rules::Workload;

pub(super) fn run(v: &mut Violations<'_>) -> Result<(), PolicyError> {
    match &v.policy.check {
        // A policy of a rule is judged by the rule.
        Check::Rule { .. } => {}
        Check::RequiredLabels { labels } => required(v, labels, "labels", |meta| &meta.labels)?,
        Check::RequiredAnnotations { annotations } => {
            required(v, annotations, "annotations", |meta| &meta.annotations)?
        }
        Check::AllowedRepositories { repositories } => images(v, |image| {
            (!is_below(image, repositories)).then(|| format!("does not come from {}", repositories.join(", ")))
        }),
        Check::DisallowedRepositories { repositories } => {
            images(v, |image| {
                is_below(image, repositories).then(|| "comes from a repository that is not allowed".to_owned())
            });
        }
        Check::DisallowedTags { tags } => images(v, |image| match image.tag {
            None if image.digest.is_none() => Some("has no tag".to_owned()),
            Some(tag) if tags.iter().any(|bad| bad == tag) => Some(format!("has the tag {tag}")),
            _ => None,
        }),
        Check::ImageDigests => images(v, |image| image.digest.is_none().then(|| "is not pinned by digest".to_owned())),
        Check::RequiredProbes { probes } => required_probes(v, probes),
        Check::RequiredResources { requests, limits } => containers(v, |_, at| {
            let lacks = |list: &[String], have: &crate::model::Resources| {
                list.iter().find(|name| !have.contains_key(*name)).cloned()
            };
            let resources = &at.container.resources;
            lacks(requests, &resources.requests)
                .map(|name| (format!("resources.requests.{name}"), format!("has no {name} request")))
                .or_else(|| {
                    lacks(limits, &resources.limits)
                        .map(|name| (format!("resources.limits.{name}"), format!("has no {name} limit")))
                })
        }),
        Check::MaxLimits { cpu, memory } => bounded(v, "limits", [("cpu", *cpu), ("memory", *memory)]),
        Check::MaxRequests { cpu, memory } => bounded(v, "requests", [("cpu", *cpu), ("memory", *memory)]),
        Check::MaxRatio { cpu, memory } => {
            let ratios = [("cpu", *cpu), ("memory", *memory)];
            containers(v, |_, at| {
                ratios.iter().find_map(|(resource, ratio)| {
                    let (limit, request) = (at.container.limit(resource)?, at.container.request(resource)?);
                    let ratio = (*ratio)?;
                    (limit > request * ratio).then(|| {
                        (
                            format!("resources.limits.{resource}"),
                            format!("{resource} limit {limit} is more than {ratio} times the request {request}"),
                        )
                    })
                })
            });
        }
        Check::Replicas { min, max } => replicas(v, *min, *max),
        Check::AutoscalerReplicas { min, max } => autoscalers(v, *min, *max),
        Check::VolumeTypes { allowed } => volumes(v, |volume| {
            let bad = volume.types.iter().find(|type_| !allowed.iter().any(|item| item == *type_ || item == "*"))?;
            Some(format!("volume {} is of type {bad}", volume.name))
        }),
        Check::HostPaths { allowed } => volumes(v, |volume| {
            let path = &volume.host_path.as_ref()?.path;
            let below = allowed.iter().any(|prefix| {
                let prefix = prefix.trim_end_matches('/');
                path == prefix
                    || path
                        .strip_prefix(prefix)
                        .is_some_and(|rest| rest.starts_with('/') && !rest.split('/').any(|part| part == ".."))
            });
            (!below).then(|| format!("volume {} mounts {path} of the host", volume.name))
        }),
        Check::Capabilities { allowed, required_drop } => {
            containers(v, |_, at| capabilities(at, allowed, required_drop))
        }
        Check::HostPorts { min, max } => containers(v, |_, at| {
            let bad = at
                .container
                .ports
                .iter()
                .filter_map(|port| port.host_port)
                .find(|port| *port != 0 && !(*min..=*max).contains(port))?;
            Some(("ports".to_owned(), format!("takes host port {bad}")))
        }),
        Check::UserIds { min, max } => containers(v, |workload, at| {
            let own = at.container.security_context.as_ref().and_then(|context| context.run_as_user);
            let user = own.or_else(|| workload.spec.security_context.as_ref().and_then(|context| context.run_as_user));
            let fits = user.is_some_and(|user| user >= *min && max.is_none_or(|max| user <= max));
            let shown = user.map_or_else(|| "not set".to_owned(), |user| user.to_string());
            (!fits).then(|| ("securityContext.runAsUser".to_owned(), format!("runAsUser is {shown}")))
        }),
        Check::DisallowedServiceTypes { types } => {
            for service in &v.ctx.snapshot.services {
                if v.policy.matches.covers(&service.metadata) && types.iter().any(|bad| bad == service.type_()) {
                    v.report(&service.metadata, None, "spec.type", format!("is of type {}", service.type_()));
                }
            }
        }
        Check::StorageClasses { allowed } => storage_classes(v, allowed),
        Check::IngressHosts { domains } => ingress_hosts(v, domains),
        Check::PodSecurity { level } => {
            for workload in covered(v) {
                for violation in pss::evaluate(*level, v.ctx.version, workload.template, workload.spec) {
                    v.report(
                        workload.meta,
                        None,
                        &format!("{} {}", workload.path, violation.check),
                        format!("is not {level}: {violation}"),
                    );
                }
            }
        }
    }
    Ok(())
}

fn covered<'a>(v: &Violations<'a>) -> Vec<&'a Workload<'a>> {
    let ctx = v.ctx;
    ctx.workloads.iter().filter(|workload| v.policy.matches.covers(workload.meta)).collect()
}

/// Judges every container; `judge` gives the field and what is wrong.
fn containers<'a>(v: &mut Violations<'a>, judge: impl Fn(&Workload<'a>, &ContainerAt<'a>) -> Option<(String, String)>) {
    for workload in covered(v) {
        for at in workload.spec.all_containers() {
            if let Some((field, message)) = judge(workload, &at) {
                v.report(workload.meta, Some(&at.container.name), &workload.container_field(&at, &field), message);
            }
        }
    }
}

fn images(v: &mut Violations<'_>, judge: impl Fn(&ImageRef<'_>) -> Option<String>) {
    containers(v, |_, at| {
        let image = ImageRef::parse(&at.container.image);
        let fault = judge(&image)?;
        Some(("image".to_owned(), format!("image {image} {fault}")))
    });
}

/// Whole path segments, Docker Hub's defaults written out.
fn is_below(image: &ImageRef<'_>, repositories: &[String]) -> bool {
    let name = format!("{}/", image.full_name());
    let plain = format!("{}/", image.name);
    repositories.iter().any(|repository| {
        let prefix = format!("{}/", repository.trim_end_matches('/'));
        name.starts_with(&prefix) || plain.starts_with(&prefix)
    })
}

fn required(
    v: &mut Violations<'_>,
    wanted: &[Required],
    field: &str,
    of: impl Fn(&ObjectMeta) -> &std::collections::BTreeMap<String, String>,
) -> Result<(), PolicyError> {
    let mut patterns = Vec::new();
    for required in wanted {
        let pattern = required.pattern.as_ref().map(|pattern| Regex::new(&format!("^(?:{pattern})$"))).transpose();
        let bad = || PolicyError::Pattern {
            policy: v.policy.name.clone(),
            pattern: required.pattern.clone().unwrap_or_default(),
        };
        patterns.push((required, pattern.map_err(|_| bad())?));
    }
    let ctx = v.ctx;
    // Without kinds, what users write: workloads, Services, namespaces; not their pods and endpoints.
    let owned = |meta: &ObjectMeta| {
        meta.controller().is_some()
            || matches!(
                meta.kind.as_str(),
                "Event"
                    | "Endpoints"
                    | "EndpointSlice"
                    | "PodMetrics"
                    | "NodeMetrics"
                    | "Node"
                    | "PodLog"
                    | "ClusterInfo"
            )
    };
    for meta in ctx.snapshot.all().filter(|meta| ctx.reports_on(&meta.namespace)) {
        if !v.policy.matches.covers(meta) || (v.policy.matches.kinds.is_empty() && owned(meta)) {
            continue;
        }
        for (required, pattern) in &patterns {
            let message = match (of(meta).get(&required.key), pattern) {
                (None, _) => format!("{field} lack {}", required.key),
                (Some(value), Some(pattern)) if !pattern.is_match(value) => format!(
                    "{} {value:?} does not match {}",
                    required.key,
                    required.pattern.as_deref().unwrap_or_default()
                ),
                _ => continue,
            };
            v.report(meta, None, &format!("metadata.{field}.{}", required.key), message);
        }
    }
    Ok(())
}

fn required_probes(v: &mut Violations<'_>, probes: &[String]) {
    for workload in covered(v).into_iter().filter(|workload| !workload.is_job()) {
        for at in workload.spec.long_running() {
            for probe in probes {
                let has = match probe.as_str() {
                    "readinessProbe" => at.container.readiness_probe.is_some(),
                    "livenessProbe" => at.container.liveness_probe.is_some(),
                    "startupProbe" => at.container.startup_probe.is_some(),
                    _ => false,
                };
                if !has {
                    v.report(
                        workload.meta,
                        Some(&at.container.name),
                        &workload.container_field(&at, probe),
                        format!("has no {probe}"),
                    );
                }
            }
        }
    }
}

fn bounded(v: &mut Violations<'_>, list: &str, bounds: [(&str, Option<Quantity>); 2]) {
    for workload in covered(v) {
        for at in workload.spec.all_containers() {
            for (resource, most) in bounds {
                let Some(most) = most else { continue };
                let resources = &at.container.resources;
                let amount = if list == "limits" { &resources.limits } else { &resources.requests }.get(resource);
                let message = match amount {
                    None => format!("{resource} has no entry in {list}"),
                    Some(amount) if *amount > most => format!("{resource} {amount} in {list} is more than {most}"),
                    Some(_) => continue,
                };
                v.report(
                    workload.meta,
                    Some(&at.container.name),
                    &workload.container_field(&at, &format!("resources.{list}.{resource}")),
                    message,
                );
            }
        }
    }
}

fn out_of_range(value: i64, min: Option<i64>, max: Option<i64>) -> bool {
    min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max)
}

fn replicas(v: &mut Violations<'_>, min: Option<i64>, max: Option<i64>) {
    for workload in covered(v) {
        if let Some(replicas) = workload.replicas.filter(|replicas| out_of_range(*replicas, min, max)) {
            v.report(workload.meta, None, "spec.replicas", format!("has {replicas} replicas"));
        }
    }
}

fn autoscalers(v: &mut Violations<'_>, min: Option<i64>, max: Option<i64>) {
    for hpa in &v.ctx.snapshot.autoscalers {
        if !v.policy.matches.covers(hpa.meta()) {
            continue;
        }
        if min.is_some_and(|min| hpa.min() < min) {
            v.report(&hpa.metadata, None, "spec.minReplicas", format!("minReplicas is {}", hpa.min()));
        }
        if max.is_some_and(|max| hpa.spec.max_replicas > max) {
            v.report(&hpa.metadata, None, "spec.maxReplicas", format!("maxReplicas is {}", hpa.spec.max_replicas));
        }
    }
}

fn volumes(v: &mut Violations<'_>, judge: impl Fn(&crate::model::Volume) -> Option<String>) {
    for workload in covered(v) {
        for (index, volume) in workload.spec.volumes.iter().enumerate() {
            if let Some(message) = judge(volume) {
                v.report(workload.meta, None, &workload.field(&format!("volumes[{index}]")), message);
            }
        }
    }
}

fn capabilities(at: &ContainerAt<'_>, allowed: &[String], required_drop: &[String]) -> Option<(String, String)> {
    let own = at.container.security_context.as_ref().and_then(|context| context.capabilities.as_ref());
    let (added, dropped) = own.map(|own| (own.add.as_slice(), own.drop.as_slice())).unwrap_or_default();
    let listed = |list: &[String], name: &str| list.iter().any(|item| item.eq_ignore_ascii_case(name) || item == "*");
    if let Some(bad) = added.iter().find(|name| !listed(allowed, name)) {
        return Some(("securityContext.capabilities.add".to_owned(), format!("adds {bad}")));
    }
    let missing = required_drop.iter().find(|name| !listed(dropped, name) && !listed(dropped, "ALL"))?;
    Some(("securityContext.capabilities.drop".to_owned(), format!("does not drop {missing}")))
}

fn storage_classes(v: &mut Violations<'_>, allowed: &[String]) {
    for claim in &v.ctx.snapshot.claims {
        let class = claim.spec.storage_class_name.as_deref();
        if v.policy.matches.covers(&claim.metadata)
            && !class.is_some_and(|class| allowed.iter().any(|item| item == class))
        {
            v.report(
                &claim.metadata,
                None,
                "spec.storageClassName",
                format!("uses storage class {}", class.unwrap_or("(default)")),
            );
        }
    }
}

fn ingress_hosts(v: &mut Violations<'_>, domains: &[String]) {
    for ingress in &v.ctx.snapshot.ingresses {
        if !v.policy.matches.covers(&ingress.metadata) {
            continue;
        }
        for (index, rule) in ingress.spec.rules.iter().enumerate() {
            let below = domains.iter().any(|domain| {
                rule.host == *domain || rule.host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
            });
            if !below {
                let host = if rule.host.is_empty() { "every host" } else { &rule.host };
                v.report(&ingress.metadata, None, &format!("spec.rules[{index}].host"), format!("answers for {host}"));
            }
        }
    }
}
