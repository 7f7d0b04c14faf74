//! Recorded snapshots: JSON Lines, one object per line, gzipped when the name ends in `.gz`.
//!
//! The first line is a `pilot/v1` ClusterInfo: when it was taken, the server's version, what could not be read.
//! A snapshot may also be written by hand as YAML.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use pilot_core::snapshot::{Gap, Snapshot};
use serde_json::{Value, json};

use super::files::text_of;
use super::yaml;
use crate::exit::Error;

/// Largest snapshot after decompression.
const LARGEST: u64 = 2 << 30;

/// Reads a snapshot.
///
/// # Errors
/// When the file can't be read or a line is not JSON; the line is named.
pub fn open(path: &Path) -> Result<Snapshot, Error> {
    let name = path.display();
    let is =
        |endings: &[&str]| path.extension().is_some_and(|e| endings.iter().any(|known| e.eq_ignore_ascii_case(known)));
    let mut objects: Vec<Value> = Vec::new();
    if is(&["yaml", "yml"]) {
        let text = text_of(path)?;
        let found = yaml::documents(&text, &name.to_string())
            .map_err(|e| Error::Usage(format!("{name}:{}:{}: {}", e.line, e.column, e.message)))?;
        objects.extend(found.into_iter().map(|(value, _)| value));
    } else {
        let file = File::open(path).map_err(|e| Error::Usage(format!("{name}: {e}")))?;
        let reader: Box<dyn Read> = if is(&["gz"]) { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
        for (number, line) in BufReader::new(reader.take(LARGEST)).lines().enumerate() {
            let line = line.map_err(|e| Error::Usage(format!("{name}:{}: {e}", number + 1)))?;
            if !line.trim().is_empty() {
                let value = serde_json::from_str(&line)
                    .map_err(|e| Error::Usage(format!("{name}:{}: not a recorded snapshot: {e}", number + 1)))?;
                objects.push(value);
            }
        }
    }
    let info = objects.iter().find(|o| o["apiVersion"] == "pilot/v1" && o["kind"] == "ClusterInfo").cloned();
    let Some(info) = info else {
        return Err(Error::Usage(format!(
            "{name}: not a recorded snapshot: no pilot/v1 ClusterInfo in it (manifests are given with -f)"
        )));
    };
    let taken_at =
        info.pointer("/metadata/creationTimestamp").and_then(Value::as_str).and_then(|t| t.parse::<Timestamp>().ok());
    let Some(taken_at) = taken_at else {
        return Err(Error::Usage(format!("{name}: ClusterInfo has no valid metadata.creationTimestamp")));
    };
    let mut snapshot = Snapshot::from_objects(objects.into_iter().map(|o| (o, None)), taken_at);
    snapshot.gaps = info["gaps"].as_array().into_iter().flatten().map(gap).collect();
    snapshot.gaps.sort();
    Ok(snapshot)
}

fn gap(value: &Value) -> Gap {
    let text = |key: &str| value[key].as_str().unwrap_or("").to_owned();
    Gap {
        kind: text("kind"),
        verb: text("verb"),
        namespace: text("namespace"),
        code: value["code"].as_u64().and_then(|c| u16::try_from(c).ok()).unwrap_or(0),
    }
}

/// Writes raw objects as a snapshot; the caller has taken the secrets out.
///
/// # Errors
/// When the file can't be written.
pub fn write(path: &Path, info: &Value, gaps: &[Gap], objects: &[Value]) -> Result<(), Error> {
    let fail = |e: std::io::Error| Error::Usage(format!("{}: {e}", path.display()));
    let file = private_file(path).map_err(fail)?;
    let mut out: Box<dyn std::io::Write> = if path.extension().is_some_and(|e| e == "gz") {
        Box::new(GzEncoder::new(file, Compression::default()))
    } else {
        Box::new(BufWriter::new(file))
    };
    let mut info = info.clone();
    info["gaps"] = gaps
        .iter()
        .map(|g| json!({"kind": g.kind, "verb": g.verb, "namespace": g.namespace, "code": g.code}))
        .collect();
    for object in std::iter::once(&info).chain(objects) {
        serde_json::to_writer(&mut out, object).map_err(|e| fail(e.into()))?;
        out.write_all(b"\n").map_err(fail)?;
    }
    out.flush().map_err(fail)
}

/// A cluster's inventory is nobody else's business: readable by the owner only.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
