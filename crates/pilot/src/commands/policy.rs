//! `policy check`: the rules as a gate, with a line per violation.

use serde_json::json;

use super::{Ask, WORKLOADS, analyze, rules};
use crate::cli::Policy;
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Report, Tone, place};

pub async fn run(ask: &Ask, what: Policy) -> Result<Outcome, Error> {
    let Policy::Check { rules: args } = what;
    let config = rules::config(&args)?;
    let loaded = ask.load(Wanted::objects()).await?;
    let mut analysis = rules::analyse(&loaded.snapshot, &config, false, |_| true);
    rules::within(&mut analysis, ask.namespace());
    rules::baseline(&mut analysis, &args)?;
    let mut report = Report::new(format!("Policy: {}", loaded.from));
    let violating: Vec<_> = analysis.findings.iter().filter(|f| f.severity.at_least(ask.output.fail_on)).collect();
    let rows = violating.iter().map(|f| {
        vec![
            Cell::new("VIOLATING").tone(Tone::Severity(f.severity)),
            Cell::new(&f.id),
            Cell::new(place(f)),
            Cell::new(&f.message),
        ]
    });
    report.table(&["", "RULE", "OBJECT", "WHY"], rows.collect());
    report.text(format!(
        "{} of {} findings violate the policy ({} or worse).",
        violating.len(),
        analysis.findings.len(),
        ask.output.fail_on
    ));
    rules::remarks(&mut report, &analysis, &args);
    analyze::gaps(&mut report, &loaded.snapshot);
    ask.show(&mut report, &analysis.findings);
    report.rules = pilot_core::rules::table().map(|r| (r.id.to_owned(), r.title.to_owned())).collect();
    report.data = json!({"kind": "PolicyCheck", "from": loaded.from, "violations": violating.len(), "findings": report.findings, "skipped": analysis.skipped});
    ask.answer_about(&report, &loaded.snapshot, WORKLOADS)
}
