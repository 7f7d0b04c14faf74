//! Bad input: a clear line, the right exit code, never a panic.

mod support;

use support::cases::broken;
use support::temp::file;
use support::{Answer, pilot, pilot_with};

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

#[test]
fn secrets_planted_everywhere_come_out_nowhere() {
    const SECRETS: [&str; 4] =
        ["hunter2hunter2", "s3cr3tpassw0rd", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "c3VwZXJzZWNyZXR2YWx1ZQ=="];
    let text = std::fs::read_to_string(broken("crash").path()).unwrap();
    let say = "login with password=hunter2hunter2 at postgres://todo:s3cr3tpassw0rd@db/todo using ghp_0123456789abcdefghijABCDEFGHIJ012345 failed";
    let planted = format!(
        "{}---\napiVersion: v1\nkind: Event\nmetadata: {{name: e, namespace: todo}}\ntype: Warning\nreason: Failed\nmessage: \"{say}\"\ncount: 9\nlastTimestamp: '2026-01-15T11:59:00Z'\ninvolvedObject: {{kind: Service, namespace: todo, name: backend}}\n\
         ---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: todo}}\ndata: {{value: c3VwZXJzZWNyZXR2YWx1ZQ==}}\n\
         ---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: todo, annotations: {{note: \"{say}\"}}, labels: {{team: x}}}}\ndata: {{url: \"{say}\"}}\n",
        text.replace("2026-01-15T11:57:59Z starting", &format!("2026-01-15T11:57:59Z ERROR {say}"))
            .replace("back-off 5m0s restarting failed container", say)
            .replace("image: registry.example/backend:1.4.0", &format!("image: registry.example/backend:1.4.0\n        env: [{{name: API_TOKEN, value: hunter2hunter2}}, {{name: URL, value: \"{say}\"}}]"))
    );
    // The image stands at different depths in the fixture; only documents that are still valid count.
    let planted: Vec<&str> =
        planted.split("---\n").filter(|d| !d.contains("kind: ReplicaSet") && !d.contains("kind: Pod\n")).collect();
    let pod = text
        .split("---\n")
        .find(|d| d.contains("kind: Pod\n"))
        .unwrap()
        .replace("back-off 5m0s restarting failed container", say);
    let file = file(&format!("{}---\n{pod}", planted.join("---\n")), ".yaml");
    let commands: [&[&str]; 8] = [
        &["analyze", "cluster"],
        &["analyze", "workload", "backend"],
        &["diagnose", "workload"],
        &["security-scan"],
        &["events"],
        &["logs", "backend", "--previous"],
        &["logs", "backend", "--previous", "--errors"],
        &["get", "configmaps"],
    ];
    let mut redacted = 0;
    for command in commands {
        for format in ["table", "json", "html", "sarif", "markdown"] {
            let mut args = command.to_vec();
            args.extend(["--format", format, "--from-snapshot", file.path()]);
            let answer = pilot(&args);
            assert!(!answer.text.is_empty(), "{args:?}: {}", answer.errors);
            redacted += usize::from(answer.text.contains("REDACTED"));
            for secret in SECRETS {
                assert!(!answer.text.contains(secret) && !answer.errors.contains(secret), "{args:?} shows {secret}");
            }
        }
    }
    assert!(redacted >= 10, "the planted texts do reach the outputs: {redacted}");
}
