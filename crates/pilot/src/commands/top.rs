//! `top pods|nodes`: usage now, beside requests and limits.

use pilot_core::health::share;
use pilot_core::quantity::Quantity;
use serde_json::json;

use super::Ask;
use crate::cli::Top;
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Bar, Cell, Metric, Part, Report};

struct Row {
    namespace: String,
    name: String,
    cpu: Quantity,
    memory: Quantity,
    cpu_of: Quantity,
    memory_of: Quantity,
}

pub async fn run(ask: &Ask, args: Top) -> Result<Outcome, Error> {
    let pods = match args.what.as_str() {
        "pod" | "pods" | "po" => true,
        "node" | "nodes" | "no" => false,
        other => return Err(Error::Usage(format!("top {other:?}: use pods or nodes"))),
    };
    let by_memory = match args.sort.as_str() {
        "cpu" => false,
        "memory" | "mem" => true,
        other => return Err(Error::Usage(format!("--sort {other:?}: use cpu or memory"))),
    };
    let loaded = ask.load(Wanted::usage().only(&["Pod", "Node", "PodMetrics", "NodeMetrics"])).await?;
    let snapshot = &loaded.snapshot;
    let amount =
        |usage: &pilot_core::model::Resources, resource: &str| usage.get(resource).copied().unwrap_or_default();
    let mut rows: Vec<Row> = if pods {
        let wanted = snapshot.pod_metrics.iter().filter(|m| ask.namespace().is_none_or(|n| m.metadata.namespace == n));
        let of = |name: &str| {
            args.of
                .as_ref()
                .is_none_or(|of| name.strip_prefix(of.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('-')))
        };
        wanted
            .filter(|m| of(&m.metadata.name))
            .map(|m| {
                let sum = |resource: &str| {
                    m.containers.iter().map(|c| amount(&c.usage, resource)).fold(Quantity::default(), |a, b| a + b)
                };
                let pod = snapshot
                    .pods
                    .iter()
                    .find(|p| p.metadata.namespace == m.metadata.namespace && p.metadata.name == m.metadata.name);
                let asked = |resource: &str| pod.map(|p| p.spec.scheduled_request(resource)).unwrap_or_default();
                Row {
                    namespace: m.metadata.namespace.clone(),
                    name: m.metadata.name.clone(),
                    cpu: sum("cpu"),
                    memory: sum("memory"),
                    cpu_of: asked("cpu"),
                    memory_of: asked("memory"),
                }
            })
            .collect()
    } else {
        snapshot
            .node_metrics
            .iter()
            .map(|m| {
                let node = snapshot.nodes.iter().find(|n| n.metadata.name == m.metadata.name);
                let all =
                    |resource: &str| node.and_then(|n| n.status.allocatable.get(resource).copied()).unwrap_or_default();
                Row {
                    namespace: String::new(),
                    name: m.metadata.name.clone(),
                    cpu: amount(&m.usage, "cpu"),
                    memory: amount(&m.usage, "memory"),
                    cpu_of: all("cpu"),
                    memory_of: all("memory"),
                }
            })
            .collect()
    };
    if rows.is_empty() {
        let denied = snapshot.gaps.iter().find(|g| g.kind.ends_with("Metrics"));
        return Err(match denied {
            Some(gap) => Error::Forbidden(format!("usage cannot be read (HTTP {})", gap.code)),
            None => Error::NotFound("there are no metrics: install metrics-server (minikube addons enable metrics-server) and wait a minute".to_owned()),
        });
    }
    rows.sort_by(|a, b| {
        let order = if by_memory { b.memory.cmp(&a.memory) } else { b.cpu.cmp(&a.cpu) };
        let order = if args.least { order.reverse() } else { order };
        order.then_with(|| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)))
    });
    rows.truncate(args.limit.unwrap_or(usize::MAX));
    let of = if pods { "REQUEST" } else { "ALLOCATABLE" };
    let percent = |part: Quantity, whole: Quantity| {
        if whole.is_zero() { "–".to_owned() } else { format!("{} %", share(part, whole)) }
    };
    let mib = |q: Quantity| format!("{}Mi", q.units() / 1_048_576);
    let mut report = Report::new("");
    let table = rows.iter().map(|r| {
        let mut row = if pods { vec![Cell::new(&r.namespace)] } else { Vec::new() };
        row.extend([
            Cell::new(&r.name),
            Cell::number(format!("{}m", r.cpu.milli())),
            Cell::number(percent(r.cpu, r.cpu_of)),
            Cell::number(mib(r.memory)),
            Cell::number(percent(r.memory, r.memory_of)),
        ]);
        row
    });
    let (cpu_of, memory_of) = (format!("CPU/{of}"), format!("MEMORY/{of}"));
    let mut head = if pods { vec!["NAMESPACE"] } else { Vec::new() };
    head.extend(["NAME", "CPU", &cpu_of, "MEMORY", &memory_of]);
    report.table(&head, table.collect());
    let bars = rows.iter().take(20).map(|r| {
        let (value, text) = if by_memory {
            (r.memory.as_f64() / 1_048_576.0, mib(r.memory))
        } else {
            (r.cpu.as_f64() * 1000.0, format!("{}m", r.cpu.milli()))
        };
        Bar {
            label: format!("{}/{}", r.namespace, r.name).trim_start_matches('/').to_owned(),
            values: vec![value],
            text,
        }
    });
    report.parts.push(Part::Chart {
        title: if by_memory { "Memory, MiB".into() } else { "CPU, millicores".into() },
        series: vec!["used".into()],
        bars: bars.collect(),
    });
    let items: Vec<_> = rows
        .iter()
        .map(|r| json!({"namespace": r.namespace, "name": r.name, "cpuMillis": r.cpu.milli(), "memoryBytes": r.memory.units(), "cpuOfMillis": r.cpu_of.milli(), "memoryOfBytes": r.memory_of.units()}))
        .collect();
    report.data = json!({"kind": if pods { "PodUsage" } else { "NodeUsage" }, "items": items});
    for r in &rows {
        let labels = vec![("namespace", r.namespace.clone()), ("name", r.name.clone())];
        report.metrics.push(Metric {
            name: "pilot_usage_cpu_cores",
            help: "CPU in use.",
            labels: labels.clone(),
            value: r.cpu.as_f64(),
        });
        report.metrics.push(Metric {
            name: "pilot_usage_memory_bytes",
            help: "Memory working set.",
            labels,
            value: r.memory.as_f64(),
        });
    }
    ask.answer(&report)
}
