//! Takes a change back: the inverse of every step, last one first.

use std::path::PathBuf;

use pilot_core::finding::PatchType;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::change::Done;
use crate::audit;
use crate::cluster::{self, Connection};
use crate::exit::Error;
use crate::plan::{Plan, Step, Verb, pruned, state, way_back};

/// How many plans are remembered for `undo --plan`.
const REMEMBERED: usize = 50;

/// The plan that takes `done` back, made from the objects as they are now. What somebody else has changed since is left
/// alone and named.
///
/// # Errors
/// When the cluster can't be read.
pub async fn plan(from: &Connection, purpose: &str, done: &[Done]) -> Result<Plan, Error> {
    let mut plan = Plan::new(format!("undo: {purpose}"));
    plan.server.clone_from(&from.server);
    for done in done.iter().rev() {
        match inverse_of(done) {
            Ok(step) => add(from, &mut plan, step, &done.after).await?,
            Err(why) => plan.remark(why),
        }
    }
    Ok(plan)
}

fn inverse_of(done: &Done) -> Result<Step, String> {
    let target = &done.step.target;
    match (done.step.verb, &done.before) {
        (Verb::Create, _) | (Verb::Apply, None) => Ok(Step::delete(target.clone())),
        (Verb::Patch | Verb::Apply, Some(before)) => way_back(before, &done.after)
            .map(|body| Step::new(Verb::Patch, target.clone(), PatchType::Merge, body))
            .ok_or_else(|| format!("{target}: nothing was changed")),
        (Verb::Delete, Some(before)) => {
            let mut object = pruned(before);
            if let Some(fields) = object.as_object_mut() {
                fields.insert("apiVersion".to_owned(), Value::from(target.api_version.as_str()));
                fields.insert("kind".to_owned(), Value::from(target.kind.as_str()));
            }
            Ok(Step::create(object))
        }
        (Verb::Patch | Verb::Delete, None) => Err(format!("{target}: its content was not kept, it cannot be undone")),
        (Verb::Evict, _) => Err(format!("{target}: an eviction cannot be undone; its owner makes a new pod")),
        (Verb::Helm, _) => Err(format!("{target}: a release goes back with helm rollback")),
    }
}

/// Adds a step if the object still is what the change made of it.
async fn add(from: &Connection, plan: &mut Plan, mut step: Step, after: &Value) -> Result<(), Error> {
    if step.verb == Verb::Create {
        plan.push(step);
        return Ok(());
    }
    let resource = cluster::resource(from, &step.target.api_version, &step.target.kind).await?;
    let now = match from.get(&resource.object_path(&step.target.namespace, &step.target.name)).await {
        Ok(now) => now,
        Err(kube::Error::Api(status)) if status.code == 404 => {
            plan.remark(format!("{} is no longer there", step.target));
            return Ok(());
        }
        Err(error) => return Err(from.explain(&error)),
    };
    let same = |pointer: &str| now.pointer(pointer) == after.pointer(pointer);
    let generation = now.pointer("/metadata/generation").is_some();
    let unchanged =
        state(&now) == state(after) || (generation && same("/metadata/uid") && same("/metadata/generation"));
    // What was made is removed whatever has become of it: it is ours.
    let ours = step.verb == Verb::Delete && same("/metadata/uid");
    if !(unchanged || ours) {
        plan.remark(format!("{} was changed again since: it is left as it is", step.target));
        return Ok(());
    }
    step.state = state(&now);
    plan.push(step);
    Ok(())
}

/// What is remembered of a change for a later undo.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Memory {
    plan: String,
    purpose: String,
    server: String,
    steps: Vec<Remembered>,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    step: Step,
    before: Option<Value>,
    after: Value,
}

fn folder() -> PathBuf {
    audit::state_folder().join("undo")
}

/// Remembers a change, so that `undo --plan` can take it back later. What holds secrets is not written down.
///
/// # Errors
/// When it can't be written; says why it is not remembered.
pub fn remember(plan: &Plan, done: &[Done]) -> Result<(), String> {
    let slim = |object: &Value| {
        let mut object = object.clone();
        if let Some(fields) = object.as_object_mut() {
            fields.remove("status");
        }
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
        }
        object
    };
    let steps: Vec<Remembered> = done
        .iter()
        .map(|d| Remembered { step: d.step.clone(), before: d.before.as_ref().map(slim), after: slim(&d.after) })
        .collect();
    let memory = Memory { plan: plan.hash(), purpose: plan.purpose.clone(), server: plan.server.clone(), steps };
    let value = serde_json::to_value(&memory).map_err(|e| e.to_string())?;
    if memory.steps.iter().any(|s| {
        s.step.target.kind == "Secret"
            || [Some(&s.step.body), s.before.as_ref(), Some(&s.after)].into_iter().flatten().any(holds_secret)
    }) {
        return Err("it holds a secret".to_owned());
    }
    let path = folder().join(format!("{}.json", memory.plan));
    audit::write_private(&path, value.to_string().as_bytes()).map_err(|e| format!("{}: {e}", path.display()))?;
    forget_old();
    Ok(())
}

/// Whether the redactor would hide something of an object. The manifest that `kubectl apply` leaves in an annotation is hidden from
/// every report as a whole; here it is looked into, or nothing that was applied could be remembered.
fn holds_secret(object: &Value) -> bool {
    const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
    let mut rest = object.clone();
    let annotations = rest.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut);
    let applied = annotations.and_then(|annotations| annotations.remove(APPLIED));
    let manifest = |text: &Value| text.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let hidden = |value: &Value| crate::report::Door::default().value(value) != *value;
    hidden(&rest) || applied.is_some_and(|text| manifest(&text).is_none_or(|manifest| hidden(&manifest)))
}

/// Keeps the newest memories only.
fn forget_old() {
    let Ok(entries) = std::fs::read_dir(folder()) else { return };
    let mut files: Vec<(std::time::SystemTime, PathBuf)> =
        entries.flatten().filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    files.sort();
    for (_, path) in files.iter().rev().skip(REMEMBERED) {
        // One that stays is no harm.
        let _ = std::fs::remove_file(path);
    }
}

/// The plan that takes a remembered change back.
///
/// # Errors
/// When nothing, or more than one plan, is remembered under that hash, or it was for another cluster.
pub async fn remembered(from: &Connection, hash: &str) -> Result<Plan, Error> {
    let files = std::fs::read_dir(folder()).into_iter().flatten().flatten();
    let fits: Vec<PathBuf> = files
        .map(|entry| entry.path())
        .filter(|p| p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with(hash)))
        .collect();
    let [path] = fits.as_slice() else {
        let what = if fits.is_empty() { "no plan is remembered" } else { "several plans are remembered" };
        return Err(Error::NotFound(format!("{what} under {hash:?} (see kubectl pilot audit)")));
    };
    let wrong = |why: String| Error::Usage(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    let memory: Memory = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    if memory.server != from.server {
        return Err(Error::Refused(format!("that plan was for {}, this is {}", memory.server, from.server)));
    }
    let done: Vec<Done> =
        memory.steps.into_iter().map(|s| Done { step: s.step, before: s.before, after: s.after }).collect();
    plan(from, &memory.purpose, &done).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_applied_object_is_remembered_unless_it_holds_a_secret() {
        let object = |spec: &Value, applied: &str| {
            let annotations = json!({ "kubectl.kubernetes.io/last-applied-configuration": applied });
            json!({ "kind": "Deployment", "metadata": { "name": "web", "annotations": annotations }, "spec": spec })
        };
        let reference =
            json!({ "env": [{ "name": "TOKEN", "valueFrom": { "secretKeyRef": { "name": "t", "key": "token" } } }] });
        let value = json!({ "env": [{ "name": "DB_PASSWORD", "value": "hunter2hunter2" }] });
        assert!(!holds_secret(&reference));
        assert!(!holds_secret(&object(&reference, &json!({ "spec": reference }).to_string())));
        assert!(holds_secret(&object(&reference, &json!({ "spec": value }).to_string())));
        assert!(holds_secret(&object(&value, "{}")));
        assert!(holds_secret(&object(&reference, "no JSON")), "what can't be read may be one");
    }
}
