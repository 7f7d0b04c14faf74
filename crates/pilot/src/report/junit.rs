//! JUnit XML: one test case per rule; a rule with findings fails.

use std::collections::BTreeMap;

use pilot_core::finding::{Finding, Severity};

use super::{Report, place};

pub fn render(report: &Report) -> String {
    let mut by_rule: BTreeMap<(&str, &str), Vec<&Finding>> =
        report.rules.iter().map(|(id, title)| ((id.as_str(), title.as_str()), Vec::new())).collect();
    for finding in &report.findings {
        let known = by_rule.keys().copied().find(|(id, _)| *id == finding.id);
        by_rule.entry(known.unwrap_or((&finding.id, &finding.title))).or_default().push(finding);
    }
    let fails = |list: &[&Finding]| list.iter().any(|f| f.severity.at_least(Severity::Medium));
    let failures = by_rule.values().filter(|list| fails(list)).count();
    let name = escape(&report.title);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out += &format!(
        "<testsuites tests=\"{0}\" failures=\"{failures}\" errors=\"0\">\n  <testsuite name=\"{name}\" tests=\"{0}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">\n",
        by_rule.len()
    );
    for ((id, title), list) in &by_rule {
        out += &format!(
            "    <testcase classname=\"pilot.{}\" name=\"{} {}\">",
            &id[..id.len().min(3)],
            escape(id),
            escape(title)
        );
        if list.is_empty() {
            out += "</testcase>\n";
            continue;
        }
        let lines: Vec<String> = list.iter().map(|f| format!("{} {}: {}", f.severity, place(f), f.message)).collect();
        let text = escape(&lines.join("\n"));
        if fails(list) {
            let worst = list.iter().map(|f| f.severity).min().map_or("", Severity::name);
            out +=
                &format!("<failure type=\"{worst}\" message=\"{} findings\">{text}</failure></testcase>\n", list.len());
        } else {
            out += &format!("<system-out>{text}</system-out></testcase>\n");
        }
    }
    out + "  </testsuite>\n</testsuites>\n"
}

/// Text for XML 1.0: markup escaped, characters that XML forbids left out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(c),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_stays_well_formed() {
        assert_eq!(escape("a<b & \"c\"\u{1}"), "a&lt;b &amp; &quot;c&quot;");
        let report = Report { rules: vec![("SEC-001".into(), "x".into())], ..Report::new("t") };
        assert!(render(&report).contains("tests=\"1\" failures=\"0\""));
    }
}
