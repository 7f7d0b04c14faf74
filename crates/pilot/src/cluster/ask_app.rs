//! Asks programs about themselves through the API server's proxy: health of the application, metrics of pods. Only GET.

use futures::{StreamExt as _, stream};
use pilot_core::health::app::APP;
use pilot_core::model::Pod;
use serde_json::{Value, json};

use super::Connection;
use super::kinds::segment;

/// Most pods that are asked for their metrics.
const MOST: usize = 20;
/// Longest answer that is read.
const LONGEST: usize = 4 << 20;

/// What the application's backend says about its health, as `pilot/v1` AppAnswer.
pub async fn health(from: &Connection, objects: &[Value]) -> Vec<Value> {
    let services = objects.iter().filter(|o| {
        let label = |key: &str| o["metadata"]["labels"][format!("app.kubernetes.io/{key}")].as_str().unwrap_or("");
        o["kind"] == "Service" && label("name") == APP && label("component") == "backend"
    });
    let mut found = Vec::new();
    for service in services.take(MOST) {
        let text = |pointer: &str| service.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
        let ports = service.pointer("/spec/ports").and_then(Value::as_array);
        let Some(port) = ports.into_iter().flatten().find(|p| p["name"] == "http") else { continue };
        let path = "/health/ready";
        let at = format!(
            "/api/v1/namespaces/{}/services/http:{}:{}/proxy{path}",
            segment(namespace),
            segment(name),
            port["port"].as_i64().unwrap_or(80)
        );
        let (code, body, refused) = match from.text(&at).await {
            Ok(body) => (200, body, false),
            Err(kube::Error::Api(status)) => {
                // The application's own answer is a document of its own; the API server's is a Status about itself.
                let own = status.reason.is_empty() || status.message.starts_with('{');
                (i64::from(status.code), status.message.clone(), !own)
            }
            Err(_) => continue,
        };
        found.push(
            json!({"apiVersion": "pilot/v1", "kind": "AppAnswer", "metadata": {"name": name, "namespace": namespace},
            "path": path, "code": code, "refused": refused, "body": body.chars().take(2000).collect::<String>()}),
        );
    }
    found
}

/// The metrics of pods that name a port `metrics`: namespace, pod, text.
pub async fn metrics(from: &Connection, pods: &[&Pod]) -> Vec<(String, String, String)> {
    let asked = pods.iter().filter(|pod| pod.status.is_ready()).filter_map(|pod| {
        let ports = pod.spec.containers.iter().flat_map(|c| &c.ports);
        let port = ports.into_iter().find(|p| matches!(p.name.as_str(), "metrics" | "http-metrics" | "prometheus"))?;
        Some((pod.metadata.namespace.clone(), pod.metadata.name.clone(), port.container_port))
    });
    let asked: Vec<(String, String, i64)> = asked.take(MOST).collect();
    let mut found: Vec<(String, String, String)> = stream::iter(asked)
        .map(|(namespace, pod, port)| async move {
            let path =
                format!("/api/v1/namespaces/{}/pods/{}:{port}/proxy/metrics", segment(&namespace), segment(&pod));
            let text = from.text(&path).await.ok().filter(|text| text.len() <= LONGEST)?;
            Some((namespace, pod, text))
        })
        .buffer_unordered(6)
        .filter_map(|found| async move { found })
        .collect()
        .await;
    found.sort();
    found
}
