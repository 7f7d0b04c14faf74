//! What an operation remembers, so that it can be taken back.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::{Result, StoreError},
    labels::LabelRecord,
    projects::ProjectRecord,
    tasks::Record,
};

/// One thing that came (`before` is none), went (`after` is none) or changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Task {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Box<Record>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Box<Record>>,
    },
    Label {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<LabelRecord>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<LabelRecord>,
        /// The tasks that had a deleted label.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tasks: Vec<Uuid>,
    },
    Project {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<ProjectRecord>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<ProjectRecord>,
        /// The tasks that were in a deleted project.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tasks: Vec<Uuid>,
        /// The projects that were under a deleted project.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        children: Vec<Uuid>,
    },
}

impl Change {
    /// Reads what an operation remembers.
    pub(super) fn read_all(text: &str) -> Result<Vec<Self>> {
        serde_json::from_str(text).map_err(damaged)
    }

    /// As an operation remembers them.
    pub(super) fn write_all(changes: &[Self]) -> Result<String> {
        serde_json::to_string(changes).map_err(damaged)
    }
}

fn damaged(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(format!("changes of an operation: {error}"))
}
