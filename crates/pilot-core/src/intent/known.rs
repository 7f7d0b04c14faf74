//! What the cluster has, by the names people use for it.

use std::collections::BTreeSet;

use crate::health::World;
use crate::model::{ObjectMeta, ObjectRef};
use crate::nearest::distance;
use crate::snapshot::Snapshot;

/// Labels whose value people use instead of the object's name.
const NAME_LABELS: &[&str] = &["app.kubernetes.io/component", "app.kubernetes.io/name", "app", "k8s-app", "component"];

/// Words for the same thing, used only when the cluster has nothing under the word itself.
const SAME: &[&[&str]] = &[
    &["db", "database", "postgres", "postgresql", "mysql", "mariadb"],
    &["cache", "redis", "memcached", "valkey"],
    &["frontend", "ui", "web", "website", "webapp"],
    &["backend", "api", "server"],
];

/// Kinds that one name is given to, first come first served: a workload hides the Service and pods of its name.
const ORDER: &[&str] = &[
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Job",
    "Service",
    "Ingress",
    "Pod",
    "ReplicaSet",
    "Release",
    "HorizontalPodAutoscaler",
    "PersistentVolumeClaim",
    "ConfigMap",
    "Secret",
    "NetworkPolicy",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ResourceQuota",
    "PodDisruptionBudget",
    "Node",
    "Namespace",
];

/// One object, as far as sentences are about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thing {
    /// The object.
    pub object: ObjectRef,
    /// Other names: label values.
    pub aliases: Vec<String>,
    /// Names and images of the containers of its pods.
    pub containers: Vec<(String, String)>,
    /// Replicas it should have.
    pub replicas: Option<u32>,
    /// Belongs to another object (a pod of a Deployment).
    pub owned: bool,
}

/// The names of a cluster.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Objects that can be asked about, in the order of the snapshot.
    pub things: Vec<Thing>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Folders with a chart on this machine.
    pub charts: Vec<String>,
    /// The namespace given on the command line: only what lies in it is meant, unless the sentence names another.
    pub namespace: Option<String>,
}

/// How a word leads to an object; better ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// Its name.
    Exact,
    /// A label or a part of its name between dashes.
    Part,
    /// The beginning of its name or of a part.
    Prefix,
    /// Another word for it (`database` for `postgres`).
    Same,
    /// One letter away.
    Typo,
}

impl Known {
    /// The names of a snapshot.
    pub fn new(snapshot: &Snapshot, namespace: Option<&str>) -> Self {
        let world = World::new(snapshot);
        let mut known = Self { namespace: namespace.map(str::to_owned), ..Self::default() };
        let mut namespaces: BTreeSet<String> = snapshot.namespaces.iter().map(|n| n.metadata.name.clone()).collect();
        for meta in snapshot.all().filter(|meta| ORDER.contains(&meta.kind.as_str())) {
            // Revisions of releases are Secrets that nobody asks about by name.
            if meta.labels.get("owner").is_some_and(|owner| owner == "helm") {
                continue;
            }
            namespaces.extend(Some(meta.namespace.clone()).filter(|n| !n.is_empty()));
            known.things.push(thing(snapshot, &world, meta));
        }
        for ((namespace, name), _) in crate::health::helm::releases(&world) {
            namespaces.insert(namespace.to_owned());
            let object = ObjectRef {
                api_version: "helm.sh/v1".to_owned(),
                kind: "Release".to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            };
            known.things.push(Thing { object, ..Thing::default() });
        }
        known.namespaces = namespaces.into_iter().collect();
        known
    }

    /// The namespace that a word names: exact, or one letter away from exactly one.
    pub fn find_namespace(&self, word: &str) -> Option<&str> {
        if let Some(found) = self.namespaces.iter().find(|n| *n == word) {
            return Some(found);
        }
        let mut close = self.namespaces.iter().filter(|n| word.chars().count() >= 4 && one_letter(n, word));
        close.next().filter(|_| close.next().is_none()).map(String::as_str)
    }

    /// The objects a word leads to, by the best way there is. `kinds` empty means any kind; then a workload hides what
    /// else goes by its name. Pods and ReplicaSets that belong to a workload only answer to their full name.
    pub fn find(&self, word: &str, kinds: &[&str], namespace: Option<&str>) -> Option<(Match, Vec<&Thing>)> {
        self.find_within(Match::Typo, word, kinds, namespace)
    }

    /// As [`Self::find`], by no way worse than `limit`.
    pub fn find_within(
        &self,
        limit: Match,
        word: &str,
        kinds: &[&str],
        namespace: Option<&str>,
    ) -> Option<(Match, Vec<&Thing>)> {
        let (in_namespace, word) = match word.split_once('/') {
            Some((first, rest)) if self.namespaces.iter().any(|n| n == first) => (Some(first), rest),
            _ => (namespace.or(self.namespace.as_deref()), word),
        };
        let here: Vec<&Thing> = self
            .things
            .iter()
            .filter(|t| kinds.is_empty() || kinds.contains(&t.object.kind.as_str()))
            .filter(|t| in_namespace.is_none_or(|n| t.object.namespace == n || t.object.namespace.is_empty()))
            .collect();
        for way in [Match::Exact, Match::Part, Match::Prefix, Match::Same, Match::Typo] {
            if way > limit {
                break;
            }
            let fits: Vec<&Thing> = here.iter().copied().filter(|t| leads(way, t, word)).collect();
            if fits.is_empty() {
                continue;
            }
            return Some((way, first_kind(fits)));
        }
        None
    }

    /// The names closest to a word, for an answer to a name that nothing has.
    pub fn nearest(&self, word: &str, kinds: &[&str]) -> Option<&Thing> {
        let fits = |t: &&Thing| kinds.is_empty() || kinds.contains(&t.object.kind.as_str());
        self.things
            .iter()
            .filter(fits)
            .filter(|t| !t.owned)
            .map(|t| (distance(&t.object.name, word), t))
            .filter(|(edits, _)| *edits <= 3)
            .min_by_key(|(edits, _)| *edits)
            .map(|(_, t)| t)
    }
}

/// Keeps the objects of the first kind in [`ORDER`] that is there.
fn first_kind(fits: Vec<&Thing>) -> Vec<&Thing> {
    let rank = |t: &Thing| ORDER.iter().position(|k| *k == t.object.kind).unwrap_or(ORDER.len());
    let best = fits.iter().map(|t| rank(t)).min();
    fits.into_iter().filter(|t| Some(rank(t)) == best).collect()
}

fn leads(way: Match, thing: &Thing, word: &str) -> bool {
    let name = thing.object.name.as_str();
    if way == Match::Exact {
        return name == word;
    }
    // A pod of a Deployment carries its name as a beginning; people who mean the workload never mean one pod.
    if thing.owned || word.chars().count() < 2 {
        return false;
    }
    let parts = || name.split(['-', '.']).chain(thing.aliases.iter().map(String::as_str));
    match way {
        Match::Exact => true,
        Match::Part => {
            thing.aliases.iter().any(|a| a == word)
                || name.split(['-', '.']).any(|part| part == word)
                || name.strip_suffix(word).is_some_and(|rest| rest.ends_with('-'))
                || name.strip_prefix(word).is_some_and(|rest| rest.starts_with('-'))
        }
        Match::Prefix => word.len() >= 3 && (name.starts_with(word) || parts().any(|part| part.starts_with(word))),
        Match::Same => SAME
            .iter()
            .filter(|group| group.contains(&word))
            .any(|group| group.iter().any(|other| parts().any(|part| part == *other) || name == *other)),
        Match::Typo => {
            word.chars().count() >= 4
                && std::iter::once(name).chain(parts()).any(|part| part.len() >= 4 && one_letter(part, word))
        }
    }
}

/// Whether two words differ by one letter; the lengths tell most pairs apart at once.
fn one_letter(a: &str, b: &str) -> bool {
    a.len().abs_diff(b.len()) <= 4 && a.chars().count().abs_diff(b.chars().count()) <= 1 && distance(a, b) == 1
}

fn thing(snapshot: &Snapshot, world: &World<'_>, meta: &ObjectMeta) -> Thing {
    let object = meta.object_ref();
    let mut aliases: Vec<String> =
        NAME_LABELS.iter().filter_map(|key| meta.labels.get(*key)).filter(|v| **v != meta.name).cloned().collect();
    aliases.sort();
    aliases.dedup();
    let containers = world
        .template(&object)
        .map(|t| t.spec.containers.iter().map(|c| (c.name.clone(), c.image.clone())).collect())
        .unwrap_or_default();
    let same = |m: &ObjectMeta| m.namespace == meta.namespace && m.name == meta.name;
    let replicas = match meta.kind.as_str() {
        "Deployment" => snapshot.deployments.iter().find(|d| same(&d.metadata)).map(|d| d.spec.replicas.unwrap_or(1)),
        "StatefulSet" => {
            snapshot.stateful_sets.iter().find(|d| same(&d.metadata)).map(|d| d.spec.replicas.unwrap_or(1))
        }
        _ => None,
    };
    Thing {
        object,
        aliases,
        containers,
        replicas: replicas.and_then(|n| u32::try_from(n).ok()),
        owned: meta.controller().is_some(),
    }
}
