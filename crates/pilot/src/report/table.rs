//! Aligned columns for people, coloured only on a terminal.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell as TableCell, CellAlignment, Color, ContentArrangement, Table};
use pilot_core::finding::Severity;

use super::{Cell, Part, Report, Tone, place};

pub fn render(report: &Report, colour: bool, width: Option<u16>) -> String {
    let mut out = String::new();
    if !report.title.is_empty() {
        out += &bold(&report.title, colour);
        out += "\n\n";
    }
    for part in &report.parts {
        match part {
            Part::Text(text) => out += &format!("{text}\n"),
            Part::Heading(text) => out += &format!("\n{}\n", bold(text, colour)),
            Part::Table { head, rows } => out += &format!("{}\n", columns(head, rows, colour, width)),
            Part::Chart { .. } => {}
            Part::Findings => out += &findings(report, colour),
            Part::Literal(text) => out += &format!("{}\n", text.trim_end_matches('\n')),
        }
    }
    out
}

fn bold(text: &str, colour: bool) -> String {
    if colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn columns(head: &[String], rows: &[Vec<Cell>], colour: bool, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    match width {
        Some(width) => {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        // Piped output is never wrapped: one row is one line.
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(head.iter().map(|h| {
        let cell = TableCell::new(h);
        if colour { cell.add_attribute(Attribute::Bold) } else { cell }
    }));
    for row in rows {
        table.add_row(row.iter().map(|cell| {
            let shown = TableCell::new(&cell.text);
            let shown = if cell.right { shown.set_alignment(CellAlignment::Right) } else { shown };
            match (colour, paint(cell.tone)) {
                (true, Some(paint)) => shown.fg(paint),
                _ => shown,
            }
        }));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn paint(tone: Tone) -> Option<Color> {
    Some(match tone {
        Tone::Plain => return None,
        Tone::Good => Color::Green,
        Tone::Faint => Color::DarkGrey,
        Tone::Severity(Severity::Critical | Severity::High) => Color::Red,
        Tone::Severity(Severity::Medium) => Color::Yellow,
        Tone::Severity(Severity::Low) => Color::Cyan,
        Tone::Severity(Severity::Info) => Color::DarkGrey,
    })
}

fn code(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "1;31",
        Severity::High => "31",
        Severity::Medium => "33",
        Severity::Low => "36",
        Severity::Info => "90",
    }
}

fn findings(report: &Report, colour: bool) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let severity = format!("{:<8}", finding.severity.name());
        let severity = if colour { format!("\u{1b}[{}m{severity}\u{1b}[0m", code(finding.severity)) } else { severity };
        out += &format!("{severity} {}  {}\n", finding.id, place(finding));
        out += &format!("         {}\n", finding.message);
        for evidence in finding.evidence.iter().take(4) {
            out += &format!("         · {}: {}\n", evidence.at, shorten(&evidence.value, 160));
        }
        if !finding.remediation.text.is_empty() {
            out += &format!("         → {}\n", finding.remediation.text);
        }
        if let Some(location) = &finding.location {
            out += &format!("         at {}:{}\n", location.file, location.line);
        }
    }
    out
}

/// The start of a long text.
pub fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    text.chars().take(length).collect::<String>() + "…"
}
