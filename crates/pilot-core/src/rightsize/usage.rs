//! What was measured for one container, pod by pod.

use serde::{Deserialize, Serialize};

/// One measurement of a container, as metrics-server or cAdvisor report it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Seconds since the Unix epoch.
    pub at: i64,
    /// CPU in nanocores (1 core = 1 000 000 000).
    pub cpu_nanos: u64,
    /// Memory working set in bytes.
    pub memory_bytes: u64,
}

/// How good the history behind a recommendation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataTier {
    /// A Prometheus-compatible server with cAdvisor series.
    Prometheus,
    /// Samples of the metrics API that `pilot record` kept.
    Recorder,
    /// One sample, taken now: enough to look at, not to apply.
    Instant,
}

/// The usage of one container in one pod (current or recently deleted) over the window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodUsage {
    /// Name of the pod.
    pub pod: String,
    /// 95th percentile of CPU, nanocores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_p95_nanos: Option<u64>,
    /// 99.9th percentile of CPU, nanocores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_p999_nanos: Option<u64>,
    /// Mean CPU, nanocores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_mean_nanos: Option<u64>,
    /// Number of CPU points behind the percentiles.
    #[serde(default)]
    pub cpu_points: u64,
    /// Highest memory working set, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_peak_bytes: Option<u64>,
    /// Mean memory working set, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mean_bytes: Option<u64>,
    /// Number of memory points behind the peak.
    #[serde(default)]
    pub memory_points: u64,
    /// The CPU points themselves, when the source could give them (`simple_limit` pools them).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cpu_samples_nanos: Vec<u64>,
}

impl PodUsage {
    /// Summarises raw samples; their order does not matter.
    pub fn from_samples(pod: impl Into<String>, samples: &[Sample]) -> Self {
        let mut cpu: Vec<u64> = samples.iter().map(|s| s.cpu_nanos).collect();
        cpu.sort_unstable();
        let count = samples.len() as u64;
        let mean = |sum: u128| (count > 0).then(|| (sum / u128::from(count.max(1))) as u64);
        Self {
            pod: pod.into(),
            cpu_p95_nanos: percentile(&cpu, 950),
            cpu_p999_nanos: percentile(&cpu, 999),
            cpu_mean_nanos: mean(samples.iter().map(|s| u128::from(s.cpu_nanos)).sum()),
            cpu_points: count,
            memory_peak_bytes: samples.iter().map(|s| s.memory_bytes).max(),
            memory_mean_bytes: mean(samples.iter().map(|s| u128::from(s.memory_bytes)).sum()),
            memory_points: count,
            cpu_samples_nanos: cpu,
        }
    }
}

/// The usage of one container over all pods of its workload.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerUsage {
    /// One entry per pod.
    pub pods: Vec<PodUsage>,
    /// The memory limit at which an OOM kill was seen, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oom_limit_bytes: Option<u64>,
    /// Time between the first and the last point, seconds.
    #[serde(default)]
    pub window_seconds: u64,
}

impl ContainerUsage {
    /// All CPU points of all pods.
    pub fn cpu_points(&self) -> u64 {
        self.pods.iter().map(|p| p.cpu_points).sum()
    }

    /// All memory points of all pods.
    pub fn memory_points(&self) -> u64 {
        self.pods.iter().map(|p| p.memory_points).sum()
    }

    /// The highest of the pods' 95th percentiles, nanocores.
    pub fn cpu_p95_nanos(&self) -> Option<u64> {
        self.pods.iter().filter_map(|p| p.cpu_p95_nanos).max()
    }

    /// The highest of the pods' 99.9th percentiles, nanocores.
    pub fn cpu_p999_nanos(&self) -> Option<u64> {
        self.pods.iter().filter_map(|p| p.cpu_p999_nanos).max()
    }

    /// The highest of the pods' memory peaks, bytes.
    pub fn memory_peak_bytes(&self) -> Option<u64> {
        self.pods.iter().filter_map(|p| p.memory_peak_bytes).max()
    }

    /// Every CPU point of every pod, sorted.
    pub fn pooled_cpu_nanos(&self) -> Vec<u64> {
        let mut all: Vec<u64> = self.pods.iter().flat_map(|p| p.cpu_samples_nanos.iter().copied()).collect();
        all.sort_unstable();
        all
    }
}

/// The percentile of a sorted slice with linear interpolation between ranks, as Prometheus
/// `quantile_over_time` and NumPy compute it. `per_mille` is 950 for p95.
///
/// Integer arithmetic, rounded half up to a whole unit, so the same samples give the same answer on every machine.
pub fn percentile(sorted: &[u64], per_mille: u32) -> Option<u64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = u128::from(per_mille.min(1000)) * last as u128;
    let low = (rank / 1000) as usize;
    let weight = rank % 1000;
    let (a, b) = (u128::from(sorted[low]), u128::from(sorted[(low + 1).min(last)]));
    Some(((a * (1000 - weight) + b * weight + 500) / 1000) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn interpolates_like_numpy() {
        assert_eq!(percentile(&[], 950), None);
        assert_eq!(percentile(&[7], 950), Some(7));
        // numpy.percentile([10, 20, 30, 40], 66) = 29.8
        assert_eq!(percentile(&[1000, 2000, 3000, 4000], 660), Some(2980));
        assert_eq!(percentile(&[0, 100], 950), Some(95));
        assert_eq!(percentile(&[1, 2, 3], 1000), Some(3));
    }

    #[test]
    fn summarises_samples() {
        let samples: Vec<Sample> =
            (0..=100).map(|i| Sample { at: i, cpu_nanos: i as u64 * 10, memory_bytes: 5 + i as u64 % 7 }).collect();
        let usage = PodUsage::from_samples("a", &samples);
        assert_eq!(usage.cpu_p95_nanos, Some(950));
        assert_eq!(usage.cpu_mean_nanos, Some(500));
        assert_eq!(usage.memory_peak_bytes, Some(11));
        assert_eq!(usage.cpu_points, 101);
    }

    proptest! {
        #[test]
        fn a_percentile_lies_between_the_extremes(mut values in prop::collection::vec(any::<u64>(), 1..50), p in 0u32..=1000) {
            values.sort_unstable();
            let v = percentile(&values, p).unwrap();
            prop_assert!(v >= values[0] && v <= *values.last().unwrap());
        }
    }
}
