//! Watches what comes of a change: rollouts until they are done and for a while after, endpoints, findings.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pilot_core::model::ObjectRef;
use serde_json::Value;

use super::change::Done;
use super::health::{Progress, rollout, trouble};
use crate::cluster::{self, Connection, segment};
use crate::exit::Error;
use crate::plan::Verb;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// A trouble counts when it is seen this often in a row: some pass.
const SEEN: usize = 3;

/// How long to wait, and how long it must stay well.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until it is well.
    pub wait: Duration,
    /// After that.
    pub settle: Duration,
}

/// What comes of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All is well; one line per object.
    Well(Vec<String>),
    /// Something is not.
    Unwell(String),
}

/// Names of pods that were there before: what they do is not the change's doing.
pub type Known = BTreeSet<String>;

/// The pods of a namespace, by uid.
///
/// # Errors
/// When they can't be listed.
pub async fn known(from: &Connection, steps: &[crate::plan::Step]) -> Result<Known, Error> {
    let mut known = Known::new();
    let namespaces: BTreeSet<&str> =
        steps.iter().filter(|s| is_workload(&s.target.kind)).map(|s| s.target.namespace.as_str()).collect();
    for namespace in namespaces {
        let list = from.get(&format!("/api/v1/namespaces/{}/pods", segment(namespace))).await;
        let list = list.map_err(|e| from.explain(&e))?;
        known.extend(list["items"].as_array().into_iter().flatten().filter_map(uid));
    }
    Ok(known)
}

fn uid(object: &Value) -> Option<String> {
    object.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned)
}

fn is_workload(kind: &str) -> bool {
    matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet")
}

/// Watches everything that was changed until it is well, or clearly is not.
///
/// # Errors
/// When the cluster can no longer be read.
pub async fn verify(from: &Connection, done: &[Done], known: &Known, patience: Patience) -> Result<Verdict, Error> {
    let end = Instant::now() + patience.wait;
    let mut lines = Vec::new();
    let mut targets: Vec<&ObjectRef> = Vec::new();
    for step in done.iter().rev() {
        if !targets.contains(&&step.step.target) {
            targets.push(&step.step.target);
        }
    }
    targets.reverse();
    // A Service is as well as the pods behind it: those come first.
    targets.sort_by_key(|target| target.kind == "Service");
    for target in targets {
        let steps = || done.iter().filter(|d| d.step.target == *target);
        let verb = steps().next_back().map(|d| d.step.verb);
        let changed_pods = steps().any(replaces_pods);
        let verdict = match (verb, target.kind.as_str()) {
            (Some(Verb::Delete), _) => gone(from, target, end).await?,
            (Some(Verb::Evict | Verb::Helm) | None, _) => continue,
            (_, kind) if is_workload(kind) => workload(from, target, known, changed_pods, end, patience.settle).await?,
            (Some(Verb::Create | Verb::Apply), "Pod") => pod(from, target, end).await?,
            (_, "Service") => service(from, target, end).await?,
            _ => Verdict::Well(vec![format!("{target}: accepted")]),
        };
        match verdict {
            Verdict::Well(more) => lines.extend(more),
            unwell => return Ok(unwell),
        }
    }
    Ok(Verdict::Well(lines))
}

/// Whether a step made the controller replace or add pods.
fn replaces_pods(done: &Done) -> bool {
    done.before.as_ref().is_none_or(|before| before.get("spec") != done.after.get("spec"))
}

async fn read(from: &Connection, target: &ObjectRef) -> Result<Option<Value>, Error> {
    let resource = cluster::resource(from, &target.api_version, &target.kind).await?;
    match from.get(&resource.object_path(&target.namespace, &target.name)).await {
        Ok(object) => Ok(Some(object)),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
        Err(error) => Err(from.explain(&error)),
    }
}

async fn workload(
    from: &Connection,
    target: &ObjectRef,
    known: &Known,
    changed_pods: bool,
    end: Instant,
    settle: Duration,
) -> Result<Verdict, Error> {
    let mut seen = 0;
    let mut well_since: Option<Instant> = None;
    loop {
        let Some(object) = read(from, target).await? else {
            return Ok(Verdict::Unwell(format!("{target} is no longer there")));
        };
        let progress = rollout(&target.kind, &object);
        let wrong = troubles(from, target, &object, known).await?;
        seen = if wrong.is_some() { seen + 1 } else { 0 };
        if let Some(wrong) = wrong.filter(|_| seen >= SEEN) {
            return Ok(Verdict::Unwell(format!("{target}: {wrong}")));
        }
        match progress {
            Progress::Failed(why) => return Ok(Verdict::Unwell(format!("{target}: {why}"))),
            Progress::Done(how) if seen == 0 => {
                let since = *well_since.get_or_insert_with(Instant::now);
                if !changed_pods || since.elapsed() >= settle {
                    return Ok(Verdict::Well(vec![format!("{target}: {how}")]));
                }
            }
            Progress::Done(_) => well_since = None,
            Progress::Waiting(how) => {
                well_since = None;
                if Instant::now() >= end {
                    return Ok(Verdict::Unwell(format!("{target} has not become well in time: {how}")));
                }
            }
        }
        // Pods that keep being killed while the counters look well must not wait for ever.
        if Instant::now() >= end + settle {
            return Ok(Verdict::Unwell(format!("{target} does not stay well")));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Trouble of a pod of the workload that was not there before.
async fn troubles(
    from: &Connection,
    target: &ObjectRef,
    object: &Value,
    known: &Known,
) -> Result<Option<String>, Error> {
    let labels = object.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let Some(labels) = labels.filter(|l| !l.is_empty()) else { return Ok(None) };
    let selector: Vec<String> =
        labels.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or(""))).collect();
    let path = format!(
        "/api/v1/namespaces/{}/pods?labelSelector={}",
        segment(&target.namespace),
        segment(&selector.join(","))
    );
    let pods = from.get(&path).await.map_err(|e| from.explain(&e))?;
    let new = pods["items"].as_array().into_iter().flatten().filter(|p| uid(p).is_none_or(|u| !known.contains(&u)));
    Ok(new.filter_map(trouble).next())
}

async fn pod(from: &Connection, target: &ObjectRef, end: Instant) -> Result<Verdict, Error> {
    let mut seen = 0;
    loop {
        let Some(object) = read(from, target).await? else {
            return Ok(Verdict::Unwell(format!("{target} is no longer there")));
        };
        let wrong = trouble(&object);
        seen = if wrong.is_some() { seen + 1 } else { 0 };
        match (rollout("Pod", &object), wrong) {
            (_, Some(wrong)) if seen >= SEEN => return Ok(Verdict::Unwell(wrong)),
            (Progress::Done(how), None) => return Ok(Verdict::Well(vec![format!("{target}: {how}")])),
            (Progress::Failed(why), _) => return Ok(Verdict::Unwell(format!("{target}: {why}"))),
            (Progress::Waiting(how), _) if Instant::now() >= end => {
                return Ok(Verdict::Unwell(format!("{target}: {how}")));
            }
            _ => tokio::time::sleep(LOOK).await,
        }
    }
}

/// A Service that selects pods must have at least one ready endpoint.
async fn service(from: &Connection, target: &ObjectRef, end: Instant) -> Result<Verdict, Error> {
    let Some(object) = read(from, target).await? else {
        return Ok(Verdict::Unwell(format!("{target} is no longer there")));
    };
    let selects = object.pointer("/spec/selector").and_then(Value::as_object).is_some_and(|s| !s.is_empty());
    if !selects {
        return Ok(Verdict::Well(vec![format!("{target}: accepted")]));
    }
    // Endpoints follow within a second or two where there is a pod to follow.
    let end = end.min(Instant::now() + Duration::from_secs(20));
    loop {
        let path = format!(
            "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices?labelSelector={}",
            segment(&target.namespace),
            segment(&format!("kubernetes.io/service-name={}", target.name))
        );
        let slices = from.get(&path).await.map_err(|e| from.explain(&e))?;
        let ready = slices["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|slice| slice["endpoints"].as_array())
            .flatten()
            .filter(|endpoint| endpoint.pointer("/conditions/ready") != Some(&Value::Bool(false)))
            .count();
        if ready > 0 {
            return Ok(Verdict::Well(vec![format!("{target}: {ready} ready endpoints")]));
        }
        if Instant::now() >= end {
            return Ok(Verdict::Unwell(format!("{target} has no ready endpoint")));
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn gone(from: &Connection, target: &ObjectRef, end: Instant) -> Result<Verdict, Error> {
    let end = end.min(Instant::now() + Duration::from_secs(30));
    loop {
        match read(from, target).await? {
            None => return Ok(Verdict::Well(vec![format!("{target}: gone")])),
            Some(object) if Instant::now() >= end => {
                let finalizers = object.pointer("/metadata/finalizers").and_then(Value::as_array);
                let names: Vec<&str> = finalizers.into_iter().flatten().filter_map(Value::as_str).collect();
                let why = if names.is_empty() { String::new() } else { format!(", waiting for {}", names.join(", ")) };
                return Ok(Verdict::Well(vec![format!("{target}: being deleted{why}")]));
            }
            Some(_) => tokio::time::sleep(LOOK).await,
        }
    }
}
