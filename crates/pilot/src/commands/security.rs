//! `security-scan`.

use pilot_core::finding::Category;
use pilot_core::health::World;
use pilot_core::pss::{self, Level};
use pilot_core::snapshot::KubeVersion;
use serde_json::json;

use super::{Ask, PERMISSIONS, WORKLOADS, analyze, diagnose, rules};
use crate::cli::SecurityScan;
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Report, Tone};
use pilot_core::finding::Severity;

pub async fn run(ask: &Ask, args: SecurityScan) -> Result<Outcome, Error> {
    let level = match &args.pss {
        None => None,
        Some(text) => Some(Level::parse(text).ok_or_else(|| {
            Error::Usage(format!("--pss {text:?} is not a level: use privileged, baseline or restricted"))
        })?),
    };
    let config = rules::config(&args.rules)?;
    let loaded = ask.load(Wanted::objects()).await?;
    let snapshot = &loaded.snapshot;
    let wanted = |category: Category| category == Category::Rbac || (category == Category::Security && !args.rbac);
    let mut analysis = rules::analyse(snapshot, &config, false, |rule| wanted(rule.category()));
    rules::within(&mut analysis, ask.namespace());
    let world = World::new(snapshot);
    let only = match &args.deployment {
        Some(name) => Some(diagnose::target(&world, name, ask.namespace())?),
        None => None,
    };
    if let Some(only) = &only {
        analysis.findings.retain(|f| {
            f.subject.object.kind == only.kind
                && f.subject.object.namespace == only.namespace
                && f.subject.object.name == only.name
        });
    }
    rules::baseline(&mut analysis, &args.rules)?;
    let mut report = Report::new(format!("Security: {}", loaded.from));
    let mut verdicts = Vec::new();
    let mut refused = false;
    if !args.rbac {
        let version = config.version().or(snapshot.server_version).unwrap_or(KubeVersion::LATEST);
        let context = pilot_core::rules::Context::new(snapshot, &config);
        let mut rows = Vec::new();
        for workload in &context.workloads {
            let meta = workload.meta;
            let about = only
                .as_ref()
                .is_none_or(|o| o.kind == meta.kind && o.namespace == meta.namespace && o.name == meta.name);
            if !about || ask.namespace().is_some_and(|n| n != meta.namespace) {
                continue;
            }
            let highest = pss::verdict(version, workload.template, workload.spec);
            let violations =
                level.map(|level| pss::evaluate(level, version, workload.template, workload.spec)).unwrap_or_default();
            refused |= !violations.is_empty();
            let text: Vec<String> = violations.iter().map(ToString::to_string).collect();
            let tone = if text.is_empty() { Tone::Good } else { Tone::Severity(Severity::High) };
            rows.push(vec![
                Cell::new(meta.object_ref().to_string()),
                Cell::new(highest.to_string()),
                Cell::new(if text.is_empty() { String::new() } else { text.join("; ") }).tone(tone),
            ]);
            verdicts.push(json!({"object": meta.object_ref(), "level": highest.to_string(), "violations": text}));
        }
        report.heading(format!("Pod Security levels, by the rules of Kubernetes {version}"));
        let held = level.map_or_else(String::new, |l| format!("AGAINST {}", l.to_string().to_uppercase()));
        report.table(&["WORKLOAD", "HIGHEST LEVEL", &held], rows);
        report.heading("Findings");
    }
    rules::findings(&mut report, ask, &analysis);
    rules::remarks(&mut report, &analysis, &args.rules);
    analyze::gaps(&mut report, snapshot);
    report.data = json!({"kind": "SecurityScan", "from": loaded.from, "podSecurity": verdicts, "findings": report.findings, "suppressed": analysis.suppressed, "skipped": analysis.skipped, "gaps": snapshot.gaps});
    let needed: Vec<&str> = if args.rbac { PERMISSIONS.to_vec() } else { [WORKLOADS, PERMISSIONS].concat() };
    let outcome = ask.answer_about(&report, snapshot, &needed)?;
    Ok(if refused && outcome == Outcome::Clean { Outcome::Findings } else { outcome })
}
