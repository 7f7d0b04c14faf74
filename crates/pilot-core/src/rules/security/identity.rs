//! Service accounts of pods: SEC-022, SEC-023.

use serde_json::json;

use crate::finding::Confidence;
use crate::finding::Severity::{High, Medium};
use crate::rules::Rule;
use crate::rules::scan::Scan;

const REFERENCE: &str = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "SEC-022",
        Medium,
        "Default service account",
        "Create a service account for the workload and name it in serviceAccountName.",
        REFERENCE,
        default_account,
    )
    .needs(&["RoleBinding"])
    .no_patch("the new account must exist before the pods can use it"),
    Rule::new(
        "SEC-023",
        Medium,
        "API token that nothing uses",
        "Set automountServiceAccountToken: false.",
        REFERENCE,
        unused_token,
    )
    .needs(&["RoleBinding"]),
];

fn default_account(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        if workload.spec.service_account() != "default" {
            continue;
        }
        let bound = scan.ctx.bound_accounts.contains(&(workload.meta.namespace.as_str(), "default"));
        let (severity, message) = if bound {
            (High, "runs as the default service account, which has permissions that every such pod shares")
        } else {
            (Medium, "runs as the default service account")
        };
        let name = &workload.meta.name;
        scan.workload(workload, message)
            .severity(severity)
            .field("serviceAccountName")
            .command(format!("kubectl create serviceaccount {name} -n {}", workload.meta.namespace));
    }
}

fn unused_token(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        let namespace = workload.meta.namespace.as_str();
        let account = workload.spec.service_account();
        let of_account = scan
            .ctx
            .service_accounts
            .get(&(namespace, account))
            .and_then(|account| account.automount_service_account_token);
        let mounted = workload.spec.automount_service_account_token.or(of_account).unwrap_or(true);
        if !mounted || scan.ctx.bound_accounts.contains(&(namespace, account)) {
            continue;
        }
        let confidence = if scan.ctx.is_live() { Confidence::High } else { Confidence::Medium };
        scan.workload(workload, format!("mounts a token of service account {account}, which has no permissions"))
            .confidence(confidence)
            .field("automountServiceAccountToken")
            .patch(workload.pod_patch(json!({ "automountServiceAccountToken": false })));
    }
}
