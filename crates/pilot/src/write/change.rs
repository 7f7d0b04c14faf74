//! Sends the steps of a plan, each only if its object is still as it was planned for.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pilot_core::model::ObjectRef;
use serde_json::{Value, json};

use crate::cli::ClusterArgs;
use crate::cluster::{self, Connection, Resource};
use crate::exit::Error;
use crate::helm::Program;
use crate::plan::{Plan, Step, Verb, refused, send, state};

/// How often a step is tried anew when only what controllers count has changed meanwhile.
const TRIES: usize = 6;

/// A step that was carried out.
#[derive(Debug, Clone)]
pub struct Done {
    /// The step.
    pub step: Step,
    /// The object as it was just before; nothing of Secrets.
    pub before: Option<Value>,
    /// The object as the server answered it; nothing of Secrets.
    pub after: Value,
}

/// What was done, and why it stopped.
pub struct Changed {
    /// Steps that were carried out, in order.
    pub done: Vec<Done>,
    /// Why the others were not.
    pub stopped: Option<Error>,
}

/// Carries out the steps in order and stops at the first that fails.
pub async fn change(from: &Connection, cluster: &ClusterArgs, plan: &Plan, wait: Duration) -> Changed {
    let mut done: Vec<Done> = Vec::new();
    // What an earlier step of this plan made of an object is what a later one expects.
    let mut expected: BTreeMap<ObjectRef, String> = BTreeMap::new();
    for step in &plan.steps {
        let state_now = expected.get(&step.target).unwrap_or(&step.state).clone();
        let result = match step.verb {
            Verb::Helm => helm(cluster, step, wait).await,
            Verb::Evict => evict(from, step, wait).await,
            _ => one(from, step, &state_now).await,
        };
        match result {
            Ok(result) => {
                if result.after.is_object() {
                    expected.insert(step.target.clone(), result.state);
                }
                let secret = step.target.kind == "Secret";
                done.push(Done {
                    step: step.clone(),
                    before: result.before.filter(|_| !secret),
                    after: if secret { json!({}) } else { result.after },
                });
            }
            Err(error) => return Changed { done, stopped: Some(error) },
        }
    }
    Changed { done, stopped: None }
}

struct One {
    before: Option<Value>,
    after: Value,
    state: String,
}

async fn one(from: &Connection, step: &Step, expected: &str) -> Result<One, Error> {
    let target = &step.target;
    let resource = cluster::resource(from, &target.api_version, &target.kind).await?;
    if step.verb == Verb::Create || (step.verb == Verb::Apply && expected.is_empty()) {
        let after = send(from, &resource, step, None, false).await.map_err(|e| refused(from, step, e))?;
        return Ok(One { before: None, state: state(&after), after });
    }
    let mut tries = 0;
    loop {
        tries += 1;
        let before = current(from, &resource, target).await?;
        if !expected.is_empty() && state(&before) != expected {
            return Err(Error::Refused(format!(
                "{target} was changed after the plan was made{}: make the plan again",
                last_writer(&before)
            )));
        }
        let version = before.pointer("/metadata/resourceVersion").and_then(Value::as_str).unwrap_or("").to_owned();
        match send(from, &resource, step, Some(&version), false).await {
            Ok(after) => return Ok(One { before: Some(before), state: state(&after), after }),
            // A controller was faster; the object is looked at again and must still be what was planned for.
            Err(kube::Error::Api(status))
                if status.code == 409 && tries < TRIES && current(from, &resource, target).await? != before =>
            {
                continue;
            }
            Err(error) => return Err(refused(from, step, error)),
        }
    }
}

async fn current(from: &Connection, resource: &Resource, target: &ObjectRef) -> Result<Value, Error> {
    from.get(&resource.object_path(&target.namespace, &target.name)).await.map_err(|e| match from.explain(&e) {
        Error::NotFound(_) => Error::Refused(format!("{target} is no longer there: make the plan again")),
        other => other,
    })
}

/// ` by kubectl-edit`, when the object says who.
fn last_writer(object: &Value) -> String {
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let last = entries.into_iter().flatten().filter(|e| e["subresource"].as_str().unwrap_or("").is_empty());
    let last = last.max_by_key(|e| e["time"].as_str().unwrap_or("").to_owned());
    last.and_then(|e| e["manager"].as_str()).map_or_else(String::new, |manager| format!(" by {manager}"))
}

/// A disruption budget may say no for a while (429): that is waited for.
async fn evict(from: &Connection, step: &Step, wait: Duration) -> Result<One, Error> {
    let resource = cluster::resource(from, &step.target.api_version, &step.target.kind).await?;
    let end = Instant::now() + wait;
    loop {
        match send(from, &resource, step, None, false).await {
            Ok(_) => return Ok(One { before: None, after: Value::Null, state: String::new() }),
            Err(kube::Error::Api(status)) if status.code == 404 => {
                return Ok(One { before: None, after: Value::Null, state: String::new() });
            }
            Err(kube::Error::Api(status)) if status.code == 429 && Instant::now() < end => {
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            Err(error) => return Err(refused(from, step, error)),
        }
    }
}

async fn helm(cluster: &ClusterArgs, step: &Step, wait: Duration) -> Result<One, Error> {
    let args: Vec<String> =
        step.body["args"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let program = Program::find().await?;
    // Helm keeps its own time limit; ours is for a program that hangs.
    let limit = wait * 2 + Duration::from_secs(60);
    program.run(cluster, &args, step.input.as_ref(), limit).await?;
    Ok(One { before: None, after: Value::Null, state: String::new() })
}
