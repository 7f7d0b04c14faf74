//! RBC: permissions, as they are in force: roles with aggregation, and the scope they are bound at.

mod allowed;
mod bindings;
mod permissions;
mod references;
mod roles;
mod who_can;

use std::collections::BTreeMap;

pub use allowed::{Grant, who_may};

use super::{Context, Rule};
use crate::model::{ObjectMeta, PolicyRule, Role, RoleBinding};

pub(super) const RULES: &[&[Rule]] = &[bindings::RULES, roles::RULES, references::RULES, who_can::RULES];

const REFERENCE: &str = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/";

/// Shipped with Kubernetes: not the user's to change.
fn is_bootstrap(meta: &ObjectMeta) -> bool {
    meta.labels.contains_key("kubernetes.io/bootstrapping")
        || meta.name.starts_with("system:")
        || meta.name.starts_with("kubeadm:")
}

fn user_roles<'a>(ctx: &'a Context<'a>) -> impl Iterator<Item = &'a Role> {
    ctx.user(&ctx.snapshot.roles).filter(|role| ctx.config.include_system || !is_bootstrap(&role.metadata))
}

fn user_bindings<'a>(ctx: &'a Context<'a>) -> impl Iterator<Item = &'a RoleBinding> {
    ctx.user(&ctx.snapshot.role_bindings)
        .filter(|binding| ctx.config.include_system || !is_bootstrap(&binding.metadata))
}

/// The rules of a role, with those of the roles it aggregates.
fn rules<'a>(ctx: &'a Context<'a>, role: &'a Role) -> Vec<&'a PolicyRule> {
    let mut rules: Vec<&PolicyRule> = role.rules.iter().collect();
    if let Some(aggregation) = &role.aggregation_rule {
        for other in ctx.snapshot.roles.iter().filter(|other| other.metadata.kind == "ClusterRole") {
            let selected =
                aggregation.cluster_role_selectors.iter().any(|selector| selector.matches(&other.metadata.labels));
            if selected && other.metadata.name != role.metadata.name {
                rules.extend(&other.rules);
            }
        }
    }
    rules
}

/// The role that a binding refers to.
fn referenced<'a>(ctx: &'a Context<'a>, binding: &RoleBinding) -> Option<&'a Role> {
    let namespace = if binding.role_ref.kind == "ClusterRole" { "" } else { binding.metadata.namespace.as_str() };
    ctx.snapshot.roles.iter().find(|role| {
        role.metadata.kind == binding.role_ref.kind
            && role.metadata.name == binding.role_ref.name
            && role.metadata.namespace == namespace
    })
}

/// Where a role's permissions reach: the whole cluster unless it is a Role, or a ClusterRole that is
/// bound in namespaces only. An unbound ClusterRole counts for the cluster: it is made to be bound.
struct Reach<'a> {
    cluster: bool,
    bindings: Vec<&'a RoleBinding>,
}

fn reach_of_roles<'a>(ctx: &'a Context<'a>) -> BTreeMap<(&'a str, &'a str, &'a str), Reach<'a>> {
    let mut reach: BTreeMap<(&str, &str, &str), Reach<'_>> = ctx
        .snapshot
        .roles
        .iter()
        .map(|role| {
            let meta = &role.metadata;
            let key = (meta.kind.as_str(), meta.namespace.as_str(), meta.name.as_str());
            (key, Reach { cluster: meta.kind == "ClusterRole", bindings: Vec::new() })
        })
        .collect();
    for binding in &ctx.snapshot.role_bindings {
        let role = &binding.role_ref;
        let namespace = if role.kind == "ClusterRole" { "" } else { binding.metadata.namespace.as_str() };
        if let Some(entry) = reach.get_mut(&(role.kind.as_str(), namespace, role.name.as_str())) {
            entry.bindings.push(binding);
        }
    }
    for entry in reach.values_mut().filter(|entry| !entry.bindings.is_empty()) {
        entry.cluster &= entry.bindings.iter().any(|binding| binding.metadata.kind == "ClusterRoleBinding");
    }
    reach
}
