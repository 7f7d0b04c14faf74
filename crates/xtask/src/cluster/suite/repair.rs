//! Workloads are broken in twelve ways. For each, `kubectl-pilot fix` must find the cause, plan the right change, make it, see that
//! what was wrong is gone, and take the change back on demand. Where no change is safe it says why and makes none.

use std::{thread, time::Duration};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::cluster::{
    access::{Access, eventually},
    pilot::Pilot,
};

/// How long until a breakage shows in the cluster.
const PATIENCE: Duration = Duration::from_secs(90);
/// Where everything happens to, in a namespace of its own.
const WEB: &str = "deployment/web";

/// One way to break what runs.
struct Case {
    name: &'static str,
    /// The object that is changed for the worse, and how.
    object: &'static str,
    patch: Value,
    /// What the mended object must have in it; `Err` with the reason that is given when no change is safe.
    expect: Result<String, &'static str>,
}

pub fn test(access: &Access) -> anyhow::Result<()> {
    let node =
        access.get("default", &["nodes"])?["items"][0]["metadata"]["name"].as_str().context("no node")?.to_owned();
    access.kubectl("default", &["label", "node", &node, "disktype=ssd", "--overwrite"])?;
    let results: Vec<(&str, anyhow::Result<()>)> = thread::scope(|scope| {
        // Some at a time: most of a case is waiting.
        let cases = cases(access);
        let chunk = cases.len().div_ceil(4);
        let mut cases = cases.into_iter();
        let mut threads = Vec::new();
        loop {
            let part: Vec<Case> = cases.by_ref().take(chunk).collect();
            if part.is_empty() {
                break;
            }
            threads.push(scope.spawn(move || {
                part.into_iter().map(|case| (case.name, broken_and_mended(access, &case))).collect::<Vec<_>>()
            }));
        }
        threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    // The taint keeps every new pod away, so it has the node for itself.
    let tainted = tainted(access, &node);
    access.kubectl("default", &["label", "node", &node, "disktype-"])?;
    let mut failed = Vec::new();
    for (name, result) in results.into_iter().chain([("taint", tainted)]) {
        match result {
            Ok(()) => println!("  {name}: as it should be"),
            Err(error) => failed.push(format!("{name}: {error:#}")),
        }
    }
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

fn cases(access: &Access) -> Vec<Case> {
    let container = |change: Value| {
        let mut container = change;
        container["name"] = "app".into();
        json!({ "spec": { "template": { "spec": { "containers": [container] } } } })
    };
    let image = image(access, "todo-frontend", &access.tag);
    let deployment = |name, change: Value, expect: &str| Case {
        name,
        object: WEB,
        patch: container(change),
        expect: Ok(expect.to_owned()),
    };
    let crashes = image_of(access, "todo-backend:crashes");
    let token = |secret: &str, key: &str| json!({ "env": [{ "name": "TOKEN", "valueFrom": { "secretKeyRef": { "name": secret, "key": key } } }] });
    vec![
        deployment("image", json!({ "image": image_of(access, "todo-frontend:no-such-tag") }), &image),
        deployment(
            "oom",
            json!({ "image": image_of(access, "todo-postgres:15"),
                "command": ["perl", "-e", "$n = 35 << 20; $x = 'a' x $n; sleep 1e6"],
                "livenessProbe": null, "readinessProbe": null,
                "resources": { "requests": { "memory": "16Mi" }, "limits": { "memory": "32Mi" } } }),
            "\"memory\":\"48Mi\"",
        ),
        deployment(
            "liveness-probe",
            json!({ "livenessProbe": { "httpGet": { "path": "/no-such-page" } } }),
            "/api/health",
        ),
        deployment("readiness-probe", json!({ "readinessProbe": { "httpGet": { "port": 3999 } } }), "\"port\":3000"),
        deployment("secret", token("web-tokne", "token"), "web-token"),
        deployment("secret-key", token("web-token", "tokne"), "\"key\":\"token\""),
        Case {
            name: "node-selector",
            object: WEB,
            patch: json!({ "spec": { "template": { "spec": { "nodeSelector": { "disktype": "sdd" } } } } }),
            expect: Ok("\"disktype\":\"ssd\"".to_owned()),
        },
        Case {
            name: "selector",
            object: "service/web",
            patch: json!({ "spec": { "selector": { "app": "wbe" } } }),
            expect: Ok("\"app\":\"web\"".to_owned()),
        },
        Case {
            name: "service-port",
            object: "service/web",
            patch: json!({ "spec": { "ports": [{ "port": 80, "targetPort": "htpp" }] } }),
            expect: Ok("\"http\"".to_owned()),
        },
        Case {
            name: "network-policy",
            object: "networkpolicy/web",
            patch: json!({ "spec": { "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "app": "admin" } } }] }] } }),
            expect: Ok("\"app\":\"caller\"".to_owned()),
        },
        Case {
            name: "stuck-rollout",
            object: WEB,
            patch: json!({ "spec": {
                "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 0 } }, "progressDeadlineSeconds": 10,
                "template": { "spec": { "containers": [{ "name": "app", "image": crashes }] } } } }),
            expect: Ok(image),
        },
        Case {
            name: "configmap",
            object: WEB,
            patch: container(json!({ "envFrom": [{ "configMapRef": { "name": "nothing-like-it" } }] })),
            expect: Err("content has to come from you"),
        },
    ]
}

fn tainted(access: &Access, node: &str) -> anyhow::Result<()> {
    let taint = "dedicated=shop:NoSchedule";
    let case = Case {
        name: "taint",
        object: WEB,
        patch: json!({ "spec": { "template": { "metadata": { "annotations": { "again": "yes" } } } } }),
        expect: Ok("\"dedicated\"".to_owned()),
    };
    let namespace = namespace(&case);
    healthy(access, &namespace)?;
    access.kubectl("default", &["taint", "node", node, taint])?;
    let result = mended(access, &case, &namespace);
    access.kubectl("default", &["taint", "node", node, "dedicated-"])?;
    access.leave_namespace(&namespace)?;
    result
}

fn namespace(case: &Case) -> String {
    format!("todo-test-fix-{}", case.name)
}

fn broken_and_mended(access: &Access, case: &Case) -> anyhow::Result<()> {
    let namespace = namespace(case);
    healthy(access, &namespace)?;
    let result = mended(access, case, &namespace);
    access.leave_namespace(&namespace)?;
    result
}

/// Breaks it, has it fixed, and has the fix taken back.
fn mended(access: &Access, case: &Case, namespace: &str) -> anyhow::Result<()> {
    let pilot = Pilot::at(access)?;
    pilot.run(namespace, &["fix", "web", "--yes"])?.expect(0).context("before anything was broken")?;
    access.kubectl(namespace, &["patch", case.object, "--type=strategic", "--patch", &case.patch.to_string()])?;
    let spec = || anyhow::Ok(access.get(namespace, &[case.object])?["spec"].clone());
    let broken = spec()?;
    let wanted = match &case.expect {
        Ok(wanted) => wanted,
        Err(why) => {
            let answer = eventually(PATIENCE, || pilot.run(namespace, &["fix", "web", "--yes"])?.expect(5))?;
            ensure!(answer.errors.contains(why), "no word of “{why}”: {answer}");
            ensure!(spec()? == broken, "changed all the same: {answer}");
            return Ok(());
        }
    };
    // The breakage may take its time to show; until then nothing is wrong, and nothing may be changed.
    let answer = eventually(PATIENCE, || {
        let answer = pilot.run(namespace, &["fix", "web", "--yes", "--format", "json"])?;
        let early = answer.code == 0 && answer.json()?["plan"].is_null();
        ensure!(!early, "nothing seems wrong: {answer}");
        ensure!(spec()? != broken, "not changed: {answer}");
        Ok(answer)
    })?
    .expect(0)?;
    let mended = spec()?;
    ensure!(mended.to_string().contains(wanted.as_str()), "no {wanted} in {mended}");
    let json = answer.json()?;
    ensure!(json["result"]["checks"].to_string().contains("what was wrong is gone"), "not seen to be gone: {answer}");
    pilot.run(namespace, &["fix", "web", "--yes"])?.expect(0).context("after the fix")?;
    let hash = json["plan"]["hash"].as_str().context("a plan without a hash")?;
    // What comes back is broken, so the undo may say that it is not well.
    let undone = pilot.run(namespace, &["undo", "--plan", hash, "--yes", "--yes-delete", "web"])?;
    ensure!(spec()? == broken, "the undo did not bring back what was there: {undone}");
    pilot.run(namespace, &["audit", "verify"])?.expect(0)?;
    Ok(())
}

/// A workload that is well, with what belongs to it.
fn healthy(access: &Access, namespace: &str) -> anyhow::Result<()> {
    access.fresh_namespace(namespace)?;
    let labels = json!({ "app": "web" });
    let probe =
        json!({ "httpGet": { "path": "/api/health", "port": 3000 }, "periodSeconds": 1, "failureThreshold": 2 });
    let pod = |app: &str, container: Value| {
        json!({ "metadata": { "labels": { "app": app } }, "spec": {
            "automountServiceAccountToken": false, "terminationGracePeriodSeconds": 1,
            "securityContext": { "runAsNonRoot": true, "runAsUser": 999, "seccompProfile": { "type": "RuntimeDefault" } },
            "containers": [container] } })
    };
    let restricted = json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } });
    let small = json!({ "requests": { "cpu": "10m", "memory": "16Mi" }, "limits": { "memory": "64Mi" } });
    let web = json!({ "name": "app", "image": image(access, "todo-frontend", &access.tag), "imagePullPolicy": "IfNotPresent",
        "ports": [{ "name": "http", "containerPort": 3000 }],
        "env": [{ "name": "TOKEN", "valueFrom": { "secretKeyRef": { "name": "web-token", "key": "token" } } }],
        "livenessProbe": probe, "readinessProbe": probe, "resources": small, "securityContext": restricted });
    let caller = json!({ "name": "app", "image": image_of(access, "todo-postgres:15"), "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "1000000"], "env": [{ "name": "WEB_URL", "value": "http://web:80" }],
        "resources": small, "securityContext": restricted });
    let deployment = |name: &str, template: Value| {
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name, "labels": { "app": name } }, "spec": {
            "replicas": 1, "strategy": { "type": "Recreate" }, "selector": { "matchLabels": { "app": name } }, "template": template } })
    };
    access.apply(
        namespace,
        &[
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "web-token" }, "stringData": { "token": "nothing" } }),
            deployment("web", pod("web", web)),
            deployment("caller", pod("caller", caller)),
            json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "web" },
                "spec": { "selector": labels, "ports": [{ "port": 80, "targetPort": "http" }] } }),
            json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "name": "web" }, "spec": {
                "podSelector": { "matchLabels": labels }, "policyTypes": ["Ingress"],
                "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "app": "caller" } } }] }] } }),
        ],
    )?;
    for name in [WEB, "deployment/caller"] {
        access.kubectl(namespace, &["rollout", "status", name, super::release::PATIENCE])?;
    }
    Ok(())
}

fn image(access: &Access, name: &str, tag: &str) -> String {
    image_of(access, &format!("{name}:{tag}"))
}

fn image_of(access: &Access, name: &str) -> String {
    if access.registry.is_empty() { name.to_owned() } else { format!("{}/{name}", access.registry) }
}
