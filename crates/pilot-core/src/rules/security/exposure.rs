//! What is open to whom: SEC-031 to SEC-041.

use serde_json::{Value, json};

use super::{added, run_as_non_root, run_as_user};
use crate::finding::Severity::{Critical, High, Info, Low, Medium};
use crate::image_ref::ImageRef;
use crate::model::{Ingress, IntOrString};
use crate::rules::scan::{Scan, merge};
use crate::rules::{Rule, Workload};

const INGRESS: &str = "https://kubernetes.io/docs/concepts/services-networking/ingress/";
const SERVICE: &str = "https://kubernetes.io/docs/concepts/services-networking/service/";
const NAMESPACE: &str = "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/";
const POD: &str = "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "SEC-031",
        Low,
        "Own entries in /etc/hosts",
        "Use DNS: hostAliases can redirect traffic unseen.",
        POD,
        host_aliases,
    ),
    Rule::new("SEC-032", Medium, "Interactive terminal", "Remove tty and stdin.", POD, interactive),
    Rule::new(
        "SEC-033",
        Low,
        "SSH port",
        "Remove the SSH server; kubectl exec does the job with permissions and a log.",
        POD,
        ssh,
    ),
    Rule::new(
        "SEC-034",
        Low,
        "Privileged port without the right to open it",
        "Listen on 1024 or higher.",
        POD,
        low_ports,
    ),
    Rule::new(
        "SEC-035",
        Medium,
        "Ingress without TLS",
        "Add the host to spec.tls with a certificate Secret.",
        INGRESS,
        no_tls,
    )
    .no_patch("a certificate for the host must exist first"),
    Rule::new("SEC-036", Medium, "Ingress for any host", "Name the host.", INGRESS, any_host)
        .no_patch("which host is meant can't be known from the manifest"),
    Rule::new(
        "SEC-037",
        Critical,
        "Configuration injected through an Ingress",
        "Remove the annotation or the characters.",
        INGRESS,
        injection,
    )
    .no_patch("the path must be written anew"),
    Rule::new(
        "SEC-038",
        High,
        "Service claims foreign addresses",
        "Remove externalIPs: anyone who can create Services can take over traffic with it.",
        SERVICE,
        external_ips,
    ),
    Rule::new(
        "SEC-039",
        Low,
        "Service open to the outside",
        "Use ClusterIP behind an Ingress or Gateway.",
        SERVICE,
        exposed_services,
    ),
    Rule::new(
        "SEC-040",
        Low,
        "Workload in the default namespace",
        "Give the application a namespace of its own.",
        NAMESPACE,
        default_namespace,
    ),
    Rule::new(
        "SEC-041",
        Medium,
        "User workload in kube-system",
        "Move it to a namespace of its own.",
        NAMESPACE,
        in_kube_system,
    )
    .no_patch("an object's namespace can't be changed: create it anew elsewhere"),
];

fn host_aliases(scan: &mut Scan<'_>) {
    for workload in scan.workloads().iter().filter(|workload| !workload.spec.host_aliases.is_empty()) {
        let names: Vec<&str> =
            workload.spec.host_aliases.iter().flat_map(|alias| &alias.hostnames).map(String::as_str).collect();
        scan.workload(workload, format!("redirects {}", names.join(", "))).field("hostAliases");
    }
}

fn interactive(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.long_running().filter(|at| at.container.tty && at.container.stdin) {
            scan.container(workload, &at, "keeps an interactive terminal open")
                .field("tty")
                .patch(workload.container_patch(&at, json!({ "tty": false, "stdin": false })));
        }
    }
}

fn ssh(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.long_running() {
            for (index, port) in at.container.ports.iter().enumerate() {
                if port.container_port == 22 && port.protocol() == "TCP" {
                    scan.container(workload, &at, "offers SSH on port 22")
                        .field(&format!("ports[{index}].containerPort"));
                }
            }
        }
    }
}

fn low_ports(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        let spec = workload.spec;
        let opened = spec
            .security_context
            .iter()
            .flat_map(|context| &context.sysctls)
            .find(|sysctl| sysctl.name == "net.ipv4.ip_unprivileged_port_start")
            .and_then(|sysctl| sysctl.value.parse::<i64>().ok())
            .unwrap_or(1024);
        for at in spec.long_running() {
            let non_root = run_as_user(spec, &at).map_or_else(|| run_as_non_root(spec, &at), |user| user != 0);
            if !non_root || added(&at).iter().any(|name| name == "NET_BIND_SERVICE" || name == "ALL") {
                continue;
            }
            let c = at.container;
            let probes = [&c.liveness_probe, &c.readiness_probe, &c.startup_probe];
            let probed = probes.into_iter().flatten().filter_map(|probe| match probe.port() {
                Some(IntOrString::Int(port)) => Some(port),
                _ => None,
            });
            let lowest = c
                .ports
                .iter()
                .map(|port| port.container_port)
                .chain(probed)
                .filter(|port| (1..opened).contains(port))
                .min();
            if let Some(port) = lowest {
                scan.container(workload, &at, format!("runs as non-root but listens on port {port}")).field("ports");
            }
        }
    }
}

/// Whether a host is covered: by itself, by a wildcard for its last label, or by an entry for all.
fn tls_covers(ingress: &Ingress, host: &str) -> bool {
    ingress.spec.tls.iter().any(|tls| {
        tls.hosts.is_empty()
            || tls.hosts.iter().any(|covered| {
                covered.eq_ignore_ascii_case(host)
                    || covered.strip_prefix('*').is_some_and(|suffix| {
                        host.split_once('.').is_some_and(|(_, parent)| suffix.strip_prefix('.') == Some(parent))
                    })
            })
    })
}

fn no_tls(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for ingress in ctx.user(&ctx.snapshot.ingresses) {
        let annotations = &ingress.metadata.annotations;
        if annotations.get("kubernetes.io/ingress.allow-http").is_some_and(|value| value == "false") {
            continue;
        }
        let severity = if ctx.is_local() { Info } else { Medium };
        if ingress.spec.tls.is_empty() && ingress.spec.rules.is_empty() {
            scan.object(&ingress.metadata, "serves plain HTTP: no spec.tls").severity(severity).root_field("spec.tls");
        }
        for (index, rule) in ingress.spec.rules.iter().enumerate() {
            if tls_covers(ingress, &rule.host) {
                continue;
            }
            let host = if rule.host.is_empty() { "any host" } else { &rule.host };
            scan.object(&ingress.metadata, format!("serves {host} over plain HTTP: spec.tls does not cover it"))
                .severity(severity)
                .root_field(&format!("spec.rules[{index}].host"));
        }
    }
}

fn any_host(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for ingress in ctx.user(&ctx.snapshot.ingresses) {
        for (index, rule) in ingress.spec.rules.iter().enumerate() {
            if rule.host.is_empty() || rule.host.starts_with('*') {
                let host = if rule.host.is_empty() { "every host" } else { &rule.host };
                scan.object(&ingress.metadata, format!("answers for {host}"))
                    .severity(if ctx.is_local() { Info } else { Medium })
                    .root_field(&format!("spec.rules[{index}].host"));
            }
        }
    }
}

const NGINX: &str = "nginx.ingress.kubernetes.io/";
/// Annotations of ingress-nginx whose value is written into a path or host of its configuration.
const WRITTEN_OUT: [&str; 14] = [
    "rewrite-target",
    "app-root",
    "permanent-redirect",
    "temporal-redirect",
    "auth-url",
    "auth-signin",
    "auth-tls-error-page",
    "mirror-target",
    "mirror-host",
    "proxy-redirect-from",
    "proxy-redirect-to",
    "upstream-vhost",
    "x-forwarded-prefix",
    "server-alias",
];

fn injection(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let breaks_out = |text: &str| text.chars().any(|c| c.is_control() || matches!(c, ';' | '{' | '}'));
    for ingress in ctx.user(&ctx.snapshot.ingresses) {
        for (key, value) in &ingress.metadata.annotations {
            let Some(short) = key.strip_prefix(NGINX) else { continue };
            let why = if short.ends_with("snippet") {
                "puts raw configuration into the shared ingress controller"
            } else if value.chars().any(|c| c.is_control()) {
                "has control characters in its value"
            } else if WRITTEN_OUT.contains(&short) && breaks_out(value) {
                "has characters that end a directive of the controller's configuration"
            } else {
                continue;
            };
            scan.object(&ingress.metadata, format!("annotation {key} {why}"))
                .root_field(&format!("metadata.annotations.{key}"))
                .patch(merge(&ingress.metadata, json!({ "metadata": { "annotations": { key: null } } })));
        }
        for (index, rule) in ingress.spec.rules.iter().enumerate() {
            let paths = rule.http.iter().flat_map(|http| &http.paths);
            if breaks_out(&rule.host) || paths.into_iter().any(|path| breaks_out(&path.path)) {
                scan.object(
                    &ingress.metadata,
                    "a host or path has characters that end a directive of the controller's configuration",
                )
                .root_field(&format!("spec.rules[{index}]"));
            }
        }
    }
}

fn external_ips(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for service in ctx.user(&ctx.snapshot.services) {
        let (allowed, bad): (Vec<&String>, Vec<&String>) =
            service.spec.external_ips.iter().partition(|ip| ctx.config.allowed_external_ips.contains(*ip));
        if !bad.is_empty() {
            let list: Vec<&str> = bad.iter().map(|ip| ip.as_str()).collect();
            let left = if allowed.is_empty() { Value::Null } else { json!(allowed) };
            scan.object(&service.metadata, format!("claims {}", list.join(", ")))
                .root_field("spec.externalIPs")
                .patch(merge(&service.metadata, json!({ "spec": { "externalIPs": left } })));
        }
    }
}

fn exposed_services(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for service in ctx.user(&ctx.snapshot.services) {
        let what = match service.type_() {
            "NodePort" => "is open on every node",
            "LoadBalancer" => "has a load balancer of its own",
            _ => continue,
        };
        scan.object(&service.metadata, format!("{what} ({})", service.type_()))
            .severity(if ctx.is_local() { Info } else { Low })
            .root_field("spec.type");
    }
}

fn default_namespace(scan: &mut Scan<'_>) {
    for workload in scan.workloads().iter().filter(|workload| workload.meta.namespace == "default") {
        let message =
            if workload.meta.namespace_assumed { "names no namespace" } else { "is in the default namespace" };
        scan.workload(workload, message).root_field("metadata.namespace");
    }
}

fn in_kube_system(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for workload in ctx.all_workloads.iter().filter(|workload| workload.meta.namespace == "kube-system") {
        if !belongs_to_system(workload) {
            scan.workload(workload, "runs beside the cluster's own components").root_field("metadata.namespace");
        }
    }
}

/// Add-ons mark themselves by label, by priority or by the project's registries.
fn belongs_to_system(workload: &Workload<'_>) -> bool {
    const LABELS: [&str; 5] = [
        "k8s-app",
        "tier",
        "kubernetes.io/cluster-service",
        "addonmanager.kubernetes.io/mode",
        "kubernetes.io/bootstrapping",
    ];
    const IMAGES: [&str; 7] = [
        "registry.k8s.io/",
        "k8s.gcr.io/",
        "gcr.io/k8s-minikube/",
        "docker.io/kindest/",
        "docker.io/rancher/",
        "quay.io/cilium/",
        "docker.io/calico/",
    ];
    let labelled = |labels: &crate::model::Labels| LABELS.iter().any(|label| labels.contains_key(*label));
    labelled(&workload.meta.labels)
        || labelled(workload.labels())
        || workload.spec.priority_class_name.starts_with("system-")
        || workload.meta.controller().is_some_and(|owner| owner.kind == "Node")
        || workload.spec.containers.iter().all(|container| {
            let name = ImageRef::parse(&container.image).full_name();
            IMAGES.iter().any(|prefix| name.starts_with(prefix))
        })
}
