//! Right-sizing: what a container should request, from what it used.
//!
//! Everything here is integer arithmetic over measurements that the caller brings: CPU in nanocores or millicores,
//! memory in bytes. [`krr`] gives the same numbers as Robusta's KRR; [`balanced()`] is pilot's default.

pub mod balanced;
pub mod change;
pub mod krr;
pub mod severity;
pub mod usage;
pub mod workload;

use serde::{Deserialize, Serialize};

pub use balanced::{Bounds, Surroundings, balanced};
pub use change::{Step, apply_block, step};
pub use krr::{AutoscaledOn, KrrSettings};
pub use severity::Severity;
pub use usage::{ContainerUsage, DataTier, PodUsage, Sample};

/// Bytes in a mebibyte.
pub const MIB: u64 = 1024 * 1024;

/// How a recommendation is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// pilot's default, see [`balanced()`].
    #[default]
    Balanced,
    /// KRR's `simple`.
    Simple,
    /// KRR's `simple_limit`.
    SimpleLimit,
}

/// Why there is no recommendation for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undefined {
    /// Nothing was measured.
    NoData,
    /// Fewer points than the strategy asks for.
    NotEnoughData,
    /// An autoscaler watches the resource; KRR's strategies refuse.
    HpaDetected,
}

/// What to do with one of the four values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// Leave it out.
    Unset,
    /// Set it: millicores for CPU, bytes for memory.
    Value(u64),
    /// No recommendation, and why.
    Undefined(Undefined),
}

impl Advice {
    /// The value, if there is one.
    pub fn value(self) -> Option<u64> {
        match self {
            Self::Value(v) => Some(v),
            _ => None,
        }
    }
}

/// The four values of a container as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Current {
    /// `requests.cpu`, millicores.
    pub cpu_request_millis: Option<u64>,
    /// `limits.cpu`, millicores.
    pub cpu_limit_millis: Option<u64>,
    /// `requests.memory`, bytes.
    pub memory_request_bytes: Option<u64>,
    /// `limits.memory`, bytes.
    pub memory_limit_bytes: Option<u64>,
}

/// The four values as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recommended {
    /// `requests.cpu`, millicores.
    pub cpu_request: Advice,
    /// `limits.cpu`, millicores.
    pub cpu_limit: Advice,
    /// `requests.memory`, bytes.
    pub memory_request: Advice,
    /// `limits.memory`, bytes.
    pub memory_limit: Advice,
}

/// Computes the recommendation for one container.
pub fn recommend(
    strategy: Strategy,
    usage: &ContainerUsage,
    current: &Current,
    hpa: AutoscaledOn,
    around: &Surroundings,
) -> Recommended {
    match strategy {
        Strategy::Balanced => balanced(usage, current, around),
        Strategy::Simple => krr::simple(usage, hpa, &KrrSettings::default()),
        Strategy::SimpleLimit => krr::simple_limit(usage, hpa, &KrrSettings::default()),
    }
}

fn ceil_div(value: u64, by: u64) -> u64 {
    value.div_ceil(by)
}
