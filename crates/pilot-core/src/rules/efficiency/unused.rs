//! Configuration and claims that nothing refers to: EFF-010.

use std::collections::BTreeSet;

use crate::finding::Severity::Low;
use crate::model::{ObjectMeta, PodSpec};
use crate::rules::scan::Scan;
use crate::rules::{Context, Rule};

pub(super) const RULES: &[Rule] = &[Rule::new(
    "EFF-010",
    Low,
    "Nothing refers to it",
    "Delete it if nothing outside the cluster reads it.",
    "https://kubernetes.io/docs/concepts/configuration/",
    unused,
)];

type Name<'a> = (&'a str, &'a str);

/// Names that something refers to, and texts of commands and values that may name more.
#[derive(Default)]
struct Used<'a> {
    config_maps: BTreeSet<Name<'a>>,
    secrets: BTreeSet<Name<'a>>,
    claims: BTreeSet<(String, String)>,
    texts: Vec<(&'a str, &'a str)>,
}

fn collect<'a>(ctx: &'a Context<'a>) -> Used<'a> {
    let mut used = Used::default();
    // Templates of old revisions count: a rollback needs what they name.
    let old = ctx.snapshot.replica_sets.iter().map(|set| (set.metadata.namespace.as_str(), &set.spec.template.spec));
    let live = ctx.snapshot.pods.iter().map(|pod| (pod.metadata.namespace.as_str(), &pod.spec));
    let roots = ctx.all_workloads.iter().map(|workload| (workload.meta.namespace.as_str(), workload.spec));
    for (namespace, spec) in roots.chain(old).chain(live) {
        of_pod(&mut used, namespace, spec);
    }
    for account in &ctx.snapshot.service_accounts {
        for secret in account.secrets.iter().chain(&account.image_pull_secrets) {
            used.secrets.insert((&account.metadata.namespace, &secret.name));
        }
    }
    for ingress in &ctx.snapshot.ingresses {
        for tls in &ingress.spec.tls {
            used.secrets.insert((&ingress.metadata.namespace, &tls.secret_name));
        }
        for value in ingress.metadata.annotations.values() {
            used.texts.push((&ingress.metadata.namespace, value));
        }
    }
    for set in &ctx.snapshot.stateful_sets {
        for template in &set.spec.volume_claim_templates {
            let prefix = format!("{}-{}-", template.metadata.name, set.metadata.name);
            for claim in ctx.snapshot.claims.iter().filter(|claim| claim.metadata.namespace == set.metadata.namespace) {
                if claim.metadata.name.strip_prefix(&prefix).is_some_and(|ordinal| ordinal.parse::<u32>().is_ok()) {
                    used.claims.insert((set.metadata.namespace.clone(), claim.metadata.name.clone()));
                }
            }
        }
    }
    used
}

fn of_pod<'a>(used: &mut Used<'a>, namespace: &'a str, spec: &'a PodSpec) {
    for secret in &spec.image_pull_secrets {
        used.secrets.insert((namespace, &secret.name));
    }
    for volume in &spec.volumes {
        used.config_maps.extend(volume.config_map.iter().map(|source| (namespace, source.name.as_str())));
        used.secrets.extend(volume.secret.iter().map(|source| (namespace, source.secret_name.as_str())));
        used.claims.extend(
            volume.persistent_volume_claim.iter().map(|claim| (namespace.to_owned(), claim.claim_name.clone())),
        );
        for source in volume.projected.iter().flat_map(|projected| &projected.sources) {
            used.config_maps.extend(source.config_map.iter().map(|part| (namespace, part.name.as_str())));
            used.secrets.extend(source.secret.iter().map(|part| (namespace, part.name.as_str())));
        }
    }
    for at in spec.all_containers() {
        let container = at.container;
        for from in &container.env_from {
            used.config_maps.extend(from.config_map_ref.iter().map(|reference| (namespace, reference.name.as_str())));
            used.secrets.extend(from.secret_ref.iter().map(|reference| (namespace, reference.name.as_str())));
        }
        for env in &container.env {
            if let Some(from) = &env.value_from {
                used.config_maps.extend(from.config_map_key_ref.iter().map(|key| (namespace, key.name.as_str())));
                used.secrets.extend(from.secret_key_ref.iter().map(|key| (namespace, key.name.as_str())));
            }
            used.texts.extend(env.value.iter().map(|value| (namespace, value.as_str())));
        }
        used.texts.extend(container.args.iter().chain(&container.command).map(|text| (namespace, text.as_str())));
    }
}

/// Read by label, by owner or by the system rather than by reference.
fn is_read_otherwise(meta: &ObjectMeta) -> bool {
    const LABELS: [&str; 6] = [
        "grafana_dashboard",
        "grafana_datasource",
        "prometheus_rule",
        "owner",
        "cert-manager.io/next-private-key",
        "controller.cert-manager.io/fao",
    ];
    !meta.owner_references.is_empty()
        || meta.name == "kube-root-ca.crt"
        || meta.labels.keys().any(|key| LABELS.contains(&key.as_str()))
        || meta
            .annotations
            .keys()
            .any(|key| key.starts_with("control-plane.alpha.kubernetes.io/") || key.starts_with("cert-manager.io/"))
        || meta.annotations.contains_key("helm.sh/hook")
}

fn unused(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let used = collect(ctx);
    let mentioned = |meta: &ObjectMeta| {
        used.texts.iter().any(|(namespace, text)| *namespace == meta.namespace && text.contains(&meta.name))
    };
    for map in ctx.user(&ctx.snapshot.config_maps) {
        let meta = &map.metadata;
        if !used.config_maps.contains(&(meta.namespace.as_str(), meta.name.as_str()))
            && !is_read_otherwise(meta)
            && !mentioned(meta)
        {
            scan.object(meta, "no pod refers to it").absent(ctx.absence(Low, false));
        }
    }
    let reads_tls_elsewhere = !ctx.snapshot.gateways.is_empty();
    for secret in ctx.user(&ctx.snapshot.secrets) {
        let meta = &secret.metadata;
        let by_system = secret.is_helm_release()
            || matches!(secret.type_.as_str(), "kubernetes.io/service-account-token" | "bootstrap.kubernetes.io/token")
            || (reads_tls_elsewhere && secret.type_ == "kubernetes.io/tls");
        if !by_system
            && !used.secrets.contains(&(meta.namespace.as_str(), meta.name.as_str()))
            && !is_read_otherwise(meta)
            && !mentioned(meta)
        {
            scan.object(meta, "no pod, account or Ingress refers to it").absent(ctx.absence(Low, false));
        }
    }
    for claim in ctx.user(&ctx.snapshot.claims) {
        let meta = &claim.metadata;
        if !used.claims.contains(&(meta.namespace.clone(), meta.name.clone())) && meta.owner_references.is_empty() {
            scan.object(meta, "no pod mounts it").absent(ctx.absence(Low, false));
        }
    }
}
