//! Diagnosis: the findings about one workload put in order of cause, from the Ingress down to the node.
//!
//! [`crate::health`] says what is wrong with each object; this module says which of it is the root cause for the
//! object somebody asks about, and how one led to the other.

mod chain;
mod target;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::finding::{Finding, Severity};
use crate::health::World;
use crate::model::ObjectRef;

pub use chain::{Link, State};
pub use target::{NotOne, find, unwell};

/// What is wrong with one object, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// The object that was asked about.
    pub target: ObjectRef,
    /// Nothing at medium or worse was found.
    pub healthy: bool,
    /// The root cause in one line.
    pub cause: String,
    /// The finding that states it.
    pub root: Option<Finding>,
    /// How the cause leads to what is seen: keys of findings, cause first.
    pub path: Vec<String>,
    /// The objects on the way, from the outside in.
    pub chain: Vec<Link>,
    /// Everything that was found about them, the root first.
    pub findings: Vec<Finding>,
}

/// Diagnoses `target`. `findings` are those of [`crate::health::check`] and of the rules on networking and references.
pub fn diagnose(world: &World<'_>, findings: &[Finding], target: &ObjectRef) -> Diagnosis {
    let members = chain::members(world, target);
    let mut links = chain::links(world, &members);
    let by_key: BTreeMap<String, &Finding> = findings.iter().map(|f| (f.key(), f)).collect();
    let mut related: BTreeSet<String> =
        findings.iter().filter(|f| members.iter().any(|m| is_about(f, m)) && counts(f)).map(Finding::key).collect();
    let first: Vec<String> = related.iter().cloned().collect();
    for key in first {
        follow(&by_key, &key, &mut related);
    }
    // Leaves are explained by nothing else; among them the one deepest in the order of cause names the root.
    let root = related
        .iter()
        .filter_map(|key| by_key.get(key))
        .filter(|f| f.severity.at_least(Severity::Medium))
        .filter(|f| !f.caused_by.iter().any(|cause| related.contains(cause)))
        .min_by_key(|f| (depth(&f.id), f.severity, f.id.clone(), f.key()))
        .copied();
    let path = root.map(|root| path(&by_key, root, &members)).unwrap_or_default();
    for link in &mut links {
        link.take(findings.iter().filter(|f| related.contains(&f.key())));
    }
    let mut list: Vec<Finding> = findings.iter().filter(|f| related.contains(&f.key())).cloned().collect();
    list.sort_by_key(|f| (root.is_none_or(|r| r.key() != f.key()), f.severity, f.id.clone(), f.key()));
    let cause = root.map_or_else(
        || "nothing is wrong that pilot can see".to_owned(),
        |root| {
            let object = &root.subject.object;
            if same(object, target) { root.message.clone() } else { format!("{object}: {}", root.message) }
        },
    );
    Diagnosis {
        target: target.clone(),
        healthy: root.is_none(),
        cause,
        root: root.cloned(),
        path,
        chain: links,
        findings: list,
    }
}

/// Rules whose findings say why something does not work (others say what could be better).
fn counts(finding: &Finding) -> bool {
    const NET: &[&str] =
        &["NET-001", "NET-002", "NET-003", "NET-006", "NET-007", "NET-008", "NET-011", "NET-014", "NET-015", "NET-017"];
    let broken = finding.id.starts_with("HLT-")
        || NET.contains(&finding.id.as_str())
        || finding.id == "REL-020"
        || finding.id == "REL-025";
    broken && finding.severity != Severity::Info
}

/// The smaller, the deeper: what happens to the node explains the pod, and never the other way.
fn depth(id: &str) -> u8 {
    match id {
        "HLT-241" => 0,
        "HLT-202" | "HLT-231" | "HLT-232" => 1,
        "HLT-251" | "HLT-252" | "HLT-119" => 2,
        "HLT-101" | "HLT-102" | "HLT-103" | "HLT-106" | "HLT-114" | "HLT-115" => 3,
        "HLT-104" | "HLT-105" | "HLT-107" | "HLT-109" | "HLT-113" => 4,
        "HLT-110" | "HLT-112" | "HLT-111" => 5,
        "HLT-108" => 6,
        "NET-001" | "NET-002" | "NET-006" | "NET-011" | "NET-017" | "REL-020" => 6,
        "HLT-213" | "HLT-253" | "HLT-261" => 7,
        "NET-003" => 9,
        "HLT-203" | "HLT-242" | "HLT-281" | "HLT-120" | "HLT-117" | "REL-025" => 10,
        _ => 8,
    }
}

fn follow(by_key: &BTreeMap<String, &Finding>, key: &str, seen: &mut BTreeSet<String>) {
    let Some(finding) = by_key.get(key) else { return };
    for cause in &finding.caused_by {
        if seen.insert(cause.clone()) {
            follow(by_key, cause, seen);
        }
    }
}

/// From the root to a finding about the target, along `causeOf`.
fn path(by_key: &BTreeMap<String, &Finding>, root: &Finding, members: &[ObjectRef]) -> Vec<String> {
    let mut path = vec![root.key()];
    let mut current = root;
    while let Some(next) = current.cause_of.iter().filter_map(|key| by_key.get(key)).find(|f| !path.contains(&f.key()))
    {
        path.push(next.key());
        current = next;
        if members.first().is_some_and(|target| is_about(current, target)) {
            break;
        }
    }
    path
}

fn is_about(finding: &Finding, object: &ObjectRef) -> bool {
    same(&finding.subject.object, object)
        || (object.kind == "Pod"
            && object.namespace == finding.subject.object.namespace
            && finding.affected.contains(&object.name))
}

/// Whether both name the same object, whatever API version they were read at.
pub(crate) fn same(a: &ObjectRef, b: &ObjectRef) -> bool {
    a.kind == b.kind && a.namespace == b.namespace && a.name == b.name
}
