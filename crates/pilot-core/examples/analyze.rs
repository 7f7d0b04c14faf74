//! Measures an analysis: `analyze [PODS]` makes a cluster, reads it from JSON text and runs every rule.

#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

use std::time::Instant;

use jiff::Timestamp;
use pilot_core::config::Config;
use pilot_core::rules::{analyze, table};
use pilot_core::snapshot::Snapshot;
use serde_json::Value;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pods: usize = std::env::args().nth(1).map_or(Ok(1000), |text| text.parse())?;
    let text = serde_json::to_string(&synthetic::cluster(pods))?;
    let start = Instant::now();
    let objects: Vec<Value> = serde_json::from_str(&text)?;
    let snapshot = Snapshot::from_objects(objects.into_iter().map(|object| (object, None)), Timestamp::UNIX_EPOCH);
    let read = start.elapsed();
    let analysis = analyze(&snapshot, &Config::default());
    let whole = start.elapsed();
    let output = serde_json::to_string(&analysis)?;
    println!(
        "{} pods, {} rules, {} findings, {} kB of JSON in, {} kB out",
        snapshot.pods.len(),
        table().count(),
        analysis.findings.len(),
        text.len() / 1024,
        output.len() / 1024,
    );
    println!(
        "read {} ms, analysed {} ms, together {} ms",
        read.as_millis(),
        (whole - read).as_millis(),
        whole.as_millis()
    );
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("peak memory {}", peak.trim_start_matches("VmHWM:").trim());
    }
    Ok(())
}
