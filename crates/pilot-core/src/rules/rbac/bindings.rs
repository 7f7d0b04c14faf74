//! Who is bound to what: RBC-001, RBC-002, RBC-003.

use serde_json::{Value, json};

use super::{REFERENCE, user_bindings};
use crate::finding::Patch;
use crate::finding::Severity::{Critical, High, Medium};
use crate::model::{RbacSubject, RoleBinding};
use crate::rules::Rule;
use crate::rules::scan::{Scan, merge};

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "RBC-001",
        Critical,
        "Permissions for anonymous users",
        "Remove system:anonymous and system:unauthenticated from the binding.",
        REFERENCE,
        anonymous,
    )
    .needs(&["ClusterRoleBinding"]),
    Rule::new(
        "RBC-002",
        Critical,
        "Permissions for everyone, or membership of system:masters",
        "Bind the groups and accounts that need it.",
        REFERENCE,
        everyone,
    )
    .needs(&["ClusterRoleBinding"]),
    Rule::new(
        "RBC-003",
        High,
        "Bound to a role that is far too wide",
        "Write a role with the permissions that are needed.",
        REFERENCE,
        wide_roles,
    )
    .needs(&["ClusterRoleBinding"])
    .no_patch("roleRef can't be changed: a binding to a narrower role must be created first"),
];

/// Roles that only tell which APIs there are.
const DISCOVERY: [&str; 3] = ["system:discovery", "system:basic-user", "system:public-info-viewer"];

fn is_anonymous(subject: &RbacSubject) -> bool {
    matches!(
        (subject.kind.as_str(), subject.name.as_str()),
        ("Group", "system:unauthenticated") | ("User", "system:anonymous")
    )
}

fn is_masters(subject: &RbacSubject) -> bool {
    subject.kind == "Group" && subject.name == "system:masters"
}

/// Groups that every caller, or every pod, is in.
fn is_everyone(subject: &RbacSubject) -> bool {
    subject.kind == "Group" && matches!(subject.name.as_str(), "system:authenticated" | "system:serviceaccounts")
}

fn without(binding: &RoleBinding, remove: impl Fn(&RbacSubject) -> bool) -> Patch {
    let left: Vec<Value> = binding
        .subjects
        .iter()
        .filter(|subject| !remove(subject))
        .map(|subject| {
            let mut value = json!({ "kind": subject.kind, "name": subject.name });
            for (key, text) in [("namespace", &subject.namespace), ("apiGroup", &subject.api_group)] {
                if !text.is_empty() {
                    value[key] = json!(text);
                }
            }
            value
        })
        .collect();
    merge(&binding.metadata, json!({ "subjects": left }))
}

fn anonymous(scan: &mut Scan<'_>) {
    for binding in user_bindings(scan.ctx) {
        if let Some(subject) = binding.subjects.iter().find(|subject| is_anonymous(subject)) {
            scan.object(
                &binding.metadata,
                format!("gives {} to callers without credentials ({})", binding.role_ref.name, subject.name),
            )
            .root_field("subjects")
            .patch(without(binding, is_anonymous));
        }
    }
}

fn everyone(scan: &mut Scan<'_>) {
    for binding in user_bindings(scan.ctx) {
        let role = binding.role_ref.name.as_str();
        let discovery = binding.role_ref.kind == "ClusterRole" && DISCOVERY.contains(&role);
        let bad = |subject: &RbacSubject| is_masters(subject) || (is_everyone(subject) && !discovery);
        if let Some(subject) = binding.subjects.iter().find(|subject| bad(subject)) {
            let message = if is_masters(subject) {
                "binds system:masters, which can't be revoked".to_owned()
            } else {
                format!("gives {role} to everyone in {}", subject.name)
            };
            scan.object(&binding.metadata, message).root_field("subjects").patch(without(binding, bad));
        }
    }
}

fn wide_roles(scan: &mut Scan<'_>) {
    for binding in user_bindings(scan.ctx) {
        if binding.role_ref.kind != "ClusterRole" || binding.subjects.is_empty() {
            continue;
        }
        let by_workloads = binding.subjects.iter().any(|subject| subject.kind == "ServiceAccount");
        let severity = match binding.role_ref.name.as_str() {
            "cluster-admin" if by_workloads => Critical,
            "cluster-admin" => High,
            "admin" | "edit" => Medium,
            _ => continue,
        };
        let names: Vec<String> =
            binding.subjects.iter().map(|subject| format!("{} {}", subject.kind, subject.name)).collect();
        scan.object(&binding.metadata, format!("gives {} to {}", binding.role_ref.name, names.join(", ")))
            .severity(severity)
            .root_field("roleRef.name");
    }
}
