//! Jobs and CronJobs.

use pilot_core::action::Target;
use serde_json::{Value, json};

use super::Build;
use crate::exit::Error;
use crate::plan::{Plan, Step, merge};

pub fn suspend(build: &Build<'_>, target: &Target, suspend: bool) -> Result<Plan, Error> {
    let target = build.find(target)?;
    if !matches!(target.kind.as_str(), "CronJob" | "Job") {
        return Err(Error::Refused(format!("{target}: only CronJobs and Jobs can be suspended")));
    }
    let word = if suspend { "suspend" } else { "resume" };
    let mut plan = Plan::new(format!("{word} {target}"));
    if suspend && target.kind == "Job" {
        plan.remark("its pods are deleted; they start anew when it is resumed");
    }
    plan.push(Step::patch(&merge(&target, json!({"spec": {"suspend": suspend}}))));
    Ok(plan)
}

pub async fn trigger(build: &Build<'_>, target: &Target) -> Result<Plan, Error> {
    let target = build.find(target)?;
    if target.kind != "CronJob" {
        return Err(Error::Refused(format!("{target} is not a CronJob")));
    }
    let Some(raw) = build.raw(&target).await? else {
        return Err(Error::Refused("a Job is made from the live CronJob".to_owned()));
    };
    let mut plan = Plan::new(format!("run {target} now"));
    let template = raw.pointer("/spec/jobTemplate").cloned().unwrap_or_default();
    // A Job's name becomes a label of its pods: at most 63 characters.
    let stem: String = target.name.chars().take(48).collect();
    let mut annotations = template.pointer("/metadata/annotations").cloned().unwrap_or_else(|| json!({}));
    annotations["cronjob.kubernetes.io/instantiate"] = json!("manual");
    plan.push(Step::create(json!({
        "apiVersion": "batch/v1", "kind": "Job",
        "metadata": {
            "name": format!("{stem}-{}", build.snapshot().taken_at.as_second()),
            "namespace": target.namespace,
            "labels": template.pointer("/metadata/labels").cloned().unwrap_or(Value::Null),
            "annotations": annotations,
            "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob", "name": target.name,
                "uid": raw.pointer("/metadata/uid").cloned().unwrap_or_default()}],
        },
        "spec": template.get("spec").cloned().unwrap_or_default(),
    })));
    Ok(plan)
}
