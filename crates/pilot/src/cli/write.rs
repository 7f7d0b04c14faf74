//! How changes are made, and the commands that make them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::words;
use crate::write::Mode;

/// How changes are made.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Changes")]
pub struct WriteArgs {
    /// read-only (default without a terminal), suggest, confirm (default), paranoid or auto
    #[arg(long, global = true, value_enum, env = "PILOT_MODE", value_name = "MODE")]
    pub mode: Option<Mode>,
    /// Answer yes to the plan that is made
    #[arg(long, short = 'y', global = true)]
    pub yes: bool,
    /// Answer yes to a plan that is destructive for this object; may be given several times
    #[arg(long, global = true, value_name = "NAME")]
    pub yes_delete: Vec<String>,
    /// Take the change back by itself when what comes of it is not well
    #[arg(long, global = true)]
    pub atomic: bool,
    /// Write the plan to this file instead of carrying it out; `approve` carries it out
    #[arg(long, global = true, value_name = "FILE")]
    pub save_plan: Option<PathBuf>,
    /// Most objects that one plan may change
    #[arg(long, global = true, default_value_t = 10, value_name = "N")]
    pub max_objects: usize,
    /// What mode auto may do (TOML)
    #[arg(long, global = true, env = "PILOT_ALLOW_LIST", value_name = "FILE")]
    pub allow_list: Option<PathBuf>,
    /// How long a change may take until it is well
    #[arg(long, global = true, default_value = "5m", value_parser = words::seconds, value_name = "TIME")]
    pub wait: u64,
    /// How long it must then stay well
    #[arg(long, global = true, default_value = "10s", value_parser = words::seconds, value_name = "TIME")]
    pub settle: u64,
    /// The audit log
    #[arg(long, global = true, env = "PILOT_AUDIT_LOG", value_name = "FILE")]
    pub audit_log: Option<PathBuf>,
}

/// `scale`.
#[derive(Debug, Args)]
pub struct Scale {
    /// Workload
    pub name: String,
    /// Number of replicas
    #[arg(long, short)]
    pub replicas: u32,
}

/// `restart`.
#[derive(Debug, Args)]
pub struct Restart {
    /// Workload
    pub name: String,
}

/// `undo`.
#[derive(Debug, Args)]
pub struct Undo {
    /// Deployment
    #[arg(required_unless_present = "plan")]
    pub name: Option<String>,
    /// Revision; the one before the current one when not given
    #[arg(long, conflicts_with = "plan")]
    pub to_revision: Option<i64>,
    /// Take back what pilot did with this plan: its hash, or the beginning of it
    #[arg(long, value_name = "HASH", conflicts_with = "name")]
    pub plan: Option<String>,
}

/// `set-image`.
#[derive(Debug, Args)]
pub struct SetImage {
    /// Workload
    pub name: String,
    /// `container=image`; the container may be left out when there is only one
    pub image: String,
}

/// `fix`.
#[derive(Debug, Args)]
pub struct Fix {
    /// `name` or `kind/name`; everything that is not well when not given
    pub name: Option<String>,
}

/// `delete`.
#[derive(Debug, Args)]
pub struct Delete {
    /// `kind/name`
    pub name: String,
}

/// `approve`.
#[derive(Debug, Args)]
pub struct Approve {
    /// The plan that `--save-plan` wrote
    pub file: PathBuf,
    /// Approve the plan with this hash, without being asked
    #[arg(long, value_name = "HASH")]
    pub hash: Option<String>,
}

/// `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    #[command(subcommand)]
    pub what: Option<AuditCommand>,
    /// Only the last entries
    #[arg(long, default_value_t = 20)]
    pub last: usize,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Follow the chain: was a line changed, removed, added or moved?
    Verify {
        /// The log must end with this hash, which was kept elsewhere
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Helm {
    /// Revisions of a release; without a name, all releases
    #[command(visible_alias = "list")]
    History {
        /// Release
        name: Option<String>,
    },
    /// State of a release and of its objects
    Status {
        /// Release
        name: String,
    },
    /// Compare every live object with the manifest of the release
    Verify {
        /// Release
        name: String,
    },
    /// Install a chart (needs the helm program)
    Install {
        /// Release
        name: String,
        #[command(flatten)]
        chart: ChartArgs,
    },
    /// Upgrade a release (needs the helm program)
    Upgrade {
        /// Release
        name: String,
        #[command(flatten)]
        chart: ChartArgs,
        /// Start from the values of the release
        #[arg(long)]
        reuse_values: bool,
    },
    /// Go back to an earlier revision (needs the helm program)
    Rollback {
        /// Release
        name: String,
        /// Revision; the last good one when not given
        revision: Option<u32>,
    },
    /// Remove a release and its objects (needs the helm program)
    Uninstall {
        /// Release
        name: String,
    },
    /// Free a release that is stuck in pending-install, pending-upgrade or pending-rollback
    Unlock {
        /// Release
        name: String,
    },
}

/// A chart and its values.
#[derive(Debug, Clone, Args)]
pub struct ChartArgs {
    /// Folder, archive or reference
    pub chart: String,
    /// Version of the chart
    #[arg(long)]
    pub version: Option<String>,
    /// Values: key=value
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Values files
    #[arg(long, value_name = "FILE")]
    pub values: Vec<String>,
}
