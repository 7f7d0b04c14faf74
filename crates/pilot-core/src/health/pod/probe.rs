//! Probes that fail (HLT-110, HLT-111, HLT-112).

use serde_json::{Value, json};

use super::Case;
use super::crash::{ends_by_itself, log_of};
use crate::finding::{EvidenceSource, Patch};
use crate::health::catalogue::{LIVENESS_FAILS, READINESS_FAILS, Rule, STARTUP_FAILS};
use crate::health::draft::{Draft, container_patch};
use crate::health::world::{container, seconds_since};
use crate::logs::LogReport;
use crate::model::{Container, ContainerStatus, Event, IntOrString, Probe, condition};

/// Which probe of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Liveness,
    Readiness,
    Startup,
}

impl Which {
    fn word(self) -> &'static str {
        match self {
            Self::Liveness => "Liveness",
            Self::Readiness => "Readiness",
            Self::Startup => "Startup",
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::Liveness => "livenessProbe",
            Self::Readiness => "readinessProbe",
            Self::Startup => "startupProbe",
        }
    }

    fn of(self, container: &Container) -> Option<&Probe> {
        match self {
            Self::Liveness => container.liveness_probe.as_ref(),
            Self::Readiness => container.readiness_probe.as_ref(),
            Self::Startup => container.startup_probe.as_ref(),
        }
    }
}

pub fn startup(case: &Case<'_>) -> Option<Draft> {
    let event = failure(case, Which::Startup, 3600)?;
    let (list, status) = concerned(case, Which::Startup, event, |s| s.started != Some(true))?;
    Some(draft(case, Which::Startup, &STARTUP_FAILS, list, status, Some(event)))
}

pub fn liveness(case: &Case<'_>) -> Option<Draft> {
    let event = failure(case, Which::Liveness, 3600)?;
    let (list, status) = concerned(case, Which::Liveness, event, |s| s.restart_count > 0)?;
    Some(draft(case, Which::Liveness, &LIVENESS_FAILS, list, status, Some(event)))
}

pub fn readiness(case: &Case<'_>) -> Option<Draft> {
    if case.pod.status.phase != "Running" {
        return None;
    }
    let event = failure(case, Which::Readiness, i64::MAX);
    let unready = |s: &ContainerStatus| !s.ready && s.state.running.is_some();
    let (list, status) = match event {
        Some(event) => concerned(case, Which::Readiness, event, unready)?,
        None => case.containers().find(|(list, s)| {
            *list == "containers"
                && unready(s)
                && container(case.pod, &s.name).is_some_and(|c| c.readiness_probe.is_some())
        })?,
    };
    // A container that has only just started is given the time its probe allows for.
    let running = status.state.running.as_ref().map_or(0, |r| seconds_since(case.world.now, r.started_at));
    let grace = container(case.pod, &status.name)
        .and_then(|c| c.readiness_probe.as_ref())
        .map_or(0, |p| p.initial_delay_seconds.unwrap_or(0) + p.period() * p.failures());
    if event.is_none() && running <= grace {
        return None;
    }
    Some(draft(case, Which::Readiness, &READINESS_FAILS, list, status, event))
}

/// The newest failure event of this probe, not older than `within` seconds.
fn failure<'w>(case: &Case<'w>, which: Which, within: i64) -> Option<&'w Event> {
    let prefix = format!("{} probe", which.word());
    case.world
        .pod_events(case.pod)
        .iter()
        .rev()
        .find(|e| e.reason == "Unhealthy" && e.message.starts_with(&prefix))
        .copied()
        .filter(|e| seconds_since(case.world.now, e.last_seen()) <= within)
}

/// The container the event is about: the one with such a probe for which `suffers` holds, and that the probe is what is wrong with.
fn concerned<'w>(
    case: &Case<'w>,
    which: Which,
    _event: &Event,
    suffers: impl Fn(&ContainerStatus) -> bool,
) -> Option<(&'static str, &'w ContainerStatus)> {
    case.containers().find(|(_, s)| {
        let has_probe = container(case.pod, &s.name).is_some_and(|c| which.of(c).is_some());
        suffers(s) && has_probe && !ends_by_itself(case, s)
    })
}

fn draft(
    case: &Case<'_>,
    which: Which,
    rule: &'static Rule,
    list: &'static str,
    status: &ContainerStatus,
    event: Option<&Event>,
) -> Draft {
    let name = status.name.as_str();
    let spec = container(case.pod, name);
    let probe = spec.and_then(|c| which.of(c));
    let text = event.map_or("", |e| e.message.as_str());
    let verdict = judge(case, which, list, name, spec, probe, text);
    let mut draft =
        Draft::new(rule, format!("{} probe of container {name} fails: {}", which.word().to_lowercase(), verdict.cause))
            .container(name)
            .field(case.field(list, name, which.field()));
    if let Some(event) = event {
        draft = draft.event(event);
    }
    if let Some(probe) = probe {
        draft = draft.seen(EvidenceSource::Spec, which.field(), describe(probe));
    }
    draft = draft.seen(
        EvidenceSource::Status,
        format!("{list}[{name}]"),
        format!("ready={}, restarts={}", status.ready, status.restart_count),
    );
    if let Some(ready) = condition(&case.pod.status.conditions, "Ready")
        && which == Which::Readiness
    {
        draft = draft.seen(EvidenceSource::Status, "status.conditions[Ready]", ready.message.clone());
    }
    let report = log_of(case, name);
    if let Some(group) = report.as_ref().and_then(LogReport::top) {
        draft = draft.seen(EvidenceSource::Log, name, group.example.clone());
    }
    match verdict.patch {
        Some(patch) => draft.patch(verdict.advice, Some(patch)).risk("restarts the pods of the workload"),
        None => draft.advice(verdict.advice, verdict.no_patch),
    }
}

struct Verdict {
    cause: String,
    advice: String,
    patch: Option<Patch>,
    no_patch: String,
}

fn judge(
    case: &Case<'_>,
    which: Which,
    list: &str,
    name: &str,
    spec: Option<&Container>,
    probe: Option<&Probe>,
    text: &str,
) -> Verdict {
    let plain = |cause: String, advice: &str, no_patch: &str| Verdict {
        cause,
        advice: advice.to_owned(),
        patch: None,
        no_patch: no_patch.to_owned(),
    };
    let change = |patch: Value| container_patch(case.root, list, name, json!({which.field(): patch}));
    let port = probe.and_then(Probe::port);
    let declared: Vec<i64> = spec.map_or_else(Vec::new, |c| c.ports.iter().map(|p| p.container_port).collect());
    let undeclared = match (&port, spec) {
        (Some(IntOrString::Int(n)), _) => !declared.is_empty() && !declared.contains(n),
        (Some(IntOrString::String(wanted)), Some(c)) => !c.ports.iter().any(|p| p.name == *wanted),
        _ => false,
    };
    let lower = text.to_ascii_lowercase();
    let code = lower
        .find("statuscode: ")
        .and_then(|at| lower[at + "statuscode: ".len()..].get(..3))
        .and_then(|c| c.parse::<u16>().ok());
    let port_text = port.as_ref().map_or_else(String::new, ToString::to_string);
    if undeclared && code.is_none() {
        let cause = format!("it asks port {port_text}, which the container does not declare");
        return match declared.as_slice() {
            [only] => Verdict {
                cause,
                advice: format!("Probe port {only}, the one the container declares."),
                patch: probe.and_then(|p| port_change(p, *only)).and_then(change),
                no_patch: "the probe has no port".to_owned(),
            },
            _ => {
                plain(cause, "Probe one of the ports that the container listens on.", "more than one port is declared")
            }
        };
    }
    match code {
        Some(404) => {
            let sibling = spec.and_then(|c| {
                [Which::Readiness, Which::Liveness, Which::Startup].into_iter().filter(|w| *w != which).find_map(|w| {
                    let path = &w.of(c)?.http_get.as_ref()?.path;
                    let fails = failure(case, w, 3600).is_some();
                    (!fails && Some(path) != probe.and_then(|p| p.http_get.as_ref()).map(|h| &h.path)).then_some(path)
                })
            });
            let path = probe.and_then(|p| p.http_get.as_ref()).map_or("", |h| h.path.as_str());
            Verdict {
                cause: format!("path {path} does not exist (HTTP 404)"),
                advice: match sibling {
                    Some(sibling) => {
                        format!("The sibling probe's path {sibling} answers: use it, or the program's own health path.")
                    }
                    None => "Use a path that the program serves.".to_owned(),
                },
                patch: sibling.and_then(|sibling| {
                    change(json!({"httpGet": {"path": sibling, "port": port_value(port.as_ref())}}))
                }),
                no_patch: "which path reports health is the program's choice".to_owned(),
            }
        }
        Some(code @ (401 | 403)) => plain(
            format!("the path wants a login (HTTP {code})"),
            "Serve health without login, or probe another path.",
            "the program decides",
        ),
        Some(code @ 500..=599) => plain(
            format!("the program itself says it is not well (HTTP {code})"),
            "Look at what its health check asks: most often the database. Liveness must not ask dependencies.",
            "the probe does its work; the cause is behind it",
        ),
        Some(code) => plain(format!("HTTP {code}"), "Use a path that answers 200 to 399.", "the program decides"),
        None if lower.contains("connection refused") => plain(
            format!(
                "nothing listens on port {port_text}: the program listens elsewhere, only on localhost, or has not started yet"
            ),
            "Compare with the port and address that the program logs; bind to 0.0.0.0; give slow starts a startupProbe.",
            "the port the program really listens on is not known",
        ),
        None if lower.contains("deadline exceeded") || lower.contains("timeout") || lower.contains("timed out") => {
            let seconds = probe.map_or(1, Probe::timeout);
            Verdict {
                cause: format!("no answer within {seconds} s"),
                advice: format!(
                    "Allow {} s; then look at why the program is slow (CPU limit, dependency).",
                    (seconds * 3).clamp(3, 30)
                ),
                patch: change(json!({"timeoutSeconds": (seconds * 3).clamp(3, 30)})),
                no_patch: String::new(),
            }
        }
        None if text.is_empty() => plain(
            "it has not succeeded yet".to_owned(),
            "Call the probe's address inside the pod and look at the answer.",
            "no event says how it fails",
        ),
        None if probe.is_some_and(|p| p.exec.is_some()) => plain(
            "its command fails".to_owned(),
            "Run the command in the container and read what it prints.",
            "the command is the program's own",
        ),
        None => plain(
            text.split_once(": ").map_or(text, |(_, rest)| rest).trim().to_owned(),
            "Read the message.",
            "the cause is not of a known kind",
        ),
    }
}

fn port_value(port: Option<&IntOrString>) -> Value {
    match port {
        Some(IntOrString::Int(n)) => json!(n),
        Some(IntOrString::String(s)) => json!(s),
        None => Value::Null,
    }
}

fn port_change(probe: &Probe, port: i64) -> Option<Value> {
    if probe.http_get.is_some() {
        Some(json!({"httpGet": {"port": port}}))
    } else if probe.tcp_socket.is_some() {
        Some(json!({"tcpSocket": {"port": port}}))
    } else {
        probe.grpc.as_ref().map(|_| json!({"grpc": {"port": port}}))
    }
}

fn describe(probe: &Probe) -> String {
    let what = if let Some(http) = &probe.http_get {
        format!("GET {} on port {}", http.path, http.port)
    } else if let Some(tcp) = &probe.tcp_socket {
        format!("TCP port {}", tcp.port)
    } else if let Some(grpc) = &probe.grpc {
        format!("gRPC port {}", grpc.port)
    } else {
        "command".to_owned()
    };
    format!("{what}, every {} s, timeout {} s, {} failures", probe.period(), probe.timeout(), probe.failures())
}
