//! What each container, volume and load balancer costs, by the allocation model of the OpenCost specification:
//! a container pays for the larger of what it requests and what it uses.

use std::collections::BTreeMap;

use serde::Serialize;

use super::sheet::{NodeRates, PriceSheet};
use crate::health::World;
use crate::model::{Labels, Node, ObjectRef, Pod};
use crate::quantity::Quantity;
use crate::snapshot::Origin;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// Hourly cost of a set of containers, and what it is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Cores paid for.
    pub cores: f64,
    /// GiB paid for.
    pub ram_gib: f64,
    /// GiB of volumes.
    pub storage_gib: f64,
    /// CPU, per hour.
    pub cpu: f64,
    /// Memory, per hour.
    pub ram: f64,
    /// GPUs, per hour.
    pub gpu: f64,
    /// Volumes, per hour.
    pub storage: f64,
    /// Load balancers, per hour.
    pub network: f64,
}

impl Cost {
    /// All together, per hour.
    pub fn total(&self) -> f64 {
        self.cpu + self.ram + self.gpu + self.storage + self.network
    }

    /// Adds another cost.
    pub fn add(&mut self, other: &Self) {
        self.cores += other.cores;
        self.ram_gib += other.ram_gib;
        self.storage_gib += other.storage_gib;
        self.cpu += other.cpu;
        self.ram += other.ram;
        self.gpu += other.gpu;
        self.storage += other.storage;
        self.network += other.network;
    }
}

/// One line of the bill: a workload, a volume nobody mounts, a load balancer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// What is paid for.
    pub object: ObjectRef,
    /// Labels of the object, to group by.
    #[serde(skip)]
    pub labels: Labels,
    /// Pods.
    pub pods: usize,
    /// The cost.
    pub cost: Cost,
    /// Usage ÷ request of CPU and of memory, weighted by cost; `None` when usage is not known.
    pub efficiency: Option<f64>,
}

/// The whole bill.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// The sheet it is worked out with.
    pub sheet: PriceSheet,
    /// Workloads, volumes, load balancers; dearest first.
    pub items: Vec<Item>,
    /// All nodes, per hour; `None` for manifests, which have none.
    pub nodes: Option<Cost>,
    /// What is paid for nodes but for no workload, per hour.
    pub idle: Option<Cost>,
    /// Whether usage was measured (else requests alone count).
    pub measured: bool,
}

/// Works out the bill of a snapshot.
pub fn allocate(world: &World<'_>, sheet: &PriceSheet) -> Bill {
    let mut items: BTreeMap<ObjectRef, Item> = BTreeMap::new();
    let measured = !world.snapshot.pod_metrics.is_empty();
    let rates = rates(world, sheet);
    if world.snapshot.origin == Origin::Files {
        manifests(world, sheet, &mut items);
    } else {
        let usage = usage(world);
        for (root, pods) in world.roots() {
            let Some(item) = workload(world, sheet, &rates, &usage, root, pods) else { continue };
            items.insert(root.clone(), item);
        }
    }
    storage(world, sheet, &mut items);
    load_balancers(world, sheet, &mut items);
    let mut items: Vec<Item> = items.into_values().collect();
    items.sort_by(|a, b| b.cost.total().total_cmp(&a.cost.total()).then_with(|| a.object.cmp(&b.object)));
    let (nodes, idle) = match world.snapshot.nodes.as_slice() {
        [] => (None, None),
        list => {
            let mut nodes = Cost::default();
            list.iter().for_each(|node| nodes.add(&whole(node, &rates[node.metadata.name.as_str()])));
            let mut used = Cost::default();
            items.iter().for_each(|item| used.add(&item.cost));
            let rest = |all: f64, part: f64| (all - part).max(0.0);
            let idle = Cost {
                cores: rest(nodes.cores, used.cores),
                ram_gib: rest(nodes.ram_gib, used.ram_gib),
                cpu: rest(nodes.cpu, used.cpu),
                ram: rest(nodes.ram, used.ram),
                gpu: rest(nodes.gpu, used.gpu),
                ..Cost::default()
            };
            (Some(nodes), Some(idle))
        }
    };
    Bill { sheet: sheet.clone(), items, nodes, idle, measured }
}

fn cores(quantity: Option<&Quantity>) -> f64 {
    quantity.map_or(0.0, |q| q.as_f64())
}

fn gib(quantity: Option<&Quantity>) -> f64 {
    quantity.map_or(0.0, |q| q.as_f64() / GIB)
}

fn gpus(resources: &BTreeMap<String, Quantity>) -> f64 {
    resources
        .iter()
        .filter(|(name, _)| name.ends_with("/gpu") || name.ends_with(".com/gpu"))
        .map(|(_, q)| q.as_f64())
        .sum()
}

fn rates<'w>(world: &World<'w>, sheet: &PriceSheet) -> BTreeMap<&'w str, NodeRates> {
    let spot_label = sheet.spot_label.split_once('=');
    let rate = |node: &Node| {
        let capacity = &node.status.capacity;
        let spot = spot_label.is_some_and(|(key, value)| node.metadata.labels.get(key).is_some_and(|v| v == value));
        let price = (sheet.node > 0.0).then_some(sheet.node);
        NodeRates::of(sheet, spot, cores(capacity.get("cpu")), gib(capacity.get("memory")), gpus(capacity), price)
    };
    world.snapshot.nodes.iter().map(|node| (node.metadata.name.as_str(), rate(node))).collect()
}

fn whole(node: &Node, rates: &NodeRates) -> Cost {
    let capacity = &node.status.capacity;
    let (cores, ram_gib) = (cores(capacity.get("cpu")), gib(capacity.get("memory")));
    Cost {
        cores,
        ram_gib,
        cpu: cores * rates.cpu,
        ram: ram_gib * rates.ram,
        gpu: gpus(capacity) * rates.gpu,
        ..Cost::default()
    }
}

type Usage<'w> = BTreeMap<(&'w str, &'w str, &'w str), (f64, f64)>;

fn usage<'w>(world: &World<'w>) -> Usage<'w> {
    let mut usage = BTreeMap::new();
    for pod in &world.snapshot.pod_metrics {
        for container in &pod.containers {
            let used = (cores(container.usage.get("cpu")), gib(container.usage.get("memory")));
            usage.insert((pod.metadata.namespace.as_str(), pod.metadata.name.as_str(), container.name.as_str()), used);
        }
    }
    usage
}

/// Requests and usage of a set of containers, for the efficiency.
#[derive(Debug, Default)]
struct Demand {
    requested: (f64, f64),
    used: (f64, f64),
}

impl Demand {
    /// Usage ÷ request, weighted by what each resource costs.
    fn efficiency(&self, cost: &Cost) -> f64 {
        let part = |used: f64, requested: f64| match requested > 0.0 {
            true => used / requested,
            false => f64::from(u8::from(used > 0.0)),
        };
        let (cpu, ram) = (part(self.used.0, self.requested.0), part(self.used.1, self.requested.1));
        let weight = cost.cpu + cost.ram;
        if weight > 0.0 { (cpu * cost.cpu + ram * cost.ram) / weight } else { 0.0 }
    }
}

fn workload(
    world: &World<'_>,
    sheet: &PriceSheet,
    rates: &BTreeMap<&str, NodeRates>,
    usage: &Usage<'_>,
    root: &ObjectRef,
    pods: &[&Pod],
) -> Option<Item> {
    let list = NodeRates::of(sheet, false, 0.0, 0.0, 0.0, None);
    let mut cost = Cost::default();
    let mut demand = Demand::default();
    let mut measured = false;
    let mut count = 0;
    for pod in pods.iter().filter(|pod| is_charged(pod)) {
        count += 1;
        let rate = rates.get(pod.spec.node_name.as_str()).unwrap_or(&list);
        for at in pod.spec.long_running() {
            let name = (pod.metadata.namespace.as_str(), pod.metadata.name.as_str(), at.container.name.as_str());
            let used = usage.get(&name).copied();
            measured |= used.is_some();
            let requested = (cores(at.container.request("cpu").as_ref()), gib(at.container.request("memory").as_ref()));
            let used = used.unwrap_or_default();
            demand.requested = (demand.requested.0 + requested.0, demand.requested.1 + requested.1);
            demand.used = (demand.used.0 + used.0, demand.used.1 + used.1);
            cost.add(&charge(
                rate,
                requested.0.max(used.0),
                requested.1.max(used.1),
                gpus(&at.container.resources.limits),
            ));
        }
    }
    if count == 0 {
        return None;
    }
    let labels =
        world.object(&root.kind, &root.namespace, &root.name).map_or_else(Labels::new, |meta| meta.labels.clone());
    let efficiency = measured.then(|| demand.efficiency(&cost));
    Some(Item { object: root.clone(), labels, pods: count, cost, efficiency })
}

/// A pod that never ran pays nothing.
fn is_charged(pod: &Pod) -> bool {
    let waits_for_image = pod.status.container_statuses.iter().all(|status| {
        status
            .state
            .waiting
            .as_ref()
            .is_some_and(|w| matches!(w.reason.as_str(), "ImagePullBackOff" | "ErrImagePull" | "InvalidImageName"))
    });
    pod.status.phase == "Running"
        || (pod.status.phase == "Pending" && !pod.spec.node_name.is_empty() && !waits_for_image)
}

fn charge(rate: &NodeRates, cores: f64, ram_gib: f64, gpus: f64) -> Cost {
    Cost { cores, ram_gib, cpu: cores * rate.cpu, ram: ram_gib * rate.ram, gpu: gpus * rate.gpu, ..Cost::default() }
}

/// Manifests: requests × replicas.
fn manifests(world: &World<'_>, sheet: &PriceSheet, items: &mut BTreeMap<ObjectRef, Item>) {
    let rate = NodeRates::of(sheet, false, 0.0, 0.0, 0.0, None);
    let snapshot = world.snapshot;
    let deployments =
        snapshot.deployments.iter().map(|d| (&d.metadata, &d.spec.template.spec, d.spec.replicas.unwrap_or(1)));
    let stateful =
        snapshot.stateful_sets.iter().map(|s| (&s.metadata, &s.spec.template.spec, s.spec.replicas.unwrap_or(1)));
    let daemons = snapshot.daemon_sets.iter().map(|d| (&d.metadata, &d.spec.template.spec, 1));
    let pods = snapshot.pods.iter().map(|p| (&p.metadata, &p.spec, 1));
    for (meta, spec, replicas) in deployments.chain(stateful).chain(daemons).chain(pods) {
        let scaled = snapshot.autoscalers.iter().find(|h| {
            let target = &h.spec.scale_target_ref;
            h.metadata.namespace == meta.namespace && target.kind == meta.kind && target.name == meta.name
        });
        let replicas = scaled.map_or(replicas, |h| h.min()).max(0);
        let mut cost = Cost::default();
        for at in spec.long_running() {
            let container = at.container;
            let one = charge(
                &rate,
                cores(container.request("cpu").as_ref()),
                gib(container.request("memory").as_ref()),
                gpus(&container.resources.limits),
            );
            (0..replicas.min(10_000)).for_each(|_| cost.add(&one));
        }
        let object = meta.object_ref();
        items.insert(
            object.clone(),
            Item {
                object,
                labels: meta.labels.clone(),
                pods: usize::try_from(replicas).unwrap_or(0),
                cost,
                efficiency: None,
            },
        );
    }
}

/// A claim is paid by the workload that mounts it, shared evenly; by itself when nothing does.
fn storage(world: &World<'_>, sheet: &PriceSheet, items: &mut BTreeMap<ObjectRef, Item>) {
    for claim in &world.snapshot.claims {
        let size = claim.status.capacity.get("storage").or_else(|| claim.spec.resources.requests.get("storage"));
        let storage_gib = gib(size);
        if claim.status.phase == "Pending" {
            continue;
        }
        let mut owners: Vec<ObjectRef> = world
            .pods_in(&claim.metadata.namespace)
            .iter()
            .filter(|p| {
                p.spec
                    .volumes
                    .iter()
                    .filter_map(|v| v.persistent_volume_claim.as_ref())
                    .any(|c| c.claim_name == claim.metadata.name)
            })
            .map(|p| world.root(&p.metadata))
            .filter(|root| items.contains_key(root))
            .collect();
        owners.sort();
        owners.dedup();
        let share = |of: f64| Cost {
            storage_gib: storage_gib / of,
            storage: storage_gib * sheet.storage * sheet.paid() / of,
            ..Cost::default()
        };
        if owners.is_empty() {
            let object = claim.metadata.object_ref();
            let item = Item {
                object: object.clone(),
                labels: claim.metadata.labels.clone(),
                pods: 0,
                cost: share(1.0),
                efficiency: None,
            };
            items.insert(object, item);
        } else {
            let part = share(owners.len() as f64);
            for owner in &owners {
                if let Some(item) = items.get_mut(owner) {
                    item.cost.add(&part);
                }
            }
        }
    }
}

fn load_balancers(world: &World<'_>, sheet: &PriceSheet, items: &mut BTreeMap<ObjectRef, Item>) {
    for service in world.snapshot.services.iter().filter(|s| s.type_() == "LoadBalancer") {
        let object = service.metadata.object_ref();
        let cost = Cost { network: sheet.load_balancer * sheet.paid(), ..Cost::default() };
        items.insert(
            object.clone(),
            Item { object, labels: service.metadata.labels.clone(), pods: 0, cost, efficiency: None },
        );
    }
}
