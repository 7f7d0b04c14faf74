//! Failures that are happening: the HLT rules.
//!
//! Each rule names the *first* cause. Per pod the checks run in the order of cause (node, scheduling, configuration,
//! image, start, memory, probe, exit), so a pod has one finding, reported at its topmost owner with the pods it affects.
//! Symptoms (a Deployment with too few replicas, a stuck release) link to their causes by `causedBy`.

pub mod app;
mod autoscaler;
pub mod catalogue;
mod draft;
mod events;
pub mod helm;
mod logs;
mod node;
pub mod pod;
mod storage;
mod workload;
pub mod world;

use std::collections::BTreeMap;

use crate::finding::{Finding, sort};
use crate::model::ObjectRef;
use crate::snapshot::Snapshot;

pub use draft::{Draft, Found};
pub use node::share;
pub use workload::revision;
pub use world::World;

/// Every health finding of a snapshot, sorted. Manifests have no health: the result is empty for files.
pub fn check(snapshot: &Snapshot) -> Vec<Finding> {
    check_world(&World::new(snapshot))
}

/// As [`check`], with the indexes at hand.
pub fn check_world(world: &World<'_>) -> Vec<Finding> {
    if !world.is_live() {
        return Vec::new();
    }
    let mut found = pods(world);
    found.extend(workload::check(world));
    found.extend(storage::check(world));
    found.extend(node::check(world));
    found.extend(autoscaler::check(world));
    found.extend(helm::check(world));
    found.extend(helm::drift(world));
    found.extend(app::check(world));
    found.extend(node::access(world));
    found.extend(logs::check(world));
    let repeated = events::check(world, |object| {
        found.iter().any(|f| same(&f.finding.subject.object, object) || f.finding.affected.contains(&object.name))
    });
    found.extend(repeated);
    let mut findings = link(found);
    sort(&mut findings);
    findings
}

fn same(a: &ObjectRef, b: &ObjectRef) -> bool {
    a.kind == b.kind && a.namespace == b.namespace && a.name == b.name
}

/// One finding per topmost owner and cause; pods with the same trouble are listed in it.
fn pods(world: &World<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (root, pods) in world.roots() {
        let start = found.len();
        for pod in pods {
            let Some(draft) = pod::cause(&pod::Case { world, pod, root }) else { continue };
            let new = draft.about(root.clone());
            let at =
                found[start..].iter().position(|known| known.is_same_as(&new)).map_or(found.len(), |at| start + at);
            if at == found.len() {
                found.push(new);
            }
            found[at].finding.affected.push(pod.metadata.name.clone());
        }
    }
    found
}

/// Symptoms of a workload, which its other findings explain.
const SYMPTOMS: &[&str] = &["HLT-201", "HLT-204", "HLT-211", "HLT-212", "HLT-213", "HLT-215", "HLT-261"];
/// What a log states, and the failures that it can explain.
const STATED: &[&str] = &["HLT-119", "HLT-251", "HLT-252", "HLT-253"];
const FAILURES: &[&str] = &["HLT-108", "HLT-111", "HLT-113", "HLT-117"];

/// Whether `cause` explains `symptom`.
fn explains(cause: &Found, symptom: &Found) -> bool {
    let (a, b) = (&cause.finding, &symptom.finding);
    let waited = symptom.waits_for.iter().any(|object| same(object, &a.subject.object));
    let is = |finding: &Finding, list: &[&str]| list.contains(&finding.id.as_str());
    let same_object = same(&a.subject.object, &b.subject.object);
    let behind = is(b, SYMPTOMS) && !is(a, SYMPTOMS) && !is(a, &["HLT-203", "HLT-120", "HLT-281"]);
    waited || (same_object && (behind || (is(a, STATED) && is(b, FAILURES))))
}

/// Ties symptoms to causes, both ways.
fn link(mut found: Vec<Found>) -> Vec<Finding> {
    // A cause is about the same object or about one that is waited for: only those are compared.
    let place = |object: &ObjectRef| (object.kind.clone(), object.namespace.clone(), object.name.clone());
    let mut by_object: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, item) in found.iter().enumerate() {
        by_object.entry(place(&item.finding.subject.object)).or_default().push(at);
    }
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (symptom, item) in found.iter().enumerate() {
        let objects = std::iter::once(&item.finding.subject.object).chain(&item.waits_for);
        let others = objects.filter_map(|object| by_object.get(&place(object))).flatten();
        let causes = others.filter(|cause| **cause != symptom && explains(&found[**cause], item));
        pairs.extend(causes.map(|cause| (*cause, symptom)));
    }
    let keys: Vec<String> = found.iter().map(|f| f.finding.key()).collect();
    for (cause, symptom) in pairs {
        found[cause].finding.cause_of.push(keys[symptom].clone());
        found[symptom].finding.caused_by.push(keys[cause].clone());
    }
    let tidy = |list: &mut Vec<String>| {
        list.sort_unstable();
        list.dedup();
    };
    found
        .into_iter()
        .map(|f| {
            let mut finding = f.finding;
            tidy(&mut finding.cause_of);
            tidy(&mut finding.caused_by);
            finding
        })
        .collect()
}
