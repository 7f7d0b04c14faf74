//! Sentences on the command line: what is asked of the API server, what is printed, how it ends.

mod support;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::server::{Answers, Server};
use support::{Answer, pilot};

fn list(items: Vec<Value>) -> (u16, String) {
    (200, json!({"kind": "List", "metadata": {}, "items": items}).to_string())
}

fn workload(name: &str, namespace: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": namespace, "resourceVersion": "7"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "app", "image": format!("{name}:1")}]}}},
        "status": {"replicas": 1, "readyReplicas": 1}})
}

fn pod(name: &str, phase: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": "todo", "labels": {"app": "backend"}},
        "spec": {"containers": [{"name": "app", "image": "backend:1"}]},
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": if phase == "Running" { "True" } else { "False" }}],
            "containerStatuses": [{"name": "app", "ready": phase == "Running", "restartCount": 2, "state": {"running": {}}}]}})
}

fn server() -> Server {
    let answers: Answers = BTreeMap::from([
        ("/version".to_owned(), (200, json!({"gitVersion": "v1.34.1"}).to_string())),
        (
            "/api/v1/namespaces".to_owned(),
            list(vec![json!({"metadata": {"name": "todo"}}), json!({"metadata": {"name": "shop"}})]),
        ),
        ("/api/v1/pods".to_owned(), list(vec![pod("backend-1", "Running"), pod("backend-2", "Pending")])),
        (
            "/api/v1/namespaces/todo/pods".to_owned(),
            list(vec![pod("backend-1", "Running"), pod("backend-2", "Pending")]),
        ),
        (
            "/apis/apps/v1/deployments".to_owned(),
            list(vec![workload("backend", "todo"), workload("api", "todo"), workload("api", "shop")]),
        ),
    ]);
    Server::start(answers)
}

fn say(server: &Server, args: &[&str]) -> Answer {
    let kubeconfig = server.kubeconfig();
    let mut all = vec!["--kubeconfig", kubeconfig.path()];
    all.extend(args);
    pilot(&all)
}

fn only_reads(server: &Server) {
    let asked = server.asked();
    assert!(asked.iter().all(|request| request.starts_with("GET ")), "{asked:?}");
}

#[test]
fn a_question_is_answered_at_once() {
    let server = server();
    let answer = say(&server, &["show pods in todo"]);
    assert!(
        answer.text.starts_with("understood as: list pods in namespace todo\n"),
        "{} {}",
        answer.text,
        answer.errors
    );
    assert!(answer.text.contains("backend-1") && answer.text.contains("backend-2"), "{}", answer.text);
    let answer = say(&server, &["which pods are pending in todo?"]);
    assert!(answer.text.contains("backend-2") && !answer.text.contains("backend-1"), "{}", answer.text);
    let answer = say(&server, &["how many pods are in todo", "--format", "json"]);
    assert_eq!(answer.json()["count"], 2, "the document stands alone on standard output");
    assert!(answer.errors.contains("understood as: count pods"), "{}", answer.errors);
    only_reads(&server);
}

#[test]
fn nothing_but_a_plain_command_reaches_the_write_path() {
    let server = server();
    for sentence in [
        "should I restart backend?",
        "don't scale backend to 0",
        "restart backend if it is slow",
        "explain \"delete deployment backend\"",
        "can you restart backend?",
        "restart backend frobnicate",
        "restart api",
        "what happens if I delete backend",
    ] {
        say(&server, &[sentence, "--yes", "--mode", "confirm"]);
        only_reads(&server);
    }
}

#[test]
fn what_could_be_two_things_is_asked() {
    let server = server();
    let answer = say(&server, &["restart api"]);
    assert_eq!(answer.code, 2, "{}", answer.text);
    for choice in ["1. restart deployment shop/api", "2. restart deployment todo/api"] {
        assert!(answer.errors.contains(choice), "{}", answer.errors);
    }
    only_reads(&server);
}

#[test]
fn what_is_not_understood_names_what_comes_close() {
    let server = server();
    let answer = say(&server, &["sing a song for backend"]);
    assert_eq!(answer.code, 2);
    assert_eq!(answer.errors.matches("perhaps:").count(), 3, "{}", answer.errors);
    let answer = say(&server, &["restart bakcendd\u{1b}[31m now"]);
    assert!(!answer.errors.contains('\u{1b}') && answer.code == 2, "{:?}", answer.errors);
    only_reads(&server);
}

#[test]
fn a_change_is_a_plan_and_needs_a_yes() {
    let server = server();
    let answer = say(&server, &["scale backend to 3"]);
    assert!(
        answer.text.contains("understood as: scale deployment todo/backend to 3"),
        "{} {}",
        answer.text,
        answer.errors
    );
    assert_ne!(answer.code, 0, "nobody said yes");
    // A dry run is all that a plan may send.
    let asked = server.asked();
    assert!(asked.iter().all(|r| r.starts_with("GET ") || r.contains("dryRun=All")), "{asked:?}");
}

#[test]
fn a_meaning_is_explained_and_nothing_is_done() {
    let server = server();
    let answer = say(&server, &["scale backend to 3", "--explain-intent", "--yes", "-o", "json"]);
    let told = answer.json();
    assert_eq!((&told["actions"][0]["write"]["action"], answer.code), (&json!("scale"), 0), "{told}");
    for (sentence, part) in
        [("restart api", "asks back:"), ("sing a song for backend", "not placed:"), ("show pods", "class: read")]
    {
        let answer = say(&server, &[sentence, "--explain-intent"]);
        assert!(answer.text.contains(part) && answer.code == 0, "{sentence}: {}", answer.text);
    }
    only_reads(&server);
}

#[test]
fn without_a_cluster_its_absence_is_the_answer() {
    assert_eq!(pilot(&["show pods in todo"]).code, 3);
    let answer = pilot(&["explain \"password authentication failed\""]);
    assert_eq!(answer.code, 0, "{}", answer.errors);
    assert!(answer.text.contains("database"), "{}", answer.text);
}

#[test]
fn it_answers_under_its_other_names() {
    let server = server();
    let kubeconfig = server.kubeconfig();
    let folder = tempfile::tempdir().unwrap();
    for (name, args) in [("kubectl-ai", &["show", "pods", "in", "todo"][..]), ("kagent", &["show pods in todo"])] {
        let path = folder.path().join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_kubectl-pilot"), &path).unwrap();
        let output = Command::new(&path)
            .args(args)
            .args(["--kubeconfig", kubeconfig.path()])
            .env_clear()
            .env("HOME", "/nonexistent")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("backend-1"), "{name}: {text} {}", String::from_utf8_lossy(&output.stderr));
    }
    only_reads(&server);
}
