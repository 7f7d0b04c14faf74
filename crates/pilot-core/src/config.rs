//! What the user may choose about an analysis.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

use crate::model::LabelSelector;
use crate::snapshot::KubeVersion;

/// What the cluster is for; some findings only make sense in production.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A laptop: one node, NodePorts, one replica are fine.
    Local,
    /// The default.
    #[default]
    Production,
    /// Production, and every opt-in rule.
    Strict,
}

/// Settings of an analysis.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// What the cluster is for.
    pub profile: Profile,
    /// Decide by this Kubernetes version (`1.34`) instead of the server's.
    pub kubernetes_version: Option<String>,
    /// Opt-in rules to run, by id.
    pub enable: BTreeSet<String>,
    /// Findings that don't count.
    pub ignore: Vec<Suppression>,
    /// Namespaces of the system beside the built-in ones.
    pub system_namespaces: BTreeSet<String>,
    /// Report on system namespaces, `system:` roles and the like too.
    pub include_system: bool,
    /// Registries or repositories images may come from; empty allows all.
    pub allowed_registries: Vec<String>,
    /// Addresses Services may claim in `externalIPs`.
    pub allowed_external_ips: BTreeSet<String>,
    /// Largest memory limit as a multiple of the request.
    pub memory_ratio: i64,
    /// Largest CPU limit as a multiple of the request.
    pub cpu_ratio: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            kubernetes_version: None,
            enable: BTreeSet::new(),
            ignore: Vec::new(),
            system_namespaces: BTreeSet::new(),
            include_system: false,
            allowed_registries: Vec::new(),
            allowed_external_ips: BTreeSet::new(),
            memory_ratio: 2,
            cpu_ratio: 10,
        }
    }
}

/// Findings that don't count, and why. Every field that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Suppression {
    /// Rule ids; empty means all.
    pub ids: BTreeSet<String>,
    /// Kinds; empty means all.
    pub kinds: BTreeSet<String>,
    /// Namespaces; empty means all.
    pub namespaces: BTreeSet<String>,
    /// Object names; empty means all.
    pub names: BTreeSet<String>,
    /// Container names; empty means all.
    pub containers: BTreeSet<String>,
    /// Labels of the object.
    pub selector: LabelSelector,
    /// The last day it holds.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
}

const SYSTEM_NAMESPACES: [&str; 5] =
    ["kube-system", "kube-public", "kube-node-lease", "local-path-storage", "ingress-nginx"];

impl Config {
    /// Whether the namespace belongs to the system rather than to users.
    pub fn is_system(&self, namespace: &str) -> bool {
        SYSTEM_NAMESPACES.contains(&namespace) || self.system_namespaces.contains(namespace)
    }

    /// The version to decide by, if the settings name one.
    pub fn version(&self) -> Option<KubeVersion> {
        self.kubernetes_version.as_deref().and_then(KubeVersion::parse)
    }
}
