//! A network of its own: a namespace without a default route, linked to this machine by one pair of interfaces.

use std::{fs, process::Command};

use super::{
    command::run,
    layout::{Layout, PODS, SERVICES},
};

/// Makes the namespace and the link, and describes the pods' network to containerd.
///
/// # Errors
/// When the kernel refuses, as without root; the message names the command.
pub fn make(layout: &Layout) -> anyhow::Result<()> {
    let name = &layout.name;
    let link = link_name(layout);
    let (host, node) = (format!("{}/30", layout.host_address()), format!("{}/30", layout.node_address()));
    ip(&["netns", "add", name])?;
    ip(&["link", "add", &link, "type", "veth", "peer", "name", "node0", "netns", name])?;
    ip(&["address", "add", &host, "dev", &link])?;
    ip(&["link", "set", &link, "up"])?;
    for arguments in [
        vec!["link", "set", "lo", "up"],
        vec!["address", "add", &node, "dev", "node0"],
        vec!["link", "set", "node0", "up"],
        // Only so that the node's own programs may send to a Service: kube-proxy rewrites the address before it leaves.
        vec!["route", "add", SERVICES, "dev", "node0"],
    ] {
        let mut all = vec!["-netns", name];
        all.extend(arguments);
        ip(&all)?;
    }
    inside(layout, "sysctl", &["-q", "-w", "net.ipv4.ip_forward=1"])?;
    let folder = layout.state.join("cni");
    fs::create_dir_all(&folder)?;
    // A route per pod, no bridge: then answers of one pod to another pass the node's address translation without br_netfilter.
    let network = serde_json::json!({
        "cniVersion": "1.0.0", "name": name,
        "plugins": [{
            "type": "ptp", "ipMasq": false,
            "ipam": { "type": "host-local", "ranges": [[{ "subnet": PODS }]], "routes": [{ "dst": "0.0.0.0/0" }],
                      "dataDir": layout.state.join("addresses") },
        }],
    });
    fs::write(folder.join("pods.conflist"), network.to_string())?;
    fs::write(layout.state.join("resolv.conf"), format!("nameserver {}\n", layout.node_address()))?;
    Ok(())
}

/// Removes the namespace, and with it the link.
pub fn remove(layout: &Layout) {
    if layout.namespace().exists() {
        report(ip(&["netns", "delete", &layout.name]));
    }
    // The kernel removes the link with the namespace, some time later.
    if fs::exists(format!("/sys/class/net/{}", link_name(layout))).unwrap_or(false) {
        ip(&["link", "delete", &link_name(layout)]).ok();
    }
}

fn report(result: anyhow::Result<String>) {
    if let Err(error) = result {
        eprintln!("{error:#}");
    }
}

fn link_name(layout: &Layout) -> String {
    format!("{}0", layout.name.replace("-cluster", "-kube"))
}

fn ip(arguments: &[&str]) -> anyhow::Result<String> {
    run(Command::new("ip").args(arguments))
}

/// Runs a short command inside the namespace.
///
/// # Errors
/// As [`run`].
pub fn inside(layout: &Layout, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    run(Command::new("nsenter").arg(format!("--net={}", layout.namespace().display())).arg(program).args(arguments))
}
