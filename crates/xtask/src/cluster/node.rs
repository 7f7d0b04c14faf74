//! The node: every program of Kubernetes with its settings, in the order in which they start.

use std::{fs, process::Command, time::Duration};

use serde_json::json;

use super::{
    command::run,
    kernel,
    layout::{Layout, NODE, PODS, SERVICES},
    process::{start, wait_for},
    programs::Programs,
};

/// What the slowest machine may take for one program.
const PATIENCE: Duration = Duration::from_secs(120);

/// Starts all programs and waits until the node is Ready.
///
/// # Errors
/// The program that does not become ready, with the end of its log.
pub fn start_all(layout: &Layout, programs: &Programs) -> anyhow::Result<()> {
    start_storage(layout, programs)?;
    start_containerd(layout, programs)?;
    start_api(layout, programs)?;
    wait_for(layout, "kube-apiserver", PATIENCE, || kubectl(layout, programs, &["get", "--raw", "/readyz"]).is_ok())?;
    start_controllers(layout, programs)?;
    start_kubelet(layout, programs)?;
    start_proxy(layout, programs)?;
    start_dns(layout, programs)?;
    wait_for(layout, "kubelet", PATIENCE, || {
        kubectl(layout, programs, &["wait", "--for=condition=Ready", &format!("node/{NODE}"), "--timeout=2s"]).is_ok()
    })?;
    wait_for(layout, "kube-controller-manager", PATIENCE, || {
        kubectl(layout, programs, &["get", "serviceaccount", "default"]).is_ok()
    })
}

/// `kubectl` as the cluster's administrator.
///
/// # Errors
/// As [`run`].
pub fn kubectl(layout: &Layout, programs: &Programs, arguments: &[&str]) -> anyhow::Result<String> {
    let program = programs.kubernetes("kubectl");
    run(Command::new(&program[0]).args(&program[1..]).args(arguments).env("KUBECONFIG", layout.kubeconfig()))
}

fn start_storage(layout: &Layout, programs: &Programs) -> anyhow::Result<()> {
    let arguments = [
        programs.etcd(),
        format!("--data-dir={}", layout.state.join("etcd").display()),
        "--listen-client-urls=http://127.0.0.1:2379".to_owned(),
        "--advertise-client-urls=http://127.0.0.1:2379".to_owned(),
        "--listen-peer-urls=http://127.0.0.1:2380".to_owned(),
        // The data are thrown away with the cluster.
        "--unsafe-no-fsync=true".to_owned(),
        "--log-level=warn".to_owned(),
    ];
    start(layout, "etcd", &arguments, None)
}

fn start_containerd(layout: &Layout, programs: &Programs) -> anyhow::Result<()> {
    let config = format!(
        r#"version = 3
root = "{state}/containerd"
state = "{run}/containerd"
disabled_plugins = ["io.containerd.nri.v1.nri"]
[grpc]
address = "{socket}"
[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "localhost/pause:1"
[plugins."io.containerd.cri.v1.runtime"]
restrict_oom_score_adj = true
disable_apparmor = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
SystemdCgroup = false
[plugins."io.containerd.cri.v1.runtime".cni]
bin_dir = "{cni}"
conf_dir = "{state}/cni"
"#,
        state = layout.state.display(),
        run = layout.run.display(),
        socket = layout.containerd().display(),
        cni = Programs::CNI,
    );
    let file = layout.state.join("containerd.toml");
    fs::write(&file, config)?;
    let arguments = [programs.containerd("containerd"), format!("--config={}", file.display())];
    start(layout, "containerd", &arguments, Some(programs.runtime_folder()))?;
    wait_for(layout, "containerd", PATIENCE, || layout.containerd().exists())
}

fn start_api(layout: &Layout, programs: &Programs) -> anyhow::Result<()> {
    let pki = layout.state.join("pki").display().to_string();
    let node = layout.node_address();
    let mut arguments = programs.kubernetes("kube-apiserver");
    arguments.extend([
        "--etcd-servers=http://127.0.0.1:2379".to_owned(),
        format!("--advertise-address={node}"),
        format!("--service-cluster-ip-range={SERVICES}"),
        "--authorization-mode=Node,RBAC".to_owned(),
        "--enable-admission-plugins=NodeRestriction".to_owned(),
        format!("--client-ca-file={pki}/ca.crt"),
        format!("--tls-cert-file={pki}/apiserver.crt"),
        format!("--tls-private-key-file={pki}/apiserver.key"),
        format!("--kubelet-certificate-authority={pki}/ca.crt"),
        format!("--kubelet-client-certificate={pki}/admin.crt"),
        format!("--kubelet-client-key={pki}/admin.key"),
        "--kubelet-preferred-address-types=InternalIP".to_owned(),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={pki}/service-account.pub"),
        format!("--service-account-signing-key-file={pki}/service-account.key"),
        format!("--requestheader-client-ca-file={pki}/ca.crt"),
        "--requestheader-allowed-names=front-proxy".to_owned(),
        "--requestheader-username-headers=X-Remote-User".to_owned(),
        "--requestheader-group-headers=X-Remote-Group".to_owned(),
        "--requestheader-extra-headers-prefix=X-Remote-Extra-".to_owned(),
        format!("--proxy-client-cert-file={pki}/front-proxy.crt"),
        format!("--proxy-client-key-file={pki}/front-proxy.key"),
        "--profiling=false".to_owned(),
    ]);
    start(layout, "kube-apiserver", &arguments, None)
}

fn start_controllers(layout: &Layout, programs: &Programs) -> anyhow::Result<()> {
    let pki = layout.state.join("pki").display().to_string();
    let kubeconfig = |client: &str| format!("--kubeconfig={}/{client}.kubeconfig", layout.state.display());
    let mut manager = programs.kubernetes("kube-controller-manager");
    manager.extend([
        kubeconfig("controller-manager"),
        "--leader-elect=false".to_owned(),
        format!("--root-ca-file={pki}/ca.crt"),
        format!("--service-account-private-key-file={pki}/service-account.key"),
        format!("--cluster-signing-cert-file={pki}/ca.crt"),
        format!("--cluster-signing-key-file={pki}/ca.key"),
        "--use-service-account-credentials=true".to_owned(),
        "--horizontal-pod-autoscaler-sync-period=5s".to_owned(),
        "--horizontal-pod-autoscaler-cpu-initialization-period=20s".to_owned(),
        "--profiling=false".to_owned(),
    ]);
    start(layout, "kube-controller-manager", &manager, None)?;
    let mut scheduler = programs.kubernetes("kube-scheduler");
    scheduler.extend([kubeconfig("scheduler"), "--leader-elect=false".to_owned(), "--profiling=false".to_owned()]);
    start(layout, "kube-scheduler", &scheduler, None)
}

fn start_kubelet(layout: &Layout, programs: &Programs) -> anyhow::Result<()> {
    let pki = layout.state.join("pki");
    let config = json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "address": layout.node_address(),
        "authentication": {
            "anonymous": { "enabled": false }, "webhook": { "enabled": true },
            "x509": { "clientCAFile": pki.join("ca.crt") } },
        "authorization": { "mode": "Webhook" },
        "tlsCertFile": pki.join("kubelet-server.crt"), "tlsPrivateKeyFile": pki.join("kubelet-server.key"),
        "containerRuntimeEndpoint": format!("unix://{}", layout.containerd().display()),
        "cgroupDriver": "cgroupfs", "cgroupRoot": format!("/{}", layout.name), "failCgroupV1": false,
        "failSwapOn": false, "makeIPTablesUtilChains": false, "localStorageCapacityIsolation": true,
        "clusterDomain": "cluster.local", "clusterDNS": [layout.node_address()],
        "resolvConf": layout.state.join("resolv.conf"),
        "podLogsDir": layout.state.join("pod-logs"), "volumePluginDir": layout.state.join("volume-plugins"),
        // The machine's disk is shared with everything else on it: only a truly full one counts.
        "evictionHard": { "memory.available": "64Mi", "nodefs.available": "256Mi", "imagefs.available": "256Mi" },
        "imageGCHighThresholdPercent": 100, "serializeImagePulls": false,
    });
    let file = layout.state.join("kubelet.json");
    fs::write(&file, config.to_string())?;
    kernel::make_cgroups(&layout.name)?;
    let mut arguments = programs.kubernetes("kubelet");
    arguments.extend([
        format!("--config={}", file.display()),
        format!("--kubeconfig={}", layout.state.join("kubelet.kubeconfig").display()),
        format!("--root-dir={}", layout.state.join("kubelet").display()),
        format!("--cert-dir={}", pki.display()),
        format!("--hostname-override={NODE}"),
        format!("--node-ip={}", layout.node_address()),
    ]);
    start(layout, "kubelet", &arguments, None)
}

fn start_proxy(layout: &Layout, programs: &Programs) -> anyhow::Result<()> {
    let config = json!({
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration",
        "mode": "nftables", "clusterCIDR": PODS, "hostnameOverride": NODE,
        "clientConnection": { "kubeconfig": layout.state.join("proxy.kubeconfig") },
        // Limits of the whole machine, which are not ours to change.
        "conntrack": { "maxPerCore": 0, "min": 0 },
        "nodePortAddresses": [format!("{}/32", layout.node_address())],
    });
    let file = layout.state.join("kube-proxy.json");
    fs::write(&file, config.to_string())?;
    let mut arguments = programs.kubernetes("kube-proxy");
    arguments.push(format!("--config={}", file.display()));
    start(layout, "kube-proxy", &arguments, None)
}

/// Names inside the cluster, on the node's own address: no pod, no image, and ready with the node.
fn start_dns(layout: &Layout, programs: &Programs) -> anyhow::Result<()> {
    let config = format!(
        ".:53 {{\n  bind {}\n  errors\n  kubernetes cluster.local in-addr.arpa {{\n    kubeconfig {}\n    ttl 5\n  }}\n}}\n",
        layout.node_address(),
        layout.kubeconfig().display()
    );
    let file = layout.state.join("Corefile");
    fs::write(&file, config)?;
    start(layout, "coredns", &[programs.coredns(), format!("-conf={}", file.display())], None)
}
