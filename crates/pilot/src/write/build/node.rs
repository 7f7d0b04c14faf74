//! Nodes: cordon, drain.

use pilot_core::action::Target;
use pilot_core::finding::PatchType;
use pilot_core::model::{ObjectRef, Pod};
use serde_json::json;

use super::Build;
use crate::exit::Error;
use crate::plan::{Plan, Step, Verb};

fn find(build: &Build<'_>, name: &str) -> Result<ObjectRef, Error> {
    build.find(&Target { kind: Some("Node".to_owned()), namespace: None, name: name.to_owned() })
}

fn cordoned(node: &ObjectRef, cordon: bool) -> Step {
    Step::new(Verb::Patch, node.clone(), PatchType::Merge, json!({"spec": {"unschedulable": cordon}}))
}

pub fn cordon(build: &Build<'_>, name: &str, cordon: bool) -> Result<Plan, Error> {
    let node = find(build, name)?;
    let word = if cordon { "cordon" } else { "uncordon" };
    let mut plan = Plan::new(format!("{word} {node}"));
    if cordon && build.snapshot().nodes.iter().filter(|n| !n.spec.unschedulable).count() <= 1 {
        plan.remark("no other node takes pods: new ones stay pending");
    }
    plan.push(cordoned(&node, cordon));
    Ok(plan)
}

/// Pods that leave: not those of DaemonSets, not mirrors of static pods, not those that have ended.
fn leaves(pod: &Pod) -> bool {
    let by_daemon = pod.metadata.controller().is_some_and(|o| o.kind == "DaemonSet");
    let mirror = pod.metadata.annotations.contains_key("kubernetes.io/config.mirror");
    !by_daemon && !mirror && !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

pub fn drain(build: &Build<'_>, name: &str) -> Result<Plan, Error> {
    let node = find(build, name)?;
    if build.ask.namespace().is_some() {
        return Err(Error::Usage("a node is drained of the pods of all namespaces: leave out -n".to_owned()));
    }
    let mut plan = Plan::new(format!("drain {node}"));
    plan.push(cordoned(&node, true));
    for pod in build.world.pods_on(&node.name).filter(|pod| leaves(pod)) {
        let local = pod.spec.volumes.iter().any(|v| v.empty_dir.is_some());
        if local {
            plan.remark(format!("{}: what its emptyDir volumes hold is lost", pod.metadata.object_ref()));
        }
        let blocked = build.snapshot().disruption_budgets.iter().find(|b| {
            b.metadata.namespace == pod.metadata.namespace
                && b.spec.selector.as_ref().is_some_and(|s| s.matches(&pod.metadata.labels))
                && b.status.disruptions_allowed == 0
        });
        if let Some(budget) = blocked {
            plan.remark(format!(
                "budget {} allows no disruption now: the eviction of {} waits for it",
                budget.metadata.object_ref(),
                pod.metadata.name
            ));
        }
        let step = Step::new(Verb::Evict, pod.metadata.object_ref(), PatchType::Merge, json!({}));
        plan.push(step.at_least(pilot_core::action::Class::Destructive).typed(&node.name));
    }
    Ok(plan)
}
