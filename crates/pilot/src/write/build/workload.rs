//! Replicas, restarts, revisions, autoscalers.

use pilot_core::action::{Replicas, Target};
use pilot_core::finding::PatchType;
use pilot_core::health::revision;
use pilot_core::model::{ObjectRef, ReplicaSet};
use serde_json::{Value, json};

use super::Build;
use crate::exit::Error;
use crate::plan::{Plan, Step, Verb, merge, template};

/// `spec.replicas` of a workload, as it is.
fn replicas_now(build: &Build<'_>, target: &ObjectRef) -> i64 {
    let snapshot = build.snapshot();
    macro_rules! of {
        ($list:ident) => {
            snapshot
                .$list
                .iter()
                .find(|o| o.metadata.namespace == target.namespace && o.metadata.name == target.name)
                .and_then(|o| o.spec.replicas)
        };
    }
    let found = match target.kind.as_str() {
        "StatefulSet" => of!(stateful_sets),
        "ReplicaSet" => of!(replica_sets),
        _ => of!(deployments),
    };
    found.unwrap_or(1)
}

pub fn scale(build: &Build<'_>, target: &Target, replicas: Replicas) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    if target.kind == "DaemonSet" {
        return Err(Error::Refused(format!("{target} runs once per node and has no replicas")));
    }
    let now = replicas_now(build, &target);
    let wanted = match replicas {
        Replicas::To(n) => i64::from(n),
        Replicas::By(n) => now.saturating_add(n),
        Replicas::Percent(0) => 0,
        Replicas::Percent(percent) => (now.saturating_mul(i64::from(percent)).saturating_add(99) / 100).max(1),
    };
    if !(0..=i64::from(i32::MAX)).contains(&wanted) {
        return Err(Error::Refused(format!("{target} has {now} replicas: {wanted} is not possible")));
    }
    let mut plan = Plan::new(format!("scale {target} to {wanted}"));
    if wanted == 0 {
        plan.remark("with no replicas nothing answers: this is as good as switching it off");
    }
    plan.push(Step::patch(&merge(&target, json!({"spec": {"replicas": wanted}}))));
    Ok(plan)
}

pub fn restart(build: &Build<'_>, target: &Target) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    let mut plan = Plan::new(format!("restart the pods of {target} one after the other"));
    if build.world.pods_of(&target).len() == 1 {
        plan.remark("there is one pod: whether it is away for a moment depends on the rollout strategy");
    }
    let annotations = json!({"kubectl.kubernetes.io/restartedAt": build.snapshot().taken_at.to_string()});
    plan.push(Step::patch(&template(&target, json!({"metadata": {"annotations": annotations}}))));
    Ok(plan)
}

pub fn pause(build: &Build<'_>, target: &Target, pause: bool) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    if target.kind != "Deployment" {
        return Err(Error::Refused(format!("{target}: only the rollout of a Deployment can be paused")));
    }
    let word = if pause { "pause" } else { "resume" };
    let mut plan = Plan::new(format!("{word} the rollout of {target}"));
    plan.push(Step::patch(&merge(&target, json!({"spec": {"paused": pause}}))));
    Ok(plan)
}

pub async fn undo(build: &Build<'_>, target: &Target, to: Option<i64>) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    if target.kind != "Deployment" {
        return Err(Error::Refused(format!("{target}: only Deployments keep revisions that can be gone back to here")));
    }
    let mut sets: Vec<&ReplicaSet> = build
        .snapshot()
        .replica_sets
        .iter()
        .filter(|s| {
            s.metadata.namespace == target.namespace && s.metadata.controller().is_some_and(|o| o.name == target.name)
        })
        .collect();
    sets.sort_by_key(|s| revision(&s.metadata));
    let wanted = match to {
        Some(number) => sets.iter().find(|s| revision(&s.metadata) == number),
        None => sets.iter().rev().nth(1),
    };
    let Some(wanted) = wanted else {
        let known: Vec<String> = sets.iter().map(|s| revision(&s.metadata).to_string()).collect();
        return Err(Error::NotFound(format!("{target} has no such revision; there are: {}", known.join(", "))));
    };
    let number = revision(&wanted.metadata);
    let mut plan = Plan::new(format!("take {target} back to revision {number}"));
    let old = build.raw(&wanted.metadata.object_ref()).await?;
    match old.and_then(|o| o.pointer("/spec/template").cloned()) {
        Some(old) => plan.push(Step::patch(&template(&target, whole(old)))),
        None => plan.remark("the revision's template can only be read from a live cluster"),
    }
    Ok(plan)
}

/// A template as a patch that replaces: a merge would keep what the newer revision added.
fn whole(mut template: Value) -> Value {
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove("pod-template-hash");
    }
    if let Some(fields) = template.as_object_mut() {
        fields.insert("$patch".to_owned(), json!("replace"));
    }
    template
}

pub fn autoscale(
    build: &Build<'_>,
    target: &Target,
    min: Option<u32>,
    max: u32,
    cpu_percent: Option<u32>,
) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    if target.kind == "DaemonSet" {
        return Err(Error::Refused(format!("{target} runs once per node and has no replicas")));
    }
    let min = min.unwrap_or(1);
    if min > max || max == 0 {
        return Err(Error::Usage(format!("an autoscaler from {min} to {max} replicas is not possible")));
    }
    let percent = cpu_percent.unwrap_or(80);
    let metrics = json!([{"type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}}}]);
    let existing = build.snapshot().autoscalers.iter().find(|h| {
        let of = &h.spec.scale_target_ref;
        h.metadata.namespace == target.namespace && of.kind == target.kind && of.name == target.name
    });
    let mut plan = Plan::new(format!("autoscale {target} from {min} to {max} replicas at {percent} % CPU"));
    match existing {
        Some(hpa) => {
            let body = json!({"spec": {"minReplicas": min, "maxReplicas": max, "metrics": metrics}});
            plan.push(Step::new(Verb::Patch, hpa.metadata.object_ref(), PatchType::Merge, body));
        }
        None => plan.push(Step::create(json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": target.name, "namespace": target.namespace},
            "spec": {"minReplicas": min, "maxReplicas": max, "metrics": metrics,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": target.kind, "name": target.name}},
        }))),
    }
    let requests = build
        .world
        .template(&target)
        .is_some_and(|t| t.spec.containers.iter().all(|c| c.resources.requests.contains_key("cpu")));
    if !requests {
        plan.remark("a container has no CPU request: without one the autoscaler cannot work out a share");
    }
    Ok(plan)
}
