//! `cargo xtask bench`: every figure of speed and memory beside its bar.
//!
//! What can be compared is compared in the same minute on the same machine, in turns: the server over HTTP against the database's own
//! tool with the same work. So a ratio means the same on a busy machine as on an idle one; absolute figures do not.

mod compare;
mod growth;
mod instructions;
mod load;
mod memory;
mod postgres;
mod process;
mod recorded;
mod report;
mod server;
mod sqlite;
mod web;
mod workload;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

/// What to measure, and how long.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to measure; everything when left out
    parts: Vec<Part>,
    /// Rounds of each comparison; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each side of a round
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Most tasks in the table where growth is measured
    #[arg(long, default_value_t = 1_000_000)]
    grow_to: usize,
    /// Folder of the programs; built there when left out
    #[arg(long)]
    binaries: Option<PathBuf>,
    /// Write the tables into docs/measurements.md, and the instruction counts into bench/instructions.json
    #[arg(long)]
    write: bool,
    /// Print the recorded statements
    #[arg(long)]
    verbose: bool,
}

/// A part of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Requests per second against pgbench
    Postgres,
    /// Requests per second against a loop of prepared statements
    Sqlite,
    /// Start to ready, and resident memory
    Process,
    /// Latency from a thousand to a million tasks
    Growth,
    /// The page in headless Chromium: bytes, paints, Lighthouse, interactions, search
    Web,
    /// Instructions of the hot paths, by callgrind, against those on record
    Instructions,
}

/// What the parts share.
struct Options {
    rounds: usize,
    seconds: u64,
    grow_to: usize,
    binaries: PathBuf,
    root: PathBuf,
    write: bool,
    verbose: bool,
}

/// Runs the measurements and prints them.
pub fn run(arguments: Arguments, root: &Path) -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        // The load comes from this program: unoptimised, it would take the time that it measures.
        let again = ["run", "--quiet", "--release", "--locked", "--package", "xtask", "--"];
        return super::call(std::process::Command::new("cargo").args(again).args(std::env::args_os().skip(1)), root);
    }
    let binaries = match &arguments.binaries {
        Some(folder) => folder.clone(),
        None => build(root, "release")?,
    };
    let options = Options {
        rounds: arguments.rounds.max(1),
        seconds: arguments.seconds.max(1),
        grow_to: arguments.grow_to,
        binaries,
        root: root.to_owned(),
        write: arguments.write,
        verbose: arguments.verbose,
    };
    let parts = if arguments.parts.is_empty() { Part::value_variants().to_vec() } else { arguments.parts };
    let folder = tempfile::tempdir()?;
    let mut missed = Vec::new();
    for part in parts {
        let section = match part {
            Part::Postgres => report::comparison(
                "postgres",
                "Requests on PostgreSQL",
                "pgbench",
                "pgbench, pipelined",
                &compare::postgres(&options, folder.path())?,
            ),
            Part::Sqlite => report::comparison(
                "sqlite",
                "Requests on SQLite",
                "loop",
                "loop, 32 in a commit",
                &compare::sqlite(&options, folder.path())?,
            ),
            Part::Process => {
                // Most of what a process has in memory is its program: the one that the images carry counts.
                let shipped = match &arguments.binaries {
                    Some(folder) => folder.clone(),
                    None => build(root, "dist")?,
                };
                memory::measure(&options, &shipped, folder.path())?
            }
            Part::Growth => growth::measure(&options, folder.path())?,
            Part::Web => web::measure(&options, folder.path())?,
            Part::Instructions => instructions::measure(&options)?,
        };
        println!("{}", section.text);
        if options.write {
            section.write(&root.join("docs/measurements.md"))?;
        }
        missed.extend(section.missed);
    }
    if !missed.is_empty() {
        bail!("{} of the bars are missed: {}", missed.len(), missed.join("; "));
    }
    Ok(())
}

/// Builds the programs by a profile; answers the folder where they are.
fn build(root: &Path, profile: &str) -> anyhow::Result<PathBuf> {
    super::call(
        std::process::Command::new("cargo").args([
            "build",
            "--profile",
            profile,
            "--locked",
            "-p",
            "todo-server",
            "-p",
            "todo-web",
            "-p",
            "todo",
        ]),
        root,
    )?;
    let metadata = std::process::Command::new("cargo")
        .args(["metadata", "--format-version=1", "--no-deps", "--locked"])
        .current_dir(root)
        .output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout)?;
    let target = metadata["target_directory"].as_str().context("cargo names no target directory")?;
    Ok(Path::new(target).join(profile))
}
