//! pilot's own history: samples of the metrics API in files of one day each, one JSON line per container.
//!
//! A minikube without Prometheus gets the history that right-sizing needs.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pilot_core::health::World;
use pilot_core::model::ObjectRef;
use pilot_core::performance::Key;
use pilot_core::rightsize::Sample;
use pilot_core::rightsize::workload::Measured;
use serde::{Deserialize, Serialize};

use super::{Series, summarise};
use crate::exit::Error;

/// One container at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    /// Workload.
    workload: ObjectRef,
    pod: String,
    container: String,
    #[serde(flatten)]
    sample: Sample,
}

/// `$XDG_DATA_HOME/pilot/history` or `~/.local/share/pilot/history`.
pub fn default_folder() -> Option<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|p| p.is_absolute());
    let data = data.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")))?;
    Some(data.join("pilot/history"))
}

/// Appends the usage of a snapshot; gives the number of containers.
///
/// # Errors
/// When the folder can't be written.
pub fn append(folder: &Path, world: &World<'_>) -> Result<usize, Error> {
    let fail = |path: &Path, e: std::io::Error| Error::Usage(format!("{}: {e}", path.display()));
    std::fs::create_dir_all(folder).map_err(|e| fail(folder, e))?;
    let day = world.now.to_zoned(TimeZone::UTC).date();
    let path = folder.join(format!("usage-{day}.jsonl"));
    let mut file = OpenOptions::new().create(true).append(true).open(&path).map_err(|e| fail(&path, e))?;
    let mut text = String::new();
    let mut count = 0;
    for metrics in &world.snapshot.pod_metrics {
        let meta = &metrics.metadata;
        let Some(pod) = world.pod(&meta.namespace, &meta.name) else { continue };
        let workload = world.root(&pod.metadata);
        let at = metrics.timestamp.unwrap_or(world.now).as_second();
        for container in &metrics.containers {
            let amount = |resource: &str| container.usage.get(resource).copied().unwrap_or_default();
            let sample = Sample {
                at,
                cpu_nanos: u64::try_from(amount("cpu").nano()).unwrap_or(0),
                memory_bytes: u64::try_from(amount("memory").units()).unwrap_or(0),
            };
            let line =
                Line { workload: workload.clone(), pod: meta.name.clone(), container: container.name.clone(), sample };
            text += &serde_json::to_string(&line).map_err(|e| Error::Usage(e.to_string()))?;
            text.push('\n');
            count += 1;
        }
    }
    // One write per sample: a reader never sees half a line of an earlier one.
    file.write_all(text.as_bytes()).map_err(|e| fail(&path, e))?;
    Ok(count)
}

/// The usage of the last `window` seconds before `now`.
///
/// # Errors
/// When a file can't be read. Lines that are broken (a process was killed while writing) are left out.
pub fn read(folder: &Path, now: Timestamp, window: u64) -> Result<Measured, Error> {
    Ok(summarise(series(folder, now, window)?))
}

/// Memory over time per namespace, pod and container.
///
/// # Errors
/// As [`read`].
pub fn memory(folder: &Path, now: Timestamp, window: u64) -> Result<BTreeMap<Key, Vec<(i64, u64)>>, Error> {
    let mut found = BTreeMap::new();
    for ((workload, container), pods) in series(folder, now, window)? {
        for (pod, samples) in pods {
            let key = (workload.namespace.clone(), pod, container.clone());
            found.insert(key, samples.iter().map(|s| (s.at, s.memory_bytes)).collect());
        }
    }
    Ok(found)
}

fn series(folder: &Path, now: Timestamp, window: u64) -> Result<Series, Error> {
    let fail = |e: std::io::Error| Error::Usage(format!("{}: {e}", folder.display()));
    let since = now.as_second().saturating_sub(i64::try_from(window).unwrap_or(i64::MAX));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(fail)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    let mut series = Series::new();
    for path in files {
        let reader = BufReader::new(File::open(&path).map_err(fail)?);
        for line in reader.lines().map_while(Result::ok) {
            let Ok(line) = serde_json::from_str::<Line>(&line) else { continue };
            if line.sample.at >= since && line.sample.at <= now.as_second() {
                let pods = series.entry((line.workload, line.container)).or_default();
                pods.entry(line.pod).or_default().push(line.sample);
            }
        }
    }
    for samples in series.values_mut().flat_map(|pods| pods.values_mut()) {
        // The metrics API repeats a sample until it has a new one.
        samples.sort_by_key(|s| s.at);
        samples.dedup_by_key(|s| s.at);
    }
    Ok(series)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use pilot_core::snapshot::Snapshot;

    #[test]
    fn what_is_recorded_can_be_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = |minute: i64| Timestamp::from_second(1_760_000_000 + minute * 60).unwrap();
        for minute in 0..5 {
            let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "n"}});
            let metrics = json!({"apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics", "metadata": {"name": "a", "namespace": "n"},
                "timestamp": at(minute).to_string(), "containers": [{"name": "c", "usage": {"cpu": format!("{}m", 100 + minute), "memory": "64Mi"}}]});
            let snapshot = Snapshot::from_objects([pod, metrics].into_iter().map(|o| (o, None)), at(minute));
            assert_eq!(append(folder.path(), &World::new(&snapshot)).unwrap(), 1);
        }
        std::fs::write(folder.path().join("usage-0000-broken.jsonl"), "{\"half").unwrap();
        let all = read(folder.path(), at(5), 3600).unwrap();
        let usage = all.values().next().unwrap();
        assert_eq!((usage.cpu_points(), usage.window_seconds), (5, 240));
        assert_eq!(usage.pods[0].cpu_p999_nanos, Some(103_996_000));
        let recent = read(folder.path(), at(5), 150).unwrap();
        assert_eq!(recent.values().next().unwrap().cpu_points(), 2);
    }
}
