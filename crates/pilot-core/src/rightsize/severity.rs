//! How far a workload is from its recommendation, and the score of a cluster, as KRR grades them.
//!
//! Source: robusta-dev/krr, `severity.py` and `result.py`.

use serde::Serialize;

use super::{Advice, Current, MIB, Recommended};

/// KRR's grade of one value or one workload, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// At least half a core or 500 MiB away.
    Critical,
    /// At least a quarter core or 250 MiB away, or one side unset.
    Warning,
    /// At least a tenth of a core or 100 MiB away.
    Ok,
    /// Closer than that.
    Good,
    /// There is no recommendation.
    Unknown,
}

impl Severity {
    fn of(current: Option<u64>, recommended: Advice, steps: [u64; 3]) -> Self {
        let wanted = match recommended {
            Advice::Undefined(_) => return Self::Unknown,
            Advice::Unset => None,
            Advice::Value(v) => Some(v),
        };
        match (current, wanted) {
            (None, None) => Self::Good,
            (None, Some(_)) | (Some(_), None) => Self::Warning,
            (Some(a), Some(b)) => match a.abs_diff(b) {
                d if d >= steps[0] => Self::Critical,
                d if d >= steps[1] => Self::Warning,
                d if d >= steps[2] => Self::Ok,
                _ => Self::Good,
            },
        }
    }

    /// The grade of a container: the worst of its four values.
    pub fn of_container(current: &Current, recommended: &Recommended) -> Self {
        const CPU: [u64; 3] = [500, 250, 100];
        const MEMORY: [u64; 3] = [500 * MIB, 250 * MIB, 100 * MIB];
        [
            Self::of(current.cpu_request_millis, recommended.cpu_request, CPU),
            Self::of(current.cpu_limit_millis, recommended.cpu_limit, CPU),
            Self::of(current.memory_request_bytes, recommended.memory_request, MEMORY),
            Self::of(current.memory_limit_bytes, recommended.memory_limit, MEMORY),
        ]
        .into_iter()
        .min()
        .unwrap_or(Self::Unknown)
    }
}

/// The score of a set of workloads, 0 to 100; a critical one costs 1, a warning 0.7. `None` when there is nothing to score.
pub fn score(grades: &[Severity]) -> Option<u32> {
    if grades.is_empty() {
        return None;
    }
    let total = grades.len() as u64 * 10;
    let cost: u64 = grades
        .iter()
        .map(|g| match g {
            Severity::Critical => 10,
            Severity::Warning => 7,
            _ => 0,
        })
        .sum();
    u32::try_from((total - cost) * 100 / total).ok()
}

/// The letter of a score: F below 30, D below 55, C below 70, B below 90, else A.
pub fn letter(score: u32) -> char {
    match score {
        0..30 => 'F',
        30..55 => 'D',
        55..70 => 'C',
        70..90 => 'B',
        _ => 'A',
    }
}

#[cfg(test)]
mod tests {
    use super::super::Undefined;
    use super::*;

    fn wants(cpu: Advice) -> Recommended {
        Recommended {
            cpu_request: cpu,
            cpu_limit: Advice::Unset,
            memory_request: Advice::Value(256 * MIB),
            memory_limit: Advice::Value(256 * MIB),
        }
    }

    fn has(cpu: Option<u64>) -> Current {
        Current {
            cpu_request_millis: cpu,
            cpu_limit_millis: None,
            memory_request_bytes: Some(256 * MIB),
            memory_limit_bytes: Some(256 * MIB),
        }
    }

    #[test]
    fn grades_by_distance() {
        let grade = |current, cpu| Severity::of_container(&has(current), &wants(cpu));
        assert_eq!(grade(Some(1000), Advice::Value(500)), Severity::Critical);
        assert_eq!(grade(Some(1000), Advice::Value(501)), Severity::Warning);
        assert_eq!(grade(Some(1000), Advice::Value(751)), Severity::Ok);
        assert_eq!(grade(Some(1000), Advice::Value(901)), Severity::Good);
        assert_eq!(grade(None, Advice::Value(901)), Severity::Warning);
        assert_eq!(grade(None, Advice::Unset), Severity::Good);
        assert_eq!(grade(None, Advice::Undefined(Undefined::NoData)), Severity::Good);
    }

    #[test]
    fn scores_like_krr() {
        use Severity::{Critical, Good, Warning};
        assert_eq!(score(&[Critical, Warning, Good, Good]), Some(57));
        assert_eq!(score(&[]), None);
        assert_eq!(score(&[Good]), Some(100));
        let letters: String = [29, 30, 54, 55, 69, 70, 89, 90].map(letter).iter().collect();
        assert_eq!(letters, "FDDCCBBA");
    }
}
