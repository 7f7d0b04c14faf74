//! Actions that change nothing.

use serde::{Deserialize, Serialize};

use super::{Target, Template};
use crate::policy::Check;

/// Which objects of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Filter {
    /// One namespace, or all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Labels, as `kubectl -l` takes them: `app=web,tier!=db`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// Names that have this in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Pods in this phase or state: `Running`, `Pending`, `CrashLoopBackOff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Only what is well, or only what is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthy: Option<bool>,
    /// Pods that restarted at least this often; with 0 as the most, those that never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_restarts: Option<u32>,
    /// Pods that restarted at most this often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_restarts: Option<u32>,
}

/// Which log, and what of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct LogQuery {
    /// Pod or workload; of a workload the pod that is worst off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Container; the only or the failing one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Of the run before the current one.
    pub previous: bool,
    /// Say what it tells (signatures, counts) instead of showing it.
    pub errors: bool,
    /// Answer yes or no first: are there errors?
    pub question: bool,
    /// The last lines only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tail: Option<u64>,
    /// The last seconds only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_seconds: Option<u64>,
    /// Lines that have this text in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// What usage is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Usage {
    /// Cores.
    #[default]
    Cpu,
    /// Bytes.
    Memory,
}

/// Which end of the list comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Heaviest first.
    #[default]
    Most,
    /// Lightest first.
    Least,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Read {
    /// Objects of some kinds in columns.
    List {
        /// Words for kinds: `pods`, `deploy`.
        kinds: Vec<String>,
        /// Which of them.
        #[serde(default)]
        filter: Filter,
    },
    /// How many there are.
    Count {
        /// A word for a kind.
        kind: String,
        /// Which of them.
        #[serde(default)]
        filter: Filter,
    },
    /// Is it well? Yes or no first; also verifies an upgrade or a rollback.
    Status {
        /// An object, or everything.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// One object, its events and findings.
    Describe {
        /// The object.
        target: Target,
    },
    /// A log, or what it says.
    Logs(LogQuery),
    /// Events.
    Events {
        /// About this object.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
        /// Warnings only.
        #[serde(default)]
        warnings: bool,
        /// The last seconds only.
        #[serde(default)]
        since_seconds: Option<u64>,
    },
    /// Usage.
    Top {
        /// Of nodes instead of pods.
        #[serde(default)]
        nodes: bool,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
        /// Pods of this object.
        #[serde(default)]
        target: Option<Target>,
        /// Sorted by.
        #[serde(default)]
        by: Usage,
        /// Which end first.
        #[serde(default)]
        order: Order,
        /// This many.
        #[serde(default)]
        limit: Option<usize>,
    },
    /// Why is it not well?
    Diagnose {
        /// An object, or everything that is not well.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// Which images run.
    Images {
        /// Of this object.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// Where a Service can be reached.
    Urls {
        /// Service or workload; all Services when absent.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// Nodes, what they have and what is left.
    Capacity,
    /// How far a rollout is.
    RolloutStatus {
        /// The workload.
        target: Target,
    },
    /// The revisions of a workload.
    RolloutHistory {
        /// The workload.
        target: Target,
    },
    /// Who may do something; with a subject, whether that one may.
    CanI {
        /// `get`, `list`, `delete`.
        verb: String,
        /// A word for a kind.
        resource: String,
        /// `alice`, `system:serviceaccount:ns:name`; everybody who may when absent.
        #[serde(default)]
        subject: Option<String>,
        /// One namespace, or the whole cluster.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// Can one reach the other?
    Reach {
        /// Workload or pod.
        from: Target,
        /// Service, workload or pod.
        to: Target,
        /// Port of the Service or the pod.
        #[serde(default)]
        port: Option<u16>,
    },
    /// Everything that can be found.
    Analyze {
        /// One workload.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// Security.
    SecurityScan {
        /// One workload.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
        /// Permissions only.
        #[serde(default)]
        rbac: bool,
        /// Pod Security level: `baseline` or `restricted`.
        #[serde(default)]
        level: Option<String>,
    },
    /// Requests and limits that fit. Applying them is [`super::Write::Optimize`].
    Optimize {
        /// One workload.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// Bottlenecks.
    Performance {
        /// One workload.
        #[serde(default)]
        target: Option<Target>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// What it costs.
    Cost {
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
        /// `workload`, `namespace` or `label=KEY`.
        #[serde(default)]
        by: Option<String>,
    },
    /// Who violates a demand.
    PolicyAudit {
        /// What must hold; the built-in catalogue when absent.
        #[serde(default)]
        check: Option<Check>,
        /// Words for kinds; all that the check looks at when empty.
        #[serde(default)]
        kinds: Vec<String>,
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// Helm's releases.
    Releases {
        /// One namespace, or all.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// State of a release and of its objects; also compares them with its manifest.
    ReleaseStatus {
        /// The release.
        release: Target,
        /// Compare every live object with the manifest, field by field.
        #[serde(default)]
        verify: bool,
    },
    /// Revisions of a release.
    ReleaseHistory {
        /// The release.
        release: Target,
    },
    /// The values a release was installed with, secrets taken out.
    ReleaseValues {
        /// The release.
        release: Target,
    },
    /// Contexts of the kubeconfig, and the current one.
    Contexts,
    /// A manifest from a template, printed and not applied.
    Generate {
        /// What.
        template: Template,
        /// Namespace in it.
        #[serde(default)]
        namespace: Option<String>,
    },
    /// What is wrong with a Dockerfile. The file is only ever read; `fix` prints the edits.
    ImageReview {
        /// The Dockerfile.
        path: String,
        /// Show the edits as a diff.
        #[serde(default)]
        fix: bool,
    },
    /// What a pasted error or log means.
    Explain {
        /// The text; standard input when absent.
        #[serde(default)]
        text: Option<String>,
    },
    /// What can be asked.
    Help {
        /// About this.
        #[serde(default)]
        topic: Option<String>,
    },
}

impl Read {
    pub(super) fn target(&self) -> Option<&Target> {
        match self {
            Self::Status { target, .. }
            | Self::Events { target, .. }
            | Self::Top { target, .. }
            | Self::Diagnose { target, .. }
            | Self::Images { target, .. }
            | Self::Urls { target, .. }
            | Self::Analyze { target, .. }
            | Self::SecurityScan { target, .. }
            | Self::Optimize { target, .. }
            | Self::Performance { target, .. }
            | Self::Logs(LogQuery { target, .. }) => target.as_ref(),
            Self::Describe { target } | Self::RolloutStatus { target } | Self::RolloutHistory { target } => {
                Some(target)
            }
            Self::Reach { from, .. } => Some(from),
            Self::ReleaseStatus { release, .. }
            | Self::ReleaseHistory { release }
            | Self::ReleaseValues { release } => Some(release),
            Self::List { .. }
            | Self::Count { .. }
            | Self::Capacity
            | Self::CanI { .. }
            | Self::Cost { .. }
            | Self::PolicyAudit { .. }
            | Self::Releases { .. }
            | Self::Contexts
            | Self::Generate { .. }
            | Self::ImageReview { .. }
            | Self::Explain { .. }
            | Self::Help { .. } => None,
        }
    }
}
