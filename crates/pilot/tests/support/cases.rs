//! The broken deployments: as snapshots, and as clusters.

use std::path::PathBuf;

use serde_json::Value;

use super::api::{Api, Script};
use super::temp::{TempFile, file};

/// The folder of the broken deployments.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

/// A broken deployment as a snapshot, in the cluster that all cases stand in.
pub fn broken(case: &str) -> TempFile {
    let read = |path: &str| std::fs::read_to_string(folder().join(path)).unwrap();
    let case = read(&format!("{case}.yaml"));
    let mut parts = vec![read("base/cluster.yaml")];
    if !case.contains("kind: Node\n") {
        parts.push(read("base/node.yaml"));
    }
    parts.push(case);
    file(&parts.join("---\n"), ".yaml")
}

/// The objects of a broken case (or `healthy`) as the cluster.
pub fn cluster(case: &str, script: Script) -> Api {
    Api::start(objects_of(&std::fs::read_to_string(broken(case).path()).unwrap()), script)
}

/// Objects of manifests, as of now.
pub fn objects_of(text: &str) -> Vec<Value> {
    let mut objects = serde_saphyr::from_multiple::<Value>(text).unwrap();
    objects.iter_mut().for_each(shift);
    objects
}

/// Cases happen at noon of a fixed day; in a cluster they happen now.
fn shift(value: &mut Value) {
    match value {
        Value::String(text) => {
            let noon: jiff::Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
            if let Ok(then) = text.parse::<jiff::Timestamp>() {
                *text = (jiff::Timestamp::now() - noon.duration_since(then)).to_string();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shift),
        Value::Object(fields) => fields.values_mut().for_each(shift),
        _ => {}
    }
}
