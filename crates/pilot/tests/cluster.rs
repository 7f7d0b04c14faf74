//! The client against an API server in miniature: what is listed, what is refused, what a dry run answers.

mod support;

use std::collections::BTreeMap;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use serde_json::{Value, json};
use support::server::{Answers, Server, refusal};
use support::{Answer, pilot};

fn list(items: Vec<Value>) -> (u16, String) {
    (200, json!({"kind": "List", "metadata": {}, "items": items}).to_string())
}

fn deployment() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "backend", "namespace": "todo", "resourceVersion": "7", "creationTimestamp": "2026-01-01T00:00:00Z",
            "managedFields": [{"manager": "helm", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "backend"}}, "template": {"metadata": {"labels": {"app": "backend"}},
            "spec": {"containers": [{"name": "app", "image": "backend:1", "env": [{"name": "API_TOKEN", "value": "hunter2hunter2"}]}]}}},
        "status": {"replicas": 1, "readyReplicas": 1}})
}

fn pod(name: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": "todo", "labels": {"app": "backend"}, "creationTimestamp": "2026-01-01T00:00:00Z",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "backend-abc", "uid": "r", "controller": true}]},
        "spec": {"nodeName": "n", "containers": [{"name": "app", "image": "backend:1"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}],
            "containerStatuses": [{"name": "app", "ready": false, "restartCount": 4, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}]}})
}

fn replica_set() -> Value {
    json!({"metadata": {"name": "backend-abc", "namespace": "todo",
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "backend", "uid": "d", "controller": true}]}})
}

fn answers() -> Answers {
    let secret = json!({"metadata": {"name": "db", "namespace": "todo"}, "type": "Opaque", "data": {"password": "aHVudGVyMmh1bnRlcjI="}});
    BTreeMap::from([
        ("/version".to_owned(), (200, json!({"gitVersion": "v1.34.1"}).to_string())),
        ("/api/v1/pods".to_owned(), list(vec![pod("backend-abc-1")])),
        ("/api/v1/secrets".to_owned(), list(vec![secret])),
        ("/apis/apps/v1/deployments".to_owned(), list(vec![deployment()])),
        ("/apis/apps/v1/replicasets".to_owned(), list(vec![replica_set()])),
        ("/apis/apps/v1/namespaces/todo/deployments/backend".to_owned(), (200, deployment().to_string())),
        (
            "/api/v1/namespaces/todo/pods/backend-abc-1/log".to_owned(),
            (200, "2026-01-01T00:00:01Z FATAL:  password authentication failed for user \"todo\"\n".to_owned()),
        ),
    ])
}

fn ask(server: &Server, args: &[&str]) -> Answer {
    let kubeconfig = server.kubeconfig();
    let mut all = vec!["--kubeconfig", kubeconfig.path()];
    all.extend(args);
    pilot(&all)
}

#[test]
fn a_crash_is_diagnosed_from_the_log_of_the_previous_run() {
    let server = Server::start(answers());
    let answer = ask(&server, &["diagnose", "workload", "backend", "--format", "json"]);
    assert_eq!(
        answer.json()["diagnoses"][0]["cause"],
        "container app exits with code 1: the database refuses the login",
        "{}",
        answer.errors
    );
    let asked = server.asked();
    assert!(asked.iter().any(|r| r.contains("/log?") && r.contains("previous=true")), "{asked:?}");
    assert!(asked.iter().all(|r| r.starts_with("GET ")), "only reads: {asked:?}");
    let lists = asked.iter().filter(|r| !r.contains("/log?") && !r.contains("/version")).count();
    assert!(lists <= 40, "{lists} lists");
}

#[test]
fn pages_are_followed_to_the_end() {
    let mut answers = answers();
    let page = json!({"kind": "List", "metadata": {"continue": "same"}, "items": [pod("backend-abc-1")]});
    answers.insert("/api/v1/pods".to_owned(), (200, page.to_string()));
    let server = Server::start(answers);
    // The miniature gives the same page twice: a token that repeats ends the list instead of looping for ever.
    let answer = ask(&server, &["get", "pods", "--format", "json"]);
    assert_eq!(answer.json()["items"].as_array().unwrap().len(), 2);
    assert!(server.asked().iter().any(|r| r.contains("continue=same")));
}

#[test]
fn a_small_question_asks_for_little() {
    let server = Server::start(answers());
    assert_eq!(ask(&server, &["get", "pods"]).code, 0);
    assert!(server.asked().len() <= 5, "{:?}", server.asked());
}

#[test]
fn what_may_not_be_read_becomes_a_gap() {
    let mut answers = answers();
    answers.insert("/api/v1/secrets".to_owned(), refusal(403, "secrets is forbidden"));
    let server = Server::start(answers);
    let answer = ask(&server, &["analyze", "cluster", "--format", "json"]);
    let json = answer.json();
    assert_eq!(json["gaps"], json!([{"kind": "Secret", "verb": "list", "namespace": "", "code": 403}]));
    let skipped = json["skipped"].as_array().unwrap();
    assert!(skipped.iter().any(|s| s["reason"].as_str().unwrap().contains("Secret")), "{skipped:?}");
}

#[test]
fn a_section_that_may_not_be_read_is_exit_code_4() {
    let mut answers = answers();
    answers.insert("/apis/rbac.authorization.k8s.io/v1/clusterroles".to_owned(), refusal(403, "no"));
    let server = Server::start(answers);
    let answer = ask(&server, &["security-scan", "--rbac"]);
    assert_eq!(answer.code, 4, "{}", answer.errors);
    assert!(
        answer.text.contains("not read: ClusterRole (HTTP 403)") && answer.text.contains("skipped RBC-"),
        "{}",
        answer.text
    );
    assert_eq!(ask(&server, &["cost-analysis"]).code, 0, "what can be read is complete");
    assert_eq!(ask(&server, &["get", "clusterroles"]).code, 4);
}

#[test]
fn expired_credentials_are_exit_code_3() {
    let mut answers = answers();
    answers.insert("/version".to_owned(), refusal(401, "Unauthorized"));
    let server = Server::start(answers);
    let answer = ask(&server, &["analyze", "cluster"]);
    assert_eq!(answer.code, 3, "{}", answer.errors);
    assert!(answer.errors.contains("expired") && answer.errors.contains("401"), "{}", answer.errors);
    assert_eq!(answer.errors.lines().count(), 1);
}

#[test]
fn a_plan_is_tried_by_the_server_and_shows_what_would_change() {
    let server = Server::start(answers());
    let answer = ask(&server, &["scale", "backend", "--replicas", "3"]);
    assert_eq!(answer.code, 0, "{}", answer.errors);
    assert!(answer.text.contains("-  replicas: 1") && answer.text.contains("+  replicas: 3"), "{}", answer.text);
    assert!(answer.text.contains("managed by helm") && answer.text.contains("nothing was changed"), "{}", answer.text);
    assert!(!answer.text.contains("hunter2"), "{}", answer.text);
    let asked = server.asked();
    let writes: Vec<&String> = asked.iter().filter(|r| !r.starts_with("GET ")).collect();
    assert_eq!(writes.len(), 1);
    assert!(writes[0].contains("dryRun=All") && writes[0].contains("fieldValidation=Strict"), "{writes:?}");
}

#[test]
fn an_image_is_planned_for_the_container_it_is_meant_for() {
    let server = Server::start(answers());
    let answer = ask(&server, &["set-image", "backend", "backend:2"]);
    assert!(
        answer.text.contains("image: backend:2") || answer.text.contains("image: \"backend:2\""),
        "{} {}",
        answer.text,
        answer.errors
    );
    let wrong = ask(&server, &["set-image", "backend", "web=backend:2"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.errors.contains("no container \"web\"") && wrong.errors.contains("app"), "{}", wrong.errors);
}

#[test]
fn a_recorded_snapshot_holds_no_secret_and_diagnoses_the_same() {
    let server = Server::start(answers());
    let folder = tempfile::tempdir().unwrap();
    for name in ["s.jsonl", "s.jsonl.gz"] {
        let path = folder.path().join(name);
        let path = path.to_str().unwrap();
        let recorded = ask(&server, &["record", "--snapshot", path]);
        assert_eq!(recorded.code, 0, "{}", recorded.errors);
        if name == "s.jsonl" {
            let text = std::fs::read_to_string(path).unwrap();
            assert!(!text.contains("hunter2") && !text.contains("aHVudGVyMm"), "{text}");
            assert!(text.contains("\"password\""), "the name of the key stays");
        }
        let answer = pilot(&["diagnose", "workload", "backend", "--format", "json", "--from-snapshot", path]);
        assert_eq!(
            answer.json()["diagnoses"][0]["cause"],
            "container app exits with code 1: the database refuses the login",
            "{}",
            answer.errors
        );
    }
}

#[test]
fn usage_is_recorded_and_sized_from() {
    let mut answers = answers();
    let metrics = json!({"metadata": {"name": "backend-abc-1", "namespace": "todo"}, "timestamp": "2026-01-01T00:00:00Z",
        "containers": [{"name": "app", "usage": {"cpu": "250m", "memory": "100Mi"}}]});
    answers.insert("/apis/metrics.k8s.io/v1beta1/pods".to_owned(), list(vec![metrics]));
    let server = Server::start(answers);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let recorded = ask(&server, &["record", "--history", folder, "--for", "1s"]);
    assert_eq!(recorded.code, 0, "{}", recorded.errors);
    assert!(recorded.text.contains("1 samples recorded"), "{}", recorded.text);
    let top = ask(&server, &["top", "pods", "--format", "json"]);
    assert_eq!(top.json()["items"][0]["cpuMillis"], 250);
    let sized = ask(&server, &["optimize", "resources", "--format", "json"]);
    let json = sized.json();
    assert_eq!(json["usage"]["tier"], "instant");
    assert_eq!(json["containers"][0]["recommended"]["cpuRequest"], json!({"value": 275}));
    assert_eq!(json["containers"][0]["recommended"]["memoryRequest"], json!({"value": 115 * 1024 * 1024}));
    let planned = ask(&server, &["optimize", "resources", "--apply"]);
    assert!(planned.text.contains("is left out: one sample is not a history"), "{}", planned.text);
    let forced = ask(&server, &["optimize", "resources", "--apply", "--force"]);
    assert!(forced.text.contains("cpu: 275m"), "{}", forced.text);
}

#[test]
fn prometheus_is_asked_as_krr_asks() {
    let mut answers = answers();
    let row = json!({"metric": {"namespace": "todo", "pod": "backend-abc-1", "container": "app"}, "value": [0, "200"]});
    answers.insert(
        "/api/v1/query".to_owned(),
        (200, json!({"status": "success", "data": {"resultType": "vector", "result": [row]}}).to_string()),
    );
    let server = Server::start(answers);
    let url = server.url();
    let answer =
        ask(&server, &["optimize", "resources", "--strategy", "simple", "--prometheus", &url, "--format", "json"]);
    let json = answer.json();
    assert_eq!(json["usage"]["tier"], "prometheus", "{}", answer.errors);
    // Every query is answered with 200: 200 cores at p95, 200 points, and a peak of 200 bytes, under KRR's floor.
    assert_eq!(json["containers"][0]["recommended"]["cpuRequest"], json!({"value": 200_000}));
    assert_eq!(json["containers"][0]["recommended"]["memoryLimit"], json!({"value": 100 * 1024 * 1024}));
    assert!(
        server.asked().iter().any(|r| r.contains("quantile_over_time%280.95") && r.contains("1209600s%3A75s")),
        "{:?}",
        server.asked()
    );
    let down = ask(&server, &["optimize", "resources", "--prometheus", "http://127.0.0.1:1"]);
    assert_eq!(down.code, 3, "{}", down.errors);
}

#[test]
fn a_release_is_read_from_its_own_record() {
    let manifest = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: backend\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: gone\n";
    let record = json!({"info": {"description": "Upgrade complete"}, "manifest": manifest, "config": {"password": "hunter2hunter2"},
        "chart": {"metadata": {"name": "todo-chatbot", "version": "1.2.0", "appVersion": "0.1.0"}}});
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(record.to_string().as_bytes()).unwrap();
    let payload = STANDARD.encode(STANDARD.encode(gzip.finish().unwrap()));
    let secret = |revision: u32, status: &str| {
        json!({"metadata": {"name": format!("sh.helm.release.v1.todo.v{revision}"), "namespace": "todo",
                "labels": {"owner": "helm", "name": "todo", "status": status, "version": revision.to_string()}},
            "type": "helm.sh/release.v1", "data": {"release": payload}})
    };
    let mut answers = answers();
    answers.insert("/api/v1/secrets".to_owned(), list(vec![secret(1, "superseded"), secret(2, "deployed")]));
    answers.insert(
        "/api/v1/namespaces/todo/secrets/sh.helm.release.v1.todo.v2".to_owned(),
        (200, secret(2, "deployed").to_string()),
    );
    let server = Server::start(answers);
    let history = ask(&server, &["helm", "history", "todo", "--format", "json"]).json();
    assert_eq!(
        history["items"].as_array().unwrap().iter().map(|i| i["revision"].as_u64().unwrap()).collect::<Vec<_>>(),
        [1, 2]
    );
    let status = ask(&server, &["helm", "status", "todo"]);
    assert!(
        status.text.contains("todo-chatbot 1.2.0, app 0.1.0") && status.text.contains("Upgrade complete"),
        "{} {}",
        status.text,
        status.errors
    );
    let line = |word: &str| status.text.lines().find(|l| l.contains(word)).unwrap_or("").to_owned();
    assert!(line("gone").contains("missing") && line("Deployment  ").contains("there"), "{}", status.text);
    assert!(!status.text.contains("hunter2"));
}

#[test]
fn a_log_is_shown_from_the_right_pod() {
    let server = Server::start(answers());
    let answer = ask(&server, &["logs", "backend"]);
    assert!(answer.text.contains("password authentication failed"), "{} {}", answer.text, answer.errors);
    let errors = ask(&server, &["logs", "backend", "--errors"]);
    assert!(errors.text.contains("the database refuses the login"), "{}", errors.text);
}
