//! GitHub-flavoured Markdown, for comments on a change.

use super::table::shorten;
use super::{Cell, Part, Report, place};

pub fn render(report: &Report) -> String {
    let mut out = format!("# {}\n\n", escape(&report.title));
    for part in &report.parts {
        match part {
            Part::Text(text) => out += &format!("{}\n\n", escape(text)),
            Part::Heading(text) => out += &format!("## {}\n\n", escape(text)),
            Part::Table { head, rows } => out += &table(head, rows),
            Part::Chart { .. } => {}
            Part::Findings => out += &findings(report),
            Part::Literal(text) => out += &format!("````\n{}\n````\n\n", text.replace("````", "'```")),
        }
    }
    out
}

fn table(head: &[String], rows: &[Vec<Cell>]) -> String {
    let right = |column: usize| !rows.is_empty() && rows.iter().all(|row| row.get(column).is_some_and(|c| c.right));
    let mut out = format!("| {} |\n", head.iter().map(|h| escape(h)).collect::<Vec<_>>().join(" | "));
    let rule: Vec<&str> = (0..head.len()).map(|i| if right(i) { "---:" } else { "---" }).collect();
    out += &format!("| {} |\n", rule.join(" | "));
    for row in rows {
        out += &format!("| {} |\n", row.iter().map(|c| escape(&c.text)).collect::<Vec<_>>().join(" | "));
    }
    out + "\n"
}

fn findings(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        out += &format!(
            "- **{}** `{}` {} — {}\n",
            finding.severity,
            finding.id,
            escape(&place(finding)),
            escape(&finding.message)
        );
        for evidence in finding.evidence.iter().take(4) {
            out += &format!("  - {}: {}\n", escape(&evidence.at), escape(&shorten(&evidence.value, 200)));
        }
        if !finding.remediation.text.is_empty() {
            out += &format!("  - *Fix:* {}\n", escape(&finding.remediation.text));
        }
    }
    out + "\n"
}

/// Takes the meaning out of the characters that Markdown and HTML would act on; links are shown, not made.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            c => out.push(c),
        }
    }
    // A bare address would become a link.
    out.replace("://", ":&#8203;//").replace('@', "@&#8203;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untrusted_text_makes_no_markup() {
        assert_eq!(escape("a|b*c"), "a\\|b\\*c");
        assert_eq!(escape("![x](y)<img src=x>"), "!\\[x\\](y)&lt;img src=x&gt;");
        assert!(!escape("see https://evil.example").contains("://"));
        let rows = vec![vec![Cell::new("a|b"), Cell::number(3)]];
        assert_eq!(table(&["x".into(), "n".into()], &rows), "| x | n |\n| --- | ---: |\n| a\\|b | 3 |\n\n");
    }
}
