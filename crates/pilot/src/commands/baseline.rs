//! `baseline save|check`: fail on new findings only.

use std::collections::BTreeSet;
use std::path::Path;

use pilot_core::rules::Analysis;
use serde_json::{Value, json};

use super::{Ask, rules};
use crate::cli::{Baseline, RuleArgs};
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::Report;

pub async fn run(ask: &Ask, what: Baseline) -> Result<Outcome, Error> {
    match what {
        Baseline::Save { file, rules: args } => {
            let analysis = analysis(ask, &args).await?;
            let keys: BTreeSet<String> = analysis.findings.iter().map(|f| f.key()).collect();
            let text =
                serde_json::to_string_pretty(&json!({"apiVersion": "pilot/v1", "kind": "Baseline", "findings": keys}))
                    .unwrap_or_default();
            std::fs::write(&file, text + "\n").map_err(|e| Error::Usage(format!("{}: {e}", file.display())))?;
            let mut report = Report::new("");
            report.text(format!("{} findings saved to {}", keys.len(), file.display()));
            report.data = json!({"kind": "BaselineSaved", "file": file.display().to_string(), "findings": keys.len()});
            ask.answer(&report)
        }
        Baseline::Check { file, rules: args } => {
            let known = read(&file)?;
            let mut analysis = analysis(ask, &args).await?;
            let now: BTreeSet<String> = analysis.findings.iter().map(|f| f.key()).collect();
            analysis.findings.retain(|f| !known.contains(&f.key()));
            let gone = known.difference(&now).count();
            let mut report = Report::new(format!("New since {}", file.display()));
            rules::findings(&mut report, ask, &analysis);
            report.text(format!("{} known findings are still there, {gone} are gone", known.len() - gone));
            report.data = json!({"kind": "BaselineCheck", "new": report.findings, "known": known.len(), "gone": gone});
            ask.answer(&report)
        }
    }
}

async fn analysis(ask: &Ask, args: &RuleArgs) -> Result<Analysis, Error> {
    let config = rules::config(args)?;
    let loaded = ask.load(Wanted { logs: true, metrics: true }).await?;
    let mut analysis = rules::analyse(&loaded.snapshot, &config, true, |_| true);
    rules::within(&mut analysis, ask.namespace());
    Ok(analysis)
}

/// The keys of a saved baseline.
///
/// # Errors
/// When the file is not one.
pub fn read(path: &Path) -> Result<BTreeSet<String>, Error> {
    let wrong = |why: String| Error::Usage(format!("{}: not a baseline: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    let value: Value = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    if value["kind"] != "Baseline" {
        return Err(wrong("kind is not Baseline".to_owned()));
    }
    let keys = value["findings"].as_array().ok_or_else(|| wrong("findings is missing".to_owned()))?;
    Ok(keys.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}
