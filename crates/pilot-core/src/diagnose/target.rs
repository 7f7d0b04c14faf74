//! Which object is meant by a name.

use std::collections::BTreeMap;

use super::Graph;
use crate::finding::Severity;
use crate::health::World;
use crate::model::ObjectRef;
use crate::nearest::nearest;

/// Why a name does not lead to one object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOne {
    /// Nothing of that name.
    #[error("{}", none_text(.name, .meant, .elsewhere))]
    None {
        /// The name.
        name: String,
        /// What may have been meant.
        meant: Option<String>,
        /// Namespaces that have it.
        elsewhere: Vec<String>,
    },
    /// Several; the caller asks.
    #[error("{name:?} could be {}: write kind/name", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "), name = .1)]
    Several(Vec<ObjectRef>, String),
}

fn none_text(name: &str, meant: &Option<String>, elsewhere: &[String]) -> String {
    match (meant, elsewhere) {
        (_, [_, ..]) => format!("{name:?} is not there; found in namespace {}", elsewhere.join(", ")),
        (Some(meant), _) => format!("nothing is called {name:?}; did you mean {meant:?}?"),
        (None, _) => format!("nothing is called {name:?}"),
    }
}

/// Kinds that can be asked about, in the order in which one name is given to them.
const KINDS: &[&str] =
    &["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Service", "Ingress", "Pod", "ReplicaSet", "Release"];

/// Finds the object that `word` names: `name` or `kind/name`, in one namespace or anywhere. An exact name wins over a
/// name that has the word as one of its parts (`backend` for `todo-backend`).
///
/// # Errors
/// When none or several fit.
pub fn find(world: &World<'_>, word: &str, namespace: Option<&str>) -> Result<ObjectRef, NotOne> {
    let (kind, name) = match word.split_once('/') {
        Some((kind, name)) => (KINDS.iter().copied().find(|k| is_kind(k, kind)), name),
        None => (None, word),
    };
    let all = candidates(world);
    let here: Vec<&ObjectRef> =
        all.iter().filter(|o| kind.is_none_or(|k| o.kind == k) && namespace.is_none_or(|n| o.namespace == n)).collect();
    for test in [exact as fn(&ObjectRef, &str) -> bool, part] {
        let fits: Vec<&ObjectRef> = here.iter().copied().filter(|o| test(o, name)).collect();
        // A workload hides the Service, pods and release that go by its name.
        for kind in KINDS {
            let of_kind: Vec<&ObjectRef> = fits.iter().copied().filter(|o| o.kind == *kind).collect();
            match of_kind.as_slice() {
                [] => {}
                [one] => return Ok((*one).clone()),
                several => {
                    return Err(NotOne::Several(several.iter().map(|o| (*o).clone()).collect(), word.to_owned()));
                }
            }
        }
    }
    let mut elsewhere: Vec<String> = all.iter().filter(|o| o.name == name).map(|o| o.namespace.clone()).collect();
    elsewhere.sort();
    elsewhere.dedup();
    let meant = nearest(name, here.iter().map(|o| o.name.as_str())).map(str::to_owned);
    Err(NotOne::None { name: word.to_owned(), meant, elsewhere })
}

fn exact(object: &ObjectRef, name: &str) -> bool {
    object.name == name
}

fn part(object: &ObjectRef, name: &str) -> bool {
    object.kind != "Pod" && object.name.split('-').any(|part| part == name)
        || object.name.ends_with(&format!("-{name}"))
}

fn is_kind(kind: &str, word: &str) -> bool {
    let (kind, word) = (kind.to_ascii_lowercase(), word.to_ascii_lowercase());
    let short = match kind.as_str() {
        "deployment" => "deploy",
        "statefulset" => "sts",
        "daemonset" => "ds",
        "cronjob" => "cj",
        "service" => "svc",
        "ingress" => "ing",
        "pod" => "po",
        "replicaset" => "rs",
        _ => "",
    };
    word == kind || word.strip_suffix('s') == Some(&kind) || (!short.is_empty() && word == short)
}

fn candidates(world: &World<'_>) -> Vec<ObjectRef> {
    let mut found: Vec<ObjectRef> = world
        .snapshot
        .all()
        .filter(|meta| KINDS.contains(&meta.kind.as_str()))
        // A ReplicaSet or Job that belongs to something is asked about through its owner.
        .filter(|meta| meta.controller().is_none() || meta.kind == "Pod")
        .map(|meta| meta.object_ref())
        .collect();
    for ((namespace, name), _) in crate::health::helm::releases(world) {
        found.push(ObjectRef {
            api_version: "helm.sh/v1".into(),
            kind: "Release".into(),
            namespace: namespace.into(),
            name: name.into(),
        });
    }
    found
}

/// The objects worth a diagnosis: workloads, Services and releases that findings of medium severity or worse are about,
/// worst first; what another one's diagnosis covers is left out.
pub fn unwell(world: &World<'_>, graph: &Graph<'_>) -> Vec<ObjectRef> {
    let mut worst: BTreeMap<(&str, &str, &str), (Severity, &ObjectRef)> = BTreeMap::new();
    for (at, finding) in graph.findings().iter().enumerate() {
        let object = &finding.subject.object;
        let serious = super::counts(finding) && finding.severity.at_least(Severity::Medium);
        if !serious || graph.causes(at).any(|cause| graph.finding(cause).subject.object != *object) {
            continue;
        }
        let entry = worst.entry((&object.kind, &object.namespace, &object.name)).or_insert((finding.severity, object));
        entry.0 = entry.0.min(finding.severity);
    }
    let mut worst: Vec<(Severity, &ObjectRef)> = worst.into_values().collect();
    worst.sort();
    let live = |object: &&ObjectRef| {
        object.kind == "Release" || world.object(&object.kind, &object.namespace, &object.name).is_some()
    };
    worst.into_iter().map(|(_, object)| object).filter(live).cloned().collect()
}
