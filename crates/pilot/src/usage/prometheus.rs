//! Usage from a Prometheus-compatible server, with the queries of KRR over cAdvisor's series.

use std::collections::BTreeMap;
use std::time::Duration;

use kube::{Client, Config};
use pilot_core::health::World;
use pilot_core::rightsize::PodUsage;
use pilot_core::rightsize::workload::Measured;
use serde_json::Value;

use super::workload_of;
use crate::exit::Error;

/// Resolution of the subqueries, seconds.
const STEP: u64 = 75;

/// One number per pod and container.
type Vector = BTreeMap<(String, String, String), f64>;

/// A server to ask.
pub struct Prometheus {
    client: Client,
    /// The address without what may be a password.
    shown: String,
}

impl Prometheus {
    /// # Errors
    /// When the address is not one.
    pub fn new(url: &str) -> Result<Self, Error> {
        let wrong = || Error::Usage("--prometheus is not an address: write http://host:9090".to_owned());
        let (scheme, rest) = url.trim_end_matches('/').split_once("://").ok_or_else(wrong)?;
        if !matches!(scheme, "http" | "https") {
            return Err(wrong());
        }
        let (login, host) = rest.rsplit_once('@').map_or((None, rest), |(login, host)| (Some(login), host));
        let shown = format!("{scheme}://{host}");
        let mut config = Config::new(shown.parse().map_err(|_| wrong())?);
        config.connect_timeout = Some(Duration::from_secs(5));
        config.read_timeout = Some(Duration::from_secs(60));
        if let Some((user, password)) = login.and_then(|login| login.split_once(':')) {
            config.auth_info.username = Some(user.to_owned());
            config.auth_info.password = Some(password.to_owned().into());
        }
        // The cluster's client is an HTTP client with the trust and the limits that are wanted here, too.
        let client = Client::try_from(config).map_err(|e| Error::Usage(format!("Prometheus at {shown}: {e}")))?;
        Ok(Self { client, shown })
    }

    /// An instant query, as one number per namespace, pod and container.
    ///
    /// # Errors
    /// When the server can't be reached or refuses the query.
    pub async fn query(&self, query: &str, time: i64) -> Result<Vector, Error> {
        let mut vector = Vector::new();
        for row in self.rows(query, time).await? {
            let label = |name: &str| row["metric"][name].as_str().unwrap_or("").to_owned();
            let value = row["value"][1].as_str().and_then(|v| v.parse::<f64>().ok()).filter(|v| v.is_finite());
            if let Some(value) = value {
                vector.insert((label("namespace"), label("pod"), label("container")), value);
            }
        }
        Ok(vector)
    }

    /// The rows of an instant query.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn rows(&self, query: &str, time: i64) -> Result<Vec<Value>, Error> {
        let path = format!("/api/v1/query?query={}&time={time}", crate::cluster::segment(query));
        let request = http::Request::get(path).body(Vec::new()).map_err(|e| Error::Usage(e.to_string()))?;
        let body: Value = self.client.request(request).await.map_err(|e| match e {
            kube::Error::Api(status) if matches!(status.code, 401 | 403) => {
                Error::Forbidden(format!("Prometheus at {} refuses (HTTP {})", self.shown, status.code))
            }
            kube::Error::Api(status) => Error::Unreachable(format!(
                "Prometheus at {} answers HTTP {}: {}",
                self.shown, status.code, status.message
            )),
            kube::Error::SerdeError(_) => {
                Error::Unreachable(format!("what answers at {} is not Prometheus", self.shown))
            }
            other => Error::Unreachable(format!("Prometheus at {} cannot be reached: {other}", self.shown)),
        })?;
        if body["status"] != "success" {
            let why = body["error"].as_str().unwrap_or("no reason given");
            return Err(Error::Unreachable(format!("Prometheus at {}: {why}", self.shown)));
        }
        Ok(body["data"]["result"].as_array().cloned().unwrap_or_default())
    }
}

/// Percentiles, peaks and counts of every container over the window.
///
/// # Errors
/// When the server can't be reached or refuses a query.
pub async fn read(world: &World<'_>, url: &str, window: u64, namespace: Option<&str>) -> Result<Measured, Error> {
    let server = Prometheus::new(url)?;
    let now = world.now.as_second();
    let which = match namespace {
        Some(name) => format!("namespace={:?},container!=\"\",container!=\"POD\"", name),
        None => "container!=\"\",container!=\"POD\"".to_owned(),
    };
    let rate =
        format!("max by (namespace,container,pod) (rate(container_cpu_usage_seconds_total{{{which}}}[{STEP}s]))");
    let memory = format!("max by (namespace,container,pod) (container_memory_working_set_bytes{{{which}}})");
    let range = format!("[{window}s:{STEP}s]");
    let p95 = server.query(&format!("quantile_over_time(0.95, {rate}{range})"), now).await?;
    let p999 = server.query(&format!("quantile_over_time(0.999, {rate}{range})"), now).await?;
    let mean = server.query(&format!("avg_over_time({rate}{range})"), now).await?;
    let points = server.query(&format!("count_over_time({rate}{range})"), now).await?;
    let peak = server.query(&format!("max_over_time({memory}{range})"), now).await?;
    let memory_points = server.query(&format!("count_over_time({memory}{range})"), now).await?;
    let mut measured = Measured::new();
    for key in p95.keys().chain(peak.keys()).collect::<std::collections::BTreeSet<_>>() {
        let (namespace, pod, container) = key;
        let Some(workload) = workload_of(world, namespace, pod) else { continue };
        let nanos = |vector: &Vector| vector.get(key).map(|cores| whole(cores * 1e9));
        let count = |vector: &Vector| vector.get(key).map_or(0, |n| whole(*n));
        let usage = measured.entry((workload, container.clone())).or_default();
        usage.window_seconds = usage.window_seconds.max(count(&memory_points).max(count(&points)) * STEP);
        usage.pods.push(PodUsage {
            pod: pod.clone(),
            cpu_p95_nanos: nanos(&p95),
            cpu_p999_nanos: nanos(&p999),
            cpu_mean_nanos: nanos(&mean),
            cpu_points: count(&points),
            memory_peak_bytes: peak.get(key).map(|bytes| whole(*bytes)),
            memory_mean_bytes: None,
            memory_points: count(&memory_points),
            cpu_samples_nanos: Vec::new(),
        });
    }
    Ok(measured)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded and clamped to the range before")]
fn whole(value: f64) -> u64 {
    value.round().clamp(0.0, 9.0e18) as u64
}

/// Adds the raw CPU points, which `simple_limit` pools.
///
/// # Errors
/// As [`read`].
pub async fn add_samples(world: &World<'_>, url: &str, window: u64, measured: &mut Measured) -> Result<(), Error> {
    let server = Prometheus::new(url)?;
    let inner = format!(
        "max by (namespace,container,pod) (rate(container_cpu_usage_seconds_total{{container!=\"\",container!=\"POD\"}}[{STEP}s]))"
    );
    let rows = server.rows(&format!("{inner}[{window}s:{STEP}s]"), world.now.as_second()).await?;
    for row in rows {
        let label = |name: &str| row["metric"][name].as_str().unwrap_or("");
        let Some(workload) = workload_of(world, label("namespace"), label("pod")) else { continue };
        let samples = row["values"].as_array().into_iter().flatten();
        let samples: Vec<u64> = samples
            .filter_map(|v| v[1].as_str()?.parse::<f64>().ok())
            .filter(|v| v.is_finite())
            .map(|v| whole(v * 1e9))
            .collect();
        if let Some(usage) = measured.get_mut(&(workload, label("container").to_owned()))
            && let Some(pod) = usage.pods.iter_mut().find(|p| p.pod == label("pod"))
        {
            pod.cpu_samples_nanos = samples;
        }
    }
    Ok(())
}
