//! The checks that the restricted level adds, or puts in the place of baseline ones.

use super::baseline::{is_confined, proc_mount};
use super::{Check, Fault, Subject, Violation};

/// Sorted by id, as the library orders its results.
pub(super) const CHECKS: &[Check] = &[
    check("allowPrivilegeEscalation", 8, None, allow_privilege_escalation),
    check("capabilities_restricted", 22, Some("capabilities_baseline"), capabilities),
    check("procMount_restricted", 35, Some("procMount"), |pod| proc_mount(pod, "procMount_restricted")),
    check("restrictedVolumes", 0, Some("hostPathVolumes"), volumes),
    check("runAsNonRoot", 0, None, run_as_non_root),
    check("runAsUser", 23, None, run_as_user),
    check("seccompProfile_restricted", 19, Some("seccompProfile_baseline"), seccomp),
];

const fn check(id: &'static str, since: u32, overrides: Option<&'static str>, run: super::CheckFn) -> Check {
    Check { id, since, overrides, run }
}

/// Volume types of the restricted level, as the keys of a volume.
pub(crate) const ALLOWED_VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

fn allow_privilege_escalation(pod: &Subject<'_>) -> Option<Violation> {
    if pod.skips_windows() {
        return None;
    }
    pod.fault_containers(|_, context| {
        let allowed = context.and_then(|context| context.allow_privilege_escalation);
        (allowed != Some(false)).then_some(None)
    })
    .into_violation("allowPrivilegeEscalation", "allowPrivilegeEscalation != false")
}

fn capabilities(pod: &Subject<'_>) -> Option<Violation> {
    if pod.skips_windows() {
        return None;
    }
    pod.fault_containers(|_, context| {
        let Some(capabilities) = context.and_then(|context| context.capabilities.as_ref()) else {
            return Some(Vec::new());
        };
        let drops_all = capabilities.drop.iter().any(|name| name == "ALL");
        let added: Vec<String> = capabilities.add.iter().filter(|name| *name != "NET_BIND_SERVICE").cloned().collect();
        (!drops_all || !added.is_empty()).then_some(added)
    })
    .into_violation("capabilities_restricted", "unrestricted capabilities")
}

fn volumes(pod: &Subject<'_>) -> Option<Violation> {
    let mut fault = Fault::default();
    for volume in &pod.spec.volumes {
        if !volume.types.iter().any(|type_| ALLOWED_VOLUMES.contains(&type_.as_str())) {
            fault.culprits.push(format!("volume {:?}", volume.name));
            fault.values.insert(volume.types.first().map_or("unknown", String::as_str).to_owned());
        }
    }
    fault.into_violation("restrictedVolumes", "restricted volume types")
}

fn run_as_non_root(pod: &Subject<'_>) -> Option<Violation> {
    const REASON: &str = "runAsNonRoot != true";
    if pod.in_user_namespace() {
        return None;
    }
    let at_pod = pod.pod().and_then(|context| context.run_as_non_root);
    pod.fault_containers(|_, context| {
        let effective = context.and_then(|context| context.run_as_non_root).or(at_pod);
        (effective != Some(true)).then_some(None)
    })
    // An explicit false at the pod is refused even when every container says true.
    .pod((at_pod == Some(false)).then(String::new))
    .into_violation("runAsNonRoot", REASON)
}

fn run_as_user(pod: &Subject<'_>) -> Option<Violation> {
    if pod.in_user_namespace() {
        return None;
    }
    let at_pod = pod.pod().and_then(|context| context.run_as_user);
    pod.fault_containers(|_, context| (context?.run_as_user == Some(0)).then_some(None))
        .pod((at_pod == Some(0)).then(String::new))
        .into_violation("runAsUser", "runAsUser=0")
}

fn seccomp(pod: &Subject<'_>) -> Option<Violation> {
    if pod.skips_windows() {
        return None;
    }
    let at_pod = pod.pod().and_then(|context| context.seccomp_profile.as_ref());
    pod.fault_containers(|_, context| match context.and_then(|context| context.seccomp_profile.as_ref()) {
        Some(profile) => (!is_confined(profile)).then(|| Some(profile.type_.clone())),
        None => (!at_pod.is_some_and(is_confined)).then_some(None),
    })
    .pod(at_pod.filter(|profile| !is_confined(profile)).map(|profile| profile.type_.clone()))
    .into_violation("seccompProfile_restricted", "seccompProfile")
}
