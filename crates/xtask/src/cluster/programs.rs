//! The programs that the cluster is made of: Go modules pinned in `e2e/cluster`, built once into the cache, and Debian packages.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use super::{command::run, layout::Layout};

/// Programs of this machine, each with the Debian package that brings it.
const MACHINE: [(&str, &str); 8] = [
    ("ip", "iproute2"),
    ("nsenter", "util-linux"),
    ("nft", "nftables"),
    ("conntrack", "conntrack"),
    ("runc", "runc"),
    ("buildah", "buildah"),
    ("mmdebstrap", "mmdebstrap"),
    ("musl-gcc", "musl-tools"),
];
const CNI_PLUGINS: &str = "/usr/lib/cni";

/// Where each built program is.
#[derive(Clone, Debug)]
pub struct Programs {
    node: PathBuf,
    runtime: PathBuf,
    dns: PathBuf,
}

impl Programs {
    /// The folder of the CNI plugins.
    pub const CNI: &str = CNI_PLUGINS;

    /// Finds the programs; builds those that this machine has not built yet.
    ///
    /// # Errors
    /// One line with the remedy when a program of the machine is missing, or the end of what a failed build printed.
    pub fn ensure(layout: &Layout) -> anyhow::Result<Self> {
        let missing: Vec<&str> =
            MACHINE.iter().filter(|(program, _)| which(program).is_none()).map(|(_, package)| *package).collect();
        if !missing.is_empty() {
            bail!("programs are missing; install them: apt-get install {}", missing.join(" "));
        }
        if !Path::new(CNI_PLUGINS).join("ptp").exists() {
            bail!("{CNI_PLUGINS}/ptp is missing; install it: apt-get install containernetworking-plugins");
        }
        let version = "k8s.io/component-base/version";
        let node_flags = format!(
            "-s -w -X {version}.gitVersion=v1.36.3 -X {version}.gitMajor=1 -X {version}.gitMinor=36 -X {version}.gitTreeState=clean"
        );
        Ok(Self {
            node: build(layout, "node", &node_flags, &["."])?,
            runtime: build(layout, "runtime", "-s -w", &["tool"])?,
            dns: build(layout, "dns", "-s -w", &["tool"])?,
        })
    }

    /// One of Kubernetes' programs: the file that acts as all of them, with its name as first argument.
    #[must_use]
    pub fn kubernetes(&self, program: &str) -> Vec<String> {
        vec![text(&self.node.join("node")), program.to_owned()]
    }

    /// etcd, whose module builds it under the name of its folder.
    #[must_use]
    pub fn etcd(&self) -> String {
        text(&self.runtime.join("server"))
    }

    /// A program of containerd.
    #[must_use]
    pub fn containerd(&self, program: &str) -> String {
        text(&self.runtime.join(program))
    }

    /// The folder where containerd finds its shim.
    #[must_use]
    pub fn runtime_folder(&self) -> &Path {
        &self.runtime
    }

    /// CoreDNS.
    #[must_use]
    pub fn coredns(&self) -> String {
        text(&self.dns.join("coredns"))
    }
}

/// Helm: that of `e2e/chart/tools`, else this machine's, else built.
///
/// # Errors
/// When it can't be built.
pub fn helm(layout: &Layout) -> anyhow::Result<String> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home.join(".cache"), PathBuf::from);
    let tools = std::env::var_os("TODO_TOOLS").map_or_else(|| cache.join("todo-tools"), PathBuf::from);
    let built = layout.cache.join("helm-v4.2.4");
    if let Some(helm) = [tools.join("bin/helm4"), built.join("helm")].into_iter().find(|helm| helm.exists()) {
        return Ok(text(&helm));
    }
    if let Some(helm) = which("helm") {
        return Ok(text(&helm));
    }
    eprintln!("building helm (minutes, once per machine)");
    run(Command::new("go")
        .args(["install", "-trimpath", "-ldflags=-s -w", "helm.sh/helm/v4/cmd/helm@v4.2.4"])
        .env("CGO_ENABLED", "0")
        .env("GOBIN", &built))?;
    Ok(text(&built.join("helm")))
}

/// The program's path, as a shell would find it.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

/// Builds one of the pinned modules unless the cache has it, and answers the folder of its programs.
fn build(layout: &Layout, module: &str, flags: &str, packages: &[&str]) -> anyhow::Result<PathBuf> {
    let source = layout.root.join("e2e/cluster").join(module);
    let mut digest = Sha256::new();
    let mut files: Vec<PathBuf> = fs::read_dir(&source)
        .with_context(|| format!("can't read {}", source.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    for file in files {
        digest.update(fs::read(file)?);
    }
    digest.update(flags);
    let key: String = digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let folder = layout.cache.join(format!("{module}-{key}"));
    if folder.exists() {
        return Ok(folder);
    }
    if which("go").is_none() {
        bail!("go was not found, and the cluster's programs are not built yet; install Go 1.26");
    }
    eprintln!("building the programs of e2e/cluster/{module} (minutes, once per machine)");
    let unfinished = layout.cache.join(format!("{module}-{key}.{}", std::process::id()));
    fs::create_dir_all(&unfinished)?;
    let mut go = Command::new("go");
    go.args(["install", "-trimpath", "-buildvcs=false", "-ldflags", flags]).args(packages);
    go.env("CGO_ENABLED", "0").env("GOBIN", &unfinished).current_dir(&source);
    // An API server built with Go 1.27 serves a broken OpenAPI document.
    if !run(Command::new("go").arg("version"))?.contains(" go1.26") {
        go.env("GOTOOLCHAIN", "go1.26.8");
    }
    let built = run(&mut go);
    if let Err(error) = built {
        fs::remove_dir_all(&unfinished).ok();
        return Err(error);
    }
    fs::rename(&unfinished, &folder)?;
    Ok(folder)
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
