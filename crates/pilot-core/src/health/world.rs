//! The snapshot with the look-ups that a diagnosis needs: owners, pods of a workload, events of an object.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{
    Container, Event, Labels, Node, ObjectMeta, ObjectRef, Pod, PodLog, PodTemplate, Resource, Service, ServiceAccount,
    is_subset,
};
use crate::snapshot::{Origin, Snapshot};

type Key<'a> = (&'a str, &'a str, &'a str);

/// A snapshot, indexed.
#[derive(Debug)]
pub struct World<'a> {
    /// The snapshot itself.
    pub snapshot: &'a Snapshot,
    /// The instant all ages are counted from.
    pub now: Timestamp,
    objects: BTreeMap<Key<'a>, &'a ObjectMeta>,
    events: BTreeMap<Key<'a>, Vec<&'a Event>>,
    pods: BTreeMap<ObjectRef, Vec<&'a Pod>>,
    pod_names: BTreeMap<(&'a str, &'a str), &'a Pod>,
    pods_in: BTreeMap<&'a str, Vec<&'a Pod>>,
    on_node: BTreeMap<&'a str, Vec<&'a Pod>>,
    logs: BTreeMap<(&'a str, &'a str), Vec<&'a PodLog>>,
}

impl<'a> World<'a> {
    /// Indexes a snapshot.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let mut world = Self {
            snapshot,
            now: snapshot.taken_at,
            objects: BTreeMap::new(),
            events: BTreeMap::new(),
            pods: BTreeMap::new(),
            pod_names: BTreeMap::new(),
            pods_in: BTreeMap::new(),
            on_node: BTreeMap::new(),
            logs: BTreeMap::new(),
        };
        for meta in snapshot.all() {
            if meta.kind != "PodLog" && meta.kind != "Event" && meta.kind != "PodMetrics" {
                world.objects.insert((&meta.kind, &meta.namespace, &meta.name), meta);
            }
        }
        for event in &snapshot.events {
            let about = &event.involved_object;
            world.events.entry((&about.kind, &about.namespace, &about.name)).or_default().push(event);
        }
        for list in world.events.values_mut() {
            list.sort_by_key(|event| event.last_seen());
        }
        for log in &snapshot.logs {
            world.logs.entry((&log.metadata.namespace, &log.metadata.name)).or_default().push(log);
        }
        for pod in &snapshot.pods {
            let root = world.root(&pod.metadata);
            world.pods.entry(root).or_default().push(pod);
            world.pod_names.insert((&pod.metadata.namespace, &pod.metadata.name), pod);
            world.pods_in.entry(&pod.metadata.namespace).or_default().push(pod);
            if !pod.spec.node_name.is_empty() {
                world.on_node.entry(&pod.spec.node_name).or_default().push(pod);
            }
        }
        world
    }

    /// Whether there is a cluster behind the snapshot: in files nothing has a status.
    pub fn is_live(&self) -> bool {
        self.snapshot.origin == Origin::Live
    }

    /// Whether objects of this kind could not be listed, so that "not there" means nothing.
    pub fn is_blind(&self, kind: &str, namespace: &str) -> bool {
        self.snapshot
            .gaps
            .iter()
            .any(|gap| gap.kind == kind && (gap.namespace.is_empty() || gap.namespace == namespace))
    }

    /// The object, if it is in the snapshot.
    pub fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<&'a ObjectMeta> {
        self.objects.get(&(kind, namespace, name)).copied()
    }

    /// Names of all objects of a kind in a namespace.
    pub fn names(&self, kind: &str, namespace: &str) -> Vec<&'a str> {
        self.objects
            .range((kind, namespace, "")..)
            .take_while(|((k, n, _), _)| *k == kind && *n == namespace)
            .map(|((_, _, name), _)| *name)
            .collect()
    }

    /// The topmost owner: Pod → ReplicaSet → Deployment, Pod → Job → CronJob. An owner that could not be read
    /// still names itself, and the hash in a ReplicaSet's name gives its Deployment away.
    pub fn root(&self, meta: &ObjectMeta) -> ObjectRef {
        let mut current = meta.object_ref();
        let mut owner = meta.controller();
        for _ in 0..8 {
            let Some(up) = owner else { break };
            current = ObjectRef {
                api_version: up.api_version.clone(),
                kind: up.kind.clone(),
                namespace: meta.namespace.clone(),
                name: up.name.clone(),
            };
            match self.object(&up.kind, &meta.namespace, &up.name) {
                Some(found) => owner = found.controller(),
                None => {
                    if up.kind == "ReplicaSet"
                        && let Some(hash) = meta.labels.get("pod-template-hash")
                        && let Some(name) = up.name.strip_suffix(hash.as_str()).and_then(|n| n.strip_suffix('-'))
                    {
                        current.kind = "Deployment".to_owned();
                        current.name = name.to_owned();
                    }
                    break;
                }
            }
        }
        current
    }

    /// The pods whose topmost owner is `root`.
    pub fn pods_of(&self, root: &ObjectRef) -> &[&'a Pod] {
        self.pods.get(root).map_or(&[], Vec::as_slice)
    }

    /// Every topmost owner of pods.
    pub fn roots(&self) -> impl Iterator<Item = (&ObjectRef, &[&'a Pod])> {
        self.pods.iter().map(|(root, pods)| (root, pods.as_slice()))
    }

    /// A pod by name.
    pub fn pod(&self, namespace: &str, name: &str) -> Option<&'a Pod> {
        self.pod_names.get(&(namespace, name)).copied()
    }

    /// All pods of a namespace.
    pub fn pods_in(&self, namespace: &str) -> &[&'a Pod] {
        self.pods_in.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// Pods that a node runs or is about to run.
    pub fn pods_on(&self, node: &str) -> impl Iterator<Item = &'a Pod> + '_ {
        self.on_node
            .get(node)
            .into_iter()
            .flatten()
            .copied()
            .filter(|pod| !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed"))
    }

    /// A node by name.
    pub fn node(&self, name: &str) -> Option<&'a Node> {
        self.snapshot.nodes.iter().find(|node| node.metadata.name == name)
    }

    /// Events about an object, oldest first.
    pub fn events(&self, kind: &str, namespace: &str, name: &str) -> Vec<&'a Event> {
        self.events.get(&(kind, namespace, name)).cloned().unwrap_or_default()
    }

    /// Events about a pod, oldest first.
    pub fn pod_events(&self, pod: &Pod) -> Vec<&'a Event> {
        self.events("Pod", &pod.metadata.namespace, &pod.metadata.name)
    }

    /// The newest event about a pod with one of these reasons.
    pub fn pod_event(&self, pod: &Pod, reasons: &[&str]) -> Option<&'a Event> {
        self.pod_events(pod).iter().rev().find(|event| reasons.contains(&event.reason.as_str())).copied()
    }

    /// Recorded log excerpts of a pod.
    pub fn logs(&self, pod: &Pod) -> Vec<&'a PodLog> {
        self.logs.get(&(pod.metadata.namespace.as_str(), pod.metadata.name.as_str())).cloned().unwrap_or_default()
    }

    /// The pods that a Service selects; none for a Service without selector.
    pub fn selected(&self, service: &Service) -> Vec<&'a Pod> {
        if service.spec.selector.is_empty() {
            return Vec::new();
        }
        self.pods_in(&service.metadata.namespace)
            .iter()
            .copied()
            .filter(|pod| is_subset(&service.spec.selector, &pod.metadata.labels))
            .filter(|pod| !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed"))
            .collect()
    }

    /// The Service of this name.
    pub fn service(&self, namespace: &str, name: &str) -> Option<&'a Service> {
        self.snapshot.services.iter().find(|s| s.metadata.namespace == namespace && s.metadata.name == name)
    }

    /// Services that select these labels.
    pub fn services_for(&self, namespace: &str, labels: &Labels) -> Vec<&'a Service> {
        self.snapshot
            .services
            .iter()
            .filter(|s| s.metadata.namespace == namespace && !s.spec.selector.is_empty())
            .filter(|s| is_subset(&s.spec.selector, labels))
            .collect()
    }

    /// The service account of this name.
    pub fn service_account(&self, namespace: &str, name: &str) -> Option<&'a ServiceAccount> {
        self.snapshot.service_accounts.iter().find(|a| a.metadata.namespace == namespace && a.metadata.name == name)
    }

    /// The pod template of a workload.
    pub fn template(&self, root: &ObjectRef) -> Option<&'a PodTemplate> {
        let snapshot = self.snapshot;
        macro_rules! in_list {
            ($list:ident, $($path:ident).+) => {
                snapshot.$list.iter().find(|o| is(&o.metadata, root)).map(|o| &o.$($path).+)
            };
        }
        match root.kind.as_str() {
            "Deployment" => in_list!(deployments, spec.template),
            "StatefulSet" => in_list!(stateful_sets, spec.template),
            "DaemonSet" => in_list!(daemon_sets, spec.template),
            "ReplicaSet" => in_list!(replica_sets, spec.template),
            "Job" => in_list!(jobs, spec.template),
            "CronJob" => in_list!(cron_jobs, spec.job_template.spec.template),
            "ReplicationController" => in_list!(replication_controllers, spec.template),
            _ => None,
        }
    }
}

fn is(meta: &ObjectMeta, wanted: &ObjectRef) -> bool {
    meta.namespace == wanted.namespace && meta.name == wanted.name
}

/// The container of this name, whichever list it stands in.
pub fn container<'p>(pod: &'p Pod, name: &str) -> Option<&'p Container> {
    pod.spec.all_containers().map(|at| at.container).find(|c| c.name == name)
}

/// Seconds from `then` to `now`, zero when unknown.
pub fn seconds_since(now: Timestamp, then: Option<Timestamp>) -> i64 {
    then.map_or(0, |then| now.as_second() - then.as_second())
}

/// A controller's objects as one list of metadata, for kinds that all have replicas.
pub fn metas<T: Resource>(list: &[T]) -> impl Iterator<Item = &ObjectMeta> {
    list.iter().map(Resource::meta)
}
