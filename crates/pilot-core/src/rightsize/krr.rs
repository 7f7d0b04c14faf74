//! The strategies of Robusta's KRR, `simple` and `simple_limit`, with the same result on the same samples.
//!
//! Source: robusta-dev/krr, `robusta_krr/strategies/simple.py` and `simple_limit.py`.

use super::usage::{ContainerUsage, percentile};
use super::{Advice, MIB, Recommended, Undefined, ceil_div};

/// KRR's settings with its defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KrrSettings {
    /// Points needed over all pods; fewer give [`Undefined::NotEnoughData`].
    pub points_required: u64,
    /// Added to the memory peak, percent.
    pub memory_buffer_percent: u64,
    /// Added to the limit at which an OOM kill was seen, percent; `None` ignores OOM kills (KRR's default).
    pub oom_buffer_percent: Option<u64>,
    /// The smallest CPU value, millicores.
    pub cpu_min_millis: u64,
    /// The smallest memory value, MiB.
    pub memory_min_mib: u64,
    /// Give values although a HorizontalPodAutoscaler watches the resource.
    pub allow_hpa: bool,
}

impl Default for KrrSettings {
    fn default() -> Self {
        Self {
            points_required: 100,
            memory_buffer_percent: 15,
            oom_buffer_percent: None,
            cpu_min_millis: 10,
            memory_min_mib: 100,
            allow_hpa: false,
        }
    }
}

/// Which resources an autoscaler watches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AutoscaledOn {
    /// The HPA has a CPU target.
    pub cpu: bool,
    /// The HPA has a memory target.
    pub memory: bool,
}

/// `simple`: CPU request = highest p95 of the pods, no CPU limit; memory request = limit = peak + buffer.
pub fn simple(usage: &ContainerUsage, hpa: AutoscaledOn, settings: &KrrSettings) -> Recommended {
    let cpu = match guard(usage.cpu_points(), usage.cpu_p95_nanos(), hpa.cpu, settings) {
        Ok(p95) => Advice::Value(millis(p95, settings)),
        Err(why) => Advice::Undefined(why),
    };
    let cpu_limit = match cpu {
        Advice::Undefined(why) => Advice::Undefined(why),
        _ => Advice::Unset,
    };
    let memory = memory(usage, hpa, settings);
    Recommended { cpu_request: cpu, cpu_limit, memory_request: memory, memory_limit: memory }
}

/// `simple_limit`: the points of all pods pooled; CPU request = p66, CPU limit = p96; memory as in [`simple`].
pub fn simple_limit(usage: &ContainerUsage, hpa: AutoscaledOn, settings: &KrrSettings) -> Recommended {
    let pooled = usage.pooled_cpu_nanos();
    let cpu = |per_mille| match guard(pooled.len() as u64, percentile(&pooled, per_mille), hpa.cpu, settings) {
        Ok(value) => Advice::Value(millis(value, settings)),
        Err(why) => Advice::Undefined(why),
    };
    let memory = memory(usage, hpa, settings);
    Recommended { cpu_request: cpu(660), cpu_limit: cpu(960), memory_request: memory, memory_limit: memory }
}

fn memory(usage: &ContainerUsage, hpa: AutoscaledOn, settings: &KrrSettings) -> Advice {
    let peak = usage.memory_peak_bytes();
    match guard(usage.memory_points(), peak, hpa.memory, settings) {
        Ok(peak) => {
            let buffered = scale(peak, 100 + settings.memory_buffer_percent);
            let after_oom = match (settings.oom_buffer_percent, usage.oom_limit_bytes) {
                (Some(percent), Some(limit)) => scale(limit, 100 + percent),
                _ => 0,
            };
            let mib = ceil_div(buffered.max(after_oom), MIB).max(settings.memory_min_mib);
            Advice::Value(mib.saturating_mul(MIB))
        }
        Err(why) => Advice::Undefined(why),
    }
}

fn guard(points: u64, value: Option<u64>, autoscaled: bool, settings: &KrrSettings) -> Result<u64, Undefined> {
    let value = value.ok_or(Undefined::NoData)?;
    if points < settings.points_required {
        return Err(Undefined::NotEnoughData);
    }
    if autoscaled && !settings.allow_hpa {
        return Err(Undefined::HpaDetected);
    }
    Ok(value)
}

/// Rounds nanocores up to a millicore, at least the floor.
fn millis(nanos: u64, settings: &KrrSettings) -> u64 {
    ceil_div(nanos, 1_000_000).max(settings.cpu_min_millis)
}

/// `value × percent ÷ 100`, rounded up.
fn scale(value: u64, percent: u64) -> u64 {
    u64::try_from((u128::from(value) * u128::from(percent)).div_ceil(100)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::usage::PodUsage;
    use super::*;

    fn usage(pods: &[(u64, u64)]) -> ContainerUsage {
        ContainerUsage {
            pods: pods
                .iter()
                .enumerate()
                .map(|(i, &(cpu_milli, mem_mib))| PodUsage {
                    pod: format!("p{i}"),
                    cpu_p95_nanos: Some(cpu_milli * 1_000_000),
                    cpu_points: 100,
                    memory_peak_bytes: Some(mem_mib * MIB),
                    memory_points: 100,
                    ..PodUsage::default()
                })
                .collect(),
            ..ContainerUsage::default()
        }
    }

    #[test]
    fn takes_the_highest_pod_and_adds_the_buffer() {
        let got = simple(&usage(&[(100, 100), (180, 140)]), AutoscaledOn::default(), &KrrSettings::default());
        assert_eq!(got.cpu_request, Advice::Value(180));
        assert_eq!(got.cpu_limit, Advice::Unset);
        assert_eq!(got.memory_request, Advice::Value(161 * MIB));
        assert_eq!(got.memory_limit, got.memory_request);
    }

    #[test]
    fn an_oom_kill_counts_only_when_asked_for() {
        let mut seen = usage(&[(100, 140)]);
        seen.oom_limit_bytes = Some(256 * MIB);
        let quiet = simple(&seen, AutoscaledOn::default(), &KrrSettings::default());
        assert_eq!(quiet.memory_limit, Advice::Value(161 * MIB));
        let settings = KrrSettings { oom_buffer_percent: Some(25), ..KrrSettings::default() };
        let loud = simple(&seen, AutoscaledOn::default(), &settings);
        assert_eq!(loud.memory_limit, Advice::Value(320 * MIB));
    }

    #[test]
    fn floors_apply() {
        let got = simple(&usage(&[(1, 20)]), AutoscaledOn::default(), &KrrSettings::default());
        assert_eq!(got.cpu_request, Advice::Value(10));
        assert_eq!(got.memory_request, Advice::Value(100 * MIB));
    }

    #[test]
    fn guards_are_checked_in_the_order_of_krr() {
        let on = AutoscaledOn { cpu: true, memory: false };
        let settings = KrrSettings::default();
        let none = simple(&ContainerUsage::default(), on, &settings);
        assert_eq!(none.cpu_request, Advice::Undefined(Undefined::NoData));
        let mut few = usage(&[(100, 100)]);
        few.pods[0].cpu_points = 99;
        assert_eq!(simple(&few, on, &settings).cpu_request, Advice::Undefined(Undefined::NotEnoughData));
        let hpa = simple(&usage(&[(100, 100)]), on, &settings);
        assert_eq!(hpa.cpu_request, Advice::Undefined(Undefined::HpaDetected));
        assert!(matches!(hpa.memory_request, Advice::Value(_)));
    }

    #[test]
    fn simple_limit_pools_the_points() {
        let mut pooled = usage(&[(0, 140), (0, 140)]);
        pooled.pods[0].cpu_samples_nanos = (1..=50).map(|i| i * 2_000_000).collect();
        pooled.pods[1].cpu_samples_nanos = (1..=50).map(|i| i * 2_000_000 + 100_000_000).collect();
        let got = simple_limit(&pooled, AutoscaledOn::default(), &KrrSettings::default());
        // 100 points 2, 4, … 200 m: rank 0.66 × 99 = 65.34 → 132 + 0.34 × 2 = 132.68 → 133; 0.96 × 99 = 95.04 → 192.08 → 193.
        assert_eq!(got.cpu_request, Advice::Value(133));
        assert_eq!(got.cpu_limit, Advice::Value(193));
        assert_eq!(got.memory_limit, Advice::Value(161 * MIB));
    }
}
