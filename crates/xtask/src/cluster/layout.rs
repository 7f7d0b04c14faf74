//! Where a cluster of ours keeps what it needs, and the addresses it uses.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// Range of the pods.
pub const PODS: &str = "10.244.0.0/24";
/// Range of the Services.
pub const SERVICES: &str = "10.96.0.0/16";
/// Address of the API server's own Service, the first of the range.
pub const API_SERVICE: &str = "10.96.0.1";
/// Name of the only node.
pub const NODE: &str = "todo-node";

/// One cluster on this machine, by name.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The checkout.
    pub root: PathBuf,
    /// Everything that the cluster writes, apart from sockets.
    pub state: PathBuf,
    /// Sockets: their paths must be short.
    pub run: PathBuf,
    /// Built programs, shared by all clusters and checkouts.
    pub cache: PathBuf,
    /// Name of the network namespace, the cgroup and the network link.
    pub name: String,
    link: u8,
}

impl Layout {
    /// The cluster of that name, whether it exists or not.
    ///
    /// # Errors
    /// When the home folder is unknown, or the name is not short and plain.
    pub fn new(root: &Path, name: &str) -> anyhow::Result<Self> {
        if name.is_empty() || name.len() > 8 || !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
            anyhow::bail!("--name {name}: at most 8 small letters, because a network link is named after it");
        }
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let cache = match std::env::var_os("TODO_CI_CACHE") {
            Some(folder) => PathBuf::from(folder),
            None => match std::env::var_os("XDG_CACHE_HOME") {
                Some(folder) => PathBuf::from(folder).join("todo-ci"),
                None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".cache/todo-ci"),
            },
        };
        Ok(Self {
            root: root.to_path_buf(),
            state: root.join(target).join("cluster").join(name),
            run: PathBuf::from(format!("/run/{name}-cluster")),
            cache: cache.join("cluster"),
            name: format!("{name}-cluster"),
            // Different names get different networks on the host, mostly.
            link: name.bytes().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)),
        })
    }

    /// Address of the node, which is its end of the link.
    #[must_use]
    pub fn node_address(&self) -> String {
        format!("10.250.{}.2", self.link)
    }

    /// Address of this machine on the link.
    #[must_use]
    pub fn host_address(&self) -> String {
        format!("10.250.{}.1", self.link)
    }

    /// Administrator's access, for `KUBECONFIG`.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.state.join("kubeconfig")
    }

    /// File that stands for the network namespace.
    #[must_use]
    pub fn namespace(&self) -> PathBuf {
        Path::new("/run/netns").join(&self.name)
    }

    /// Socket of containerd.
    #[must_use]
    pub fn containerd(&self) -> PathBuf {
        self.run.join("containerd.sock")
    }

    /// Whether anything of this cluster is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.state.join("processes").exists() || self.run.exists() || self.namespace().exists()
    }
}
