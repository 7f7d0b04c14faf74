//! `helm history|status`, from the records that Helm keeps in the cluster. The `helm` program is not needed.

use pilot_core::finding::Severity;
use pilot_core::health::World;
use pilot_core::health::helm::releases;
use serde_json::{Value, json};

use super::{Ask, analyze, rules};
use crate::cli::Helm;
use crate::cluster::{self, release};
use crate::exit::{Error, Outcome};
use crate::input::{Loaded, Wanted};
use crate::report::{Cell, Part, Report, Tone};

pub async fn run(ask: &Ask, what: Helm) -> Result<Outcome, Error> {
    let loaded = ask.load(Wanted::logs()).await?;
    match what {
        Helm::History { name } => history(ask, &loaded, name.as_deref()),
        Helm::Status { name } => status(ask, &loaded, &name).await,
    }
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
    blind(loaded)?;
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
    blind(loaded)?;
    let all = releases(&world);
    let fits: Vec<_> =
        all.iter().filter(|((n, r), _)| *r == name && ask.namespace().is_none_or(|wanted| *n == wanted)).collect();
    let ((namespace, _), records) = match fits.as_slice() {
        [] => return Err(Error::NotFound(format!("there is no release called {name:?}"))),
        [one] => *one,
        several => {
            let names: Vec<&str> = several.iter().map(|((n, _), _)| *n).collect();
            return Err(Error::NotFound(format!("release {name} is in namespaces {}: give -n", names.join(", "))));
        }
    };
    let Some(last) = records.last() else { return Err(Error::NotFound(name.to_owned())) };
    let mut report = Report::new(format!("Release {name} in {namespace}"));
    report.table(
        &["REVISION", "STATUS"],
        vec![vec![Cell::number(last.revision), Cell::new(last.status).tone(tone(last.status))]],
    );
    let mut data = json!({"kind": "ReleaseStatus", "name": name, "namespace": namespace, "revision": last.revision, "status": last.status});
    if ask.is_live() {
        let from = cluster::connect(&ask.input.cluster).await?;
        let record = release::read(&from, last.meta).await?;
        report.text(format!("chart {} {}, app {}", record.chart, record.chart_version, record.app_version));
        report.text(record.description.clone());
        let objects = release::objects(&record.manifest);
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
        data["chart"] =
            json!({"name": record.chart, "version": record.chart_version, "appVersion": record.app_version});
        data["description"] = Value::String(record.description);
        data["objects"] = json!(objects);
    }
    let config = pilot_core::config::Config::default();
    let mut analysis = rules::analyse(&loaded.snapshot, &config, true, |_| false);
    let about = |labels: Option<&pilot_core::model::Labels>| {
        labels.and_then(|l| l.get("app.kubernetes.io/instance")).is_some_and(|i| i == name)
    };
    analysis.findings.retain(|f| {
        let object = &f.subject.object;
        (object.kind == "Release" && object.name == name && object.namespace == *namespace)
            || (object.namespace == *namespace
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

/// Releases are Secrets: who may not list those sees none, and must be told so.
fn blind(loaded: &Loaded) -> Result<(), Error> {
    match loaded.snapshot.gaps.iter().find(|g| g.kind == "Secret") {
        Some(gap) => Err(Error::Forbidden(format!(
            "release records are Secrets, and those cannot be listed (HTTP {})",
            gap.code
        ))),
        None => Ok(()),
    }
}
