//! Typed plans: what a change would do, found out by a server-side dry run. Nothing here writes.
//!
//! Carrying a plan out (confirmation, apply, verify, undo, audit) is built on this type.

use pilot_core::finding::{Patch, PatchType};
use pilot_core::model::ObjectRef;
use serde::Serialize;
use serde_json::{Value, json};
use similar::TextDiff;

use crate::cluster::{self, Connection, KINDS};
use crate::commands::Ask;
use crate::exit::Error;
use crate::report::{Door, Part, Report};

/// What a step does to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Changes fields.
    Patch,
    /// Makes a new object.
    Create,
}

/// One change of one object.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What is done.
    pub verb: Verb,
    /// The object.
    pub target: ObjectRef,
    /// How the body is to be read.
    pub patch_type: PatchType,
    /// The patch or the new object.
    pub body: Value,
    /// Version of the object the plan was made against; empty without a live cluster.
    pub resource_version: String,
    /// Unified diff of the dry run; empty without a live cluster.
    pub diff: String,
}

impl Step {
    /// A step that applies a patch.
    pub fn patch(patch: &Patch) -> Self {
        let verb = if patch.type_ == PatchType::Create { Verb::Create } else { Verb::Patch };
        Self {
            verb,
            target: patch.target.clone(),
            patch_type: patch.type_,
            body: patch.body.clone(),
            resource_version: String::new(),
            diff: String::new(),
        }
    }
}

/// A list of changes with one purpose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// What it is for.
    pub purpose: String,
    /// The changes, in order.
    pub steps: Vec<Step>,
    /// What to know before saying yes.
    pub remarks: Vec<String>,
}

impl Plan {
    /// An empty plan.
    pub fn new(purpose: impl Into<String>) -> Self {
        Self { purpose: purpose.into(), steps: Vec::new(), remarks: Vec::new() }
    }

    /// Adds a change.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Adds a remark.
    pub fn remark(&mut self, text: impl Into<String>) {
        self.remarks.push(text.into());
    }

    /// Has the API server try every step without storing it, and keeps the differences. Without a live cluster the
    /// plan stays as it is.
    ///
    /// # Errors
    /// When the server refuses a step: then the plan would fail, too.
    pub async fn dry_run(&mut self, ask: &Ask) -> Result<(), Error> {
        if !ask.is_live() {
            if !self.steps.is_empty() {
                self.remark("no live cluster: the steps were not tried");
            }
            return Ok(());
        }
        let from = cluster::connect(&ask.input.cluster).await?;
        for step in &mut self.steps {
            try_out(&from, step).await?;
        }
        Ok(())
    }

    /// Adds the plan to a report.
    pub fn show(&self, report: &mut Report) {
        report.heading(format!("Plan: {}", self.purpose));
        if self.steps.is_empty() {
            report.text("nothing to change");
        }
        for (number, step) in self.steps.iter().enumerate() {
            let verb = if step.verb == Verb::Create { "create" } else { "change" };
            report.text(format!("{}. {verb} {}", number + 1, step.target));
            let text = if step.diff.is_empty() {
                serde_saphyr::to_string(&step.body).unwrap_or_default()
            } else {
                step.diff.clone()
            };
            report.parts.push(Part::Literal(text));
        }
        for remark in &self.remarks {
            report.text(format!("note: {remark}"));
        }
        report.text("Only a plan: nothing was changed.");
    }

    /// The plan as JSON.
    pub fn data(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

async fn try_out(from: &Connection, step: &mut Step) -> Result<(), Error> {
    let kind = KINDS.iter().find(|k| k.kind == step.target.kind && !k.api_version.starts_with("metrics"));
    let Some(kind) = kind else {
        return Err(Error::Refused(format!("{} cannot be planned", step.target)));
    };
    let path = kind.object_path(&step.target.namespace, &step.target.name);
    let options = "dryRun=All&fieldValidation=Strict&fieldManager=pilot";
    let (before, request) = match step.verb {
        Verb::Create => {
            let path =
                format!("{}?{options}", kind.path(Some(step.target.namespace.as_str()).filter(|n| !n.is_empty())));
            (Value::Null, http::Request::post(path).header("content-type", "application/json"))
        }
        Verb::Patch => {
            let before = from.get(&path).await.map_err(|e| from.explain(&e))?;
            let content = if step.patch_type == PatchType::Strategic {
                "application/strategic-merge-patch+json"
            } else {
                "application/merge-patch+json"
            };
            (before, http::Request::patch(format!("{path}?{options}")).header("content-type", content))
        }
    };
    let body = serde_json::to_vec(&step.body).map_err(|e| Error::Usage(e.to_string()))?;
    let request = request.body(body).map_err(|e| Error::Usage(e.to_string()))?;
    let after: Value = from.client.request(request).await.map_err(|e| match e {
        kube::Error::Api(status) if matches!(status.code, 400 | 409 | 422) => {
            Error::Refused(format!("the API server refuses the change of {}: {}", step.target, status.message))
        }
        other => from.explain(&other),
    })?;
    step.resource_version =
        before.pointer("/metadata/resourceVersion").and_then(Value::as_str).unwrap_or("").to_owned();
    step.diff = diff(&before, &after);
    for owner in owners(&before) {
        if owner.eq_ignore_ascii_case("helm") {
            step.diff +=
                "# fields of this object are managed by Helm: the next upgrade of its release sets them again\n";
        }
    }
    Ok(())
}

/// Who manages fields of the object.
fn owners(object: &Value) -> Vec<String> {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let mut names: Vec<String> =
        entries.into_iter().flatten().filter_map(|e| e["manager"].as_str()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

/// Unified diff of two objects as YAML, redacted, without what the server counts by itself.
pub fn diff(before: &Value, after: &Value) -> String {
    let door = Door::default();
    let text = |value: &Value| {
        let mut value = value.clone();
        if let Some(fields) = value.as_object_mut() {
            fields.remove("status");
            if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
                for noise in ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"] {
                    metadata.remove(noise);
                }
            }
        }
        if value.is_null() { String::new() } else { serde_saphyr::to_string(&door.value(&value)).unwrap_or_default() }
    };
    let (before, after) = (text(before), text(after));
    TextDiff::from_lines(&before, &after).unified_diff().context_radius(3).header("now", "planned").to_string()
}

/// A merge patch of the fields that differ, as [`Patch`].
pub fn merge(target: &ObjectRef, body: Value) -> Patch {
    Patch { type_: PatchType::Merge, target: target.clone(), body }
}

/// A strategic merge patch of the pod template.
pub fn template(target: &ObjectRef, template: Value) -> Patch {
    Patch { type_: PatchType::Strategic, target: target.clone(), body: json!({"spec": {"template": template}}) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_changes_and_no_secret() {
        let object = |replicas: i64| {
            json!({"kind": "Deployment", "metadata": {"name": "a", "resourceVersion": replicas.to_string()},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "c", "env": [{"name": "DB_PASSWORD", "value": "hunter2hunter2"}]}]}}}})
        };
        let text = diff(&object(1), &object(3));
        assert!(text.contains("-  replicas: 1") && text.contains("+  replicas: 3"), "{text}");
        assert!(!text.contains("hunter2") && !text.contains("resourceVersion"), "{text}");
        assert_eq!(diff(&object(1), &object(1)), "");
    }
}
