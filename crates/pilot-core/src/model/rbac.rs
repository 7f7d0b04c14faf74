//! Roles and bindings.

use super::meta::resources;
use super::{LabelSelector, ObjectMeta, read};

read! {
    /// `Role` and `ClusterRole`; which one, `metadata.kind` says.
    struct Role {
        metadata: ObjectMeta,
        rules: Vec<PolicyRule>,
        aggregation_rule: Option<AggregationRule>,
    }

    struct AggregationRule { cluster_role_selectors: Vec<LabelSelector>, }

    struct PolicyRule {
        api_groups: Vec<String>,
        resources: Vec<String>,
        resource_names: Vec<String>,
        #[serde(rename = "nonResourceURLs")]
        non_resource_urls: Vec<String>,
        verbs: Vec<String>,
    }

    /// `RoleBinding` and `ClusterRoleBinding`; which one, `metadata.kind` says.
    struct RoleBinding {
        metadata: ObjectMeta,
        role_ref: RoleRef,
        subjects: Vec<RbacSubject>,
    }

    struct RoleRef { api_group: String, kind: String, name: String, }

    struct RbacSubject { kind: String, name: String, namespace: String, api_group: String, }
}

impl PolicyRule {
    /// Whether the rule grants `verb` on `resource` (with `/subresource` where there is one) of
    /// `group`, wildcards included. `resourceNames` are the caller's to judge.
    pub fn grants(&self, verb: &str, group: &str, resource: &str) -> bool {
        let subresource = resource.split_once('/').map(|(_, sub)| sub);
        has(&self.verbs, verb)
            && has(&self.api_groups, group)
            && self.resources.iter().any(|granted| {
                granted == "*"
                    || granted == resource
                    || subresource.is_some_and(|sub| granted.strip_prefix("*/") == Some(sub))
            })
    }
}

fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|item| item == "*" || item == wanted)
}

resources!(Role, RoleBinding);
