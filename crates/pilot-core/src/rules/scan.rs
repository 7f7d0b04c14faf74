//! What a rule writes its findings with.

use std::sync::Arc;

use serde_json::Value;

use super::context::Context;
use super::{Rule, Workload};
use crate::finding::{
    Confidence, Evidence, EvidenceSource, Finding, Location, Patch, PatchType, Remediation, Severity, Subject,
};
use crate::model::{ContainerAt, ObjectMeta, ObjectRef, Source};

/// One run of one rule.
pub(crate) struct Scan<'a> {
    pub(crate) ctx: &'a Context<'a>,
    rule: &'static Rule,
    pub(crate) found: Vec<Finding>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(ctx: &'a Context<'a>, rule: &'static Rule) -> Self {
        Self { ctx, rule, found: Vec::new() }
    }

    /// The workloads that are to be judged.
    pub(crate) fn workloads(&self) -> &'a [Workload<'a>] {
        &self.ctx.workloads
    }

    /// Reports on an object.
    pub(crate) fn object(&mut self, meta: &ObjectMeta, message: impl Into<String>) -> Hit<'_> {
        let finding = self.blank(meta, message.into());
        Hit { found: &mut self.found, finding: Some(finding), prefix: String::new(), source: meta.source.clone() }
    }

    /// Reports on a workload; the pods that carry the fault are listed.
    pub(crate) fn workload(&mut self, workload: &Workload<'_>, message: impl Into<String>) -> Hit<'_> {
        let mut finding = self.blank(workload.meta, message.into());
        finding.affected = workload.pods.iter().map(|pod| pod.metadata.name.clone()).collect();
        if let Some(owner) = &workload.custom_owner {
            finding.remediation.no_patch =
                Some(format!("{} {} manages this object: change it there", owner.kind, owner.name));
        } else if workload.kind() == "Pod" && self.ctx.is_live() {
            finding.remediation.risk = Some("a pod can't be changed in place: delete and create it again".to_owned());
        }
        Hit {
            found: &mut self.found,
            finding: Some(finding),
            prefix: format!("{}.", workload.path),
            source: workload.meta.source.clone(),
        }
    }

    /// Reports on a container of a workload.
    pub(crate) fn container(
        &mut self,
        workload: &Workload<'_>,
        at: &ContainerAt<'_>,
        message: impl Into<String>,
    ) -> Hit<'_> {
        let prefix = workload.container_field(at, "");
        let mut hit = self.workload(workload, message);
        hit.prefix = format!("{prefix}.");
        hit.edit(|finding| finding.subject.container = Some(at.container.name.clone()));
        hit
    }

    fn blank(&self, meta: &ObjectMeta, message: String) -> Finding {
        Finding {
            id: self.rule.id.to_owned(),
            title: self.rule.title.to_owned(),
            severity: self.rule.severity,
            category: self.rule.category(),
            subject: Subject::from(meta),
            message,
            evidence: Vec::new(),
            affected: Vec::new(),
            cause_of: Vec::new(),
            caused_by: Vec::new(),
            remediation: Remediation {
                text: self.rule.remediation.to_owned(),
                no_patch: (!self.rule.no_patch.is_empty()).then(|| self.rule.no_patch.to_owned()),
                ..Remediation::default()
            },
            confidence: Confidence::High,
            reference: self.rule.reference.to_owned(),
            location: meta.source.as_ref().map(|source| Location { file: source.file.clone(), line: source.line }),
            suppressed: None,
        }
    }
}

/// A finding in the making; it is recorded when it goes out of scope.
pub(crate) struct Hit<'s> {
    found: &'s mut Vec<Finding>,
    finding: Option<Finding>,
    prefix: String,
    /// To find the line of the field.
    source: Option<Arc<Source>>,
}

impl Hit<'_> {
    fn edit(&mut self, change: impl FnOnce(&mut Finding)) {
        if let Some(finding) = &mut self.finding {
            change(finding);
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Finding)) -> Self {
        self.edit(change);
        self
    }

    /// The field, relative to the container or pod spec for those, else to the object.
    pub(crate) fn field(mut self, field: &str) -> Self {
        let path = format!("{}{field}", self.prefix);
        self.edit(|finding| finding.subject.field = Some(path));
        self
    }

    /// A field path from the root of the object.
    pub(crate) fn root_field(self, field: &str) -> Self {
        self.with(|finding| finding.subject.field = Some(field.to_owned()))
    }

    pub(crate) fn severity(self, severity: Severity) -> Self {
        self.with(|finding| finding.severity = severity)
    }

    /// Severity and confidence of something that is not there; see [`Context::absence`].
    pub(crate) fn absent(self, (severity, confidence): (Severity, Confidence)) -> Self {
        self.with(|finding| {
            finding.severity = severity;
            finding.confidence = confidence;
        })
    }

    pub(crate) fn confidence(self, confidence: Confidence) -> Self {
        self.with(|finding| finding.confidence = confidence)
    }

    pub(crate) fn spec(self, at: &str, value: impl Into<String>) -> Self {
        self.evidence(EvidenceSource::Spec, at, value)
    }

    pub(crate) fn evidence(self, source: EvidenceSource, at: &str, value: impl Into<String>) -> Self {
        let evidence = Evidence::new(source, at, value);
        self.with(|finding| finding.evidence.push(evidence))
    }

    /// The change that makes the finding go away. Ignored when something above the object manages it.
    pub(crate) fn patch(self, patch: Patch) -> Self {
        self.with(|finding| {
            let managed =
                finding.remediation.no_patch.as_ref().is_some_and(|reason| reason.contains("manages this object"));
            if !managed {
                finding.remediation.patch = Some(patch);
                finding.remediation.no_patch = None;
            }
        })
    }

    pub(crate) fn maybe_patch(self, patch: Option<Patch>) -> Self {
        match patch {
            Some(patch) => self.patch(patch),
            None => self,
        }
    }

    pub(crate) fn no_patch(self, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        self.with(|finding| {
            finding.remediation.patch = None;
            finding.remediation.no_patch = Some(reason);
        })
    }

    pub(crate) fn risk(self, text: &str) -> Self {
        self.with(|finding| finding.remediation.risk = Some(text.to_owned()))
    }

    pub(crate) fn command(self, command: String) -> Self {
        self.with(|finding| finding.remediation.command = Some(command))
    }
}

impl Drop for Hit<'_> {
    fn drop(&mut self) {
        if let Some(mut finding) = self.finding.take() {
            if finding.remediation.patch.is_some() {
                finding.remediation.no_patch = None;
            }
            if let (Some(source), Some(field)) = (&self.source, &finding.subject.field) {
                finding.location = Some(Location { file: source.file.clone(), line: source.line_of(field) });
            }
            self.found.push(finding);
        }
    }
}

/// A JSON merge patch of an object's own fields.
pub(crate) fn merge(meta: &ObjectMeta, body: Value) -> Patch {
    Patch { type_: PatchType::Merge, target: meta.object_ref(), body }
}

/// A new object.
pub(crate) fn create(body: Value) -> Patch {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let target = ObjectRef {
        api_version: text("/apiVersion"),
        kind: text("/kind"),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
    };
    Patch { type_: PatchType::Create, target, body }
}
