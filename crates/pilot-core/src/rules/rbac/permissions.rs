//! Permissions that are dangerous to have.

use crate::model::PolicyRule;

/// Any of `verbs` on any of `targets` (API group, resource).
pub(super) struct Permission {
    /// What it allows, for people.
    pub(super) what: &'static str,
    pub(super) verbs: &'static [&'static str],
    pub(super) targets: &'static [(&'static str, &'static str)],
}

const WRITE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

pub(super) const READ_SECRETS: Permission =
    Permission { what: "read Secrets", verbs: &["get", "list", "watch"], targets: &[("", "secrets")] };

pub(super) const ESCALATE: Permission = Permission {
    what: "grant itself any permission",
    verbs: &["escalate", "bind"],
    targets: &[(RBAC, "roles"), (RBAC, "clusterroles"), (RBAC, "rolebindings"), (RBAC, "clusterrolebindings")],
};

pub(super) const IMPERSONATE: Permission = Permission {
    what: "act as somebody else",
    verbs: &["impersonate"],
    targets: &[("", "serviceaccounts"), ("", "users"), ("", "groups"), ("authentication.k8s.io", "uids")],
};

pub(super) const EXEC: Permission = Permission {
    what: "run commands in pods or reach their ports",
    verbs: &["create", "get"],
    targets: &[("", "pods/exec"), ("", "pods/attach"), ("", "pods/portforward")],
};

pub(super) const DEBUG: Permission = Permission {
    what: "add containers to running pods",
    verbs: &["update", "patch", "create"],
    targets: &[("", "pods/ephemeralcontainers")],
};

pub(super) const WRITE_WORKLOADS: Permission = Permission {
    what: "create, change or delete pods, and so use every account and Secret of the namespace",
    verbs: &["create", "update", "patch", "delete"],
    targets: &[
        ("", "pods"),
        ("", "replicationcontrollers"),
        ("apps", "deployments"),
        ("apps", "replicasets"),
        ("apps", "statefulsets"),
        ("apps", "daemonsets"),
        ("batch", "jobs"),
        ("batch", "cronjobs"),
    ],
};

pub(super) const NODE_PROXY: Permission =
    Permission { what: "talk to the kubelet", verbs: &["get", "create"], targets: &[("", "nodes/proxy")] };

pub(super) const WRITE_NODES: Permission =
    Permission { what: "change nodes", verbs: &["update", "patch"], targets: &[("", "nodes")] };

pub(super) const WRITE_WEBHOOKS: Permission = Permission {
    what: "see and change every object on its way into the cluster",
    verbs: WRITE,
    targets: &[(ADMISSION, "validatingwebhookconfigurations"), (ADMISSION, "mutatingwebhookconfigurations")],
};

pub(super) const WRITE_NETWORK: Permission = Permission {
    what: "redirect or open traffic",
    verbs: WRITE,
    targets: &[
        ("", "services"),
        ("", "endpoints"),
        ("discovery.k8s.io", "endpointslices"),
        ("networking.k8s.io", "networkpolicies"),
        ("networking.k8s.io", "ingresses"),
    ],
};

pub(super) const WRITE_CONFIG: Permission = Permission {
    what: "change ConfigMaps",
    verbs: &["create", "update", "patch", "delete"],
    targets: &[("", "configmaps")],
};

pub(super) const DELETE_LOGS: Permission =
    Permission { what: "delete logs", verbs: &["delete", "deletecollection"], targets: &[("", "pods/log")] };

pub(super) const MINT_TOKENS: Permission = Permission {
    what: "create tokens of service accounts",
    verbs: &["create"],
    targets: &[("", "serviceaccounts/token")],
};

pub(super) const APPROVE: Permission = Permission {
    what: "approve certificates, and so become anybody",
    verbs: &["update", "patch", "approve"],
    targets: &[("certificates.k8s.io", "certificatesigningrequests/approval")],
};

pub(super) const CREATE_VOLUMES: Permission = Permission {
    what: "create volumes of the host's files",
    verbs: &["create"],
    targets: &[("", "persistentvolumes")],
};

/// What the who-can table lists.
pub(super) const DANGEROUS: [&Permission; 10] = [
    &READ_SECRETS,
    &ESCALATE,
    &IMPERSONATE,
    &EXEC,
    &DEBUG,
    &WRITE_WORKLOADS,
    &NODE_PROXY,
    &WRITE_WEBHOOKS,
    &MINT_TOKENS,
    &APPROVE,
];

impl Permission {
    /// What of it the rules grant for all names, as `verb resource` in the table's order.
    pub(super) fn granted_by(&self, rules: &[&PolicyRule]) -> Vec<String> {
        let mut granted = Vec::new();
        for (group, resource) in self.targets {
            for verb in self.verbs {
                let grants = |rule: &&PolicyRule| rule.resource_names.is_empty() && rule.grants(verb, group, resource);
                if rules.iter().copied().any(|rule| grants(&rule)) {
                    granted.push(format!("{verb} {resource}"));
                }
            }
        }
        granted
    }
}

/// Everything on everything, in the core API group at least.
pub(super) fn is_all(rule: &PolicyRule) -> bool {
    let any = |list: &[String]| list.iter().any(|item| item == "*");
    any(&rule.verbs) && any(&rule.resources) && rule.resource_names.is_empty()
}
