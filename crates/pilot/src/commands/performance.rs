//! `diagnose performance`.

use std::collections::BTreeMap;

use pilot_core::health::World;
use pilot_core::model::Pod;
use pilot_core::performance::{Exposition, Signals, check, read_exposition};
use serde_json::json;

use super::{Ask, WORKLOADS, analyze, diagnose};
use crate::cli::UsageArgs;
use crate::cluster;
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Part, Report};
use crate::usage::{prometheus::Prometheus, recorder};

pub async fn run(ask: &Ask, only: Option<String>, args: &UsageArgs) -> Result<Outcome, Error> {
    let loaded = ask.load(Wanted::usage()).await?;
    let world = World::new(&loaded.snapshot);
    let only = only.as_deref().map(|name| diagnose::target(&world, name, ask.namespace())).transpose()?;
    let (mut signals, mut sources) = signals(&world, args).await?;
    if args.prometheus.is_none() && ask.is_live() {
        sources.extend(scraped(ask, &world, &mut signals).await?);
    }
    let mut findings = check(&world, &signals);
    findings.retain(|f| {
        let object = &f.subject.object;
        match &only {
            Some(only) => object.kind == only.kind && object.namespace == only.namespace && object.name == only.name,
            None => ask.namespace().is_none_or(|n| object.namespace == n),
        }
    });
    let mut report = Report::new(format!("Performance: {}", loaded.from));
    let now = if loaded.snapshot.pod_metrics.is_empty() { "no metrics API" } else { "the metrics API now" };
    report
        .text(format!("Looked at: {}.", std::iter::once(now.to_owned()).chain(sources).collect::<Vec<_>>().join(", ")));
    let rows = findings.iter().enumerate().map(|(rank, f)| {
        let proof = f.evidence.first().map(|e| format!("{}: {}", e.at, e.value)).unwrap_or_default();
        vec![
            Cell::number(rank + 1),
            Cell::severity(f.severity),
            Cell::new(&f.id),
            Cell::new(crate::report::place(f)),
            Cell::new(&f.message),
            Cell::new(proof),
        ]
    });
    if findings.is_empty() {
        report.parts.push(Part::Text("No bottleneck shows in these numbers.".to_owned()));
    } else {
        report.table(&["#", "SEVERITY", "RULE", "WHERE", "BOTTLENECK", "PROOF"], rows.collect());
    }
    analyze::gaps(&mut report, &loaded.snapshot);
    ask.show(&mut report, &findings);
    report.data = json!({"kind": "PerformanceDiagnosis", "from": loaded.from, "bottlenecks": report.findings, "gaps": loaded.snapshot.gaps});
    ask.answer_about(&report, &loaded.snapshot, WORKLOADS)
}

/// What Prometheus and the recorder know beyond the sample of the snapshot.
async fn signals(world: &World<'_>, args: &UsageArgs) -> Result<(Signals, Vec<String>), Error> {
    let mut signals = Signals::default();
    let mut sources = Vec::new();
    if let Some(url) = &args.prometheus {
        let server = Prometheus::new(url)?;
        let now = world.now.as_second();
        let of = |name: &str| {
            format!(
                "sum by (namespace,pod,container) (increase(container_cpu_cfs_{name}_total{{container!=\"\"}}[5m]))"
            )
        };
        signals.throttled = server.query(&format!("{} / {}", of("throttled_periods"), of("periods")), now).await?;
        let pair = |rows: std::collections::BTreeMap<(String, String, String), f64>| {
            rows.into_iter().map(|((n, job, _), v)| ((n, job), v)).collect()
        };
        let label = "label_replace({}, \"pod\", \"$1\", \"job\", \"(.*)\")";
        let p95 = "histogram_quantile(0.95, sum by (namespace,job,le) (rate({__name__=~\".*request_duration_seconds_bucket\"}[5m])))";
        signals.latency = pair(server.query(&label.replace("{}", p95), now).await?);
        let errors = "sum by (namespace,job) (rate({__name__=~\".*requests_total\",status=~\"5..\"}[5m])) / sum by (namespace,job) (rate({__name__=~\".*requests_total\"}[5m]))";
        signals.errors = pair(server.query(&label.replace("{}", errors), now).await?);
        sources.push("Prometheus".to_owned());
    }
    let folder =
        args.history.clone().or_else(recorder::default_folder).filter(|f| args.history.is_some() || f.is_dir());
    if let Some(folder) = folder {
        signals.memory = recorder::memory(&folder, world.now, args.window)?;
        sources.push(format!("history in {}", folder.display()));
    }
    Ok((signals, sources))
}

/// What programs say about themselves, where no Prometheus is named.
async fn scraped(ask: &Ask, world: &World<'_>, signals: &mut Signals) -> Result<Option<String>, Error> {
    let from = cluster::connect(&ask.input.cluster).await?;
    let pods: Vec<&Pod> =
        world.snapshot.pods.iter().filter(|p| ask.namespace().is_none_or(|n| p.metadata.namespace == n)).collect();
    let texts = cluster::app_metrics(&from, &pods).await;
    let mut workloads: BTreeMap<(String, String), Exposition> = BTreeMap::new();
    for (namespace, name, text) in &texts {
        let Some(pod) = world.pod(namespace, name) else { continue };
        let root = world.root(&pod.metadata);
        read_exposition(text, workloads.entry((root.namespace, root.name)).or_default());
    }
    for (at, found) in workloads {
        signals.latency.extend(found.p95().map(|p95| (at.clone(), p95)));
        signals.errors.extend(found.error_ratio().map(|ratio| (at.clone(), ratio)));
        if found.most > 0.0 {
            signals.pools.insert(at, (found.used, found.most, found.waiting));
        }
    }
    Ok((!texts.is_empty()).then(|| format!("the metrics of {} pods since their start", texts.len())))
}
