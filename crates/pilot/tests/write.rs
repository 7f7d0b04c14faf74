//! The write path against an API server that keeps what it is told, with a scripted kubelet: plan, yes, change, check,
//! undo, audit.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::api::Script;
use support::cases::cluster;
use support::person::{BACKEND, Person};
use support::temp::file;

fn events(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|e| e["event"].as_str().unwrap()).collect()
}

#[test]
fn without_a_terminal_nothing_is_changed() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    let answer = person.run(&["scale", "backend", "--replicas", "3"]);
    assert_eq!(answer.code, 0, "{}", answer.errors);
    assert!(answer.text.contains("+  replicas: 3") && answer.text.contains("nothing was changed"), "{}", answer.text);
    for mode in ["read-only", "suggest"] {
        assert_eq!(person.run(&["scale", "backend", "--replicas", "3", "--mode", mode, "--yes"]).code, 0);
    }
    for mode in ["confirm", "paranoid", "auto"] {
        let answer = person.run(&["scale", "backend", "--replicas", "3", "--mode", mode]);
        assert_eq!(answer.code, 5, "{mode}: {}", answer.text);
    }
    assert_eq!(api.server.writes(), Vec::<String>::new());
    assert_eq!(events(&person.audit()), ["refused", "refused", "refused"]);
}

#[test]
fn a_change_is_made_checked_logged_and_taken_back() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    let answer = person.run(&["scale", "backend", "--replicas", "3", "--yes", "--format", "json"]);
    assert_eq!(answer.code, 0, "{} {}", answer.text, answer.errors);
    assert_eq!(person.replicas(), 3);
    let json = answer.json();
    assert_eq!(json["result"]["well"], true);
    let writes = api.server.writes();
    assert_eq!(writes.len(), 1, "{writes:?}");
    assert!(writes[0].contains("fieldValidation=Strict") && writes[0].contains("fieldManager=pilot"), "{writes:?}");
    let entries = person.audit();
    assert_eq!(events(&entries), ["confirmed", "applied"]);
    assert_eq!(entries[0]["decision"], "--yes");
    assert_eq!(entries[0]["plan"], json["plan"]["hash"]);
    assert!(
        entries[0]["user"].as_str().unwrap().contains("alice")
            && entries[0]["diff"].as_str().unwrap().contains("+  replicas: 3")
    );
    let hash = json["plan"]["hash"].as_str().unwrap();
    let undone = person.run(&["undo", "--plan", &hash[..12], "--yes"]);
    assert_eq!(undone.code, 0, "{} {}", undone.text, undone.errors);
    assert_eq!(person.replicas(), 1);
    let verified = person.run(&["audit", "verify"]);
    assert_eq!(verified.code, 0);
    assert!(verified.text.contains("4 entries, the chain is whole"), "{}", verified.text);
    let text = std::fs::read_to_string(person.log()).unwrap();
    std::fs::write(person.log(), text.replace("alice", "mallo")).unwrap();
    let verified = person.run(&["audit", "verify"]);
    assert_eq!(verified.code, 1);
    assert!(verified.text.contains("line 1 was changed"), "{}", verified.text);
}

#[test]
fn a_destructive_change_needs_the_name() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    for flags in [&["--yes"][..], &["--yes-delete", "frontend"], &["--yes", "--yes-delete", "back"]] {
        let mut args = vec!["scale", "backend", "--replicas", "0"];
        args.extend(flags);
        let answer = person.run(&args);
        assert_eq!(answer.code, 5);
        assert!(answer.errors.contains("--yes-delete=backend"), "{}", answer.errors);
    }
    assert_eq!(person.replicas(), 1);
    let answer = person.run(&["scale", "backend", "--replicas", "0", "--yes-delete", "backend"]);
    assert_eq!(answer.code, 0, "{} {}", answer.text, answer.errors);
    assert!(answer.text.contains("Service backend is left without endpoints"), "{}", answer.text);
    assert_eq!(person.replicas(), 0);
    let planned = person.run(&["delete", "deployment/backend"]);
    assert_eq!(planned.code, 0, "{} {}", planned.text, planned.errors);
    assert!(!api.get(BACKEND).is_null(), "a dry run deletes nothing");
    let deleted = person.run(&["delete", "deployment/backend", "--yes-delete", "backend"]);
    assert_eq!(deleted.code, 0, "{} {}", deleted.text, deleted.errors);
    assert!(api.get(BACKEND).is_null());
}

#[test]
fn a_change_that_is_not_well_is_taken_back_with_atomic() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    let before = api.get(BACKEND)["spec"].clone();
    let answer = person.run(&["set-image", "backend", "registry.example/backend:9.9.9", "--yes", "--atomic"]);
    assert_eq!(answer.code, 6, "{} {}", answer.text, answer.errors);
    assert!(answer.text.contains("ImagePullBackOff") && answer.text.contains("Taken back"), "{}", answer.text);
    assert_eq!(api.get(BACKEND)["spec"], before);
    assert_eq!(events(&person.audit()), ["confirmed", "unverified", "undone"]);
    let left = person.run(&["set-image", "backend", "registry.example/backend:9.9.9", "--yes"]);
    assert_eq!(left.code, 1, "{}", left.text);
    assert_ne!(api.get(BACKEND)["spec"], before, "without --atomic it stays");
    let undone = person.run(&["undo", "backend", "--yes"]);
    assert_eq!(undone.code, 0, "{} {}", undone.text, undone.errors);
    assert_eq!(api.get(BACKEND)["spec"], before, "the revision before is back");
}

#[test]
fn a_plan_is_for_the_objects_it_was_made_for() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    let file = person.home.path().join("plan.json");
    let path = file.to_str().unwrap();
    let saved = person.run(&["scale", "backend", "--replicas", "3", "--save-plan", path]);
    assert_eq!(saved.code, 0, "{} {}", saved.text, saved.errors);
    assert_eq!(person.replicas(), 1);
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let hash = plan["hash"].as_str().unwrap();
    assert_eq!(person.run(&["approve", path]).code, 0, "without a terminal it is only shown");
    assert_eq!(person.replicas(), 1);
    let wrong = person.run(&["approve", path, "--hash", "0123456789abcdef"]);
    assert_eq!(wrong.code, 5, "{}", wrong.text);
    // Status and counters may move on; the object may not.
    api.meddle(BACKEND, &json!({"status": {"availableReplicas": 1}}));
    let other = Person::at(&api);
    let approved = other.run(&["approve", path, "--hash", hash]);
    assert_eq!(approved.code, 0, "{} {}", approved.text, approved.errors);
    assert_eq!(person.replicas(), 3);
    assert_eq!(other.audit()[0]["decision"], format!("approved by hash {hash}"));
    let again = other.run(&["approve", path, "--hash", hash]);
    assert_eq!(again.code, 5, "the object is another one now: {}", again.text);
    let mut forged = plan.clone();
    forged["plan"]["steps"][0]["body"]["spec"]["replicas"] = json!(0);
    std::fs::write(&file, forged.to_string()).unwrap();
    let forged = other.run(&["approve", path, "--hash", hash]);
    assert_eq!(forged.code, 5);
    assert!(forged.errors.contains("was changed after it was saved"), "{}", forged.errors);
}

#[test]
fn apply_is_server_side_and_takes_nothing_from_others() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    let manifest =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: todo}\ndata: {level: debug}\n";
    let answer = person.run(&["apply", "-f", file(manifest, ".yaml").path(), "--yes"]);
    assert_eq!(answer.code, 0, "{} {}", answer.text, answer.errors);
    assert_eq!(api.get("/api/v1/namespaces/todo/configmaps/settings")["data"]["level"], "debug");
    api.meddle(
        BACKEND,
        &json!({"metadata": {"managedFields": [{"manager": "helm", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]}}),
    );
    let taken =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backend, namespace: todo}\nspec: {replicas: 5}\n";
    let answer = person.run(&["apply", "-f", file(taken, ".yaml").path(), "--yes"]);
    assert_eq!(answer.code, 5);
    assert!(
        answer.errors.contains("conflict with \"helm\"") && answer.errors.contains("never takes them by force"),
        "{}",
        answer.errors
    );
    let scaled = person.run(&["scale", "backend", "--replicas", "2"]);
    assert!(scaled.text.contains("spec.replicas is managed by helm"), "{}", scaled.text);
    let misspelt =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: backend, namespace: todo}\nspec: {replica: 5}\n";
    let answer = person.run(&["apply", "-f", file(misspelt, ".yaml").path(), "--yes"]);
    assert_eq!(answer.code, 5);
    assert!(answer.errors.contains("unknown field \"spec.replica\""), "{}", answer.errors);
}

#[test]
fn a_plan_has_a_limit_of_objects() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    let many: String = (0..4)
        .map(|n| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}, namespace: todo}}\n"))
        .collect();
    let many = file(&many, ".yaml");
    let answer = person.run(&["apply", "-f", many.path(), "--yes", "--max-objects", "3"]);
    assert_eq!(answer.code, 5);
    assert!(
        answer.errors.contains("4 objects, more than 3") && answer.errors.contains("ConfigMap/todo/c3"),
        "{}",
        answer.errors
    );
    assert_eq!(person.run(&["apply", "-f", many.path(), "--yes"]).code, 0);
}

#[test]
fn the_allow_list_lets_through_what_it_names() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    let list = file("[[allow]]\nverbs = [\"patch\"]\nkinds = [\"Deployment\"]\nnamespaces = [\"todo\"]\n", ".toml");
    let auto = |args: &[&str]| {
        let mut all = vec!["--mode", "auto", "--allow-list", list.path()];
        all.extend(args);
        person.run(&all)
    };
    assert_eq!(auto(&["scale", "backend", "--replicas", "2"]).code, 0);
    assert_eq!(person.replicas(), 2);
    assert_eq!(person.audit()[0]["decision"], "allow-list");
    assert_eq!(auto(&["scale", "backend", "--replicas", "0"]).code, 5, "destructive is never automatic");
    assert_eq!(auto(&["delete", "service/backend"]).code, 5);
    assert_eq!(person.replicas(), 2);
}

#[test]
fn no_secret_is_in_any_sink_of_a_change() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    let manifest =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: todo}\nstringData: {password: hunter2hunter2}\n";
    let manifest = file(manifest, ".yaml");
    let mut seen = String::new();
    for args in [
        &["apply", "-f", manifest.path()][..],
        &["apply", "-f", manifest.path(), "--mode", "suggest"],
        &["apply", "-f", manifest.path(), "--yes", "--format", "json"],
        &["audit", "--format", "json"],
    ] {
        let answer = person.run(args);
        assert_eq!(answer.code, 0, "{args:?} {}", answer.errors);
        seen += &answer.text;
        seen += &answer.errors;
    }
    let refused =
        person.run(&["apply", "-f", manifest.path(), "--save-plan", person.home.path().join("p").to_str().unwrap()]);
    assert!(refused.code == 5 || refused.text.contains("nothing to change"), "{}", refused.text);
    for entry in walk(person.home.path()) {
        seen += &std::fs::read_to_string(entry).unwrap();
    }
    assert_eq!(api.get("/api/v1/namespaces/todo/secrets/db")["stringData"]["password"], "hunter2hunter2");
    assert!(!seen.contains("hunter2") && !seen.contains("aHVudGVy"), "{seen}");
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}
