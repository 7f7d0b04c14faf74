//! `helm`: history, status and verify from the records that Helm keeps in the cluster, without the `helm` program; changes
//! as plans.

use pilot_core::action::{HelmValues, Hidden, Target, Write};
use pilot_core::finding::Severity;
use pilot_core::health::World;
use pilot_core::health::helm::releases;
use serde_json::{Value, json};

use super::{Ask, analyze, rules};
use crate::cli::{ChartArgs, Helm};
use crate::cluster;
use crate::exit::{Error, Outcome};
use crate::helm::{compare, record};
use crate::input::{Loaded, Wanted};
use crate::report::{Cell, Part, Report, Tone};
use crate::write::{self, Origin, find_release, releases_visible};

pub async fn run(ask: &Ask, what: Helm) -> Result<Outcome, Error> {
    let release = |name: &str| Target { kind: None, namespace: None, name: name.to_owned() };
    let namespace = ask.namespace().map(str::to_owned);
    let change = match what {
        Helm::History { name } => return history(ask, &ask.load(Wanted::objects()).await?, name.as_deref()),
        Helm::Status { name } => return status(ask, &ask.load(Wanted::logs()).await?, &name).await,
        Helm::Verify { name } => return verify(ask, &name).await,
        Helm::Install { name, chart } => {
            let values = chart_values(&chart)?;
            Write::HelmInstall { release: name, chart: chart.chart, namespace, version: chart.version, values }
        }
        Helm::Upgrade { name, chart, reuse_values } => {
            let values = chart_values(&chart)?;
            let (chart, version) = (chart.chart, chart.version);
            Write::HelmUpgrade { release: release(&name), chart, version, values, reuse_values }
        }
        Helm::Rollback { name, revision } => Write::HelmRollback { release: release(&name), revision },
        Helm::Uninstall { name } => Write::HelmUninstall { release: release(&name) },
        Helm::Unlock { name } => Write::HelmUnlock { release: release(&name) },
    };
    let origin = Origin::command(pilot_core::action::Action::from(change.clone()).to_string());
    write::run(ask, &[change], origin).await
}

fn chart_values(args: &ChartArgs) -> Result<HelmValues, Error> {
    let pairs = args.set.iter().map(|pair| match pair.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), Hidden::new(value))),
        None => Err(Error::Usage(format!("--set {pair:?}: write key=value"))),
    });
    Ok(HelmValues { set: pairs.collect::<Result<_, _>>()?, files: args.values.clone() })
}

/// The live objects against the manifest of the newest revision, field by field.
async fn verify(ask: &Ask, name: &str) -> Result<Outcome, Error> {
    if !ask.is_live() {
        return Err(Error::Usage("a release is compared with a live cluster only".to_owned()));
    }
    let loaded = ask.load(Wanted::objects().only(&["Secret", "ConfigMap"])).await?;
    let world = World::new(&loaded.snapshot);
    let release = find_release(&world, name, ask.namespace())?;
    let Some(last) = release.last() else { return Err(Error::NotFound(name.to_owned())) };
    let from = cluster::connect(&ask.input.cluster).await?;
    let found = record::read(&from, last.meta).await?;
    let differences = compare(&from, &found.manifest, &release.namespace).await?;
    let all = record::objects(&found.manifest).len();
    let mut report = Report::new(format!("Release {name} in {}, revision {}", release.namespace, last.revision));
    report.text(format!("status {}", last.status));
    if differences.is_empty() {
        report.text(format!("all {all} objects are as the manifest says"));
    } else {
        let rows = differences.iter().map(|d| {
            let text = |value: &Value| match value {
                Value::Null => "–".to_owned(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let field = if d.field.is_empty() { "missing" } else { &d.field };
            vec![
                Cell::new(d.object.to_string()),
                Cell::new(field),
                Cell::new(text(&d.manifest)),
                Cell::new(text(&d.live)),
            ]
        });
        report.table(&["OBJECT", "FIELD", "MANIFEST", "LIVE"], rows.collect());
    }
    report.data = json!({"kind": "ReleaseVerdict", "name": name, "namespace": release.namespace, "revision": last.revision,
        "status": last.status, "objects": all, "differences": differences});
    let outcome = ask.answer(&report)?;
    let well = differences.is_empty() && last.status == "deployed";
    Ok(if well { outcome } else { Outcome::Findings })
}

fn tone(status: &str) -> Tone {
    match status {
        "deployed" => Tone::Good,
        "superseded" | "uninstalled" => Tone::Faint,
        _ => Tone::Severity(Severity::High),
    }
}

fn history(ask: &Ask, loaded: &Loaded, only: Option<&str>) -> Result<Outcome, Error> {
    let world = World::new(&loaded.snapshot);
    releases_visible(&loaded.snapshot)?;
    let mut report = Report::new("");
    let mut items = Vec::new();
    let mut rows = Vec::new();
    for ((namespace, name), records) in releases(&world) {
        let wanted = only.is_none_or(|n| n == name) && ask.namespace().is_none_or(|n| n == namespace);
        if !wanted {
            continue;
        }
        let shown = if only.is_some() { &records[..] } else { &records[records.len() - 1..] };
        for record in shown {
            let time = record
                .meta
                .labels
                .get("modifiedAt")
                .and_then(|s| s.parse::<i64>().ok())
                .and_then(|s| jiff::Timestamp::from_second(s).ok())
                .or(record.meta.creation_timestamp);
            let time = time.map(|t| t.to_string()).unwrap_or_default();
            rows.push(vec![
                Cell::new(namespace),
                Cell::new(name),
                Cell::number(record.revision),
                Cell::new(record.status).tone(tone(record.status)),
                Cell::new(&time),
            ]);
            items.push(json!({"namespace": namespace, "name": name, "revision": record.revision, "status": record.status, "time": time}));
        }
    }
    if rows.is_empty() {
        let what = only.map_or_else(|| "no releases".to_owned(), |n| format!("there is no release called {n:?}"));
        return Err(Error::NotFound(what));
    }
    report.table(&["NAMESPACE", "RELEASE", "REVISION", "STATUS", "TIME"], rows);
    report.data = json!({"kind": "Releases", "items": items});
    ask.answer(&report)
}

async fn status(ask: &Ask, loaded: &Loaded, name: &str) -> Result<Outcome, Error> {
    let world = World::new(&loaded.snapshot);
    let release = find_release(&world, name, ask.namespace())?;
    let namespace = release.namespace.as_str();
    let Some(last) = release.last() else { return Err(Error::NotFound(name.to_owned())) };
    let mut report = Report::new(format!("Release {name} in {namespace}"));
    report.table(
        &["REVISION", "STATUS"],
        vec![vec![Cell::number(last.revision), Cell::new(last.status).tone(tone(last.status))]],
    );
    let mut data = json!({"kind": "ReleaseStatus", "name": name, "namespace": namespace, "revision": last.revision, "status": last.status});
    if ask.is_live() {
        let from = cluster::connect(&ask.input.cluster).await?;
        let found = record::read(&from, last.meta).await?;
        report.text(format!("chart {} {}, app {}", found.chart, found.chart_version, found.app_version));
        report.text(found.description.clone());
        let objects = record::objects(&found.manifest);
        let rows = objects.iter().map(|object| {
            let there = world
                .object(
                    &object.kind,
                    if object.namespace.is_empty() { namespace } else { &object.namespace },
                    &object.name,
                )
                .is_some();
            let known = cluster::KINDS.iter().any(|k| k.kind == object.kind);
            let (text, tone) = match (there, known) {
                (true, _) => ("there", Tone::Good),
                (false, true) => ("missing", Tone::Severity(Severity::High)),
                (false, false) => ("not looked at", Tone::Faint),
            };
            vec![Cell::new(text).tone(tone), Cell::new(&object.kind), Cell::new(&object.name)]
        });
        report.table(&["", "KIND", "NAME"], rows.collect());
        data["chart"] = json!({"name": found.chart, "version": found.chart_version, "appVersion": found.app_version});
        data["description"] = Value::String(found.description);
        data["objects"] = json!(objects);
    }
    let config = pilot_core::config::Config::default();
    let mut analysis = rules::analyse(&loaded.snapshot, &config, true, |_| false);
    let about = |labels: Option<&pilot_core::model::Labels>| {
        labels.and_then(|l| l.get("app.kubernetes.io/instance")).is_some_and(|i| i == name)
    };
    analysis.findings.retain(|f| {
        let object = &f.subject.object;
        (object.kind == "Release" && object.name == name && object.namespace == namespace)
            || (object.namespace == namespace
                && about(world.object(&object.kind, &object.namespace, &object.name).map(|m| &m.labels)))
    });
    ask.show(&mut report, &analysis.findings);
    if !report.findings.is_empty() {
        report.parts.push(Part::Findings);
    }
    analyze::gaps(&mut report, &loaded.snapshot);
    data["findings"] = json!(report.findings);
    report.data = data;
    ask.answer(&report)
}
