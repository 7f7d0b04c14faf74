//! What the cluster costs: an estimate from a price sheet, with the assumption said.

mod allocation;
mod sheet;

use std::collections::BTreeMap;

use serde::Serialize;

pub use allocation::{Bill, Cost, Item, allocate};
pub use sheet::{NodeRates, PriceSheet};

/// What to add up by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupBy {
    /// Namespace.
    Namespace,
    /// Workload.
    Workload,
    /// The value of a label.
    Label(String),
}

/// One group of a bill.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Namespace, workload, or value of the label.
    pub name: String,
    /// Pods.
    pub pods: usize,
    /// Per hour.
    pub cost: Cost,
    /// Usage ÷ request, weighted by cost.
    pub efficiency: Option<f64>,
}

/// Adds the bill up, dearest group first.
pub fn group(bill: &Bill, by: &GroupBy) -> Vec<Group> {
    let mut groups: BTreeMap<String, (Group, f64, f64)> = BTreeMap::new();
    for item in &bill.items {
        let name = match by {
            GroupBy::Namespace => item.object.namespace.clone(),
            GroupBy::Workload => item.object.to_string(),
            GroupBy::Label(key) => item.labels.get(key).cloned().unwrap_or_else(|| "(without)".to_owned()),
        };
        let empty = Group { name: name.clone(), pods: 0, cost: Cost::default(), efficiency: None };
        let (group, weighted, weight) = groups.entry(name).or_insert((empty, 0.0, 0.0));
        group.pods += item.pods;
        group.cost.add(&item.cost);
        if let Some(efficiency) = item.efficiency {
            *weighted += efficiency * item.cost.total();
            *weight += item.cost.total();
        }
    }
    let mut groups: Vec<Group> = groups
        .into_values()
        .map(|(mut group, weighted, weight)| {
            group.efficiency = (weight > 0.0).then(|| weighted / weight);
            group
        })
        .collect();
    groups.sort_by(|a, b| b.cost.total().total_cmp(&a.cost.total()).then_with(|| a.name.cmp(&b.name)));
    groups
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;
    use crate::health::World;
    use crate::snapshot::{LoadOptions, Snapshot};

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 5e-5, "{a} is not {b}");
    }

    fn deployment(name: &str, cpu: &str, memory: &str, replicas: i64) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "todo", "labels": {"team": name}},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu, "memory": memory}}}]}}}})
    }

    fn pod(name: &str, cpu: &str, memory: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "todo"},
            "spec": {"nodeName": "n", "containers": [{"name": "c", "resources": {"requests": {"cpu": cpu, "memory": memory}}}]},
            "status": {"phase": "Running"}})
    }

    fn bill(objects: Vec<Value>, files: bool) -> Bill {
        let options = if files { LoadOptions::files() } else { LoadOptions::default() };
        let snapshot = Snapshot::load(objects.into_iter().map(|o| (o, None)), Timestamp::UNIX_EPOCH, &options);
        assert_eq!(snapshot.errors, []);
        allocate(&World::new(&snapshot), &PriceSheet::default())
    }

    #[test]
    fn manifests_are_priced_by_request() {
        let bill =
            bill(vec![deployment("backend", "250m", "256Mi", 1), deployment("frontend", "100m", "128Mi", 1)], true);
        let total: f64 = bill.items.iter().map(|i| i.cost.total() * 730.0).sum();
        close(total, 9.2365);
        assert_eq!(bill.idle, None);
        let teams = group(&bill, &GroupBy::Label("team".into()));
        assert_eq!(teams.iter().map(|g| g.name.as_str()).collect::<Vec<_>>(), ["backend", "frontend"]);
    }

    #[test]
    fn what_no_workload_pays_for_is_idle() {
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "status": {"capacity": {"cpu": "4", "memory": "8Gi"}}});
        let bill = bill(vec![node, pod("backend", "250m", "256Mi"), pod("frontend", "100m", "128Mi")], false);
        close(bill.nodes.unwrap().total() * 730.0, 117.0482);
        close(bill.idle.unwrap().total() * 730.0, 107.8117);
    }

    #[test]
    fn usage_above_the_request_is_paid_for() {
        let metrics = json!({"apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics", "metadata": {"name": "a", "namespace": "todo"},
            "containers": [{"name": "c", "usage": {"cpu": "500m", "memory": "64Mi"}}]});
        let bill = bill(vec![pod("a", "250m", "128Mi"), metrics], false);
        close(bill.items[0].cost.cores, 0.5);
        close(bill.items[0].cost.ram_gib, 0.125);
        // CPU 200 %, memory 50 %, weighted by what they cost.
        let (cpu, ram) = (0.5 * 0.031_611, 0.125 * 0.004_237);
        close(bill.items[0].efficiency.unwrap(), (2.0 * cpu + 0.5 * ram) / (cpu + ram));
    }

    #[test]
    fn volumes_belong_to_who_mounts_them() {
        let claim = |name: &str| {
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": "todo"},
            "spec": {"resources": {"requests": {"storage": "10Gi"}}}, "status": {"phase": "Bound"}})
        };
        let mut user = pod("a", "100m", "64Mi");
        user["spec"]["volumes"] = json!([{"name": "v", "persistentVolumeClaim": {"claimName": "used"}}]);
        let bill = bill(vec![user, claim("used"), claim("spare")], false);
        let of = |kind: &str| bill.items.iter().find(|i| i.object.kind == kind).unwrap();
        close(of("Pod").cost.storage * 730.0, 0.4);
        close(of("PersistentVolumeClaim").cost.storage * 730.0, 0.4);
    }

    #[test]
    fn a_pod_that_waits_for_its_image_pays_nothing() {
        let mut waits = pod("a", "1", "1Gi");
        waits["status"] = json!({"phase": "Pending", "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]});
        assert_eq!(bill(vec![waits], false).items, []);
    }
}
