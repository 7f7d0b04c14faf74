//! `diagnose workload`.

use pilot_core::config::Config;
use pilot_core::diagnose::{Diagnosis, Graph, State, diagnose, find, unwell};
use pilot_core::finding::{Confidence, Finding, Severity};
use pilot_core::health::World;
use pilot_core::model::ObjectRef;
use serde_json::json;

use super::{Ask, WORKLOADS, analyze, rules};
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Part, Report, Tone};

pub async fn run(ask: &Ask, name: Option<String>) -> Result<Outcome, Error> {
    let loaded = ask.load(Wanted::everything()).await?;
    let snapshot = &loaded.snapshot;
    let findings = causes(snapshot);
    let graph = Graph::new(&findings);
    let world = World::new(snapshot);
    let targets = match &name {
        Some(name) => vec![target(&world, name, ask.namespace())?],
        None => unwell(&world, &graph)
            .into_iter()
            .filter(|o| ask.namespace().is_none_or(|n| o.namespace == n || o.namespace.is_empty()))
            .collect(),
    };
    let mut report = Report::new(format!("Diagnosis: {}", loaded.from));
    let mut diagnoses: Vec<Diagnosis> = Vec::new();
    for target in &targets {
        let diagnosis = diagnose(&world, &graph, target);
        // Two objects with one root are one story; the first, worst one tells it.
        let told = |d: &Diagnosis| d.root.as_ref().map(Finding::key) == diagnosis.root.as_ref().map(Finding::key);
        if name.is_some() || !diagnoses.iter().any(told) {
            diagnoses.push(diagnosis);
        }
    }
    if diagnoses.is_empty() {
        report.parts.push(Part::Text("Everything that was looked at is well.".to_owned()));
    }
    for diagnosis in &diagnoses {
        report.heading(diagnosis.target.to_string());
        chain(&mut report, diagnosis);
        detail(&mut report, diagnosis);
    }
    analyze::gaps(&mut report, snapshot);
    let mut all: Vec<Finding> = diagnoses.iter().flat_map(|d| d.findings.iter().cloned()).collect();
    pilot_core::finding::sort(&mut all);
    all.dedup_by(|a, b| a.key() == b.key());
    ask.show(&mut report, &all);
    report.data = json!({"kind": "Diagnosis", "from": loaded.from, "takenAt": snapshot.taken_at.to_string(), "diagnoses": diagnoses, "gaps": snapshot.gaps});
    ask.answer_about(&report, snapshot, WORKLOADS)
}

/// Findings that can be causes: health, references and networking.
pub fn causes(snapshot: &pilot_core::snapshot::Snapshot) -> Vec<Finding> {
    let config = Config { include_system: true, ..Config::default() };
    let wanted =
        |rule: &pilot_core::rules::Rule| rule.id.starts_with("NET-") || rule.id == "REL-020" || rule.id == "REL-025";
    rules::analyse(snapshot, &config, true, wanted).findings
}

/// The one object a name means.
///
/// # Errors
/// When none or several fit.
pub fn target(world: &World<'_>, name: &str, namespace: Option<&str>) -> Result<ObjectRef, Error> {
    find(world, name, namespace).map_err(|e| Error::NotFound(e.to_string()))
}

/// The cause in one line, and the way from the outside in.
pub fn chain(report: &mut Report, diagnosis: &Diagnosis) {
    if diagnosis.healthy {
        report.text(format!("healthy: {}", diagnosis.cause));
    } else {
        report.text(format!("cause: {}", diagnosis.cause));
    }
    // Pods that are well say nothing; the first few stand for the rest.
    let mut pods = 0;
    let rows = diagnosis.chain.iter().filter(|link| {
        pods += usize::from(link.object.kind == "Pod");
        link.object.kind != "Pod" || pods <= 8
    });
    let rows = rows.map(|link| {
        let (mark, tone) = match link.state {
            State::Ok => ("ok", Tone::Good),
            State::Bad => ("bad", Tone::Severity(Severity::High)),
            State::Missing => ("missing", Tone::Severity(Severity::High)),
        };
        vec![
            Cell::new(mark).tone(tone),
            Cell::new(&link.object.kind),
            Cell::new(&link.object.name),
            Cell::new(&link.note),
        ]
    });
    report.table(&["", "KIND", "NAME", "STATE"], rows.collect());
}

/// The root finding: evidence and remedy.
fn detail(report: &mut Report, diagnosis: &Diagnosis) {
    let Some(root) = &diagnosis.root else { return };
    let confidence = match root.confidence {
        Confidence::High => "certain",
        Confidence::Medium => "likely",
        Confidence::Low => "possible",
    };
    report.text(format!("{} {} ({}, {confidence})", root.id, root.title, root.severity));
    let rows = root.evidence.iter().map(|e| {
        vec![
            Cell::new(&e.at),
            Cell::new(&e.value),
            Cell::new(e.time.map(|t| t.to_string()).unwrap_or_default()).tone(Tone::Faint),
        ]
    });
    if !root.evidence.is_empty() {
        report.table(&["EVIDENCE", "VALUE", "TIME"], rows.collect());
    }
    if diagnosis.path.len() > 1 {
        let steps: Vec<String> =
            diagnosis.path.iter().map(|key| key.split('|').take(3).collect::<Vec<_>>().join(" ")).collect();
        report.text(format!("leads to: {}", steps.join(" → ")));
    }
    report.text(format!("fix: {}", root.remediation.text));
    if let Some(command) = &root.remediation.command {
        report.text(format!("  {command}"));
    }
    if let Some(patch) = &root.remediation.patch {
        report.parts.push(Part::Literal(serde_saphyr::to_string(&patch.body).unwrap_or_default()));
    } else if let Some(reason) = &root.remediation.no_patch {
        report.text(format!("no automatic fix: {reason}"));
    }
}
