//! Rules for those who want them: REL-033, REL-035, REL-037.

use serde_json::json;

use crate::config::Profile;
use crate::finding::Severity::{Low, Medium};
use crate::image_ref::ImageRef;
use crate::rules::Rule;
use crate::rules::scan::Scan;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "REL-033",
        Medium,
        "Unbounded use of the node's disk",
        "Set requests and limits of ephemeral-storage, or sizeLimit on emptyDir volumes.",
        "https://kubernetes.io/docs/concepts/storage/ephemeral-storage/",
        ephemeral_storage,
    ),
    Rule::new(
        "REL-035",
        Medium,
        "Database without backup",
        "Back it up with a CronJob or say in an annotation who does.",
        "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/",
        no_backup,
    )
    .opt_in()
    .no_patch("how to back it up is for its owner to say"),
    Rule::new(
        "REL-037",
        Low,
        "Every outside name is looked up five times",
        "Set dnsConfig option ndots to 2 or less.",
        "https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",
        many_lookups,
    )
    .opt_in(),
];

fn ephemeral_storage(scan: &mut Scan<'_>) {
    const STORAGE: &str = "ephemeral-storage";
    let config = scan.ctx.config;
    let everywhere = config.profile == Profile::Strict || config.enable.contains("REL-033");
    for workload in scan.workloads() {
        // A tmpfs counts as memory, not as disk.
        let unbounded = |name: &str| {
            workload.spec.volumes.iter().any(|volume| {
                volume.name == name
                    && volume.empty_dir.as_ref().is_some_and(|dir| dir.size_limit.is_none() && dir.medium != "Memory")
            })
        };
        for at in workload.spec.long_running() {
            let writes = at.container.volume_mounts.iter().any(|mount| !mount.read_only && unbounded(&mount.name));
            if !(everywhere || writes) || at.container.limit(STORAGE).is_some() {
                continue;
            }
            let message = if writes {
                "fills an emptyDir without limit: a full node evicts its neighbours too"
            } else {
                "has no ephemeral-storage limit"
            };
            scan.container(workload, &at, message)
                .field("resources.limits.ephemeral-storage")
                .patch(workload.container_patch(
                    &at,
                    json!({ "resources": { "requests": { STORAGE: "100Mi" }, "limits": { STORAGE: "2Gi" } } }),
                ))
                .risk("a pod that writes more than the limit is evicted");
        }
    }
}

fn no_backup(scan: &mut Scan<'_>) {
    const DATABASES: [&str; 9] =
        ["postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "valkey", "cassandra"];
    let ctx = scan.ctx;
    for workload in
        ctx.workloads.iter().filter(|workload| workload.kind() == "StatefulSet" && workload.replicas == Some(1))
    {
        let is_database = workload.spec.containers.iter().any(|container| {
            let name = ImageRef::parse(&container.image).name;
            name.rsplit('/').next().is_some_and(|last| DATABASES.contains(&last))
        });
        let annotated = [workload.meta, workload.template]
            .iter()
            .any(|meta| meta.annotations.keys().any(|key| key.to_ascii_lowercase().contains("backup")));
        let by_job = ctx.snapshot.cron_jobs.iter().any(|cron| {
            cron.metadata.namespace == workload.meta.namespace
                && ["backup", "dump", "wal-g", "barman"].iter().any(|word| cron.metadata.name.contains(word))
        });
        if is_database && !annotated && !by_job {
            scan.workload(workload, "one replica holds the data and nothing backs it up").root_field("spec");
        }
    }
}

fn many_lookups(scan: &mut Scan<'_>) {
    for workload in
        scan.workloads().iter().filter(|workload| !matches!(workload.spec.dns_policy.as_str(), "Default" | "None"))
    {
        let ndots = workload
            .spec
            .dns_config
            .iter()
            .flat_map(|config| &config.options)
            .find(|option| option.name == "ndots")
            .and_then(|option| option.value.as_deref())
            .map_or(5, |value| value.parse().unwrap_or(5));
        if ndots > 2 {
            scan.workload(workload, format!("ndots is {ndots}"))
                .field("dnsConfig.options")
                .patch(workload.pod_patch(json!({ "dnsConfig": { "options": [{ "name": "ndots", "value": "2" }] } })));
        }
    }
}
