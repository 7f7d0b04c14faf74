//! Actions that change something: each becomes a plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Class, Hidden, Target, Template};
use crate::finding::PatchType;

/// How many replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Replicas {
    /// So many.
    To(u32),
    /// So many more, or fewer.
    By(i64),
    /// Percent of the present number: 200 doubles, 50 halves; rounded up, and at least 1 unless it is 0 percent.
    Percent(u32),
}

/// Which image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ImageChange {
    /// The whole reference.
    Image(String),
    /// The repository stays, the tag or digest (`sha256:…`) changes.
    Tag(String),
}

/// Keys to set, and keys to remove (`null`).
pub type MapChange = BTreeMap<String, Option<String>>;

/// Which probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProbeKind {
    /// Takes pods out of Services.
    Readiness,
    /// Restarts containers.
    Liveness,
    /// Holds the others back until the program has started.
    Startup,
}

/// Fields of a probe; those that are absent stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Probe {
    /// Path of an HTTP probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Port: number or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Seconds before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_delay_seconds: Option<u32>,
    /// Seconds between two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<u32>,
    /// Seconds an answer may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
    /// Failures that count as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_threshold: Option<u32>,
}

/// Values for a chart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct HelmValues {
    /// `replicas: 2`, as `--set` takes them; hidden in every output, because nobody can tell which are secret.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Hidden>,
    /// Values files on disk.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Write {
    /// Number of replicas.
    Scale {
        /// Deployment, StatefulSet or ReplicaSet.
        target: Target,
        /// How many.
        replicas: Replicas,
    },
    /// New pods one after the other.
    Restart {
        /// The workload.
        target: Target,
    },
    /// Back to an earlier revision.
    Undo {
        /// The workload.
        target: Target,
        /// The one before when absent.
        #[serde(default)]
        revision: Option<i64>,
    },
    /// Another image.
    SetImage {
        /// The workload.
        target: Target,
        /// May be absent when there is only one.
        #[serde(default)]
        container: Option<String>,
        /// Which.
        image: ImageChange,
    },
    /// Requests and limits; what is absent stays.
    SetResources {
        /// The workload.
        target: Target,
        /// May be absent when there is only one.
        #[serde(default)]
        container: Option<String>,
        /// `cpu`, `memory` to amounts.
        #[serde(default)]
        requests: MapChange,
        /// `cpu`, `memory` to amounts.
        #[serde(default)]
        limits: MapChange,
    },
    /// Environment variables.
    SetEnv {
        /// The workload.
        target: Target,
        /// May be absent when there is only one.
        #[serde(default)]
        container: Option<String>,
        /// Names to values; `null` removes.
        env: BTreeMap<String, Option<Hidden>>,
    },
    /// A probe.
    SetProbe {
        /// The workload.
        target: Target,
        /// May be absent when there is only one.
        #[serde(default)]
        container: Option<String>,
        /// Which.
        kind: ProbeKind,
        /// What of it.
        probe: Probe,
    },
    /// A HorizontalPodAutoscaler, new or changed.
    Autoscale {
        /// The workload.
        target: Target,
        /// Fewest replicas; 1 when absent.
        #[serde(default)]
        min: Option<u32>,
        /// Most replicas.
        max: u32,
        /// Percent of the CPU request; 80 when absent.
        #[serde(default)]
        cpu_percent: Option<u32>,
    },
    /// A Service for a workload.
    Expose {
        /// The workload.
        target: Target,
        /// Name of the Service; the workload's when absent.
        #[serde(default)]
        name: Option<String>,
        /// Port of the Service.
        port: u16,
        /// Port of the pods; the same when absent.
        #[serde(default)]
        target_port: Option<String>,
        /// `ClusterIP`, `NodePort` or `LoadBalancer`.
        #[serde(default)]
        service_type: Option<String>,
    },
    /// A Service selects the pods of another workload (blue to green).
    SwitchTraffic {
        /// The Service.
        service: Target,
        /// The workload that is to get the traffic.
        to: Target,
    },
    /// A second Deployment of a new image beside the first, with a share of the replicas.
    Canary {
        /// The Deployment.
        target: Target,
        /// Image of the new one.
        image: ImageChange,
        /// Share of the replicas, 1 to 99.
        percent: u8,
    },
    /// Labels.
    Label {
        /// The object.
        target: Target,
        /// `null` removes.
        labels: MapChange,
    },
    /// Annotations.
    Annotate {
        /// The object.
        target: Target,
        /// `null` removes.
        annotations: MapChange,
    },
    /// A new object from a template.
    Create {
        /// What.
        template: Template,
        /// Where.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// Manifests, by server-side apply.
    Apply {
        /// Whole objects.
        objects: Vec<Value>,
    },
    /// A patch as a finding proposes it.
    Patch {
        /// The object.
        target: Target,
        /// How to read `body`.
        #[serde(rename = "type")]
        type_: PatchType,
        /// The patch.
        body: Value,
    },
    /// A larger volume.
    ResizeVolume {
        /// PersistentVolumeClaim.
        target: Target,
        /// The new size.
        size: String,
    },
    /// Requests and limits as recommended.
    Optimize {
        /// One workload, or all.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
        /// Although there is little history.
        #[serde(default)]
        force: bool,
    },
    /// Find the cause, and plan the change that removes it.
    Fix {
        /// An object, or the worst of everything.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// Suspend or resume a CronJob or Job.
    Suspend {
        /// CronJob or Job.
        target: Target,
        /// `false` resumes.
        suspend: bool,
    },
    /// Pause or resume a Deployment's rollout.
    Pause {
        /// The Deployment.
        target: Target,
        /// `false` resumes.
        pause: bool,
    },
    /// Run a CronJob now.
    Trigger {
        /// The CronJob.
        target: Target,
    },
    /// Keep new pods off a node, or let them come again.
    Cordon {
        /// The node.
        node: String,
        /// `false` uncordons.
        cordon: bool,
    },
    /// Cordon a node and evict its pods.
    Drain {
        /// The node.
        node: String,
    },
    /// Remove an object.
    Delete {
        /// The object; its kind must be given.
        target: Target,
    },
    /// A new release.
    HelmInstall {
        /// Name of the release.
        release: String,
        /// Folder, archive or reference.
        chart: String,
        /// Where.
        #[serde(default)]
        namespace: Option<String>,
        /// Version of the chart.
        #[serde(default)]
        version: Option<String>,
        /// Values.
        #[serde(default)]
        values: HelmValues,
    },
    /// Another chart version or other values.
    HelmUpgrade {
        /// The release.
        release: Target,
        /// Folder, archive or reference.
        chart: String,
        /// Version of the chart.
        #[serde(default)]
        version: Option<String>,
        /// Values.
        #[serde(default)]
        values: HelmValues,
        /// Start from the values of the release.
        #[serde(default)]
        reuse_values: bool,
    },
    /// Back to an earlier revision.
    HelmRollback {
        /// The release.
        release: Target,
        /// The last good one when absent.
        #[serde(default)]
        revision: Option<u32>,
    },
    /// Free a release that is stuck in `pending-*`.
    HelmUnlock {
        /// The release.
        release: Target,
    },
    /// Remove a release and its objects.
    HelmUninstall {
        /// The release.
        release: Target,
    },
}

impl Write {
    /// How dangerous it is by itself.
    pub fn class(&self) -> Class {
        match self {
            Self::Delete { .. } | Self::Drain { .. } | Self::HelmUninstall { .. } | Self::Cordon { .. } => {
                Class::Destructive
            }
            Self::Scale { replicas: Replicas::To(0) | Replicas::Percent(0), .. } => Class::Destructive,
            Self::Create { template, .. } => template.class(),
            Self::Scale { .. }
            | Self::Restart { .. }
            | Self::Undo { .. }
            | Self::SetImage { .. }
            | Self::SetResources { .. }
            | Self::SetEnv { .. }
            | Self::SetProbe { .. }
            | Self::Autoscale { .. }
            | Self::Expose { .. }
            | Self::SwitchTraffic { .. }
            | Self::Canary { .. }
            | Self::Label { .. }
            | Self::Annotate { .. }
            | Self::Apply { .. }
            | Self::Patch { .. }
            | Self::ResizeVolume { .. }
            | Self::Optimize { .. }
            | Self::Fix { .. }
            | Self::Suspend { .. }
            | Self::Pause { .. }
            | Self::Trigger { .. }
            | Self::HelmInstall { .. }
            | Self::HelmUpgrade { .. }
            | Self::HelmRollback { .. }
            | Self::HelmUnlock { .. } => Class::Write,
        }
    }

    pub(super) fn target(&self) -> Option<&Target> {
        match self {
            Self::Scale { target, .. }
            | Self::Restart { target }
            | Self::Undo { target, .. }
            | Self::SetImage { target, .. }
            | Self::SetResources { target, .. }
            | Self::SetEnv { target, .. }
            | Self::SetProbe { target, .. }
            | Self::Autoscale { target, .. }
            | Self::Expose { target, .. }
            | Self::Canary { target, .. }
            | Self::Label { target, .. }
            | Self::Annotate { target, .. }
            | Self::Patch { target, .. }
            | Self::ResizeVolume { target, .. }
            | Self::Suspend { target, .. }
            | Self::Pause { target, .. }
            | Self::Trigger { target }
            | Self::Delete { target } => Some(target),
            Self::SwitchTraffic { service, .. } => Some(service),
            Self::Optimize { target, .. } | Self::Fix { target, .. } => target.as_ref(),
            Self::HelmUpgrade { release, .. }
            | Self::HelmRollback { release, .. }
            | Self::HelmUnlock { release }
            | Self::HelmUninstall { release } => Some(release),
            Self::Create { .. }
            | Self::Apply { .. }
            | Self::Cordon { .. }
            | Self::Drain { .. }
            | Self::HelmInstall { .. } => None,
        }
    }
}
