//! What time has left behind: EFF-011, EFF-012. Live clusters only: manifests have no age.

use crate::finding::Severity::Low;
use crate::model::condition;
use crate::rules::Rule;
use crate::rules::scan::Scan;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "EFF-011",
        Low,
        "Finished or switched off long ago",
        "Delete it, or set ttlSecondsAfterFinished and revisionHistoryLimit.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/",
        finished,
    ),
    Rule::new(
        "EFF-012",
        Low,
        "Storage that nobody uses",
        "Delete it after checking that the data is not needed.",
        "https://kubernetes.io/docs/concepts/storage/persistent-volumes/",
        storage,
    ),
];

const DAY: i64 = 86_400;

fn finished(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let now = ctx.snapshot.taken_at;
    for deployment in ctx.user(&ctx.snapshot.deployments) {
        let meta = &deployment.metadata;
        let conditions = deployment.status.conditions.iter().filter_map(|condition| condition.last_transition_time);
        let since = conditions.max().or(meta.creation_timestamp);
        let days = since.map_or(0, |since| (now.as_second() - since.as_second()) / DAY);
        if deployment.spec.replicas == Some(0) && days > 7 {
            scan.object(meta, format!("has been scaled to zero for {days} days")).root_field("spec.replicas");
        }
        let limit = deployment.spec.revision_history_limit.unwrap_or(10);
        let old = ctx.snapshot.replica_sets.iter().filter(|set| {
            set.metadata.namespace == meta.namespace
                && set.spec.replicas == Some(0)
                && set.metadata.controller().is_some_and(|owner| owner.kind == "Deployment" && owner.name == meta.name)
        });
        let old = i64::try_from(old.count()).unwrap_or(i64::MAX);
        if old > limit {
            scan.object(meta, format!("keeps {old} old ReplicaSets; its limit is {limit}"))
                .root_field("spec.revisionHistoryLimit");
        }
    }
    for job in ctx.user(&ctx.snapshot.jobs) {
        let failed = condition(&job.status.conditions, "Failed")
            .filter(|condition| condition.is_true())
            .and_then(|condition| condition.last_transition_time);
        let Some(ended) = job.status.completion_time.or(failed) else { continue };
        let hours = (now.as_second() - ended.as_second()) / 3600;
        if hours > 24 && job.spec.ttl_seconds_after_finished.is_none() && job.metadata.controller().is_none() {
            scan.object(&job.metadata, format!("finished {hours} hours ago")).root_field("status");
        }
    }
}

fn storage(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let now = ctx.snapshot.taken_at;
    for volume in &ctx.snapshot.volumes {
        if matches!(volume.status.phase.as_str(), "Released" | "Available") {
            scan.object(&volume.metadata, format!("is {}: no claim uses it", volume.status.phase))
                .root_field("status.phase");
        }
    }
    for claim in ctx.user(&ctx.snapshot.claims) {
        let days = claim.metadata.age_seconds(now).unwrap_or(0) / DAY;
        let key = (claim.metadata.namespace.as_str(), claim.metadata.name.as_str());
        let mounted = ctx.snapshot.pods.iter().any(|pod| {
            pod.metadata.namespace == key.0
                && pod
                    .spec
                    .volumes
                    .iter()
                    .filter_map(|volume| volume.persistent_volume_claim.as_ref())
                    .any(|source| source.claim_name == key.1)
        });
        let message = match claim.status.phase.as_str() {
            "Pending" if days > 7 => format!("has waited {days} days for a volume"),
            "Bound" if days > 7 && !mounted => format!("is mounted by no pod and {days} days old"),
            _ => continue,
        };
        scan.object(&claim.metadata, message).root_field("status.phase");
    }
}
