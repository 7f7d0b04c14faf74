//! Container logs: excerpts for a diagnosis, whole streams for `logs`.

use futures::{AsyncBufReadExt as _, StreamExt as _, stream};
use serde_json::{Value, json};

use super::kinds::segment;
use super::{Connection, Progress};
use crate::exit::Error;

/// Lines of an excerpt.
const TAIL: usize = 200;
/// Most containers whose logs are read for a diagnosis.
const MOST: usize = 60;
/// Longest line that is kept, in bytes.
const LONGEST: usize = 4096;

/// Which log.
#[derive(Debug, Clone, Default)]
pub struct LogRequest {
    /// Namespace of the pod.
    pub namespace: String,
    /// Pod.
    pub pod: String,
    /// Container; the only one when empty.
    pub container: String,
    /// Of the run before the current one.
    pub previous: bool,
    /// Only the last lines.
    pub tail: Option<u64>,
    /// Only the last seconds.
    pub since_seconds: Option<u64>,
}

impl LogRequest {
    fn path(&self) -> String {
        let mut path = format!(
            "/api/v1/namespaces/{}/pods/{}/log?timestamps=true&previous={}",
            segment(&self.namespace),
            segment(&self.pod),
            self.previous
        );
        if !self.container.is_empty() {
            path += &format!("&container={}", segment(&self.container));
        }
        if let Some(tail) = self.tail {
            path += &format!("&tailLines={tail}");
        }
        if let Some(since) = self.since_seconds {
            path += &format!("&sinceSeconds={since}");
        }
        path
    }
}

/// Hands every line of a log to `each`, in bounded memory. Stops when `each` says no.
///
/// # Errors
/// When the log can't be read.
pub async fn stream(from: &Connection, request: &LogRequest, mut each: impl FnMut(&str) -> bool) -> Result<(), Error> {
    let http = http::Request::get(request.path())
        .body(Vec::new())
        .map_err(|e| Error::Usage(format!("log of {}: {e}", request.pod)))?;
    let mut reader = from.client.request_stream(http).await.map_err(|e| from.explain(&e))?;
    let mut line: Vec<u8> = Vec::new();
    loop {
        let chunk = reader.fill_buf().await.map_err(|e| Error::Unreachable(format!("log of {}: {e}", request.pod)))?;
        if chunk.is_empty() {
            if !line.is_empty() {
                each(&String::from_utf8_lossy(&line));
            }
            return Ok(());
        }
        let mut used = 0;
        for byte in chunk {
            used += 1;
            if *byte == b'\n' {
                break;
            }
            if line.len() < LONGEST {
                line.push(*byte);
            }
        }
        let ended = chunk[used - 1] == b'\n';
        reader.consume_unpin(used);
        if ended {
            if !each(&String::from_utf8_lossy(&line)) {
                return Ok(());
            }
            line.clear();
        }
    }
}

/// The last lines of every container that is not well, as `pilot/v1` PodLogs.
pub async fn excerpts(from: &Connection, objects: &[Value], progress: &Progress) -> Vec<Value> {
    let mut requests: Vec<LogRequest> = objects.iter().filter(|o| o["kind"] == "Pod").flat_map(unwell).collect();
    requests.truncate(MOST);
    let all = requests.len();
    let mut found: Vec<(usize, Value)> = stream::iter(requests.into_iter().enumerate())
        .map(|(index, request)| async move {
            let mut lines: Vec<String> = Vec::new();
            let read = stream(from, &request, |line| {
                lines.push(line.to_owned());
                true
            });
            // A log that cannot be had (no permission, already gone) is no reason to fail.
            let ok = read.await.is_ok();
            progress.step("logs", all);
            (index, ok, request, lines)
        })
        .buffer_unordered(6)
        .filter_map(|(index, ok, request, lines)| async move {
            (ok && !lines.is_empty()).then(|| {
                let log = json!({
                    "apiVersion": "pilot/v1", "kind": "PodLog",
                    "metadata": {"namespace": request.namespace, "name": request.pod},
                    "container": request.container, "previous": request.previous, "lines": lines,
                });
                (index, log)
            })
        })
        .collect()
        .await;
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, log)| log).collect()
}

fn unwell(pod: &Value) -> Vec<LogRequest> {
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned();
    let statuses = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let done = text("/status/phase") == "Succeeded";
    let mut requests = Vec::new();
    for status in statuses.iter().filter_map(|p| pod.pointer(p)).filter_map(Value::as_array).flatten() {
        let restarts = status["restartCount"].as_i64().unwrap_or(0);
        let ended = status.pointer("/state/terminated/exitCode").and_then(Value::as_i64).is_some_and(|code| code != 0);
        let running = status.pointer("/state/running").is_some();
        let ready = status["ready"].as_bool().unwrap_or(false);
        let request = |previous| LogRequest {
            namespace: text("/metadata/namespace"),
            pod: text("/metadata/name"),
            container: status["name"].as_str().unwrap_or("").to_owned(),
            previous,
            tail: Some(TAIL as u64),
            since_seconds: None,
        };
        if done {
            continue;
        }
        if ended || (running && !ready) {
            requests.push(request(false));
        }
        if restarts > 0 && !ended {
            requests.push(request(true));
        }
    }
    requests
}
