//! Helm releases that failed or are stuck (HLT-261), from the labels of their records, and objects that have drifted from
//! their release (HLT-262).

use std::collections::BTreeMap;

use super::catalogue::{HELM_RELEASE, RELEASE_DRIFT};
use super::draft::{Draft, Found};
use super::world::World;
use crate::finding::EvidenceSource;
use crate::model::{ObjectMeta, ObjectRef, condition};

/// One record of a release: Helm keeps one Secret (or ConfigMap) per revision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record<'a> {
    /// Revision number.
    pub revision: u32,
    /// `deployed`, `failed`, `pending-upgrade`, …
    pub status: &'a str,
    /// The record's metadata.
    pub meta: &'a ObjectMeta,
}

/// All releases: namespace and name to records, oldest revision first.
pub fn releases<'a>(world: &World<'a>) -> BTreeMap<(&'a str, &'a str), Vec<Record<'a>>> {
    let snapshot = world.snapshot;
    let secrets = snapshot.secrets.iter().map(|s| &s.metadata);
    let maps = snapshot.config_maps.iter().map(|c| &c.metadata);
    let mut found: BTreeMap<(&str, &str), Vec<Record<'_>>> = BTreeMap::new();
    for meta in secrets.chain(maps) {
        let label = |key: &str| meta.labels.get(key).map(String::as_str);
        if label("owner") != Some("helm") {
            continue;
        }
        let (Some(name), Some(status), Some(revision)) =
            (label("name"), label("status"), label("version").and_then(|v| v.parse().ok()))
        else {
            continue;
        };
        found.entry((meta.namespace.as_str(), name)).or_default().push(Record { revision, status, meta });
    }
    for list in found.values_mut() {
        list.sort_by_key(|record| record.revision);
    }
    found
}

/// Findings about releases.
pub fn check(world: &World<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for ((namespace, name), records) in releases(world) {
        let Some(last) = records.last() else { continue };
        let stuck = last.status.starts_with("pending-");
        if !stuck && last.status != "failed" {
            continue;
        }
        let good = records.iter().rev().find(|r| matches!(r.status, "deployed" | "superseded"));
        let hook = failed_hook(world, namespace, name);
        let because = hook.as_ref().map_or_else(String::new, |hook| format!(", because its hook Job {hook} failed"));
        let message = if stuck {
            format!(
                "release {name} is stuck in {} at revision {}: Helm was interrupted, and refuses every further upgrade{because}",
                last.status, last.revision
            )
        } else {
            format!("revision {} of release {name} failed{because}", last.revision)
        };
        let mut draft = Draft::new(&HELM_RELEASE, message).seen(
            EvidenceSource::Status,
            "release records",
            records.iter().map(|r| format!("{} {}", r.revision, r.status)).collect::<Vec<_>>().join(", "),
        );
        draft = match good {
            Some(good) => draft
                .advice(
                    if stuck {
                        format!(
                            "Free the release, then upgrade again or go back to revision {}, the last good one.",
                            good.revision
                        )
                    } else {
                        format!("Roll back to revision {}, the last good one, then upgrade again.", good.revision)
                    },
                    "a rollback is a decision; the command does it",
                )
                .command(if stuck {
                    format!("kubectl pilot helm unlock {name} -n {namespace}")
                } else {
                    format!("helm rollback {name} {} -n {namespace} --wait", good.revision)
                }),
            None => draft
                .advice(
                    "No revision ever succeeded: uninstall and install again.",
                    "uninstalling removes what was created",
                )
                .command(format!("helm uninstall {name} -n {namespace}")),
        };
        if let Some(hook) = &hook {
            draft = draft.waits_for("Job", namespace, hook);
        }
        found.push(draft.about(ObjectRef {
            api_version: "helm.sh/v1".into(),
            kind: "Release".into(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }));
    }
    found
}

/// Findings about live objects that are not as their release says.
pub fn drift(world: &World<'_>) -> Vec<Found> {
    let drifted = world.snapshot.drifts.iter().filter(|d| !d.differences.is_empty());
    drifted
        .map(|drift| {
            let meta = &drift.metadata;
            let all = drift.differences.len();
            let mut draft = Draft::new(
                &RELEASE_DRIFT,
                format!("{all} fields are not as revision {} of release {} says", drift.revision, meta.name),
            );
            for difference in drift.differences.iter().take(10) {
                let what = if difference.field.is_empty() { "missing" } else { &difference.field };
                draft = draft.seen(EvidenceSource::Computed, &difference.object, what);
            }
            draft
                .advice(
                    "Upgrade or roll back the release to bring its objects back, or put the change into its values.",
                    "whether the change or the manifest is right is a decision",
                )
                .command(format!("kubectl pilot helm verify {} -n {}", meta.name, meta.namespace))
                .about(ObjectRef {
                    api_version: "helm.sh/v1".into(),
                    kind: "Release".into(),
                    namespace: meta.namespace.clone(),
                    name: meta.name.clone(),
                })
        })
        .collect()
}

fn failed_hook(world: &World<'_>, namespace: &str, release: &str) -> Option<String> {
    world
        .snapshot
        .jobs
        .iter()
        .filter(|job| job.metadata.namespace == namespace && job.metadata.annotations.contains_key("helm.sh/hook"))
        .filter(|job| {
            let meta = &job.metadata;
            let instance = meta
                .labels
                .get("app.kubernetes.io/instance")
                .or_else(|| meta.annotations.get("meta.helm.sh/release-name"));
            instance.is_none_or(|instance| instance == release)
        })
        .find(|job| {
            condition(&job.status.conditions, "Failed").is_some_and(|c| c.is_true())
                || job.status.failed > 0 && job.status.succeeded == 0
        })
        .map(|job| job.metadata.name.clone())
}
