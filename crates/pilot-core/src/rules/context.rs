//! A snapshot with its indexes: who owns what, who selects whom, what exists.

use std::collections::{BTreeMap, BTreeSet};

use super::Workload;
use super::efficiency::attach_samples;
use crate::config::{Config, Profile};
use crate::finding::{Confidence, Severity};
use crate::model::*;
use crate::snapshot::{KubeVersion, Origin, Snapshot};

/// Objects of one kind by namespace and name.
pub type ByName<'a, T> = BTreeMap<(&'a str, &'a str), &'a T>;

/// A snapshot, the settings, and what follows from them; built once for all rules.
#[derive(Debug)]
pub struct Context<'a> {
    /// The objects.
    pub snapshot: &'a Snapshot,
    /// The settings.
    pub config: &'a Config,
    /// The Kubernetes version to decide by.
    pub version: KubeVersion,
    /// Everything that makes pods, except in system namespaces unless asked for.
    pub workloads: Vec<Workload<'a>>,
    /// Also the system's.
    pub all_workloads: Vec<Workload<'a>>,
    /// Services by name.
    pub services: ByName<'a, Service>,
    /// ConfigMaps by name.
    pub config_maps: ByName<'a, ConfigMap>,
    /// Secrets by name.
    pub secrets: ByName<'a, Secret>,
    /// Service accounts by name.
    pub service_accounts: ByName<'a, ServiceAccount>,
    /// Claims by name.
    pub claims: ByName<'a, PersistentVolumeClaim>,
    /// Autoscalers by the kind and name of their target.
    pub autoscalers: BTreeMap<(&'a str, &'a str, &'a str), &'a HorizontalPodAutoscaler>,
    /// Service accounts (namespace, name) with any role binding, direct or through their groups' own names.
    pub bound_accounts: BTreeSet<(&'a str, &'a str)>,
    /// Labels of namespaces; every namespace has at least its name.
    pub namespace_labels: BTreeMap<&'a str, Labels>,
}

fn by_name<T: Resource>(list: &[T]) -> ByName<'_, T> {
    list.iter().map(|item| ((item.meta().namespace.as_str(), item.meta().name.as_str()), item)).collect()
}

impl<'a> Context<'a> {
    /// Builds the indexes.
    pub fn new(snapshot: &'a Snapshot, config: &'a Config) -> Self {
        let version = config.version().or(snapshot.server_version).unwrap_or(KubeVersion::LATEST);
        let all_workloads = workloads(snapshot);
        let mut autoscalers = BTreeMap::new();
        for hpa in &snapshot.autoscalers {
            let target = &hpa.spec.scale_target_ref;
            autoscalers.insert((hpa.metadata.namespace.as_str(), target.kind.as_str(), target.name.as_str()), hpa);
        }
        let mut bound_accounts = BTreeSet::new();
        for binding in &snapshot.role_bindings {
            for subject in binding.subjects.iter().filter(|subject| subject.kind == "ServiceAccount") {
                let namespace =
                    if subject.namespace.is_empty() { &binding.metadata.namespace } else { &subject.namespace };
                bound_accounts.insert((namespace.as_str(), subject.name.as_str()));
            }
        }
        Self {
            snapshot,
            config,
            version,
            workloads: all_workloads
                .iter()
                .filter(|w| config.include_system || !config.is_system(&w.meta.namespace))
                .cloned()
                .collect(),
            all_workloads,
            services: by_name(&snapshot.services),
            config_maps: by_name(&snapshot.config_maps),
            secrets: by_name(&snapshot.secrets),
            service_accounts: by_name(&snapshot.service_accounts),
            claims: by_name(&snapshot.claims),
            autoscalers,
            bound_accounts,
            namespace_labels: namespace_labels(snapshot),
        }
    }

    /// Whether the objects come from a cluster, where what is not listed does not exist.
    pub fn is_live(&self) -> bool {
        self.snapshot.origin == Origin::Live
    }

    /// A laptop cluster.
    pub fn is_local(&self) -> bool {
        self.config.profile == Profile::Local
    }

    /// Whether to report on objects of this namespace.
    pub fn reports_on(&self, namespace: &str) -> bool {
        self.config.include_system || !self.config.is_system(namespace)
    }

    /// Objects of a list that are to be reported on.
    pub fn user<T: Resource>(&self, list: &'a [T]) -> impl Iterator<Item = &'a T> {
        list.iter().filter(|item| self.reports_on(&item.meta().namespace))
    }

    /// How sure and how bad it is that something is not there. Manifests are rarely complete: what
    /// they lack may exist in the cluster, unless something similar shows that a name is misspelt.
    pub fn absence(&self, severity: Severity, misspelt: bool) -> (Severity, Confidence) {
        if self.is_live() {
            (severity, Confidence::High)
        } else if misspelt {
            (severity, Confidence::Medium)
        } else {
            (severity.max(Severity::Low), Confidence::Low)
        }
    }

    /// The autoscaler of a workload.
    pub fn autoscaler(&self, workload: &Workload<'_>) -> Option<&'a HorizontalPodAutoscaler> {
        let meta = workload.meta;
        self.autoscalers.get(&(meta.namespace.as_str(), meta.kind.as_str(), meta.name.as_str())).copied()
    }

    /// Replicas at the least: the autoscaler's minimum, or the number asked for.
    pub fn min_replicas(&self, workload: &Workload<'_>) -> i64 {
        self.autoscaler(workload).map_or_else(|| workload.replicas.unwrap_or(1), HorizontalPodAutoscaler::min)
    }

    /// Labels of a namespace.
    pub fn labels_of_namespace(&self, namespace: &str) -> Labels {
        self.namespace_labels.get(namespace).cloned().unwrap_or_else(|| name_label(namespace))
    }

    /// Whether two or more nodes can take pods (unknown in files: assume so).
    pub fn has_many_nodes(&self) -> bool {
        !self.is_live() || self.snapshot.nodes.len() > 1 || self.snapshot.nodes.is_empty()
    }
}

fn name_label(namespace: &str) -> Labels {
    [("kubernetes.io/metadata.name".to_owned(), namespace.to_owned())].into()
}

/// Every cluster has these, also when they were not listed.
const BUILT_IN_NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

fn namespace_labels(snapshot: &Snapshot) -> BTreeMap<&str, Labels> {
    let mut all: BTreeMap<&str, Labels> =
        BUILT_IN_NAMESPACES.into_iter().map(|name| (name, name_label(name))).collect();
    for namespace in &snapshot.namespaces {
        let mut labels = namespace.metadata.labels.clone();
        labels.extend(name_label(&namespace.metadata.name));
        all.insert(&namespace.metadata.name, labels);
    }
    all
}

/// The API's replica counts have 32 bits.
fn bounded(replicas: i64) -> i64 {
    replicas.clamp(0, i64::from(i32::MAX))
}

/// Finds the root owners and hangs pods and services on them.
fn workloads(snapshot: &Snapshot) -> Vec<Workload<'_>> {
    let mut roots = Roots::default();
    for object in &snapshot.deployments {
        let replicas = Some(object.spec.replicas.map_or(1, bounded));
        roots.add(&object.metadata, &object.spec.template, replicas, Some(&object.spec.selector));
    }
    for object in &snapshot.stateful_sets {
        let replicas = Some(object.spec.replicas.map_or(1, bounded));
        roots.add(&object.metadata, &object.spec.template, replicas, Some(&object.spec.selector));
    }
    for object in &snapshot.daemon_sets {
        roots.add(&object.metadata, &object.spec.template, None, Some(&object.spec.selector));
    }
    for object in &snapshot.replication_controllers {
        roots.add(&object.metadata, &object.spec.template, Some(object.spec.replicas.map_or(1, bounded)), None);
    }
    for object in &snapshot.cron_jobs {
        roots.insert(&object.metadata, &object.spec.job_template.spec.template, CRON_JOB_PATH, None, None);
    }
    for object in &snapshot.replica_sets {
        // Old revisions keep an empty ReplicaSet each; only those that run pods of their own count.
        let replicas = object.spec.replicas.map_or(1, bounded);
        if !roots.adopt(&object.metadata) && (replicas > 0 || object.metadata.controller().is_none()) {
            roots.add(&object.metadata, &object.spec.template, Some(replicas), Some(&object.spec.selector));
        }
    }
    for object in &snapshot.jobs {
        if !roots.adopt(&object.metadata) {
            roots.add(&object.metadata, &object.spec.template, None, None);
        }
    }
    for pod in &snapshot.pods {
        roots.add_pod(pod);
    }
    let mut list = roots.list;
    attach_services(snapshot, &mut list);
    attach_samples(snapshot, &mut list);
    list
}

const TEMPLATE_PATH: &str = "spec.template.spec";
const CRON_JOB_PATH: &str = "spec.jobTemplate.spec.template.spec";

#[derive(Default)]
struct Roots<'a> {
    list: Vec<Workload<'a>>,
    /// (namespace, kind, name) of every known controller to its root.
    index: BTreeMap<(&'a str, &'a str, &'a str), usize>,
}

impl<'a> Roots<'a> {
    fn add(
        &mut self,
        meta: &'a ObjectMeta,
        template: &'a PodTemplate,
        replicas: Option<i64>,
        selector: Option<&'a LabelSelector>,
    ) {
        self.insert(meta, template, TEMPLATE_PATH, replicas, selector);
    }

    fn insert(
        &mut self,
        meta: &'a ObjectMeta,
        template: &'a PodTemplate,
        path: &'static str,
        replicas: Option<i64>,
        selector: Option<&'a LabelSelector>,
    ) {
        self.push(meta, &template.metadata, &template.spec, path, replicas, selector);
    }

    fn push(
        &mut self,
        meta: &'a ObjectMeta,
        template: &'a ObjectMeta,
        spec: &'a PodSpec,
        path: &'static str,
        replicas: Option<i64>,
        selector: Option<&'a LabelSelector>,
    ) {
        let custom_owner = meta.controller().map(|owner| ObjectRef {
            api_version: owner.api_version.clone(),
            kind: owner.kind.clone(),
            namespace: meta.namespace.clone(),
            name: owner.name.clone(),
        });
        self.index.insert((&meta.namespace, &meta.kind, &meta.name), self.list.len());
        self.list.push(Workload {
            meta,
            template,
            spec,
            path,
            replicas,
            selector,
            custom_owner,
            pods: Vec::new(),
            samples: Vec::new(),
            services: Vec::new(),
        });
    }

    fn root_of(&self, meta: &'a ObjectMeta) -> Option<usize> {
        let owner = meta.controller()?;
        self.index.get(&(meta.namespace.as_str(), owner.kind.as_str(), owner.name.as_str())).copied()
    }

    /// Makes an object stand for its root, if that is known.
    fn adopt(&mut self, meta: &'a ObjectMeta) -> bool {
        let Some(root) = self.root_of(meta) else { return false };
        self.index.insert((&meta.namespace, &meta.kind, &meta.name), root);
        true
    }

    fn add_pod(&mut self, pod: &'a Pod) {
        let meta = &pod.metadata;
        if let Some(root) = self.root_of(meta) {
            self.list[root].pods.push(pod);
            return;
        }
        // Pods of one unknown owner are one workload, shown by the first of them.
        let root = self.list.len();
        self.push(meta, meta, &pod.spec, "spec", None, None);
        self.list[root].pods.push(pod);
        if let Some(owner) = meta.controller()
            && owner.kind != "Node"
        {
            self.index.insert((&meta.namespace, &owner.kind, &owner.name), root);
        }
    }
}

fn attach_services<'a>(snapshot: &'a Snapshot, list: &mut [Workload<'a>]) {
    let mut by_namespace: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
    for service in snapshot.services.iter().filter(|service| !service.spec.selector.is_empty()) {
        by_namespace.entry(&service.metadata.namespace).or_default().push(service);
    }
    for workload in list {
        let services = by_namespace.get(workload.meta.namespace.as_str());
        workload.services = services
            .into_iter()
            .flatten()
            .filter(|service| is_subset(&service.spec.selector, &workload.template.labels))
            .copied()
            .collect();
    }
}
