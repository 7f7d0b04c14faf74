//! `baseline save|check`: fail on new findings only.

use std::path::Path;

use pilot_core::baseline::Baseline as Known;
use pilot_core::rules::Analysis;
use serde_json::json;

use super::{Ask, rules};
use crate::cli::{Baseline, RuleArgs};
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::Report;

pub async fn run(ask: &Ask, what: Baseline) -> Result<Outcome, Error> {
    match what {
        Baseline::Save { file, rules: args } => {
            let known = Known::of(&analysis(ask, &args).await?.findings);
            let text = serde_json::to_string_pretty(&known).map_err(|e| Error::Usage(e.to_string()))?;
            std::fs::write(&file, text + "\n").map_err(|e| Error::Usage(format!("{}: {e}", file.display())))?;
            let mut report = Report::new("");
            report.text(format!("{} findings saved to {}", known.findings.len(), file.display()));
            report.data =
                json!({"kind": "BaselineSaved", "file": file.display().to_string(), "findings": known.findings.len()});
            ask.answer(&report)
        }
        Baseline::Check { file, rules: args } => {
            let known = read(&file)?;
            let mut analysis = analysis(ask, &args).await?;
            let compared = known.compare(std::mem::take(&mut analysis.findings));
            analysis.findings = compared.new;
            let mut report = Report::new(format!("New since {}", file.display()));
            rules::findings(&mut report, ask, &analysis);
            let (there, gone) = (compared.known.len(), compared.gone.len());
            report.text(format!("{there} known findings are still there, {gone} are gone"));
            report.data =
                json!({"kind": "BaselineCheck", "new": report.findings, "known": there, "gone": compared.gone});
            ask.answer(&report)
        }
    }
}

async fn analysis(ask: &Ask, args: &RuleArgs) -> Result<Analysis, Error> {
    let config = rules::config(args)?;
    let loaded = ask.load(Wanted::everything()).await?;
    let mut analysis = rules::analyse(&loaded.snapshot, &config, true, |_| true);
    rules::within(&mut analysis, ask.namespace());
    Ok(analysis)
}

/// A saved baseline.
///
/// # Errors
/// When the file is not one.
pub fn read(path: &Path) -> Result<Known, Error> {
    let wrong = |why: String| Error::Usage(format!("{}: not a baseline: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))
}
