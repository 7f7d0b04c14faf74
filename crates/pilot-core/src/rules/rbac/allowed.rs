//! Who may do something, from the roles and bindings.

use serde::Serialize;

use super::{referenced, rules};
use crate::config::Config;
use crate::model::ObjectRef;
use crate::rules::Context;
use crate::snapshot::Snapshot;

/// Somebody who may.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: String,
    /// Its name; of a service account with its namespace.
    pub subject: String,
    /// Where: a namespace, or everywhere when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Only objects with these names; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// The binding that says so.
    pub binding: ObjectRef,
    /// The role that it binds.
    pub role: String,
}

/// Everybody whom a binding lets do `verb` on `resource` (with `/subresource`) of an API group, in a namespace or anywhere.
pub fn who_may(snapshot: &Snapshot, verb: &str, group: &str, resource: &str, namespace: Option<&str>) -> Vec<Grant> {
    let config = Config { include_system: true, ..Config::default() };
    let ctx = Context::new(snapshot, &config);
    let mut found = Vec::new();
    for binding in &snapshot.role_bindings {
        let everywhere = binding.metadata.kind == "ClusterRoleBinding";
        if !everywhere && namespace.is_some_and(|n| n != binding.metadata.namespace) {
            continue;
        }
        let Some(role) = referenced(&ctx, binding) else { continue };
        let granting: Vec<_> =
            rules(&ctx, role).into_iter().filter(|rule| rule.grants(verb, group, resource)).collect();
        if granting.is_empty() {
            continue;
        }
        let all = granting.iter().any(|rule| rule.resource_names.is_empty());
        let mut only: Vec<String> =
            granting.iter().filter(|_| !all).flat_map(|rule| rule.resource_names.clone()).collect();
        only.sort();
        only.dedup();
        for subject in &binding.subjects {
            let home = if subject.namespace.is_empty() { &binding.metadata.namespace } else { &subject.namespace };
            let is_account = subject.kind == "ServiceAccount";
            found.push(Grant {
                kind: subject.kind.clone(),
                subject: if is_account { format!("{home}/{}", subject.name) } else { subject.name.clone() },
                namespace: Some(binding.metadata.namespace.clone()).filter(|_| !everywhere),
                only: only.clone(),
                binding: binding.metadata.object_ref(),
                role: role.metadata.name.clone(),
            });
        }
    }
    found.sort();
    found.dedup();
    found
}
