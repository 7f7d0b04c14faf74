//! What the recorded logs of containers say (HLT-119, HLT-120, HLT-251 to HLT-253).

use super::catalogue::{DISK_FULL, DNS_FAILS, LOG_ERRORS, PEER_REFUSES, RBAC_REFUSED, Rule};
use super::draft::{Draft, Found};
use super::world::World;
use crate::finding::{Confidence, EvidenceSource, Patch, PatchType, Severity};
use crate::logs::facts::{Forbidden, forbidden, refused_address, unresolved_host};
use crate::logs::{LogClass, LogGroup, LogScanner};
use crate::model::{ObjectRef, Pod, is_subset};
use crate::nearest::nearest;
use serde_json::json;

/// Findings from logs, one per workload, container and kind of trouble.
pub fn check(world: &World<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (root, pods) in world.roots() {
        for pod in pods {
            for log in world.logs(pod).iter().filter(|log| !log.previous || !pod.status.is_ready()) {
                let mut scanner = LogScanner::default();
                log.lines.iter().for_each(|line| scanner.line(line));
                let report = scanner.finish(str::to_owned);
                let healthy = pod.status.is_ready();
                let mut generic = false;
                for group in &report.groups {
                    let Some(draft) = judge(world, pod, group, healthy && !generic) else { continue };
                    generic |= draft.rule == &LOG_ERRORS;
                    merge(&mut found, draft.container(&log.container).about(root.clone()), &pod.metadata.name);
                }
            }
        }
    }
    found
}

fn merge(found: &mut Vec<Found>, mut new: Found, pod: &str) {
    match found.iter_mut().find(|known| known.is_same_as(&new)) {
        Some(known) => {
            if !known.finding.affected.iter().any(|p| p == pod) {
                known.finding.affected.push(pod.to_owned());
            }
        }
        None => {
            new.finding.affected = vec![pod.to_owned()];
            found.push(new);
        }
    }
}

fn judge(world: &World<'_>, pod: &Pod, group: &LogGroup, report_generic: bool) -> Option<Draft> {
    let draft = match group.class {
        LogClass::Rbac => rbac(world, &forbidden(&group.example)?),
        LogClass::Dns => dns(world, pod, &unresolved_host(&group.example)?),
        LogClass::ConnectionRefused | LogClass::Timeout => {
            let (host, port) = refused_address(&group.example)?;
            peer(world, pod, &host, port)?
        }
        LogClass::DiskFull => simple(&DISK_FULL, group),
        _ if report_generic => simple(&LOG_ERRORS, group).confidence(Confidence::Medium),
        _ => return None,
    };
    let times = if group.count > 1 { format!(" (×{})", group.count) } else { String::new() };
    Some(draft.seen(EvidenceSource::Log, "log", format!("{}{times}", group.example)))
}

fn simple(rule: &'static Rule, group: &LogGroup) -> Draft {
    Draft::new(rule, format!("the log says: {}", group.meaning))
        .field(format!("log[{:?}]", group.class))
        .advice(group.hint.clone(), "the cause is in the program or what it talks to")
}

fn rbac(world: &World<'_>, refused: &Forbidden) -> Draft {
    let what = format!("{} {}", refused.verb, refused.resource);
    let scope =
        refused.namespace.as_ref().map_or_else(|| "in the whole cluster".to_owned(), |n| format!("in namespace {n}"));
    let account = refused.user.strip_prefix("system:serviceaccount:").and_then(|a| a.split_once(':'));
    let draft =
        Draft::new(&RBAC_REFUSED, format!("{} may not {what} {scope}", refused.user)).field(format!("rbac[{what}]"));
    let Some((namespace, name)) = account else {
        return draft.advice("Grant the permission to the user.", "the user is not a service account");
    };
    // A role of the account that names the resource and lacks only the verb is the one to extend.
    let resource = refused.resource.split('/').next().unwrap_or("");
    for binding in &world.snapshot.role_bindings {
        let bound = binding.subjects.iter().any(|s| {
            s.kind == "ServiceAccount" && s.name == name && (s.namespace == namespace || s.namespace.is_empty())
        });
        if !bound {
            continue;
        }
        let role = world.snapshot.roles.iter().find(|r| {
            r.metadata.kind == binding.role_ref.kind
                && r.metadata.name == binding.role_ref.name
                && (r.metadata.namespace.is_empty() || r.metadata.namespace == binding.metadata.namespace)
        });
        let Some(role) = role else { continue };
        let near = role.rules.iter().find(|rule| {
            rule.resources.iter().any(|r| {
                r == &refused.resource || r.split('/').next() == Some(resource) || nearest(r, [resource]).is_some()
            })
        });
        if let Some(rule) = near {
            let why = if !rule.resources.iter().any(|r| r == &refused.resource) {
                format!("it names {} instead of {}", rule.resources.join(", "), refused.resource)
            } else if !rule.api_groups.iter().any(|g| g == &refused.group || g == "*") {
                format!("it names API group {:?} instead of {:?}", rule.api_groups.join(", "), refused.group)
            } else if !rule.verbs.iter().any(|v| v == &refused.verb || v == "*") {
                format!("it allows {} but not {}", rule.verbs.join(", "), refused.verb)
            } else {
                format!("its binding {} is in namespace {}", binding.metadata.name, binding.metadata.namespace)
            };
            return draft
                .seen(EvidenceSource::Computed, format!("{}/{}", role.metadata.kind, role.metadata.name), why)
                .advice(
                    format!(
                        "Extend {} {} with verb {} on {} (API group {:?}).",
                        role.metadata.kind, role.metadata.name, refused.verb, refused.resource, refused.group
                    ),
                    "widening a permission is a decision; rules of a role cannot be merged by patch",
                );
        }
    }
    let target_namespace = refused.namespace.clone().unwrap_or_default();
    let kind = if target_namespace.is_empty() { "ClusterRole" } else { "Role" };
    let role = format!("{name}-{}-{resource}", refused.verb);
    let mut metadata = json!({"name": role});
    if !target_namespace.is_empty() {
        metadata["namespace"] = json!(target_namespace);
    }
    let body = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata,
        "rules": [{"apiGroups": [refused.group], "resources": [refused.resource], "verbs": [refused.verb]}],
    });
    let target = ObjectRef {
        api_version: "rbac.authorization.k8s.io/v1".into(),
        kind: kind.into(),
        namespace: target_namespace,
        name: role.clone(),
    };
    draft
        .patch(
            format!("Create {kind} {role} with exactly this permission and bind it to {namespace}/{name}."),
            Some(Patch { type_: PatchType::Create, target, body }),
        )
        .risk("grants a permission; the role still has to be bound")
}

fn dns(world: &World<'_>, pod: &Pod, host: &str) -> Draft {
    let home = &pod.metadata.namespace;
    let mut parts = host.split('.');
    let (service, rest) = (parts.next().unwrap_or(""), parts.next());
    let namespace = rest.unwrap_or(home);
    let services = world.names("Service", namespace);
    let draft = Draft::new(&DNS_FAILS, format!("host name {host} does not resolve")).field(format!("dns[{host}]"));
    if world.service(namespace, service).is_some() {
        return draft.seen(EvidenceSource::Computed, format!("Service {namespace}/{service}"), "exists").advice(
            "The Service exists: check that egress to DNS (UDP and TCP 53) is allowed and that CoreDNS runs.",
            "the cause is in DNS or a network policy",
        );
    }
    let elsewhere = world.snapshot.services.iter().find(|s| s.metadata.name == service);
    if let Some(found) = elsewhere {
        return draft.advice(
            format!(
                "Service {service} is in namespace {}: use {service}.{}.",
                found.metadata.namespace, found.metadata.namespace
            ),
            "the name is configured in the program",
        );
    }
    match nearest(service, services) {
        Some(meant) => draft.advice(
            format!("No Service {service} in namespace {namespace}; did you mean {meant}?"),
            "the name is configured in the program",
        ),
        None => draft.confidence(Confidence::Medium).advice(
            "No Service of that name exists; for an outside name check the cluster's DNS and egress.",
            "the name is configured in the program",
        ),
    }
}

fn peer(world: &World<'_>, pod: &Pod, host: &str, port: u16) -> Option<Draft> {
    let home = &pod.metadata.namespace;
    let mut parts = host.split('.');
    let by_ip = world.snapshot.services.iter().find(|s| s.spec.cluster_ip == host);
    let service = by_ip.or_else(|| {
        let (name, namespace) = (parts.next()?, parts.next().unwrap_or(home));
        world.service(namespace, name)
    });
    let draft = |text: String| Draft::new(&PEER_REFUSES, text).field(format!("peer[{host}:{port}]"));
    let Some(service) = service else {
        let local = matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0");
        return local.then(|| {
            draft(format!("the program calls {host}:{port}, which is its own pod, and nothing listens there")).advice(
                "Inside a container localhost is the pod itself: use the Service name.",
                "the address is configured in the program",
            )
        });
    };
    let name = format!("{}/{}", service.metadata.namespace, service.metadata.name);
    let known: Vec<i64> = service.spec.ports.iter().map(|p| p.port).collect();
    if !known.contains(&i64::from(port)) {
        let ports: Vec<String> = known.iter().map(ToString::to_string).collect();
        return Some(
            draft(format!("Service {name} has no port {port}"))
                .seen(EvidenceSource::Spec, "spec.ports", ports.join(", "))
                .waits_for("Service", &service.metadata.namespace, &service.metadata.name)
                .advice(format!("Call port {}.", ports.join(" or ")), "the address is configured in the program"),
        );
    }
    let pods = world.selected(service);
    let ready = pods.iter().filter(|p| p.status.is_ready()).count();
    let mut draft = draft(if ready == 0 {
        format!("Service {name} does not answer: it has no ready pod")
    } else {
        format!("Service {name} does not answer on port {port} although {ready} pods are ready")
    })
    .severity(Severity::High)
    .waits_for("Service", &service.metadata.namespace, &service.metadata.name)
    .advice(
        "Look at the pods behind the Service, its targetPort, and network policies.",
        "the cause is behind the Service",
    );
    for (root, pods) in world.roots() {
        if root.namespace == service.metadata.namespace
            && pods.iter().any(|p| is_subset(&service.spec.selector, &p.metadata.labels))
            && ready == 0
        {
            draft = draft.waits_for(&root.kind, &root.namespace, &root.name);
        }
    }
    Some(draft)
}
