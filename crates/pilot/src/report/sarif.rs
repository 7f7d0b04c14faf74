//! SARIF 2.1.0 (OASIS), for code scanning: one result per finding, one rule per id.

use std::collections::BTreeMap;

use pilot_core::finding::{Finding, Severity};
use serde_json::{Value, json};

use super::{Report, place};

pub fn render(report: &Report) -> String {
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for finding in &report.findings {
        rules.entry(&finding.id).or_insert_with(|| rule(finding));
    }
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let results: Vec<Value> =
        report.findings.iter().map(|finding| result(finding, index[finding.id.as_str()])).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "pilot",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_values().collect::<Vec<_>>(),
            }},
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default()
}

fn rule(finding: &Finding) -> Value {
    let mut rule = json!({
        "id": finding.id,
        "shortDescription": {"text": finding.title},
        "defaultConfiguration": {"level": level(finding.severity)},
        "properties": {"security-severity": score(finding.severity), "tags": [finding.category]},
    });
    if !finding.reference.is_empty() {
        rule["helpUri"] = json!(finding.reference);
    }
    rule
}

fn result(finding: &Finding, rule: usize) -> Value {
    let mut message = finding.message.clone();
    if !finding.remediation.text.is_empty() {
        message += &format!(" Fix: {}", finding.remediation.text);
    }
    let object = finding.subject.object.to_string();
    let mut location = json!({"logicalLocations": [{
        "fullyQualifiedName": finding.subject.field.as_ref().map_or_else(|| object.clone(), |f| format!("{object}/{f}")),
        "name": place(finding),
        "kind": "resource",
    }]});
    // Code scanning refuses results without a file; a live object stands under a made-up one.
    let (uri, line) = match &finding.location {
        Some(location) => (uri(&location.file), location.line.max(1)),
        None => (uri(&format!("cluster/{object}.yaml")), 1),
    };
    location["physicalLocation"] = json!({"artifactLocation": {"uri": uri}, "region": {"startLine": line}});
    json!({
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": {"text": message},
        "locations": [location],
        "partialFingerprints": {"pilotKey/v1": finding.key()},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

/// A path as a relative URI reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_are_percent_encoded() {
        assert_eq!(uri("./deploy/my app.yaml"), "deploy/my%20app.yaml");
        assert_eq!(uri("a:b"), "a%3Ab");
    }
}
