//! Volumes that outlive pods.

use super::meta::resources;
use super::{Condition, LabelSelector, ObjectMeta, Resources, TargetRef, read};

read! {
    struct PersistentVolumeClaim {
        metadata: ObjectMeta,
        spec: PersistentVolumeClaimSpec,
        status: PersistentVolumeClaimStatus,
    }

    struct PersistentVolumeClaimSpec {
        access_modes: Vec<String>,
        /// `Some("")` asks for a volume without class; `None` for the default class.
        storage_class_name: Option<String>,
        resources: super::ResourceRequirements,
        selector: Option<LabelSelector>,
        volume_name: String,
        volume_mode: Option<String>,
    }

    struct PersistentVolumeClaimStatus {
        phase: String,
        capacity: Resources,
        conditions: Vec<Condition>,
    }

    struct PersistentVolume {
        metadata: ObjectMeta,
        spec: PersistentVolumeSpec,
        status: PersistentVolumeStatus,
    }

    struct PersistentVolumeSpec {
        capacity: Resources,
        access_modes: Vec<String>,
        storage_class_name: String,
        persistent_volume_reclaim_policy: String,
        claim_ref: Option<TargetRef>,
    }

    struct PersistentVolumeStatus { phase: String, reason: String, message: String, }

    struct StorageClass {
        metadata: ObjectMeta,
        provisioner: String,
        volume_binding_mode: Option<String>,
        allow_volume_expansion: Option<bool>,
        reclaim_policy: Option<String>,
    }
}

impl StorageClass {
    /// Marked as the class of claims that name none.
    pub fn is_default(&self) -> bool {
        ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]
            .iter()
            .any(|key| self.metadata.annotations.get(*key).is_some_and(|value| value == "true"))
    }
}

resources!(PersistentVolumeClaim, PersistentVolume, StorageClass);
