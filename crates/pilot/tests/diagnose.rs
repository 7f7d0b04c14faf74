//! Deployments broken in every way that matters: `diagnose` names the cause each time, and the same snapshot gives the
//! same bytes each time.

mod support;

use support::cases::broken;
use support::pilot;

/// File, part of the cause, rule that states it.
const CASES: &[(&str, &str, &str)] = &[
    ("affinity", "no node matches the pod's required node affinity", "HLT-101"),
    ("claim", "PersistentVolumeClaim/todo/todo-data: StorageClass standart does not exist", "HLT-231"),
    ("command", "\"uvicron\" is not in image", "HLT-107"),
    ("configmap", "a volume needs ConfigMap todo-settings, which does not exist", "HLT-114"),
    ("crash", "exits with code 1: the database refuses the login", "HLT-108"),
    ("dependency", "Deployment/todo/postgres: container app needs more memory than its limit of 256Mi", "HLT-109"),
    ("dns", "host name postgres does not resolve", "HLT-252"),
    ("hook", "host name postgress does not resolve", "HLT-252"),
    ("image", "image registry.example/backend:1.4.O does not exist", "HLT-104"),
    ("liveness-probe", "path /healthz does not exist (HTTP 404)", "HLT-110"),
    ("network-policy", "no rule of backend-only-admin allows it", "NET-011"),
    ("node-lost", "Node/node-1: the node has not reported for 1200 s", "HLT-241"),
    ("node-selector", "no node has the label disktype=sdd", "HLT-101"),
    ("oom", "needs more memory than its limit of 256Mi", "HLT-109"),
    ("pending-upgrade", "release todo is stuck in pending-upgrade at revision 5", "HLT-261"),
    ("quota", "ResourceQuota limits is used up", "HLT-202"),
    ("rbac", "system:serviceaccount:todo:backend may not list pods in namespace todo", "HLT-251"),
    ("readiness-probe", "it asks port 8080, which the container does not declare", "HLT-111"),
    ("secret", "needs Secret todo-databse, which does not exist", "HLT-106"),
    ("secret-key", "reads key \"uri\" of Secret todo-database, which has no such key", "HLT-106"),
    ("selector", "its selector matches no pod", "NET-001"),
    ("service-port", "forwards to TCP port 9000", "NET-002"),
    ("startup-probe", "startup probe of container app fails", "HLT-112"),
    ("stuck-rollout", "a configuration value is missing or wrong (BETTER_AUTH_SECRET)", "HLT-108"),
    ("taint", "every node has a taint that the pod does not tolerate: dedicated=batch:NoSchedule", "HLT-101"),
    ("too-large", "pod requests 16 cpu, more than any node has in all", "HLT-101"),
];

#[test]
fn every_breakage_has_its_cause_named() {
    let mut wrong = Vec::new();
    for (case, cause, rule) in CASES {
        let answer = pilot(&["diagnose", "workload", "--format", "json", "--from-snapshot", broken(case).path()]);
        let first = &answer.json()["diagnoses"][0];
        let stated = first["cause"].as_str().unwrap_or("");
        let id = first["root"]["id"].as_str().unwrap_or("");
        if !stated.contains(cause) || id != *rule || answer.code != 1 {
            wrong.push(format!("{case}: {id} {stated:?}, exit code {}", answer.code));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_case_file_is_in_the_table() {
    let mut files: Vec<String> = std::fs::read_dir(support::cases::folder())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".yaml").map(str::to_owned))
        .filter(|name| name != "healthy")
        .collect();
    files.sort();
    assert_eq!(files, CASES.iter().map(|(case, ..)| (*case).to_owned()).collect::<Vec<_>>());
}

#[test]
fn a_healthy_workload_is_left_in_peace() {
    let answer = pilot(&["diagnose", "workload", "backend", "--from-snapshot", broken("healthy").path()]);
    assert!(answer.text.contains("healthy: nothing is wrong"), "{}", answer.text);
    assert_eq!(answer.code, 0);
}

#[test]
fn findings_of_medium_or_worse_offer_a_patch_or_say_why_not() {
    for (case, ..) in CASES {
        let answer = pilot(&["analyze", "cluster", "--format", "json", "--from-snapshot", broken(case).path()]);
        for finding in answer.json()["findings"].as_array().unwrap() {
            let serious = matches!(finding["severity"].as_str(), Some("critical" | "high" | "medium"));
            let remediation = &finding["remediation"];
            let answered = remediation["patch"].is_object() || remediation["noPatch"].is_string();
            assert!(!serious || answered, "{case}: {finding}");
        }
    }
}

#[test]
fn the_same_snapshot_gives_the_same_bytes() {
    for format in ["table", "json", "yaml", "sarif", "junit", "html", "prometheus", "markdown"] {
        let file = broken("dependency");
        let run = || pilot(&["analyze", "cluster", "--format", format, "--from-snapshot", file.path()]).text;
        assert_eq!(run(), run(), "{format}");
    }
}

#[test]
fn the_way_from_service_to_cause_is_shown() {
    let answer = pilot(&["diagnose", "workload", "svc/backend", "--from-snapshot", broken("secret").path()]);
    let place = |text: &str| answer.text.find(text).unwrap_or_else(|| panic!("{text} is not in {}", answer.text));
    assert!(
        place("Service") < place("Deployment") && place("Deployment") < place("Pod") && place("Pod ") < place("Node")
    );
    assert!(answer.text.contains("Did you mean Secret todo-database"), "{}", answer.text);
}

#[test]
fn a_name_that_is_not_there_is_helped_with() {
    let file = broken("healthy");
    let misspelt = pilot(&["diagnose", "workload", "backnd", "--from-snapshot", file.path()]);
    assert_eq!(misspelt.code, 2);
    assert!(misspelt.errors.contains("did you mean \"backend\"?"), "{}", misspelt.errors);
    let elsewhere = pilot(&["diagnose", "workload", "backend", "-n", "prod", "--from-snapshot", file.path()]);
    assert!(elsewhere.errors.contains("nothing is called") || elsewhere.errors.contains("found in namespace todo"));
}
