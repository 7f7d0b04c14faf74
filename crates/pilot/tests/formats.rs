//! Every command in every format.

mod support;

use support::cases::broken;
use support::temp::file;
use support::{pilot, pilot_with};

const FORMATS: [&str; 8] = ["table", "json", "yaml", "sarif", "junit", "html", "prometheus", "markdown"];

const MANIFEST: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {team: blue}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:latest
        securityContext: {privileged: true}
        resources: {requests: {cpu: 250m, memory: 256Mi}}
";

#[test]
fn every_command_answers_in_every_format() {
    let snapshot = broken("oom");
    let commands: [&[&str]; 10] = [
        &["analyze", "cluster"],
        &["analyze", "namespace", "todo"],
        &["analyze", "workload", "backend"],
        &["diagnose", "workload"],
        &["diagnose", "performance"],
        &["security-scan", "--pss", "restricted"],
        &["cost-analysis", "--by", "namespace"],
        &["optimize", "resources"],
        &["get", "pods"],
        &["events"],
    ];
    for command in commands {
        for format in FORMATS {
            let mut args = command.to_vec();
            args.extend(["--format", format, "--from-snapshot", snapshot.path()]);
            let answer = pilot(&args);
            assert!(
                answer.code <= 1 && !answer.text.trim().is_empty() || format == "prometheus",
                "{args:?}: {} {}",
                answer.code,
                answer.errors
            );
            assert!(!answer.text.contains('\u{1b}'), "no colours without a terminal");
        }
    }
}

#[test]
fn sarif_points_at_file_and_line() {
    let manifest = file(MANIFEST, ".yaml");
    let sarif = pilot(&["security-scan", "--format", "sarif", "-f", manifest.path()]).json();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let privileged = results.iter().find(|r| r["ruleId"] == "SEC-001").unwrap();
    let place = &privileged["locations"][0]["physicalLocation"];
    assert_eq!(place["region"]["startLine"], 13, "{privileged}");
    assert_eq!(privileged["level"], "error");
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let index = usize::try_from(privileged["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], "SEC-001");
}

#[test]
fn html_is_one_page_that_fetches_nothing() {
    let page = pilot(&["analyze", "cluster", "--format", "html", "--from-snapshot", broken("oom").path()]).text;
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<svg") && page.contains("HLT-109"));
    for fetching in ["<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!page.contains(fetching), "{fetching}");
    }
}

#[test]
fn junit_fails_what_is_found() {
    let xml = pilot_with(&["security-scan", "--format", "junit", "-f", "-"], MANIFEST).text;
    let case = xml.lines().find(|line| line.contains("name=\"SEC-001 ")).unwrap();
    assert!(case.contains("<failure type=\"critical\""), "{case}");
    assert!(xml.lines().any(|line| line.contains("name=\"SEC-038 ") && !line.contains("<failure")), "{xml}");
}

#[test]
fn cost_states_what_it_rests_on() {
    let answer = pilot_with(&["cost-analysis", "--by", "label=team", "-f", "-"], MANIFEST);
    assert!(
        answer.text.contains("Estimate, not a bill") && answer.text.contains("CPU 0.031611 USD/core-h"),
        "{}",
        answer.text
    );
    let json = pilot_with(&["cost-analysis", "--format", "json", "-f", "-", "--price", "cpu=1,ram=0"], MANIFEST).json();
    // 2 replicas × 0.25 cores × 1 per hour × 730 hours.
    assert_eq!(json["workloadsPerMonth"], 365.0);
    let sheet = file("cpu = 2.0\nram = 0.0\ncurrency = \"EUR\"\n", ".toml");
    let json = pilot_with(&["cost-analysis", "--format", "json", "-f", "-", "--prices", sheet.path()], MANIFEST).json();
    assert_eq!((json["workloadsPerMonth"].as_f64(), json["prices"]["currency"].as_str()), (Some(730.0), Some("EUR")));
    let wrong =
        pilot_with(&["cost-analysis", "-f", "-", "--prices", file("cpu = \"much\"\n", ".toml").path()], MANIFEST);
    assert!(wrong.code == 2 && wrong.errors.contains("cpu"), "{}", wrong.errors);
}

#[test]
fn exit_codes_follow_the_threshold() {
    let run = |args: &[&str]| pilot_with(&[&["security-scan", "-f", "-"], args].concat(), MANIFEST).code;
    assert_eq!(run(&[]), 1);
    assert_eq!(run(&["--rbac"]), 0);
    // What is hidden still counts.
    assert_eq!(run(&["--ignore", "SEC-001", "--severity", "critical"]), 1);
    let harmless = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n";
    assert_eq!(pilot_with(&["analyze", "cluster", "-f", "-"], harmless).code, 0);
    assert_eq!(
        pilot_with(&["analyze", "cluster", "-f", "-", "--fail-on", "info", "--profile", "strict"], MANIFEST).code,
        1
    );
}

#[test]
fn a_baseline_reports_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    let path = path.to_str().unwrap();
    assert_eq!(pilot_with(&["baseline", "save", path, "-f", "-"], MANIFEST).code, 0);
    let same = pilot_with(&["baseline", "check", path, "-f", "-"], MANIFEST);
    assert_eq!(same.code, 0, "{}", same.text);
    let worse = MANIFEST.replace("      containers:", "      hostNetwork: true\n      containers:");
    let new = pilot_with(&["baseline", "check", path, "-f", "-", "--format", "json"], &worse);
    assert_eq!(new.code, 1);
    let ids: Vec<String> =
        new.json()["new"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect();
    assert!(ids.contains(&"SEC-014".to_owned()) && !ids.contains(&"SEC-001".to_owned()), "{ids:?}");
}

#[test]
fn a_folder_is_read_in_order_and_an_answer_can_be_written_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.yaml"), MANIFEST).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not: [yaml").unwrap();
    let out = folder.path().join("report.html");
    let answer = pilot(&[
        "analyze",
        "cluster",
        "-f",
        folder.path().to_str().unwrap(),
        "--format",
        "html",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!((answer.text.as_str(), answer.code), ("", 1), "{}", answer.errors);
    assert!(std::fs::read_to_string(out).unwrap().contains("SEC-001"));
}

#[test]
fn a_dockerfile_is_reviewed_and_the_edit_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Dockerfile");
    std::fs::write(
        &path,
        "# syntax=docker/dockerfile:1\nARG TAG=3\nFROM alpine:${TAG}\nRUN apk add curl\nADD app /app\nCMD /app\n",
    )
    .unwrap();
    let path = path.to_str().unwrap();
    let json = pilot(&["image", "review", path, "--format", "json"]).json();
    let ids: Vec<&str> = json["findings"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"IMG-001") && ids.contains(&"IMG-004") && ids.contains(&"IMG-006"), "{ids:?}");
    let text = pilot(&["image", "review", path, "--fix"]).text;
    assert!(
        text.contains("-ADD app /app") && text.contains("+COPY app /app") && text.contains("nothing was written"),
        "{text}"
    );
    assert_eq!(pilot(&["image", "review", file("kind: Pod\n", ".yaml").path()]).code, 2);
}
