//! A baseline: the findings that are known already, so that a check fails on new ones only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// Keys of known findings (see [`Finding::key`]); no messages, so nothing of the cluster leaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Of the file's format.
    pub version: u32,
    /// One per finding, sorted.
    pub findings: BTreeSet<String>,
}

/// Findings against a baseline.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// Not in the baseline.
    pub new: Vec<Finding>,
    /// In the baseline.
    pub known: Vec<Finding>,
    /// Keys of the baseline that are found no more.
    pub gone: Vec<String>,
}

impl Baseline {
    /// Takes down what is found now.
    pub fn of(findings: &[Finding]) -> Self {
        Self { version: 1, findings: findings.iter().map(Finding::key).collect() }
    }

    /// Splits findings into new and known ones.
    pub fn compare(&self, findings: Vec<Finding>) -> Comparison {
        let found: BTreeSet<String> = findings.iter().map(Finding::key).collect();
        let gone = self.findings.difference(&found).cloned().collect();
        let (known, new) = findings.into_iter().partition(|finding| self.findings.contains(&finding.key()));
        Comparison { new, known, gone }
    }
}
