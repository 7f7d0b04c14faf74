//! The change that removes the cause of a failure, where a safe one is known.

use pilot_core::action::{Class, Target};
use pilot_core::diagnose::{Diagnosis, Graph, diagnose, unwell};
use pilot_core::finding::Finding;
use pilot_core::health::revision;
use pilot_core::model::ObjectRef;

use super::{Build, helm, workload};
use crate::commands;
use crate::exit::Error;
use crate::plan::{Plan, Step};

pub async fn plan(build: &Build<'_>, target: Option<&Target>, namespace: Option<&str>) -> Result<Plan, Error> {
    let findings = commands::causes(build.snapshot());
    let graph = Graph::new(&findings);
    let targets = match target {
        Some(target) => vec![build.find(target)?],
        None => {
            let namespace = namespace.or(build.ask.namespace());
            unwell(&build.world, &graph)
                .into_iter()
                .filter(|o| namespace.is_none_or(|n| o.namespace == n || o.namespace.is_empty()))
                .collect()
        }
    };
    let mut plan = Plan::new("");
    let mut roots: Vec<String> = Vec::new();
    for target in &targets {
        let diagnosis = diagnose(&build.world, &graph, target);
        let Some(root) = &diagnosis.root else { continue };
        if roots.contains(&root.key()) {
            continue;
        }
        roots.push(root.key());
        match one(build, &diagnosis, root).await? {
            Some(fix) => plan.extend(fix),
            None => plan.remark(no_fix(&diagnosis, root)),
        }
    }
    if plan.steps.is_empty() {
        let why =
            if roots.is_empty() { "nothing is wrong that pilot can see".to_owned() } else { plan.remarks.join("\n") };
        plan.purpose = "nothing to change".to_owned();
        // One target without a safe change is a refusal; nothing wrong at all is an answer.
        if !roots.is_empty() {
            return Err(Error::Refused(why));
        }
        plan.remark(why);
    }
    plan.findings = roots;
    Ok(plan)
}

fn no_fix(diagnosis: &Diagnosis, root: &Finding) -> String {
    let remediation = &root.remediation;
    let why = remediation.no_patch.as_deref().unwrap_or("no safe automatic fix is known");
    let command = remediation.command.as_ref().map_or_else(String::new, |c| format!(" ({c})"));
    format!("{}: {}; {}{command} No safe automatic fix: {why}", root.id, diagnosis.cause, remediation.text)
}

async fn one(build: &Build<'_>, diagnosis: &Diagnosis, root: &Finding) -> Result<Option<Plan>, Error> {
    let object = &root.subject.object;
    if let Some(patch) = &root.remediation.patch {
        let mut plan = Plan::new(format!("fix {object}: {}", diagnosis.cause));
        let mut step = Step::patch(patch);
        if step.target.api_version.is_empty() {
            step.target.api_version.clone_from(&object.api_version);
        }
        plan.push(step);
        plan.remark(root.remediation.text.clone());
        if let Some(risk) = &root.remediation.risk {
            plan.remark(format!("risk: {risk}"));
        }
        return Ok(Some(plan));
    }
    if object.kind == "Release" && root.id == "HLT-261" {
        let release = Target::from(object);
        let stuck = helm::unlock(build, &release).await;
        return match stuck {
            Ok(plan) => Ok(Some(plan)),
            Err(Error::Refused(_) | Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        };
    }
    match earlier_revision(build, object) {
        Some((number, serves)) if of_the_pods(&root.id) => {
            let mut plan = workload::undo(build, &Target::from(object), Some(number)).await?;
            plan.purpose = format!("fix {object} by going back to revision {number}: {}", diagnosis.cause);
            plan.remark(if serves {
                format!("pods of revision {number} are ready now")
            } else {
                format!(
                    "no pod of the present revision was ever ready; whether revision {number} is better shows after it"
                )
            });
            // What was done on purpose is taken back with it.
            plan.steps.iter_mut().for_each(|step| step.class = step.class.max(Class::Write));
            Ok(Some(plan))
        }
        _ => Ok(None),
    }
}

/// Causes that came with the pod template, and go with it.
fn of_the_pods(rule: &str) -> bool {
    matches!(
        rule,
        "HLT-104"
            | "HLT-105"
            | "HLT-106"
            | "HLT-107"
            | "HLT-108"
            | "HLT-110"
            | "HLT-111"
            | "HLT-112"
            | "HLT-113"
            | "HLT-114"
            | "HLT-101"
    )
}

/// The revision before the present one, when the present one has not one ready pod; and whether pods of it are ready.
fn earlier_revision(build: &Build<'_>, object: &ObjectRef) -> Option<(i64, bool)> {
    if object.kind != "Deployment" {
        return None;
    }
    let mut sets: Vec<_> = build
        .snapshot()
        .replica_sets
        .iter()
        .filter(|s| {
            s.metadata.namespace == object.namespace && s.metadata.controller().is_some_and(|o| o.name == object.name)
        })
        .collect();
    sets.sort_by_key(|s| revision(&s.metadata));
    let (present, earlier) = sets.split_last()?;
    let earlier = earlier.last()?;
    (present.status.ready_replicas == 0).then(|| (revision(&earlier.metadata), earlier.status.ready_replicas > 0))
}
