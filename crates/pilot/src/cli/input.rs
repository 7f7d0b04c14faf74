//! Which cluster, which files.

use std::path::PathBuf;

use clap::Args;

/// The input; a live cluster when no file is given.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// Manifests: files, folders, `-` for standard input
    #[arg(long, short = 'f', global = true, value_name = "PATH")]
    pub filename: Vec<PathBuf>,
    /// A snapshot that `record --snapshot` wrote
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "filename")]
    pub from_snapshot: Option<PathBuf>,
    #[command(flatten)]
    pub cluster: ClusterArgs,
}

/// The live cluster.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Cluster")]
pub struct ClusterArgs {
    /// Namespace; all when not given
    #[arg(long, short = 'n', global = true, value_name = "NAME")]
    pub namespace: Option<String>,
    /// All namespaces (the default)
    #[arg(long, short = 'A', global = true, conflicts_with = "namespace")]
    pub all_namespaces: bool,
    /// Context of the kubeconfig
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// Kubeconfig file
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Act as this user
    #[arg(long = "as", global = true, value_name = "USER")]
    pub impersonate: Option<String>,
}
