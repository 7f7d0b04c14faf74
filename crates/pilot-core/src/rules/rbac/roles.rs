//! What roles grant: RBC-004 to RBC-014 and RBC-017.

use serde_json::{Value, json};

use super::permissions::*;
use super::{REFERENCE, Reach, reach_of_roles, rules, user_roles};
use crate::finding::Severity::{self, Critical, High, Medium};
use crate::model::{PolicyRule, Role};
use crate::rules::Rule;
use crate::rules::scan::{Scan, merge};

const NARROW: &str = "which of its permissions the subjects need is theirs to say";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "RBC-004",
        Critical,
        "Role allows everything",
        "List the verbs and resources that are needed.",
        REFERENCE,
        everything,
    )
    .needs(&["ClusterRole"])
    .no_patch(NARROW),
    Rule::new(
        "RBC-005",
        High,
        "Wildcard in a role",
        "List the verbs or resources that are needed: a wildcard also covers what comes later.",
        REFERENCE,
        wildcard,
    )
    .needs(&["ClusterRole"])
    .no_patch(NARROW),
    Rule::new(
        "RBC-006",
        Critical,
        "Role reads Secrets",
        "Name the Secrets in resourceNames, or remove the permission.",
        REFERENCE,
        secrets,
    )
    .needs(&["ClusterRole"])
    .no_patch(NARROW),
    Rule::new("RBC-007", Critical, "Role can escalate", "Remove escalate, bind and impersonate.", REFERENCE, escalate)
        .needs(&["ClusterRole"])
        .no_patch(NARROW),
    Rule::new(
        "RBC-008",
        High,
        "Role gets into pods",
        "Remove exec, attach, portforward and ephemeralcontainers.",
        REFERENCE,
        exec,
    )
    .needs(&["ClusterRole"])
    .no_patch(NARROW),
    Rule::new(
        "RBC-009",
        Medium,
        "Role changes workloads",
        "Limit it to the namespaces and verbs that are needed.",
        REFERENCE,
        workloads,
    )
    .needs(&["ClusterRole"])
    .no_patch(NARROW),
    Rule::new("RBC-010", High, "Role controls nodes", "Remove nodes/proxy and writing to nodes.", REFERENCE, nodes)
        .needs(&["ClusterRole"])
        .no_patch(NARROW),
    Rule::new(
        "RBC-011",
        High,
        "Role controls admission",
        "Remove writing to webhook configurations.",
        REFERENCE,
        webhooks,
    )
    .needs(&["ClusterRole"])
    .no_patch(NARROW),
    Rule::new(
        "RBC-012",
        Medium,
        "Role redirects traffic",
        "Limit writing to Services, endpoints, policies and ingresses.",
        REFERENCE,
        network,
    )
    .needs(&["ClusterRole"])
    .no_patch(NARROW),
    Rule::new(
        "RBC-013",
        Medium,
        "Role tampers with the system's configuration or logs",
        "Limit it.",
        REFERENCE,
        config,
    )
    .needs(&["ClusterRole"])
    .no_patch(NARROW),
    Rule::new("RBC-014", Medium, "Role opens a way around limits", "Limit it.", REFERENCE, ways_around)
        .needs(&["ClusterRole"])
        .no_patch(NARROW),
    Rule::new(
        "RBC-017",
        High,
        "Editors can redirect endpoints",
        "Remove writing to endpoints from the role that is aggregated to edit.",
        "https://github.com/kubernetes/kubernetes/issues/103675",
        aggregated_endpoints,
    )
    .needs(&["ClusterRole"]),
];

/// Calls `judge` for every role of a user, with its rules and reach.
fn each<'a>(scan: &mut Scan<'a>, mut judge: impl FnMut(&mut Scan<'a>, &'a Role, &[&'a PolicyRule], &Reach<'a>)) {
    let ctx = scan.ctx;
    let reach = reach_of_roles(ctx);
    for role in user_roles(ctx) {
        let meta = &role.metadata;
        if let Some(reach) = reach.get(&(meta.kind.as_str(), meta.namespace.as_str(), meta.name.as_str())) {
            judge(scan, role, &rules(ctx, role), reach);
        }
    }
}

fn holders(reach: &Reach<'_>) -> String {
    let mut names: Vec<String> = reach
        .bindings
        .iter()
        .flat_map(|binding| &binding.subjects)
        .map(|subject| format!("{} {}", subject.kind, subject.name))
        .collect();
    names.sort();
    names.dedup();
    if names.is_empty() { "nobody yet".to_owned() } else { names.join(", ") }
}

fn report(scan: &mut Scan<'_>, role: &Role, reach: &Reach<'_>, severity: Severity, message: String) {
    let scope = if reach.cluster { "in the whole cluster" } else { "in the namespace" };
    scan.object(&role.metadata, format!("{message} {scope}"))
        .severity(severity)
        .root_field("rules")
        .spec("bound to", holders(reach));
}

fn everything(scan: &mut Scan<'_>) {
    each(scan, |scan, role, rules, reach| {
        if let Some(rule) = rules.iter().find(|rule| is_all(rule)) {
            // An operator that owns a whole API group of its own does no harm beyond it.
            let own_group = rule.api_groups.iter().all(|group| group != "*" && !group.is_empty() && !is_builtin(group));
            let severity = if own_group { Medium } else { Critical };
            report(scan, role, reach, severity, format!("allows every verb on every resource of {}", groups(rule)));
        }
    });
}

fn is_builtin(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io")
}

fn groups(rule: &PolicyRule) -> String {
    let names: Vec<&str> =
        rule.api_groups.iter().map(|group| if group.is_empty() { "the core API" } else { group }).collect();
    names.join(", ")
}

fn wildcard(scan: &mut Scan<'_>) {
    each(scan, |scan, role, rules, reach| {
        for rule in rules.iter().filter(|rule| !is_all(rule)) {
            if rule.verbs.iter().any(|verb| verb == "*") && !rule.resources.is_empty() {
                report(scan, role, reach, High, format!("allows every verb on {}", rule.resources.join(", ")));
            }
            if rule.resources.iter().any(|resource| resource == "*") {
                report(
                    scan,
                    role,
                    reach,
                    High,
                    format!("allows {} on every resource of {}", rule.verbs.join(", "), groups(rule)),
                );
            }
        }
    });
}

/// Reports roles that grant any of the permissions. Roles that grant everything have RBC-004.
fn grants(scan: &mut Scan<'_>, severity: Severity, permissions: &[&Permission]) {
    each(scan, |scan, role, rules, reach| {
        if rules.iter().any(|rule| is_all(rule)) {
            return;
        }
        for permission in permissions {
            let granted = permission.granted_by(rules);
            if !granted.is_empty() {
                report(scan, role, reach, severity, format!("can {} ({})", permission.what, granted.join(", ")));
            }
        }
    });
}

fn secrets(scan: &mut Scan<'_>) {
    each(scan, |scan, role, rules, reach| {
        let granted = READ_SECRETS.granted_by(rules);
        if !granted.is_empty() {
            let severity = if reach.cluster { Critical } else { Medium };
            report(scan, role, reach, severity, format!("can read every Secret ({})", granted.join(", ")));
        }
    });
}

fn escalate(scan: &mut Scan<'_>) {
    grants(scan, Critical, &[&ESCALATE, &IMPERSONATE]);
}

fn exec(scan: &mut Scan<'_>) {
    grants(scan, High, &[&EXEC, &DEBUG]);
}

fn workloads(scan: &mut Scan<'_>) {
    grants(scan, Medium, &[&WRITE_WORKLOADS]);
}

fn nodes(scan: &mut Scan<'_>) {
    grants(scan, High, &[&NODE_PROXY, &WRITE_NODES]);
}

fn webhooks(scan: &mut Scan<'_>) {
    grants(scan, High, &[&WRITE_WEBHOOKS]);
}

fn network(scan: &mut Scan<'_>) {
    grants(scan, Medium, &[&WRITE_NETWORK]);
}

fn config(scan: &mut Scan<'_>) {
    grants(scan, Medium, &[&DELETE_LOGS]);
    let ctx = scan.ctx;
    let reach = reach_of_roles(ctx);
    // Also roles of kube-system itself: their writing reaches the cluster's configuration.
    for role in
        ctx.snapshot.roles.iter().filter(|role| ctx.config.include_system || !super::is_bootstrap(&role.metadata))
    {
        let meta = &role.metadata;
        let Some(reach) = reach.get(&(meta.kind.as_str(), meta.namespace.as_str(), meta.name.as_str())) else {
            continue;
        };
        let rules = rules(ctx, role);
        let touches = reach.cluster
            || meta.namespace == "kube-system"
            || reach.bindings.iter().any(|binding| binding.metadata.namespace == "kube-system");
        let granted = WRITE_CONFIG.granted_by(&rules);
        if touches && !granted.is_empty() && !rules.iter().any(|rule| is_all(rule)) {
            report(scan, role, reach, Medium, format!("can change ConfigMaps of kube-system ({})", granted.join(", ")));
        }
    }
}

fn ways_around(scan: &mut Scan<'_>) {
    grants(scan, Medium, &[&MINT_TOKENS, &APPROVE, &CREATE_VOLUMES]);
}

const TO_EDIT: &str = "rbac.authorization.k8s.io/aggregate-to-edit";

fn aggregated_endpoints(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    // The shipped role is looked at too: clusters older than 1.22 keep it as it was.
    for role in &ctx.snapshot.roles {
        if role.metadata.labels.get(TO_EDIT).is_none_or(|value| value != "true") {
            continue;
        }
        let writes = |rule: &PolicyRule| {
            ["create", "update", "patch"].iter().any(|verb| rule.grants(verb, "", "endpoints"))
                && rule.resources.iter().any(|resource| resource == "endpoints")
        };
        if !role.rules.iter().any(writes) {
            continue;
        }
        let rules: Vec<Value> = role.rules.iter().filter_map(|rule| rule_without(rule, writes(rule))).collect();
        scan.object(
            &role.metadata,
            "lets everyone with the edit role redirect traffic by writing endpoints (CVE-2021-25740)",
        )
        .root_field("rules")
        .patch(merge(&role.metadata, json!({ "rules": rules })));
    }
}

/// The rule as JSON, without `endpoints`; `None` when nothing is left of it.
fn rule_without(rule: &PolicyRule, remove: bool) -> Option<Value> {
    let resources: Vec<&String> =
        rule.resources.iter().filter(|resource| !(remove && *resource == "endpoints")).collect();
    if resources.is_empty() && !rule.resources.is_empty() {
        return None;
    }
    let mut value = json!({ "apiGroups": rule.api_groups, "resources": resources, "verbs": rule.verbs });
    if !rule.resource_names.is_empty() {
        value["resourceNames"] = json!(rule.resource_names);
    }
    if !rule.non_resource_urls.is_empty() {
        value = json!({ "nonResourceURLs": rule.non_resource_urls, "verbs": rule.verbs });
    }
    Some(value)
}
