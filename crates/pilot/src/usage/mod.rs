//! Measured usage: from Prometheus, from pilot's own recorder, or one sample taken now.

pub mod prometheus;
pub mod recorder;

use std::collections::BTreeMap;

use pilot_core::health::World;
use pilot_core::model::ObjectRef;
use pilot_core::rightsize::workload::Measured;
use pilot_core::rightsize::{ContainerUsage, DataTier, PodUsage, Sample};

use crate::cli::UsageArgs;
use crate::exit::Error;

/// Usage of all workloads, and how good it is.
pub struct Usage {
    /// By workload and container.
    pub measured: Measured,
    /// Where it is from.
    pub tier: DataTier,
    /// In words.
    pub from: String,
}

/// The best usage there is: Prometheus when one is named, else the recorder's history, else the sample of the snapshot.
///
/// # Errors
/// When the named source can't be read.
pub async fn read(world: &World<'_>, args: &UsageArgs, namespace: Option<&str>) -> Result<Usage, Error> {
    if let Some(url) = &args.prometheus {
        let measured = prometheus::read(world, url, args.window, namespace).await?;
        return Ok(Usage {
            measured,
            tier: DataTier::Prometheus,
            from: format!("Prometheus, last {}", hours(args.window)),
        });
    }
    let folder =
        args.history.clone().or_else(recorder::default_folder).filter(|f| args.history.is_some() || f.is_dir());
    if let Some(folder) = folder {
        let measured = recorder::read(&folder, world.now, args.window)?;
        if !measured.is_empty() || args.history.is_some() {
            return Ok(Usage { measured, tier: DataTier::Recorder, from: format!("recorded in {}", folder.display()) });
        }
    }
    let measured = instant(world);
    let from = if measured.is_empty() {
        "none: no metrics API, no history, no Prometheus"
    } else {
        "one sample of the metrics API"
    };
    Ok(Usage { measured, tier: DataTier::Instant, from: from.to_owned() })
}

fn hours(seconds: u64) -> String {
    format!("{} h", seconds / 3600)
}

/// The sample that the snapshot carries.
fn instant(world: &World<'_>) -> Measured {
    let mut measured = Measured::new();
    for metrics in &world.snapshot.pod_metrics {
        let meta = &metrics.metadata;
        let Some(pod) = world.pod(&meta.namespace, &meta.name) else { continue };
        let root = world.root(&pod.metadata);
        for container in &metrics.containers {
            let amount = |resource: &str| container.usage.get(resource).copied().unwrap_or_default();
            let sample = Sample {
                at: world.now.as_second(),
                cpu_nanos: u64::try_from(amount("cpu").nano()).unwrap_or(0),
                memory_bytes: u64::try_from(amount("memory").units()).unwrap_or(0),
            };
            let usage = measured.entry((root.clone(), container.name.clone())).or_default();
            usage.pods.push(PodUsage::from_samples(&meta.name, &[sample]));
        }
    }
    measured
}

/// Samples by workload, container and pod.
pub type Series = BTreeMap<(ObjectRef, String), BTreeMap<String, Vec<Sample>>>;

/// Sums series up.
pub fn summarise(series: Series) -> Measured {
    series
        .into_iter()
        .map(|(key, pods)| {
            let times = || pods.values().flatten().map(|s| s.at);
            let window = times().max().unwrap_or(0) - times().min().unwrap_or(0);
            let usage = ContainerUsage {
                pods: pods.iter().map(|(pod, samples)| PodUsage::from_samples(pod, samples)).collect(),
                oom_limit_bytes: None,
                window_seconds: u64::try_from(window).unwrap_or(0),
            };
            (key, usage)
        })
        .collect()
}

/// The workload a pod belongs or belonged to: pods that are gone are recognised by the names their controllers give.
pub fn workload_of(world: &World<'_>, namespace: &str, pod: &str) -> Option<ObjectRef> {
    if let Some(found) = world.pod(namespace, pod) {
        return Some(world.root(&found.metadata));
    }
    let parts: Vec<&str> = pod.rsplitn(3, '-').collect();
    let after_one = pod.rsplit_once('-').map(|(name, _)| name);
    let after_two = (parts.len() == 3).then(|| parts[2]);
    let of = |kind: &str, name: Option<&str>| world.object(kind, namespace, name?).map(|meta| meta.object_ref());
    let ordinal = pod.rsplit_once('-').is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let stateful = if ordinal { of("StatefulSet", after_one) } else { None };
    stateful.or_else(|| of("Deployment", after_two)).or_else(|| of("DaemonSet", after_one))
}
