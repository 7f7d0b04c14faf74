//! Volumes for PersistentVolumeClaims: folders of the node, made in advance, behind the default StorageClass.

use std::{fs, process::Command};

use serde_json::json;

use super::{
    command::run_with,
    layout::{Layout, NODE},
    programs::Programs,
};

/// Each is used once.
const VOLUMES: usize = 12;

/// Makes the folders and tells the cluster of them.
///
/// # Errors
/// When the cluster refuses them.
pub fn make(layout: &Layout, programs: &Programs) -> anyhow::Result<()> {
    let mut objects = vec![json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": { "name": "local", "annotations": { "storageclass.kubernetes.io/is-default-class": "true" } },
        "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer",
    })];
    for number in 0..VOLUMES {
        let folder = layout.state.join("volumes").join(number.to_string());
        fs::create_dir_all(&folder)?;
        objects.push(json!({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": format!("local-{number}") },
            "spec": {
                "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"], "storageClassName": "local",
                "persistentVolumeReclaimPolicy": "Retain", "local": { "path": folder },
                "nodeAffinity": { "required": { "nodeSelectorTerms": [{ "matchExpressions": [
                    { "key": "kubernetes.io/hostname", "operator": "In", "values": [NODE] } ] }] } },
            },
        }));
    }
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
    let kubectl = programs.kubernetes("kubectl");
    let mut command = Command::new(&kubectl[0]);
    command.args(&kubectl[1..]).args(["apply", "--filename=-"]).env("KUBECONFIG", layout.kubeconfig());
    run_with(&mut command, &list.to_string()).map(drop)
}
