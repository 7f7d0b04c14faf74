//! Probes: REL-001 to REL-007.

use serde_json::{Value, json};

use crate::finding::Severity::{High, Low, Medium};
use crate::model::{Container, ContainerAt, IntOrString, Probe};
use crate::rules::scan::Scan;
use crate::rules::{Rule, Workload};

const REFERENCE: &str = "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/";

pub(super) const RULES: &[Rule] = &[
    Rule::new("REL-001", High, "No readiness probe", "Probe an endpoint that fails while the program can't serve.", REFERENCE, no_readiness)
        .no_patch("no port is declared that a probe could ask"),
    Rule::new("REL-002", Medium, "No liveness probe", "Probe an endpoint that fails only when a restart would help.", REFERENCE, no_liveness)
        .no_patch("no port is declared that a probe could ask"),
    Rule::new("REL-003", Medium, "Readiness and liveness are the same", "Give liveness an endpoint without dependencies, or a slower threshold: else an overloaded pod is killed rather than rested.", REFERENCE, identical)
        .no_patch("a second endpoint must exist first"),
    Rule::new("REL-004", Medium, "Liveness asks about dependencies", "Probe an endpoint that does not ask the database: else its outage restarts every pod.", REFERENCE, dependent_liveness)
        .no_patch("the name of the endpoint without dependencies can't be known"),
    Rule::new("REL-005", High, "Probe of a port that is not declared", "Correct the port.", REFERENCE, undeclared_port)
        .no_patch("several ports are declared and the probe may mean any of them"),
    Rule::new("REL-006", Low, "Probe by number of a named port", "Use the port's name, so that the number stands in one place.", REFERENCE, by_number),
    Rule::new("REL-007", Medium, "Probe timing that kills or delays", "Keep the timeout below the period, give liveness at least 10 s, and use a startup probe for slow starts.", REFERENCE, timing),
];

fn probes(container: &Container) -> impl Iterator<Item = (&'static str, &Probe)> {
    [
        ("livenessProbe", &container.liveness_probe),
        ("readinessProbe", &container.readiness_probe),
        ("startupProbe", &container.startup_probe),
    ]
    .into_iter()
    .filter_map(|(name, probe)| probe.as_ref().map(|probe| (name, probe)))
}

/// Calls `judge` for every container that must be probed.
fn each<'a>(scan: &mut Scan<'a>, mut judge: impl FnMut(&mut Scan<'a>, &'a Workload<'a>, &ContainerAt<'a>)) {
    for workload in scan.workloads().iter().filter(|workload| !workload.is_job()) {
        for at in workload.spec.long_running() {
            judge(scan, workload, &at);
        }
    }
}

/// The port that a Service forwards to, else the first declared one.
fn main_port(workload: &Workload<'_>, container: &Container) -> Option<Value> {
    let declared = container.ports.iter().filter(|port| port.protocol() == "TCP");
    let targeted = |port: &&crate::model::ContainerPort| {
        workload.services.iter().flat_map(|service| &service.spec.ports).any(|service| match service.target() {
            IntOrString::Int(number) => number == port.container_port,
            IntOrString::String(name) => name == port.name,
        })
    };
    let port = declared.clone().find(targeted).or_else(|| declared.clone().next())?;
    Some(if port.name.is_empty() { json!(port.container_port) } else { json!(port.name) })
}

fn no_readiness(scan: &mut Scan<'_>) {
    each(scan, |scan, workload, at| {
        if at.container.readiness_probe.is_some() {
            return;
        }
        let (severity, message) = if workload.services.is_empty() {
            (Medium, "has no readiness probe: a rollout counts it as ready at once")
        } else {
            (High, "has no readiness probe: the Service sends requests before it can answer")
        };
        let patch = main_port(workload, at.container).map(|port| {
            workload.container_patch(
                at,
                json!({ "readinessProbe": { "tcpSocket": { "port": port }, "periodSeconds": 5, "timeoutSeconds": 2 } }),
            )
        });
        scan.container(workload, at, message)
            .severity(severity)
            .field("readinessProbe")
            .maybe_patch(patch)
            .risk("it only checks that the port is open; an HTTP endpoint tells more");
    });
}

fn no_liveness(scan: &mut Scan<'_>) {
    each(scan, |scan, workload, at| {
        if at.container.liveness_probe.is_some() {
            return;
        }
        let patch = main_port(workload, at.container).map(|port| {
            workload.container_patch(at, json!({ "livenessProbe": { "tcpSocket": { "port": port }, "periodSeconds": 10, "timeoutSeconds": 3, "failureThreshold": 6 } }))
        });
        scan.container(workload, at, "has no liveness probe: a hung process stays")
            .severity(if workload.services.is_empty() { Low } else { Medium })
            .field("livenessProbe")
            .maybe_patch(patch)
            .risk("it only checks that the port is open; an HTTP endpoint tells more");
    });
}

fn identical(scan: &mut Scan<'_>) {
    each(scan, |scan, workload, at| {
        let (Some(ready), Some(live)) = (&at.container.readiness_probe, &at.container.liveness_probe) else { return };
        if !ready.same_handler(live) {
            return;
        }
        let rhythm = |probe: &Probe| (probe.period(), probe.timeout(), probe.failures(), probe.delay());
        let (severity, message) = if rhythm(ready) == rhythm(live) {
            (Medium, "readiness and liveness do the same at the same pace")
        } else {
            (Low, "readiness and liveness ask the same endpoint")
        };
        scan.container(workload, at, message).severity(severity).field("livenessProbe");
    });
}

fn dependent_liveness(scan: &mut Scan<'_>) {
    const WORDS: [&str; 9] =
        ["ready", "readyz", "readiness", "db", "database", "deps", "dependencies", "postgres", "redis"];
    each(scan, |scan, workload, at| {
        let Some(http) = at.container.liveness_probe.as_ref().and_then(|probe| probe.http_get.as_ref()) else { return };
        let path = http.path.to_ascii_lowercase();
        if path.split(['/', '-', '_', '.', '?', '=', '&']).any(|word| WORDS.contains(&word)) {
            scan.container(
                workload,
                at,
                format!("liveness asks {}, which sounds as if it asked a dependency", http.path),
            )
            .field("livenessProbe.httpGet.path");
        }
    });
}

fn undeclared_port(scan: &mut Scan<'_>) {
    each(scan, |scan, workload, at| {
        let ports = &at.container.ports;
        for (name, probe) in probes(at.container) {
            let Some(port) = probe.port() else { continue };
            let field = match (&probe.http_get, &probe.tcp_socket) {
                (Some(_), _) => "httpGet",
                (_, Some(_)) => "tcpSocket",
                _ => "grpc",
            };
            match port {
                IntOrString::String(port) if !ports.iter().any(|declared| declared.name == port) => {
                    let patch = match &ports[..] {
                        [only] => {
                            let right =
                                if only.name.is_empty() { json!(only.container_port) } else { json!(only.name) };
                            Some(workload.container_patch(at, json!({ name: { field: { "port": right } } })))
                        }
                        _ => None,
                    };
                    scan.container(
                        workload,
                        at,
                        format!("{name} asks port {port:?}, which the container does not declare"),
                    )
                    .field(&format!("{name}.{field}.port"))
                    .maybe_patch(patch);
                }
                IntOrString::Int(port) if !ports.iter().any(|declared| declared.container_port == port) => {
                    // Declaring is for information only, so declaring the probed port is safe.
                    scan.container(
                        workload,
                        at,
                        format!("{name} asks port {port}, which the container does not declare"),
                    )
                    .severity(if ports.is_empty() { Low } else { High })
                    .field(&format!("{name}.{field}.port"))
                    .patch(workload.container_patch(at, json!({ "ports": [{ "containerPort": port }] })))
                    .risk("if the number is wrong, correct it instead");
                }
                _ => {}
            }
        }
    });
}

fn by_number(scan: &mut Scan<'_>) {
    each(scan, |scan, workload, at| {
        for (name, probe) in probes(at.container).filter(|(_, probe)| probe.grpc.is_none()) {
            let Some(IntOrString::Int(port)) = probe.port() else { continue };
            if let Some(declared) =
                at.container.ports.iter().find(|declared| declared.container_port == port && !declared.name.is_empty())
            {
                scan.container(
                    workload,
                    at,
                    format!("{name} asks port {port} by number; its name is {}", declared.name),
                )
                .field(name);
            }
        }
    });
}

fn handler(probe: &Probe) -> Option<Value> {
    let port = |port: &IntOrString| match port {
        IntOrString::Int(number) => json!(number),
        IntOrString::String(name) => json!(name),
    };
    if let Some(http) = &probe.http_get {
        let mut get = json!({ "path": http.path, "port": port(&http.port) });
        if !http.scheme.is_empty() {
            get["scheme"] = json!(http.scheme);
        }
        return Some(json!({ "httpGet": get }));
    }
    if let Some(tcp) = &probe.tcp_socket {
        return Some(json!({ "tcpSocket": { "port": port(&tcp.port) } }));
    }
    if let Some(exec) = &probe.exec {
        return Some(json!({ "exec": { "command": exec.command } }));
    }
    probe.grpc.as_ref().map(|grpc| json!({ "grpc": { "port": grpc.port, "service": grpc.service } }))
}

fn timing(scan: &mut Scan<'_>) {
    each(scan, |scan, workload, at| {
        for (name, probe) in probes(at.container) {
            let (period, timeout) = (probe.period(), probe.timeout());
            // 1 second is the smallest of both: nothing to lower there.
            if timeout >= period && (timeout, period) != (1, 1) {
                scan.container(
                    workload,
                    at,
                    format!("{name} waits {timeout} s for an answer but asks every {period} s"),
                )
                .field(&format!("{name}.timeoutSeconds"))
                .patch(workload.container_patch(at, json!({ name: { "periodSeconds": timeout + 1 } })));
            }
        }
        let Some(live) = &at.container.liveness_probe else { return };
        if live.failures() * live.period() < 10 {
            let failures = (10 + live.period() - 1) / live.period();
            scan.container(
                workload,
                at,
                format!(
                    "liveness restarts the container after {} s without an answer",
                    live.failures() * live.period()
                ),
            )
            .field("livenessProbe.failureThreshold")
            .patch(workload.container_patch(at, json!({ "livenessProbe": { "failureThreshold": failures } })));
        }
        let delay = live.delay();
        if delay > 60 && at.container.startup_probe.is_none() {
            let patch = handler(live).map(|mut startup| {
                startup["periodSeconds"] = json!(10);
                startup["failureThreshold"] = json!((delay + 9) / 10 + 3);
                workload.container_patch(
                    at,
                    json!({ "startupProbe": startup, "livenessProbe": { "initialDelaySeconds": null } }),
                )
            });
            scan.container(workload, at, format!("liveness waits {delay} s at every start, also after a crash"))
                .field("livenessProbe.initialDelaySeconds")
                .maybe_patch(patch);
        }
    });
}
