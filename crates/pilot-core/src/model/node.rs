//! Nodes.

use super::meta::resources;
use super::{Condition, ObjectMeta, Resources, Taint, read};

read! {
    struct Node { metadata: ObjectMeta, spec: NodeSpec, status: NodeStatus, }

    struct NodeSpec {
        unschedulable: bool,
        taints: Vec<Taint>,
        #[serde(rename = "providerID")]
        provider_id: String,
    }

    struct NodeStatus {
        capacity: Resources,
        allocatable: Resources,
        conditions: Vec<Condition>,
        images: Vec<NodeImage>,
        addresses: Vec<NodeAddress>,
        node_info: NodeInfo,
    }

    struct NodeImage { names: Vec<String>, size_bytes: i64, }

    struct NodeAddress {
        #[serde(rename = "type")]
        type_: String,
        address: String,
    }

    struct NodeInfo {
        kubelet_version: String,
        container_runtime_version: String,
        architecture: String,
        operating_system: String,
    }
}

impl Node {
    /// Runs the control plane, by its role label.
    pub fn is_control_plane(&self) -> bool {
        ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"]
            .iter()
            .any(|label| self.metadata.labels.contains_key(*label))
    }
}

resources!(Node);
