//! One change of one object.

use pilot_core::action::{Class, Hidden};
use pilot_core::config::Config;
use pilot_core::finding::{Patch, PatchType};
use pilot_core::model::ObjectRef;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cluster::KINDS;

/// What a step does to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Changes fields.
    Patch,
    /// Makes a new object.
    Create,
    /// Makes or changes an object by server-side apply; never takes fields from another manager.
    Apply,
    /// Removes the object.
    Delete,
    /// Asks a pod to leave its node, which disruption budgets may refuse.
    Evict,
    /// Runs the `helm` program.
    Helm,
}

impl Verb {
    /// For people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Patch => "change",
            Self::Create => "create",
            Self::Apply => "apply",
            Self::Delete => "delete",
            Self::Evict => "evict",
            Self::Helm => "helm",
        }
    }
}

/// One change of one object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What is done.
    pub verb: Verb,
    /// The object.
    pub target: ObjectRef,
    /// How the body of a patch is to be read.
    pub patch_type: PatchType,
    /// The patch, the new object, or helm's arguments.
    pub body: Value,
    /// How dangerous it is.
    pub class: Class,
    /// What is to be typed when it is destructive; the target's name when empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub type_name: String,
    /// Version of the object the plan was made against; empty without a live cluster.
    #[serde(default)]
    pub resource_version: String,
    /// Digest of the object without what controllers count in it: the state the plan was made for.
    #[serde(default)]
    pub state: String,
    /// Unified diff of the dry run, redacted; empty without a live cluster.
    #[serde(default)]
    pub diff: String,
    /// Changed fields that somebody else manages.
    #[serde(default)]
    pub owners: Vec<String>,
    /// The object before, as far as it may be kept; nothing of Secrets.
    #[serde(skip)]
    pub before: Option<Value>,
    /// The object after the dry run.
    #[serde(skip)]
    pub after: Option<Value>,
    /// What the helm program reads: values, which may be secret.
    #[serde(skip)]
    pub input: Option<Hidden>,
}

/// Kinds whose change grants permissions or changes the API itself.
const POWERFUL: &[&str] = &[
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "APIService",
];

impl Step {
    /// A step.
    pub fn new(verb: Verb, target: ObjectRef, patch_type: PatchType, body: Value) -> Self {
        let class = class(verb, &target, &body);
        Self {
            verb,
            target,
            patch_type,
            body,
            class,
            type_name: String::new(),
            resource_version: String::new(),
            state: String::new(),
            diff: String::new(),
            owners: Vec::new(),
            before: None,
            after: None,
            input: None,
        }
    }

    /// A step that applies a finding's patch.
    pub fn patch(patch: &Patch) -> Self {
        let verb = if patch.type_ == PatchType::Create { Verb::Create } else { Verb::Patch };
        Self::new(verb, patch.target.clone(), patch.type_, patch.body.clone())
    }

    /// A step that makes a new object.
    pub fn create(object: Value) -> Self {
        Self::new(Verb::Create, object_ref(&object), PatchType::Create, object)
    }

    /// A step of server-side apply.
    pub fn apply(object: Value) -> Self {
        Self::new(Verb::Apply, object_ref(&object), PatchType::Merge, object)
    }

    /// A step that removes an object.
    pub fn delete(target: ObjectRef) -> Self {
        Self::new(Verb::Delete, target, PatchType::Merge, json!({}))
    }

    /// With a name to be typed that is not the target's.
    pub fn typed(mut self, name: &str) -> Self {
        name.clone_into(&mut self.type_name);
        self
    }

    /// At least this dangerous.
    pub fn at_least(mut self, class: Class) -> Self {
        self.class = self.class.max(class);
        self
    }

    /// The name to be typed when it is destructive.
    pub fn name_to_type(&self) -> &str {
        if self.type_name.is_empty() { &self.target.name } else { &self.type_name }
    }

    /// What the plan's hash covers.
    pub fn identity(&self) -> Value {
        json!({"verb": self.verb, "target": self.target, "patchType": self.patch_type, "body": self.body, "state": self.state,
            "class": self.class, "typeName": self.type_name})
    }

    /// Diff, or without one the body.
    pub fn shown(&self) -> String {
        match (self.diff.is_empty(), self.verb) {
            (false, _) => self.diff.clone(),
            (true, Verb::Delete | Verb::Evict) => String::new(),
            (true, _) => serde_saphyr::to_string(&self.body).unwrap_or_default(),
        }
    }

    /// Whether the pod template changes, and so the pods.
    pub fn changes_pods(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => before.pointer("/spec/template") != after.pointer("/spec/template"),
            _ => false,
        }
    }
}

/// Reference to the object that a manifest describes.
pub fn object_ref(object: &Value) -> ObjectRef {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned();
    ObjectRef {
        api_version: text("/apiVersion"),
        kind: text("/kind"),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name"),
    }
}

/// By what is done and to what: known before anything is asked of the server.
fn class(verb: Verb, target: &ObjectRef, body: &Value) -> Class {
    let known = KINDS.iter().find(|k| k.kind == target.kind);
    let cluster_wide = known.map_or(target.namespace.is_empty(), |k| !k.namespaced);
    let shared = POWERFUL.contains(&target.kind.as_str())
        || (cluster_wide && verb != Verb::Helm)
        || Config::default().is_system(&target.namespace);
    let to_nothing = body.pointer("/spec/replicas").and_then(Value::as_i64) == Some(0);
    if verb == Verb::Delete || shared || (to_nothing && verb != Verb::Create) {
        Class::Destructive
    } else {
        Class::Write
    }
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
    fn danger_follows_from_what_is_touched() {
        let of = |kind: &str, namespace: &str| {
            let api_version = if kind == "Widget" { "example.com/v1" } else { "v1" };
            let target = ObjectRef {
                api_version: api_version.into(),
                kind: kind.into(),
                namespace: namespace.into(),
                name: "x".into(),
            };
            Step::patch(&merge(&target, json!({"metadata": {"labels": {"a": "b"}}}))).class
        };
        for (kind, namespace) in
            [("Deployment", "kube-system"), ("RoleBinding", "todo"), ("Node", ""), ("Namespace", ""), ("Widget", "")]
        {
            assert_eq!(of(kind, namespace), Class::Destructive, "{kind}");
        }
        assert_eq!(of("Deployment", "todo"), Class::Write);
        assert_eq!(of("Widget", "todo"), Class::Write);
    }
}
