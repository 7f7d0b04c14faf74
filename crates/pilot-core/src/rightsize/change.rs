//! From a recommendation to a change that may be made: small differences are left alone, and no step cuts too deep.

use serde::Serialize;

use super::usage::{ContainerUsage, DataTier};
use super::{Advice, MIB};

/// Points a recommendation needs before it may be applied without `--force`.
pub const APPLY_POINTS: u64 = 100;
/// Window a recommendation needs before it may be applied without `--force`, seconds.
pub const APPLY_WINDOW_SECONDS: u64 = 3 * 3600;

/// What one apply does with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The value stays: it is close enough, or there is no recommendation.
    Keep,
    /// The value is set for the first time or changed.
    Set(u64),
    /// The value is removed.
    Remove,
    /// The value goes halfway: one apply lowers it by at most 50 %.
    Halve(u64),
}

/// The resource a value belongs to; decides what counts as a small difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Millicores; differences under 20 m that are also under 10 % are left alone.
    Cpu,
    /// Bytes; differences under 32 MiB that are also under 10 % are left alone.
    Memory,
}

/// The next step from the current value to the recommended one.
pub fn step(resource: Resource, current: Option<u64>, recommended: Advice) -> Step {
    let (now, wanted) = match (current, recommended) {
        (_, Advice::Undefined(_)) | (None, Advice::Unset) => return Step::Keep,
        (Some(_), Advice::Unset) => return Step::Remove,
        (None, Advice::Value(v)) => return Step::Set(v),
        (Some(now), Advice::Value(v)) => (now, v),
    };
    let small = match resource {
        Resource::Cpu => 20,
        Resource::Memory => 32 * MIB,
    };
    let difference = now.abs_diff(wanted);
    if difference == 0 || (difference < small && u128::from(difference) * 10 < u128::from(now)) {
        return Step::Keep;
    }
    let floor = now.div_ceil(2);
    if wanted < floor { Step::Halve(floor) } else { Step::Set(wanted) }
}

/// Why a recommendation must not be applied without `--force`, if so.
pub fn apply_block(tier: DataTier, usage: &ContainerUsage) -> Option<String> {
    if tier == DataTier::Instant {
        return Some("one sample is not a history: record for 3 hours or name a Prometheus".into());
    }
    let points = usage.cpu_points().min(usage.memory_points());
    if points < APPLY_POINTS {
        return Some(format!("{points} points measured, {APPLY_POINTS} needed"));
    }
    (usage.window_seconds < APPLY_WINDOW_SECONDS)
        .then(|| format!("{} minutes of history, {} needed", usage.window_seconds / 60, APPLY_WINDOW_SECONDS / 60))
}

#[cfg(test)]
mod tests {
    use super::super::Undefined;
    use super::super::usage::PodUsage;
    use super::*;

    #[test]
    fn small_differences_are_left_alone() {
        use Resource::{Cpu, Memory};
        assert_eq!(step(Cpu, Some(200), Advice::Value(190)), Step::Keep);
        assert_eq!(step(Cpu, Some(200), Advice::Value(180)), Step::Set(180));
        assert_eq!(step(Cpu, Some(30), Advice::Value(20)), Step::Set(20));
        assert_eq!(step(Cpu, Some(10_000), Advice::Value(9_950)), Step::Set(9_950));
        assert_eq!(step(Memory, Some(512 * MIB), Advice::Value(500 * MIB)), Step::Keep);
        assert_eq!(step(Cpu, Some(1), Advice::Undefined(Undefined::NoData)), Step::Keep);
        assert_eq!(step(Cpu, Some(1), Advice::Unset), Step::Remove);
    }

    #[test]
    fn one_step_lowers_by_half_at_most() {
        assert_eq!(step(Resource::Cpu, Some(1000), Advice::Value(100)), Step::Halve(500));
        assert_eq!(step(Resource::Cpu, Some(1000), Advice::Value(500)), Step::Set(500));
        assert_eq!(step(Resource::Cpu, Some(100), Advice::Value(1000)), Step::Set(1000));
    }

    #[test]
    fn little_history_blocks_the_apply() {
        let pod = PodUsage { cpu_points: 100, memory_points: 100, ..PodUsage::default() };
        let good = ContainerUsage { pods: vec![pod], oom_limit_bytes: None, window_seconds: 10_800 };
        assert_eq!(apply_block(DataTier::Recorder, &good), None);
        assert!(apply_block(DataTier::Instant, &good).is_some());
        let short = ContainerUsage { window_seconds: 10_799, ..good.clone() };
        assert!(apply_block(DataTier::Recorder, &short).unwrap().contains("179 minutes"));
        let mut few = good;
        few.pods[0].memory_points = 99;
        assert!(apply_block(DataTier::Prometheus, &few).unwrap().contains("99 points"));
    }
}
