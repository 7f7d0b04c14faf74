//! What a recorded snapshot carries beside the API's own objects (`apiVersion: pilot/v1`).

use super::meta::resources;
use super::{ObjectMeta, read};

read! {
    /// The last lines of one container's log. `metadata` names the pod.
    struct PodLog {
        metadata: ObjectMeta,
        container: String,
        /// Of the terminated run before the current one.
        previous: bool,
        lines: Vec<String>,
    }

    /// Facts of the whole cluster.
    struct ClusterInfo {
        metadata: ObjectMeta,
        /// As the API server gives it: `v1.34.2`.
        server_version: String,
        /// `30000-32767` unless the cluster says otherwise.
        node_port_range: Option<String>,
        /// Whether `metrics.k8s.io` answers; `None` when it was not asked.
        metrics_api: Option<bool>,
        context: String,
    }
}

resources!(PodLog, ClusterInfo);
