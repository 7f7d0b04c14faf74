//! Which object is meant.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::ObjectRef;

/// An object as a person names it: `backend`, `deployment/backend`, or all of it. It is looked up in the cluster before
/// anything is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// `Deployment`, `deploy`, `deployments`: any kind when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The namespace of the command line, or any, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name, or a part of it.
    pub name: String,
}

impl Target {
    /// A target by name alone.
    pub fn named(name: impl Into<String>) -> Self {
        Self { kind: None, namespace: None, name: name.into() }
    }

    /// The word that [`crate::diagnose::find`] looks up: `name` or `kind/name`.
    pub fn word(&self) -> String {
        match &self.kind {
            Some(kind) => format!("{kind}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl From<&ObjectRef> for Target {
    fn from(object: &ObjectRef) -> Self {
        Self {
            kind: Some(object.kind.clone()),
            namespace: Some(object.namespace.clone()).filter(|n| !n.is_empty()),
            name: object.name.clone(),
        }
    }
}

/// Reads `name`, `kind/name` and `kind/namespace/name`.
impl FromStr for Target {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        let mut parts = text.splitn(3, '/');
        let parts = (parts.next().unwrap_or(""), parts.next(), parts.next());
        Ok(match parts {
            (kind, Some(namespace), Some(name)) => {
                Self { kind: some(kind), namespace: some(namespace), name: name.to_owned() }
            }
            (kind, Some(name), None) => Self { kind: some(kind), namespace: None, name: name.to_owned() },
            (name, ..) => Self::named(name),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(kind) = &self.kind {
            write!(f, "{} ", kind.to_ascii_lowercase())?;
        }
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}
