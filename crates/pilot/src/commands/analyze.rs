//! `analyze cluster|namespace|workload`.

use std::collections::BTreeMap;

use pilot_core::config::Config;
use pilot_core::diagnose::{Graph, diagnose};
use pilot_core::finding::{Finding, Severity};
use pilot_core::health::World;
use pilot_core::snapshot::Snapshot;
use serde_json::json;

use super::{Ask, WORKLOADS, diagnose as explain, rules};
use crate::cli::{Analyze, RuleArgs};
use crate::exit::{Error, Outcome};
use crate::input::{Loaded, Wanted};
use crate::report::{Bar, Cell, Part, Report};

pub async fn run(ask: &Ask, what: Analyze) -> Result<Outcome, Error> {
    // Settings are read first: a wrong one must not cost a walk through the cluster.
    let (Analyze::Cluster { rules } | Analyze::Namespace { rules, .. } | Analyze::Workload { rules, .. }) = &what;
    let config = rules::config(rules)?;
    match what {
        Analyze::Cluster { rules } => {
            let loaded = ask.load(Wanted::everything()).await?;
            report(ask, &loaded, (&rules, &config), ask.namespace(), "Cluster")
        }
        Analyze::Namespace { name, rules } => {
            let name = name.or_else(|| ask.namespace().map(str::to_owned));
            let Some(name) = name else {
                return Err(Error::Usage("which namespace? analyze namespace NAME".to_owned()));
            };
            let loaded = ask.load(Wanted::everything()).await?;
            let known = loaded
                .snapshot
                .all()
                .any(|meta| meta.namespace == name || (meta.kind == "Namespace" && meta.name == name));
            if !known {
                let names = loaded.snapshot.namespaces.iter().map(|n| n.metadata.name.as_str());
                let meant = pilot_core::nearest::nearest(&name, names)
                    .map(|n| format!("; did you mean {n:?}?"))
                    .unwrap_or_default();
                return Err(Error::NotFound(format!("there is nothing in namespace {name:?}{meant}")));
            }
            report(ask, &loaded, (&rules, &config), Some(&name), &format!("Namespace {name}"))
        }
        Analyze::Workload { name, rules } => workload(ask, &name, &rules, &config).await,
    }
}

fn report(
    ask: &Ask,
    loaded: &Loaded,
    (args, config): (&RuleArgs, &Config),
    namespace: Option<&str>,
    what: &str,
) -> Result<Outcome, Error> {
    let snapshot = &loaded.snapshot;
    let mut analysis = rules::analyse(snapshot, config, true, |_| true);
    rules::within(&mut analysis, namespace);
    rules::baseline(&mut analysis, args)?;
    let mut report = Report::new(format!("{what}: {}", loaded.from));
    let inventory = inventory(snapshot, namespace);
    let counts: Vec<String> = inventory.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    report.text(format!("Looked at {}.", if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }));
    let (score, grade) = score(snapshot, namespace, &analysis.findings);
    report.text(format!("Score {score} of 100, grade {grade}."));
    rules::findings(&mut report, ask, &analysis);
    by_namespace(&mut report, &analysis.findings);
    usage(&mut report, snapshot, namespace);
    super::cost::chart(&mut report, snapshot, namespace);
    rules::remarks(&mut report, &analysis, args);
    gaps(&mut report, snapshot);
    report.data = json!({
        "kind": "Analysis", "of": what, "from": loaded.from, "takenAt": snapshot.taken_at.to_string(),
        "score": score, "grade": grade.to_string(), "objects": inventory,
        "findings": report.findings, "suppressed": analysis.suppressed, "skipped": analysis.skipped,
        "gaps": snapshot.gaps, "errors": snapshot.errors,
    });
    ask.answer_about(&report, snapshot, WORKLOADS)
}

async fn workload(ask: &Ask, name: &str, args: &RuleArgs, config: &Config) -> Result<Outcome, Error> {
    let loaded = ask.load(Wanted::everything()).await?;
    let snapshot = &loaded.snapshot;
    let mut analysis = rules::analyse(snapshot, config, true, |_| true);
    let world = World::new(snapshot);
    let target = explain::target(&world, name, ask.namespace())?;
    let diagnosis = diagnose(&world, &Graph::new(&analysis.findings), &target);
    let members: Vec<_> = diagnosis.chain.iter().map(|link| &link.object).collect();
    let about = |f: &Finding| {
        let object = &f.subject.object;
        let is_member =
            members.iter().any(|m| m.kind == object.kind && m.namespace == object.namespace && m.name == object.name);
        // Shared things (nodes, Secrets of others) are named when they are the cause, not judged here.
        is_member && !matches!(object.kind.as_str(), "Node") || diagnosis.findings.iter().any(|d| d.key() == f.key())
    };
    analysis.findings.retain(about);
    rules::baseline(&mut analysis, args)?;
    let mut report = Report::new(format!("{target}: {}", loaded.from));
    explain::chain(&mut report, &diagnosis);
    rules::findings(&mut report, ask, &analysis);
    gaps(&mut report, snapshot);
    report.data = json!({
        "kind": "Analysis", "of": target, "from": loaded.from, "takenAt": snapshot.taken_at.to_string(),
        "healthy": diagnosis.healthy, "cause": diagnosis.cause, "chain": diagnosis.chain, "findings": report.findings,
        "gaps": snapshot.gaps,
    });
    ask.answer_about(&report, snapshot, WORKLOADS)
}

/// Which kinds could not be read; rules that need them were skipped.
pub fn gaps(report: &mut Report, snapshot: &Snapshot) {
    for gap in &snapshot.gaps {
        let scope = if gap.namespace.is_empty() { String::new() } else { format!(" in namespace {}", gap.namespace) };
        let why = if gap.code == 0 { "no answer".to_owned() } else { format!("HTTP {}", gap.code) };
        report.text(format!("not read: {}{scope} ({why})", gap.kind));
    }
}

fn inventory(snapshot: &Snapshot, namespace: Option<&str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for meta in snapshot.all() {
        let internal = meta.api_version.starts_with("pilot/") || meta.kind == "Event" || meta.kind.ends_with("Metrics");
        if !internal && namespace.is_none_or(|n| meta.namespace == n) {
            *counts.entry(meta.kind.clone()).or_default() += 1;
        }
    }
    counts
}

/// Share of workloads (and Services) without a finding of medium severity or worse, worse ones counting more.
fn score(snapshot: &Snapshot, namespace: Option<&str>, findings: &[Finding]) -> (u64, char) {
    let judged = snapshot
        .all()
        .filter(|m| {
            matches!(
                m.kind.as_str(),
                "Deployment"
                    | "StatefulSet"
                    | "DaemonSet"
                    | "CronJob"
                    | "Service"
                    | "Ingress"
                    | "Node"
                    | "Role"
                    | "ClusterRole"
            )
        })
        .filter(|m| namespace.is_none_or(|n| m.namespace == n));
    let mut all = 0;
    let mut points = 0;
    for meta in judged {
        all += 10;
        let worst = findings
            .iter()
            .filter(|f| {
                f.subject.object.kind == meta.kind
                    && f.subject.object.name == meta.name
                    && f.subject.object.namespace == meta.namespace
            })
            .map(|f| f.severity)
            .min();
        points += match worst {
            Some(Severity::Critical) => 0,
            Some(Severity::High) => 3,
            Some(Severity::Medium) => 6,
            Some(Severity::Low) => 9,
            Some(Severity::Info) | None => 10,
        };
    }
    let score: u64 = (points * 100_u64).checked_div(all).unwrap_or(100);
    let grade = match score {
        90.. => 'A',
        80.. => 'B',
        70.. => 'C',
        60.. => 'D',
        50.. => 'E',
        _ => 'F',
    };
    (score, grade)
}

fn by_namespace(report: &mut Report, findings: &[Finding]) {
    let mut counts: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for finding in findings {
        let namespace = finding.subject.object.namespace.as_str();
        let at = Severity::ALL.iter().position(|s| *s == finding.severity).unwrap_or(4);
        counts.entry(if namespace.is_empty() { "(cluster)" } else { namespace }).or_default()[at] += 1;
    }
    if counts.len() < 2 {
        return;
    }
    report.heading("By namespace");
    let rows = counts.iter().map(|(namespace, counts)| {
        let mut row = vec![Cell::new(*namespace)];
        row.extend(counts.iter().map(Cell::number));
        row
    });
    report.table(&["NAMESPACE", "CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"], rows.collect());
}

/// Usage against requests of the hungriest pods, as a chart.
fn usage(report: &mut Report, snapshot: &Snapshot, namespace: Option<&str>) {
    let mut bars: Vec<Bar> = snapshot
        .pod_metrics
        .iter()
        .filter(|m| namespace.is_none_or(|n| m.metadata.namespace == n))
        .filter_map(|metrics| {
            let pod = snapshot.pods.iter().find(|p| {
                p.metadata.namespace == metrics.metadata.namespace && p.metadata.name == metrics.metadata.name
            })?;
            let mib = 1024.0 * 1024.0;
            let used: f64 =
                metrics.containers.iter().filter_map(|c| c.usage.get("memory")).map(|q| q.as_f64()).sum::<f64>() / mib;
            let asked = pod.spec.scheduled_request("memory").as_f64() / mib;
            Some(Bar {
                label: format!("{}/{}", pod.metadata.namespace, pod.metadata.name),
                values: vec![used, asked],
                text: format!("{used:.0} of {asked:.0} MiB"),
            })
        })
        .collect();
    bars.sort_by(|a, b| b.values[0].total_cmp(&a.values[0]).then_with(|| a.label.cmp(&b.label)));
    bars.truncate(20);
    if !bars.is_empty() {
        report.parts.push(Part::Chart {
            title: "Memory of the largest pods, MiB".to_owned(),
            series: vec!["used".to_owned(), "requested".to_owned()],
            bars,
        });
    }
}
