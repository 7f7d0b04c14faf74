//! The objects between a request and a process: Ingress → Service → workload → pods → configuration → node.

use serde::Serialize;

use super::same;
use crate::finding::{Finding, Severity};
use crate::health::World;
use crate::health::helm::releases;
use crate::model::{Labels, ObjectRef, Pod, PodSpec, is_subset};

/// How one object on the way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing is known against it.
    Ok,
    /// Findings of medium severity or worse are about it.
    Bad,
    /// It is referred to and does not exist.
    Missing,
}

/// One object of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The object.
    pub object: ObjectRef,
    /// How it is.
    pub state: State,
    /// A few words: `2/3 ready`, the worst finding.
    pub note: String,
}

impl Link {
    /// Takes the worst of the findings about the object as its note.
    pub(super) fn take<'f>(&mut self, findings: impl Iterator<Item = &'f Finding>) {
        let worst = findings
            .filter(|f| same(&f.subject.object, &self.object) && f.severity.at_least(Severity::Medium))
            .min_by_key(|f| (f.severity, !f.caused_by.is_empty(), f.id.clone()));
        if let Some(worst) = worst {
            self.state = State::Bad;
            self.note = format!("{} {}", worst.id, worst.message);
        }
    }
}

fn reference(kind: &str, namespace: &str, name: &str) -> ObjectRef {
    let api_version = match kind {
        "Ingress" => "networking.k8s.io/v1",
        "Release" => "helm.sh/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        _ => "v1",
    };
    ObjectRef { api_version: api_version.into(), kind: kind.into(), namespace: namespace.into(), name: name.into() }
}

/// The target first, then everything it stands on or that leads to it.
pub(super) fn members(world: &World<'_>, target: &ObjectRef) -> Vec<ObjectRef> {
    let mut list = vec![target.clone()];
    let mut add = |object: ObjectRef| {
        if !list.iter().any(|known| same(known, &object)) {
            list.push(object);
        }
    };
    let namespace = target.namespace.as_str();
    let mut workloads: Vec<ObjectRef> = Vec::new();
    let mut pods: Vec<&Pod> = Vec::new();
    match target.kind.as_str() {
        "Service" => {
            if let Some(service) = world.service(namespace, &target.name) {
                pods = world.selected(service);
                workloads = pods.iter().map(|p| world.root(&p.metadata)).collect();
                if pods.is_empty() {
                    workloads.extend(near(world, namespace, &service.spec.selector));
                }
            }
        }
        "Pod" => {
            pods.extend(world.pod(namespace, &target.name));
            workloads = pods.iter().map(|p| world.root(&p.metadata)).collect();
        }
        "Release" => {
            let jobs = world.snapshot.jobs.iter().map(|j| &j.metadata);
            let of_release = |labels: &Labels| labels.get("app.kubernetes.io/instance") == Some(&target.name);
            for meta in jobs.filter(|m| {
                m.namespace == namespace && (of_release(&m.labels) || m.annotations.contains_key("helm.sh/hook"))
            }) {
                add(meta.object_ref());
            }
            workloads = world
                .snapshot
                .deployments
                .iter()
                .map(|d| &d.metadata)
                .filter(|m| m.namespace == namespace && of_release(&m.labels))
                .map(|m| m.object_ref())
                .collect();
        }
        "Ingress" => {
            for name in backends(world, namespace, &target.name) {
                add(reference("Service", namespace, &name));
                if let Some(service) = world.service(namespace, &name) {
                    pods.extend(world.selected(service));
                }
            }
            workloads = pods.iter().map(|p| world.root(&p.metadata)).collect();
        }
        _ => workloads.push(target.clone()),
    }
    workloads.sort();
    workloads.dedup();
    for workload in &workloads {
        if target.kind != "Pod" {
            pods.extend(world.pods_of(workload));
        }
        let labels = world
            .template(workload)
            .map(|t| t.metadata.labels.clone())
            .or_else(|| pods.first().map(|p| p.metadata.labels.clone()));
        for service in labels.iter().flat_map(|labels| world.services_for(namespace, labels)) {
            for ingress in &world.snapshot.ingresses {
                if ingress.metadata.namespace == namespace
                    && backends(world, namespace, &ingress.metadata.name).contains(&service.metadata.name)
                {
                    add(ingress.metadata.object_ref());
                }
            }
            add(service.metadata.object_ref());
        }
        // A Service that was meant for this workload but selects nothing.
        for service in
            world.snapshot.services.iter().filter(|s| s.metadata.namespace == namespace && !s.spec.selector.is_empty())
        {
            let meant = service.metadata.name == workload.name
                || labels.as_ref().is_some_and(|l| shared(&service.spec.selector, l) > 0);
            if meant && world.selected(service).is_empty() {
                add(service.metadata.object_ref());
            }
        }
        add(workload.clone());
        for hpa in world.snapshot.autoscalers.iter().filter(|h| {
            h.metadata.namespace == namespace
                && h.spec.scale_target_ref.name == workload.name
                && h.spec.scale_target_ref.kind == workload.kind
        }) {
            add(hpa.metadata.object_ref());
        }
        if let Some(template) = world.template(workload) {
            references(&template.spec, namespace).into_iter().for_each(&mut add);
        }
        for ((release_namespace, name), _) in releases(world) {
            let instance = world
                .object(&workload.kind, namespace, &workload.name)
                .and_then(|m| m.labels.get("app.kubernetes.io/instance"));
            if release_namespace == namespace && instance.is_some_and(|i| i == name) {
                add(reference("Release", namespace, name));
            }
        }
    }
    pods.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
    pods.dedup_by(|a, b| a.metadata.name == b.metadata.name);
    for pod in &pods {
        add(pod.metadata.object_ref());
        references(&pod.spec, namespace).into_iter().for_each(&mut add);
    }
    for pod in pods.iter().filter(|p| !p.spec.node_name.is_empty()) {
        add(reference("Node", "", &pod.spec.node_name));
    }
    list
}

fn shared(selector: &Labels, labels: &Labels) -> usize {
    selector.iter().filter(|(key, value)| labels.get(*key) == Some(value)).count()
}

/// Workloads whose pods share a label with a selector that matches none.
fn near(world: &World<'_>, namespace: &str, selector: &Labels) -> Vec<ObjectRef> {
    let mut found: Vec<ObjectRef> = world
        .roots()
        .filter(|(root, pods)| {
            root.namespace == namespace
                && pods
                    .iter()
                    .any(|p| shared(selector, &p.metadata.labels) > 0 && !is_subset(selector, &p.metadata.labels))
        })
        .map(|(root, _)| root.clone())
        .collect();
    found.sort();
    found
}

fn backends(world: &World<'_>, namespace: &str, ingress: &str) -> Vec<String> {
    let Some(ingress) =
        world.snapshot.ingresses.iter().find(|i| i.metadata.namespace == namespace && i.metadata.name == ingress)
    else {
        return Vec::new();
    };
    let paths = ingress.spec.rules.iter().filter_map(|r| r.http.as_ref()).flat_map(|h| &h.paths).map(|p| &p.backend);
    let mut names: Vec<String> =
        paths.chain(&ingress.spec.default_backend).filter_map(|b| Some(b.service.as_ref()?.name.clone())).collect();
    names.sort();
    names.dedup();
    names
}

/// Configuration and volumes that a pod refers to.
fn references(spec: &PodSpec, namespace: &str) -> Vec<ObjectRef> {
    let mut found = Vec::new();
    for container in spec.all_containers().map(|at| at.container) {
        for source in container.env.iter().filter_map(|e| e.value_from.as_ref()) {
            let optional = |r: &&crate::model::KeyRef| r.optional != Some(true);
            found.extend(
                source.config_map_key_ref.as_ref().filter(optional).map(|r| reference("ConfigMap", namespace, &r.name)),
            );
            found.extend(
                source.secret_key_ref.as_ref().filter(optional).map(|r| reference("Secret", namespace, &r.name)),
            );
        }
        for from in &container.env_from {
            let optional = |r: &&crate::model::NameRef| r.optional != Some(true);
            found.extend(
                from.config_map_ref.as_ref().filter(optional).map(|r| reference("ConfigMap", namespace, &r.name)),
            );
            found.extend(from.secret_ref.as_ref().filter(optional).map(|r| reference("Secret", namespace, &r.name)));
        }
    }
    for volume in &spec.volumes {
        found.extend(
            volume
                .config_map
                .as_ref()
                .filter(|c| c.optional != Some(true))
                .map(|c| reference("ConfigMap", namespace, &c.name)),
        );
        found.extend(
            volume
                .secret
                .as_ref()
                .filter(|s| s.optional != Some(true))
                .map(|s| reference("Secret", namespace, &s.secret_name)),
        );
        found.extend(
            volume
                .persistent_volume_claim
                .as_ref()
                .map(|c| reference("PersistentVolumeClaim", namespace, &c.claim_name)),
        );
    }
    found
}

/// The chain as it is shown, from the outside in.
pub(super) fn links(world: &World<'_>, members: &[ObjectRef]) -> Vec<Link> {
    const ORDER: &[&str] = &[
        "Release",
        "Ingress",
        "Service",
        "HorizontalPodAutoscaler",
        "CronJob",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "Job",
        "Pod",
        "ConfigMap",
        "Secret",
        "PersistentVolumeClaim",
        "Node",
    ];
    let place = |object: &ObjectRef| ORDER.iter().position(|kind| *kind == object.kind).unwrap_or(6);
    let mut sorted: Vec<&ObjectRef> = members.iter().collect();
    sorted.sort_by_key(|object| (place(object), object.name.clone()));
    sorted.into_iter().map(|object| link(world, object)).collect()
}

pub(super) fn link(world: &World<'_>, object: &ObjectRef) -> Link {
    let exists = object.kind == "Release" || world.object(&object.kind, &object.namespace, &object.name).is_some();
    if !exists && !world.is_blind(&object.kind, &object.namespace) && world.is_live() {
        // A custom owner is not in the snapshot; only what pods need to start can be called missing.
        let needed =
            matches!(object.kind.as_str(), "ConfigMap" | "Secret" | "PersistentVolumeClaim" | "Node" | "Service");
        if needed {
            return Link { object: object.clone(), state: State::Missing, note: "does not exist".to_owned() };
        }
    }
    let (state, note) = match object.kind.as_str() {
        "Service" => world.service(&object.namespace, &object.name).map_or((State::Ok, String::new()), |service| {
            let pods = world.selected(service);
            counted(&pods, "selected pods", !service.spec.selector.is_empty())
        }),
        "Pod" => world.pod(&object.namespace, &object.name).map_or((State::Ok, String::new()), |pod| {
            let well = pod.status.is_ready() || pod.status.phase == "Succeeded";
            let state = if well { State::Ok } else { State::Bad };
            (state, format!("{}, {}", pod.status.phase, if well { "ready" } else { "not ready" }))
        }),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => counted(world.pods_of(object), "pods", false),
        _ => (State::Ok, String::new()),
    };
    Link { object: object.clone(), state, note }
}

/// `1 of 2 pods ready`; bad when some are needed and none is ready.
fn counted(pods: &[&Pod], what: &str, needed: bool) -> (State, String) {
    let ready = pods.iter().filter(|pod| pod.status.is_ready()).count();
    let bad = ready == 0 && (needed || !pods.is_empty());
    (if bad { State::Bad } else { State::Ok }, format!("{ready} of {} {what} ready", pods.len()))
}
