//! Kernel confinement: seccomp, AppArmor, SELinux, /proc, sysctls: SEC-011, 012, 013, 017, 018.

use serde_json::{Value, json};

use super::{STANDARDS, effective};
use crate::finding::Severity::{High, Medium};
use crate::pss::{bad_se_linux, is_safe_sysctl};
use crate::rules::Rule;
use crate::rules::scan::Scan;
use crate::snapshot::KubeVersion;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "SEC-011",
        Medium,
        "No seccomp profile",
        "Set seccompProfile.type: RuntimeDefault for the whole pod.",
        STANDARDS,
        seccomp,
    ),
    Rule::new("SEC-012", Medium, "AppArmor turned off", "Use the RuntimeDefault profile.", STANDARDS, app_armor),
    Rule::new(
        "SEC-013",
        Medium,
        "Custom SELinux options",
        "Leave type, user and role of seLinuxOptions unset.",
        STANDARDS,
        se_linux,
    ),
    Rule::new("SEC-017", Medium, "Unmasked /proc", "Leave procMount at Default.", STANDARDS, proc_mount),
    Rule::new(
        "SEC-018",
        Medium,
        "Unsafe sysctl",
        "Remove the sysctl: it is not isolated from other pods.",
        STANDARDS,
        sysctls,
    ),
];

const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

fn seccomp(scan: &mut Scan<'_>) {
    for workload in scan.workloads().iter().filter(|workload| !workload.spec.is_windows()) {
        for at in workload.spec.all_containers() {
            let profile = effective(
                workload.spec,
                &at,
                |c| c.seccomp_profile.as_ref().map(|p| p.type_.clone()),
                |p| p.seccomp_profile.as_ref().map(|p| p.type_.clone()),
            );
            let (severity, message) = match profile.as_deref() {
                Some("RuntimeDefault" | "Localhost") => continue,
                Some("Unconfined") => (High, "may use every system call: seccompProfile is Unconfined"),
                _ => (Medium, "may use every system call: no seccompProfile at pod or container"),
            };
            scan.container(workload, &at, message)
                .severity(severity)
                .field("securityContext.seccompProfile")
                .patch(workload.container_patch(&at, json!({ "securityContext": { "seccompProfile": { "type": "RuntimeDefault", "localhostProfile": null } } })));
        }
    }
}

fn app_armor(scan: &mut Scan<'_>) {
    for workload in scan.workloads().iter().filter(|workload| !workload.spec.is_windows()) {
        for at in workload.spec.all_containers() {
            let own = effective(
                workload.spec,
                &at,
                |c| c.app_armor_profile.as_ref().map(|p| p.type_.clone()),
                |p| p.app_armor_profile.as_ref().map(|p| p.type_.clone()),
            );
            let key = format!("{ANNOTATION}{}", at.container.name);
            if let Some(type_) = own {
                if !matches!(type_.as_str(), "RuntimeDefault" | "Localhost") {
                    scan.container(workload, &at, format!("is not confined by AppArmor: profile {type_:?}"))
                        .field("securityContext.appArmorProfile.type")
                        .patch(workload.container_patch(&at, json!({ "securityContext": { "appArmorProfile": { "type": "RuntimeDefault", "localhostProfile": null } } })));
                }
            } else if let Some(value) = workload.template.annotations.get(&key)
                && !value.is_empty()
                && value != "runtime/default"
                && !value.starts_with("localhost/")
            {
                scan.container(workload, &at, format!("is not confined by AppArmor: annotation {value:?}"))
                    .field("securityContext.appArmorProfile")
                    .patch(workload.template_meta_patch(json!({ "annotations": { key: "runtime/default" } })));
            }
        }
    }
}

fn se_linux(scan: &mut Scan<'_>) {
    let engine = scan.ctx.version >= KubeVersion::new(31);
    let reset = json!({ "securityContext": { "seLinuxOptions": { "type": null, "user": null, "role": null } } });
    for workload in scan.workloads() {
        let pod = workload.spec.security_context.as_ref().and_then(|context| context.se_linux_options.as_ref());
        if let Some(bad) = pod.and_then(|options| bad_se_linux(options, engine)) {
            scan.workload(workload, format!("sets SELinux options for the pod: {bad}"))
                .field("securityContext.seLinuxOptions")
                .patch(workload.pod_patch(reset.clone()));
        }
        for at in workload.spec.all_containers() {
            let own = at.container.security_context.as_ref().and_then(|context| context.se_linux_options.as_ref());
            if let Some(bad) = own.and_then(|options| bad_se_linux(options, engine)) {
                scan.container(workload, &at, format!("sets SELinux options: {bad}"))
                    .field("securityContext.seLinuxOptions")
                    .patch(workload.container_patch(&at, reset.clone()));
            }
        }
    }
}

fn proc_mount(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            let mount = at.container.security_context.as_ref().and_then(|context| context.proc_mount.as_deref());
            if let Some(mount) = mount.filter(|mount| *mount != "Default") {
                scan.container(
                    workload,
                    &at,
                    format!("sees parts of /proc that are usually masked: procMount {mount:?}"),
                )
                .field("securityContext.procMount")
                .patch(workload.container_patch(&at, json!({ "securityContext": { "procMount": null } })));
            }
        }
    }
}

fn sysctls(scan: &mut Scan<'_>) {
    let minor = scan.ctx.version.minor;
    for workload in scan.workloads() {
        let Some(context) = &workload.spec.security_context else { continue };
        let safe: Vec<Value> = context
            .sysctls
            .iter()
            .filter(|sysctl| is_safe_sysctl(&sysctl.name, minor))
            .map(|sysctl| json!({ "name": sysctl.name, "value": sysctl.value }))
            .collect();
        let bad: Vec<&str> = context
            .sysctls
            .iter()
            .filter(|sysctl| !is_safe_sysctl(&sysctl.name, minor))
            .map(|sysctl| sysctl.name.as_str())
            .collect();
        if !bad.is_empty() {
            scan.workload(workload, format!("sets {}", bad.join(", ")))
                .field("securityContext.sysctls")
                .patch(workload.pod_patch(json!({ "securityContext": { "sysctls": safe } })));
        }
    }
}
