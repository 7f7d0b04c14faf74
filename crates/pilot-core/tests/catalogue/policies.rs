//! Every check of a policy on the healthy application: demands it meets, and demands it violates.

use pilot_core::config::Config;
use pilot_core::policy::{Policies, PolicyError, evaluate};
use serde_json::{Value, json};

use crate::fixture::Case;

fn violations(policy: Value) -> usize {
    let mut objects = json!([
        { "kind": "PersistentVolumeClaim", "name": "data", "spec": { "storageClassName": "fast" } },
        { "kind": "Ingress", "name": "web", "spec": { "rules": [{ "host": "a.example.com" }] } },
        { "kind": "HorizontalPodAutoscaler", "name": "web", "spec": { "scaleTargetRef": { "kind": "Deployment", "name": "web" }, "minReplicas": 2, "maxReplicas": 6 } },
    ]);
    let case: Case = serde_json::from_value(json!({ "objects": objects.take() })).unwrap();
    let policies: Policies = serde_json::from_value(json!({ "policies": [policy] })).unwrap();
    evaluate(&case.world().snapshot(), &Config::default(), &policies).unwrap().len()
}

#[test]
fn each_check_passes_what_it_allows_and_finds_what_it_forbids() {
    let web = json!({ "kinds": ["Deployment"] });
    for (met, violated) in [
        (json!({ "type": "rule", "id": "SEC-001" }), json!({ "type": "rule", "id": "EFF-015" })),
        (
            json!({ "type": "required-labels", "labels": [{ "key": "app.kubernetes.io/name", "pattern": "w.b" }] }),
            json!({ "type": "required-labels", "labels": [{ "key": "app.kubernetes.io/name", "pattern": "w" }] }),
        ),
        (
            json!({ "type": "required-annotations", "annotations": [] }),
            json!({ "type": "required-annotations", "annotations": [{ "key": "owner" }] }),
        ),
        (
            json!({ "type": "allowed-repositories", "repositories": ["registry.example.com"] }),
            json!({ "type": "allowed-repositories", "repositories": ["registry.example.co"] }),
        ),
        (
            json!({ "type": "disallowed-repositories", "repositories": ["docker.io"] }),
            json!({ "type": "disallowed-repositories", "repositories": ["registry.example.com/web"] }),
        ),
        (
            json!({ "type": "disallowed-tags", "tags": ["latest"] }),
            json!({ "type": "disallowed-tags", "tags": ["1.4.2"] }),
        ),
        (
            json!({ "type": "required-probes", "probes": ["readinessProbe"] }),
            json!({ "type": "required-probes", "probes": ["startupProbe"] }),
        ),
        (
            json!({ "type": "required-resources", "requests": ["cpu"], "limits": ["memory"] }),
            json!({ "type": "required-resources", "limits": ["nvidia.com/gpu"] }),
        ),
        (json!({ "type": "max-limits", "cpu": "0.5" }), json!({ "type": "max-limits", "memory": "255Mi" })),
        (json!({ "type": "max-requests", "cpu": "100m" }), json!({ "type": "max-requests", "cpu": "99m" })),
        (json!({ "type": "max-ratio", "cpu": 5 }), json!({ "type": "max-ratio", "cpu": 4 })),
        (json!({ "type": "replicas", "min": 2, "max": 2 }), json!({ "type": "replicas", "min": 3 })),
        (
            json!({ "type": "volume-types", "allowed": ["emptyDir"] }),
            json!({ "type": "volume-types", "allowed": ["secret"] }),
        ),
        (
            json!({ "type": "capabilities", "allowed": [], "requiredDrop": ["NET_RAW"] }),
            json!({ "type": "user-ids", "min": 20000 }),
        ),
        (json!({ "type": "user-ids", "min": 10000, "max": 20000 }), json!({ "type": "user-ids", "min": 1, "max": 9 })),
        (json!({ "type": "pod-security", "level": "restricted" }), json!({ "type": "volume-types", "allowed": [] })),
        (json!({ "type": "image-digests" }), json!({ "type": "required-labels", "labels": [{ "key": "team" }] })),
        (json!({ "type": "host-ports", "min": 0, "max": 0 }), json!({ "type": "max-requests", "memory": "1Mi" })),
        (json!({ "type": "host-paths", "allowed": [] }), json!({ "type": "max-ratio", "memory": 1 })),
    ] {
        let kinds = if violated["id"] == "EFF-015" { json!({}) } else { web.clone() };
        assert_eq!(violations(json!({ "name": "p", "match": kinds, "check": met })), 0, "{met}");
        assert!(violations(json!({ "name": "p", "match": kinds, "check": violated })) > 0, "{violated}");
    }
    for (met, violated) in [
        (
            json!({ "type": "storage-classes", "allowed": ["fast"] }),
            json!({ "type": "storage-classes", "allowed": ["slow"] }),
        ),
        (
            json!({ "type": "ingress-hosts", "domains": ["example.com"] }),
            json!({ "type": "ingress-hosts", "domains": ["ample.com"] }),
        ),
        (
            json!({ "type": "autoscaler-replicas", "min": 2, "max": 6 }),
            json!({ "type": "autoscaler-replicas", "max": 5 }),
        ),
        (
            json!({ "type": "disallowed-service-types", "types": ["NodePort"] }),
            json!({ "type": "disallowed-service-types", "types": ["ClusterIP"] }),
        ),
    ] {
        assert_eq!(violations(json!({ "name": "p", "check": met })), 0, "{met}");
        assert_eq!(violations(json!({ "name": "p", "check": violated })), 1, "{violated}");
    }
}

#[test]
fn a_policy_is_for_those_it_matches() {
    let labels = json!({ "type": "required-labels", "labels": [{ "key": "team" }] });
    let count = |matches: Value| violations(json!({ "name": "p", "match": matches, "check": labels }));
    assert_eq!(count(json!({ "kinds": ["Deployment"] })), 1);
    assert_eq!(count(json!({ "kinds": ["Deployment"], "namespaces": ["ap*"] })), 1);
    assert_eq!(count(json!({ "kinds": ["Deployment"], "excludedNamespaces": ["app"] })), 0);
    assert_eq!(
        count(json!({ "kinds": ["Deployment"], "selector": { "matchLabels": { "app.kubernetes.io/name": "other" } } })),
        0
    );
}

#[test]
fn what_cannot_be_judged_is_refused_not_passed() {
    let snapshot = Case::default().world().snapshot();
    let judge = |check: Value| {
        let policies: Policies =
            serde_json::from_value(json!({ "policies": [{ "name": "p", "check": check }] })).unwrap();
        evaluate(&snapshot, &Config::default(), &policies).unwrap_err()
    };
    assert!(matches!(judge(json!({ "type": "rule", "id": "SEC-999" })), PolicyError::UnknownRule { .. }));
    assert!(matches!(
        judge(json!({ "type": "required-labels", "labels": [{ "key": "a", "pattern": "(" }] })),
        PolicyError::Pattern { .. }
    ));
    assert!(
        serde_json::from_value::<Policies>(
            json!({ "policies": [{ "name": "p", "check": { "type": "no-such-check" } }] })
        )
        .is_err()
    );
    assert!(
        serde_json::from_value::<Policies>(
            json!({ "policies": [{ "name": "p", "check": { "type": "replicas", "minn": 1 } }] })
        )
        .is_err()
    );
}
