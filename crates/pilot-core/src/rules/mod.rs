//! The catalogue: every rule is a pure function over a [`Context`], registered in one table with its
//! id, severity, remediation and reference.
//!
//! Folders follow the ids: `security/` SEC, `rbac/` RBC, `reliability/` REL, `efficiency/` EFF,
//! `network/` NET. HLT (failures that are happening) is in `crate::health`.

mod context;
mod efficiency;
mod network;
mod rbac;
mod reliability;
mod scan;
mod security;
mod suppress;
mod workload;

use serde::Serialize;

pub use context::Context;
pub use network::{Connection, Way, connection};
pub use rbac::{Grant, who_may};
pub use suppress::split_suppressed;
pub use workload::Workload;

use crate::config::{Config, Profile};
use crate::finding::{Category, Finding, Severity, sort};
use crate::snapshot::Snapshot;
use scan::Scan;

/// One rule of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// `SEC-001`.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Usual severity; single findings may differ.
    pub severity: Severity,
    /// How to put it right.
    pub remediation: &'static str,
    /// Why a finding may have no patch; empty when every finding of medium or higher has one.
    pub no_patch: &'static str,
    /// Public documentation.
    pub reference: &'static str,
    /// Runs only under the strict profile or when enabled by id.
    pub opt_in: bool,
    /// Kinds it can't do without. When one could not be listed, the rule is skipped and named.
    pub needs: &'static [&'static str],
    check: fn(&mut Scan<'_>),
}

impl Rule {
    const fn new(
        id: &'static str,
        severity: Severity,
        title: &'static str,
        remediation: &'static str,
        reference: &'static str,
        check: fn(&mut Scan<'_>),
    ) -> Self {
        Self { id, title, severity, remediation, no_patch: "", reference, opt_in: false, needs: &[], check }
    }

    const fn opt_in(mut self) -> Self {
        self.opt_in = true;
        self
    }

    const fn needs(mut self, kinds: &'static [&'static str]) -> Self {
        self.needs = kinds;
        self
    }

    const fn no_patch(mut self, reason: &'static str) -> Self {
        self.no_patch = reason;
        self
    }

    /// The subject area, from the id.
    pub fn category(&self) -> Category {
        match &self.id[..3] {
            "RBC" => Category::Rbac,
            "REL" => Category::Reliability,
            "EFF" => Category::Efficiency,
            "NET" => Category::Networking,
            _ => Category::Security,
        }
    }
}

/// All rules, by id within their group.
pub fn table() -> impl Iterator<Item = &'static Rule> {
    security::RULES
        .iter()
        .copied()
        .chain(rbac::RULES.iter().copied())
        .chain(reliability::RULES.iter().copied())
        .chain(efficiency::RULES.iter().copied())
        .chain(network::RULES.iter().copied())
        .flatten()
}

/// A rule that could not run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The rule.
    pub id: &'static str,
    /// What could not be read.
    pub reason: String,
}

/// What an analysis found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Analysis {
    /// What counts, sorted.
    pub findings: Vec<Finding>,
    /// What was suppressed, sorted; each says why.
    pub suppressed: Vec<Finding>,
    /// Rules that could not run.
    pub skipped: Vec<Skipped>,
}

/// Runs every rule that the settings ask for.
pub fn analyze(snapshot: &Snapshot, config: &Config) -> Analysis {
    analyze_with(snapshot, config, |_| true)
}

/// Runs the rules that the settings ask for and `wanted` accepts.
pub fn analyze_with(snapshot: &Snapshot, config: &Config, wanted: impl Fn(&Rule) -> bool) -> Analysis {
    let context = Context::new(snapshot, config);
    let mut found = Vec::new();
    let mut skipped = Vec::new();
    for rule in table().filter(|rule| wanted(rule)) {
        if rule.opt_in && config.profile != Profile::Strict && !config.enable.contains(rule.id) {
            continue;
        }
        if let Some(gap) = snapshot.gaps.iter().find(|gap| rule.needs.contains(&gap.kind.as_str())) {
            let scope = if gap.namespace.is_empty() { String::new() } else { format!(" in {}", gap.namespace) };
            skipped.push(Skipped {
                id: rule.id,
                reason: format!("cannot {} {}{scope} (HTTP {})", gap.verb, gap.kind, gap.code),
            });
            continue;
        }
        let mut scan = Scan::new(&context, rule);
        (rule.check)(&mut scan);
        found.append(&mut scan.found);
    }
    let (mut findings, mut suppressed) = split_suppressed(&context, found);
    sort(&mut findings);
    sort(&mut suppressed);
    // Two routes to one fault (two bindings, two list entries) are one finding.
    findings.dedup_by(|a, b| a.key() == b.key() && a.message == b.message);
    Analysis { findings, suppressed, skipped }
}
