//! `get`: objects of a kind in a few columns.

use pilot_core::health::World;
use pilot_core::model::{LabelSelector, Labels, ObjectMeta, Pod, Service};
use pilot_core::snapshot::Snapshot;
use serde_json::{Value, json};

use super::{Ask, analyze};
use crate::cli::Get;
use crate::cluster::{KINDS, find_kind};
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Report, Tone};
use pilot_core::finding::Severity;

pub async fn run(ask: &Ask, args: Get) -> Result<Outcome, Error> {
    let Some(kind) = find_kind(&args.kind) else {
        let known = KINDS.iter().filter(|k| !k.api_version.starts_with("metrics")).map(|k| k.plural);
        let meant = pilot_core::nearest::nearest(&args.kind.to_ascii_lowercase(), known)
            .map(|m| format!("; did you mean {m}?"))
            .unwrap_or_default();
        return Err(Error::Usage(format!("{:?} is not a kind that pilot knows{meant}", args.kind)));
    };
    let selector = labels(args.selector.as_deref().unwrap_or(""))?;
    let loaded = ask.load(Wanted::objects().only(&[kind.kind, "Pod", "ReplicaSet", "Node"])).await?;
    let snapshot = &loaded.snapshot;
    let world = World::new(snapshot);
    if let Some(gap) = snapshot.gaps.iter().find(|g| g.kind == kind.kind) {
        return Err(Error::Forbidden(format!("{} cannot be listed (HTTP {})", kind.plural, gap.code)));
    }
    let wanted = |meta: &&ObjectMeta| {
        meta.kind == kind.kind
            && ask.namespace().is_none_or(|n| meta.namespace == n || meta.namespace.is_empty())
            && args.name.as_ref().is_none_or(|n| meta.name == *n)
            && args.name_part.as_ref().is_none_or(|part| meta.name.contains(part.as_str()))
            && selector.matches(&meta.labels)
            && fits(&world, meta, &args)
    };
    let found: Vec<&ObjectMeta> = snapshot.all().filter(wanted).collect();
    if let (Some(name), true) = (&args.name, found.is_empty()) {
        let names = snapshot.all().filter(|m| m.kind == kind.kind).map(|m| m.name.as_str());
        let meant =
            pilot_core::nearest::nearest(name, names).map(|m| format!("; did you mean {m:?}?")).unwrap_or_default();
        return Err(Error::NotFound(format!("there is no {} called {name:?}{meant}", kind.kind)));
    }
    let mut report = Report::new("");
    if args.count {
        report.text(found.len().to_string());
        analyze::gaps(&mut report, snapshot);
        report.data = json!({"kind": "Count", "of": kind.kind, "count": found.len()});
        return ask.answer(&report);
    }
    let (extra, describe) = columns(kind.kind);
    let mut head: Vec<&str> = if kind.namespaced { vec!["NAMESPACE", "NAME"] } else { vec!["NAME"] };
    head.extend(extra);
    head.push("AGE");
    let mut items = Vec::new();
    let rows = found.iter().map(|meta| {
        let mut row = if kind.namespaced { vec![Cell::new(&meta.namespace)] } else { Vec::new() };
        row.push(Cell::new(&meta.name));
        let cells = describe(&world, meta);
        let mut item = json!({"kind": meta.kind, "namespace": meta.namespace, "name": meta.name, "labels": meta.labels, "created": meta.creation_timestamp.map(|t| t.to_string())});
        for (name, cell) in extra.iter().zip(&cells) {
            item[name.to_ascii_lowercase().replace('-', "")] = Value::String(cell.text.clone());
        }
        items.push(item);
        row.extend(cells);
        row.push(Cell::number(meta.age_seconds(snapshot.taken_at).map_or_else(|| "–".to_owned(), age)));
        row
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    if rows.is_empty() {
        report.text(format!("no {}", kind.plural));
    } else {
        report.table(&head, rows);
    }
    analyze::gaps(&mut report, snapshot);
    report.data = json!({"kind": format!("{}List", kind.kind), "items": items});
    ask.answer(&report)
}

/// Whether an object is in the state that is asked for.
fn fits(world: &World<'_>, meta: &ObjectMeta, args: &Get) -> bool {
    let well = |cells: &[Cell]| cells.first().is_some_and(|cell| cell.tone == Tone::Good);
    if args.healthy || args.unhealthy {
        let (_, describe) = columns(meta.kind.as_str());
        if well(&describe(world, meta)) != args.healthy {
            return false;
        }
    }
    if args.status.is_none() && args.min_restarts.is_none() && args.max_restarts.is_none() {
        return true;
    }
    let Some(found) = world.pod(&meta.namespace, &meta.name).filter(|_| meta.kind == "Pod") else { return false };
    let cells = pod(found);
    let restarts: i64 = found.status.container_statuses.iter().map(|s| s.restart_count).sum();
    args.status.as_ref().is_none_or(|s| {
        found.status.phase.eq_ignore_ascii_case(s) && s.eq_ignore_ascii_case("Pending")
            || cells.get(1).is_some_and(|c| c.text.eq_ignore_ascii_case(s))
    }) && args.min_restarts.is_none_or(|n| restarts >= n)
        && args.max_restarts.is_none_or(|n| restarts <= n)
}

/// `a=b,c!=d,e,!f`.
fn labels(text: &str) -> Result<LabelSelector, Error> {
    use pilot_core::model::{Operator, Requirement};
    let mut selector = LabelSelector::default();
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let requirement =
            |key: &str, operator, values: Vec<String>| Requirement { key: key.trim().to_owned(), operator, values };
        if let Some((key, value)) = part.split_once("!=") {
            selector.match_expressions.push(requirement(key, Operator::NotIn, vec![value.trim().to_owned()]));
        } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
            selector.match_labels.insert(key.trim().to_owned(), value.trim().to_owned());
        } else if let Some(key) = part.strip_prefix('!') {
            selector.match_expressions.push(requirement(key, Operator::DoesNotExist, Vec::new()));
        } else if part.contains(char::is_whitespace) {
            return Err(Error::Usage(format!("--selector {text:?}: write key=value,key!=value,key,!key")));
        } else {
            selector.match_expressions.push(requirement(part, Operator::Exists, Vec::new()));
        }
    }
    Ok(selector)
}

/// `5d`, `3h`, `12m`, `40s`.
pub fn age(seconds: i64) -> String {
    match seconds {
        172_800.. => format!("{}d", seconds / 86_400),
        7_200.. => format!("{}h", seconds / 3_600),
        120.. => format!("{}m", seconds / 60),
        _ => format!("{}s", seconds.max(0)),
    }
}

type Describe = fn(&World<'_>, &ObjectMeta) -> Vec<Cell>;

fn columns(kind: &str) -> (&'static [&'static str], Describe) {
    match kind {
        "Pod" => (&["READY", "STATUS", "RESTARTS", "NODE", "IMAGES"], |w, m| {
            w.pod(&m.namespace, &m.name).map(pod).unwrap_or_default()
        }),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => (&["READY", "IMAGES"], |w, m| workload(w, m)),
        "Service" => (&["TYPE", "CLUSTER-IP", "PORTS", "READY-PODS", "REACH-AT"], |w, m| {
            w.service(&m.namespace, &m.name).map(|s| service(w, s)).unwrap_or_default()
        }),
        "Node" => (&["STATUS", "CPU", "MEMORY", "PODS", "VERSION"], |w, m| node(w, &m.name)),
        "PersistentVolumeClaim" => (&["STATUS", "SIZE", "CLASS"], |w, m| claim(w.snapshot, m)),
        "Job" => (&["SUCCEEDED", "FAILED"], |w, m| job(w.snapshot, m)),
        _ => (&["LABELS"], |_, m| vec![Cell::new(label_text(&m.labels))]),
    }
}

fn label_text(labels: &Labels) -> String {
    labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",")
}

fn pod(pod: &Pod) -> Vec<Cell> {
    let statuses = &pod.status.container_statuses;
    let ready = statuses.iter().filter(|s| s.ready).count();
    let restarts: i64 = statuses.iter().map(|s| s.restart_count).sum();
    let waiting = pod.status.all_containers().find_map(|s| {
        let state = &s.state;
        state
            .waiting
            .as_ref()
            .map(|w| w.reason.clone())
            .or_else(|| state.terminated.as_ref().filter(|t| t.exit_code != 0).map(|t| t.reason.clone()))
    });
    let status = if pod.metadata.deletion_timestamp.is_some() {
        "Terminating".to_owned()
    } else if pod.status.reason.is_empty() {
        waiting.unwrap_or_else(|| pod.status.phase.clone())
    } else {
        pod.status.reason.clone()
    };
    let well = matches!(status.as_str(), "Running" | "Succeeded" | "Completed")
        && (pod.status.is_ready() || pod.status.phase == "Succeeded");
    let tone = if well { Tone::Good } else { Tone::Severity(Severity::High) };
    vec![
        Cell::new(format!("{ready}/{}", pod.spec.containers.len())).tone(tone),
        Cell::new(status).tone(tone),
        Cell::number(restarts),
        Cell::new(&pod.spec.node_name),
        Cell::new(pod.spec.containers.iter().map(|c| c.image.as_str()).collect::<Vec<_>>().join(", ")),
    ]
}

fn workload(world: &World<'_>, meta: &ObjectMeta) -> Vec<Cell> {
    let object = meta.object_ref();
    let s = world.snapshot;
    let is = |m: &ObjectMeta| m.namespace == meta.namespace && m.name == meta.name;
    let (ready, desired) = match meta.kind.as_str() {
        "Deployment" => s
            .deployments
            .iter()
            .find(|d| is(&d.metadata))
            .map_or((0, 0), |d| (d.status.ready_replicas, d.spec.replicas.unwrap_or(1))),
        "StatefulSet" => s
            .stateful_sets
            .iter()
            .find(|d| is(&d.metadata))
            .map_or((0, 0), |d| (d.status.ready_replicas, d.spec.replicas.unwrap_or(1))),
        "DaemonSet" => s
            .daemon_sets
            .iter()
            .find(|d| is(&d.metadata))
            .map_or((0, 0), |d| (d.status.number_ready, d.status.desired_number_scheduled)),
        _ => s
            .replica_sets
            .iter()
            .find(|d| is(&d.metadata))
            .map_or((0, 0), |d| (d.status.ready_replicas, d.spec.replicas.unwrap_or(1))),
    };
    let images = world
        .template(&object)
        .map(|t| t.spec.containers.iter().map(|c| c.image.as_str()).collect::<Vec<_>>().join(", "))
        .unwrap_or_default();
    let tone = if ready >= desired { Tone::Good } else { Tone::Severity(Severity::High) };
    vec![Cell::new(format!("{ready}/{desired}")).tone(tone), Cell::new(images)]
}

fn service(world: &World<'_>, service: &Service) -> Vec<Cell> {
    let spec = &service.spec;
    let ports: Vec<String> = spec
        .ports
        .iter()
        .map(|p| match p.node_port {
            Some(node) => format!("{}:{node}/{}", p.port, p.protocol()),
            None => format!("{}/{}", p.port, p.protocol()),
        })
        .collect();
    let pods = world.selected(service);
    let ready = pods.iter().filter(|p| p.status.is_ready()).count();
    let tone = if ready == 0 && !spec.selector.is_empty() { Tone::Severity(Severity::High) } else { Tone::Plain };
    let node =
        world.snapshot.nodes.iter().flat_map(|n| &n.status.addresses).find(|a| a.type_ == "ExternalIP").or_else(|| {
            world.snapshot.nodes.iter().flat_map(|n| &n.status.addresses).find(|a| a.type_ == "InternalIP")
        });
    let mut reach: Vec<String> = service
        .status
        .load_balancer
        .ingress
        .iter()
        .flat_map(|i| [&i.ip, &i.hostname])
        .filter(|a| !a.is_empty())
        .flat_map(|a| spec.ports.iter().map(move |p| format!("http://{a}:{}", p.port)))
        .collect();
    if let Some(node) = node {
        reach.extend(
            spec.ports.iter().filter_map(|p| p.node_port).map(|port| format!("http://{}:{port}", node.address)),
        );
    }
    vec![
        Cell::new(service.type_()),
        Cell::new(&spec.cluster_ip),
        Cell::new(ports.join(",")),
        Cell::new(format!("{ready}/{}", pods.len())).tone(tone),
        Cell::new(reach.join(", ")),
    ]
}

fn node(world: &World<'_>, name: &str) -> Vec<Cell> {
    let Some(node) = world.node(name) else { return Vec::new() };
    let ready = pilot_core::model::condition(&node.status.conditions, "Ready").is_some_and(|c| c.is_true());
    let mut status = if ready { "Ready".to_owned() } else { "NotReady".to_owned() };
    if node.spec.unschedulable {
        status += ",SchedulingDisabled";
    }
    let amount = |resource: &str| node.status.allocatable.get(resource).map(ToString::to_string).unwrap_or_default();
    vec![
        Cell::new(status).tone(if ready { Tone::Good } else { Tone::Severity(Severity::Critical) }),
        Cell::number(amount("cpu")),
        Cell::number(amount("memory")),
        Cell::number(world.pods_on(name).count()),
        Cell::new(&node.status.node_info.kubelet_version),
    ]
}

fn claim(snapshot: &Snapshot, meta: &ObjectMeta) -> Vec<Cell> {
    let found = snapshot.claims.iter().find(|c| c.metadata.namespace == meta.namespace && c.metadata.name == meta.name);
    found.map_or_else(Vec::new, |claim| {
        let size = claim.status.capacity.get("storage").or_else(|| claim.spec.resources.requests.get("storage"));
        vec![
            Cell::new(&claim.status.phase),
            Cell::number(size.map(ToString::to_string).unwrap_or_default()),
            Cell::new(claim.spec.storage_class_name.clone().unwrap_or_default()),
        ]
    })
}

fn job(snapshot: &Snapshot, meta: &ObjectMeta) -> Vec<Cell> {
    let found = snapshot.jobs.iter().find(|j| j.metadata.namespace == meta.namespace && j.metadata.name == meta.name);
    found.map_or_else(Vec::new, |job| vec![Cell::number(job.status.succeeded), Cell::number(job.status.failed)])
}
