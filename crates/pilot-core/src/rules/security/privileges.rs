//! What a container's process may do: SEC-001 to SEC-010.

use serde_json::{Value, json};

use super::{CONTEXT, STANDARDS, added, capabilities, capability, drops, run_as_group, run_as_non_root, run_as_user};
use crate::finding::Patch;
use crate::finding::Severity::{Critical, High, Low, Medium};
use crate::model::ContainerAt;
use crate::pss::ALLOWED_CAPABILITIES;
use crate::rules::scan::Scan;
use crate::rules::{Rule, Workload};
use crate::snapshot::KubeVersion;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "SEC-001",
        Critical,
        "Privileged container",
        "Set securityContext.privileged to false and add the single capability that is needed.",
        STANDARDS,
        privileged,
    ),
    Rule::new(
        "SEC-002",
        High,
        "Privilege escalation not forbidden",
        "Set allowPrivilegeEscalation to false; unset means allowed.",
        STANDARDS,
        escalation,
    ),
    Rule::new(
        "SEC-003",
        High,
        "Container may run as root",
        "Set runAsNonRoot: true and a numeric runAsUser such as 10001.",
        CONTEXT,
        root,
    ),
    Rule::new(
        "SEC-004",
        Low,
        "User or group id may clash with one of the host",
        "Use ids above 10000.",
        CONTEXT,
        low_ids,
    )
    .opt_in(),
    Rule::new(
        "SEC-005",
        Medium,
        "Root group",
        "Use a group id other than 0 for runAsGroup, fsGroup and supplementalGroups.",
        CONTEXT,
        root_group,
    ),
    Rule::new(
        "SEC-006",
        High,
        "Writable root filesystem",
        "Set readOnlyRootFilesystem: true and mount an emptyDir where the program writes.",
        CONTEXT,
        writable_root,
    ),
    Rule::new(
        "SEC-007",
        Critical,
        "Capability that gives the node away",
        "Remove the capability.",
        STANDARDS,
        dangerous_capabilities,
    ),
    Rule::new(
        "SEC-008",
        High,
        "Capability beyond the default set",
        "Remove the capability.",
        STANDARDS,
        non_default_capabilities,
    ),
    Rule::new(
        "SEC-009",
        Medium,
        "Capabilities not dropped",
        "Drop ALL; NET_BIND_SERVICE is the only one to add.",
        STANDARDS,
        undropped,
    ),
    Rule::new("SEC-010", Medium, "Raw network packets possible", "Drop NET_RAW, or ALL.", STANDARDS, net_raw),
];

const DANGEROUS: [&str; 7] = ["ALL", "SYS_ADMIN", "SYS_MODULE", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH", "BPF"];

/// Calls `judge` for each container that is not a Windows one.
fn linux<'a>(scan: &mut Scan<'a>, mut judge: impl FnMut(&mut Scan<'a>, &'a Workload<'a>, &ContainerAt<'a>)) {
    for workload in scan.workloads().iter().filter(|workload| !workload.spec.is_windows()) {
        for at in workload.spec.all_containers() {
            judge(scan, workload, &at);
        }
    }
}

fn context_patch(workload: &Workload<'_>, at: &ContainerAt<'_>, body: Value) -> Patch {
    workload.container_patch(at, json!({ "securityContext": body }))
}

fn privileged(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            if at.container.security_context.as_ref().is_some_and(|context| context.privileged == Some(true)) {
                // Privileged containers must allow escalation; with the one gone the other can go too.
                scan.container(workload, &at, "runs with all privileges of the node")
                    .field("securityContext.privileged")
                    .patch(context_patch(workload, &at, json!({ "privileged": false })))
                    .risk("a program that needs the node's devices stops working");
            }
        }
    }
}

fn escalation(scan: &mut Scan<'_>) {
    linux(scan, |scan, workload, at| {
        let context = at.container.security_context.as_ref();
        let allowed = context.and_then(|context| context.allow_privilege_escalation);
        if allowed == Some(false) {
            return;
        }
        let message = if allowed.is_none() {
            "may gain more privileges than its parent process: allowPrivilegeEscalation is not set"
        } else {
            "may gain more privileges than its parent process"
        };
        let needs_it = context.is_some_and(|context| context.privileged == Some(true))
            || added(at).iter().any(|name| name == "SYS_ADMIN");
        let hit = scan.container(workload, at, message).field("securityContext.allowPrivilegeEscalation");
        if needs_it {
            // The API server refuses false beside privileged or SYS_ADMIN.
            hit.patch(context_patch(
                workload,
                at,
                json!({
                    "allowPrivilegeEscalation": false, "privileged": false, "capabilities": { "add": null },
                }),
            ));
        } else {
            hit.patch(context_patch(workload, at, json!({ "allowPrivilegeEscalation": false })));
        }
    });
}

fn root(scan: &mut Scan<'_>) {
    let user_namespaces = scan.ctx.version >= KubeVersion::new(35);
    linux(scan, |scan, workload, at| {
        let spec = workload.spec;
        if user_namespaces && spec.host_users == Some(false) {
            return;
        }
        let user = run_as_user(spec, at);
        let non_root = run_as_non_root(spec, at);
        let message = match (user, non_root) {
            (Some(0), true) => "cannot start: runAsNonRoot is true but runAsUser is 0",
            (Some(0), false) => "runs as root: runAsUser is 0",
            (None, false) => "may run as root: neither runAsNonRoot nor runAsUser is set",
            _ => return,
        };
        let mut body = json!({ "runAsNonRoot": true });
        if user == Some(0) || at.container.image.is_empty() {
            body["runAsUser"] = 10001.into();
        }
        scan.container(workload, at, message)
            .field("securityContext.runAsNonRoot")
            .patch(context_patch(workload, at, body))
            .risk("the image must have a numeric non-root USER or work as any user");
    });
}

fn low_ids(scan: &mut Scan<'_>) {
    linux(scan, |scan, workload, at| {
        for (id, name) in
            [(run_as_user(workload.spec, at), "runAsUser"), (run_as_group(workload.spec, at), "runAsGroup")]
        {
            if id.is_some_and(|id| id > 10_000) {
                continue;
            }
            let shown = id.map_or_else(|| "not set".to_owned(), |id| id.to_string());
            scan.container(workload, at, format!("{name} is {shown}"))
                .field(&format!("securityContext.{name}"))
                .patch(context_patch(workload, at, json!({ name: 10001 })));
        }
    });
}

fn root_group(scan: &mut Scan<'_>) {
    linux(scan, |scan, workload, at| {
        if run_as_group(workload.spec, at) == Some(0) {
            scan.container(workload, at, "runs with the root group")
                .field("securityContext.runAsGroup")
                .patch(context_patch(workload, at, json!({ "runAsGroup": 10001 })));
        }
    });
    for workload in scan.workloads() {
        let Some(context) = &workload.spec.security_context else { continue };
        if context.fs_group == Some(0) {
            scan.workload(workload, "volumes belong to the root group: fsGroup is 0")
                .field("securityContext.fsGroup")
                .patch(workload.pod_patch(json!({ "securityContext": { "fsGroup": 10001 } })));
        }
        if context.supplemental_groups.contains(&0) {
            let others: Vec<i64> = context.supplemental_groups.iter().copied().filter(|id| *id != 0).collect();
            scan.workload(workload, "has the root group among supplementalGroups")
                .field("securityContext.supplementalGroups")
                .patch(workload.pod_patch(json!({ "securityContext": { "supplementalGroups": others } })));
        }
    }
}

fn writable_root(scan: &mut Scan<'_>) {
    linux(scan, |scan, workload, at| {
        if at.container.security_context.as_ref().is_some_and(|c| c.read_only_root_filesystem == Some(true)) {
            return;
        }
        let mut container = json!({ "name": at.container.name, "securityContext": { "readOnlyRootFilesystem": true } });
        let mut pod = json!({});
        if !at.container.volume_mounts.iter().any(|mount| mount.mount_path == "/tmp") {
            container["volumeMounts"] = json!([{ "name": "tmp", "mountPath": "/tmp" }]);
            if !workload.spec.volumes.iter().any(|volume| volume.name == "tmp") {
                pod["volumes"] = json!([{ "name": "tmp", "emptyDir": { "sizeLimit": "64Mi" } }]);
            }
        }
        pod[at.list()] = json!([container]);
        scan.container(workload, at, "can write anywhere in its image")
            .field("securityContext.readOnlyRootFilesystem")
            .patch(workload.pod_patch(pod))
            .risk("every path the program writes to, beside /tmp, needs an emptyDir too");
    });
}

fn without(at: &ContainerAt<'_>, bad: &[String]) -> Value {
    let left: Vec<&String> = capabilities(at)
        .map(|caps| caps.add.iter().filter(|name| !bad.contains(&capability(name))).collect())
        .unwrap_or_default();
    if left.is_empty() { Value::Null } else { json!(left) }
}

fn remove_added(scan: &mut Scan<'_>, is_bad: impl Fn(&str) -> bool, what: &str) {
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            let bad: Vec<String> = added(&at).into_iter().filter(|name| is_bad(name)).collect();
            if !bad.is_empty() {
                scan.container(workload, &at, format!("adds {}: {what}", bad.join(", ")))
                    .field("securityContext.capabilities.add")
                    .patch(context_patch(workload, &at, json!({ "capabilities": { "add": without(&at, &bad) } })));
            }
        }
    }
}

fn dangerous_capabilities(scan: &mut Scan<'_>) {
    remove_added(scan, |name| DANGEROUS.contains(&name), "enough to take over the node");
}

fn non_default_capabilities(scan: &mut Scan<'_>) {
    remove_added(scan, |name| !ALLOWED_CAPABILITIES.contains(&name), "not in the default set");
}

fn undropped(scan: &mut Scan<'_>) {
    linux(scan, |scan, workload, at| {
        let bad: Vec<String> = added(at).into_iter().filter(|name| name != "NET_BIND_SERVICE").collect();
        let dropped = drops(at, "ALL");
        if dropped && bad.is_empty() {
            return;
        }
        let message = if dropped {
            format!("adds {} back after dropping ALL", bad.join(", "))
        } else {
            "keeps capabilities it does not need: drop does not contain ALL".to_owned()
        };
        scan.container(workload, at, message).field("securityContext.capabilities").patch(context_patch(
            workload,
            at,
            json!({ "capabilities": { "drop": ["ALL"], "add": without(at, &bad) } }),
        ));
    });
}

fn net_raw(scan: &mut Scan<'_>) {
    linux(scan, |scan, workload, at| {
        let bad: Vec<String> = added(at).into_iter().filter(|name| name == "NET_RAW" || name == "ALL").collect();
        let dropped = drops(at, "ALL") || drops(at, "NET_RAW");
        if dropped && bad.is_empty() {
            return;
        }
        let (severity, message) = if bad.is_empty() {
            (Medium, "can send raw packets: NET_RAW is not dropped")
        } else {
            (High, "adds NET_RAW")
        };
        scan.container(workload, at, message).severity(severity).field("securityContext.capabilities.drop").patch(
            context_patch(workload, at, json!({ "capabilities": { "drop": ["ALL"], "add": without(at, &bad) } })),
        );
    });
}
