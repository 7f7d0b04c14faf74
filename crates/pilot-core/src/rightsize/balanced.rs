//! The default strategy: a request that covers the usual load, room above it for peaks, and guards from the cluster.

use super::usage::ContainerUsage;
use super::{Advice, Current, MIB, Recommended, Undefined, ceil_div};

/// Bounds that the cluster puts on a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Lower bound (LimitRange `min`).
    pub min: Option<u64>,
    /// Upper bound (LimitRange `max`, or half of the largest node for CPU).
    pub max: Option<u64>,
    /// Largest limit ÷ request (LimitRange `maxLimitRequestRatio`), in thousandths.
    pub max_ratio_milli: Option<u64>,
}

/// What surrounds the container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Allocatable CPU of the largest node, millicores.
    pub largest_node_cpu_millis: Option<u64>,
    /// LimitRange bounds on CPU, millicores.
    pub cpu: Bounds,
    /// LimitRange bounds on memory, bytes.
    pub memory: Bounds,
}

const CPU_MIN_MILLIS: u64 = 10;
const MEMORY_MIN: u64 = 32 * MIB;

/// `balanced`:
///
/// - CPU request = highest p95 + 10 %, at least 10 m, at most half of the largest node.
/// - CPU limit: never added; a set one is kept when it is at least p99.9 + 20 %, else raised to that.
/// - Memory request = peak + 15 % (+ 25 % over the limit at which an OOM kill was seen), at least 32 MiB.
/// - Memory limit = the larger of the request and peak + 30 %.
///
/// LimitRange bounds are applied last; a bound never makes a limit smaller than its request.
pub fn balanced(usage: &ContainerUsage, current: &Current, around: &Surroundings) -> Recommended {
    let (cpu_request, cpu_limit) = cpu(usage, current, around);
    let (memory_request, memory_limit) = memory(usage, around);
    Recommended { cpu_request, cpu_limit, memory_request, memory_limit }
}

fn cpu(usage: &ContainerUsage, current: &Current, around: &Surroundings) -> (Advice, Advice) {
    let Some(p95) = usage.cpu_p95_nanos() else {
        return (Advice::Undefined(Undefined::NoData), Advice::Undefined(Undefined::NoData));
    };
    let mut request = ceil_div(percent(p95, 110), 1_000_000).max(CPU_MIN_MILLIS);
    if let Some(node) = around.largest_node_cpu_millis {
        request = request.min((node / 2).max(CPU_MIN_MILLIS));
    }
    request = bounded(request, around.cpu);
    let limit = match current.cpu_limit_millis {
        None => Advice::Unset,
        Some(set) => {
            let peak = usage.cpu_p999_nanos().unwrap_or(p95);
            let needed = ceil_div(percent(peak, 120), 1_000_000);
            Advice::Value(limit_for(request, set.max(needed), around.cpu))
        }
    };
    (Advice::Value(request), limit)
}

fn memory(usage: &ContainerUsage, around: &Surroundings) -> (Advice, Advice) {
    let Some(measured) = usage.memory_peak_bytes().or(usage.oom_limit_bytes) else {
        return (Advice::Undefined(Undefined::NoData), Advice::Undefined(Undefined::NoData));
    };
    let (peak, buffer) = match usage.oom_limit_bytes {
        Some(limit) => (measured.max(limit), 125),
        None => (measured, 115),
    };
    let request = bounded(ceil_mib(percent(peak, buffer)).max(MEMORY_MIN), around.memory);
    let limit = limit_for(request, ceil_mib(percent(peak, 130)), around.memory);
    (Advice::Value(request), Advice::Value(limit))
}

fn bounded(value: u64, bounds: Bounds) -> u64 {
    let raised = value.max(bounds.min.unwrap_or(0));
    bounds.max.map_or(raised, |max| raised.min(max))
}

fn limit_for(request: u64, wanted: u64, bounds: Bounds) -> u64 {
    let by_ratio =
        bounds.max_ratio_milli.map(|r| u64::try_from(u128::from(request) * u128::from(r) / 1000).unwrap_or(u64::MAX));
    let mut limit = bounded(wanted.max(request), bounds);
    if let Some(cap) = by_ratio {
        limit = limit.min(cap);
    }
    limit.max(request)
}

fn percent(value: u64, percent: u64) -> u64 {
    u64::try_from((u128::from(value) * u128::from(percent)).div_ceil(100)).unwrap_or(u64::MAX)
}

fn ceil_mib(bytes: u64) -> u64 {
    ceil_div(bytes, MIB).saturating_mul(MIB)
}

#[cfg(test)]
mod tests {
    use super::super::usage::PodUsage;
    use super::*;

    fn usage(cpu_milli: u64, mem_mib: u64) -> ContainerUsage {
        ContainerUsage {
            pods: vec![PodUsage {
                pod: "p".into(),
                cpu_p95_nanos: Some(cpu_milli * 1_000_000),
                cpu_p999_nanos: Some(cpu_milli * 2_000_000),
                cpu_points: 200,
                memory_peak_bytes: Some(mem_mib * MIB),
                memory_points: 200,
                ..PodUsage::default()
            }],
            ..ContainerUsage::default()
        }
    }

    #[test]
    fn adds_room_and_leaves_the_cpu_limit_unset() {
        let got = balanced(&usage(100, 100), &Current::default(), &Surroundings::default());
        assert_eq!(got.cpu_request, Advice::Value(110));
        assert_eq!(got.cpu_limit, Advice::Unset);
        assert_eq!(got.memory_request, Advice::Value(115 * MIB));
        assert_eq!(got.memory_limit, Advice::Value(130 * MIB));
    }

    #[test]
    fn keeps_a_generous_cpu_limit_and_raises_a_tight_one() {
        let with = |millis| Current { cpu_limit_millis: Some(millis), ..Current::default() };
        let around = Surroundings::default();
        assert_eq!(balanced(&usage(100, 100), &with(500), &around).cpu_limit, Advice::Value(500));
        assert_eq!(balanced(&usage(100, 100), &with(150), &around).cpu_limit, Advice::Value(240));
    }

    #[test]
    fn an_oom_kill_raises_memory_over_the_limit_it_hit() {
        let mut seen = usage(100, 200);
        seen.oom_limit_bytes = Some(256 * MIB);
        let got = balanced(&seen, &Current::default(), &Surroundings::default());
        assert_eq!(got.memory_request, Advice::Value(320 * MIB));
        assert_eq!(got.memory_limit, Advice::Value(333 * MIB));
    }

    #[test]
    fn guards_bound_the_values() {
        let around = Surroundings {
            largest_node_cpu_millis: Some(2000),
            cpu: Bounds::default(),
            memory: Bounds { min: Some(256 * MIB), max: Some(1024 * MIB), max_ratio_milli: Some(1000) },
        };
        let got = balanced(&usage(5000, 20), &Current::default(), &around);
        assert_eq!(got.cpu_request, Advice::Value(1000));
        assert_eq!(got.memory_request, Advice::Value(256 * MIB));
        assert_eq!(got.memory_limit, Advice::Value(256 * MIB));
        let small = balanced(&usage(1, 2), &Current::default(), &Surroundings::default());
        assert_eq!(small.cpu_request, Advice::Value(10));
        assert_eq!(small.memory_request, Advice::Value(32 * MIB));
    }
}
