//! Releases: freed when stuck, compared with their manifest, changed through the helm program that is found.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::io::{Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use support::api::{Api, Script};
use support::person::Person;

const MANIFEST: &str = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  level: info\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: hunter2hunter2\n";

fn record(revision: u32, status: &str) -> Value {
    let record = json!({"name": "todo", "version": revision, "namespace": "todo", "info": {"status": status, "description": "x"},
        "chart": {"metadata": {"name": "todo-chatbot", "version": "1.0.0"}}, "config": {"password": "hunter2hunter2"}, "manifest": MANIFEST});
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(record.to_string().as_bytes()).unwrap();
    json!({"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
        "metadata": {"name": format!("sh.helm.release.v1.todo.v{revision}"), "namespace": "todo", "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {"owner": "helm", "name": "todo", "status": status, "version": revision.to_string()}},
        "data": {"release": STANDARD.encode(STANDARD.encode(gzip.finish().unwrap()))}})
}

fn cluster(level: &str, last: &str) -> Api {
    let objects = vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "todo"}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "todo"}, "data": {"level": level}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "todo"}, "data": {"password": STANDARD.encode("hunter2hunter2")}}),
        record(1, "deployed"),
        record(2, last),
    ];
    Api::start(objects, Script::default())
}

/// A `helm` that notes what it is asked and changes nothing.
fn fake_helm(home: &Path, version: &str) -> String {
    let folder = home.join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let log = home.join("helm.log");
    let manifest = json!({"manifest": MANIFEST.replace("info", "debug")}).to_string();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\nversion*) echo {version};;\n*--dry-run=server*) cat >/dev/null; printf '%s' '{manifest}';;\n*) echo \"ARGS $*\" >> {log}; echo \"STDIN $(cat)\" >> {log};;\nesac\n",
        log = log.display()
    );
    let path = folder.join("helm");
    std::fs::write(&path, script).unwrap();
    let mut permissions = std::fs::metadata(&path).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(&path, permissions).unwrap();
    format!("{}:/usr/bin:/bin", folder.display())
}

#[test]
fn without_the_program_what_needs_it_says_so() {
    let api = cluster("info", "deployed");
    let person = Person::at(&api);
    for args in
        [&["helm", "rollback", "todo"][..], &["helm", "uninstall", "todo"], &["helm", "install", "new", "repo/chart"]]
    {
        let answer = person.run(args);
        assert_eq!(answer.code, 5, "{}", answer.text);
        assert!(answer.errors.contains("helm program is not on PATH"), "{}", answer.errors);
    }
    assert_eq!(person.run(&["helm", "history", "todo"]).code, 0);
}

#[test]
fn a_stuck_release_is_freed_and_keeps_everything_else() {
    let api = cluster("info", "pending-upgrade");
    let person = Person::at(&api);
    let path = "/api/v1/namespaces/todo/secrets/sh.helm.release.v1.todo.v2";
    let refused = person.run(&["helm", "unlock", "nothing"]);
    assert_eq!(refused.code, 2);
    let answer = person.run(&["helm", "unlock", "todo", "--yes"]);
    assert_eq!(answer.code, 0, "{} {}", answer.text, answer.errors);
    let secret = api.get(path);
    assert_eq!(secret["metadata"]["labels"]["status"], "failed");
    let payload = STANDARD.decode(STANDARD.decode(secret["data"]["release"].as_str().unwrap()).unwrap()).unwrap();
    let mut text = String::new();
    GzDecoder::new(payload.as_slice()).read_to_string(&mut text).unwrap();
    let freed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(freed["info"]["status"], "failed");
    assert_eq!((&freed["manifest"], &freed["config"]["password"]), (&json!(MANIFEST), &json!("hunter2hunter2")));
    let audit = std::fs::read_to_string(person.log()).unwrap();
    for seen in [&answer.text, &answer.errors, &audit] {
        assert!(!seen.contains("hunter2") && !seen.contains(secret["data"]["release"].as_str().unwrap()), "{seen}");
    }
    let again = person.run(&["helm", "unlock", "todo", "--yes"]);
    assert_eq!(again.code, 5);
    assert!(again.errors.contains("is not stuck"), "{}", again.errors);
}

#[test]
fn drift_is_named_by_field_and_secrets_stay_secret() {
    let well = cluster("info", "deployed");
    let person = Person::at(&well);
    let answer = person.run(&["helm", "verify", "todo"]);
    assert_eq!(answer.code, 0, "{} {}", answer.text, answer.errors);
    assert!(answer.text.contains("all 2 objects are as the manifest says"), "{}", answer.text);
    let drifted = cluster("debug", "deployed");
    drifted.meddle("/api/v1/namespaces/todo/secrets/db", &json!({"data": {"password": "b3RoZXI="}}));
    let person = Person::at(&drifted);
    let answer = person.run(&["helm", "verify", "todo"]);
    assert_eq!(answer.code, 1, "{}", answer.text);
    assert!(answer.text.contains("data.level") && answer.text.contains("data.password"), "{}", answer.text);
    assert!(!answer.text.contains("hunter2") && !answer.text.contains("b3RoZXI"), "{}", answer.text);
    let found = person.run(&["analyze", "cluster", "--format", "json"]);
    let findings = found.json()["findings"].clone();
    let drift = findings.as_array().unwrap().iter().find(|f| f["id"] == "HLT-262").cloned().unwrap_or_default();
    assert_eq!(drift["evidence"][0]["value"], "data.level", "{findings}");
}

#[test]
fn the_program_is_called_as_its_version_wants_and_values_are_no_arguments() {
    for (version, flag) in [("v3.21.4", "--atomic"), ("v4.2.0", "--rollback-on-failure")] {
        let api = cluster("info", "deployed");
        let person = Person::at(&api);
        let path = fake_helm(person.home.path(), version);
        let args =
            ["helm", "upgrade", "todo", "repo/chart", "--set", "db.password=hunter2hunter2", "--atomic", "--yes"];
        let answer = person.run_with(&args, &[("PATH", &path)]);
        let log = std::fs::read_to_string(person.home.path().join("helm.log")).unwrap_or_default();
        assert!(answer.text.contains("+  level: debug"), "{} {}", answer.text, answer.errors);
        let args = log.lines().find(|l| l.starts_with("ARGS")).unwrap_or_default();
        assert!(args.contains("upgrade todo repo/chart --namespace todo") && args.contains(flag), "{log}");
        assert!(!args.contains("hunter2") && args.contains("--values -"), "{args}");
        assert!(log.contains(r#"STDIN {"db":{"password":"hunter2hunter2"}}"#), "{log}");
        assert!(!answer.text.contains("hunter2") && !answer.errors.contains("hunter2"));
        assert_eq!(answer.code, 0, "{} {}", answer.text, answer.errors);
    }
    let api = cluster("info", "pending-upgrade");
    let person = Person::at(&api);
    let path = fake_helm(person.home.path(), "v3.21.4");
    let answer = person.run_with(&["helm", "upgrade", "todo", "repo/chart", "--yes"], &[("PATH", &path)]);
    assert_eq!(answer.code, 5);
    assert!(
        answer.errors.contains("is stuck in pending-upgrade") && answer.errors.contains("helm unlock todo"),
        "{}",
        answer.errors
    );
}
