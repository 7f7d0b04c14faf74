//! Who reaches whom, and who may do what: exact where the objects say it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use jiff::Timestamp;
use pilot_core::model::ObjectRef;
use pilot_core::rules::{connection, who_may};
use pilot_core::snapshot::{Origin, Snapshot};
use serde_json::{Value, json};

/// The objects as files hold them: without pods, whose state counts in a cluster.
fn snapshot(objects: Vec<Value>) -> Snapshot {
    let mut snapshot = Snapshot::from_objects(objects.into_iter().map(|o| (o, None)), Timestamp::UNIX_EPOCH);
    assert_eq!(snapshot.errors, []);
    snapshot.origin = Origin::Files;
    snapshot
}

fn deployment(namespace: &str, name: &str, port: u16) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "c", "image": "i", "ports": [{"name": "main", "containerPort": port}]}]}}}})
}

fn service(name: &str, target: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "a"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": target}]}})
}

fn policy(name: &str, selects: &str, spec: Value) -> Value {
    let mut whole = json!({"podSelector": {"matchLabels": {"app": selects}}});
    whole.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name, "namespace": "a"}, "spec": whole})
}

fn object(kind: &str, namespace: &str, name: &str) -> ObjectRef {
    let api_version = if kind == "Service" { "v1" } else { "apps/v1" };
    ObjectRef { api_version: api_version.into(), kind: kind.into(), namespace: namespace.into(), name: name.into() }
}

/// Whether `web` reaches `to`, and why.
fn judged(more: Vec<Value>, from: &str, to: &ObjectRef, port: Option<u16>) -> Result<(bool, String), String> {
    let mut objects = vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "b", "labels": {"team": "shop"}}}),
        deployment("a", "web", 8080),
        deployment("a", "db", 5432),
        deployment("b", "far", 9000),
        service("db", json!("main")),
    ];
    objects.extend(more);
    let snapshot = snapshot(objects);
    let namespace = if from == "far" { "b" } else { "a" };
    let found = connection(&snapshot, &object("Deployment", namespace, from), to, port)?;
    Ok((found.is_open(), found.ways.iter().map(|w| format!("{}:{} {}", w.to.name, w.port, w.why)).collect()))
}

#[test]
fn open_unless_a_policy_selects() {
    let db = object("Service", "a", "db");
    let (open, why) = judged(vec![], "web", &db, None).unwrap();
    assert!(open && why == "db:5432 no policy limits it", "{why}");
    let deny = policy("deny", "db", json!({"policyTypes": ["Ingress"]}));
    let (open, why) = judged(vec![deny.clone()], "web", &db, None).unwrap();
    assert!(!open && why.contains("ingress of db is limited by a/deny"), "{why}");
    let from_web = policy(
        "web",
        "db",
        json!({"policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": "main"}]}]}),
    );
    assert!(judged(vec![deny.clone(), from_web.clone()], "web", &db, Some(80)).unwrap().0, "policies add up");
    assert!(!judged(vec![from_web.clone()], "far", &db, None).unwrap().0);
    let by_namespace = policy(
        "shop",
        "db",
        json!({"policyTypes": ["Ingress"], "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"team": "shop"}}}]}]}),
    );
    assert!(judged(vec![by_namespace.clone()], "far", &db, None).unwrap().0);
    assert!(!judged(vec![by_namespace], "web", &db, None).unwrap().0);
    let other_port = policy("port", "db", json!({"policyTypes": ["Ingress"], "ingress": [{"ports": [{"port": 80}]}]}));
    assert!(
        !judged(vec![other_port], "web", &db, None).unwrap().0,
        "policies see the port of the pod, not of the Service"
    );
}

#[test]
fn in_a_cluster_somebody_must_be_there() {
    let mut live = snapshot(vec![deployment("a", "web", 1), deployment("a", "db", 5432)]);
    live.origin = Origin::Live;
    let found = connection(&live, &object("Deployment", "a", "web"), &object("Deployment", "a", "db"), None).unwrap();
    assert!(!found.is_open() && found.ways[0].why.contains("ready"), "{found:?}");
}

#[test]
fn both_sides_must_allow() {
    let db = object("Deployment", "a", "db");
    let egress = |to: Value| policy("out", "web", json!({"policyTypes": ["Egress"], "egress": to}));
    let (open, why) = judged(vec![egress(json!([]))], "web", &db, None).unwrap();
    assert!(!open && why.contains("egress of web is limited by a/out"), "{why}");
    let to_db =
        json!([{"to": [{"podSelector": {"matchLabels": {"app": "db"}}}], "ports": [{"port": 5000, "endPort": 6000}]}]);
    assert!(judged(vec![egress(to_db.clone())], "web", &db, None).unwrap().0);
    assert!(!judged(vec![egress(to_db)], "web", &db, Some(4000)).unwrap().0);
}

#[test]
fn what_leads_nowhere_is_said() {
    let none = |to: &ObjectRef, port| judged(vec![service("lost", json!(1))], "web", to, port).unwrap_err();
    assert!(none(&object("Service", "a", "lost"), None).contains("selects no pods"));
    assert!(none(&object("Service", "a", "db"), Some(81)).contains("it has 80"));
    assert!(none(&object("Service", "a", "nothing"), None).contains("there is no"));
    let named = judged(
        vec![deployment("a", "lost", 1), service("lost", json!("other"))],
        "web",
        &object("Service", "a", "lost"),
        None,
    );
    assert!(!named.unwrap().0, "a target port that no container names");
}

#[test]
fn who_may_follows_bindings_aggregation_and_scope() {
    let role = |kind: &str, name: &str, spec: Value| {
        let mut object =
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}});
        if kind == "Role" {
            object["metadata"]["namespace"] = json!("a");
        }
        object.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        object
    };
    let binding = |name: &str, namespace: Option<&str>, role: (&str, &str), subject: Value| {
        let kind = if namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" };
        let mut object = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role.0, "name": role.1}, "subjects": [subject]});
        if let Some(namespace) = namespace {
            object["metadata"]["namespace"] = json!(namespace);
        }
        object
    };
    let secrets = json!({"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]});
    let mut part = role("ClusterRole", "part", secrets.clone());
    part["metadata"]["labels"] = json!({"into": "sum"});
    let snapshot = snapshot(vec![
        role("ClusterRole", "root", json!({"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]})),
        part,
        role(
            "ClusterRole",
            "sum",
            json!({"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"into": "sum"}}]}, "rules": []}),
        ),
        role(
            "Role",
            "one",
            json!({"rules": [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["db"], "verbs": ["get"]}]}),
        ),
        role("Role", "logs", json!({"rules": [{"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]}]})),
        binding("r", None, ("ClusterRole", "root"), json!({"kind": "User", "name": "ada"})),
        binding("s", Some("a"), ("ClusterRole", "sum"), json!({"kind": "Group", "name": "team"})),
        binding("o", Some("a"), ("Role", "one"), json!({"kind": "ServiceAccount", "name": "app", "namespace": "c"})),
        binding("l", Some("a"), ("Role", "logs"), json!({"kind": "User", "name": "bob"})),
        binding("lost", Some("a"), ("Role", "gone"), json!({"kind": "User", "name": "eve"})),
    ]);
    let who = |verb: &str, resource: &str, namespace| -> Vec<String> {
        let grants = who_may(&snapshot, verb, "", resource, namespace);
        grants
            .iter()
            .map(|g| format!("{} {} {} {}", g.kind, g.subject, g.namespace.as_deref().unwrap_or("*"), g.only.join(",")))
            .collect()
    };
    assert_eq!(who("get", "secrets", Some("a")), ["Group team a ", "ServiceAccount c/app a db", "User ada * "]);
    assert_eq!(who("get", "secrets", Some("b")), ["User ada * "], "bindings hold in their namespace");
    assert_eq!(who("get", "pods/log", None), ["User ada * ", "User bob a "]);
    assert_eq!(who("get", "pods", Some("a")), ["User ada * "], "a subresource is not its resource");
}
