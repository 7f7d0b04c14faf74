//! Export and import.

use std::{
    io::{Read, Write},
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use http_body_util::BodyExt;
use todo_client::ExportFormat;

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

/// Export all tasks
#[derive(Debug, Args)]
pub struct Export {
    /// Format of the file
    #[arg(long, value_enum, default_value = "json")]
    format: FileFormat,
    /// File to write; standard output when left out
    #[arg(long, short)]
    output: Option<PathBuf>,
}

impl Export {
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let answer = target.open().await?.export(self.format.into()).await?;
        let body = answer
            .into_body()
            .collect()
            .await
            .map_err(|error| anyhow::anyhow!("the export broke off: {error}"))?
            .to_bytes();
        match self.output {
            Some(file) => std::fs::write(&file, &body).with_context(|| format!("can't write {}", file.display())),
            None => Ok(std::io::stdout().write_all(&body)?),
        }
    }
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
