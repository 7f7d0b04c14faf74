//! Helm's release record: base64, gzip, JSON. Of it only chart, description and the names in the manifest are kept;
//! values and rendered Secrets are dropped here.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use pilot_core::model::{ObjectMeta, ObjectRef};
use serde::Deserialize;
use serde_json::Value;

use crate::cluster::{Connection, find_kind};
use crate::exit::Error;
use crate::input::yaml;
use crate::plan::object_ref;

/// Largest record after decompression.
const LARGEST: u64 = 64 << 20;

/// What is kept of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Name of the chart.
    pub chart: String,
    /// Its version.
    pub chart_version: String,
    /// Version of the application.
    pub app_version: String,
    /// What Helm says about the revision.
    pub description: String,
    /// The rendered manifest; not shown, only its names are.
    pub manifest: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw {
    info: RawInfo,
    chart: RawChart,
    manifest: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawInfo {
    description: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawChart {
    metadata: RawMetadata,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct RawMetadata {
    name: String,
    version: String,
    app_version: String,
}

/// Fetches and reads the record that `meta` names.
///
/// # Errors
/// When it can't be had or is not a record.
pub async fn read(from: &Connection, meta: &ObjectMeta) -> Result<Record, Error> {
    let Some(kind) = find_kind(&meta.kind) else { return Err(Error::NotFound(meta.name.clone())) };
    let object = from.get(&kind.object_path(&meta.namespace, &meta.name)).await.map_err(|e| from.explain(&e))?;
    let text = object.pointer("/data/release").and_then(Value::as_str).unwrap_or("");
    // A Secret's data is base64 once more than a ConfigMap's.
    let payload = if meta.kind == "Secret" { STANDARD.decode(text).ok() } else { Some(text.as_bytes().to_vec()) };
    payload.and_then(|p| decode(&p)).ok_or_else(|| Error::Usage(format!("{}: not a release record", meta.name)))
}

fn json(payload: &[u8]) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(payload).ok()?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Some(bytes);
    }
    let mut json = Vec::new();
    GzDecoder::new(bytes.as_slice()).take(LARGEST).read_to_end(&mut json).ok()?;
    Some(json)
}

/// The record with another status and description, encoded as Helm does; everything else stays as it is.
pub fn with_status(payload: &[u8], status: &str, description: &str) -> Option<String> {
    let mut record: Value = serde_json::from_slice(&json(payload)?).ok()?;
    let info = record.get_mut("info")?.as_object_mut()?;
    info.insert("status".to_owned(), Value::from(status));
    info.insert("description".to_owned(), Value::from(description));
    let text = record.to_string();
    let mut gzip = Vec::new();
    GzEncoder::new(text.as_bytes(), Compression::best()).read_to_end(&mut gzip).ok()?;
    Some(STANDARD.encode(gzip))
}

/// Reads a record as Helm writes it: base64 of gzip of JSON; old ones are not compressed.
pub fn decode(payload: &[u8]) -> Option<Record> {
    let raw: Raw = serde_json::from_slice(&json(payload)?).ok()?;
    let chart = raw.chart.metadata;
    Some(Record {
        chart: chart.name,
        chart_version: chart.version,
        app_version: chart.app_version,
        description: raw.info.description,
        manifest: raw.manifest,
    })
}

/// The objects that a manifest makes.
pub fn objects(manifest: &str) -> Vec<ObjectRef> {
    manifests(manifest).iter().map(object_ref).collect()
}

/// The documents of a manifest that are objects.
pub fn manifests(manifest: &str) -> Vec<Value> {
    let Ok(documents) = yaml::documents(manifest, "manifest") else { return Vec::new() };
    let named = |object: &Value| object["kind"].is_string() && object.pointer("/metadata/name").is_some();
    documents.into_iter().map(|(object, _)| object).filter(named).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_helm_writes() {
        let raw = json!({"name": "todo", "version": 3, "info": {"status": "deployed", "description": "Upgrade complete"},
            "chart": {"metadata": {"name": "todo-chatbot", "version": "1.2.0", "appVersion": "0.1.0"}},
            "config": {"secret": "hunter2"},
            "manifest": "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: todo\n"});
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(raw.to_string().as_bytes()).unwrap();
        let record = decode(STANDARD.encode(gzip.finish().unwrap()).as_bytes()).unwrap();
        assert_eq!((record.chart.as_str(), record.chart_version.as_str()), ("todo-chatbot", "1.2.0"));
        assert_eq!(objects(&record.manifest)[0].to_string(), "Service/todo");
        assert!(!format!("{record:?}").contains("hunter2"));
        assert_eq!(decode(STANDARD.encode(raw.to_string()).as_bytes()).unwrap().description, "Upgrade complete");
        let freed = with_status(STANDARD.encode(raw.to_string()).as_bytes(), "failed", "interrupted").unwrap();
        let again: Value = serde_json::from_slice(&json(freed.as_bytes()).unwrap()).unwrap();
        assert_eq!((&again["info"]["status"], &again["config"]), (&Value::from("failed"), &raw["config"]));
        assert_eq!(decode(b"nonsense!"), None);
        assert_eq!(decode(STANDARD.encode([0x1f, 0x8b, 1, 2]).as_bytes()), None);
    }
}
