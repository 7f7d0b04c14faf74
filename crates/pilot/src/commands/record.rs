//! `record`: usage over time, or a snapshot of the cluster.

use std::time::Duration;

use jiff::Timestamp;
use pilot_core::health::World;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior};

use super::Ask;
use crate::cli::Record;
use crate::cluster::{self, Progress, Scope};
use crate::exit::{Error, Outcome};
use crate::input::{Wanted, write};
use crate::report::{Door, Report};
use crate::usage::recorder;

pub async fn run(ask: &Ask, args: Record) -> Result<Outcome, Error> {
    if !ask.is_live() {
        return Err(Error::Usage("record reads a live cluster: leave out -f and --from-snapshot".to_owned()));
    }
    let from = cluster::connect(&ask.input.cluster).await?;
    let scope = Scope { namespace: ask.input.cluster.namespace.clone() };
    if let Some(path) = &args.snapshot {
        let wanted = Wanted::everything();
        let collected = cluster::gather(&from, &scope, &wanted, &Progress::on_terminal()).await?;
        // The file is a sink like any other: secrets in environments, ConfigMaps and logs are taken out.
        let door = Door::default();
        let objects: Vec<_> = collected.objects.iter().map(|o| door.value(o)).collect();
        write(path, &collected.info, &collected.gaps, &objects)?;
        let mut report = Report::new("");
        report.text(format!("{} objects written to {}", objects.len(), path.display()));
        for gap in &collected.gaps {
            report.text(format!("not read: {} (HTTP {})", gap.kind, gap.code));
        }
        report.data = json!({"kind": "SnapshotRecorded", "file": path.display().to_string(), "objects": objects.len(), "gaps": collected.gaps, "takenAt": collected.taken_at.to_string()});
        return ask.answer(&report);
    }
    let folder = args.history.clone().or_else(recorder::default_folder);
    let Some(folder) = folder else {
        return Err(Error::Usage("no folder for the history: give --history DIR".to_owned()));
    };
    let samples = sample(&from, &scope, &folder, &args).await?;
    let mut report = Report::new("");
    report.text(format!("{samples} samples recorded in {}", folder.display()));
    report.data = json!({"kind": "UsageRecorded", "folder": folder.display().to_string(), "samples": samples, "until": Timestamp::now().to_string()});
    ask.answer(&report)
}

/// Samples until the time is up or somebody interrupts. A sample that fails is reported and skipped.
async fn sample(
    from: &cluster::Connection,
    scope: &Scope,
    folder: &std::path::Path,
    args: &Record,
) -> Result<usize, Error> {
    let end = args.for_.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut tick = tokio::time::interval(Duration::from_secs(args.every.max(10)));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut done = 0;
    loop {
        let over = async {
            match end {
                Some(end) => tokio::time::sleep_until(end).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tick.tick() => {}
            () = over => return Ok(done),
            _ = tokio::signal::ctrl_c() => return Ok(done),
        }
        let snapshot = match cluster::usage(from, scope).await {
            Ok(snapshot) => snapshot,
            // The first failure is the answer; later ones pass.
            Err(error) if done == 0 => return Err(error),
            Err(error) => {
                eprintln!("warning: {}", Door::default().line(&error.to_string()));
                continue;
            }
        };
        if snapshot.pod_metrics.is_empty() && done == 0 {
            return Err(Error::NotFound("there are no metrics: install metrics-server (minikube addons enable metrics-server) and wait a minute".to_owned()));
        }
        recorder::append(folder, &World::new(&snapshot))?;
        done += 1;
    }
}
