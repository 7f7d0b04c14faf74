//! What every object has: its metadata, where it was read from, and references to it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::read;

pub type Labels = BTreeMap<String, String>;

read! {
    /// `metadata` of an object, with its `apiVersion` and `kind` and the place it was read from.
    struct ObjectMeta {
        #[serde(skip)]
        api_version: String,
        #[serde(skip)]
        kind: String,
        /// File and line, when the object was read from a file.
        #[serde(skip)]
        source: Option<Arc<Source>>,
        name: String,
        generate_name: String,
        /// Empty for cluster-scoped objects only: the loader fills in the default namespace.
        namespace: String,
        /// The manifest named no namespace; `namespace` is the loader's default.
        #[serde(skip)]
        namespace_assumed: bool,
        labels: Labels,
        /// Without `kubectl.kubernetes.io/last-applied-configuration`, which repeats values.
        annotations: BTreeMap<String, String>,
        owner_references: Vec<OwnerReference>,
        creation_timestamp: Option<Timestamp>,
        deletion_timestamp: Option<Timestamp>,
        deletion_grace_period_seconds: Option<i64>,
        finalizers: Vec<String>,
        generation: Option<i64>,
        uid: String,
        resource_version: String,
    }

    struct OwnerReference {
        api_version: String,
        kind: String,
        name: String,
        uid: String,
        controller: Option<bool>,
    }
}

impl ObjectMeta {
    /// The owner with `controller: true`.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller == Some(true))
    }

    /// A reference to this object.
    pub fn object_ref(&self) -> ObjectRef {
        ObjectRef {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }

    /// Age at `now` in seconds; `None` when the object has no creation time (a manifest).
    pub fn age_seconds(&self, now: Timestamp) -> Option<i64> {
        self.creation_timestamp.map(|created| now.as_second() - created.as_second())
    }
}

/// Where an object was read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// Path as the user gave it, or the name of the stream.
    pub file: String,
    /// Line of the object's first key, from 1.
    pub line: u32,
    /// Line of each field, keyed by its path as findings write it: `spec.containers[0].image`.
    pub field_lines: BTreeMap<String, u32>,
}

impl Source {
    /// The line of `field`, or of its closest known ancestor.
    pub fn line_of(&self, field: &str) -> u32 {
        let mut path = field;
        loop {
            if let Some(line) = self.field_lines.get(path) {
                return *line;
            }
            match path.rfind(['.', '[']) {
                Some(cut) => path = &path[..cut],
                None => return self.line,
            }
        }
    }
}

/// Names one object; `namespace` is empty for cluster-scoped kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    pub api_version: String,
    pub kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    pub name: String,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            write!(f, "{}/{}", self.kind, self.name)
        } else {
            write!(f, "{}/{}/{}", self.kind, self.namespace, self.name)
        }
    }
}

/// The group of an `apiVersion`; empty for the core group.
pub fn api_group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// `IntOrString` of the API: a number, a port name or a percentage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(untagged)]
pub enum IntOrString {
    Int(i64),
    String(String),
}

impl Default for IntOrString {
    fn default() -> Self {
        Self::Int(0)
    }
}

impl fmt::Display for IntOrString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::String(text) => f.write_str(text),
        }
    }
}

impl IntOrString {
    /// The value against `total`, percentages rounded up as controllers do for `minAvailable` and
    /// a disruption budget's `maxUnavailable`; `None` when it is neither a number nor a percentage.
    pub fn scaled_up(&self, total: i64) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::String(text) => {
                let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
                Some(percent.checked_mul(total)?.checked_add(99)?.div_euclid(100))
            }
        }
    }
}

/// Every typed object of a snapshot.
pub trait Resource {
    /// The object's metadata.
    fn meta(&self) -> &ObjectMeta;
    /// The object's metadata, for the loader.
    fn meta_mut(&mut self) -> &mut ObjectMeta;
}

macro_rules! resources {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::model::Resource for $type {
            fn meta(&self) -> &$crate::model::ObjectMeta { &self.metadata }
            fn meta_mut(&mut self) -> &mut $crate::model::ObjectMeta { &mut self.metadata }
        }
    )*};
}
pub(super) use resources;

read! {
    /// A condition of any object's status.
    struct Condition {
        #[serde(rename = "type")]
        type_: String,
        status: String,
        reason: String,
        message: String,
        last_transition_time: Option<Timestamp>,
        last_probe_time: Option<Timestamp>,
        last_heartbeat_time: Option<Timestamp>,
        observed_generation: Option<i64>,
    }

    /// An object of a kind that pilot has no rules for; it can still own or reference others.
    struct Other { metadata: ObjectMeta, }
}

impl Condition {
    /// `status: "True"`.
    pub fn is_true(&self) -> bool {
        self.status == "True"
    }
    /// `status: "False"`.
    pub fn is_false(&self) -> bool {
        self.status == "False"
    }
}

/// The condition of this type.
pub fn condition<'a>(conditions: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == type_)
}

resources!(Other);
