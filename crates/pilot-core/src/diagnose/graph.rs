//! Findings by key, by object, and by what causes what.

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::model::ObjectRef;

/// An index over findings: those of [`crate::health::check`] and of the rules on networking and references.
#[derive(Debug)]
pub struct Graph<'f> {
    findings: &'f [Finding],
    keys: Vec<String>,
    by_key: BTreeMap<String, usize>,
    /// Kind, namespace, name; pods stand here when a finding of their owner lists them.
    by_object: BTreeMap<(&'f str, &'f str, &'f str), Vec<usize>>,
}

impl<'f> Graph<'f> {
    /// Indexes findings.
    pub fn new(findings: &'f [Finding]) -> Self {
        let keys: Vec<String> = findings.iter().map(Finding::key).collect();
        let by_key = keys.iter().cloned().enumerate().map(|(at, key)| (key, at)).collect();
        let mut by_object: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
        for (at, finding) in findings.iter().enumerate() {
            let object = &finding.subject.object;
            by_object.entry((&object.kind, &object.namespace, &object.name)).or_default().push(at);
            for pod in &finding.affected {
                by_object.entry(("Pod", &object.namespace, pod)).or_default().push(at);
            }
        }
        Self { findings, keys, by_key, by_object }
    }

    /// All findings, in their order.
    pub fn findings(&self) -> &'f [Finding] {
        self.findings
    }

    pub(super) fn finding(&self, at: usize) -> &'f Finding {
        &self.findings[at]
    }

    pub(super) fn key(&self, at: usize) -> &str {
        &self.keys[at]
    }

    /// Findings about an object.
    pub(super) fn about(&self, object: &ObjectRef) -> Vec<usize> {
        let key = (object.kind.as_str(), object.namespace.as_str(), object.name.as_str());
        self.by_object.get(&key).cloned().unwrap_or_default()
    }

    /// Findings that explain this one.
    pub(super) fn causes(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.findings[at].caused_by.iter().filter_map(|key| self.by_key.get(key).copied())
    }

    /// Findings that this one explains.
    pub(super) fn effects(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.findings[at].cause_of.iter().filter_map(|key| self.by_key.get(key).copied())
    }
}
