//! Jobs and CronJobs: REL-026 to REL-029.

use jiff::tz::TimeZone;
use serde_json::json;

use crate::cron::Schedule;
use crate::finding::Severity::{High, Medium};
use crate::model::{CronJob, Job};
use crate::rules::Rule;
use crate::rules::scan::{Scan, merge};

const JOB: &str = "https://kubernetes.io/docs/concepts/workloads/controllers/job/";
const CRON_JOB: &str = "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "REL-026",
        Medium,
        "Finished Jobs are kept for ever, or cleaned up twice",
        "Set ttlSecondsAfterFinished on Jobs; leave it unset in CronJobs, which have history limits.",
        JOB,
        clean_up,
    ),
    Rule::new(
        "REL-027",
        Medium,
        "CronJob that may run late or overlap",
        "Set startingDeadlineSeconds, and concurrencyPolicy Forbid for runs that may take longer than their interval.",
        CRON_JOB,
        overlap,
    ),
    Rule::new("REL-028", High, "Job that restarts for ever", "Use restartPolicy OnFailure or Never.", JOB, restart),
    Rule::new(
        "REL-029",
        High,
        "CronJob that never runs",
        "Correct the schedule, the time zone or the deadline.",
        CRON_JOB,
        invalid,
    )
    .no_patch("when it should run can't be known"),
];

fn clean_up(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for job in ctx.user(&ctx.snapshot.jobs) {
        let meta = &job.metadata;
        // Helm deletes its hooks itself when told so.
        let hook = meta.annotations.contains_key("helm.sh/hook-delete-policy");
        if meta.controller().is_none() && job.spec.ttl_seconds_after_finished.is_none() && !hook {
            scan.object(meta, "stays with its pods after it has finished")
                .root_field("spec.ttlSecondsAfterFinished")
                .patch(merge(meta, json!({ "spec": { "ttlSecondsAfterFinished": 3600 } })))
                .risk("logs of the finished pods go after an hour");
        }
    }
    for cron in ctx.user(&ctx.snapshot.cron_jobs) {
        if cron.spec.job_template.spec.ttl_seconds_after_finished.is_some() {
            scan.object(&cron.metadata, "its Jobs are deleted by age before the history limits count them")
                .root_field("spec.jobTemplate.spec.ttlSecondsAfterFinished")
                .patch(merge(
                    &cron.metadata,
                    json!({ "spec": { "jobTemplate": { "spec": { "ttlSecondsAfterFinished": null } } } }),
                ));
        }
    }
}

fn overlap(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for cron in ctx.user(&ctx.snapshot.cron_jobs) {
        if cron.spec.starting_deadline_seconds.is_none() {
            scan.object(&cron.metadata, "has no starting deadline: after 100 missed runs it stops for good")
                .root_field("spec.startingDeadlineSeconds")
                .patch(merge(&cron.metadata, json!({ "spec": { "startingDeadlineSeconds": 300 } })));
        }
        if !matches!(cron.spec.concurrency_policy.as_str(), "" | "Allow") {
            continue;
        }
        let now = ctx.snapshot.taken_at.to_zoned(TimeZone::UTC).datetime();
        let interval = Schedule::parse(&cron.spec.schedule).ok().and_then(|schedule| schedule.shortest_interval(now));
        let longest = longest_run(ctx.snapshot.taken_at.as_second(), cron, &ctx.snapshot.jobs);
        if let (Some(interval), Some(longest)) = (interval, longest)
            && longest > interval
        {
            scan.object(
                &cron.metadata,
                format!("runs may overlap: one may take {longest} s and the next starts after {interval} s"),
            )
            .root_field("spec.concurrencyPolicy")
            .patch(merge(&cron.metadata, json!({ "spec": { "concurrencyPolicy": "Forbid" } })));
        }
    }
}

/// The longest run seen, or the longest that its deadline allows.
fn longest_run(now: i64, cron: &CronJob, jobs: &[Job]) -> Option<i64> {
    let owned = jobs.iter().filter(|job| {
        job.metadata.namespace == cron.metadata.namespace
            && job
                .metadata
                .controller()
                .is_some_and(|owner| owner.kind == "CronJob" && owner.name == cron.metadata.name)
    });
    let seen = owned.filter_map(|job| {
        let end = job.status.completion_time.map_or(now, |time| time.as_second());
        let running = job.status.active > 0 || job.status.completion_time.is_some();
        job.status.start_time.filter(|_| running).map(|start| end - start.as_second())
    });
    seen.chain(cron.spec.job_template.spec.active_deadline_seconds).max()
}

fn restart(scan: &mut Scan<'_>) {
    for workload in scan.workloads().iter().filter(|workload| matches!(workload.kind(), "Job" | "CronJob")) {
        let policy = workload.spec.restart_policy.as_str();
        if !matches!(policy, "OnFailure" | "Never") {
            let shown = if policy.is_empty() { "not set, which means Always" } else { policy };
            scan.workload(workload, format!("restartPolicy is {shown}: the API server refuses it"))
                .field("restartPolicy")
                .patch(workload.pod_patch(json!({ "restartPolicy": "OnFailure" })));
        }
    }
}

fn invalid(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for cron in ctx.user(&ctx.snapshot.cron_jobs) {
        let meta = &cron.metadata;
        match Schedule::parse(&cron.spec.schedule) {
            Err(error) => {
                scan.object(meta, format!("schedule {:?} {error}", cron.spec.schedule)).root_field("spec.schedule");
            }
            Ok(schedule) => {
                let now = ctx.snapshot.taken_at.to_zoned(TimeZone::UTC).datetime();
                if schedule.next(now).is_none() {
                    scan.object(meta, format!("schedule {:?} names a day that never comes", cron.spec.schedule))
                        .root_field("spec.schedule");
                }
            }
        }
        if cron.spec.starting_deadline_seconds.is_some_and(|seconds| seconds < 0) {
            scan.object(meta, "startingDeadlineSeconds is negative")
                .root_field("spec.startingDeadlineSeconds")
                .patch(merge(meta, json!({ "spec": { "startingDeadlineSeconds": 300 } })));
        }
        if let Some(zone) = &cron.spec.time_zone
            && TimeZone::get(zone).is_err()
        {
            scan.object(meta, format!("time zone {zone:?} is unknown")).root_field("spec.timeZone");
        }
    }
}
