//! Prometheus text exposition (version 0.0.4): counts of findings, and what the command measured.

use std::collections::BTreeMap;

use super::{Metric, Report, tally};

pub fn render(report: &Report) -> String {
    let mut by_name: BTreeMap<&str, (&str, Vec<String>)> = BTreeMap::new();
    let counts = tally(&report.findings).into_iter().map(|(severity, count)| Metric {
        name: "pilot_findings",
        help: "Findings by severity.",
        labels: vec![("severity", severity.name().to_owned())],
        value: count as f64,
    });
    let mut by_rule: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in &report.findings {
        *by_rule.entry((&finding.id, &finding.subject.object.namespace)).or_default() += 1;
    }
    let rules = by_rule.into_iter().map(|((rule, namespace), count)| Metric {
        name: "pilot_rule_findings",
        help: "Findings by rule and namespace.",
        labels: vec![("rule", rule.to_owned()), ("namespace", namespace.to_owned())],
        value: count as f64,
    });
    for metric in counts.chain(rules).chain(report.metrics.iter().cloned()) {
        let labels: Vec<String> = metric.labels.iter().map(|(n, v)| format!("{n}=\"{}\"", escape(v))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let entry = by_name.entry(metric.name).or_insert((metric.help, Vec::new()));
        entry.1.push(format!("{}{labels} {}", metric.name, metric.value));
    }
    let mut out = String::new();
    for (name, (help, mut lines)) in by_name {
        lines.sort();
        out += &format!("# HELP {name} {help}\n# TYPE {name} gauge\n{}\n", lines.join("\n"));
    }
    out
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_one_name_stand_together() {
        let metric =
            |pod: &str, value| Metric { name: "pilot_x", help: "X.", labels: vec![("pod", pod.to_owned())], value };
        let report = Report { metrics: vec![metric("b\"", 2.0), metric("a", 1.5)], ..Report::new("t") };
        let text = render(&report);
        assert!(text.contains("# TYPE pilot_x gauge\npilot_x{pod=\"a\"} 1.5\npilot_x{pod=\"b\\\"\"} 2\n"));
        assert_eq!(text.matches("# TYPE pilot_findings gauge").count(), 1);
    }
}
