//! A step as one request to the API server: the same one for the dry run and for the change.

use pilot_core::finding::PatchType;
use serde_json::{Value, json};

use super::owners::MANAGER;
use super::{Step, Verb};
use crate::cluster::{Connection, Resource};

/// Sends a step. With `version`, the server refuses (409) when the object is no longer at that version. `force` lets
/// server-side apply take fields from other managers.
///
/// # Errors
/// As the API server or the connection has it.
pub async fn send(
    from: &Connection,
    resource: &Resource,
    step: &Step,
    version: Option<&str>,
    dry_run: bool,
) -> Result<Value, kube::Error> {
    let target = &step.target;
    let object = resource.object_path(&target.namespace, &target.name);
    let mut query = format!("fieldManager={MANAGER}&fieldValidation=Strict");
    if dry_run {
        query = format!("dryRun=All&{query}");
    }
    let mut body = step.body.clone();
    let (method, path, content) = match step.verb {
        Verb::Create => ("POST", format!("{}?{query}", resource.path(&target.namespace)), "application/json"),
        Verb::Patch | Verb::Apply => {
            if let Some(version) = version {
                guard(&mut body, version);
            }
            let content = match (step.verb, step.patch_type) {
                (Verb::Apply, _) => "application/apply-patch+yaml",
                (_, PatchType::Strategic) => "application/strategic-merge-patch+json",
                _ => "application/merge-patch+json",
            };
            ("PATCH", format!("{object}?{query}"), content)
        }
        Verb::Delete => {
            body = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"});
            if let Some(version) = version {
                body["preconditions"] = json!({"resourceVersion": version});
            }
            // The server reads the options of a deletion from the body alone when there is one: a query would be ignored.
            if dry_run {
                body["dryRun"] = json!(["All"]);
            }
            ("DELETE", object, "application/json")
        }
        Verb::Evict => {
            body = json!({"kind": "Eviction", "apiVersion": "policy/v1",
                "metadata": {"name": target.name, "namespace": target.namespace}});
            if dry_run {
                body["deleteOptions"] = json!({"dryRun": ["All"]});
            }
            let query = if dry_run { "?dryRun=All" } else { "" };
            ("POST", format!("{object}/eviction{query}"), "application/json")
        }
        Verb::Helm => return Ok(Value::Null),
    };
    from.send(method, &path, content, &body).await
}

/// The server compares this version with the object's and answers 409 when they differ.
fn guard(body: &mut Value, version: &str) {
    if let Some(fields) = body.as_object_mut() {
        let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
        metadata["resourceVersion"] = json!(version);
    }
}
