//! References that lead nowhere, and roles that nothing refers to: RBC-015, RBC-016.

use std::collections::BTreeSet;

use super::{REFERENCE, is_bootstrap, referenced, user_bindings, user_roles};
use crate::finding::Severity::{Low, Medium};
use crate::nearest::nearest;
use crate::rules::Rule;
use crate::rules::scan::Scan;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "RBC-015",
        Medium,
        "Binding of something that does not exist",
        "Create the role or account, or delete the binding: whoever creates it later gets the permissions.",
        REFERENCE,
        dangling,
    )
    .needs(&["Role", "ClusterRole", "ServiceAccount"])
    .no_patch("whether to create the missing object or to delete the binding is for its owner to say"),
    Rule::new("RBC-016", Low, "Unused role or service account", "Delete it.", REFERENCE, unused)
        .needs(&["RoleBinding", "ClusterRoleBinding"]),
];

/// Every cluster has these, also when they were not listed.
const BUILT_IN: [&str; 4] = ["cluster-admin", "admin", "edit", "view"];

fn dangling(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for binding in user_bindings(ctx) {
        let role = &binding.role_ref;
        let built_in =
            role.kind == "ClusterRole" && (BUILT_IN.contains(&role.name.as_str()) || role.name.starts_with("system:"));
        if !built_in && referenced(ctx, binding).is_none() {
            let names = ctx
                .snapshot
                .roles
                .iter()
                .filter(|other| other.metadata.kind == role.kind)
                .map(|other| other.metadata.name.as_str());
            let similar = nearest(&role.name, names);
            let hint = similar.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            scan.object(
                &binding.metadata,
                format!("refers to {} {}, which does not exist{hint}", role.kind, role.name),
            )
            .root_field("roleRef.name")
            .absent(ctx.absence(Medium, similar.is_some()));
        }
        for (index, subject) in binding.subjects.iter().enumerate() {
            let namespace = if subject.namespace.is_empty() { &binding.metadata.namespace } else { &subject.namespace };
            if subject.kind != "ServiceAccount"
                || subject.name == "default"
                || ctx.service_accounts.contains_key(&(namespace.as_str(), subject.name.as_str()))
            {
                continue;
            }
            let names = ctx.service_accounts.keys().filter(|(ns, _)| ns == namespace).map(|(_, name)| *name);
            let similar = nearest(&subject.name, names);
            let hint = similar.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
            scan.object(
                &binding.metadata,
                format!("names service account {namespace}/{}, which does not exist{hint}", subject.name),
            )
            .root_field(&format!("subjects[{index}]"))
            .absent(ctx.absence(Medium, similar.is_some()));
        }
    }
}

fn unused(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let mut bound: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
    for binding in &ctx.snapshot.role_bindings {
        let role = &binding.role_ref;
        let namespace = if role.kind == "ClusterRole" { "" } else { binding.metadata.namespace.as_str() };
        bound.insert((&role.kind, namespace, &role.name));
    }
    for role in user_roles(ctx) {
        let meta = &role.metadata;
        // Aggregated roles are used through the roles that collect them.
        let aggregated = meta.labels.keys().any(|label| label.starts_with("rbac.authorization.k8s.io/aggregate-to-"))
            || ctx.snapshot.roles.iter().filter_map(|other| other.aggregation_rule.as_ref()).any(|rule| {
                rule.cluster_role_selectors
                    .iter()
                    .any(|selector| !selector.is_empty() && selector.matches(&meta.labels))
            });
        let is_known = BUILT_IN.contains(&meta.name.as_str()) || is_bootstrap(meta);
        if !aggregated
            && !is_known
            && !bound.contains(&(meta.kind.as_str(), meta.namespace.as_str(), meta.name.as_str()))
        {
            scan.object(meta, "is bound to nobody").absent(ctx.absence(Low, false));
        }
    }
    let used: BTreeSet<(&str, &str)> = ctx
        .all_workloads
        .iter()
        .map(|workload| (workload.meta.namespace.as_str(), workload.spec.service_account()))
        .collect();
    for account in ctx.user(&ctx.snapshot.service_accounts) {
        let key = (account.metadata.namespace.as_str(), account.metadata.name.as_str());
        if key.1 != "default" && !used.contains(&key) && !ctx.bound_accounts.contains(&key) {
            scan.object(&account.metadata, "no workload runs as it and nothing is bound to it")
                .absent(ctx.absence(Low, false));
        }
    }
}
