//! Mistakes that well-known checkers make or made; each test fails if pilot makes them too.

use pilot_core::config::Config;
use pilot_core::finding::{Confidence, Finding};
use pilot_core::image_ref::ImageRef;
use pilot_core::pss::{Level, verdict};
use pilot_core::rules::analyze_with;
use pilot_core::snapshot::{KubeVersion, LoadOptions, Snapshot};
use serde_json::{Value, json};

fn load(objects: &[Value], options: &LoadOptions) -> Snapshot {
    let objects = objects.iter().map(|object| (object.clone(), None));
    let snapshot = Snapshot::load(objects, jiff::Timestamp::UNIX_EPOCH, options);
    assert!(snapshot.errors.is_empty(), "{:?}", snapshot.errors);
    snapshot
}

fn found(id: &str, objects: &[Value]) -> Vec<Finding> {
    analyze_with(&load(objects, &LoadOptions::default()), &Config::default(), |rule| rule.id == id).findings
}

fn deployment(spec: Value) -> Value {
    let mut object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": "app" },
        "spec": { "replicas": 2, "selector": { "matchLabels": { "app": "web", "tier": "front" } },
            "template": { "metadata": { "labels": { "app": "web", "tier": "front" } }, "spec": { "containers": [{ "name": "c", "image": "a:1" }] } } },
    });
    pilot_core::patch::strategic(&mut object["spec"]["template"]["spec"], &spec);
    object
}

fn budget(namespace: &str, selector: Value) -> Value {
    json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": { "name": "b", "namespace": namespace },
        "spec": { "maxUnavailable": 1, "selector": selector } })
}

fn policy(spec: Value) -> Value {
    json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "p", "namespace": "app" }, "spec": spec })
}

fn role(kind: &str, rule: Value) -> Value {
    json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": { "name": "r", "namespace": "app" }, "rules": [rule] })
}

#[test]
fn a_registry_port_hides_no_missing_tag_and_a_digest_confuses_nobody() {
    assert!(ImageRef::parse("registry:5000/app").is_untagged());
    assert!(!ImageRef::parse("app@sha256:00").is_untagged());
    assert_eq!(
        found("SEC-027", &[deployment(json!({ "containers": [{ "name": "c", "image": "registry:5000/app" }] }))]).len(),
        1
    );
    assert!(
        found(
            "SEC-027",
            &[deployment(json!({ "containers": [{ "name": "c", "image": "registry:5000/app@sha256:00" }] }))]
        )
        .is_empty()
    );
}

#[test]
fn a_budget_counts_in_its_own_namespace_with_its_whole_selector() {
    let web = || deployment(json!({}));
    assert!(!found("REL-013", &[web(), budget("other", json!({ "matchLabels": { "app": "web" } }))]).is_empty());
    assert!(
        !found("REL-013", &[web(), budget("app", json!({ "matchLabels": { "app": "web", "tier": "back" } }))])
            .is_empty()
    );
    assert!(
        !found(
            "REL-013",
            &[
                web(),
                budget(
                    "app",
                    json!({ "matchExpressions": [{ "key": "tier", "operator": "NotIn", "values": ["front"] }] })
                )
            ]
        )
        .is_empty()
    );
    assert!(
        found(
            "REL-013",
            &[web(), budget("app", json!({ "matchExpressions": [{ "key": "tier", "operator": "Exists" }] }))]
        )
        .is_empty()
    );
    assert!(found("REL-013", &[web(), budget("app", json!({}))]).is_empty());
}

#[test]
fn isolation_is_decided_by_the_policys_own_selector() {
    let web = deployment(json!({}));
    let as_peer = policy(
        json!({ "podSelector": { "matchLabels": { "app": "db" } }, "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "app": "web" } } }] }] }),
    );
    assert!(
        found("SEC-043", &[web.clone(), as_peer])
            .iter()
            .any(|finding| finding.subject.field.as_deref() == Some("Ingress"))
    );
    // Default deny has no rules and two matching labels are not too many.
    let deny = policy(
        json!({ "podSelector": { "matchLabels": { "app": "web", "tier": "front" } }, "policyTypes": ["Ingress", "Egress"] }),
    );
    assert!(found("SEC-043", &[web.clone(), deny]).is_empty());
    let expression = policy(
        json!({ "podSelector": { "matchExpressions": [{ "key": "app", "operator": "In", "values": ["web"] }] }, "policyTypes": ["Ingress", "Egress"] }),
    );
    assert!(found("SEC-043", &[web, expression]).is_empty());
}

#[test]
fn an_empty_pod_selector_with_no_rules_is_default_deny_not_allow_all() {
    let deny = policy(json!({ "podSelector": {}, "policyTypes": ["Ingress", "Egress"] }));
    assert!(found("NET-010", &[deployment(json!({})), deny.clone()]).is_empty());
    let caller =
        deployment(json!({ "containers": [{ "name": "c", "env": [{ "name": "U", "value": "http://api:80" }] }] }));
    let api = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "api", "namespace": "app", "labels": { "app": "api" } },
        "spec": { "containers": [{ "name": "c", "image": "a:1", "ports": [{ "containerPort": 80 }] }] } });
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "api", "namespace": "app" },
        "spec": { "selector": { "app": "api" }, "ports": [{ "port": 80 }] } });
    let blocked: Vec<String> = found("NET-011", &[caller, api, service, deny])
        .into_iter()
        .filter_map(|finding| finding.subject.field)
        .collect();
    assert_eq!(blocked, ["Egress DNS", "Egress app/api:80", "Ingress app/api:80"]);
}

#[test]
fn autoscalers_at_their_maximum_are_counted_once() {
    let web = deployment(json!({ "containers": [{ "name": "c", "resources": { "requests": { "cpu": "1" } } }] }));
    let world = |max: i64| {
        vec![
            web.clone(),
            json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "n" }, "status": { "allocatable": { "cpu": "4", "memory": "8Gi" } } }),
            json!({ "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": { "name": "h", "namespace": "app" },
                "spec": { "scaleTargetRef": { "kind": "Deployment", "name": "web" }, "minReplicas": 2, "maxReplicas": max } }),
        ]
    };
    // No replica is available, and still four at the most are four.
    assert!(found("EFF-009", &world(4)).is_empty());
    assert_eq!(found("EFF-009", &world(5)).len(), 1);
}

#[test]
fn an_unset_privilege_escalation_is_an_allowed_one() {
    assert_eq!(found("SEC-002", &[deployment(json!({}))]).len(), 1);
}

#[test]
fn hardened_containers_need_no_context_of_the_pod() {
    let container = json!({ "name": "c", "securityContext": { "runAsNonRoot": true, "runAsUser": 10001, "allowPrivilegeEscalation": false,
        "capabilities": { "drop": ["ALL"] }, "seccompProfile": { "type": "RuntimeDefault" } } });
    let snapshot = load(&[deployment(json!({ "containers": [container] }))], &LoadOptions::default());
    let template = &snapshot.deployments[0].spec.template;
    assert_eq!(verdict(KubeVersion::LATEST, &template.metadata, &template.spec), Level::Restricted);
    let analysis = analyze_with(&snapshot, &Config::default(), |rule| matches!(rule.id, "SEC-003" | "SEC-011"));
    assert!(analysis.findings.is_empty());
}

#[test]
fn what_the_files_lack_may_be_in_the_cluster() {
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "s", "namespace": "app" },
        "spec": { "selector": { "app": "nowhere" }, "ports": [{ "port": 80 }] } });
    let judge = |options: &LoadOptions| {
        analyze_with(&load(std::slice::from_ref(&service), options), &Config::default(), |rule| rule.id == "NET-001")
            .findings
    };
    assert_eq!(judge(&LoadOptions::default())[0].confidence, Confidence::High);
    assert_eq!(judge(&LoadOptions::files())[0].confidence, Confidence::Low);
}

#[test]
fn a_probe_of_one_container_does_not_satisfy_another() {
    let probed = json!({ "name": "c", "readinessProbe": { "tcpSocket": { "port": 1 } } });
    let second = json!({ "name": "second", "image": "a:1" });
    let missing = found("REL-001", &[deployment(json!({ "containers": [probed, second] }))]);
    assert_eq!(
        missing.iter().filter_map(|finding| finding.subject.container.as_deref()).collect::<Vec<_>>(),
        ["second"]
    );
}

#[test]
fn two_named_ports_are_not_equal() {
    let container = json!({ "name": "c", "ports": [{ "name": "a", "containerPort": 1 }, { "name": "b", "containerPort": 2 }],
        "livenessProbe": { "tcpSocket": { "port": "a" } }, "readinessProbe": { "tcpSocket": { "port": "b" } } });
    assert!(found("REL-003", &[deployment(json!({ "containers": [container] }))]).is_empty());
}

#[test]
fn slices_count_where_there_are_no_endpoints_and_one_finding_covers_a_service() {
    let mut pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p", "namespace": "app", "labels": { "a": "b", "c": "d" } }, "spec": { "containers": [{ "name": "c" }] } });
    let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "s", "namespace": "app" }, "spec": { "selector": { "a": "b", "c": "d" }, "ports": [{ "port": 80 }] } });
    let slice = json!({ "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": { "name": "s-1", "namespace": "app", "labels": { "kubernetes.io/service-name": "s" } },
        "endpoints": [{ "addresses": ["10.0.0.1"], "conditions": { "ready": false } }] });
    assert_eq!(found("NET-003", &[pod.clone(), service.clone(), slice]).len(), 1);
    pod["metadata"]["labels"] = json!({ "x": "y" });
    assert_eq!(found("NET-001", &[pod, service]).len(), 1, "two labels of the selector differ, but it is one fault");
}

#[test]
fn events_are_timed_by_their_series_first() {
    let snapshot = load(
        &[
            json!({ "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": { "name": "e", "namespace": "app", "creationTimestamp": "2026-01-01T00:00:00Z" },
            "eventTime": "2026-01-01T00:00:00.000000Z", "note": "n", "regarding": { "kind": "Pod", "name": "p" }, "deprecatedLastTimestamp": null,
            "series": { "count": 7, "lastObservedTime": "2026-01-02T00:00:00.000000Z" } }),
        ],
        &LoadOptions::default(),
    );
    let event = &snapshot.events[0];
    assert_eq!(event.last_seen().unwrap().to_string(), "2026-01-02T00:00:00Z");
    assert_eq!((event.occurrences(), event.message.as_str(), event.involved_object.name.as_str()), (7, "n", "p"));
}

#[test]
fn roles_count_as_cluster_roles_do_and_wildcards_and_names_are_honoured() {
    let secrets = |kind: &str, rule: Value| found("RBC-006", &[role(kind, rule)]).len();
    assert_eq!(secrets("Role", json!({ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] })), 1);
    assert_eq!(secrets("ClusterRole", json!({ "apiGroups": [""], "resources": ["*"], "verbs": ["list"] })), 1);
    assert_eq!(
        secrets(
            "ClusterRole",
            json!({ "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["x"], "verbs": ["get"] })
        ),
        0
    );
}

#[test]
fn no_number_of_good_marks_outweighs_a_bad_one() {
    let spec = json!({ "serviceAccountName": "x", "automountServiceAccountToken": false, "hostPID": true, "containers": [{ "name": "c",
        "securityContext": { "runAsNonRoot": true, "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] }, "seccompProfile": { "type": "RuntimeDefault" } } }] });
    let snapshot = load(&[deployment(spec)], &LoadOptions::default());
    let template = &snapshot.deployments[0].spec.template;
    assert_eq!(verdict(KubeVersion::LATEST, &template.metadata, &template.spec), Level::Privileged);
}
