//! `fix` on every breakage: the right plan where one is safe, a reason where none is; after the yes the cause is gone, and
//! the undo brings back what was there.

mod support;

use serde_json::Value;
use support::api::Script;
use support::cases::cluster;
use support::person::{BACKEND, Person};

/// What `fix` does about a breakage.
enum Expect {
    /// A change of this object that has this text in it.
    Change(&'static str, &'static str),
    /// No: and why.
    Refuse(&'static str),
}
use Expect::{Change, Refuse};

const SERVICE: &str = "/api/v1/namespaces/todo/services/backend";
const CASES: &[(&str, Expect)] = &[
    ("image", Change(BACKEND, "registry.example/backend:1.4.0")),
    ("oom", Change(BACKEND, "384Mi")),
    ("liveness-probe", Change(BACKEND, "/health/ready")),
    ("readiness-probe", Change(BACKEND, "8000")),
    ("secret", Change(BACKEND, "todo-database")),
    ("secret-key", Change(BACKEND, "url")),
    ("node-selector", Change(BACKEND, "ssd")),
    ("taint", Change(BACKEND, "dedicated")),
    ("selector", Change(SERVICE, "backend")),
    ("service-port", Change(SERVICE, "http")),
    (
        "network-policy",
        Change("/apis/networking.k8s.io/v1/namespaces/todo/networkpolicies/backend-ingress-frontend", "frontend"),
    ),
    ("stuck-rollout", Change(BACKEND, "registry.example/backend:1.4.0")),
    ("quota", Refuse("a quota is a decision")),
    ("claim", Refuse("the class of a claim cannot be changed")),
    ("configmap", Refuse("its content has to come from you")),
    ("crash", Refuse("the fix is in the program")),
    ("command", Refuse("only you know what the command should be")),
    ("rbac", Refuse("widening a permission is a decision")),
    ("too-large", Refuse("how far the request may fall")),
];

fn script(case: &str) -> Script {
    match case {
        "oom" => Script { needs_mib: 300, ..Script::default() },
        _ => Script::default(),
    }
}

/// Fixes a case, looks that the cause is gone, and takes it back; what is wrong with that.
fn fixed(case: &str, path: &str, text: &str) -> Result<(), String> {
    let api = cluster(case, script(case));
    let person = Person::at(&api);
    let spec = || api.get(path)["spec"].clone();
    let before = spec();
    let answer = person.run(&["fix", "--yes", "--format", "json"]);
    if answer.code != 0 || !spec().to_string().contains(text) {
        let tail: String = answer.text.chars().rev().take(600).collect::<Vec<_>>().into_iter().rev().collect();
        return Err(format!("exit code {}: {} {tail} {}", answer.code, spec(), answer.errors));
    }
    let json = answer.json();
    let checks = json["result"]["checks"].to_string();
    if !checks.contains("what was wrong is gone") {
        return Err(checks);
    }
    let hash = json["plan"]["hash"].as_str().unwrap_or("");
    let back = person.run(&["undo", "--plan", hash, "--yes", "--yes-delete", "backend-ingress-frontend"]);
    if spec() == before { Ok(()) } else { Err(format!("not as before: {} {} {}", spec(), back.text, back.errors)) }
}

/// Asks for a fix where none is safe: nothing is done, and the reason is said.
fn refused(case: &str, why: &str) -> Result<(), String> {
    let api = cluster(case, script(case));
    let answer = Person::at(&api).run(&["fix", "--yes"]);
    let right = answer.code == 5 && answer.errors.contains(why) && api.server.writes().is_empty();
    if right { Ok(()) } else { Err(format!("exit code {}: {} {}", answer.code, answer.text, answer.errors)) }
}

#[test]
fn the_cause_is_removed_where_that_is_safe_and_the_undo_brings_it_back() {
    // Each case is a cluster of its own and mostly waits.
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let cases: Vec<_> = CASES
            .iter()
            .map(|(case, expect)| {
                let run = move || match expect {
                    Change(path, text) => fixed(case, path, text),
                    Refuse(why) => refused(case, why),
                };
                (case, scope.spawn(run))
            })
            .collect();
        let results = cases.into_iter().map(|(case, thread)| (case, thread.join().unwrap()));
        results.filter_map(|(case, result)| Some(format!("{case}: {}", result.err()?))).collect()
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn nothing_is_done_to_what_is_well() {
    let api = cluster("healthy", Script::default());
    let person = Person::at(&api);
    let answer = person.run(&["fix", "--yes"]);
    assert_eq!(answer.code, 0, "{}", answer.errors);
    assert!(answer.text.contains("nothing is wrong"), "{}", answer.text);
    assert_eq!(api.server.writes(), Vec::<String>::new());
    let named = person.run(&["fix", "backend", "--yes"]);
    assert_eq!(named.code, 0, "{}", named.errors);
}

#[test]
fn a_fix_that_does_not_help_is_taken_back_with_atomic() {
    // The program needs far more memory than the next step of the limit.
    let api = cluster("oom", Script { needs_mib: 4000, ..Script::default() });
    let person = Person::at(&api);
    let before: Value = api.get(BACKEND)["spec"].clone();
    let answer = person.run(&["fix", "--yes", "--atomic"]);
    assert_eq!(answer.code, 6, "{} {}", answer.text, answer.errors);
    assert!(answer.text.contains("OOMKilled") || answer.text.contains("CrashLoopBackOff"), "{}", answer.text);
    assert_eq!(api.get(BACKEND)["spec"], before);
}
