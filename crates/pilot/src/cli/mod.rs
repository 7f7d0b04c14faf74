//! The command line.

mod input;
mod model;
mod words;
mod write;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pilot_core::finding::Severity;
use pilot_core::rightsize::Strategy;

use crate::report::Format;

pub use input::{ClusterArgs, InputArgs};
pub use model::ModelArgs;
pub use write::{
    Approve, Audit, AuditCommand, ChartArgs, Delete, Fix, Helm, Restart, Scale, SetImage, Undo, WriteArgs,
};

/// Analyses Kubernetes clusters and manifests: what is wrong, why, and how to put it right.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl-pilot",
    bin_name = "kubectl pilot",
    version,
    max_term_width = 110,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub write: WriteArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// How to answer.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Output format
    #[arg(long, short = 'o', visible_alias = "output", global = true, value_enum, default_value_t, ignore_case = true)]
    pub format: Format,
    /// Write to this file instead of standard output
    #[arg(long, global = true, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 1 when a finding of this severity or worse is there
    #[arg(long, global = true, default_value = "high", value_name = "SEVERITY")]
    pub fail_on: Severity,
    /// Show findings of this severity and worse only
    #[arg(long, global = true, default_value = "info", value_name = "SEVERITY")]
    pub severity: Severity,
    /// Print what a sentence means, and do nothing
    #[arg(long, global = true)]
    pub explain_intent: bool,
    /// Never use colours (also NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// Which rules, and how strictly.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Settings (YAML): profile, suppressions, allowed registries, …
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What the cluster is for: local, production or strict
    #[arg(long, value_enum, value_name = "PROFILE")]
    pub profile: Option<ProfileArg>,
    /// Rules that don't count, by id; may be given several times
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Also report on system namespaces
    #[arg(long)]
    pub include_system: bool,
    /// List what is suppressed, too
    #[arg(long)]
    pub show_suppressed: bool,
    /// Judge by the rules of this Kubernetes version, such as 1.34
    #[arg(long, value_name = "VERSION", alias = "pss-version")]
    pub kubernetes_version: Option<String>,
    /// Report only what a saved baseline does not have
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
}

/// See [`pilot_core::config::Profile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProfileArg {
    /// A laptop: one node, NodePorts and one replica are fine
    Local,
    /// The default
    Production,
    /// Production, and every opt-in rule
    Strict,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find what is wrong: health, security, reliability, efficiency, networking
    #[command(subcommand)]
    Analyze(Analyze),
    /// Recommend requests and limits from measured usage
    #[command(subcommand)]
    Optimize(Optimize),
    /// Name the cause of a failure or a bottleneck
    #[command(subcommand)]
    Diagnose(Diagnose),
    /// Security of workloads, permissions and namespaces
    #[command(name = "security-scan")]
    SecurityScan(SecurityScan),
    /// What it costs, and what is paid for nothing
    #[command(name = "cost-analysis")]
    CostAnalysis(CostAnalysis),
    /// Check against policies
    #[command(subcommand)]
    Policy(Policy),
    /// Review a Dockerfile
    #[command(subcommand)]
    Image(Image),
    /// List objects
    Get(Get),
    /// Show a container's log, or what it says
    Logs(Logs),
    /// Show events
    Events(Events),
    /// Show usage of pods or nodes
    Top(Top),
    /// Change the number of replicas
    Scale(Scale),
    /// Replace the pods one after the other
    Restart(Restart),
    /// Go back to an earlier revision, or take back a plan
    Undo(Undo),
    /// Change a container's image
    #[command(name = "set-image")]
    SetImage(SetImage),
    /// Remove the cause of a failure, where a safe change is known
    Fix(Fix),
    /// Apply the manifests of -f by server-side apply
    Apply,
    /// Remove an object
    Delete(Delete),
    /// Carry out a plan that somebody else saved
    Approve(Approve),
    /// What was changed, by whom, and whether the log was tampered with
    Audit(Audit),
    /// Helm releases
    #[command(subcommand)]
    Helm(Helm),
    /// Fail on new findings only
    #[command(subcommand)]
    Baseline(Baseline),
    /// Record usage over time, or a snapshot of the cluster
    Record(Record),
    /// Serve other agents by the Model Context Protocol, on standard input or over HTTP
    Mcp(Mcp),
    /// A sentence: `kubectl pilot "why is backend crashing?"`
    #[command(external_subcommand)]
    Say(Vec<String>),
}

#[derive(Debug, Subcommand)]
pub enum Analyze {
    /// The whole cluster
    Cluster {
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// One namespace
    Namespace {
        /// Name; or give --namespace
        name: Option<String>,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// One workload, with its pods and what it stands on
    Workload {
        /// `name` or `kind/name`
        name: String,
        #[command(flatten)]
        rules: RuleArgs,
    },
}

#[derive(Debug, Subcommand)]
pub enum Optimize {
    /// Requests and limits of containers
    Resources(OptimizeResources),
}

/// `optimize resources`.
#[derive(Debug, Args)]
pub struct OptimizeResources {
    /// One workload only
    #[arg(long, visible_alias = "workload", value_name = "NAME")]
    pub deployment: Option<String>,
    /// balanced, simple or simple_limit
    #[arg(long, default_value = "balanced", value_parser = words::strategy)]
    pub strategy: Strategy,
    /// Set what is recommended
    #[arg(long)]
    pub apply: bool,
    /// Although there is little history
    #[arg(long, requires = "apply")]
    pub force: bool,
    #[command(flatten)]
    pub usage: UsageArgs,
    #[command(flatten)]
    pub prices: PriceArgs,
}

/// Where usage comes from.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Usage")]
pub struct UsageArgs {
    /// Address of a Prometheus-compatible server
    #[arg(long, env = "PROMETHEUS_URL", value_name = "URL")]
    pub prometheus: Option<String>,
    /// Folder of `pilot record`
    #[arg(long, value_name = "DIR")]
    pub history: Option<PathBuf>,
    /// How far back to look
    #[arg(long, default_value = "14d", value_name = "TIME", value_parser = words::seconds)]
    pub window: u64,
}

impl UsageArgs {
    /// What holds when nothing is said on the command line.
    pub fn from_environment() -> Self {
        let prometheus = std::env::var("PROMETHEUS_URL").ok().filter(|url| !url.is_empty());
        Self { prometheus, history: None, window: 14 * 86_400 }
    }
}

/// What things cost.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Prices")]
pub struct PriceArgs {
    /// Price sheet (TOML)
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// Single prices: cpu=0.03,ram=0.004
    #[arg(long, value_name = "NAME=AMOUNT", value_delimiter = ',')]
    pub price: Vec<String>,
    /// What a node costs per hour
    #[arg(long, value_name = "AMOUNT")]
    pub node_price: Option<f64>,
    /// Print the price sheet in force, to be edited
    #[arg(long)]
    pub print_prices: bool,
}

#[derive(Debug, Subcommand)]
pub enum Diagnose {
    /// Bottlenecks, each with the number that proves it
    Performance {
        /// One workload only
        #[arg(long, visible_alias = "workload", value_name = "NAME")]
        deployment: Option<String>,
        #[command(flatten)]
        usage: UsageArgs,
    },
    /// The cause of a failure; without a name, of everything that is not well
    Workload {
        /// `name` or `kind/name`: a workload, Service, Ingress, pod or release
        name: Option<String>,
    },
}

/// `security-scan`.
#[derive(Debug, Args)]
pub struct SecurityScan {
    /// One workload only
    #[arg(long, visible_alias = "workload", value_name = "NAME")]
    pub deployment: Option<String>,
    /// Permissions only
    #[arg(long)]
    pub rbac: bool,
    /// Pod Security level every pod is held against: baseline or restricted
    #[arg(long, value_name = "LEVEL")]
    pub pss: Option<String>,
    #[command(flatten)]
    pub rules: RuleArgs,
}

/// `cost-analysis`.
#[derive(Debug, Args)]
pub struct CostAnalysis {
    /// namespace, workload or label=KEY
    #[arg(long, default_value = "workload", value_name = "WHAT")]
    pub by: String,
    #[command(flatten)]
    pub prices: PriceArgs,
}

#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Rules of a settings file, or of the built-in catalogue, as a policy
    Check {
        #[command(flatten)]
        rules: RuleArgs,
    },
}

#[derive(Debug, Subcommand)]
pub enum Image {
    /// What is wrong with a Dockerfile
    Review {
        /// The Dockerfile
        dockerfile: PathBuf,
        /// Show the edits that remove findings, as a unified diff
        #[arg(long)]
        fix: bool,
        /// Kubernetes probes check the container: a missing HEALTHCHECK matters little
        #[arg(long)]
        has_probes: bool,
    },
}

/// `get`.
#[derive(Debug, Args)]
pub struct Get {
    /// pods, deployments, services, …
    pub kind: String,
    /// Only this one
    pub name: Option<String>,
    /// Only with these labels, `key=value`
    #[arg(long, short = 'l', value_name = "LABELS")]
    pub selector: Option<String>,
    /// Only names with this in them
    #[arg(long = "match", value_name = "TEXT")]
    pub name_part: Option<String>,
    /// Only pods in this state, such as Pending or CrashLoopBackOff
    #[arg(long, value_name = "STATE")]
    pub status: Option<String>,
    /// Only what is well
    #[arg(long, conflicts_with = "unhealthy")]
    pub healthy: bool,
    /// Only what is not well
    #[arg(long)]
    pub unhealthy: bool,
    /// Only pods that restarted at least this often
    #[arg(long, value_name = "N")]
    pub min_restarts: Option<i64>,
    /// Only pods that restarted at most this often
    #[arg(long, value_name = "N")]
    pub max_restarts: Option<i64>,
    /// Only say how many there are
    #[arg(long)]
    pub count: bool,
}

/// `logs`.
#[derive(Debug, Args)]
pub struct Logs {
    /// Pod or workload; nothing with --file
    pub name: Option<String>,
    /// Container
    #[arg(long, short)]
    pub container: Option<String>,
    /// Of the run before the current one
    #[arg(long, short)]
    pub previous: bool,
    /// Only the last lines
    #[arg(long)]
    pub tail: Option<u64>,
    /// Only the last while, such as 30m
    #[arg(long, value_parser = words::seconds)]
    pub since: Option<u64>,
    /// Say what the log tells instead of showing it
    #[arg(long)]
    pub errors: bool,
    /// Only lines with this text
    #[arg(long, value_name = "TEXT")]
    pub grep: Option<String>,
    /// A log file, `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// `events`.
#[derive(Debug, Args)]
pub struct Events {
    /// About this object
    pub name: Option<String>,
    /// Warnings only
    #[arg(long)]
    pub warnings: bool,
    /// Only the last while, such as 30m
    #[arg(long, value_parser = words::seconds)]
    pub since: Option<u64>,
}

/// `top`.
#[derive(Debug, Args)]
pub struct Top {
    /// pods or nodes
    #[arg(default_value = "pods")]
    pub what: String,
    /// cpu or memory
    #[arg(long, default_value = "cpu")]
    pub sort: String,
    /// Lightest first
    #[arg(long)]
    pub least: bool,
    /// Only so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Only pods whose name begins with this
    #[arg(long, value_name = "NAME")]
    pub of: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Baseline {
    /// Remember the findings there are
    Save {
        /// File to write
        file: PathBuf,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Report what is new since
    Check {
        /// File that was saved
        file: PathBuf,
        #[command(flatten)]
        rules: RuleArgs,
    },
}

/// `record`.
#[derive(Debug, Args)]
pub struct Record {
    /// Write a snapshot of the cluster to this file (.jsonl or .jsonl.gz) and end
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Folder for usage samples
    #[arg(long, value_name = "DIR")]
    pub history: Option<PathBuf>,
    /// Time between samples
    #[arg(long, default_value = "60s", value_parser = words::seconds)]
    pub every: u64,
    /// Stop after this time; until interrupted when not given
    #[arg(long = "for", value_name = "TIME", value_parser = words::seconds)]
    pub for_: Option<u64>,
}

/// `mcp`.
#[derive(Debug, Args)]
pub struct Mcp {
    /// Over HTTP at this address of loopback; needs PILOT_MCP_TOKEN
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:7654")]
    pub http: Option<SocketAddr>,
    /// Also carry plans out, each after the client's user has said yes to it
    #[arg(long)]
    pub allow_writes: bool,
}
