//! Export and import.

use std::{
    io::{Read, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use http_body_util::BodyExt;
use todo_client::{Body, ExportFormat};

use super::Target;
use crate::table::plain;

/// A format of files.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FileFormat {
    /// Everything
    Json,
    /// A table
    Csv,
    /// Todoist's CSV
    Todoist,
    /// Taskwarrior's JSON
    Taskwarrior,
    /// iCalendar
    Ics,
}

impl From<FileFormat> for ExportFormat {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Json => Self::Json,
            FileFormat::Csv => Self::Csv,
            FileFormat::Todoist => Self::Todoist,
            FileFormat::Taskwarrior => Self::Taskwarrior,
            FileFormat::Ics => Self::Ics,
        }
    }
}

/// Export all tasks, or everything
#[derive(Debug, Args)]
pub struct Export {
    /// Format of the file
    #[arg(long, value_enum, default_value = "json")]
    format: FileFormat,
    /// Everything that is kept about you, as JSON: profile, devices, activity, tokens, filters, tasks, history, conversations
    #[arg(long, conflicts_with = "format")]
    all: bool,
    /// File to write; standard output when left out
    #[arg(long, short)]
    output: Option<PathBuf>,
}

impl Export {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let client = target.open().await?;
        let answer = if self.all { client.export_account().await? } else { client.export(self.format.into()).await? };
        let Some(file) = self.output else { return copy(answer.into_body(), std::io::stdout().lock()).await };
        // A file of that name holds a whole export or is not there.
        let unfinished = file.with_added_extension("part");
        let unwritable = || format!("can't write {}", file.display());
        let outcome = copy(answer.into_body(), std::fs::File::create(&unfinished).with_context(unwritable)?).await;
        match outcome {
            Ok(()) => std::fs::rename(&unfinished, &file).with_context(unwritable),
            Err(error) => {
                // What is left over says by its name that it is not finished.
                let _ = std::fs::remove_file(&unfinished);
                Err(error)
            }
        }
    }
}

/// Writes the body as it comes, so that memory stays small.
async fn copy(mut body: Body, mut into: impl Write) -> anyhow::Result<()> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| anyhow::anyhow!("the export broke off: {error}"))?;
        if let Some(data) = frame.data_ref() {
            into.write_all(data).context("can't write the export")?;
        }
    }
    into.flush().context("can't write the export")
}

/// Import a file
#[derive(Debug, Args)]
pub struct Import {
    /// The file; `-` for standard input
    file: PathBuf,
    /// Format; told by the name of the file when left out
    #[arg(long, value_enum)]
    format: Option<FileFormat>,
    /// Only say what would be made
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let mut content = Vec::new();
        if self.file.as_os_str() == "-" {
            std::io::stdin().read_to_end(&mut content)?;
        } else {
            content = std::fs::read(&self.file).with_context(|| format!("can't read {}", self.file.display()))?;
        }
        let format = match self.format {
            Some(format) => format,
            None => match self.file.extension().and_then(|ending| ending.to_str()) {
                Some("csv") => FileFormat::Csv,
                Some("ics") => FileFormat::Ics,
                Some("json") => FileFormat::Json,
                _ => anyhow::bail!(
                    "--format: can't be told by the name of the file; say json, csv, todoist, taskwarrior or ics"
                ),
            },
        };
        let report = target.open().await?.import(format.into(), content.into(), self.dry_run).await?;
        if target.wants_json() {
            println!("{report}");
            return Ok(());
        }
        let count = report["imported"].as_u64().unwrap_or_default();
        println!("{} {count} task(s)", if self.dry_run { "Would import" } else { "Imported" });
        for skipped in report["skipped"].as_array().into_iter().flatten() {
            println!("  line {}: {}", skipped["line"], plain(skipped["why"].as_str().unwrap_or_default()));
        }
        Ok(())
    }
}
