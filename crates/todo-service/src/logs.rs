//! Logs: one JSON object a line for machines, coloured text for people.

use std::{fmt, io::IsTerminal, str::FromStr};

use crate::{span_fields::SpanFields, traces::Traces};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// Text for people.
    Text,
}

impl FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "text" | "pretty" => Ok(Self::Text),
            _ => Err("use json or text"),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Text => "text",
        })
    }
}

/// Starts logging to standard error. A second call changes nothing.
///
/// # Errors
/// When `level` is neither a level nor a filter directive.
pub fn start(level: &str, format: Format) -> anyhow::Result<()> {
    start_with_traces(level, format, None)
}

/// As [`start`], and sends the spans to a collector as well.
///
/// # Errors
/// When `level` is neither a level nor a filter directive.
pub fn start_with_traces(level: &str, format: Format, traces: Option<&Traces>) -> anyhow::Result<()> {
    // The MCP library tells each request's begin and end, and takes a client that hangs up for an error; what matters of them is ours
    // to log.
    let filter =
        format!("rmcp=error,rmcp::service=off,{}", level.to_ascii_lowercase()).parse::<Targets>().map_err(|error| {
            anyhow::anyhow!("LOG_LEVEL: `{level}` can't be used: {error}; use error, warn, info, debug or trace")
        })?;
    let registry = tracing_subscriber::registry().with(traces.map(Traces::layer)).with(filter);
    // A second start (tests) is harmless: the first subscriber stays.
    let _already_started = match format {
        Format::Json => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_current_span(true)
                    .with_span_list(false)
                    .fmt_fields(SpanFields)
                    .with_writer(std::io::stderr),
            )
            .try_init(),
        Format::Text => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .with_ansi(std::io::stderr().is_terminal())
                    .with_target(false)
                    .with_writer(std::io::stderr),
            )
            .try_init(),
    };
    Ok(())
}
