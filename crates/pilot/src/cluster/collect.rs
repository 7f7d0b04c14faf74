//! Lists everything a command needs, a few kinds at a time; what may not be read becomes a gap.

use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use pilot_core::model::Secret;
use pilot_core::snapshot::{Gap, Snapshot};
use serde_json::{Value, json};

use super::kinds::{KINDS, Kind};
use super::{Connection, Progress, ask_app, logs};
use crate::exit::Error;
use crate::helm;
use crate::input::Wanted;

/// Lists asked at the same time.
const AT_ONCE: usize = 8;
/// Objects per page.
const PAGE: usize = 500;

/// Which part of the cluster.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// One namespace, or all.
    pub namespace: Option<String>,
}

/// Place in [`KINDS`], kind, and its objects or why there are none.
type Listed<'a> = (usize, &'a Kind, Result<Vec<Value>, kube::Error>);

/// Raw objects, without the values of Secrets.
pub struct Collected {
    /// `pilot/v1` ClusterInfo.
    pub info: Value,
    /// Everything else.
    pub objects: Vec<Value>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// When.
    pub taken_at: Timestamp,
}

/// A snapshot of the live cluster.
///
/// # Errors
/// When the cluster can't be reached at all; single kinds that may not be read become gaps.
pub async fn collect(
    from: &Connection,
    scope: &Scope,
    wanted: &Wanted,
    progress: &Progress,
) -> Result<Snapshot, Error> {
    let collected = gather(from, scope, wanted, progress).await?;
    let all = std::iter::once(collected.info).chain(collected.objects).map(|o| (o, None));
    let mut snapshot = Snapshot::from_objects(all, collected.taken_at);
    snapshot.gaps = collected.gaps;
    Ok(snapshot)
}

/// The raw objects of the live cluster.
///
/// # Errors
/// When the cluster can't be reached at all.
pub async fn gather(
    from: &Connection,
    scope: &Scope,
    wanted: &Wanted,
    progress: &Progress,
) -> Result<Collected, Error> {
    let taken_at = Timestamp::now();
    // The first answer tells whether anything can be had: one clear line instead of forty.
    let version = from.get("/version").await.map_err(|e| from.explain(&e))?;
    let kinds: Vec<&Kind> = KINDS.iter().filter(|k| wanted.wants(k.kind)).collect();
    let all = kinds.len();
    let mut lists: Vec<Listed<'_>> = stream::iter(kinds.into_iter().enumerate())
        .map(|(index, kind)| async move {
            let found = list(from, kind, scope.namespace.as_deref()).await;
            progress.step(kind.plural, all);
            (index, kind, found)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    lists.sort_by_key(|(index, ..)| *index);
    let mut objects = Vec::new();
    let mut gaps = Vec::new();
    let mut metrics = false;
    for (_, kind, found) in lists {
        match found {
            Ok(list) => {
                metrics |= kind.kind == "PodMetrics";
                objects.extend(list);
            }
            Err(kube::Error::Api(status)) => {
                if status.code == 401 {
                    return Err(from.explain(&kube::Error::Api(status)));
                }
                let absent = kind.is_optional() && matches!(status.code, 404 | 503);
                if !absent && status.code != 404 {
                    gaps.push(gap(kind, scope, status.code));
                }
            }
            Err(error) => {
                if objects.is_empty() && gaps.is_empty() {
                    return Err(from.explain(&error));
                }
                gaps.push(gap(kind, scope, 0));
            }
        }
    }
    if wanted.logs {
        let excerpts = logs::excerpts(from, &objects, progress).await;
        objects.extend(excerpts);
        let drifts = helm::drifts(from, &objects).await;
        let answers = ask_app::health(from, &objects).await;
        objects.extend(drifts.into_iter().chain(answers));
    }
    progress.finish();
    gaps.sort();
    let info = json!({
        "apiVersion": "pilot/v1", "kind": "ClusterInfo",
        "metadata": {"name": "cluster", "creationTimestamp": taken_at.to_string()},
        "serverVersion": version["gitVersion"], "context": from.context,
        "metricsApi": wanted.metrics.then_some(metrics),
        "credentialsEnd": from.credentials_end.map(|end| end.to_string()),
    });
    Ok(Collected { info, objects, gaps, taken_at })
}

fn gap(kind: &Kind, scope: &Scope, code: u16) -> Gap {
    let namespace = scope.namespace.clone().filter(|_| kind.namespaced).unwrap_or_default();
    Gap { kind: kind.kind.to_owned(), verb: "list".to_owned(), namespace, code }
}

/// Every object of a kind, page by page. Values of Secrets are dropped here, before anything else sees them.
async fn list(from: &Connection, kind: &Kind, namespace: Option<&str>) -> Result<Vec<Value>, kube::Error> {
    let mut objects = Vec::new();
    let mut token = String::new();
    loop {
        let path = if token.is_empty() {
            format!("{}?limit={PAGE}&resourceVersion=0", kind.path(namespace))
        } else {
            format!("{}?limit={PAGE}&continue={}", kind.path(namespace), super::kinds::segment(&token))
        };
        let mut page = match from.get(&path).await {
            // The token is too old: begin anew, in one piece.
            Err(kube::Error::Api(status)) if status.code == 410 && !token.is_empty() => {
                objects.clear();
                token.clear();
                from.get(&kind.path(namespace)).await?
            }
            other => other?,
        };
        let next = page.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or("").to_owned();
        if let Some(Value::Array(items)) = page.get_mut("items").map(Value::take) {
            for mut item in items {
                if let Some(fields) = item.as_object_mut() {
                    fields.insert("apiVersion".to_owned(), json!(kind.api_version));
                    fields.insert("kind".to_owned(), json!(kind.kind));
                }
                if kind.kind == "Secret" {
                    Secret::strip_values(&mut item);
                }
                slim(&mut item);
                objects.push(item);
            }
        }
        if next.is_empty() || next == token {
            return Ok(objects);
        }
        token = next;
    }
}

/// Drops what no rule reads and what repeats values.
fn slim(object: &mut Value) {
    if let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
    }
}

/// Pods, what owns them, and their usage: what one sample of the recorder needs.
///
/// # Errors
/// When pods or metrics can't be read.
pub async fn usage(from: &Connection, scope: &Scope) -> Result<Snapshot, Error> {
    let taken_at = Timestamp::now();
    let mut objects = Vec::new();
    for kind in KINDS.iter().filter(|k| matches!(k.kind, "Pod" | "ReplicaSet" | "Job" | "PodMetrics")) {
        match list(from, kind, scope.namespace.as_deref()).await {
            Ok(found) => objects.extend(found),
            // Owners are a help; without metrics there is nothing to record, which the caller says.
            Err(kube::Error::Api(status)) if kind.kind != "Pod" && matches!(status.code, 403 | 404 | 503) => {}
            Err(error) => return Err(from.explain(&error)),
        }
    }
    Ok(Snapshot::from_objects(objects.into_iter().map(|o| (o, None)), taken_at))
}
