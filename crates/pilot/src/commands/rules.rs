//! Rules from the command line: settings, suppressions, and the analysis that joins rules and health.

use std::collections::BTreeMap;

use pilot_core::config::{Config, Profile, Suppression};
use pilot_core::finding::{Location, sort};
use pilot_core::rules::{self, Analysis, Rule};
use pilot_core::snapshot::{KubeVersion, Snapshot};
use pilot_core::{health, model::ObjectRef};

use super::Ask;
use crate::cli::{ProfileArg, RuleArgs};
use crate::exit::Error;
use crate::report::{Cell, Part, Report, tally_text};

/// The settings in force.
///
/// # Errors
/// When the file is broken or a value is not known; the field is named.
pub fn config(args: &RuleArgs) -> Result<Config, Error> {
    let mut config = match &args.config {
        None => Config::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| Error::Usage(format!("{}: {e}", path.display())))?;
            serde_saphyr::from_str(&text).map_err(|e| Error::Usage(format!("{}: {e}", path.display())))?
        }
    };
    if let Some(profile) = args.profile {
        config.profile = match profile {
            ProfileArg::Local => Profile::Local,
            ProfileArg::Production => Profile::Production,
            ProfileArg::Strict => Profile::Strict,
        };
    }
    if let Some(version) = &args.kubernetes_version {
        if KubeVersion::parse(version).is_none() {
            return Err(Error::Usage(format!("--kubernetes-version {version:?} is not a version: write 1.34")));
        }
        config.kubernetes_version = Some(version.clone());
    }
    config.include_system |= args.include_system;
    for id in &args.ignore {
        let known = rules::table().any(|r| r.id == id) || health::catalogue::RULES.iter().any(|r| r.id == id);
        if !known {
            return Err(Error::Usage(format!("--ignore {id}: there is no such rule")));
        }
        config.ignore.push(Suppression {
            ids: [id.clone()].into(),
            reason: "--ignore".to_owned(),
            ..Suppression::default()
        });
    }
    Ok(config)
}

/// Runs the wanted rules and, for a live cluster, the health checks.
pub fn analyse(snapshot: &Snapshot, config: &Config, with_health: bool, wanted: impl Fn(&Rule) -> bool) -> Analysis {
    let mut analysis = rules::analyze_with(snapshot, config, wanted);
    if with_health {
        let found = health::check(snapshot)
            .into_iter()
            .filter(|f| config.include_system || !config.is_system(&f.subject.object.namespace))
            .collect();
        let (counted, ignored) = rules::split_suppressed(&rules::Context::new(snapshot, config), found);
        analysis.findings.extend(counted);
        analysis.suppressed.extend(ignored);
        sort(&mut analysis.findings);
        sort(&mut analysis.suppressed);
    }
    locate(snapshot, &mut analysis);
    analysis
}

/// Points findings on manifests at the line of their field.
fn locate(snapshot: &Snapshot, analysis: &mut Analysis) {
    let key = |object: &ObjectRef| (object.kind.clone(), object.namespace.clone(), object.name.clone());
    let sources: BTreeMap<_, _> =
        snapshot.all().filter_map(|meta| Some((key(&meta.object_ref()), meta.source.clone()?))).collect();
    for finding in analysis.findings.iter_mut().chain(&mut analysis.suppressed) {
        if let (Some(source), Some(field)) = (sources.get(&key(&finding.subject.object)), &finding.subject.field) {
            finding.location = Some(Location { file: source.file.clone(), line: source.line_of(field) });
        }
    }
}

/// Keeps findings about objects of a namespace, and about those without one only when no namespace is asked for.
pub fn within(analysis: &mut Analysis, namespace: Option<&str>) {
    if let Some(namespace) = namespace {
        let keep = |object: &ObjectRef| {
            object.namespace == namespace || (object.kind == "Namespace" && object.name == namespace)
        };
        analysis.findings.retain(|f| keep(&f.subject.object));
        analysis.suppressed.retain(|f| keep(&f.subject.object));
    }
}

/// Adds what every report on rules ends with: suppressed findings and skipped rules.
pub fn remarks(report: &mut Report, analysis: &Analysis, args: &RuleArgs) {
    if !analysis.suppressed.is_empty() {
        report.text(format!(
            "{} suppressed{}",
            tally_text(&analysis.suppressed),
            if args.show_suppressed { ":" } else { " (--show-suppressed lists them)" }
        ));
        if args.show_suppressed {
            let rows = analysis.suppressed.iter().map(|f| {
                vec![
                    Cell::severity(f.severity),
                    Cell::new(&f.id),
                    Cell::new(f.subject.object.to_string()),
                    Cell::new(f.suppressed.clone().unwrap_or_default()),
                ]
            });
            report.table(&["SEVERITY", "RULE", "OBJECT", "WHY"], rows.collect());
        }
    }
    for skipped in &analysis.skipped {
        report.text(format!("skipped {}: {}", skipped.id, skipped.reason));
    }
}

/// Takes out what a baseline already has.
///
/// # Errors
/// When the baseline can't be read.
pub fn baseline(analysis: &mut Analysis, args: &RuleArgs) -> Result<(), Error> {
    let Some(path) = &args.baseline else { return Ok(()) };
    let known = super::baseline::read(path)?;
    analysis.findings = known.compare(std::mem::take(&mut analysis.findings)).new;
    Ok(())
}

/// The parts of a report that list findings: a summary line, then the findings by severity.
pub fn findings(report: &mut Report, ask: &Ask, analysis: &Analysis) {
    ask.show(report, &analysis.findings);
    report.rules = rules::table().map(|r| (r.id.to_owned(), r.title.to_owned())).collect();
    report.rules.extend(health::catalogue::RULES.iter().map(|r| (r.id.to_owned(), r.title.to_owned())));
    report.rules.sort();
    report.text(format!("Found {}.", tally_text(&analysis.findings)));
    if !report.findings.is_empty() {
        report.parts.push(Part::Text(String::new()));
        report.parts.push(Part::Findings);
    }
}
