//! Plans of single changes, said in a sentence or as a command, against an API server that keeps what it is told.

mod support;

use serde_json::{Value, json};
use support::Answer;
use support::api::{Api, Script};
use support::cases::cluster;
use support::person::{BACKEND, Person};

fn healthy() -> Api {
    cluster("healthy", Script::default())
}

fn done(answer: &Answer) {
    assert_eq!(answer.code, 0, "{} {}", answer.text, answer.errors);
}

#[test]
fn a_node_is_cordoned_and_taken_back_by_its_name() {
    let api = healthy();
    let person = Person::at(&api);
    let planned = person.run(&["cordon node-1"]);
    done(&planned);
    assert!(
        planned.text.contains("+  unschedulable: true") && planned.text.contains("destructive"),
        "{}",
        planned.text
    );
    assert_eq!(person.run(&["cordon node-1", "--yes"]).code, 5, "what everybody stands on needs its name");
    done(&person.run(&["cordon node-1", "--yes-delete", "node-1"]));
    assert_eq!(api.get("/api/v1/nodes/node-1")["spec"]["unschedulable"], true);
    done(&person.run(&["uncordon node-1", "--yes-delete", "node-1"]));
    assert_ne!(api.get("/api/v1/nodes/node-1")["spec"]["unschedulable"], true);
}

#[test]
fn a_drain_cordons_first_and_evicts_what_may_go() {
    let api = healthy();
    let person = Person::at(&api);
    let planned = person.run(&["drain node-1", "-o", "json"]);
    done(&planned);
    let plan = planned.json();
    let steps = plan["plan"]["steps"].as_array().unwrap();
    assert_eq!(steps[0]["target"]["kind"], "Node");
    let evicted: Vec<&Value> = steps.iter().skip(1).collect();
    assert!(
        !evicted.is_empty() && evicted.iter().all(|s| s["verb"] == "evict" && s["target"]["kind"] == "Pod"),
        "{plan}"
    );
    assert_eq!((&plan["plan"]["class"], api.server.writes().len()), (&json!("destructive"), 0));
    assert_eq!(person.run(&["drain node-1", "--yes"]).code, 5);
}

#[test]
fn a_canary_is_a_second_deployment_with_its_share() {
    let api = healthy();
    let person = Person::at(&api);
    done(&person.run(&["scale", "backend", "--replicas", "4", "--yes"]));
    let answer = person.run(&["canary backend version 1.5.0 at 25%"]);
    done(&answer);
    assert!(
        answer.text.contains("registry.example/backend:1.5.0") && answer.text.contains("create"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("replicas: 1"), "a quarter of four: {}", answer.text);
    assert_eq!(
        api.get(BACKEND)["spec"]["template"]["spec"]["containers"][0]["image"],
        "registry.example/backend:1.4.0"
    );
}

#[test]
fn a_workload_is_exposed_and_autoscaled() {
    let api = healthy();
    let person = Person::at(&api);
    done(&person.run(&["delete", "service/backend", "--yes-delete", "backend"]));
    done(&person.run(&["expose backend on port 80 target port 8000", "--yes"]));
    let service = api.get("/api/v1/namespaces/todo/services/backend");
    let port = &service["spec"]["ports"][0];
    assert_eq!((&port["port"], &port["targetPort"]), (&json!(80), &json!(8000)), "{service}");
    assert_eq!(service["spec"]["selector"]["app"], "backend");
    done(&person.run(&["autoscale backend min 2 max 5 cpu 70%", "--yes"]));
    let scaler = api.get("/apis/autoscaling/v2/namespaces/todo/horizontalpodautoscalers/backend");
    assert_eq!((&scaler["spec"]["minReplicas"], &scaler["spec"]["maxReplicas"]), (&json!(2), &json!(5)));
    assert_eq!(scaler["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"], 70);
    assert_eq!(scaler["spec"]["scaleTargetRef"]["name"], "backend");
}

#[test]
fn who_reaches_whom_and_who_may_what_are_answered() {
    let api = cluster("network-policy", Script::default());
    let person = Person::at(&api);
    let answer = person.run(&["can frontend reach backend", "-o", "json"]);
    done(&answer);
    let told = answer.json();
    assert_eq!((&told["kind"], &told["answer"]), (&json!("Connection"), &json!("no")), "{told}");
    assert!(told["ways"][0]["why"].as_str().unwrap().contains("ingress"), "{told}");
    let who = person.run(&["who can delete pods in todo"]);
    assert!(who.text.contains("may delete pods in namespace todo"), "{} {}", who.text, who.errors);
}
