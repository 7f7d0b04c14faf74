//! Developer errands: `cargo xtask bench`, `cargo xtask images`, `cargo xtask check`, `cargo xtask suite NAME`, `cargo xtask cluster up|down|test`.

mod bench;
mod cluster;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, bail};
use clap::Parser;

/// Developer errands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Errand {
    /// Measure speed and memory, each figure beside its bar
    Bench(bench::Arguments),
    /// Build both images, print sizes and digests, write the OCI bundle target/todo-images.tar
    Images {
        /// Passed on to deploy/images/build
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run everything that a change must pass
    Check,
    /// Run one end-to-end suite, such as `api`, `browser` or `chart`
    Suite {
        /// Name of the folder below e2e/
        name: String,
    },
    /// A one-node Kubernetes on this machine, and the end-to-end suite on it
    Cluster(cluster::Arguments),
}

fn main() -> ExitCode {
    match run(Errand::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(errand: Errand) -> anyhow::Result<()> {
    let root = root()?;
    match errand {
        Errand::Bench(arguments) => bench::run(arguments, &root),
        Errand::Images { arguments } => {
            let bundle = root.join("target/todo-images.tar");
            std::fs::create_dir_all(root.join("target"))?;
            let mut command = Command::new(root.join("deploy/images/build"));
            // A machine without a container registry bases the builder on its own packages and toolchain.
            if Command::new("buildah").arg("--version").output().is_ok() {
                command.args(["--engine", "buildah", "--local-builder"]);
            }
            call(command.arg("--oci").arg(bundle).args(arguments), &root)
        }
        Errand::Check => call(Command::new("bash").arg(".ci/run"), &root),
        Errand::Suite { name } => {
            let script = Path::new("e2e").join(&name).join("run");
            if !root.join(&script).is_file() {
                bail!("there is no suite `{name}`; the suites are the folders below e2e/");
            }
            call(Command::new("bash").arg(script), &root)
        }
        Errand::Cluster(arguments) => cluster::run(&root, arguments),
    }
}

/// The root of the checkout in which this runs, which need not be the one in which it was compiled.
fn root() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir()?;
    let is_root = |folder: &&Path| folder.join("Cargo.lock").is_file() && folder.join("crates/xtask").is_dir();
    here.ancestors()
        .find(is_root)
        .map(Path::to_path_buf)
        .with_context(|| format!("{} is in no checkout of this repository; run this in one", here.display()))
}

fn call(command: &mut Command, folder: &Path) -> anyhow::Result<()> {
    let status = command.current_dir(folder).status().with_context(|| format!("can't start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}
