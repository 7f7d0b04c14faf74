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
    /// Whether it has always been so: no revision to go back to.
    always: bool,
    /// Which workload is to be fixed.
    workload: &'static str,
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
    let image = access.image(&format!("todo-frontend:{}", access.tag));
    let case = |name, object, patch: Value, expect: &str| Case {
        name,
        object,
        patch,
        always: false,
        workload: "web",
        expect: Ok(expect.to_owned()),
    };
    let deployment = |name, change: Value, expect: &str| case(name, WEB, container(change), expect);
    let crashes = access.image("todo-backend:crashes");
    let token = |secret: &str, key: &str| json!({ "env": [{ "name": "TOKEN", "valueFrom": { "secretKeyRef": { "name": secret, "key": key } } }] });
    let hungry = container(json!({
        "image": access.image("todo-postgres:15"), "command": ["perl", "-e", "$n = 35 << 20; $x = 'a' x $n; sleep 1e6"],
        "livenessProbe": null, "readinessProbe": null,
        "resources": { "requests": { "memory": "16Mi" }, "limits": { "memory": "32Mi" } } }));
    vec![
        deployment("image", json!({ "image": access.image("todo-frontend:no-such-tag") }), &image),
        Case { always: true, ..case("oom", WEB, hungry, "\"memory\":\"48Mi\"") },
        deployment(
            "liveness-probe",
            json!({ "livenessProbe": { "httpGet": { "path": "/no-such-page" } } }),
            "/api/health",
        ),
        deployment("readiness-probe", json!({ "readinessProbe": { "httpGet": { "port": 3999 } } }), "\"port\":3000"),
        deployment("secret", token("web-tokne", "token"), "web-token"),
        deployment("secret-key", token("web-token", "tokne"), "\"key\":\"token\""),
        case(
            "node-selector",
            WEB,
            json!({ "spec": { "template": { "spec": { "nodeSelector": { "disktype": "sdd" } } } } }),
            "\"disktype\":\"ssd\"",
        ),
        case("selector", "service/web", json!({ "spec": { "selector": { "app": "wbe" } } }), "\"app\":\"web\""),
        case(
            "service-port",
            "service/web",
            json!({ "spec": { "ports": [{ "port": 80, "targetPort": "htpp" }] } }),
            "\"targetPort\":\"http\"",
        ),
        Case {
            // Policies add up: the one that allows the call comes beside the one that does not.
            workload: "caller",
            ..case(
                "network-policy",
                "networkpolicy/web",
                json!({ "spec": { "ingress": [{ "from": [{ "podSelector": { "matchLabels": { "app": "admin" } } }] }] } }),
                "\"app\":\"caller\"",
            )
        },
        case(
            "stuck-rollout",
            WEB,
            json!({ "spec": {
                "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 0 } }, "progressDeadlineSeconds": 10,
                "template": { "spec": { "containers": [{ "name": "app", "image": crashes }] } } } }),
            &image,
        ),
        Case {
            always: true,
            expect: Err("content has to come from you"),
            ..deployment("configmap", json!({ "envFrom": [{ "configMapRef": { "name": "nothing-like-it" } }] }), "")
        },
    ]
}

fn tainted(access: &Access, node: &str) -> anyhow::Result<()> {
    let taint = "dedicated=shop:NoSchedule";
    let case = Case {
        name: "taint",
        object: WEB,
        patch: json!({ "spec": { "template": { "metadata": { "annotations": { "again": "yes" } } } } }),
        always: false,
        workload: "web",
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
    let fix = || pilot.run(namespace, &["fix", case.workload, "--yes", "--format", "json"]);
    let nothing_to_do = || {
        let answer = fix()?.expect(0)?;
        ensure!(answer.json()?["plan"]["steps"] == json!([]), "changed what is well: {answer}");
        anyhow::Ok(())
    };
    let kind = case.object.split('/').next().unwrap_or_default();
    let specs = || {
        let list = access.get(namespace, &[kind])?;
        let items = list["items"].as_array().context("no list")?;
        anyhow::Ok(items.iter().map(|item| item["spec"].clone()).collect::<Vec<_>>())
    };
    eventually(PATIENCE, nothing_to_do).context("before anything was broken")?;
    access.kubectl(namespace, &["patch", case.object, "--type=strategic", "--patch", &case.patch.to_string()])?;
    if case.always {
        forget_revisions(access, namespace)?;
    }
    let broken = specs()?;
    let wanted = match &case.expect {
        Ok(wanted) => wanted,
        Err(why) => {
            // What is said first may be less: the breakage takes its time to show.
            return eventually(PATIENCE, || {
                let answer = fix()?.expect(5)?;
                ensure!(specs()? == broken, "changed all the same: {answer}");
                ensure!(answer.errors.contains(why), "no word of “{why}”: {answer}");
                Ok(())
            });
        }
    };
    let answer = eventually(PATIENCE, || {
        let answer = fix()?;
        ensure!(specs()? != broken, "nothing was changed: {answer}");
        Ok(answer)
    })?
    .expect(0)?;
    let mended = Value::from(specs()?).to_string();
    ensure!(mended.contains(wanted.as_str()), "no {wanted} in {mended}: {answer}");
    let json = answer.json()?;
    ensure!(json["result"]["checks"].to_string().contains("what was wrong is gone"), "not seen to be gone: {answer}");
    eventually(PATIENCE, nothing_to_do).context("after the fix")?;
    let hash = json["plan"]["hash"].as_str().context("a plan without a hash")?;
    // What comes back is broken, so the undo may say that it is not well; what the fix made goes by name.
    let made = json["plan"]["steps"][0]["target"]["name"].as_str().unwrap_or_default();
    let undone = pilot.run_for("5s", namespace, &["undo", "--plan", hash, "--yes", "--yes-delete", made])?;
    ensure!(specs()? == broken, "the undo did not bring back what was there: {undone}");
    pilot.run(namespace, &["audit", "verify"])?.expect(0)?;
    Ok(())
}

/// Removes every revision of the workload but the present one.
fn forget_revisions(access: &Access, namespace: &str) -> anyhow::Result<()> {
    eventually(PATIENCE, || {
        let list = access.get(namespace, &["replicasets", "--selector=app=web"])?;
        let sets = list["items"].as_array().context("no list")?;
        let old =
            sets.iter().filter(|set| set["spec"]["replicas"] == 0).filter_map(|set| set["metadata"]["name"].as_str());
        for name in old {
            access.kubectl(namespace, &["delete", "replicaset", name])?;
        }
        ensure!(sets.len() == 1, "{} revisions are left", sets.len());
        Ok(())
    })
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
    let web = json!({ "name": "app", "image": access.image(&format!("todo-frontend:{}", access.tag)), "imagePullPolicy": "IfNotPresent",
        "ports": [{ "name": "http", "containerPort": 3000 }],
        "env": [{ "name": "TOKEN", "valueFrom": { "secretKeyRef": { "name": "web-token", "key": "token" } } }],
        "livenessProbe": probe, "readinessProbe": probe, "resources": small, "securityContext": restricted });
    let caller = json!({ "name": "app", "image": access.image("todo-postgres:15"), "imagePullPolicy": "IfNotPresent",
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
