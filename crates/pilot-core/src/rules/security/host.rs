//! The host's namespaces, ports and files: SEC-014, 015, 016, 019, 020, 021.

use serde_json::{Value, json};

use super::STANDARDS;
use crate::finding::Severity::{Critical, High, Medium};
use crate::model::Volume;
use crate::pss::{ALLOWED_VOLUMES, handler_hosts};
use crate::rules::scan::Scan;
use crate::rules::{Rule, Workload};
use crate::snapshot::KubeVersion;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "SEC-014",
        High,
        "Shares a namespace of the host",
        "Remove hostNetwork, hostPID or hostIPC.",
        STANDARDS,
        namespaces,
    ),
    Rule::new(
        "SEC-015",
        High,
        "Port of the host",
        "Remove hostPort; a Service exposes the pod.",
        STANDARDS,
        host_ports,
    ),
    Rule::new(
        "SEC-016",
        High,
        "Files of the host",
        "Use a PersistentVolumeClaim or an emptyDir; where the host's file is really needed, mount it readOnly.",
        STANDARDS,
        host_paths,
    )
    .no_patch("what the program keeps there must be moved first"),
    Rule::new(
        "SEC-019",
        Medium,
        "Volume type outside the restricted level",
        "Use a claim, csi, configMap, secret, projected or emptyDir volume.",
        STANDARDS,
        volume_types,
    )
    .no_patch("the data must be moved to another type of volume"),
    Rule::new(
        "SEC-020",
        Medium,
        "Probe or hook of another host",
        "Remove host: the kubelet then asks the pod itself.",
        STANDARDS,
        probe_hosts,
    ),
    Rule::new(
        "SEC-021",
        High,
        "Windows host process",
        "Set windowsOptions.hostProcess to false.",
        STANDARDS,
        host_process,
    ),
];

fn namespaces(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        let spec = workload.spec;
        for (shared, field, what) in [
            (spec.host_network, "hostNetwork", "network"),
            (spec.host_pid, "hostPID", "processes"),
            (spec.host_ipc, "hostIPC", "shared memory"),
        ] {
            if shared {
                scan.workload(workload, format!("shares the {what} of the node: {field} is true"))
                    .field(field)
                    .patch(workload.pod_patch(json!({ field: false })));
            }
        }
    }
}

fn host_ports(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            for (index, port) in at.container.ports.iter().enumerate() {
                let Some(host_port) = port.host_port.filter(|port| *port != 0) else { continue };
                let severity = if host_port < 1024 { Critical } else { High };
                let hit = scan
                    .container(workload, &at, format!("takes port {host_port} of every node it runs on"))
                    .severity(severity)
                    .field(&format!("ports[{index}].hostPort"));
                if workload.spec.host_network {
                    // With hostNetwork the API server copies containerPort here.
                    hit.patch(workload.pod_patch(json!({ "hostNetwork": false, at.list(): [
                        { "name": at.container.name, "ports": [{ "containerPort": port.container_port, "hostPort": null }] }] })));
                } else {
                    hit.patch(workload.container_patch(
                        &at,
                        json!({ "ports": [{ "containerPort": port.container_port, "hostPort": null }] }),
                    ));
                }
            }
        }
    }
}

const SENSITIVE: [&str; 10] =
    ["/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr", "/var/lib/docker", "/var/lib/kubelet", "/root"];
const SOCKETS: [&str; 3] = ["docker.sock", "containerd.sock", "crio.sock"];

fn is_critical_path(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    path.is_empty()
        || SOCKETS.iter().any(|socket| path.ends_with(socket))
        || SENSITIVE.iter().any(|dir| path == *dir || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/')))
}

fn host_paths(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for (index, volume) in workload.spec.volumes.iter().enumerate() {
            let Some(host) = &volume.host_path else { continue };
            let writable = is_writable(workload, volume);
            let severity = match (is_critical_path(&host.path), writable) {
                (true, _) => Critical,
                (false, true) => High,
                (false, false) => Medium,
            };
            let access = if writable { "read and write" } else { "read" };
            scan.workload(workload, format!("can {access} {} of the node", host.path))
                .severity(severity)
                .field(&format!("volumes[{index}].hostPath"));
        }
    }
}

/// A volume that nothing mounts counts as writable: someone is about to mount it.
fn is_writable(workload: &Workload<'_>, volume: &Volume) -> bool {
    let mut mounts = workload
        .spec
        .all_containers()
        .flat_map(|at| &at.container.volume_mounts)
        .filter(|mount| mount.name == volume.name)
        .peekable();
    mounts.peek().is_none() || mounts.any(|mount| !mount.read_only)
}

fn volume_types(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for (index, volume) in workload.spec.volumes.iter().enumerate() {
            let allowed = |type_: &String| ALLOWED_VOLUMES.contains(&type_.as_str());
            if let Some(type_) = volume.types.first()
                && !volume.types.iter().any(allowed)
            {
                scan.workload(workload, format!("volume {:?} is of type {type_}", volume.name))
                    .field(&format!("volumes[{index}]"));
            }
        }
    }
}

fn probe_hosts(scan: &mut Scan<'_>) {
    if scan.ctx.version < KubeVersion::new(34) {
        return;
    }
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            let hosts = handler_hosts(at.container);
            if hosts.is_empty() {
                continue;
            }
            let mut body = json!({});
            let mut place = "lifecycle".to_owned();
            for (probe, name) in [
                (&at.container.liveness_probe, "livenessProbe"),
                (&at.container.readiness_probe, "readinessProbe"),
                (&at.container.startup_probe, "startupProbe"),
            ] {
                if let Some(probe) = probe {
                    body[name] = unset_host(probe.http_get.is_some(), probe.tcp_socket.is_some());
                    let http = probe.http_get.as_ref().is_some_and(|http| !http.host.is_empty());
                    let tcp = probe.tcp_socket.as_ref().is_some_and(|tcp| !tcp.host.is_empty());
                    if http || tcp {
                        place = format!("{name}.{}.host", if http { "httpGet" } else { "tcpSocket" });
                    }
                }
            }
            if let Some(lifecycle) = &at.container.lifecycle {
                for (hook, name) in [(&lifecycle.post_start, "postStart"), (&lifecycle.pre_stop, "preStop")] {
                    if let Some(hook) = hook {
                        body["lifecycle"][name] = unset_host(hook.http_get.is_some(), hook.tcp_socket.is_some());
                    }
                }
            }
            scan.container(workload, &at, format!("makes the kubelet connect to {}", hosts.join(", ")))
                .field(&place)
                .patch(workload.container_patch(&at, body));
        }
    }
}

fn unset_host(http: bool, tcp: bool) -> Value {
    let mut body = json!({});
    if http {
        body["httpGet"] = json!({ "host": null });
    }
    if tcp {
        body["tcpSocket"] = json!({ "host": null });
    }
    body
}

fn host_process(scan: &mut Scan<'_>) {
    let reset = json!({ "securityContext": { "windowsOptions": { "hostProcess": false } } });
    for workload in scan.workloads() {
        let pod = workload.spec.security_context.as_ref().and_then(|context| context.windows_options.as_ref());
        if pod.is_some_and(|options| options.host_process == Some(true)) {
            scan.workload(workload, "runs as a process of the Windows host")
                .field("securityContext.windowsOptions.hostProcess")
                .patch(workload.pod_patch(reset.clone()));
        }
        for at in workload.spec.all_containers() {
            let own = at.container.security_context.as_ref().and_then(|context| context.windows_options.as_ref());
            if own.is_some_and(|options| options.host_process == Some(true)) {
                scan.container(workload, &at, "runs as a process of the Windows host")
                    .field("securityContext.windowsOptions.hostProcess")
                    .patch(workload.container_patch(&at, reset.clone()));
            }
        }
    }
}
