//! Has the API server try every step without storing it.

use serde_json::Value;

use super::owners::owners;
use super::{Plan, Step, Verb, canonical, diff, pruned, send, sha256};
use crate::cluster::{self, Connection};
use crate::commands::Ask;
use crate::exit::Error;

impl Plan {
    /// Has the API server try every step without storing it, and keeps the differences. Without a live cluster the
    /// plan stays as it is.
    ///
    /// # Errors
    /// When the server refuses a step: then the plan would fail, too.
    pub async fn dry_run(&mut self, ask: &Ask) -> Result<(), Error> {
        if !ask.is_live() {
            if !self.steps.is_empty() {
                self.remark("no live cluster: the steps were not tried");
            }
            return Ok(());
        }
        let from = cluster::connect(&ask.input.cluster).await?;
        self.try_on(&from).await
    }

    /// As [`Self::dry_run`], on a connection.
    ///
    /// # Errors
    /// As [`Self::dry_run`].
    pub async fn try_on(&mut self, from: &Connection) -> Result<(), Error> {
        self.server.clone_from(&from.server);
        for at in 0..self.steps.len() {
            let (earlier, rest) = self.steps.split_at_mut(at);
            let Some(step) = rest.first_mut() else { continue };
            if let Some(why) = cannot_try(earlier, step) {
                self.remark(why);
                continue;
            }
            try_out(from, step).await?;
        }
        Ok(())
    }
}

/// A step that stands on an earlier one can only be tried after it.
fn cannot_try(earlier: &[Step], step: &Step) -> Option<String> {
    let made = |kind: &str, name: &str, namespace: &str| {
        earlier.iter().any(|s| {
            matches!(s.verb, Verb::Create | Verb::Apply)
                && s.before.is_none()
                && s.target.kind == kind
                && s.target.name == name
                && s.target.namespace == namespace
        })
    };
    if !step.target.namespace.is_empty() && made("Namespace", &step.target.namespace, "") {
        return Some(format!("{} is tried when its namespace is there", step.target));
    }
    made(&step.target.kind, &step.target.name, &step.target.namespace)
        .then(|| format!("{} is tried when it is there", step.target))
}

async fn try_out(from: &Connection, step: &mut Step) -> Result<(), Error> {
    if step.verb == Verb::Helm {
        return Ok(());
    }
    let resource = cluster::resource(from, &step.target.api_version, &step.target.kind).await?;
    if !resource.namespaced {
        step.target.namespace.clear();
    }
    let before = match step.verb {
        Verb::Create => None,
        verb => match from.get(&resource.object_path(&step.target.namespace, &step.target.name)).await {
            Ok(object) => Some(object),
            Err(kube::Error::Api(status)) if status.code == 404 && verb == Verb::Apply => None,
            Err(error) => return Err(from.explain(&error)),
        },
    };
    let after = send(from, &resource, step, None, true).await.map_err(|e| refused(from, step, e))?;
    let now = before.clone().unwrap_or_default();
    step.resource_version = now.pointer("/metadata/resourceVersion").and_then(Value::as_str).unwrap_or("").to_owned();
    step.state = before.as_ref().map(state).unwrap_or_default();
    if matches!(step.verb, Verb::Delete) {
        step.diff = diff(&now, &Value::Null);
    } else if step.verb != Verb::Evict {
        step.diff = diff(&now, &after);
        step.owners = owners(&now, &after);
    }
    // Values of Secrets are dropped as soon as the redacted diff exists.
    if step.target.kind != "Secret" {
        step.before = before;
        step.after = Some(after).filter(|_| !matches!(step.verb, Verb::Delete | Verb::Evict));
    }
    Ok(())
}

/// Digest of the state of an object: everything but what controllers count. The uid is in it, so that an object that was
/// deleted and made again is another one.
pub fn state(object: &Value) -> String {
    let uid = object.pointer("/metadata/uid").cloned().unwrap_or_default();
    sha256(&format!("{}{}", canonical(&uid), canonical(&pruned(object))))
}

/// What the server's no to a step means.
pub fn refused(from: &Connection, step: &Step, error: kube::Error) -> Error {
    match error {
        kube::Error::Api(status) if matches!(status.code, 400 | 409 | 422 | 429) => {
            let remedy = match (status.code, step.verb) {
                (409, Verb::Create) => " (it is there already)",
                (409, Verb::Apply) => " (another manager owns these fields; pilot never takes them by force)",
                (429, Verb::Evict) => " (a disruption budget does not allow it now)",
                _ => "",
            };
            Error::Refused(format!("the API server refuses the change of {}: {}{remedy}", step.target, status.message))
        }
        other => from.explain(&other),
    }
}
