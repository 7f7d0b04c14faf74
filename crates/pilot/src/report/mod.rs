//! What a command answers, in a shape that every output format can show.

mod door;
mod html;
mod junit;
mod markdown;
mod prometheus;
mod sarif;
mod svg;
mod table;

use std::str::FromStr;

use pilot_core::finding::{Finding, Severity};
use serde_json::Value;

pub use door::Door;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// One YAML document.
    Yaml,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports of CI systems.
    Junit,
    /// One self-contained page.
    Html,
    /// Prometheus text exposition.
    Prometheus,
    /// GitHub-flavoured Markdown.
    Markdown,
}

/// How a cell is to stand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// A severity's colour.
    Severity(Severity),
    /// All is well.
    Good,
    /// Less important.
    Faint,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// How it stands out.
    pub tone: Tone,
    /// Numbers stand at the right.
    pub right: bool,
}

impl Cell {
    /// Plain text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number.
    pub fn number(text: impl ToString) -> Self {
        Self { text: text.to_string(), right: true, ..Self::default() }
    }

    /// With a tone.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// A severity.
    pub fn severity(severity: Severity) -> Self {
        Self::new(severity.name()).tone(Tone::Severity(severity))
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// A bar of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What is measured.
    pub label: String,
    /// The value, and a second one to compare it with (such as usage and request).
    pub values: Vec<f64>,
    /// The values as people read them.
    pub text: String,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A line or a paragraph.
    Text(String),
    /// A heading.
    Heading(String),
    /// A table.
    Table {
        /// Column heads.
        head: Vec<String>,
        /// Rows.
        rows: Vec<Vec<Cell>>,
    },
    /// A bar chart: drawn in HTML, left out elsewhere (a table beside it has the numbers).
    Chart {
        /// Title with unit.
        title: String,
        /// Names of the values of each bar.
        series: Vec<String>,
        /// Bars.
        bars: Vec<Bar>,
    },
    /// The findings of the report, in detail.
    Findings,
    /// Text to be shown exactly: a diff, a manifest, a log.
    Literal(String),
}

/// One sample of the Prometheus output.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Name, such as `pilot_workload_cost_monthly`.
    pub name: &'static str,
    /// What it is, for `# HELP`.
    pub help: &'static str,
    /// Labels.
    pub labels: Vec<(&'static str, String)>,
    /// Value.
    pub value: f64,
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Heading.
    pub title: String,
    /// For people.
    pub parts: Vec<Part>,
    /// For programs: the JSON and YAML documents.
    pub data: Value,
    /// For code scanning and tests.
    pub findings: Vec<Finding>,
    /// The worst of all findings, shown or not: it decides the exit code.
    pub worst: Option<Severity>,
    /// Rules that were looked at, as test cases: id and title.
    pub rules: Vec<(String, String)>,
    /// For Prometheus.
    pub metrics: Vec<Metric>,
}

impl Report {
    /// An empty report.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds a line.
    pub fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// Adds a heading.
    pub fn heading(&mut self, text: impl Into<String>) -> &mut Self {
        self.parts.push(Part::Heading(text.into()));
        self
    }

    /// Adds a table.
    pub fn table(&mut self, head: &[&str], rows: Vec<Vec<Cell>>) -> &mut Self {
        self.parts.push(Part::Table { head: head.iter().map(|h| (*h).to_owned()).collect(), rows });
        self
    }

    /// The text of the report in a format. Everything passes the door first.
    pub fn render(&self, format: Format, colour: bool, width: Option<u16>, door: &Door) -> String {
        let clean = door.pass(self);
        let text = match format {
            Format::Table => table::render(&clean, colour, width),
            Format::Json => serde_json::to_string_pretty(&clean.data).unwrap_or_default(),
            Format::Yaml => serde_saphyr::to_string(&clean.data).unwrap_or_default(),
            Format::Sarif => sarif::render(&clean),
            Format::Junit => junit::render(&clean),
            Format::Html => html::render(&clean),
            Format::Prometheus => prometheus::render(&clean),
            Format::Markdown => markdown::render(&clean),
        };
        if text.ends_with('\n') { text } else { text + "\n" }
    }
}

/// Counts per severity, worst first.
pub fn tally(findings: &[Finding]) -> Vec<(Severity, usize)> {
    Severity::ALL.into_iter().map(|s| (s, findings.iter().filter(|f| f.severity == s).count())).collect()
}

/// `2 critical, 1 high` or `nothing`.
pub fn tally_text(findings: &[Finding]) -> String {
    let parts: Vec<String> =
        tally(findings).into_iter().filter(|(_, n)| *n > 0).map(|(s, n)| format!("{n} {s}")).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

/// Where a finding is, in a few words.
pub fn place(finding: &Finding) -> String {
    let object = &finding.subject.object;
    match &finding.subject.container {
        Some(container) => format!("{object} [{container}]"),
        None => object.to_string(),
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        <Self as clap::ValueEnum>::from_str(text, true)
    }
}
