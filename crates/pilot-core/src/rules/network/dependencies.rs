//! Services that workloads are configured to call: NET-011 blocked by policies, NET-017 not there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::reach::{End, egress_allowed, ingress_allowed, isolating};
use super::services::selected;
use crate::finding::Severity::High;
use crate::model::{ContainerAt, Labels, Service};
use crate::nearest::nearest;
use crate::redact::find as find_secrets;
use crate::rules::scan::{Scan, create};
use crate::rules::{Context, Rule, Workload};

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "NET-011",
        High,
        "Network policy blocks a configured dependency",
        "Add a policy that allows it: policies add up.",
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        blocked,
    )
    .needs(&["NetworkPolicy"])
    .no_patch("the pods have no labels that a policy could select them by"),
    Rule::new(
        "NET-017",
        High,
        "Configured Service does not exist",
        "Correct the address.",
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
        missing,
    )
    .no_patch("no Service or port of a similar name exists, or the address stands in a ConfigMap"),
];

/// An address in a workload's configuration that names a Service of the cluster.
struct Dependency<'a> {
    at: ContainerAt<'a>,
    /// Where it stands: `env[2]`, or `ConfigMap name, key`.
    place: String,
    /// The variable and its text, when it is a literal of the container.
    literal: Option<(&'a str, &'a str)>,
    /// The host as written.
    host: &'a str,
    service: &'a str,
    namespace: &'a str,
    port: Option<i64>,
    /// The host's form leaves no doubt that it means a Service.
    certain: bool,
}

/// `host`, and the port where it has one, of every address in a text.
fn addresses(text: &str) -> Vec<(&str, Option<i64>, bool)> {
    let mut found = Vec::new();
    for part in text.split([',', ' ', ';', '\n', '"', '\'']) {
        let (with_scheme, rest) = match part.split_once("://") {
            Some((_, rest)) => (true, rest),
            None => (false, part),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
        let host_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match host_port.rsplit_once(':') {
            Some((host, port)) => match port.parse::<i64>() {
                Ok(port) if (1..=65_535).contains(&port) => (host, Some(port)),
                _ => continue,
            },
            None => (host_port, None),
        };
        // Without a scheme only `host:port` is an address for sure.
        if (with_scheme || port.is_some()) && is_host(host) {
            found.push((host, port, with_scheme));
        }
    }
    found
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    host.split('.').all(label)
        && host.bytes().any(|b| b.is_ascii_lowercase())
        && host != "localhost"
        && !host.starts_with('-')
}

/// Reads a host as `service`, `service.namespace` or `service.namespace.svc[.domain]`.
fn as_service<'a>(ctx: &Context<'_>, host: &'a str, own: &'a str) -> Option<(&'a str, &'a str, bool)> {
    let mut labels = host.split('.');
    let service = labels.next()?;
    let Some(namespace) = labels.next() else { return Some((service, own, false)) };
    match labels.next() {
        Some("svc") => Some((service, namespace, true)),
        Some(_) => None,
        // `db.prod` may be a domain; it is a Service when there is such a namespace.
        None => {
            let known = ctx.namespace_labels.contains_key(namespace)
                || ctx.services.keys().any(|(other, _)| *other == namespace);
            known.then_some((service, namespace, true))
        }
    }
}

fn dependencies<'a>(ctx: &'a Context<'a>, workload: &'a Workload<'a>) -> Vec<Dependency<'a>> {
    let own = workload.meta.namespace.as_str();
    let mut found = Vec::new();
    for at in workload.spec.all_containers() {
        let mut take = |place: String, literal: Option<(&'a str, &'a str)>, text: &'a str| {
            for (host, port, scheme) in addresses(text) {
                if let Some((service, namespace, sure)) = as_service(ctx, host, own) {
                    found.push(Dependency {
                        at,
                        place: place.clone(),
                        literal,
                        host,
                        service,
                        namespace,
                        port,
                        certain: sure || scheme,
                    });
                }
            }
        };
        for (index, env) in at.container.env.iter().enumerate() {
            if let Some(value) = &env.value {
                take(format!("env[{index}].value"), Some((&env.name, value)), value);
            }
            if let Some(key) = env.value_from.as_ref().and_then(|from| from.config_map_key_ref.as_ref())
                && let Some(value) =
                    ctx.config_maps.get(&(own, key.name.as_str())).and_then(|map| map.data.get(&key.key))
            {
                take(format!("env[{index}].valueFrom"), None, value);
            }
        }
        for (index, from) in at.container.env_from.iter().enumerate() {
            let map =
                from.config_map_ref.as_ref().and_then(|reference| ctx.config_maps.get(&(own, reference.name.as_str())));
            for value in map.iter().flat_map(|map| map.data.values()) {
                take(format!("envFrom[{index}]"), None, value);
            }
        }
    }
    found
}

fn missing(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for workload in &ctx.workloads {
        for dependency in dependencies(ctx, workload) {
            let place = (dependency.namespace, dependency.service);
            let (message, right, sure) = match ctx.services.get(&place) {
                None => {
                    let names =
                        ctx.services.keys().filter(|(ns, _)| *ns == dependency.namespace).map(|(_, name)| *name);
                    let similar = nearest(dependency.service, names);
                    // A bare word without a scheme may be any host of the outside.
                    if similar.is_none() && !dependency.certain {
                        continue;
                    }
                    let hint = similar.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
                    let host = similar.map(|name| dependency.host.replacen(dependency.service, name, 1));
                    (
                        format!("is configured to call {}, but there is no such Service{hint}", dependency.host),
                        host.map(|host| (host, dependency.port)),
                        similar.is_some(),
                    )
                }
                Some(service) => {
                    let Some(port) = dependency.port else { continue };
                    if service.type_() == "ExternalName" || offers(ctx, service, port) {
                        continue;
                    }
                    let only = match &service.spec.ports[..] {
                        [only] => Some(only.port),
                        _ => None,
                    };
                    let ports: Vec<String> = service.spec.ports.iter().map(|port| port.port.to_string()).collect();
                    let message = format!(
                        "is configured to call {}:{port}, but the Service has port {}",
                        dependency.host,
                        ports.join(", ")
                    );
                    (message, only.map(|only| (dependency.host.to_owned(), Some(only))), true)
                }
            };
            let patch = right.and_then(|(host, port)| corrected(&dependency, &host, port)).map(|(name, value)| {
                workload.container_patch(&dependency.at, json!({ "env": [{ "name": name, "value": value }] }))
            });
            let hit = scan
                .container(workload, &dependency.at, message)
                .field(&dependency.place)
                .absent(ctx.absence(High, sure));
            hit.maybe_patch(patch);
        }
    }
}

/// A headless Service is called at the pods' own ports.
fn offers(ctx: &Context<'_>, service: &Service, port: i64) -> bool {
    service.spec.ports.iter().any(|declared| declared.port == port)
        || (service.is_headless()
            && selected(ctx, service).flat_map(|workload| workload.spec.long_running()).any(|at| {
                at.container.ports.is_empty()
                    || at.container.ports.iter().any(|declared| declared.container_port == port)
            }))
}

/// The variable with the address corrected; not when the text holds a secret, which must not be repeated.
fn corrected<'a>(dependency: &Dependency<'a>, host: &str, port: Option<i64>) -> Option<(&'a str, String)> {
    let (name, text) = dependency.literal?;
    if !find_secrets(text).is_empty() {
        return None;
    }
    let written = |host: &str, port: Option<i64>| port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let old = written(dependency.host, dependency.port);
    Some((name, text.replacen(&old, &written(host, port), 1)))
}

fn blocked(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    if ctx.snapshot.network_policies.is_empty() {
        return;
    }
    for workload in &ctx.workloads {
        let dependencies = dependencies(ctx, workload);
        let mut seen: BTreeMap<(&str, &str, Option<i64>), ()> = BTreeMap::new();
        for dependency in &dependencies {
            let key = (dependency.namespace, dependency.service, dependency.port);
            if seen.insert(key, ()).is_none()
                && let Some(service) = ctx.services.get(&(dependency.namespace, dependency.service))
            {
                judge_connection(scan, workload, dependency, service);
            }
        }
        if !dependencies.is_empty() {
            judge_dns(scan, workload);
        }
    }
}

fn judge_connection(scan: &mut Scan<'_>, workload: &Workload<'_>, dependency: &Dependency<'_>, service: &Service) {
    let ctx = scan.ctx;
    let source = End::of(workload);
    for port in service.spec.ports.iter().filter(|port| dependency.port.is_none_or(|wanted| wanted == port.port)) {
        // A program that knows its own address, to advertise it, does not call itself.
        for target in selected(ctx, service).filter(|target| !std::ptr::eq(target.meta, workload.meta)) {
            let protocol = port.protocol();
            let Some(number) = target.spec.resolve_port(&port.target(), protocol).or(match port.target() {
                crate::model::IntOrString::Int(number) => Some(number),
                crate::model::IntOrString::String(_) => None,
            }) else {
                continue;
            };
            let end = End::of(target);
            let what = format!("{} (port {number} of {})", dependency.host, target.meta.name);
            if !egress_allowed(ctx, source, end, number, protocol) {
                let names = policy_names(&isolating(ctx, source, "Egress"));
                let patch = policy(workload, target, "Egress", number, protocol);
                scan.workload(workload, format!("may not call {what}: no rule of {names} allows it"))
                    .root_field(&format!("Egress {}/{}:{number}", dependency.namespace, dependency.service))
                    .maybe_patch(patch);
            }
            if !ingress_allowed(ctx, source, end, number, protocol) {
                let names = policy_names(&isolating(ctx, end, "Ingress"));
                let patch = policy(workload, target, "Ingress", number, protocol);
                scan.workload(workload, format!("is not let in by {what}: no rule of {names} allows it"))
                    .root_field(&format!("Ingress {}/{}:{number}", dependency.namespace, dependency.service))
                    .maybe_patch(patch);
            }
        }
    }
}

fn policy_names(policies: &[&crate::model::NetworkPolicy]) -> String {
    let names: Vec<&str> = policies.iter().map(|policy| policy.metadata.name.as_str()).collect();
    names.join(", ")
}

fn peer(workload: &Workload<'_>, from: &Workload<'_>) -> Value {
    let mut peer = json!({ "podSelector": { "matchLabels": workload.labels() } });
    if workload.meta.namespace != from.meta.namespace {
        peer["namespaceSelector"] =
            json!({ "matchLabels": { "kubernetes.io/metadata.name": workload.meta.namespace } });
    }
    peer
}

/// A policy for one direction of one connection.
fn policy(
    source: &Workload<'_>,
    target: &Workload<'_>,
    direction: &str,
    port: i64,
    protocol: &str,
) -> Option<crate::finding::Patch> {
    if source.labels().is_empty() || target.labels().is_empty() {
        return None;
    }
    let (owner, other, field, side) =
        if direction == "Egress" { (source, target, "egress", "to") } else { (target, source, "ingress", "from") };
    let name = format!("{}-{field}-{}", owner.meta.name, other.meta.name);
    Some(create(json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": { "name": name, "namespace": owner.meta.namespace },
        "spec": {
            "podSelector": { "matchLabels": owner.labels() }, "policyTypes": [direction],
            field: [{ side: [peer(other, owner)], "ports": [{ "port": port, "protocol": protocol }] }],
        },
    })))
}

fn judge_dns(scan: &mut Scan<'_>, workload: &Workload<'_>) {
    let ctx = scan.ctx;
    let source = End::of(workload);
    let policies = isolating(ctx, source, "Egress");
    if policies.is_empty() {
        return;
    }
    let labels: Labels = [("k8s-app".to_owned(), "kube-dns".to_owned())].into();
    let dns = End { namespace: "kube-system", labels: &labels, spec: None, ips: &[], host_network: false };
    if egress_allowed(ctx, source, dns, 53, "UDP") {
        return;
    }
    let patch = (!workload.labels().is_empty()).then(|| {
        create(json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": { "name": format!("{}-egress-dns", workload.meta.name), "namespace": workload.meta.namespace },
            "spec": {
                "podSelector": { "matchLabels": workload.labels() }, "policyTypes": ["Egress"],
                "egress": [{
                    "to": [{
                        "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "kube-system" } },
                        "podSelector": { "matchLabels": { "k8s-app": "kube-dns" } },
                    }],
                    "ports": [{ "port": 53, "protocol": "UDP" }, { "port": 53, "protocol": "TCP" }],
                }],
            },
        }))
    });
    scan.workload(workload, format!("can't resolve names: {} allows no DNS", policy_names(&policies)))
        .root_field("Egress DNS")
        .maybe_patch(patch);
}
