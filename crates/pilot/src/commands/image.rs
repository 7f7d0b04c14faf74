//! `image review <Dockerfile>`: what is wrong with it, and with `--fix` the difference that puts it right.

use std::path::Path;

use pilot_core::dockerfile::{BuildContext, apply, review, table, unified_diff};
use pilot_core::finding::Finding;
use serde_json::json;

use super::Ask;
use crate::cli::Image;
use crate::exit::{Error, Outcome};
use crate::report::{Part, Report, tally_text};

/// Largest Dockerfile.
const LARGEST: u64 = 1 << 20;

pub fn run(ask: &Ask, what: Image) -> Result<Outcome, Error> {
    let Image::Review { dockerfile, fix, has_probes } = what;
    let path = dockerfile.display().to_string();
    let fail = |e: std::io::Error| Error::Usage(format!("{path}: {e}"));
    if std::fs::metadata(&dockerfile).map_err(fail)?.len() > LARGEST {
        return Err(Error::Usage(format!("{path}: more than 1 MiB: not a Dockerfile")));
    }
    let text = std::fs::read_to_string(&dockerfile).map_err(fail)?;
    let folder = dockerfile.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let context = BuildContext {
        path,
        dockerignore: std::fs::read_to_string(folder.join(".dockerignore")).ok(),
        files: names(folder),
        has_probes,
    };
    answer(ask, &text, &context, fix)
}

/// Reviews the text of a Dockerfile.
///
/// # Errors
/// When it is none.
pub fn answer(ask: &Ask, text: &str, context: &BuildContext, fix: bool) -> Result<Outcome, Error> {
    let path = &context.path;
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let known = |line: &str| {
        let word = line.split_whitespace().next().unwrap_or("");
        ["FROM", "ARG"].iter().any(|known| word.eq_ignore_ascii_case(known))
    };
    if !first.is_some_and(known) {
        return Err(Error::Usage(format!("{path}: not a Dockerfile: it does not begin with FROM or ARG")));
    }
    let items = review(text, context);
    let findings: Vec<Finding> = items.iter().map(|item| item.finding.clone()).collect();
    let edits: Vec<_> = items.iter().filter_map(|item| item.edit.clone()).collect();
    let diff = unified_diff(path, text, &apply(text, &edits));
    let mut report = Report::new(format!("Dockerfile: {path}"));
    ask.show(&mut report, &findings);
    report.rules = table().map(|rule| (rule.id.to_owned(), rule.title.to_owned())).collect();
    report.text(format!("Found {}.", tally_text(&findings)));
    report.parts.push(Part::Findings);
    if fix {
        report.heading("Edits (nothing was written)");
        report.parts.push(Part::Literal(if diff.is_empty() { "no safe edit".to_owned() } else { diff.clone() }));
    } else if !diff.is_empty() {
        report.text(format!("{} edits would remove findings: --fix shows them.", edits.len()));
    }
    report.data = json!({"kind": "ImageReview", "file": path, "findings": report.findings, "diff": diff});
    ask.answer(&report)
}

/// Names at the top of the build context, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
