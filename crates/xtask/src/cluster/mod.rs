//! `cargo xtask cluster`: a one-node Kubernetes on this machine, and the end-to-end suite on it or on any other cluster.

mod access;
mod command;
mod images;
mod kernel;
mod layout;
mod load;
mod network;
mod node;
mod pilot;
mod pki;
mod process;
mod programs;
mod storage;
mod suite;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use access::Access;
use layout::Layout;
use programs::Programs;

/// What to do with the cluster.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Name of the cluster: several may run beside each other
    #[arg(long, global = true, default_value = "todo")]
    name: String,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Bring the cluster up and load this commit's images into it (root; the first time builds Kubernetes)
    Up {
        /// Take the images todo-backend and todo-frontend with this tag, which buildah has, instead of building them
        #[arg(long)]
        tag: Option<String>,
    },
    /// Remove the cluster and everything it made, also one that is only half up
    Down,
    /// Write the images that the suite needs as archives, for another cluster
    Images {
        /// Folder to write to
        #[arg(long)]
        folder: PathBuf,
    },
    /// Run the end-to-end suite, on the cluster that is up or on that of --kubeconfig
    Test(Test),
}

#[derive(Debug, Args)]
struct Test {
    /// Only the tests whose name contains this
    #[arg(default_value = "")]
    filter: String,
    /// Another cluster, with the images of `cargo xtask cluster images` in its registry
    #[arg(long, env = "KUBECONFIG")]
    kubeconfig: Option<PathBuf>,
    /// Registry that this other cluster pulls the images from
    #[arg(long, requires = "kubeconfig", default_value = "")]
    registry: String,
    /// Tag of the images in that registry
    #[arg(long, requires = "kubeconfig")]
    tag: Option<String>,
    /// Address at which that cluster's NodePorts answer
    #[arg(long, requires = "kubeconfig")]
    node: Option<String>,
}

/// Does it.
///
/// # Errors
/// What failed, and the remedy.
pub fn run(root: &Path, arguments: Arguments) -> anyhow::Result<()> {
    let layout = Layout::new(root, &arguments.name)?;
    match arguments.action {
        Action::Up { tag } => up(&layout, tag.as_deref()),
        Action::Images { folder } => {
            let images = images::ensure(&layout, &folder, None)?;
            for archive in &images.archives {
                println!("{}", archive.display());
            }
            println!("--tag {}", images.tag);
            Ok(())
        }
        Action::Test(test) => suite::run(&access(&layout, &test)?, &test.filter),
        Action::Down => {
            down(&layout);
            Ok(())
        }
    }
}

fn up(layout: &Layout, tag: Option<&str>) -> anyhow::Result<()> {
    if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) != 0) {
        bail!("a cluster needs root: it makes a network namespace and containers");
    }
    if layout.exists() {
        bail!("a cluster is up, or half up, in {}; remove it: cargo xtask cluster down", layout.state.display());
    }
    let programs = Programs::ensure(layout)?;
    fs::create_dir_all(&layout.state).with_context(|| format!("can't make {}", layout.state.display()))?;
    let images = images::ensure(layout, &layout.state.join("images"), tag)?;
    fs::create_dir_all(&layout.run)?;
    let started = Instant::now();
    kernel::save_settings(layout)?;
    network::make(layout)?;
    pki::make(layout)?;
    node::start_all(layout, &programs)?;
    println!("node Ready after {:.1} s", started.elapsed().as_secs_f64());
    images::import(layout, &programs, &images)?;
    fs::write(layout.state.join("tag"), &images.tag)?;
    storage::make(layout, &programs)?;
    println!("images loaded after {:.1} s", started.elapsed().as_secs_f64());
    println!("export KUBECONFIG={}", layout.kubeconfig().display());
    Ok(())
}

/// The cluster to test: ours unless another is named.
fn access(layout: &Layout, test: &Test) -> anyhow::Result<Access> {
    let helm = programs::helm(layout)?;
    if let Some(kubeconfig) = test.kubeconfig.as_ref().filter(|path| **path != layout.kubeconfig()) {
        return Ok(Access {
            root: layout.root.clone(),
            kubeconfig: kubeconfig.clone(),
            kubectl: vec!["kubectl".to_owned()],
            helm,
            registry: test.registry.clone(),
            tag: test.tag.clone().context("--tag is missing: the tag of the images in the registry")?,
            node: test.node.clone().context("--node is missing: the address at which NodePorts answer")?,
            containerd: None,
        });
    }
    let tag =
        fs::read_to_string(layout.state.join("tag")).with_context(|| "no cluster is up: cargo xtask cluster up")?;
    let programs = Programs::ensure(layout)?;
    Ok(Access {
        root: layout.root.clone(),
        kubeconfig: layout.kubeconfig(),
        kubectl: programs.kubernetes("kubectl"),
        helm,
        registry: String::new(),
        tag,
        node: layout.node_address(),
        containerd: Some(images::ctr(layout, &programs)),
    })
}

fn down(layout: &Layout) {
    // Programs that would start others again go first.
    for name in ["kubelet", "kube-controller-manager", "kube-scheduler"] {
        process::stop(layout, name);
    }
    kernel::remove_cgroups(&layout.name);
    for name in ["containerd", "kube-proxy", "coredns", "kube-apiserver", "etcd"] {
        process::stop(layout, name);
    }
    process::stop_leftovers(layout);
    kernel::unmount(layout);
    network::remove(layout);
    kernel::restore_settings(layout);
    for folder in [&layout.state, &layout.run] {
        if let Err(error) = fs::remove_dir_all(folder)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            eprintln!("can't remove {}: {error}", folder.display());
        }
    }
}
