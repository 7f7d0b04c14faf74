//! The checks of the baseline level.

use super::{Check, Fault, Subject, Violation};
use crate::model::{HttpGetAction, LifecycleHandler, Probe, Profile, SeLinuxOptions, TcpSocketAction};

/// Sorted by id, as the library orders its results.
pub(super) const CHECKS: &[Check] = &[
    check("appArmorProfile", 0, app_armor),
    check("capabilities_baseline", 0, capabilities),
    check("hostNamespaces", 0, host_namespaces),
    check("hostPathVolumes", 0, host_path_volumes),
    check("hostPorts", 0, host_ports),
    check("hostProbesAndHostLifecycle", 34, host_probes),
    check("privileged", 0, privileged),
    check("procMount", 0, proc_mount_baseline),
    check("seLinuxOptions", 0, se_linux),
    check("seccompProfile_baseline", 0, seccomp),
    check("sysctls", 0, sysctls),
    check("windowsHostProcess", 0, windows_host_process),
];

const fn check(id: &'static str, since: u32, run: super::CheckFn) -> Check {
    Check { id, since, overrides: None, run }
}

/// Capabilities that containers get anyway, or nearly.
pub(crate) const ALLOWED_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

const APP_ARMOR_ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Sysctls that are namespaced, and the minor version each is allowed since.
const SAFE_SYSCTLS: [(&str, u32); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

pub(super) fn is_confined(profile: &Profile) -> bool {
    matches!(profile.type_.as_str(), "RuntimeDefault" | "Localhost")
}

fn app_armor(pod: &Subject<'_>) -> Option<Violation> {
    let bad = |profile: Option<&Profile>| profile.filter(|p| !is_confined(p)).map(|p| p.type_.clone());
    let mut fault = pod
        .fault_containers(|_, context| bad(context.and_then(|c| c.app_armor_profile.as_ref())).map(Some))
        .pod(bad(pod.pod().and_then(|context| context.app_armor_profile.as_ref())));
    // The library counts the empty type as a value, so the plural is decided before filtering.
    let mut count = fault.values.len();
    for (key, value) in &pod.meta.annotations {
        let allowed = value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
        if key.starts_with(APP_ARMOR_ANNOTATION) && !allowed {
            fault.culprits.push(format!("annotation {key:?}"));
            fault.values.insert(format!("{key}={value:?}"));
            count += 1;
        }
    }
    let reason = if count == 1 { "forbidden AppArmor profile" } else { "forbidden AppArmor profiles" };
    fault.into_violation("appArmorProfile", reason)
}

fn capabilities(pod: &Subject<'_>) -> Option<Violation> {
    pod.fault_containers(|_, context| {
        let added = &context?.capabilities.as_ref()?.add;
        let bad: Vec<String> =
            added.iter().filter(|name| !ALLOWED_CAPABILITIES.contains(&name.as_str())).cloned().collect();
        (!bad.is_empty()).then_some(bad)
    })
    .into_violation("capabilities_baseline", "non-default capabilities")
}

fn host_namespaces(pod: &Subject<'_>) -> Option<Violation> {
    let mut fault = Fault::default();
    for (shared, name) in [
        (pod.spec.host_network, "hostNetwork=true"),
        (pod.spec.host_pid, "hostPID=true"),
        (pod.spec.host_ipc, "hostIPC=true"),
    ] {
        if shared {
            fault.culprits.push(name.to_owned());
        }
    }
    fault.into_violation("hostNamespaces", "host namespaces")
}

fn host_path_volumes(pod: &Subject<'_>) -> Option<Violation> {
    let mut fault = Fault::default();
    for volume in pod.spec.volumes.iter().filter(|volume| volume.host_path.is_some()) {
        fault.culprits.push(format!("volume {:?}", volume.name));
    }
    fault.into_violation("hostPathVolumes", "hostPath volumes")
}

fn host_ports(pod: &Subject<'_>) -> Option<Violation> {
    pod.fault_containers(|at, _| {
        let bad: Vec<String> = at
            .container
            .ports
            .iter()
            .filter_map(|port| port.host_port)
            .filter(|port| *port != 0)
            .map(|port| port.to_string())
            .collect();
        (!bad.is_empty()).then_some(bad)
    })
    .into_violation("hostPorts", "hostPort")
}

fn host_probes(pod: &Subject<'_>) -> Option<Violation> {
    pod.fault_containers(|at, _| {
        let bad = handler_hosts(at.container);
        (!bad.is_empty()).then_some(bad)
    })
    .into_violation("hostProbesAndHostLifecycle", "probe or lifecycle host")
}

/// Every non-empty `host` in probes and lifecycle handlers.
pub(crate) fn handler_hosts(container: &crate::model::Container) -> Vec<String> {
    let mut hosts = Vec::new();
    let mut take = |http: Option<&HttpGetAction>, tcp: Option<&TcpSocketAction>| {
        hosts.extend(http.map(|http| http.host.clone()));
        hosts.extend(tcp.map(|tcp| tcp.host.clone()));
    };
    let mut probe = |probe: Option<&Probe>| {
        if let Some(probe) = probe {
            take(probe.http_get.as_ref(), probe.tcp_socket.as_ref());
        }
    };
    probe(container.liveness_probe.as_ref());
    probe(container.readiness_probe.as_ref());
    probe(container.startup_probe.as_ref());
    let mut handler = |handler: Option<&LifecycleHandler>| {
        if let Some(handler) = handler {
            take(handler.http_get.as_ref(), handler.tcp_socket.as_ref());
        }
    };
    if let Some(lifecycle) = &container.lifecycle {
        handler(lifecycle.post_start.as_ref());
        handler(lifecycle.pre_stop.as_ref());
    }
    hosts.retain(|host| !host.is_empty());
    hosts
}

fn privileged(pod: &Subject<'_>) -> Option<Violation> {
    pod.fault_containers(|_, context| (context?.privileged == Some(true)).then_some(None))
        .into_violation("privileged", "privileged")
}

fn proc_mount_baseline(pod: &Subject<'_>) -> Option<Violation> {
    if pod.in_user_namespace() { None } else { proc_mount(pod, "procMount") }
}

pub(super) fn proc_mount(pod: &Subject<'_>, check: &'static str) -> Option<Violation> {
    pod.fault_containers(|_, context| context?.proc_mount.clone().filter(|mount| mount != "Default").map(Some))
        .into_violation(check, "procMount")
}

fn se_linux(pod: &Subject<'_>) -> Option<Violation> {
    let bad = |options: Option<&SeLinuxOptions>| bad_se_linux(options?, pod.since(31));
    pod.fault_containers(|_, context| bad(context.and_then(|c| c.se_linux_options.as_ref())).map(Some))
        .pod(bad(pod.pod().and_then(|context| context.se_linux_options.as_ref())))
        .into_violation("seLinuxOptions", "seLinuxOptions")
}

/// What is forbidden in SELinux options; `container_engine_t` is allowed since 1.31.
pub(crate) fn bad_se_linux(options: &SeLinuxOptions, engine_allowed: bool) -> Option<String> {
    let type_allowed = matches!(options.type_.as_str(), "" | "container_t" | "container_init_t" | "container_kvm_t")
        || (engine_allowed && options.type_ == "container_engine_t");
    let mut bad = Vec::new();
    if !type_allowed {
        bad.push(format!("type {:?}", options.type_));
    }
    if !options.user.is_empty() {
        bad.push("user may not be set".to_owned());
    }
    if !options.role.is_empty() {
        bad.push("role may not be set".to_owned());
    }
    (!bad.is_empty()).then(|| bad.join("; "))
}

fn seccomp(pod: &Subject<'_>) -> Option<Violation> {
    const CHECK: &str = "seccompProfile_baseline";
    if !pod.since(19) {
        return seccomp_annotations(pod).into_violation(CHECK, "seccompProfile");
    }
    let bad = |profile: Option<&Profile>| profile.filter(|p| !is_confined(p)).map(|p| p.type_.clone());
    pod.fault_containers(|_, context| bad(context.and_then(|c| c.seccomp_profile.as_ref())).map(Some))
        .pod(bad(pod.pod().and_then(|context| context.seccomp_profile.as_ref())))
        .into_violation(CHECK, "seccompProfile")
}

/// Before 1.19 seccomp was set by annotations.
fn seccomp_annotations(pod: &Subject<'_>) -> Fault {
    let mut fault = Fault::default();
    let mut judge = |key: String| {
        if let Some(value) = pod.meta.annotations.get(&key)
            && !matches!(value.as_str(), "runtime/default" | "docker/default")
            && !value.starts_with("localhost/")
        {
            fault.values.insert(format!("{key}={value:?}"));
            fault.culprits.push(format!("annotation {key:?}"));
        }
    };
    judge("seccomp.security.alpha.kubernetes.io/pod".to_owned());
    for at in pod.spec.all_containers() {
        judge(format!("container.seccomp.security.alpha.kubernetes.io/{}", at.container.name));
    }
    fault
}

fn sysctls(pod: &Subject<'_>) -> Option<Violation> {
    let mut fault = Fault::default();
    for sysctl in pod.pod().map(|context| context.sysctls.as_slice()).unwrap_or_default() {
        if !is_safe_sysctl(&sysctl.name, pod.version.minor) {
            fault.culprits.push(format!("sysctl {:?}", sysctl.name));
        }
    }
    fault.into_violation("sysctls", "forbidden sysctls")
}

/// Whether a sysctl is on the safe list of that minor version.
pub(crate) fn is_safe_sysctl(name: &str, minor: u32) -> bool {
    SAFE_SYSCTLS.iter().any(|(safe, since)| *safe == name && minor >= *since)
}

fn windows_host_process(pod: &Subject<'_>) -> Option<Violation> {
    let pod_level = pod.pod().and_then(|c| c.windows_options.as_ref()).and_then(|o| o.host_process);
    pod.fault_containers(|_, context| (context?.windows_options.as_ref()?.host_process == Some(true)).then_some(None))
        .pod((pod_level == Some(true)).then(String::new))
        .into_violation("windowsHostProcess", "hostProcess")
}
