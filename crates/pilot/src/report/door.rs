//! The one door to every output: secrets are redacted and terminal escapes taken out of all text that passes.

use pilot_core::finding::Finding;
use pilot_core::redact::{Redactor, neutralise, neutralise_block};
use serde_json::Value;

use super::{Bar, Cell, Metric, Part, Report};

/// Stands between what was read and what is shown.
#[derive(Default)]
pub struct Door {
    redactor: Redactor,
}

impl Door {
    /// One line of text.
    pub fn line(&self, text: &str) -> String {
        neutralise(&self.redactor.text(text)).into_owned()
    }

    /// Text of several lines: a diff, a manifest, a log.
    pub fn literal(&self, text: &str) -> String {
        neutralise_block(&self.redactor.text(text)).into_owned()
    }

    /// A JSON value, keys included.
    pub fn value(&self, value: &Value) -> Value {
        let mut clean = value.clone();
        self.redactor.value(&mut clean);
        neutral(clean)
    }

    /// A whole report.
    pub fn pass(&self, report: &Report) -> Report {
        Report {
            title: self.line(&report.title),
            parts: report.parts.iter().map(|part| self.part(part)).collect(),
            data: self.value(&report.data),
            findings: report.findings.iter().map(|finding| self.finding(finding)).collect(),
            worst: report.worst,
            rules: report.rules.clone(),
            metrics: report
                .metrics
                .iter()
                .map(|metric| Metric {
                    labels: metric.labels.iter().map(|(name, value)| (*name, self.line(value))).collect(),
                    ..metric.clone()
                })
                .collect(),
        }
    }

    fn part(&self, part: &Part) -> Part {
        match part {
            Part::Text(text) => Part::Text(self.line(text)),
            Part::Heading(text) => Part::Heading(self.line(text)),
            Part::Table { head, rows } => Part::Table {
                head: head.clone(),
                rows: rows
                    .iter()
                    .map(|row| row.iter().map(|cell| Cell { text: self.line(&cell.text), ..cell.clone() }).collect())
                    .collect(),
            },
            Part::Chart { title, series, bars } => Part::Chart {
                title: self.line(title),
                series: series.clone(),
                bars: bars
                    .iter()
                    .map(|bar| Bar { label: self.line(&bar.label), text: self.line(&bar.text), ..bar.clone() })
                    .collect(),
            },
            Part::Findings => Part::Findings,
            Part::Literal(text) => Part::Literal(self.literal(text)),
        }
    }

    /// A finding: names, messages, evidence, patches.
    pub fn finding(&self, finding: &Finding) -> Finding {
        let mut clean = finding.clone();
        let line = |text: &mut String| *text = self.line(text);
        let object = &mut clean.subject.object;
        [&mut object.namespace, &mut object.name, &mut object.kind, &mut object.api_version].into_iter().for_each(line);
        clean.subject.container.iter_mut().for_each(line);
        clean.subject.field.iter_mut().for_each(line);
        line(&mut clean.message);
        for evidence in &mut clean.evidence {
            line(&mut evidence.at);
            line(&mut evidence.value);
        }
        clean.affected.iter_mut().for_each(line);
        clean.cause_of.iter_mut().for_each(line);
        clean.caused_by.iter_mut().for_each(line);
        let remediation = &mut clean.remediation;
        line(&mut remediation.text);
        remediation.no_patch.iter_mut().for_each(line);
        remediation.command.iter_mut().for_each(line);
        remediation.risk.iter_mut().for_each(line);
        if let Some(patch) = &mut remediation.patch {
            patch.body = self.value(&patch.body);
            let target = &mut patch.target;
            [&mut target.namespace, &mut target.name, &mut target.kind, &mut target.api_version]
                .into_iter()
                .for_each(line);
        }
        clean.location.iter_mut().for_each(|location| line(&mut location.file));
        clean.suppressed.iter_mut().for_each(line);
        clean
    }
}

fn neutral(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(neutralise_block(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(neutral).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, item)| (neutralise(&key).into_owned(), neutral(item))).collect()
        }
        other => other,
    }
}
