//! What a program says about itself in the Prometheus text format: request durations, failed requests, database
//! connections. Counters are read since the start of the program.
//!
//! Format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::collections::BTreeMap;

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exposition {
    /// Requests per upper bound of their duration in seconds, cumulative.
    pub durations: BTreeMap<Bound, f64>,
    /// Requests answered.
    pub requests: f64,
    /// Requests answered with 5xx.
    pub failed: f64,
    /// Database connections in use.
    pub used: f64,
    /// Database connections at most.
    pub most: f64,
    /// Callers that wait for a connection.
    pub waiting: f64,
}

/// An upper bound of a histogram, ordered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound(pub f64);

impl Eq for Bound {}
impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Bound {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Probes ask all the time and say nothing about users.
fn is_probe(labels: &BTreeMap<String, String>) -> bool {
    ["route", "path", "handler", "uri"].iter().filter_map(|key| labels.get(*key)).any(|path| {
        path.starts_with("/health") || path.starts_with("/ready") || path.starts_with("/live") || path == "/metrics"
    })
}

/// Adds up everything of a text that is known; unknown lines are no fault.
pub fn read(text: &str, into: &mut Exposition) {
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, labels, value)) = sample(line) else { continue };
        if is_probe(&labels) {
            continue;
        }
        let label = |key: &str| labels.get(key).map_or("", String::as_str);
        if name.ends_with("request_duration_seconds_bucket") {
            let bound = if label("le") == "+Inf" { Some(f64::INFINITY) } else { label("le").parse().ok() };
            if let Some(bound) = bound {
                *into.durations.entry(Bound(bound)).or_default() += value;
            }
        } else if name.ends_with("requests_total") {
            let status = if label("status").is_empty() { label("code") } else { label("status") };
            into.requests += value;
            if status.starts_with('5') {
                into.failed += value;
            }
        } else {
            match (name, label("state")) {
                ("db_pool_connections", "used") | ("hikaricp_connections_active", _) => into.used += value,
                ("db_pool_connections", "max") | ("hikaricp_connections_max", _) => into.most += value,
                ("db_pool_waiting" | "hikaricp_connections_pending", _) => into.waiting += value,
                _ => {}
            }
        }
    }
}

impl Exposition {
    /// The 95th percentile of request durations in seconds, interpolated within its bucket as Prometheus does; `None` for
    /// fewer than 20 requests.
    pub fn p95(&self) -> Option<f64> {
        let all = *self.durations.get(&Bound(f64::INFINITY))?;
        if all < 20.0 {
            return None;
        }
        let rank = all * 0.95;
        let (mut low, mut below) = (0.0, 0.0);
        for (bound, count) in &self.durations {
            if *count >= rank {
                let inside = count - below;
                let share = if inside > 0.0 { (rank - below) / inside } else { 1.0 };
                return Some(if bound.0.is_finite() { low + (bound.0 - low) * share } else { low });
            }
            (low, below) = (bound.0, *count);
        }
        None
    }

    /// Share of requests answered with 5xx; `None` for fewer than 20 requests.
    pub fn error_ratio(&self) -> Option<f64> {
        (self.requests >= 20.0).then(|| self.failed / self.requests)
    }
}

/// `name{label="value",…} 1.5`, with an optional time stamp that is not read.
fn sample(line: &str) -> Option<(&str, BTreeMap<String, String>, f64)> {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        let mut at = inside;
        loop {
            at = at.trim_start_matches([',', ' ']);
            if let Some(after) = at.strip_prefix('}') {
                rest = after;
                break;
            }
            let (key, after) = at.split_once("=\"")?;
            let mut value = String::new();
            let mut characters = after.char_indices();
            let close = loop {
                match characters.next()? {
                    (_, '\\') => value.push(characters.next()?.1),
                    (close, '"') => break close,
                    (_, other) => value.push(other),
                }
            };
            labels.insert(key.trim().to_owned(), value);
            at = &after[close + 1..];
        }
    }
    let value = rest.split_whitespace().next()?.parse().ok()?;
    (!name.is_empty()).then_some((name, labels, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# HELP http_requests_total Requests
http_requests_total{method="GET",route="/api/tasks",status="200"} 95
http_requests_total{method="GET",route="/api/tasks",status="503"} 5
http_requests_total{method="GET",route="/health/ready",status="503"} 4000
http_request_duration_seconds_bucket{route="/api/tasks",le="0.5"} 50
http_request_duration_seconds_bucket{route="/api/tasks",le="2.5"} 100
http_request_duration_seconds_bucket{route="/api/tasks",le="+Inf"} 100 1700000000
db_pool_connections{state="max"} 8
db_pool_connections{state="used"} 8
odd{label="a\"b,c}"} NaN
broken{label=
"#;

    #[test]
    fn requests_and_connections_are_added_up_and_probes_left_out() {
        let mut found = Exposition::default();
        read(TEXT, &mut found);
        assert_eq!((found.requests, found.failed, found.used, found.most), (100.0, 5.0, 8.0, 8.0));
        assert_eq!(found.error_ratio(), Some(0.05));
        let p95 = found.p95().unwrap();
        assert!((p95 - 2.3).abs() < 1e-9, "{p95}");
        assert_eq!(Exposition::default().p95(), None);
    }

    #[test]
    fn labels_may_hold_anything() {
        let (name, labels, value) = sample(r#"a_b{x="1\"2}",y="z, w"} 3"#).unwrap();
        assert_eq!((name, value, labels["x"].as_str(), labels["y"].as_str()), ("a_b", 3.0, "1\"2}", "z, w"));
        assert_eq!(sample("{"), None);
        assert_eq!(sample("a{b=\"c"), None);
    }
}
