//! Workloads: what makes pods, seen at the root owner.

use serde_json::{Value, json};

use crate::finding::{Patch, PatchType};
use crate::model::{ContainerAt, LabelSelector, Labels, ObjectMeta, ObjectRef, Pod, PodMetrics, PodSpec, Service};

/// The root owner of pods with the template that they are made from.
#[derive(Debug, Clone)]
pub struct Workload<'a> {
    /// Of the root owner; for a pod whose owner is unknown, of the pod itself.
    pub meta: &'a ObjectMeta,
    /// Of the pod template (or of the pod).
    pub template: &'a ObjectMeta,
    /// What the pods look like.
    pub spec: &'a PodSpec,
    /// Where the pod spec stands in the object: `spec.template.spec`.
    pub path: &'static str,
    /// Replicas asked for; `None` for kinds that have no such number.
    pub replicas: Option<i64>,
    /// The selector of the controller, when the user writes it.
    pub selector: Option<&'a LabelSelector>,
    /// The unknown controller above `meta`, such as a custom resource.
    pub custom_owner: Option<ObjectRef>,
    /// Live pods, by name.
    pub pods: Vec<&'a Pod>,
    /// Usage samples of those pods.
    pub samples: Vec<&'a PodMetrics>,
    /// Services whose selector matches the template's labels.
    pub services: Vec<&'a Service>,
}

impl Workload<'_> {
    /// `Deployment`, `Pod`, …
    pub fn kind(&self) -> &str {
        &self.meta.kind
    }

    /// Runs to completion rather than for ever.
    pub fn is_job(&self) -> bool {
        matches!(self.kind(), "Job" | "CronJob")
            || (self.kind() == "Pod" && matches!(self.spec.restart_policy.as_str(), "Never" | "OnFailure"))
    }

    /// Labels of the pods.
    pub fn labels(&self) -> &Labels {
        &self.template.labels
    }

    /// Path of a field of the pod spec.
    pub fn field(&self, inner: &str) -> String {
        format!("{}.{inner}", self.path)
    }

    /// Path of a field of a container.
    pub fn container_field(&self, at: &ContainerAt<'_>, inner: &str) -> String {
        if inner.is_empty() {
            format!("{}.{}", self.path, at.path())
        } else {
            format!("{}.{}.{inner}", self.path, at.path())
        }
    }

    /// A patch of the pod spec.
    pub fn pod_patch(&self, body: Value) -> Patch {
        self.patch_at(self.path, body)
    }

    /// A patch of one container.
    pub fn container_patch(&self, at: &ContainerAt<'_>, mut body: Value) -> Patch {
        if let Value::Object(fields) = &mut body {
            fields.insert("name".to_owned(), at.container.name.clone().into());
        }
        self.pod_patch(json!({ at.list(): [body] }))
    }

    /// A patch of the pod template's metadata.
    pub fn template_meta_patch(&self, body: Value) -> Patch {
        let path = self.path.strip_suffix("spec").unwrap_or_default();
        self.patch_at(&format!("{path}metadata"), body)
    }

    /// A patch of the object's own fields.
    pub fn patch(&self, body: Value) -> Patch {
        Patch { type_: PatchType::Strategic, target: self.meta.object_ref(), body }
    }

    fn patch_at(&self, path: &str, body: Value) -> Patch {
        self.patch(path.rsplit('.').fold(body, |inner, key| json!({ key: inner })))
    }
}
