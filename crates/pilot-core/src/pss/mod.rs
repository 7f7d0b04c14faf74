//! Pod Security Standards verdicts, decided as the `k8s.io/pod-security-admission` library decides
//! them, per Kubernetes version. `e2e/pss` compares the two on generated pods.

mod baseline;
mod restricted;

pub(crate) use baseline::{ALLOWED_CAPABILITIES, bad_se_linux, handler_hosts, is_safe_sysctl};
pub(crate) use restricted::ALLOWED_VOLUMES;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{ContainerAt, ContainerSecurityContext, ObjectMeta, PodSecurityContext, PodSpec};
use crate::snapshot::KubeVersion;

/// A level of the standards. Orders from the laxest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Everything is allowed.
    Privileged,
    /// No known privilege escalations.
    Baseline,
    /// Current hardening practice.
    Restricted,
}

impl Level {
    /// As written in the `pod-security.kubernetes.io/enforce` label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }

    /// Reads the label's value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Privileged, Self::Baseline, Self::Restricted].into_iter().find(|level| level.name() == text)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One check that a pod fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The library's check id: `runAsNonRoot`.
    pub check: &'static str,
    /// The library's short reason: `runAsNonRoot != true`.
    pub reason: String,
    /// Who is at fault: `pod`, `container "app"`, `volume "data"`, …, in order of the spec.
    pub culprits: Vec<String>,
    /// The forbidden values, sorted.
    pub values: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.reason, self.culprits.join(", "))?;
        if !self.values.is_empty() {
            write!(f, ": {}", self.values.join(", "))?;
        }
        f.write_str(")")
    }
}

/// What a check looks at.
pub(crate) struct Subject<'a> {
    meta: &'a ObjectMeta,
    spec: &'a PodSpec,
    version: KubeVersion,
}

type CheckFn = fn(&Subject<'_>) -> Option<Violation>;

/// A check: its id, the version it exists since, and the baseline check it replaces at `restricted`.
struct Check {
    id: &'static str,
    since: u32,
    overrides: Option<&'static str>,
    run: CheckFn,
}

/// Everything the pod violates at `level`, in the library's order: baseline checks by id, then
/// restricted ones. Versions newer than the tables count as the newest.
pub fn evaluate(level: Level, version: KubeVersion, meta: &ObjectMeta, spec: &PodSpec) -> Vec<Violation> {
    let version = version.min(KubeVersion::LATEST);
    let subject = Subject { meta, spec, version };
    let exists = |check: &&Check| version >= KubeVersion::new(check.since);
    let restricted: Vec<&Check> = match level {
        Level::Privileged => return Vec::new(),
        Level::Baseline => Vec::new(),
        Level::Restricted => restricted::CHECKS.iter().filter(exists).collect(),
    };
    let overridden: BTreeSet<&str> = restricted.iter().filter_map(|check| check.overrides).collect();
    baseline::CHECKS
        .iter()
        .filter(exists)
        .filter(|check| !overridden.contains(check.id))
        .chain(restricted)
        .filter_map(|check| (check.run)(&subject))
        .collect()
}

/// The strictest level whose checks the pod passes.
pub fn verdict(version: KubeVersion, meta: &ObjectMeta, spec: &PodSpec) -> Level {
    [Level::Restricted, Level::Baseline]
        .into_iter()
        .find(|level| evaluate(*level, version, meta, spec).is_empty())
        .unwrap_or(Level::Privileged)
}

impl<'a> Subject<'a> {
    fn pod(&self) -> Option<&'a PodSecurityContext> {
        self.spec.security_context.as_ref()
    }

    fn since(&self, minor: u32) -> bool {
        self.version >= KubeVersion::new(minor)
    }

    /// Restricted checks about Linux features skip Windows pods since 1.25.
    fn skips_windows(&self) -> bool {
        self.since(25) && self.spec.is_windows()
    }

    /// Pods in a user namespace are excused from some checks since 1.35.
    fn in_user_namespace(&self) -> bool {
        self.since(35) && self.spec.host_users == Some(false)
    }

    /// Collects the containers that `values` finds fault with, and what it finds.
    fn fault_containers<T: IntoIterator<Item = String>>(
        &self,
        mut values: impl FnMut(ContainerAt<'a>, Option<&'a ContainerSecurityContext>) -> Option<T>,
    ) -> Fault {
        let mut fault = Fault::default();
        for at in self.spec.all_containers() {
            if let Some(found) = values(at, at.container.security_context.as_ref()) {
                fault.culprits.push(format!("container {:?}", at.container.name));
                fault.values.extend(found);
            }
        }
        fault
    }
}

/// Culprits and values, gathered while a check looks through a pod.
#[derive(Default)]
struct Fault {
    culprits: Vec<String>,
    values: BTreeSet<String>,
}

impl Fault {
    fn pod(mut self, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.culprits.insert(0, "pod".to_owned());
            self.values.insert(value);
        }
        self
    }

    fn into_violation(self, check: &'static str, reason: &str) -> Option<Violation> {
        (!self.culprits.is_empty()).then(|| Violation {
            check,
            reason: reason.to_owned(),
            culprits: self.culprits,
            values: self.values.into_iter().filter(|value| !value.is_empty()).collect(),
        })
    }
}
