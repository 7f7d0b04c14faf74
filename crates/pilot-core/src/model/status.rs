//! What the kubelet says about a pod.

use jiff::Timestamp;

use super::{Condition, read};

read! {
    struct PodStatus {
        phase: String,
        reason: String,
        message: String,
        conditions: Vec<Condition>,
        container_statuses: Vec<ContainerStatus>,
        init_container_statuses: Vec<ContainerStatus>,
        ephemeral_container_statuses: Vec<ContainerStatus>,
        start_time: Option<Timestamp>,
        #[serde(rename = "hostIP")]
        host_ip: String,
        #[serde(rename = "podIP")]
        pod_ip: String,
        nominated_node_name: String,
        qos_class: String,
    }

    struct ContainerStatus {
        name: String,
        image: String,
        #[serde(rename = "imageID")]
        image_id: String,
        ready: bool,
        started: Option<bool>,
        restart_count: i64,
        state: ContainerState,
        last_state: ContainerState,
    }

    struct ContainerState {
        waiting: Option<Waiting>,
        running: Option<Running>,
        terminated: Option<Terminated>,
    }

    struct Waiting { reason: String, message: String, }

    struct Running { started_at: Option<Timestamp>, }

    struct Terminated {
        exit_code: i64,
        signal: Option<i64>,
        reason: String,
        message: String,
        started_at: Option<Timestamp>,
        finished_at: Option<Timestamp>,
    }
}

impl PodStatus {
    /// Statuses of all containers: init, main, ephemeral.
    pub fn all_containers(&self) -> impl Iterator<Item = &ContainerStatus> {
        self.init_container_statuses.iter().chain(&self.container_statuses).chain(&self.ephemeral_container_statuses)
    }

    /// Condition `Ready` is `True`.
    pub fn is_ready(&self) -> bool {
        super::condition(&self.conditions, "Ready").is_some_and(Condition::is_true)
    }
}
