//! A finding: what is wrong, where, how sure, and how to put it right.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{ObjectMeta, ObjectRef};

/// How bad. Orders from worst to mildest, so that sorting puts the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Compromise or outage now.
    Critical,
    /// Likely compromise or outage.
    High,
    /// Should be put right.
    Medium,
    /// Good practice.
    Low,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }

    /// Whether it is as bad as `threshold` or worse.
    pub fn at_least(self, threshold: Self) -> bool {
        self <= threshold
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Severity {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("{text:?} is not a severity: use critical, high, medium, low or info"))
    }
}

/// The subject area of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Security of workloads (SEC).
    Security,
    /// Permissions (RBC).
    Rbac,
    /// Staying up (REL).
    Reliability,
    /// Resources and leftovers (EFF).
    Efficiency,
    /// Services, ingress, policies (NET).
    Networking,
    /// Failures that are happening (HLT).
    Health,
    /// Bottlenecks (PRF).
    Performance,
    /// Dockerfiles (IMG).
    Image,
    /// The user's own policies (POL).
    Policy,
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Follows from what was seen.
    High,
    /// Likely.
    Medium,
    /// The thing may exist where pilot could not look, such as outside the given files.
    Low,
}

/// The object, and the place in it, that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// The object.
    #[serde(flatten)]
    pub object: ObjectRef,
    /// The container, for findings about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The field, such as `spec.template.spec.containers[0].image`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl From<&ObjectMeta> for Subject {
    fn from(meta: &ObjectMeta) -> Self {
        Self { object: meta.object_ref(), container: None, field: None }
    }
}

/// Where evidence was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceSource {
    /// A field of a manifest.
    Spec,
    /// A field of an object's status.
    Status,
    /// An event.
    Event,
    /// A log line.
    Log,
    /// A metric.
    Metric,
    /// Worked out by pilot from the above.
    Computed,
}

/// One fact behind a finding. `value` may come from the cluster and is untrusted text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// Where it was seen.
    pub source: EvidenceSource,
    /// Field path, event reason, `container:line` or metric name.
    pub at: String,
    /// What was seen.
    pub value: String,
    /// When, if it has a time of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
}

impl Evidence {
    /// A fact without a time of its own.
    pub fn new(source: EvidenceSource, at: impl Into<String>, value: impl Into<String>) -> Self {
        Self { source, at: at.into(), value: value.into(), time: None }
    }
}

/// How a patch's body is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatchType {
    /// RFC 7386.
    Merge,
    /// Kubernetes strategic merge: lists of named things merge by their key.
    Strategic,
    /// The body is a new object.
    Create,
}

/// A change that makes a finding go away.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Patch {
    /// How to read `body`.
    #[serde(rename = "type")]
    pub type_: PatchType,
    /// The object to change or create.
    pub target: ObjectRef,
    /// The patch, or the new object.
    pub body: Value,
}

/// How to put a finding right.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remediation {
    /// One or two sentences.
    pub text: String,
    /// The change, when there is a safe one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<Patch>,
    /// Why there is no patch; always set when a finding of medium or higher has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_patch: Option<String>,
    /// A command that does it, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What may go wrong when the patch is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
}

/// File and line, for findings on manifests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Path as the user gave it.
    pub file: String,
    /// From 1.
    pub line: u32,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule: `SEC-001`.
    pub id: String,
    /// What the rule is about.
    pub title: String,
    /// Of this finding; a rule's own default may differ.
    pub severity: Severity,
    /// Subject area.
    pub category: Category,
    /// The object, container and field.
    pub subject: Subject,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The facts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Live pods that carry the fault, when the subject is their owner; sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<String>,
    /// Keys of findings that this one explains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cause_of: Vec<String>,
    /// Keys of findings that explain this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caused_by: Vec<String>,
    /// How to put it right.
    pub remediation: Remediation,
    /// How sure.
    pub confidence: Confidence,
    /// Public documentation of the subject.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// File and line of the subject, for manifests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Why it does not count, when it is suppressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<String>,
}

impl Finding {
    /// What identifies the finding between runs: rule, object, container and field, not the wording.
    pub fn key(&self) -> String {
        let object = &self.subject.object;
        format!(
            "{}|{}|{}/{}|{}|{}",
            self.id,
            object.kind,
            object.namespace,
            object.name,
            self.subject.container.as_deref().unwrap_or(""),
            self.subject.field.as_deref().unwrap_or(""),
        )
    }
}

/// Puts findings in the one order of all output: worst first, then rule, then subject, then wording.
pub fn sort(findings: &mut [Finding]) {
    findings
        .sort_by(|a, b| (a.severity, &a.id, &a.subject, &a.message).cmp(&(b.severity, &b.id, &b.subject, &b.message)));
}
