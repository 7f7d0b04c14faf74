//! Our own chart must pass our own rules: nothing of medium severity or above in the manifests of the production profile.

use std::{path::Path, process::Command};

use serde_json::Value;

#[test]
fn the_production_profile_has_no_finding_that_matters() {
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/manifests/production.yaml");
    let output = Command::new(env!("CARGO_BIN_EXE_kubectl-pilot"))
        .args(["analyze", "cluster", "--format", "json", "-f"])
        .arg(manifests)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let grave: Vec<&Value> =
        findings.iter().filter(|finding| !matches!(finding["severity"].as_str(), Some("low" | "info"))).collect();
    assert!(grave.is_empty(), "{grave:#?}");
    assert_eq!(report["objects"]["Deployment"], 2, "the manifests were read");
}
