//! Every health rule: what makes it speak, and what looks alike and must not.

#![expect(clippy::expect_used, reason = "a case that cannot be built has failed")]

use jiff::Timestamp;
use pilot_core::finding::Finding;
use pilot_core::health::{catalogue::RULES, check};
use pilot_core::snapshot::Snapshot;
use serde_json::{Value, json};

const NOW: &str = "2026-01-15T12:00:00Z";
const HOUR_AGO: &str = "2026-01-15T11:00:00Z";
const JUST_NOW: &str = "2026-01-15T11:59:50Z";

/// The findings about these objects.
fn findings(objects: &[Value]) -> Vec<Finding> {
    let now: Timestamp = NOW.parse().expect("a time");
    let snapshot = Snapshot::from_objects(objects.iter().map(|o| (o.clone(), None)), now);
    assert_eq!(snapshot.errors, []);
    check(&snapshot)
}

/// Their ids.
fn ids(objects: &[Value]) -> Vec<String> {
    findings(objects).into_iter().map(|finding| finding.id).collect()
}

/// A change of one field of an object, by JSON pointer.
fn with(mut object: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    object.pointer_mut(parent).expect("the parent exists")[key] = value;
    object
}

fn pod(status: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n", "creationTimestamp": HOUR_AGO},
        "spec": {"nodeName": "node", "containers": [{"name": "c", "image": "r/a:1", "resources": {"limits": {"memory": "64Mi"}},
            "readinessProbe": {"httpGet": {"path": "/r", "port": 80}}}]},
        "status": status})
}

fn running(ready: bool, restarts: i64) -> Value {
    json!({"phase": "Running", "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}],
        "containerStatuses": [{"name": "c", "ready": ready, "restartCount": restarts, "state": {"running": {"startedAt": HOUR_AGO}}}]})
}

fn waiting(reason: &str, message: &str) -> Value {
    json!({"phase": "Pending", "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": reason, "message": message}}}]})
}

fn ended(reason: &str, code: i64, at: &str) -> Value {
    json!({"phase": "Running", "containerStatuses": [{"name": "c", "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"reason": reason, "exitCode": code, "finishedAt": at}}}]})
}

fn event(kind: &str, name: &str, reason: &str, message: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{name}.{reason}"), "namespace": "n"}, "type": "Warning",
        "reason": reason, "message": message, "count": 5, "lastTimestamp": JUST_NOW,
        "involvedObject": {"kind": kind, "namespace": "n", "name": name}})
}

fn unscheduled(reason: &str, message: &str) -> Value {
    let pod = pod(
        json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": reason, "message": message}]}),
    );
    with(pod, "/spec/nodeName", json!(""))
}

fn log(lines: Value) -> Value {
    json!({"apiVersion": "pilot/v1", "kind": "PodLog", "metadata": {"name": "p", "namespace": "n"}, "container": "c", "lines": lines})
}

fn deployment(spec: Value, status: Value) -> Value {
    let mut base = json!({"replicas": 2, "template": {"spec": {"containers": []}}});
    base.as_object_mut().expect("an object").extend(spec.as_object().expect("an object").clone());
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "n", "creationTimestamp": HOUR_AGO, "generation": 3}, "spec": base, "status": status})
}

fn node(conditions: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node"},
        "status": {"conditions": conditions, "allocatable": {"cpu": "4", "memory": "8Gi"}, "images": [{"names": ["docker.io/r/a:1"]}]}})
}

fn hpa(conditions: Value, current: i64) -> Value {
    json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h", "namespace": "n"},
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "d"}}, "status": {"currentReplicas": current, "conditions": conditions}})
}

fn claim(phase: &str, class: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "v", "namespace": "n", "creationTimestamp": HOUR_AGO},
        "spec": {"storageClassName": class}, "status": {"phase": phase}})
}

fn class(name: &str, default: &str) -> Value {
    json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name,
        "annotations": {"storageclass.kubernetes.io/is-default-class": default}}, "provisioner": "x"})
}

fn job(status: Value, suspend: bool) -> Value {
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "n"}, "spec": {"suspend": suspend, "template": {}}, "status": status})
}

fn release(revision: u32, status: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": format!("r.v{revision}"), "namespace": "n",
        "labels": {"owner": "helm", "name": "r", "status": status, "version": revision.to_string()}}, "type": "helm.sh/release.v1"})
}

fn drift(differences: Value) -> Value {
    json!({"apiVersion": "pilot/v1", "kind": "ReleaseDrift", "metadata": {"name": "r", "namespace": "n"}, "revision": 2, "differences": differences})
}

fn ends(at: &str) -> Value {
    json!({"apiVersion": "pilot/v1", "kind": "ClusterInfo", "metadata": {"name": "cluster"}, "metricsApi": true, "credentialsEnd": at})
}

fn answer(code: i64, refused: bool) -> Value {
    json!({"apiVersion": "pilot/v1", "kind": "AppAnswer", "metadata": {"name": "backend", "namespace": "n"}, "path": "/health/ready",
        "code": code, "refused": refused, "body": r#"{"status":"not_ready","database":"unreachable"}"#})
}

/// Rule, objects that make it speak, objects that look alike.
fn cases() -> Vec<(&'static str, Vec<Value>, Vec<Value>)> {
    let full = "0/1 nodes are available: 1 Insufficient cpu.";
    let refused = "Readiness probe failed: connection refused";
    let always = |pod| with(pod, "/spec/containers/0/imagePullPolicy", json!("Always"));
    let probed = |which: &str, pod| {
        with(pod, &format!("/spec/containers/0/{which}"), json!({"httpGet": {"path": "/h", "port": 80}}))
    };
    let starting = |started: bool| {
        with(
            with(pod(running(false, 1)), "/status/containerStatuses/0/started", json!(started)),
            "/status/phase",
            json!("Running"),
        )
    };
    let late_init = json!({"phase": "Pending", "initContainerStatuses": [{"name": "i", "state": {"running": {"startedAt": HOUR_AGO}}}]});
    let init = |restart: &str| {
        with(pod(late_init.clone()), "/spec/initContainers", json!([{"name": "i", "restartPolicy": restart}]))
    };
    let set = |kind: &str, spec: Value, status: Value| json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "s", "namespace": "n", "creationTimestamp": HOUR_AGO}, "spec": spec, "status": status});
    let replica_set = |failure: bool, ready: i64| {
        let conditions = if failure {
            json!([{"type": "ReplicaFailure", "status": "True", "message": "pods \"x\" is forbidden: exceeded quota: q, requested: cpu=1"}])
        } else {
            json!([])
        };
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "d-1", "namespace": "n"}, "spec": {"replicas": 1}, "status": {"replicas": ready, "readyReplicas": ready, "conditions": conditions}})
    };
    let revision = |number: u32, replicas: i64, ready: i64, at: &str| {
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": format!("d-{number}"), "namespace": "n", "creationTimestamp": at,
            "annotations": {"deployment.kubernetes.io/revision": number.to_string()},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "u", "controller": true}]},
            "spec": {"replicas": replicas}, "status": {"readyReplicas": ready}})
    };
    let rolling = |updated: i64| {
        deployment(json!({}), json!({"readyReplicas": 2, "updatedReplicas": updated, "observedGeneration": 3}))
    };
    let well = deployment(json!({}), json!({"readyReplicas": 2, "updatedReplicas": 2, "observedGeneration": 3}));
    let cron = |success: Value| json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c", "namespace": "n"}, "spec": {"schedule": "@hourly", "jobTemplate": {"spec": {"template": {}}}}, "status": {"lastScheduleTime": HOUR_AGO, "lastSuccessfulTime": success}});
    let failed =
        json!({"failed": 1, "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]});
    let metrics = |memory: &str| json!({"apiVersion": "metrics.k8s.io/v1beta1", "kind": "NodeMetrics", "metadata": {"name": "node"}, "usage": {"cpu": "1", "memory": memory}});
    let info = |metrics: bool| json!({"apiVersion": "pilot/v1", "kind": "ClusterInfo", "metadata": {"name": "cluster"}, "metricsApi": metrics});
    let service = |port: i64| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": "n"}, "spec": {"selector": {"app": "db"}, "ports": [{"port": port}]}});
    let full_disk = log(json!(["write /data/x: no space left on device"]));
    vec![
        ("HLT-101", vec![unscheduled("Unschedulable", full)], vec![pod(running(true, 0))]),
        (
            "HLT-102",
            vec![with(unscheduled("SchedulingGated", ""), "/spec/schedulingGates", json!([{"name": "g"}]))],
            vec![with(pod(running(true, 0)), "/spec/schedulingGates", json!([{"name": "g"}]))],
        ),
        (
            "HLT-103",
            vec![with(pod(json!({"phase": "Pending"})), "/spec/nodeName", json!(""))],
            vec![with(
                with(pod(json!({"phase": "Pending"})), "/spec/nodeName", json!("")),
                "/metadata/creationTimestamp",
                json!(JUST_NOW),
            )],
        ),
        ("HLT-104", vec![pod(waiting("ErrImagePull", "not found"))], vec![pod(waiting("ContainerCreating", ""))]),
        (
            "HLT-105",
            vec![node(json!([])), always(pod(waiting("ImagePullBackOff", "not found")))],
            vec![always(pod(waiting("ImagePullBackOff", "not found")))],
        ),
        (
            "HLT-106",
            vec![pod(waiting("CreateContainerConfigError", "secret \"s\" not found"))],
            vec![pod(waiting("PodInitializing", ""))],
        ),
        (
            "HLT-107",
            vec![pod(waiting("RunContainerError", "exec: \"x\": executable file not found in $PATH"))],
            vec![pod(waiting("CrashLoopBackOff", ""))],
        ),
        ("HLT-108", vec![pod(ended("Error", 1, JUST_NOW))], vec![pod(running(true, 1))]),
        ("HLT-109", vec![pod(ended("OOMKilled", 137, JUST_NOW))], vec![pod(ended("Error", 137, JUST_NOW))]),
        (
            "HLT-110",
            vec![
                probed("livenessProbe", pod(running(true, 2))),
                event("Pod", "p", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
            ],
            vec![
                probed("livenessProbe", pod(running(true, 0))),
                event("Pod", "p", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
            ],
        ),
        (
            "HLT-111",
            vec![pod(running(false, 0)), event("Pod", "p", "Unhealthy", refused)],
            vec![pod(running(true, 0)), event("Pod", "p", "Unhealthy", refused)],
        ),
        (
            "HLT-112",
            vec![
                probed("startupProbe", starting(false)),
                event("Pod", "p", "Unhealthy", "Startup probe failed: timeout"),
            ],
            vec![
                probed("startupProbe", starting(true)),
                event("Pod", "p", "Unhealthy", "Startup probe failed: timeout"),
            ],
        ),
        ("HLT-113", vec![init("")], vec![init("Always")]),
        (
            "HLT-114",
            vec![pod(waiting("ContainerCreating", "")), event("Pod", "p", "FailedMount", "configmap \"c\" not found")],
            vec![with(pod(waiting("ContainerCreating", "")), "/metadata/creationTimestamp", json!(JUST_NOW))],
        ),
        (
            "HLT-115",
            vec![pod(
                json!({"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}),
            )],
            vec![pod(json!({"phase": "Succeeded"}))],
        ),
        (
            "HLT-116",
            vec![with(pod(running(true, 0)), "/metadata/deletionTimestamp", json!(HOUR_AGO))],
            vec![with(pod(running(true, 0)), "/metadata/deletionTimestamp", json!(JUST_NOW))],
        ),
        ("HLT-117", vec![pod(running(true, 6))], vec![pod(running(true, 5))]),
        ("HLT-118", vec![pod(json!({"phase": "Unknown"}))], vec![pod(running(true, 0))]),
        (
            "HLT-119",
            vec![pod(running(true, 0)), full_disk],
            vec![pod(running(true, 0)), log(json!(["disk usage is fine"]))],
        ),
        (
            "HLT-120",
            vec![pod(running(true, 0)), log(json!(["ERROR something odd happened"]))],
            vec![pod(running(true, 0)), log(json!(["finished with 0 errors"]))],
        ),
        (
            "HLT-201",
            vec![deployment(json!({}), json!({"readyReplicas": 1, "observedGeneration": 3}))],
            vec![well.clone()],
        ),
        ("HLT-202", vec![replica_set(true, 0)], vec![replica_set(false, 0)]),
        (
            "HLT-203",
            vec![deployment(json!({"paused": true}), json!({"readyReplicas": 2, "observedGeneration": 3}))],
            vec![well.clone()],
        ),
        (
            "HLT-204",
            vec![rolling(1), revision(1, 2, 2, HOUR_AGO), revision(2, 1, 0, HOUR_AGO)],
            vec![rolling(1), revision(1, 2, 2, HOUR_AGO), revision(2, 1, 0, JUST_NOW)],
        ),
        (
            "HLT-211",
            vec![set("StatefulSet", json!({"replicas": 2, "template": {}}), json!({"readyReplicas": 1}))],
            vec![set("StatefulSet", json!({"replicas": 2, "template": {}}), json!({"readyReplicas": 2}))],
        ),
        (
            "HLT-212",
            vec![set("DaemonSet", json!({"template": {}}), json!({"desiredNumberScheduled": 2, "numberReady": 1}))],
            vec![set("DaemonSet", json!({"template": {}}), json!({"desiredNumberScheduled": 2, "numberReady": 2}))],
        ),
        ("HLT-213", vec![job(failed.clone(), false)], vec![job(json!({"failed": 1, "active": 1}), false)]),
        ("HLT-214", vec![job(json!({}), true)], vec![job(json!({}), false)]),
        ("HLT-215", vec![cron(Value::Null)], vec![cron(json!(HOUR_AGO))]),
        (
            "HLT-221",
            vec![hpa(json!([{"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"}]), 1)],
            vec![hpa(json!([{"type": "ScalingActive", "status": "False", "reason": "ScalingDisabled"}]), 0)],
        ),
        (
            "HLT-222",
            vec![hpa(
                json!([{"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "lastTransitionTime": HOUR_AGO}]),
                3,
            )],
            vec![hpa(
                json!([{"type": "ScalingLimited", "status": "True", "reason": "TooFewReplicas", "lastTransitionTime": HOUR_AGO}]),
                3,
            )],
        ),
        (
            "HLT-231",
            vec![claim("Pending", "gone"), class("standard", "true")],
            vec![claim("Bound", "gone"), class("standard", "true")],
        ),
        ("HLT-232", vec![claim("Lost", "standard")], vec![claim("Bound", "standard")]),
        ("HLT-233", vec![class("a", "true"), class("b", "true")], vec![class("a", "true"), class("b", "false")]),
        (
            "HLT-241",
            vec![node(json!([{"type": "Ready", "status": "Unknown"}]))],
            vec![node(json!([{"type": "Ready", "status": "True"}, {"type": "VendorThing", "status": "True"}]))],
        ),
        ("HLT-242", vec![node(json!([])), metrics("7Gi")], vec![node(json!([])), metrics("6Gi")]),
        ("HLT-243", vec![info(false)], vec![info(true)]),
        (
            "HLT-251",
            vec![
                pod(running(false, 0)),
                log(json!([
                    "User \"system:serviceaccount:n:x\" cannot list resource \"pods\" in API group \"\" in the namespace \"n\""
                ])),
            ],
            vec![pod(running(false, 0)), log(json!(["GET /pods 403 forbidden"]))],
        ),
        (
            "HLT-252",
            vec![pod(running(true, 0)), log(json!(["lookup db on 10.0.0.1:53: no such host"]))],
            vec![pod(running(true, 0)), log(json!(["lookup db took 3 ms"]))],
        ),
        (
            "HLT-253",
            vec![pod(running(true, 0)), service(5432), log(json!(["dial tcp db:5433: connect: connection refused"]))],
            vec![
                pod(running(true, 0)),
                service(5432),
                log(json!(["dial tcp example.com:443: connect: connection refused"])),
            ],
        ),
        (
            "HLT-261",
            vec![release(1, "deployed"), release(2, "failed")],
            vec![release(1, "failed"), release(2, "deployed")],
        ),
        (
            "HLT-262",
            vec![drift(json!([{"object": "Deployment/n/a", "field": "spec.replicas"}]))],
            vec![drift(json!([]))],
        ),
        ("HLT-271", vec![ends("2026-01-20T00:00:00Z")], vec![ends("2026-06-01T00:00:00Z")]),
        (
            "HLT-281",
            vec![event("Service", "s", "Strange", "something")],
            vec![with(event("Service", "s", "Strange", "something"), "/count", json!(2))],
        ),
        ("HLT-291", vec![answer(503, false)], vec![answer(200, false), answer(503, true)]),
    ]
}

#[test]
fn every_rule_speaks_when_it_should_and_is_silent_when_not() {
    let mut wrong = Vec::new();
    for (rule, positive, near_miss) in cases() {
        let found = ids(&positive);
        if !found.iter().any(|id| id == rule) {
            wrong.push(format!("{rule} is silent: {found:?}"));
        }
        if ids(&near_miss).iter().any(|id| id == rule) {
            wrong.push(format!("{rule} speaks about what only looks alike"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// While a pod is replaced, the old one ends: what is wrong with its workload is something else.
#[test]
fn a_pod_that_is_to_go_may_end_as_it_likes() {
    let killed = json!({"phase": "Failed", "containerStatuses": [{"name": "c", "ready": false,
        "state": {"terminated": {"reason": "Error", "exitCode": 137, "finishedAt": JUST_NOW}}}]});
    let states =
        [killed, running(false, 9), waiting("ImagePullBackOff", "not found"), waiting("CrashLoopBackOff", "back-off")];
    for state in states {
        let stays = pod(state);
        assert_ne!(ids(std::slice::from_ref(&stays)), Vec::<String>::new(), "{stays}");
        let goes = with(stays, "/metadata/deletionTimestamp", json!(JUST_NOW));
        assert_eq!(ids(std::slice::from_ref(&goes)), Vec::<String>::new(), "{goes}");
    }
}

#[test]
fn every_rule_has_a_case() {
    let tested: Vec<&str> = cases().iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(tested, RULES.iter().map(|rule| rule.id).collect::<Vec<_>>());
}

#[test]
fn the_application_is_looked_at_by_its_labels() {
    let labels = |component: &str| json!({"app.kubernetes.io/name": "todo-chatbot", "app.kubernetes.io/instance": "t", "app.kubernetes.io/component": component});
    let backend = |image: &str| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "b", "namespace": "n", "labels": labels("backend")},
            "spec": {"replicas": 0, "template": {"spec": {"containers": [{"name": "c", "image": image}]}}}})
    };
    let migration = |image: &str, done: &str| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "m", "namespace": "n", "labels": labels("migrate")},
            "spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}},
            "status": {"succeeded": 1, "conditions": [{"type": "Complete", "status": done}]}})
    };
    let secret = |data: Value| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n", "labels": labels("secrets")}, "data": data});
    let speaks = |objects: &[Value]| ids(objects).iter().filter(|id| *id == "HLT-291").count();
    assert_eq!(speaks(&[backend("b:2"), migration("b:2", "True")]), 0);
    assert_eq!(speaks(&[backend("b:2"), migration("b:1", "True")]), 1, "another version's schema");
    assert_eq!(speaks(&[backend("b:2"), migration("b:2", "False")]), 1, "not completed");
    assert_eq!(speaks(&[backend("b:2")]), 0, "nothing is known about its schema");
    let key = "bG9uZyBlbm91Z2ggdG8gYmUgYSBrZXkgdGhhdCBjb3VudHM=";
    assert_eq!(speaks(&[secret(json!({"better-auth-secret": key}))]), 0);
    assert_eq!(speaks(&[secret(json!({"better-auth-secret": ""}))]), 1, "empty");
    assert_eq!(speaks(&[secret(json!({}))]), 1, "missing");
    assert_eq!(speaks(&[secret(json!({"better-auth-secret": key, "vapid-public-key": key}))]), 1, "half a pair");
}

#[test]
fn one_pod_has_one_first_cause() {
    // Killed for memory, crashing, not ready and restarting often: memory is the cause, and the only one.
    let mut sick = pod(ended("OOMKilled", 137, JUST_NOW));
    sick["status"]["containerStatuses"][0]["restartCount"] = json!(40);
    assert_eq!(
        ids(&[
            sick,
            event("Pod", "p", "Unhealthy", "Readiness probe failed: x"),
            event("Pod", "p", "BackOff", "Back-off")
        ]),
        ["HLT-109"]
    );
}

#[test]
fn a_probe_is_not_to_blame_for_a_program_that_ends_by_itself() {
    let between = |code: i64| {
        let mut status = running(false, 2);
        let container = &mut status["containerStatuses"][0];
        container["started"] = json!(false);
        container["state"] = json!({"running": {"startedAt": JUST_NOW}});
        container["lastState"] = json!({"terminated": {"reason": "Error", "exitCode": code, "finishedAt": JUST_NOW}});
        let probe = json!({"httpGet": {"path": "/h", "port": 80}});
        with(
            with(pod(status), "/spec/containers/0/startupProbe", probe.clone()),
            "/spec/containers/0/livenessProbe",
            probe,
        )
    };
    let unhealthy = |which: &str| event("Pod", "p", "Unhealthy", &format!("{which} probe failed: connection refused"));
    let killing =
        |which: &str| event("Pod", "p", "Killing", &format!("Container c failed {which} probe, will be restarted"));
    assert_eq!(ids(&[between(1), unhealthy("Startup")]), ["HLT-108"]);
    assert_eq!(ids(&[between(0), unhealthy("Liveness")]), ["HLT-108"]);
    assert_eq!(ids(&[pod(ended("Error", 1, JUST_NOW)), unhealthy("Readiness")]), ["HLT-108"]);
    let silent = between(1);
    let spoken = findings(&[silent, log(json!(["starting", "the moon is not full", ""]))]);
    assert!(spoken[0].evidence.iter().any(|seen| seen.value == "the moon is not full"), "{:?}", spoken[0].evidence);
    // The kubelet ended it, whatever code the program gave to that.
    assert_eq!(ids(&[between(1), unhealthy("Startup"), killing("startup")]), ["HLT-112"]);
    assert_eq!(ids(&[between(137), unhealthy("Liveness")]), ["HLT-110"]);
    // An end long ago says nothing about a probe of today.
    let mut old = between(1);
    old["status"]["containerStatuses"][0]["lastState"]["terminated"]["finishedAt"] = json!("2026-01-15T08:00:00Z");
    assert_eq!(ids(&[old, unhealthy("Startup")]), ["HLT-112"]);
}

#[test]
fn manifests_have_no_health() {
    let options = pilot_core::snapshot::LoadOptions::files();
    let snapshot =
        Snapshot::load([(pod(waiting("ErrImagePull", "")), None)].into_iter(), Timestamp::UNIX_EPOCH, &options);
    assert_eq!(check(&snapshot), []);
}
