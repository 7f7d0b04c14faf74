//! References from pods to objects that don't exist: REL-025, REL-030.

use serde_json::{Value, json};

use crate::config::Profile;
use crate::finding::Patch;
use crate::finding::Severity::{High, Low};
use crate::model::{ConfigMap, Secret};
use crate::nearest::nearest;
use crate::rules::scan::Scan;
use crate::rules::{Context, Rule, Workload};

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "REL-025",
        High,
        "Reference to something that does not exist",
        "Create it, or correct the name.",
        "https://kubernetes.io/docs/concepts/configuration/",
        dangling,
    )
    .no_patch("the missing object must be created, or the name corrected by hand"),
    Rule::new(
        "REL-030",
        High,
        "Priority class missing",
        "Create the class or correct the name.",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/",
        priority,
    )
    .needs(&["PriorityClass"])
    .no_patch("no class of a similar name exists"),
];

/// What is referred to, and under which name it is looked up.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    ConfigMap,
    Secret,
    Claim,
    Account,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
            Self::Claim => "PersistentVolumeClaim",
            Self::Account => "ServiceAccount",
        }
    }
}

/// Builds the patch that puts another name in.
type Repoint<'a> = Box<dyn Fn(&str) -> Patch + 'a>;

/// Where a reference stands and how to point it elsewhere.
struct Place<'a> {
    container: Option<crate::model::ContainerAt<'a>>,
    field: String,
    /// Builds the patch that puts another name in, where one is possible.
    rename: Option<Repoint<'a>>,
    /// Builds the patch that puts another key in.
    rekey: Option<Repoint<'a>>,
}

fn dangling(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        environment(scan, workload);
        volumes(scan, workload);
        let account = workload.spec.service_account();
        if account != "default" {
            let rename: Box<dyn Fn(&str) -> Patch> =
                Box::new(|name| workload.pod_patch(json!({ "serviceAccountName": name, "serviceAccount": null })));
            let place =
                Place { container: None, field: "serviceAccountName".to_owned(), rename: Some(rename), rekey: None };
            check(scan, workload, Kind::Account, account, None, &place);
        }
        for (index, secret) in workload.spec.image_pull_secrets.iter().enumerate() {
            let place =
                Place { container: None, field: format!("imagePullSecrets[{index}]"), rename: None, rekey: None };
            check(scan, workload, Kind::Secret, &secret.name, None, &place);
        }
    }
}

fn environment(scan: &mut Scan<'_>, workload: &Workload<'_>) {
    for at in workload.spec.all_containers() {
        for (index, env) in at.container.env.iter().enumerate() {
            let Some(from) = &env.value_from else { continue };
            for (kind, field, reference) in [
                (Kind::ConfigMap, "configMapKeyRef", &from.config_map_key_ref),
                (Kind::Secret, "secretKeyRef", &from.secret_key_ref),
            ] {
                let Some(reference) = reference.as_ref().filter(|reference| reference.optional != Some(true)) else {
                    continue;
                };
                let env_name = &env.name;
                let put = move |part: &str, value: &str| {
                    workload.container_patch(
                        &at,
                        json!({ "env": [{ "name": env_name, "valueFrom": { field: { part: value } } }] }),
                    )
                };
                let place = Place {
                    container: Some(at),
                    field: format!("env[{index}].valueFrom.{field}"),
                    rename: Some(Box::new(move |name| put("name", name))),
                    rekey: Some(Box::new(move |key| put("key", key))),
                };
                check(scan, workload, kind, &reference.name, Some(&reference.key), &place);
            }
        }
        for (index, from) in at.container.env_from.iter().enumerate() {
            for (kind, reference) in [(Kind::ConfigMap, &from.config_map_ref), (Kind::Secret, &from.secret_ref)] {
                let Some(reference) = reference.as_ref().filter(|reference| reference.optional != Some(true)) else {
                    continue;
                };
                let place =
                    Place { container: Some(at), field: format!("envFrom[{index}]"), rename: None, rekey: None };
                check(scan, workload, kind, &reference.name, None, &place);
            }
        }
    }
}

fn volumes(scan: &mut Scan<'_>, workload: &Workload<'_>) {
    for (index, volume) in workload.spec.volumes.iter().enumerate() {
        let patch = |mut source: Value| {
            source["name"] = json!(volume.name);
            workload.pod_patch(json!({ "volumes": [source] }))
        };
        let field = format!("volumes[{index}]");
        if let Some(source) = volume.config_map.as_ref().filter(|source| source.optional != Some(true)) {
            let rename: Box<dyn Fn(&str) -> Patch> =
                Box::new(move |name| patch(json!({ "configMap": { "name": name } })));
            let place =
                Place { container: None, field: format!("{field}.configMap"), rename: Some(rename), rekey: None };
            check(scan, workload, Kind::ConfigMap, &source.name, None, &place);
            for item in &source.items {
                check(scan, workload, Kind::ConfigMap, &source.name, Some(&item.key), &bare(&field, &item.key));
            }
        }
        if let Some(source) = volume.secret.as_ref().filter(|source| source.optional != Some(true)) {
            let rename: Box<dyn Fn(&str) -> Patch> =
                Box::new(move |name| patch(json!({ "secret": { "secretName": name } })));
            let place = Place { container: None, field: format!("{field}.secret"), rename: Some(rename), rekey: None };
            check(scan, workload, Kind::Secret, &source.secret_name, None, &place);
            for item in &source.items {
                check(scan, workload, Kind::Secret, &source.secret_name, Some(&item.key), &bare(&field, &item.key));
            }
        }
        if let Some(claim) = &volume.persistent_volume_claim {
            let rename: Box<dyn Fn(&str) -> Patch> =
                Box::new(move |name| patch(json!({ "persistentVolumeClaim": { "claimName": name } })));
            let place = Place {
                container: None,
                field: format!("{field}.persistentVolumeClaim"),
                rename: Some(rename),
                rekey: None,
            };
            check(scan, workload, Kind::Claim, &claim.claim_name, None, &place);
        }
        for (number, source) in volume.projected.iter().flat_map(|projected| &projected.sources).enumerate() {
            for (kind, part) in [(Kind::ConfigMap, &source.config_map), (Kind::Secret, &source.secret)] {
                let Some(part) = part.as_ref().filter(|part| part.optional != Some(true)) else { continue };
                let field = format!("{field}.projected.sources[{number}]");
                check(
                    scan,
                    workload,
                    kind,
                    &part.name,
                    None,
                    &Place { container: None, field: field.clone(), rename: None, rekey: None },
                );
                for item in &part.items {
                    check(scan, workload, kind, &part.name, Some(&item.key), &bare(&field, &item.key));
                }
            }
        }
    }
}

fn bare<'a>(field: &str, key: &str) -> Place<'a> {
    Place { container: None, field: format!("{field}.items[{key}]"), rename: None, rekey: None }
}

/// Reports a reference that leads nowhere. With a key, only the key is judged when the object exists.
fn check(scan: &mut Scan<'_>, workload: &Workload<'_>, kind: Kind, name: &str, key: Option<&str>, place: &Place<'_>) {
    let ctx = scan.ctx;
    let namespace = workload.meta.namespace.as_str();
    let unreadable = ctx
        .snapshot
        .gaps
        .iter()
        .any(|gap| gap.kind == kind.name() && (gap.namespace.is_empty() || gap.namespace == namespace));
    // `kube-root-ca.crt` is put into every namespace by the control plane.
    if name.is_empty() || unreadable || (kind == Kind::ConfigMap && name == "kube-root-ca.crt") {
        return;
    }
    let names = names(ctx, kind, namespace);
    if !names.contains(&name) {
        if key.is_some() && place.rename.is_none() {
            return;
        }
        let similar = nearest(name, names);
        let elsewhere = names_elsewhere(ctx, kind, name).filter(|other| *other != namespace).min();
        let hint = match (similar, elsewhere) {
            (Some(similar), _) => format!("; did you mean {similar}?"),
            (None, Some(other)) => format!("; one of that name is in namespace {other}"),
            (None, None) => String::new(),
        };
        let patch = similar.and_then(|similar| place.rename.as_ref().map(|rename| rename(similar)));
        report(scan, workload, place, format!("{} {name} does not exist{hint}", kind.name()), similar.is_some(), patch);
    } else if let Some(key) = key {
        let keys = keys(ctx, kind, namespace, name);
        if keys.contains(&key) {
            return;
        }
        let similar = nearest(key, keys);
        let hint = similar.map(|similar| format!("; did you mean {similar}?")).unwrap_or_default();
        let patch = similar.and_then(|similar| place.rekey.as_ref().map(|rekey| rekey(similar)));
        // The object is there, so the missing key is a fact also in files.
        report(scan, workload, place, format!("{} {name} has no key {key}{hint}", kind.name()), true, patch);
    }
}

fn report(
    scan: &mut Scan<'_>,
    workload: &Workload<'_>,
    place: &Place<'_>,
    message: String,
    sure: bool,
    patch: Option<Patch>,
) {
    let absence = scan.ctx.absence(High, sure);
    let hit = match &place.container {
        Some(at) => scan.container(workload, at, message),
        None => scan.workload(workload, message),
    };
    hit.field(&place.field).absent(absence).maybe_patch(patch);
}

fn names<'a>(ctx: &'a Context<'_>, kind: Kind, namespace: &str) -> Vec<&'a str> {
    fn of<'a, T>(map: &crate::rules::context::ByName<'a, T>, namespace: &str) -> Vec<&'a str> {
        map.keys().filter(|(ns, _)| *ns == namespace).map(|(_, name)| *name).collect()
    }
    match kind {
        Kind::ConfigMap => of(&ctx.config_maps, namespace),
        Kind::Secret => of(&ctx.secrets, namespace),
        Kind::Claim => of(&ctx.claims, namespace),
        Kind::Account => of(&ctx.service_accounts, namespace),
    }
}

fn names_elsewhere<'a>(ctx: &'a Context<'_>, kind: Kind, name: &'a str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    fn of<'a, T>(
        map: &'a crate::rules::context::ByName<'_, T>,
        name: &'a str,
    ) -> Box<dyn Iterator<Item = &'a str> + 'a> {
        Box::new(map.keys().filter(move |(_, other)| *other == name).map(|(ns, _)| *ns))
    }
    match kind {
        Kind::ConfigMap => of(&ctx.config_maps, name),
        Kind::Secret => of(&ctx.secrets, name),
        Kind::Claim => of(&ctx.claims, name),
        Kind::Account => of(&ctx.service_accounts, name),
    }
}

fn keys<'a>(ctx: &'a Context<'_>, kind: Kind, namespace: &str, name: &str) -> Vec<&'a str> {
    let of_map = |map: &&'a ConfigMap| map.data.keys().chain(&map.binary_data).map(String::as_str).collect();
    let of_secret = |secret: &&'a Secret| secret.keys.keys().map(String::as_str).collect();
    match kind {
        Kind::ConfigMap => ctx.config_maps.get(&(namespace, name)).map(of_map).unwrap_or_default(),
        Kind::Secret => ctx.secrets.get(&(namespace, name)).map(of_secret).unwrap_or_default(),
        Kind::Claim | Kind::Account => Vec::new(),
    }
}

fn priority(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let wants_one = ctx.config.profile == Profile::Strict || ctx.config.enable.contains("REL-030");
    for workload in &ctx.workloads {
        let name = workload.spec.priority_class_name.as_str();
        if name.is_empty() {
            if wants_one {
                scan.workload(workload, "has no priority class: it is evicted in no particular order")
                    .severity(Low)
                    .field("priorityClassName");
            }
            continue;
        }
        let names = || ctx.snapshot.priority_classes.iter().map(|class| class.metadata.name.as_str());
        if name.starts_with("system-") || names().any(|known| known == name) {
            continue;
        }
        let similar = nearest(name, names());
        let patch = similar.map(|similar| workload.pod_patch(json!({ "priorityClassName": similar })));
        scan.workload(workload, format!("priority class {name} does not exist: no pod can be created"))
            .field("priorityClassName")
            .absent(ctx.absence(High, similar.is_some()))
            .maybe_patch(patch);
    }
}
