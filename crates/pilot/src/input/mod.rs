//! Where the objects come from: a live cluster, YAML, standard input, a recorded snapshot.

mod files;
mod recorded;
pub mod yaml;

use std::path::PathBuf;

use jiff::Timestamp;
use pilot_core::snapshot::{LoadOptions, Snapshot};
use serde_json::Value;

use crate::cli::InputArgs;
use crate::cluster::{self, Progress, Scope};
use crate::exit::Error;

pub use recorded::write;

/// A snapshot, and what to say about where it comes from.
pub struct Loaded {
    /// The objects.
    pub snapshot: Snapshot,
    /// `context minikube`, `12 files in deploy/`, `snapshot x.json`.
    pub from: String,
}

/// How much of a cluster a command needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Log excerpts of containers that are not well.
    pub logs: bool,
    /// Usage from the metrics API.
    pub metrics: bool,
    /// These kinds only; all when empty.
    pub kinds: Vec<&'static str>,
}

impl Wanted {
    /// Objects, logs and usage.
    pub fn everything() -> Self {
        Self { logs: true, metrics: true, kinds: Vec::new() }
    }

    /// Objects only.
    pub fn objects() -> Self {
        Self { logs: false, metrics: false, kinds: Vec::new() }
    }

    /// Objects and usage.
    pub fn usage() -> Self {
        Self { logs: false, metrics: true, kinds: Vec::new() }
    }

    /// Objects and logs.
    pub fn logs() -> Self {
        Self { logs: true, metrics: false, kinds: Vec::new() }
    }

    /// Only some kinds.
    pub fn only(mut self, kinds: &[&'static str]) -> Self {
        self.kinds = kinds.to_vec();
        self
    }

    /// Whether a kind is wanted.
    pub fn wants(&self, kind: &str) -> bool {
        let metrics = kind.ends_with("Metrics");
        (!metrics || self.metrics) && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}

/// Reads the input that the arguments name.
///
/// # Errors
/// When a file is broken or missing, or the cluster can't be read.
pub async fn load(args: &InputArgs, wanted: Wanted) -> Result<Loaded, Error> {
    if let Some(path) = &args.from_snapshot {
        let snapshot = recorded::open(path)?;
        return Ok(Loaded { snapshot: within(snapshot, args), from: format!("snapshot {}", path.display()) });
    }
    if !args.filename.is_empty() {
        return from_files(&args.filename, args);
    }
    let client = cluster::connect(&args.cluster).await?;
    let scope = Scope { namespace: args.cluster.namespace.clone() };
    let snapshot = cluster::collect(&client, &scope, &wanted, &Progress::on_terminal()).await?;
    Ok(Loaded { snapshot, from: format!("context {}", client.context) })
}

/// The objects of manifests as they are, to be applied.
///
/// # Errors
/// When a file is broken or missing, or none is given.
pub fn manifests(paths: &[PathBuf]) -> Result<Vec<Value>, Error> {
    if paths.is_empty() {
        return Err(Error::Usage("name the manifests with -f".to_owned()));
    }
    Ok(files::read(paths)?.0.into_iter().map(|(object, _)| object).collect())
}

fn from_files(paths: &[PathBuf], args: &InputArgs) -> Result<Loaded, Error> {
    let (objects, count) = files::read(paths)?;
    let options = LoadOptions {
        default_namespace: args.cluster.namespace.clone().unwrap_or_else(|| "default".to_owned()),
        ..LoadOptions::files()
    };
    let snapshot =
        Snapshot::load(objects.into_iter().map(|(value, source)| (value, Some(source))), Timestamp::now(), &options);
    // A field of the wrong type is as broken as a wrong indent: say where, and stop.
    if !snapshot.errors.is_empty() {
        let lines: Vec<String> = snapshot.errors.iter().map(ToString::to_string).collect();
        return Err(Error::Usage(lines.join("\n")));
    }
    let from = match count {
        1 => format!("{}", paths[0].display()),
        n => format!("{n} files"),
    };
    Ok(Loaded { snapshot, from })
}

/// Keeps the objects of one namespace (and those without) when one is asked for.
fn within(mut snapshot: Snapshot, args: &InputArgs) -> Snapshot {
    if let Some(namespace) = &args.cluster.namespace {
        retain(&mut snapshot, namespace);
    }
    snapshot
}

fn retain(snapshot: &mut Snapshot, wanted: &str) {
    macro_rules! keep {
        ($($list:ident),*) => {
            $(snapshot.$list.retain(|object| {
                let namespace = &object.metadata.namespace;
                namespace.is_empty() || namespace == wanted
            });)*
        };
    }
    // Nodes carry pods of every namespace: what is free on them depends on all pods, so pods stay whole
    // and reports filter; everything that is only ever looked up by namespace goes.
    keep!(
        deployments,
        stateful_sets,
        daemon_sets,
        jobs,
        cron_jobs,
        services,
        ingresses,
        network_policies,
        claims,
        autoscalers,
        disruption_budgets,
        quotas,
        limit_ranges,
        http_routes,
        gateways,
        config_maps,
        secrets
    );
}
