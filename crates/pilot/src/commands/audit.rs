//! `audit`, `audit verify`: what was changed, and whether the log is whole.

use serde_json::{Value, json};

use super::Ask;
use crate::audit::{self, Head};
use crate::cli::{Audit, AuditCommand};
use crate::exit::{Error, Outcome};
use crate::report::{Cell, Report, Tone};
use pilot_core::finding::Severity;

pub fn run(ask: &Ask, args: &Audit) -> Result<Outcome, Error> {
    let path = ask.write.audit_log.clone().unwrap_or_else(audit::default_path);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(Error::Usage(format!("{}: {e}", path.display()))),
    };
    let mut kept: Vec<Head> = audit::kept_head(&path).into_iter().collect();
    match &args.what {
        None => list(ask, &text, args.last),
        Some(AuditCommand::Verify { head }) => {
            kept.extend(head.as_ref().map(|hash| Head { seq: 0, hash: hash.clone() }));
            verify(ask, &path.display().to_string(), &text, &kept)
        }
    }
}

fn list(ask: &Ask, text: &str, last: usize) -> Result<Outcome, Error> {
    let lines = audit::read(text);
    let shown = &lines[lines.len().saturating_sub(last)..];
    let word = |value: &Value, key: &str| value[key].as_str().unwrap_or("").to_owned();
    let mut report = Report::new("");
    let rows = shown.iter().map(|line| {
        let value = &line.value;
        let event = word(value, "event");
        let tone = match event.as_str() {
            "applied" => Tone::Good,
            "failed" | "unverified" => Tone::Severity(Severity::High),
            _ => Tone::Plain,
        };
        vec![
            Cell::number(line.head.seq),
            Cell::new(word(value, "time")),
            Cell::new(word(value, "user")),
            Cell::new(event).tone(tone),
            Cell::new(word(value, "intent")),
            Cell::new(word(value, "plan").chars().take(12).collect::<String>()),
            Cell::new(word(value, "result")),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    if rows.is_empty() {
        report.text("nothing was changed yet");
    } else {
        report.table(&["", "TIME", "USER", "EVENT", "INTENT", "PLAN", "RESULT"], rows);
    }
    report.data = json!({"kind": "Audit", "items": shown.iter().map(|l| l.value.clone()).collect::<Vec<_>>()});
    ask.answer(&report)
}

fn verify(ask: &Ask, path: &str, text: &str, kept: &[Head]) -> Result<Outcome, Error> {
    let verdict = audit::verify(text, kept);
    let mut report = Report::new("");
    report.data = json!({"kind": "AuditVerdict", "whole": verdict.broken.is_none(), "entries": verdict.head.seq,
        "head": verdict.head.hash, "broken": verdict.broken.as_ref().map(ToString::to_string)});
    match &verdict.broken {
        None => {
            report.text(format!("{path}: {} entries, the chain is whole", verdict.head.seq));
            report.text(format!("head {}", verdict.head.hash));
            report.text("Keep the head elsewhere to be able to tell a log that was written anew (--head).");
        }
        Some(broken) => {
            report.text(format!("{path}: {broken}"));
            report.text(format!("whole up to entry {}", verdict.head.seq));
        }
    }
    let outcome = ask.answer(&report)?;
    Ok(if verdict.broken.is_some() { Outcome::Findings } else { outcome })
}
