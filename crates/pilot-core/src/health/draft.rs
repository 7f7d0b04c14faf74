//! A finding in the making: what a check says about one pod or object before equal ones are merged.

use serde_json::{Value, json};

use super::catalogue::Rule;
use crate::finding::{
    Category, Confidence, Evidence, EvidenceSource, Finding, Patch, PatchType, Remediation, Severity, Subject,
};
use crate::model::{Event, ObjectRef};

/// What a check found.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The rule.
    pub rule: &'static Rule,
    /// Of this finding.
    pub severity: Severity,
    /// The container, if the finding is about one.
    pub container: Option<String>,
    /// The field, if there is one.
    pub field: Option<String>,
    /// The cause in one sentence; free of pod names, so that pods with the same trouble merge.
    pub message: String,
    /// The facts.
    pub evidence: Vec<Evidence>,
    /// How to put it right.
    pub remediation: Remediation,
    /// How sure.
    pub confidence: Confidence,
    /// Objects that this one waits for; their findings explain it.
    pub waits_for: Vec<ObjectRef>,
}

impl Draft {
    /// A finding with a cause but, so far, no remedy.
    pub fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            container: None,
            field: None,
            message: message.into(),
            evidence: Vec::new(),
            remediation: Remediation {
                no_patch: Some("the right change depends on what the program needs".to_owned()),
                ..Remediation::default()
            },
            confidence: Confidence::High,
            waits_for: Vec::new(),
        }
    }

    /// About one container.
    pub fn container(mut self, name: &str) -> Self {
        self.container = Some(name.to_owned());
        self
    }

    /// About one field.
    pub fn field(mut self, path: impl Into<String>) -> Self {
        self.field = Some(path.into());
        self
    }

    /// With another severity than usual.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Not certain.
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Adds a fact.
    pub fn seen(mut self, source: EvidenceSource, at: impl Into<String>, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.evidence.push(Evidence::new(source, at, value));
        }
        self
    }

    /// Adds an event as a fact.
    pub fn event(mut self, event: &Event) -> Self {
        let times = match event.occurrences() {
            1 => String::new(),
            n => format!(" (×{n})"),
        };
        self.evidence.push(Evidence {
            time: event.last_seen(),
            ..Evidence::new(EvidenceSource::Event, &event.reason, format!("{}{times}", event.message.trim()))
        });
        self
    }

    /// What to do, without a patch, and why there is none.
    pub fn advice(mut self, text: impl Into<String>, no_patch: impl Into<String>) -> Self {
        self.remediation.text = text.into();
        self.remediation.no_patch = Some(no_patch.into());
        self
    }

    /// What to do, with the patch that does it.
    pub fn patch(mut self, text: impl Into<String>, patch: Option<Patch>) -> Self {
        self.remediation.text = text.into();
        if patch.is_some() {
            self.remediation.patch = patch;
            self.remediation.no_patch = None;
        }
        self
    }

    /// A command for people.
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.remediation.command = Some(command.into());
        self
    }

    /// What may go wrong when the patch is applied.
    pub fn risk(mut self, risk: impl Into<String>) -> Self {
        self.remediation.risk = Some(risk.into());
        self
    }

    /// Explained by the findings about another object.
    pub fn waits_for(mut self, kind: &str, namespace: &str, name: &str) -> Self {
        self.waits_for.push(ObjectRef {
            api_version: String::new(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        });
        self
    }

    /// The finding about `object`.
    pub fn about(self, object: ObjectRef) -> Found {
        let finding = Finding {
            id: self.rule.id.to_owned(),
            title: self.rule.title.to_owned(),
            severity: self.severity,
            category: Category::Health,
            subject: Subject { object, container: self.container, field: self.field },
            message: self.message,
            evidence: self.evidence,
            affected: Vec::new(),
            cause_of: Vec::new(),
            caused_by: Vec::new(),
            remediation: self.remediation,
            confidence: self.confidence,
            reference: self.rule.reference.to_owned(),
            location: None,
            suppressed: None,
        };
        Found { finding, waits_for: self.waits_for }
    }
}

/// A finding, and the objects whose findings explain it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The finding.
    pub finding: Finding,
    /// What it waits for.
    pub waits_for: Vec<ObjectRef>,
}

impl Found {
    /// Whether both are about the same trouble, in other pods perhaps.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.finding.key() == other.finding.key() && self.finding.message == other.finding.message
    }
}

/// A patch of one container in the pod template of `root`; `None` for objects whose pods can't be patched.
pub fn container_patch(root: &ObjectRef, list: &str, container: &str, change: Value) -> Option<Patch> {
    let mut entry = json!({ "name": container });
    if let (Some(entry), Value::Object(change)) = (entry.as_object_mut(), change) {
        entry.extend(change);
    }
    pod_patch(root, json!({ list: [entry] }))
}

/// A patch of the pod spec in the template of `root`.
pub fn pod_patch(root: &ObjectRef, spec: Value) -> Option<Patch> {
    let body = match root.kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => json!({"spec": {"template": {"spec": spec}}}),
        "CronJob" => json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}),
        _ => return None,
    };
    Some(Patch { type_: PatchType::Strategic, target: root.clone(), body })
}
