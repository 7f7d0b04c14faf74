//! Volumes and claims (HLT-231 to HLT-233).

use super::catalogue::{CLAIM_PENDING, DEFAULT_CLASSES, VOLUME_LOST};
use super::draft::{Draft, Found};
use super::world::World;
use crate::finding::{EvidenceSource, Severity};
use crate::model::{PersistentVolumeClaim, StorageClass};
use crate::nearest::nearest;

/// Findings about storage.
pub fn check(world: &World<'_>) -> Vec<Found> {
    let mut found: Vec<Found> =
        world.snapshot.claims.iter().filter_map(|c| Some(claim(world, c)?.about(c.metadata.object_ref()))).collect();
    for volume in &world.snapshot.volumes {
        if volume.status.phase == "Failed" {
            found.push(
                Draft::new(&VOLUME_LOST, "the volume failed: its reclaim did not work")
                    .seen(
                        EvidenceSource::Status,
                        "status",
                        format!("{} {}", volume.status.reason, volume.status.message),
                    )
                    .advice(
                        "Look at the storage system; delete the volume when its data is not needed.",
                        "deleting a volume can lose data",
                    )
                    .about(volume.metadata.object_ref()),
            );
        }
    }
    let defaults: Vec<&StorageClass> = world.snapshot.storage_classes.iter().filter(|c| c.is_default()).collect();
    if defaults.len() > 1 {
        let names: Vec<&str> = defaults.iter().map(|c| c.metadata.name.as_str()).collect();
        found.push(
            Draft::new(
                &DEFAULT_CLASSES,
                format!("{} are all marked as default: the newest one wins", names.join(", ")),
            )
            .advice("Mark one as default.", "which one is your decision")
            .about(defaults[0].metadata.object_ref()),
        );
    }
    found
}

fn claim(world: &World<'_>, claim: &PersistentVolumeClaim) -> Option<Draft> {
    let meta = &claim.metadata;
    if claim.status.phase == "Lost" {
        return Some(
            Draft::new(&VOLUME_LOST, "the claim has lost its volume")
                .severity(Severity::Critical)
                .seen(EvidenceSource::Spec, "spec.volumeName", claim.spec.volume_name.clone())
                .advice("Restore the data into a new claim.", "the volume behind the claim is gone"),
        );
    }
    if claim.status.phase != "Pending" {
        return None;
    }
    let classes = &world.snapshot.storage_classes;
    let event = |reason: &str| {
        world
            .events("PersistentVolumeClaim", &meta.namespace, &meta.name)
            .iter()
            .rev()
            .find(|e| e.reason == reason)
            .copied()
    };
    let no_patch = "the class of a claim cannot be changed: delete the claim and create it anew";
    let draft = match claim.spec.storage_class_name.as_deref() {
        Some(name)
            if !name.is_empty()
                && !classes.iter().any(|c| c.metadata.name == name)
                && !world.is_blind("StorageClass", "") =>
        {
            let known: Vec<&str> = classes.iter().map(|c| c.metadata.name.as_str()).collect();
            let meant = nearest(name, known.iter().copied())
                .or_else(|| classes.iter().find(|c| c.is_default()).map(|c| c.metadata.name.as_str()));
            let advice = meant.map_or_else(
                || "Create the class.".to_owned(),
                |meant| format!("Use class {meant}, or create {name}."),
            );
            Draft::new(&CLAIM_PENDING, format!("StorageClass {name} does not exist"))
                .field("spec.storageClassName")
                .seen(EvidenceSource::Computed, "StorageClasses", known.join(", "))
                .advice(advice, no_patch)
        }
        None if !classes.iter().any(StorageClass::is_default) && !world.is_blind("StorageClass", "") => {
            Draft::new(&CLAIM_PENDING, "the claim names no StorageClass and the cluster has no default one")
                .field("spec.storageClassName")
                .advice("Mark a StorageClass as default, or name one.", no_patch)
        }
        Some("") if world.snapshot.volumes.iter().all(|v| v.status.phase != "Available") => {
            Draft::new(&CLAIM_PENDING, "the claim wants a volume made by hand (class \"\") and none is available")
                .advice("Create a PersistentVolume that fits, or name a StorageClass.", no_patch)
        }
        class => {
            let class = classes.iter().find(|c| match class {
                Some(name) => c.metadata.name == name,
                None => c.is_default(),
            });
            let waits = class.is_some_and(|c| c.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer"));
            let used = world.pods_in(&meta.namespace).iter().any(|p| {
                p.spec
                    .volumes
                    .iter()
                    .filter_map(|v| v.persistent_volume_claim.as_ref())
                    .any(|c| c.claim_name == meta.name)
            });
            if let Some(event) = event("ProvisioningFailed") {
                let text = event.message.trim();
                let draft =
                    Draft::new(&CLAIM_PENDING, format!("the provisioner cannot make the volume: {text}")).event(event);
                if text.contains("access mode") || text.contains("AccessMode") {
                    draft
                        .field("spec.accessModes")
                        .advice("Ask for an access mode that the class supports, most often ReadWriteOnce.", no_patch)
                } else {
                    draft.advice("Read the provisioner's message.", "the cause is in the storage system")
                }
            } else if waits && !used {
                Draft::new(&CLAIM_PENDING, "the claim waits for the first pod that uses it, and none does")
                    .severity(Severity::Info)
                    .advice("Nothing to do: it is bound when a pod uses it.", "nothing is wrong")
            } else if meta.age_seconds(world.now).is_some_and(|age| age > 60) {
                let provisioner = class.map_or("", |c| c.provisioner.as_str());
                Draft::new(&CLAIM_PENDING, format!("provisioner {provisioner} has not made a volume"))
                    .advice("Check that the provisioner's pods run.", "the cause is in the storage system")
            } else {
                return None;
            }
        }
    };
    let draft = match event("ProvisioningFailed").or_else(|| event("FailedBinding")) {
        Some(event) if !draft.evidence.iter().any(|e| e.at == event.reason) => draft.event(event),
        _ => draft,
    };
    Some(draft.seen(EvidenceSource::Status, "status.phase", claim.status.phase.clone()))
}
