//! The user's own policies: a list of checks with parameters, each for the objects it matches.
//!
//! A policy file is a list under `policies:`; every entry has a `name`, optionally a `severity` and a
//! `match`, and one `check` with its `type`. `{type: rule, id: SEC-001}` makes a policy of any rule of
//! the catalogue.

mod checks;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::finding::{Category, Confidence, Finding, Location, Remediation, Severity, Subject, sort};
use crate::model::{LabelSelector, ObjectMeta};
use crate::pss::Level;
use crate::quantity::Quantity;
use crate::rules::{Context, analyze_with, table};
use crate::snapshot::Snapshot;

/// A policy file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// In the order of the report.
    pub policies: Vec<Policy>,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    /// What findings are called by: `POL-<name>`.
    pub name: String,
    /// Of every violation.
    #[serde(default = "high")]
    pub severity: Severity,
    /// Whom it is for; everybody when absent.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What must hold.
    pub check: Check,
    /// What to tell those who violate it.
    #[serde(default)]
    pub message: String,
}

fn high() -> Severity {
    Severity::High
}

/// Which objects a policy is for. Every field that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Match {
    /// Kinds; empty means all that the check looks at.
    pub kinds: Vec<String>,
    /// Namespaces; empty means all. A trailing `*` matches the rest.
    pub namespaces: Vec<String>,
    /// Namespaces it is not for.
    pub excluded_namespaces: Vec<String>,
    /// Labels of the object.
    pub selector: LabelSelector,
}

/// A key that must be there, and the regular expression its whole value must match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Required {
    /// The label or annotation.
    pub key: String,
    /// Of the value; anything when absent.
    #[serde(default)]
    pub pattern: Option<String>,
}

/// What a policy demands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Check {
    /// A rule of the catalogue finds nothing.
    Rule {
        /// `SEC-001`.
        id: String,
    },
    /// Labels of the object.
    RequiredLabels {
        /// All of them.
        labels: Vec<Required>,
    },
    /// Annotations of the object.
    RequiredAnnotations {
        /// All of them.
        annotations: Vec<Required>,
    },
    /// Images come from these registries or repositories, by whole path segments.
    AllowedRepositories {
        /// Any of them.
        repositories: Vec<String>,
    },
    /// Images come from none of these.
    DisallowedRepositories {
        /// None of them.
        repositories: Vec<String>,
    },
    /// Image tags other than these, and some tag or digest.
    DisallowedTags {
        /// None of them.
        tags: Vec<String>,
    },
    /// Images are pinned by digest.
    ImageDigests,
    /// Long-running containers have these probes.
    RequiredProbes {
        /// `readinessProbe`, `livenessProbe`, `startupProbe`.
        probes: Vec<String>,
    },
    /// Containers have these requests and limits.
    RequiredResources {
        /// Resource names.
        #[serde(default)]
        requests: Vec<String>,
        /// Resource names.
        #[serde(default)]
        limits: Vec<String>,
    },
    /// Limits are set and at most this.
    MaxLimits {
        /// Of one container.
        #[serde(default)]
        cpu: Option<Quantity>,
        /// Of one container.
        #[serde(default)]
        memory: Option<Quantity>,
    },
    /// Requests are set and at most this.
    MaxRequests {
        /// Of one container.
        #[serde(default)]
        cpu: Option<Quantity>,
        /// Of one container.
        #[serde(default)]
        memory: Option<Quantity>,
    },
    /// Limits are at most this many times the requests.
    MaxRatio {
        /// Limit over request.
        #[serde(default)]
        cpu: Option<i64>,
        /// Limit over request.
        #[serde(default)]
        memory: Option<i64>,
    },
    /// Replicas lie in this range.
    Replicas {
        /// At least.
        #[serde(default)]
        min: Option<i64>,
        /// At most.
        #[serde(default)]
        max: Option<i64>,
    },
    /// An autoscaler's replicas lie in this range.
    AutoscalerReplicas {
        /// `minReplicas` at least.
        #[serde(default)]
        min: Option<i64>,
        /// `maxReplicas` at most.
        #[serde(default)]
        max: Option<i64>,
    },
    /// Volumes are of these types.
    VolumeTypes {
        /// `configMap`, `emptyDir`, …
        allowed: Vec<String>,
    },
    /// Host paths lie below these.
    HostPaths {
        /// Path prefixes, by whole segments.
        allowed: Vec<String>,
    },
    /// Capabilities added are among these, and these are dropped.
    Capabilities {
        /// May be added.
        #[serde(default)]
        allowed: Vec<String>,
        /// Must be dropped (`ALL` covers every one).
        #[serde(default)]
        required_drop: Vec<String>,
    },
    /// Host ports lie in this range.
    HostPorts {
        /// At least.
        min: i64,
        /// At most.
        max: i64,
    },
    /// `runAsUser` is set and lies in this range.
    UserIds {
        /// At least.
        min: i64,
        /// At most.
        #[serde(default)]
        max: Option<i64>,
    },
    /// Services are of none of these types.
    DisallowedServiceTypes {
        /// `NodePort`, `LoadBalancer`, `ExternalName`.
        types: Vec<String>,
    },
    /// Claims use one of these classes.
    StorageClasses {
        /// Any of them.
        allowed: Vec<String>,
    },
    /// Hosts of Ingresses end with one of these domains.
    IngressHosts {
        /// `example.com` allows itself and everything below it.
        domains: Vec<String>,
    },
    /// Pods satisfy this level of the Pod Security Standards.
    PodSecurity {
        /// `baseline` or `restricted`.
        level: Level,
    },
}

/// Why a policy can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No such rule.
    #[error("policy {policy}: there is no rule {id}")]
    UnknownRule {
        /// The policy.
        policy: String,
        /// As written.
        id: String,
    },
    /// A pattern that can't be read.
    #[error("policy {policy}: pattern {pattern:?} is not a regular expression")]
    Pattern {
        /// The policy.
        policy: String,
        /// As written.
        pattern: String,
    },
}

/// Violations of the policies, sorted as all findings are.
///
/// # Errors
/// When a policy names an unknown rule or has an unreadable pattern; nothing is judged then.
pub fn evaluate(snapshot: &Snapshot, config: &Config, policies: &Policies) -> Result<Vec<Finding>, PolicyError> {
    let ctx = Context::new(snapshot, config);
    let mut found = Vec::new();
    for policy in &policies.policies {
        if let Check::Rule { id } = &policy.check {
            if !table().any(|rule| rule.id == id) {
                return Err(PolicyError::UnknownRule { policy: policy.name.clone(), id: id.clone() });
            }
            found.extend(by_rule(snapshot, config, policy, id));
        } else {
            let mut violations = Violations { ctx: &ctx, policy, found: &mut found };
            checks::run(&mut violations)?;
        }
    }
    sort(&mut found);
    Ok(found)
}

fn by_rule(snapshot: &Snapshot, config: &Config, policy: &Policy, id: &str) -> Vec<Finding> {
    let mut config = config.clone();
    config.enable.insert(id.to_owned());
    let labels = |finding: &Finding| {
        let object = &finding.subject.object;
        snapshot
            .all()
            .find(|meta| meta.kind == object.kind && meta.namespace == object.namespace && meta.name == object.name)
    };
    analyze_with(snapshot, &config, |rule| rule.id == id)
        .findings
        .into_iter()
        .filter(|finding| labels(finding).is_none_or(|meta| policy.matches.covers(meta)))
        .map(|mut finding| {
            finding.id = format!("POL-{}", policy.name);
            finding.severity = policy.severity;
            finding.category = Category::Policy;
            finding
        })
        .collect()
}

impl Match {
    fn covers(&self, meta: &ObjectMeta) -> bool {
        let listed = |list: &[String], value: &str| {
            list.iter().any(|item| match item.strip_suffix('*') {
                Some(prefix) => value.starts_with(prefix),
                None => item == value,
            })
        };
        (self.kinds.is_empty() || self.kinds.contains(&meta.kind))
            && (self.namespaces.is_empty() || listed(&self.namespaces, &meta.namespace))
            && !listed(&self.excluded_namespaces, &meta.namespace)
            && self.selector.matches(&meta.labels)
    }
}

/// Collects what violates one policy.
struct Violations<'a> {
    ctx: &'a Context<'a>,
    policy: &'a Policy,
    found: &'a mut Vec<Finding>,
}

impl Violations<'_> {
    fn report(&mut self, meta: &ObjectMeta, container: Option<&str>, field: &str, message: String) {
        let policy = self.policy;
        let advice =
            if policy.message.is_empty() { "Change the object so that the policy holds." } else { &policy.message };
        self.found.push(Finding {
            id: format!("POL-{}", policy.name),
            title: format!("Policy {}", policy.name),
            severity: policy.severity,
            category: Category::Policy,
            subject: Subject {
                container: container.map(str::to_owned),
                field: Some(field.to_owned()),
                ..Subject::from(meta)
            },
            message,
            evidence: Vec::new(),
            affected: Vec::new(),
            cause_of: Vec::new(),
            caused_by: Vec::new(),
            remediation: Remediation {
                text: advice.to_owned(),
                no_patch: Some("the policy says what must hold, not which value is meant".to_owned()),
                ..Remediation::default()
            },
            confidence: Confidence::High,
            reference: String::new(),
            location: meta
                .source
                .as_ref()
                .map(|source| Location { file: source.file.clone(), line: source.line_of(field) }),
            suppressed: None,
        });
    }
}
