//! Tables for people, on the terminal and in `docs/measurements.md`.

use std::{fs, path::Path};

use anyhow::Context;

use super::{compare::Figures, process};

/// One section of the report.
pub struct Section {
    name: &'static str,
    /// Markdown.
    pub text: String,
    /// Bars that were missed, in words.
    pub missed: Vec<String>,
}

impl Section {
    /// A section with this heading; says how busy the machine is at its end.
    pub fn new(name: &'static str, heading: &str, body: &str, missed: Vec<String>) -> Self {
        let load = process::load_average();
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC");
        let text = format!("### {heading}\n\n{body}\nMeasured {now} on {cores} cores, load average {load:.1}.\n");
        Self { name, text, missed }
    }

    /// Puts the section in the place that the document has marked for it.
    pub fn write(&self, document: &Path) -> anyhow::Result<()> {
        let old = fs::read_to_string(document).with_context(|| document.display().to_string())?;
        let (begin, end) = (format!("<!-- bench: {} -->\n", self.name), format!("<!-- end: {} -->", self.name));
        let (before, rest) = old.split_once(&begin).with_context(|| format!("the document has no mark `{begin}`"))?;
        let (_, after) = rest.split_once(&end).with_context(|| format!("the document has no mark `{end}`"))?;
        fs::write(document, format!("{before}{begin}{}{end}{after}", self.text))?;
        Ok(())
    }
}

/// The middle one of some figures.
pub fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[length / 2],
        length => f64::midpoint(sorted[length / 2 - 1], sorted[length / 2]),
    }
}

/// Says on standard error what is going on.
pub fn progress(text: &str) {
    eprintln!("  {text}");
}

/// Whether a bar is held, as a word for a table.
pub const fn verdict(held: bool) -> &'static str {
    if held { "held" } else { "**missed**" }
}

/// The section of a comparison.
pub fn comparison(name: &'static str, heading: &str, tool: &str, strict: &str, figures: &[Figures]) -> Section {
    let mut missed = Vec::new();
    let mut body = format!(
        "| operation | per second | {tool} | ratio (least–most) | bar | | ratio to {strict} | p50 ms | p99 ms | CPU µs: client + server + database | statements |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n"
    );
    for one in figures {
        let [ratio, least, most] = one.ratio;
        let bar = if name == "sqlite" { one.operation.sqlite_bar() } else { one.operation.bar() };
        let held = bar.is_none_or(|bar| ratio >= bar);
        if !held {
            missed.push(format!("{heading}: {} {ratio:.2} of {tool}", one.operation.name()));
        }
        body.push_str(&format!(
            "| {} | {:.0} | {:.0} | **{ratio:.2}** ({least:.2}–{most:.2}) | {} | {} | {} | {:.1} | {:.1} | {:.0} + {:.0} + {:.0} | {} |\n",
            one.operation.name(),
            one.rate,
            one.baseline,
            bar.map_or_else(|| "–".to_owned(), |bar| format!("≥ {bar}")),
            if bar.is_some() { verdict(held) } else { "" },
            one.strict.map_or_else(|| "–".to_owned(), |(rate, ratio)| format!("{ratio:.2} of {rate:.0}")),
            one.p50,
            one.p99,
            one.cpu[0],
            one.cpu[1],
            one.cpu[2],
            one.statements.map_or_else(|| "–".to_owned(), |own| own.to_string()),
        ));
    }
    body.push('\n');
    Section::new(name, heading, &body, missed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_middle() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn replaces_only_its_own_place() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "a\n<!-- bench: x -->\nold\n<!-- end: x -->\nb\n").unwrap();
        let section = Section { name: "x", text: "new\n".into(), missed: Vec::new() };
        section.write(file.path()).unwrap();
        section.write(file.path()).unwrap();
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "a\n<!-- bench: x -->\nnew\n<!-- end: x -->\nb\n");
        assert!(Section { name: "y", ..section }.write(file.path()).is_err());
    }
}
