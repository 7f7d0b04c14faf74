//! `optimize resources`: recommendations, what they save, and with `--apply` the plan that would set them.

use pilot_core::cost::PriceSheet;
use pilot_core::health::World;
use pilot_core::rightsize::severity::{letter, score};
use pilot_core::rightsize::workload::{Review, advice_text, patch, review, text};
use pilot_core::rightsize::{Advice, DataTier, Severity as Grade, Step, Strategy};
use serde_json::json;

use super::{Ask, WORKLOADS, analyze, cost, diagnose};
use crate::cli::Optimize;
use crate::cluster;
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::plan::{self, Plan};
use crate::report::{Bar, Cell, Metric, Part, Report, Tone};
use crate::usage;
use crate::write::{self, Build, Consent, Origin};
use pilot_core::config::Config;
use pilot_core::finding::Severity;
use pilot_core::model::ObjectRef;

pub async fn run(ask: &Ask, what: Optimize) -> Result<Outcome, Error> {
    let Optimize::Resources(args) = what;
    let sheet = cost::sheet(&args.prices)?;
    let loaded = ask.load(Wanted::usage()).await?;
    let world = World::new(&loaded.snapshot);
    let only = args.deployment.as_deref().map(|name| diagnose::target(&world, name, ask.namespace())).transpose()?;
    let mut found = usage::read(&world, &args.usage, ask.namespace()).await?;
    if let (Strategy::SimpleLimit, Some(url)) = (args.strategy, &args.usage.prometheus) {
        usage::prometheus::add_samples(&world, url, args.usage.window, &mut found.measured).await?;
    }
    let mut reviews = review(&world, &found.measured, found.tier, args.strategy);
    reviews.retain(|r| is_reviewed(&r.workload, only.as_ref(), ask.namespace()));
    let mut report = Report::new(format!("Right-sizing: {}", loaded.from));
    report.text(format!("Strategy {:?}; usage: {}.", args.strategy, found.from));
    if found.tier == DataTier::Instant {
        report.text(
            "One sample is a glance, not a history: run `kubectl pilot record`, or name a server with --prometheus.",
        );
    }
    rows(&mut report, &reviews);
    let grades: Vec<Grade> = reviews.iter().map(|r| r.severity).collect();
    let points = score(&grades);
    if let Some(points) = points {
        report.text(format!("score {points} of 100, grade {}", letter(points)));
    }
    let saving = saving(&reviews, &sheet);
    report.text(format!(
        "set as recommended, requests cost {:+.2} {} per month (estimate at {})",
        0.0 - saving,
        sheet.currency,
        sheet.name
    ));
    let notes: Vec<String> = reviews
        .iter()
        .flat_map(|r| r.notes.iter().map(move |n| format!("{} [{}]: {n}", r.workload, r.container)))
        .collect();
    notes.iter().for_each(|note| {
        report.text(format!("note: {note}"));
    });
    charts(&mut report, &reviews);
    analyze::gaps(&mut report, &loaded.snapshot);
    report.metrics = metrics(&reviews);
    report.data = json!({
        "kind": "RightSizing", "from": loaded.from, "usage": {"tier": found.tier, "from": found.from}, "strategy": args.strategy,
        "score": points, "containers": reviews, "savingPerMonth": (saving * 100.0).round() / 100.0, "currency": sheet.currency,
    });
    if !args.apply {
        return ask.answer_about(&report, &loaded.snapshot, WORKLOADS);
    }
    let mut plan = sized(&reviews, args.force);
    let connection = if ask.is_live() { Some(cluster::connect(&ask.input.cluster).await?) } else { None };
    let build = Build { ask, world, from: connection.as_ref() };
    write::finish(&build, &mut plan).await?;
    write::execute_into(ask, plan, Origin::command("optimize resources --apply"), Consent::Ask, report).await
}

fn rows(report: &mut Report, reviews: &[Review]) {
    let pair = |resource: &str, now: Option<u64>, next: Advice| {
        let now = now.map_or_else(|| "unset".to_owned(), |v| text(resource, v));
        let next = advice_text(resource, next);
        if now == next { now } else { format!("{now} → {next}") }
    };
    let rows = reviews.iter().map(|r| {
        let (word, tone) = match r.severity {
            Grade::Critical => ("critical", Tone::Severity(Severity::Critical)),
            Grade::Warning => ("warning", Tone::Severity(Severity::Medium)),
            Grade::Ok => ("ok", Tone::Plain),
            Grade::Good => ("good", Tone::Good),
            Grade::Unknown => ("unknown", Tone::Faint),
        };
        vec![
            Cell::new(word).tone(tone),
            Cell::new(r.workload.to_string()),
            Cell::new(&r.container),
            Cell::new(pair("cpu", r.current.cpu_request_millis, r.recommended.cpu_request)),
            Cell::new(pair("cpu", r.current.cpu_limit_millis, r.recommended.cpu_limit)),
            Cell::new(pair("memory", r.current.memory_request_bytes, r.recommended.memory_request)),
            Cell::new(pair("memory", r.current.memory_limit_bytes, r.recommended.memory_limit)),
            Cell::number(format!("{} in {} pods", r.points, r.pods)),
        ]
    });
    report.table(
        &["GRADE", "WORKLOAD", "CONTAINER", "CPU REQUEST", "CPU LIMIT", "MEMORY REQUEST", "MEMORY LIMIT", "POINTS"],
        rows.collect(),
    );
}

/// What the recommended requests cost less per month.
fn saving(reviews: &[Review], sheet: &PriceSheet) -> f64 {
    const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
    let paid = (1.0 - sheet.discount / 100.0) * sheet.hours;
    let one = |r: &Review| {
        let cores = r
            .recommended
            .cpu_request
            .value()
            .map_or(0.0, |next| r.current.cpu_request_millis.unwrap_or(0) as f64 - next as f64)
            / 1000.0;
        let gib = r
            .recommended
            .memory_request
            .value()
            .map_or(0.0, |next| r.current.memory_request_bytes.unwrap_or(0) as f64 - next as f64)
            / GIB;
        (cores * sheet.cpu + gib * sheet.ram) * r.replicas as f64 * paid
    };
    reviews.iter().map(one).sum()
}

fn charts(report: &mut Report, reviews: &[Review]) {
    let bars = reviews.iter().filter_map(|r| {
        let next = r.recommended.memory_request.value()? as f64 / 1_048_576.0;
        let now = r.current.memory_request_bytes.unwrap_or(0) as f64 / 1_048_576.0;
        Some(Bar {
            label: format!("{} [{}]", r.workload, r.container),
            values: vec![now, next],
            text: format!("{now:.0} → {next:.0} MiB"),
        })
    });
    let bars: Vec<Bar> = bars.take(20).collect();
    if !bars.is_empty() {
        report.parts.push(Part::Chart {
            title: "Memory request, MiB".to_owned(),
            series: vec!["now".to_owned(), "recommended".to_owned()],
            bars,
        });
    }
}

/// The plan that takes one step for every workload that has a change and enough history behind it.
pub fn sized(reviews: &[Review], force: bool) -> Plan {
    let mut plan = Plan::new("set requests and limits as recommended");
    let mut workloads: Vec<_> = reviews.iter().map(|r| r.workload.clone()).collect();
    workloads.sort();
    workloads.dedup();
    for workload in workloads {
        let of: Vec<&Review> = reviews.iter().filter(|r| r.workload == workload).collect();
        let changes = of.iter().any(|r| r.steps.iter().any(|s| *s != Step::Keep));
        if let Some(why) = of.iter().find_map(|r| r.blocked.as_ref()).filter(|_| changes && !force) {
            plan.remark(format!("{workload} is left out: {why} (--force includes it)"));
            continue;
        }
        if let Some(patch) = patch(&workload, &of) {
            plan.push(plan::Step::patch(&patch));
        }
        if of.iter().any(|r| r.steps.iter().any(|s| matches!(s, Step::Halve(_)))) {
            plan.remark(format!("{workload}: one apply lowers a value by half at most; run it again after a while"));
        }
    }
    plan
}

/// Whether a workload is looked at: the one that is asked for, those of a namespace, or all that are not the system's.
pub fn is_reviewed(workload: &ObjectRef, only: Option<&ObjectRef>, namespace: Option<&str>) -> bool {
    match only {
        Some(only) => workload.kind == only.kind && workload.namespace == only.namespace && workload.name == only.name,
        None => {
            namespace.map_or_else(|| !Config::default().is_system(&workload.namespace), |n| n == workload.namespace)
        }
    }
}

fn metrics(reviews: &[Review]) -> Vec<Metric> {
    let mut list = Vec::new();
    for r in reviews {
        let labels = |resource: &str| {
            vec![
                ("namespace", r.workload.namespace.clone()),
                ("workload", r.workload.name.clone()),
                ("container", r.container.clone()),
                ("resource", resource.to_owned()),
            ]
        };
        let help = "Recommended request: CPU in cores, memory in bytes.";
        if let Some(v) = r.recommended.cpu_request.value() {
            list.push(Metric {
                name: "pilot_recommended_request",
                help,
                labels: labels("cpu"),
                value: v as f64 / 1000.0,
            });
        }
        if let Some(v) = r.recommended.memory_request.value() {
            list.push(Metric { name: "pilot_recommended_request", help, labels: labels("memory"), value: v as f64 });
        }
    }
    list
}
