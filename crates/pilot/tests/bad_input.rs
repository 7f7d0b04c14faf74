//! Bad input: a clear line, the right exit code, never a panic.

mod support;

use support::{Answer, broken, file, pilot, pilot_with};

fn refused(answer: &Answer, code: i32, words: &[&str]) {
    assert_eq!(answer.code, code, "{}", answer.errors);
    assert!(!answer.errors.contains("panicked"), "{}", answer.errors);
    for word in words {
        assert!(answer.errors.contains(word), "{word:?} is not in {:?}", answer.errors);
    }
}

#[test]
fn broken_yaml_names_file_and_line() {
    let broken = file("kind: Pod\nspec:\n  containers:\n  - name: a\n   image: b\n", ".yaml");
    refused(&pilot(&["analyze", "cluster", "-f", broken.path()]), 2, &[broken.path(), ":5:"]);
}

#[test]
fn a_field_of_the_wrong_type_is_named_with_its_line() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  replicas: many\n";
    let broken = file(text, ".yaml");
    refused(&pilot(&["analyze", "cluster", "-f", broken.path()]), 2, &[broken.path(), ":6:", "spec.replicas"]);
}

#[test]
fn what_is_not_a_manifest_is_said() {
    refused(&pilot_with(&["analyze", "cluster", "-f", "-"], "just: a map\n"), 2, &["stdin:1", "kind"]);
    refused(&pilot_with(&["analyze", "cluster", "-f", "-"], ""), 2, &["no Kubernetes object"]);
    refused(
        &pilot_with(&["analyze", "cluster", "-f", "-"], "{{ if .Values.x }}\nkind: Pod\n{{ end }}\n"),
        2,
        &["helm template"],
    );
    refused(&pilot(&["analyze", "cluster", "-f", "/nonexistent.yaml"]), 2, &["/nonexistent.yaml"]);
    refused(
        &pilot(&["analyze", "cluster", "--from-snapshot", file("{}\n", ".jsonl").path()]),
        2,
        &["not a recorded snapshot"],
    );
    refused(&pilot(&["analyze", "cluster", "--from-snapshot", file("nonsense\n", ".jsonl").path()]), 2, &[":1:"]);
}

#[test]
fn no_cluster_is_exit_code_3() {
    refused(&pilot(&["analyze", "cluster"]), 3, &["KUBECONFIG"]);
    // A port that nothing listens on.
    let config = "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\nusers: [{name: u, user: {}}]\n";
    let config = file(config, ".yaml");
    refused(&pilot(&["analyze", "cluster", "--kubeconfig", config.path()]), 3, &["127.0.0.1:1", "nothing listens"]);
}

#[test]
fn wrong_arguments_are_exit_code_2() {
    for args in [
        &["analyse"][..],
        &["analyze", "cluster", "--format", "pdf"],
        &["cost-analysis", "--by", "colour", "-f", "x"],
        &["optimize", "resources", "--strategy", "magic"],
        &["analyze", "cluster", "--ignore", "SEC-999"],
        &["security-scan", "--pss", "strictest"],
        &["cost-analysis", "--price", "cpu=cheap"],
        &["logs"],
        &["get", "thingamajigs"],
    ] {
        let answer = pilot(args);
        assert_eq!(answer.code, 2, "{args:?}: {}", answer.errors);
        assert!(!answer.errors.is_empty());
    }
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}";
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {:?}\n  annotations: {{note: {:?}}}\nspec:\n  containers:\n  - name: {:?}\n    image: {:?}\n",
        hostile, hostile, hostile, hostile
    )
    .replace("\\u{1b}", "\\x1b")
    .replace("\\u{7}", "\\x07")
    .replace("\\u{202e}", "\\u202e");
    let manifest = file(&text, ".yaml");
    for format in ["table", "json", "yaml", "sarif", "junit", "html", "prometheus", "markdown"] {
        let answer = pilot(&["analyze", "cluster", "--format", format, "-f", manifest.path()]);
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(answer.text.len() > 20, "{format}: {}", answer.errors);
        assert!(!answer.text.contains(bad) && !answer.errors.contains(bad), "{format}: {:?}", answer.text);
    }
}

#[test]
fn a_log_of_50_mb_is_read_in_bounded_memory() {
    let line = "2026-01-15T11:00:00Z dial tcp 10.0.0.7:5432: connect: connection refused\n";
    let noise = "2026-01-15T11:00:00Z GET /api/tasks 200 in 3 ms, all is well with this request and the next\n";
    let mut text = String::with_capacity(51 << 20);
    while text.len() < 50 << 20 {
        text += noise;
        text += line;
        text += noise;
    }
    text += &"x".repeat(2 << 20);
    let log = file(&text, ".log");
    let answer = pilot(&["logs", "--errors", "--format", "json", "--file", log.path()]);
    let says = &answer.json()["says"];
    assert_eq!(says["groups"].as_array().unwrap().len(), 1);
    assert_eq!(says["groups"][0]["count"].as_u64().unwrap(), text.matches(line).count() as u64);
}

#[test]
fn secrets_in_logs_and_manifests_are_not_shown() {
    let log =
        file("error: login with password=hunter2hunter2 failed at postgres://todo:s3cr3tpass@db:5432/todo\n", ".log");
    for args in [&["logs", "--file", log.path()][..], &["logs", "--errors", "--format", "json", "--file", log.path()]] {
        let answer = pilot(args);
        assert!(answer.text.contains("REDACTED"), "{}", answer.text);
        assert!(!answer.text.contains("hunter2hunter2") && !answer.text.contains("s3cr3tpass"), "{}", answer.text);
    }
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: x\n    env: [{name: DB_PASSWORD, value: hunter2hunter2}]\n";
    for format in ["table", "json", "html"] {
        let answer = pilot_with(&["security-scan", "--format", format, "-f", "-"], manifest);
        assert!(answer.text.contains("SEC-024"), "{format}: {}", answer.text);
        assert!(!answer.text.contains("hunter2"), "{format}");
    }
}

#[test]
fn a_missing_permission_is_named() {
    let text = std::fs::read_to_string(broken("healthy").path()).unwrap();
    let blind = text.replacen(
        "context: test",
        "context: test\ngaps: [{kind: Secret, verb: list, namespace: '', code: 403}]",
        1,
    );
    let answer = pilot(&["analyze", "cluster", "--from-snapshot", file(&blind, ".yaml").path()]);
    assert!(answer.text.contains("not read: Secret (HTTP 403)"), "{}", answer.text);
    assert!(answer.text.contains("skipped SEC-044"), "{}", answer.text);
    let releases = pilot(&["helm", "history", "--from-snapshot", file(&blind, ".yaml").path()]);
    refused(&releases, 4, &["Secrets", "403"]);
}
