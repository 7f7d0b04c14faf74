//! Workloads that are not what they should be (HLT-201 to HLT-215).

use super::catalogue::{
    CREATE_FAILED, CRON_LATE, DAEMON_SET_WAITS, JOB_FAILED, NOT_ENOUGH_READY, NOT_ROLLING, ROLLOUT_STUCK,
    STATEFUL_SET_WAITS, SUSPENDED,
};
use super::draft::{Draft, Found};
use super::world::{World, seconds_since};
use crate::finding::{Evidence, EvidenceSource, Patch, PatchType, Severity};
use crate::logs::LogScanner;
use crate::model::{Condition, CronJob, Deployment, Job, ObjectMeta, ObjectRef, ReplicaSet, condition};
use serde_json::json;

/// Findings about all workloads.
pub fn check(world: &World<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for deployment in &world.snapshot.deployments {
        let about = deployment.metadata.object_ref();
        found.extend(deployment_state(world, deployment).into_iter().map(|d| d.about(about.clone())));
    }
    found.extend(create_failures(world));
    for set in &world.snapshot.stateful_sets {
        let desired = set.spec.replicas.unwrap_or(1);
        if set.status.ready_replicas < desired && settled(world, &set.metadata) {
            let about = set.metadata.object_ref();
            let first = first_unready(world, &about);
            let mut draft = Draft::new(
                &STATEFUL_SET_WAITS,
                format!(
                    "{} of {desired} pods are ready{}",
                    set.status.ready_replicas,
                    first.map_or_else(String::new, |p| format!("; {p} comes first"))
                ),
            )
            .seen(EvidenceSource::Status, "status.readyReplicas", set.status.ready_replicas.to_string())
            .advice(
                "A StatefulSet starts its pods one after the other: put the first that is not ready right.",
                "the cause is in the pod",
            );
            if !set.spec.service_name.is_empty()
                && world.service(&set.metadata.namespace, &set.spec.service_name).is_none()
                && !world.is_blind("Service", &set.metadata.namespace)
            {
                draft = draft.seen(
                    EvidenceSource::Computed,
                    "spec.serviceName",
                    format!("Service {} does not exist", set.spec.service_name),
                );
            }
            found.push(draft.about(about));
        }
    }
    for set in &world.snapshot.daemon_sets {
        let status = &set.status;
        if status.number_ready < status.desired_number_scheduled && settled(world, &set.metadata) {
            found.push(
                Draft::new(
                    &DAEMON_SET_WAITS,
                    format!("ready on {} of {} nodes", status.number_ready, status.desired_number_scheduled),
                )
                .seen(EvidenceSource::Status, "status.numberReady", status.number_ready.to_string())
                .advice("Look at the pods that are not ready and at their nodes.", "the cause is in the pods or nodes")
                .about(set.metadata.object_ref()),
            );
        }
    }
    found.extend(world.snapshot.jobs.iter().filter_map(|job| failed_job(world, job)));
    found.extend(world.snapshot.cron_jobs.iter().filter_map(|cron| cron_job(world, cron)));
    found
}

/// Young workloads are still on their way.
fn settled(world: &World<'_>, meta: &ObjectMeta) -> bool {
    meta.age_seconds(world.now).is_none_or(|age| age > 60)
}

fn first_unready(world: &World<'_>, root: &ObjectRef) -> Option<String> {
    let pods = world.pods_of(root).iter().filter(|p| !p.status.is_ready());
    pods.map(|p| p.metadata.name.clone()).min_by_key(|name| (name.len(), name.clone()))
}

fn deployment_state(world: &World<'_>, deployment: &Deployment) -> Vec<Draft> {
    let desired = deployment.spec.replicas.unwrap_or(1);
    let status = &deployment.status;
    let name = &deployment.metadata.name;
    let namespace = &deployment.metadata.namespace;
    let mut found = Vec::new();
    if deployment.spec.paused {
        found.push(
            Draft::new(&NOT_ROLLING, "the rollout is paused: changes do not reach the pods")
                .seen(EvidenceSource::Spec, "spec.paused", "true")
                .patch(
                    "Resume it when the pause is no longer wanted.",
                    Some(Patch {
                        type_: PatchType::Merge,
                        target: deployment.metadata.object_ref(),
                        body: json!({"spec": {"paused": null}}),
                    }),
                )
                .command(format!("kubectl rollout resume deployment/{name} -n {namespace}")),
        );
    } else if desired == 0 {
        found.push(
            Draft::new(&NOT_ROLLING, "scaled to zero: nothing runs")
                .severity(Severity::Low)
                .seen(EvidenceSource::Spec, "spec.replicas", "0")
                .advice("Scale it up when it is wanted.", "how many replicas are wanted is your decision"),
        );
    }
    if let (Some(generation), Some(observed)) = (deployment.metadata.generation, status.observed_generation)
        && observed < generation
        && settled(world, &deployment.metadata)
    {
        found.push(
            Draft::new(&NOT_ROLLING, "the controller has not seen the newest change yet")
                .seen(EvidenceSource::Status, "status.observedGeneration", format!("{observed} of {generation}"))
                .advice("Check kube-controller-manager if this stays.", "the controller does this by itself"),
        );
    }
    let sets = revisions(world, deployment);
    let deadline = condition(&status.conditions, "Progressing").filter(|c| c.is_false());
    if status.ready_replicas < desired && desired > 0 && settled(world, &deployment.metadata) {
        let mut draft =
            Draft::new(&NOT_ENOUGH_READY, format!("{} of {desired} replicas are ready", status.ready_replicas))
                .severity(if status.ready_replicas == 0 { Severity::Critical } else { Severity::High })
                .seen(
                    EvidenceSource::Status,
                    "status",
                    format!(
                        "ready {}, updated {}, available {}, unavailable {}",
                        status.ready_replicas,
                        status.updated_replicas,
                        status.available_replicas,
                        status.unavailable_replicas
                    ),
                );
        if let Some(deadline) = deadline {
            draft = draft.seen(
                EvidenceSource::Status,
                "status.conditions[Progressing]",
                format!("{}: {}", deadline.reason, deadline.message),
            );
        }
        found.push(undo(draft, deployment, &sets));
    }
    let alive: Vec<&&ReplicaSet> = sets.iter().filter(|set| set.spec.replicas.unwrap_or(1) > 0).collect();
    let newest_age = sets.last().and_then(|set| set.metadata.age_seconds(world.now)).unwrap_or(0);
    let incomplete =
        status.updated_replicas < desired || sets.last().is_some_and(|set| set.status.ready_replicas < desired);
    if (alive.len() > 1 && incomplete && newest_age > 600) || (deadline.is_some() && sets.len() > 1) {
        let draft = Draft::new(
            &ROLLOUT_STUCK,
            "the new revision does not become ready, so the rollout stands still; the old one still serves",
        )
        .seen(
            EvidenceSource::Computed,
            "ReplicaSets",
            alive
                .iter()
                .map(|s| {
                    format!("{}: {}/{} ready", s.metadata.name, s.status.ready_replicas, s.spec.replicas.unwrap_or(1))
                })
                .collect::<Vec<_>>()
                .join(", "),
        );
        found.push(undo(draft, deployment, &sets));
    }
    found
}

/// The revisions of a Deployment, oldest first.
fn revisions<'a>(world: &World<'a>, deployment: &Deployment) -> Vec<&'a ReplicaSet> {
    let mut sets: Vec<&ReplicaSet> = world
        .snapshot
        .replica_sets
        .iter()
        .filter(|set| set.metadata.namespace == deployment.metadata.namespace)
        .filter(|set| {
            set.metadata.controller().is_some_and(|o| o.kind == "Deployment" && o.name == deployment.metadata.name)
        })
        .collect();
    sets.sort_by_key(|set| (revision(&set.metadata), set.metadata.creation_timestamp));
    sets
}

/// The revision number of a ReplicaSet.
pub fn revision(meta: &ObjectMeta) -> i64 {
    meta.annotations.get("deployment.kubernetes.io/revision").and_then(|r| r.parse().ok()).unwrap_or(0)
}

fn undo(draft: Draft, deployment: &Deployment, sets: &[&ReplicaSet]) -> Draft {
    let current = sets.last().map(|set| revision(&set.metadata));
    let good = sets.iter().rev().skip(1).find(|set| set.status.ready_replicas > 0).or_else(|| sets.iter().rev().nth(1));
    match good {
        Some(good) => draft
            .advice(
                format!(
                    "Put the cause right, or go back from revision {} to revision {}.",
                    current.unwrap_or(0),
                    revision(&good.metadata)
                ),
                "going back is a decision; the command does it",
            )
            .command(format!(
                "kubectl rollout undo deployment/{} -n {} --to-revision={}",
                deployment.metadata.name,
                deployment.metadata.namespace,
                revision(&good.metadata)
            )),
        None => draft.advice("Put the cause right, see the findings about its pods.", "the cause is in the pods"),
    }
}

/// FailedCreate of any controller: quota, Pod Security, service account, webhook, missing limits (HLT-202).
fn create_failures(world: &World<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let sets = world.snapshot.replica_sets.iter().map(|s| {
        let short =
            s.status.ready_replicas < s.spec.replicas.unwrap_or(1) || s.status.replicas < s.spec.replicas.unwrap_or(1);
        (&s.metadata, condition(&s.status.conditions, "ReplicaFailure"), short)
    });
    let others = world
        .snapshot
        .stateful_sets
        .iter()
        .map(|s| (&s.metadata, None, s.status.replicas < s.spec.replicas.unwrap_or(1)));
    let daemons = world
        .snapshot
        .daemon_sets
        .iter()
        .map(|s| (&s.metadata, None, s.status.current_number_scheduled < s.status.desired_number_scheduled));
    let jobs = world.snapshot.jobs.iter().map(|j| (&j.metadata, None, j.status.active == 0 && j.status.succeeded == 0));
    for (meta, failure, short) in sets.chain(others).chain(daemons).chain(jobs) {
        let failure: Option<&Condition> = failure.filter(|c| c.is_true());
        let event = world
            .events(&meta.kind, &meta.namespace, &meta.name)
            .iter()
            .rev()
            .find(|e| e.reason == "FailedCreate")
            .copied();
        let text = match (failure, event) {
            (Some(condition), _) => condition.message.as_str(),
            (None, Some(event)) if short => event.message.as_str(),
            _ => continue,
        };
        let root = world.root(meta);
        let mut draft = refusal(world, &root, text);
        if let Some(event) = event {
            draft = draft.event(event);
        } else {
            draft = draft.seen(EvidenceSource::Status, "status.conditions[ReplicaFailure]", text);
        }
        let finding = draft.about(root);
        if !found.iter().any(|f| f.is_same_as(&finding)) {
            found.push(finding);
        }
    }
    found
}

fn refusal(world: &World<'_>, root: &ObjectRef, text: &str) -> Draft {
    let namespace = &root.namespace;
    let new = |message: String| Draft::new(&CREATE_FAILED, message).severity(Severity::High);
    if let Some(at) = text.find("exceeded quota: ") {
        let detail = text[at + "exceeded quota: ".len()..].trim();
        let quota = detail.split(',').next().unwrap_or("").trim();
        let mut draft = new(format!("ResourceQuota {quota} is used up: {detail}"))
            .advice(
                "Free or raise the quota, lower the requests, or run fewer replicas.",
                "a quota is a decision of whoever runs the cluster",
            )
            .waits_for("ResourceQuota", namespace, quota);
        if let Some(found) =
            world.snapshot.quotas.iter().find(|q| q.metadata.namespace == *namespace && q.metadata.name == quota)
        {
            for (name, hard) in &found.status.hard {
                let used = found.status.used.get(name).copied().unwrap_or_default();
                draft = draft.seen(
                    EvidenceSource::Status,
                    format!("ResourceQuota/{quota} {name}"),
                    format!("used {used} of {hard}"),
                );
            }
        }
        draft
    } else if text.contains("must specify") || text.contains("failed quota") {
        new(format!("a ResourceQuota demands values that the pod does not set: {}", tail(text, "must specify")))
            .field("spec.template.spec.containers[0].resources")
            .advice(
                "Set requests and limits on every container, or add a LimitRange with defaults.",
                "the right amounts depend on usage: see optimize resources",
            )
    } else if text.contains("violates PodSecurity") {
        new(format!("Pod Security admission refuses the pod: {}", tail(text, "violates PodSecurity")))
            .field("spec.template.spec.securityContext")
            .advice(
                "Set the named security fields (security-scan gives patches), or lower the namespace's level.",
                "see the SEC findings of this workload for the patches",
            )
    } else if text.contains("serviceaccount") && text.contains("not found") {
        let account = text.split('"').rev().nth(1).unwrap_or("").rsplit('/').next().unwrap_or("").to_owned();
        let body = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": namespace}});
        let target = ObjectRef {
            api_version: "v1".into(),
            kind: "ServiceAccount".into(),
            namespace: namespace.clone(),
            name: account.clone(),
        };
        new(format!("service account {account} does not exist in namespace {namespace}"))
            .field("spec.template.spec.serviceAccountName")
            .patch("Create the service account.", Some(Patch { type_: PatchType::Create, target, body }))
            .risk("the new account has no permissions")
    } else if text.contains("admission webhook") {
        new(format!("an admission webhook refuses the pod: {}", tail(text, "admission webhook")))
            .advice("Change the pod as the webhook asks, or put the webhook right.", "the webhook decides")
    } else if text.contains("is forbidden: maximum")
        || text.contains("is forbidden: minimum")
        || text.contains("limit to request ratio")
    {
        new(format!("a LimitRange refuses the pod's resources: {}", tail(text, "is forbidden: ")))
            .field("spec.template.spec.containers[0].resources")
            .advice("Keep requests and limits within the LimitRange.", "the right amounts depend on usage")
    } else {
        new(format!("pods cannot be created: {text}")).advice("Read the message.", "the cause is not of a known kind")
    }
}

fn tail<'t>(text: &'t str, from: &str) -> &'t str {
    text.find(from).map_or(text, |at| &text[at..])
}

fn suspended(object: ObjectRef, what: &str) -> Found {
    Draft::new(&SUSPENDED, what)
        .seen(EvidenceSource::Spec, "spec.suspend", "true")
        .patch(
            "Resume it when it is wanted.",
            Some(Patch { type_: PatchType::Merge, target: object.clone(), body: json!({"spec": {"suspend": false}}) }),
        )
        .about(object)
}

fn failed_job(world: &World<'_>, job: &Job) -> Option<Found> {
    let meta = &job.metadata;
    if job.spec.suspend {
        return Some(suspended(meta.object_ref(), "the Job is suspended: it starts no pods"));
    }
    let failed = condition(&job.status.conditions, "Failed").filter(|c| c.is_true())?;
    let root = world.root(meta);
    // A later run of the same CronJob that succeeded makes this one history.
    let overtaken = world.snapshot.jobs.iter().any(|other| {
        other.metadata.namespace == meta.namespace
            && root.kind == "CronJob"
            && world.root(&other.metadata) == root
            && other.status.succeeded > 0
            && other.metadata.creation_timestamp > meta.creation_timestamp
    });
    if overtaken {
        return None;
    }
    let hook = meta.annotations.get("helm.sh/hook");
    let why = match failed.reason.as_str() {
        "BackoffLimitExceeded" => "its pods failed as often as backoffLimit allows".to_owned(),
        "DeadlineExceeded" => "it took longer than activeDeadlineSeconds".to_owned(),
        "PodFailurePolicy" => "its pod failure policy gave up".to_owned(),
        other => other.to_owned(),
    };
    let pods: Vec<_> = world
        .snapshot
        .pods
        .iter()
        .filter(|p| {
            p.metadata.namespace == meta.namespace
                && p.metadata.controller().is_some_and(|o| o.kind == "Job" && o.name == meta.name)
        })
        .collect();
    let mut log = LogScanner::default();
    let lines = pods.iter().flat_map(|pod| world.logs(pod)).flat_map(|log| &log.lines);
    lines.for_each(|line| log.line(line));
    let report = log.finish(str::to_owned);
    let what = hook.map_or_else(String::new, |hook| format!("Helm hook ({hook}) "));
    let cause = report.top().map_or_else(String::new, |g| {
        format!(": {}{}", g.meaning, g.names.as_ref().map(|n| format!(" ({n})")).unwrap_or_default())
    });
    let mut draft = Draft::new(&JOB_FAILED, format!("{what}Job failed: {why}{cause}"))
        .seen(EvidenceSource::Status, "status.conditions[Failed]", format!("{}: {}", failed.reason, failed.message))
        .advice(
            report.top().map_or_else(
                || "Read the log of its last pod, put the cause right, and run it again.".to_owned(),
                |g| format!("{}; then run it again.", g.hint),
            ),
            "a Job must be created anew to run again",
        );
    for pod in &pods {
        for status in &pod.status.container_statuses {
            if let Some(end) = &status.state.terminated {
                draft = draft.seen(
                    EvidenceSource::Status,
                    format!("Pod/{} {}", pod.metadata.name, status.name),
                    format!("exit code {} ({})", end.exit_code, end.reason),
                );
            }
        }
    }
    for group in report.groups.iter().take(3) {
        draft.evidence.push(Evidence::new(EvidenceSource::Log, "log", group.example.clone()));
    }
    for event in world.events("Job", &meta.namespace, &meta.name).iter().rev().filter(|e| e.type_ == "Warning").take(2)
    {
        draft = draft.event(event);
    }
    Some(draft.about(meta.object_ref()))
}

fn cron_job(world: &World<'_>, cron: &CronJob) -> Option<Found> {
    let meta = &cron.metadata;
    if cron.spec.suspend {
        return Some(suspended(meta.object_ref(), "the CronJob is suspended: it starts nothing"));
    }
    let missed = world
        .events("CronJob", &meta.namespace, &meta.name)
        .iter()
        .rev()
        .find(|e| matches!(e.reason.as_str(), "TooManyMissedTimes" | "FailedNeedsStart" | "MissSchedule"))
        .copied();
    let scheduled = cron.status.last_schedule_time;
    let succeeded = cron.status.last_successful_time;
    let never = scheduled.is_some()
        && succeeded.is_none()
        && cron.status.active.is_empty()
        && seconds_since(world.now, scheduled) > 300;
    let runs: Vec<&Job> = world
        .snapshot
        .jobs
        .iter()
        .filter(|job| {
            job.metadata.namespace == meta.namespace
                && job.metadata.controller().is_some_and(|o| o.kind == "CronJob" && o.name == meta.name)
        })
        .collect();
    let last_two_failed = runs.len() >= 2 && {
        let mut runs = runs.clone();
        runs.sort_by_key(|job| job.metadata.creation_timestamp);
        runs.iter().rev().take(2).all(|job| condition(&job.status.conditions, "Failed").is_some_and(Condition::is_true))
    };
    let message = if missed.is_some() {
        "it missed starts: the controller was away, or startingDeadlineSeconds is too short".to_owned()
    } else if never {
        "it has run but never succeeded".to_owned()
    } else if last_two_failed {
        "its last two runs failed".to_owned()
    } else {
        return None;
    };
    let mut draft = Draft::new(&CRON_LATE, message)
        .seen(EvidenceSource::Status, "status.lastScheduleTime", scheduled.map_or_else(String::new, |t| t.to_string()))
        .seen(
            EvidenceSource::Status,
            "status.lastSuccessfulTime",
            succeeded.map_or_else(|| "never".to_owned(), |t| t.to_string()),
        )
        .advice("Look at the Jobs it made.", "the cause is in its runs");
    if let Some(event) = missed {
        draft = draft.event(event);
    }
    for job in &runs {
        draft = draft.waits_for("Job", &job.metadata.namespace, &job.metadata.name);
    }
    Some(draft.about(meta.object_ref()))
}
