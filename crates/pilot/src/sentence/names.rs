//! The names a sentence may use: of the cluster, and of charts beside us.

use std::path::Path;

use pilot_core::intent::Known;

use crate::commands::Ask;
use crate::exit::Error;
use crate::input::Wanted;

/// Kinds that people call by name.
const NAMED: &[&str] = &[
    "Namespace",
    "Node",
    "Pod",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Service",
    "Ingress",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "PersistentVolumeClaim",
    "HorizontalPodAutoscaler",
    "NetworkPolicy",
    "ResourceQuota",
    "PodDisruptionBudget",
    "Role",
    "RoleBinding",
];

/// Reads the names. Values of Secrets are dropped as they are read.
///
/// # Errors
/// As reading the input.
pub async fn of_cluster(ask: &Ask) -> Result<Known, Error> {
    let loaded = ask.load(Wanted::objects().only(NAMED)).await?;
    let mut known = Known::new(&loaded.snapshot, ask.namespace());
    known.charts = charts();
    Ok(known)
}

/// Folders with a chart, where projects keep them.
fn charts() -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for folder in [".", "helm", "charts", "chart", "deploy", "deploy/chart", "deploy/charts"] {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.flatten().take(200) {
            if entry.path().join("Chart.yaml").is_file() {
                let path = Path::new(folder).join(entry.file_name());
                let path = path.to_string_lossy().trim_start_matches("./").to_owned();
                found.push(format!("./{path}"));
            }
        }
    }
    found.sort();
    found
}
