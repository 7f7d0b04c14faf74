//! Instructions of the hot paths, counted by callgrind: the same on every machine, so that a regression shows where times can't.

use std::{collections::BTreeMap, fs, process::Command};

use anyhow::{Context, bail};

use super::{
    Options,
    report::{Section, verdict},
};

/// The record, in the repository.
const RECORD: &str = "bench/instructions.json";
/// A path may take this much more than on record before it counts as a regression.
const TOLERANCE: f64 = 1.05;
/// The paths of `crates/todo-server/examples/hot_paths.rs`.
const PATHS: [&str; 6] = ["create", "list", "get", "search", "quick_add", "chat"];
/// A path is run so often, and twice so often; half of the difference is free of what the start costs.
const TIMES: u64 = 200;

/// Counts every path and holds it against the record.
pub fn measure(options: &Options) -> anyhow::Result<Section> {
    let program = build(options)?;
    let record = options.root.join(RECORD);
    let known: BTreeMap<String, u64> = match fs::read_to_string(&record) {
        Ok(text) => serde_json::from_str(&text).with_context(|| record.display().to_string())?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(error.into()),
    };
    let mut counted = BTreeMap::new();
    let mut missed = Vec::new();
    let mut body = String::from("| path | instructions | on record | change | |\n|---|---|---|---|---|\n");
    for path in PATHS {
        super::report::progress(&format!("callgrind, {path}"));
        let once = count(&program, path, TIMES)?;
        let twice = count(&program, path, 2 * TIMES)?;
        let each = twice.saturating_sub(once) / TIMES;
        counted.insert(path.to_owned(), each);
        let Some(before) = known.get(path) else {
            body.push_str(&format!("| {path} | {each} | – | | |\n"));
            continue;
        };
        let change = each as f64 / (*before).max(1) as f64;
        let held = change <= TOLERANCE;
        if !held {
            missed.push(format!("instructions of {path}: {each}, on record {before}"));
        }
        body.push_str(&format!(
            "| {path} | {each} | {before} | {:+.1} % | {} |\n",
            (change - 1.0) * 100.0,
            verdict(held)
        ));
    }
    if options.write {
        fs::create_dir_all(options.root.join("bench"))?;
        fs::write(&record, serde_json::to_string_pretty(&counted)? + "\n")?;
        missed.clear();
    }
    body.push('\n');
    Ok(Section::new("instructions", "Instructions of the hot paths", &body, missed))
}

fn build(options: &Options) -> anyhow::Result<std::path::PathBuf> {
    crate::call(
        Command::new("cargo").args(["build", "--release", "--locked", "-p", "todo-server", "--example", "hot_paths"]),
        &options.root,
    )?;
    Ok(options.binaries.join("examples/hot_paths"))
}

fn count(program: &std::path::Path, path: &str, times: u64) -> anyhow::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([path, &times.to_string()])
        .output()
        .context("valgrind is not on this machine; install it (Debian: valgrind)")?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{path} under callgrind: {text}");
    }
    let collected = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    collected.with_context(|| format!("callgrind printed no count: {text}"))
}
