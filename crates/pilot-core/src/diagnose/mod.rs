//! Diagnosis: the findings about one workload put in order of cause, from the Ingress down to the node.
//!
//! [`crate::health`] says what is wrong with each object; this module says which of it is the root cause for the
//! object somebody asks about, and how one led to the other.

mod chain;
mod graph;
mod target;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::finding::{Finding, Severity};
use crate::health::World;
use crate::model::ObjectRef;

pub use chain::{Link, State};
pub use graph::Graph;
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

/// Diagnoses `target`.
pub fn diagnose(world: &World<'_>, graph: &Graph<'_>, target: &ObjectRef) -> Diagnosis {
    let members = chain::members(world, target);
    let mut links = chain::links(world, &members);
    let mut related: BTreeSet<usize> = members.iter().flat_map(|member| graph.about(member)).collect();
    related.retain(|at| counts(graph.finding(*at)));
    let mut open: Vec<usize> = related.iter().copied().collect();
    while let Some(at) = open.pop() {
        open.extend(graph.causes(at).filter(|cause| related.insert(*cause)));
    }
    // Leaves are explained by nothing else; among them the one deepest in the order of cause names the root.
    let root = related
        .iter()
        .copied()
        .filter(|at| graph.finding(*at).severity.at_least(Severity::Medium))
        .filter(|at| !graph.causes(*at).any(|cause| related.contains(&cause)))
        .min_by_key(|at| {
            let finding = graph.finding(*at);
            (depth(&finding.id), finding.severity, &finding.id, graph.key(*at))
        });
    let path = root.map(|root| path(graph, root, target)).unwrap_or_default();
    // Causes in other workloads are on the way, too.
    for at in &related {
        let object = &graph.finding(*at).subject.object;
        if !links.iter().any(|link| same(&link.object, object)) {
            links.push(chain::link(world, object));
        }
    }
    for link in &mut links {
        link.take(related.iter().map(|at| graph.finding(*at)));
    }
    let mut order: Vec<usize> = related.iter().copied().collect();
    order.sort_by_key(|at| {
        let finding = graph.finding(*at);
        (Some(*at) != root, finding.severity, &finding.id, graph.key(*at))
    });
    let findings = order.into_iter().map(|at| graph.finding(at).clone()).collect();
    let root = root.map(|at| graph.finding(at).clone());
    let cause = root.as_ref().map_or_else(
        || "nothing is wrong that pilot can see".to_owned(),
        |root| {
            let object = &root.subject.object;
            if same(object, target) { root.message.clone() } else { format!("{object}: {}", root.message) }
        },
    );
    Diagnosis { target: target.clone(), healthy: root.is_none(), cause, root, path, chain: links, findings }
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

/// From the root to a finding about the target, along `causeOf`.
fn path(graph: &Graph<'_>, root: usize, target: &ObjectRef) -> Vec<String> {
    let mut path = vec![root];
    let mut current = root;
    while let Some(next) = graph.effects(current).find(|at| !path.contains(at)) {
        path.push(next);
        current = next;
        if same(&graph.finding(current).subject.object, target) {
            break;
        }
    }
    path.into_iter().map(|at| graph.key(at).to_owned()).collect()
}

/// Whether both name the same object, whatever API version they were read at.
pub(crate) fn same(a: &ObjectRef, b: &ObjectRef) -> bool {
    a.kind == b.kind && a.namespace == b.namespace && a.name == b.name
}
