//! How pods are replaced and stopped: REL-019 to REL-023, REL-036.

use serde_json::{Value, json};

use super::replicas::{is_tied_to_a_volume, selector_labels};
use crate::finding::Severity::{High, Low, Medium};
use crate::model::IntOrString;
use crate::rules::Rule;
use crate::rules::scan::{Scan, create};

const DEPLOYMENT: &str = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/";
const POD: &str = "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "REL-019",
        Medium,
        "Update with an outage",
        "Use RollingUpdate with maxUnavailable 0 and maxSurge 1.",
        DEPLOYMENT,
        outage,
    ),
    Rule::new(
        "REL-020",
        High,
        "Selector does not match the template",
        "Give the template the labels of the selector.",
        DEPLOYMENT,
        mismatch,
    )
    .no_patch("the selector's expressions don't say which labels are meant"),
    Rule::new(
        "REL-021",
        High,
        "StatefulSet without headless Service",
        "Create a Service with clusterIP: None and name it in serviceName.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/",
        headless,
    )
    .no_patch("the field can't be changed: the object must be created anew"),
    Rule::new(
        "REL-022",
        Medium,
        "Pod without controller",
        "Use a Deployment or a Job: a bare pod is not replaced when its node goes.",
        POD,
        bare,
    )
    .no_patch("a pod can't be turned into a controller's: it must be created anew"),
    Rule::new(
        "REL-023",
        Low,
        "Stops before its clients know",
        "Add a preStop sleep of a few seconds, shorter than terminationGracePeriodSeconds.",
        POD,
        no_drain,
    ),
    Rule::new(
        "REL-036",
        Medium,
        "Migration in an init container of several replicas",
        "Run it as a Job before the rollout, such as a Helm hook: replicas migrate at the same time otherwise.",
        "https://helm.sh/docs/topics/charts_hooks/",
        migrations,
    )
    .no_patch("the migration must be moved to a Job"),
];

fn outage(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for workload in
        ctx.workloads.iter().filter(|workload| workload.kind() == "Deployment" && !workload.services.is_empty())
    {
        let Some(deployment) =
            ctx.snapshot.deployments.iter().find(|deployment| std::ptr::eq(&deployment.metadata, workload.meta))
        else {
            continue;
        };
        let strategy = &deployment.spec.strategy;
        let rolling = strategy.rolling_update.as_ref();
        let is_all = |value: &IntOrString| matches!(value, IntOrString::String(text) if text == "100%");
        let is_zero = |value: &IntOrString| {
            matches!(value, IntOrString::Int(0)) || matches!(value, IntOrString::String(text) if text == "0%")
        };
        let replicas = workload.replicas.unwrap_or(1);
        let message = if strategy.type_ == "Recreate" {
            // A volume that one node mounts leaves no choice.
            if is_tied_to_a_volume(ctx, workload) {
                continue;
            }
            "every update stops all replicas first: strategy Recreate"
        } else if rolling
            .and_then(|rolling| rolling.max_unavailable.as_ref())
            .is_some_and(|max| is_all(max) || matches!(max, IntOrString::Int(number) if *number >= replicas.max(1)))
        {
            "an update may stop all replicas at once: maxUnavailable"
        } else if replicas == 1 && rolling.and_then(|rolling| rolling.max_surge.as_ref()).is_some_and(is_zero) {
            "an update stops the only replica first: maxSurge is 0"
        } else {
            continue;
        };
        scan.workload(workload, message)
            .root_field("spec.strategy")
            .patch(workload.patch(json!({ "spec": { "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": 0, "maxSurge": 1 } } } })));
    }
}

fn mismatch(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        let Some(selector) = workload.selector else { continue };
        if selector.is_empty() {
            scan.workload(workload, "has an empty selector, which is invalid").root_field("spec.selector").maybe_patch(
                (!workload.labels().is_empty())
                    .then(|| workload.patch(json!({ "spec": { "selector": { "matchLabels": workload.labels() } } }))),
            );
        } else if !selector.matches(workload.labels()) {
            let fixed = selector.match_expressions.iter().all(|requirement| requirement.matches(workload.labels()));
            scan.workload(workload, "the selector does not match the pods that the template makes")
                .root_field("spec.selector")
                .maybe_patch(fixed.then(|| workload.template_meta_patch(json!({ "labels": selector.match_labels }))));
        }
    }
}

fn headless(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for set in ctx.user(&ctx.snapshot.stateful_sets) {
        let name = &set.spec.service_name;
        if name.is_empty() {
            scan.object(&set.metadata, "names no Service: its pods have no stable names")
                .root_field("spec.serviceName");
            continue;
        }
        match ctx.services.get(&(set.metadata.namespace.as_str(), name.as_str())) {
            Some(service) if service.is_headless() => {}
            Some(_) => {
                scan.object(&set.metadata, format!("Service {name} is not headless: its pods have no stable names"))
                    .root_field("spec.serviceName");
            }
            None => {
                let ports: Vec<Value> = set
                    .spec
                    .template
                    .spec
                    .long_running()
                    .flat_map(|at| &at.container.ports)
                    .enumerate()
                    .map(|(index, port)| {
                        let name = if port.name.is_empty() { format!("port-{index}") } else { port.name.clone() };
                        json!({ "name": name, "port": port.container_port, "targetPort": port.container_port, "protocol": port.protocol() })
                    })
                    .collect();
                let labels = ctx
                    .workloads
                    .iter()
                    .find(|workload| std::ptr::eq(workload.meta, &set.metadata))
                    .and_then(selector_labels);
                let patch = labels.map(|labels| {
                    create(json!({
                        "apiVersion": "v1", "kind": "Service",
                        "metadata": { "name": name, "namespace": set.metadata.namespace },
                        "spec": { "clusterIP": "None", "selector": labels, "ports": ports },
                    }))
                });
                scan.object(&set.metadata, format!("Service {name} does not exist"))
                    .root_field("spec.serviceName")
                    .absent(ctx.absence(High, false))
                    .maybe_patch(patch);
            }
        }
    }
}

fn bare(scan: &mut Scan<'_>) {
    for workload in
        scan.workloads().iter().filter(|workload| workload.kind() == "Pod" && workload.custom_owner.is_none())
    {
        let annotations = &workload.meta.annotations;
        // Static pods belong to their node, hooks to Helm.
        let managed = annotations.contains_key("kubernetes.io/config.mirror")
            || annotations.contains_key("helm.sh/hook")
            || !workload.meta.owner_references.is_empty();
        if !managed {
            scan.workload(workload, "has no controller that replaces it").root_field("metadata.ownerReferences");
        }
    }
}

fn no_drain(scan: &mut Scan<'_>) {
    for workload in scan.workloads().iter().filter(|workload| !workload.services.is_empty() && !workload.is_job()) {
        let grace = workload.spec.termination_grace_period_seconds.unwrap_or(30);
        for at in workload.spec.long_running().filter(|at| !at.container.ports.is_empty()) {
            let pre_stop = at.container.lifecycle.as_ref().and_then(|lifecycle| lifecycle.pre_stop.as_ref());
            let Some(pre_stop) = pre_stop else {
                scan.container(workload, &at, "has no preStop: requests still arrive while it stops")
                    .field("lifecycle.preStop");
                continue;
            };
            let sleep = pre_stop.sleep.as_ref().map(|sleep| sleep.seconds).or_else(|| {
                let words: Vec<&str> = pre_stop
                    .exec
                    .iter()
                    .flat_map(|exec| &exec.command)
                    .flat_map(|word| word.split_whitespace())
                    .collect();
                words
                    .windows(2)
                    .find(|pair| pair[0].rsplit('/').next() == Some("sleep"))
                    .and_then(|pair| pair[1].trim_end_matches(['s', ';']).parse().ok())
            });
            if let Some(sleep) = sleep.filter(|sleep| *sleep >= grace) {
                scan.container(workload, &at, format!("preStop sleeps {sleep} s but the grace period is {grace} s"))
                    .field("lifecycle.preStop");
            }
        }
    }
}

fn migrations(scan: &mut Scan<'_>) {
    const WORDS: [&str; 8] =
        ["migrate", "migration", "migrations", "alembic", "flyway", "liquibase", "goose", "dbmate"];
    let ctx = scan.ctx;
    for workload in ctx.workloads.iter().filter(|workload| workload.kind() == "Deployment") {
        let max = ctx.autoscaler(workload).map_or(workload.replicas.unwrap_or(1), |hpa| hpa.max());
        if max < 2 {
            continue;
        }
        for at in workload.spec.all_containers().filter(|at| at.list() == "initContainers" && !at.is_long_running()) {
            let container = at.container;
            let text = [&container.name, &container.image].into_iter().chain(&container.command).chain(&container.args);
            let migrates = text
                .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
                .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()));
            if migrates {
                scan.container(
                    workload,
                    &at,
                    format!("each of up to {max} replicas runs the migration when it starts"),
                )
                .field("command");
            }
        }
    }
}
