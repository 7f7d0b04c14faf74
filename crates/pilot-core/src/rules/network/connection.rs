//! Whether one workload can reach another, as the objects say: Service, ready pods, ports, network policies on both sides.

use serde::Serialize;

use super::reach::{End, egress_allowed, ingress_allowed, isolating};
use crate::config::Config;
use crate::model::{NetworkPolicy, ObjectRef};
use crate::rules::{Context, Workload};
use crate::snapshot::Snapshot;

/// One way to the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// The workload at its end.
    pub to: ObjectRef,
    /// Port of the pods.
    pub port: i64,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// Whether a connection gets through.
    pub open: bool,
    /// Why not, or what lets it through.
    pub why: String,
}

/// What was found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Every port and workload that is meant.
    pub ways: Vec<Way>,
    /// What the objects do not tell.
    pub doubts: Vec<String>,
}

impl Connection {
    /// Whether every way is open, and there is one.
    pub fn is_open(&self) -> bool {
        !self.ways.is_empty() && self.ways.iter().all(|way| way.open)
    }
}

/// Judges the connection from a workload or pod to a Service, workload or pod; `port` is the Service's or the pods'.
///
/// # Errors
/// When an end is nothing that connects, or which port is meant is not said.
pub fn connection(
    snapshot: &Snapshot,
    from: &ObjectRef,
    to: &ObjectRef,
    port: Option<u16>,
) -> Result<Connection, String> {
    let config = Config { include_system: true, ..Config::default() };
    let ctx = Context::new(snapshot, &config);
    let source = workload(&ctx, from).ok_or_else(|| format!("{from} has no pods that connect"))?;
    let mut found = Connection::default();
    for (target, port, protocol) in targets(&ctx, to, port.map(i64::from))? {
        let (open, why) = judged(&ctx, source, target, port, &protocol);
        found.ways.push(Way { to: target.meta.object_ref(), port, protocol, open, why });
    }
    if ctx.snapshot.network_policies.iter().any(|policy| concerns(policy, &found, from)) {
        found.doubts.push("policies hold only where the network plugin enforces them".to_owned());
    }
    if source.spec.host_network {
        found.doubts.push(format!("{from} is on the host's network: policies see the node, not the pod"));
    }
    Ok(found)
}

fn concerns(policy: &NetworkPolicy, found: &Connection, from: &ObjectRef) -> bool {
    let namespace = &policy.metadata.namespace;
    *namespace == from.namespace || found.ways.iter().any(|way| way.to.namespace == *namespace)
}

fn workload<'c, 'a>(ctx: &'c Context<'a>, object: &ObjectRef) -> Option<&'c Workload<'a>> {
    ctx.all_workloads.iter().find(|w| {
        let is_it = w.meta.kind == object.kind && w.meta.name == object.name && w.meta.namespace == object.namespace;
        let has_it =
            || w.pods.iter().any(|p| p.metadata.name == object.name && p.metadata.namespace == object.namespace);
        is_it || (object.kind == "Pod" && has_it())
    })
}

type Target<'c, 'a> = (&'c Workload<'a>, i64, String);

/// The workloads and ports behind the target.
fn targets<'c, 'a>(ctx: &'c Context<'a>, to: &ObjectRef, port: Option<i64>) -> Result<Vec<Target<'c, 'a>>, String> {
    if to.kind != "Service" {
        let target = workload(ctx, to).ok_or_else(|| format!("{to} has no pods to connect to"))?;
        let declared = target.spec.long_running().flat_map(|at| &at.container.ports);
        let declared: Vec<(i64, String)> = declared.map(|p| (p.container_port, p.protocol().to_owned())).collect();
        let ports = match port {
            // A port need not be declared to be open.
            Some(port) => {
                let protocol =
                    declared.iter().find(|(p, _)| *p == port).map_or("TCP", |(_, protocol)| protocol.as_str());
                vec![(port, protocol.to_owned())]
            }
            None if declared.is_empty() => return Err(format!("{to} declares no port: say which one is meant")),
            None => declared,
        };
        return Ok(ports.into_iter().map(|(port, protocol)| (target, port, protocol)).collect());
    }
    let service = ctx.services.get(&(to.namespace.as_str(), to.name.as_str()));
    let service = service.ok_or_else(|| format!("there is no {to}"))?;
    if service.spec.selector.is_empty() {
        return Err(format!("{to} has no selector: where it leads does not follow from the objects"));
    }
    let behind: Vec<_> = ctx
        .all_workloads
        .iter()
        .filter(|w| w.services.iter().any(|s| s.metadata.name == to.name))
        .filter(|w| w.meta.namespace == to.namespace)
        .collect();
    if behind.is_empty() {
        return Err(format!("{to} selects no pods: nothing answers there"));
    }
    let wanted: Vec<_> = service.spec.ports.iter().filter(|p| port.is_none_or(|port| p.port == port)).collect();
    if wanted.is_empty() {
        let ports: Vec<String> = service.spec.ports.iter().map(|p| p.port.to_string()).collect();
        return Err(format!("{to} has no such port; it has {}", ports.join(", ")));
    }
    let mut found = Vec::new();
    for wanted in wanted {
        for target in &behind {
            let resolved = target.spec.resolve_port(&wanted.target(), wanted.protocol());
            // A name that no container has leads nowhere: port 0 is never open.
            found.push((*target, resolved.unwrap_or(0), wanted.protocol().to_owned()));
        }
    }
    Ok(found)
}

fn judged(
    ctx: &Context<'_>,
    source: &Workload<'_>,
    target: &Workload<'_>,
    port: i64,
    protocol: &str,
) -> (bool, String) {
    if port == 0 {
        return (false, "the Service's target port is a name that no container has".to_owned());
    }
    if ctx.is_live() && !target.pods.iter().any(|pod| pod.status.is_ready()) {
        return (false, "no pod of it is ready".to_owned());
    }
    let addresses = |w: &Workload<'_>| {
        w.pods.iter().map(|p| p.status.pod_ip.clone()).filter(|ip| !ip.is_empty()).collect::<Vec<_>>()
    };
    let (ours, theirs) = (addresses(source), addresses(target));
    let (ours, theirs): (Vec<&str>, Vec<&str>) =
        (ours.iter().map(String::as_str).collect(), theirs.iter().map(String::as_str).collect());
    let from = End { ips: &ours, ..End::of(source) };
    let to = End { ips: &theirs, ..End::of(target) };
    let names = |policies: Vec<&NetworkPolicy>| {
        policies.iter().map(|p| format!("{}/{}", p.metadata.namespace, p.metadata.name)).collect::<Vec<_>>().join(", ")
    };
    let (out, into) = (isolating(ctx, from, "Egress"), isolating(ctx, to, "Ingress"));
    if !egress_allowed(ctx, from, to, port, protocol) {
        return (false, format!("egress of {} is limited by {} and none allows it", source.meta.name, names(out)));
    }
    if !ingress_allowed(ctx, from, to, port, protocol) {
        return (false, format!("ingress of {} is limited by {} and none allows it", target.meta.name, names(into)));
    }
    let limits = [names(out), names(into)].into_iter().filter(|n| !n.is_empty()).collect::<Vec<_>>().join(", ");
    (true, if limits.is_empty() { "no policy limits it".to_owned() } else { format!("allowed by {limits}") })
}
