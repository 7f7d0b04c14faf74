//! Services: a new one, traffic from one workload to another, canaries.

use pilot_core::action::{ImageChange, Target};
use pilot_core::finding::PatchType;
use pilot_core::model::{Labels, is_subset};
use serde_json::{Map, Value, json};

use super::{Build, template};
use crate::exit::Error;
use crate::plan::{Plan, Step, Verb, pruned};

pub fn expose(
    build: &Build<'_>,
    target: &Target,
    name: Option<&str>,
    port: u16,
    target_port: Option<&str>,
    service_type: Option<&str>,
) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    let selector = selector(build, &target)?;
    let name = name.unwrap_or(&target.name);
    let to = match target_port.map(|p| (p.parse::<u16>(), p)) {
        Some((Ok(number), _)) => json!(number),
        Some((Err(_), name)) => json!(name),
        None => json!(port),
    };
    let service_type = service_type.unwrap_or("ClusterIP");
    if !matches!(service_type, "ClusterIP" | "NodePort" | "LoadBalancer") {
        return Err(Error::Usage(format!("{service_type:?} is not a type: use ClusterIP, NodePort or LoadBalancer")));
    }
    let mut plan = Plan::new(format!("expose {target} on port {port} as Service {name}"));
    if service_type != "ClusterIP" {
        plan.remark("it can be reached from outside the cluster");
    }
    plan.push(Step::create(json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": name, "namespace": target.namespace},
        "spec": {"type": service_type, "selector": selector,
            "ports": [{"name": "http", "port": port, "targetPort": to, "protocol": "TCP"}]},
    })));
    Ok(plan)
}

fn selector(build: &Build<'_>, target: &pilot_core::model::ObjectRef) -> Result<Labels, Error> {
    let snapshot = build.snapshot();
    macro_rules! of {
        ($list:ident) => {
            snapshot
                .$list
                .iter()
                .find(|o| o.metadata.namespace == target.namespace && o.metadata.name == target.name)
                .map(|o| o.spec.selector.match_labels.clone())
        };
    }
    let found = match target.kind.as_str() {
        "StatefulSet" => of!(stateful_sets),
        "DaemonSet" => of!(daemon_sets),
        _ => of!(deployments),
    };
    found
        .filter(|labels| !labels.is_empty())
        .ok_or_else(|| Error::Refused(format!("{target} selects its pods in a way that a Service cannot")))
}

pub fn switch(build: &Build<'_>, service: &Target, to: &Target) -> Result<Plan, Error> {
    let wanted = Target { kind: Some("Service".to_owned()), ..service.clone() };
    let service = build.find(&wanted)?;
    let to = build.workload(&Target { namespace: Some(service.namespace.clone()), ..to.clone() })?;
    let new = selector(build, &to)?;
    let Some(found) = build.world.service(&service.namespace, &service.name) else {
        return Err(Error::NotFound(service.to_string()));
    };
    let labels = build.world.template(&to).map(|t| t.metadata.labels.clone()).unwrap_or_default();
    let mut plan = Plan::new(format!("switch the traffic of {service} to {to}"));
    if is_subset(&found.spec.selector, &labels) && found.spec.selector == new {
        plan.remark(format!("{service} selects the pods of {to} already"));
        return Ok(plan);
    }
    let ready = build.world.pods_of(&to).iter().filter(|pod| pod.status.is_ready()).count();
    if ready == 0 {
        return Err(Error::Refused(format!("{to} has no ready pod: nothing would answer")));
    }
    // Keys that the new selector does not have are removed, or no pod would have them all.
    let mut change: Map<String, Value> = new.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    for key in found.spec.selector.keys().filter(|key| !new.contains_key(*key)) {
        change.insert(key.clone(), Value::Null);
    }
    plan.push(Step::new(Verb::Patch, service, PatchType::Merge, json!({"spec": {"selector": change}})));
    Ok(plan)
}

pub async fn canary(build: &Build<'_>, target: &Target, image: &ImageChange, percent: u8) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    if target.kind != "Deployment" || !(1..=99).contains(&percent) {
        return Err(Error::Refused("a canary is a share of 1 to 99 percent of a Deployment".to_owned()));
    }
    let Some(raw) = build.raw(&target).await? else {
        return Err(Error::Refused("a canary is made from the live Deployment".to_owned()));
    };
    let replicas = raw.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1).max(1);
    let share = ((replicas * i64::from(percent) + 50) / 100).clamp(1, replicas.max(1));
    let stay = (replicas - share).max(1);
    let name = format!("{}-canary", target.name);
    let mut canary = pruned(&raw);
    canary["metadata"] = json!({"name": name, "namespace": target.namespace, "labels": raw["metadata"]["labels"]});
    canary["spec"]["replicas"] = json!(share);
    // Its own pods are told apart by a label of their own; Services that select the others select these as well.
    for pointer in ["/spec/selector/matchLabels", "/spec/template/metadata/labels"] {
        if let Some(labels) = canary.pointer_mut(pointer).and_then(Value::as_object_mut) {
            labels.insert("pilot/track".to_owned(), json!("canary"));
        }
    }
    let Some(containers) = canary.pointer_mut("/spec/template/spec/containers").and_then(Value::as_array_mut) else {
        return Err(Error::Refused(format!("{target} has no containers")));
    };
    let [container] = containers.as_mut_slice() else {
        return Err(Error::Refused(format!("{target} has several containers: a canary needs one")));
    };
    let image = template::with(container["image"].as_str().unwrap_or(""), image)?;
    container["image"] = json!(image);
    let mut plan = Plan::new(format!("run {image} in {share} of {} pods beside {target}", share + stay));
    let overlaps = raw.pointer("/spec/selector/matchLabels").and_then(Value::as_object).is_some_and(|l| !l.is_empty());
    if overlaps {
        plan.remark("the share is a share of pods: connections follow it only roughly");
    }
    plan.push(Step::create(canary));
    if stay != replicas {
        plan.push(Step::new(Verb::Patch, target, PatchType::Merge, json!({"spec": {"replicas": stay}})));
    }
    Ok(plan)
}
