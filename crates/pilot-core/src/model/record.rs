//! What a recorded snapshot carries beside the API's own objects (`apiVersion: pilot/v1`).

use jiff::Timestamp;

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

    /// Fields of live objects that are not as the manifest of a Helm release says. `metadata` names the release.
    struct ReleaseDrift {
        metadata: ObjectMeta,
        revision: i64,
        differences: Vec<Drift>,
    }

    struct Drift {
        /// `Deployment/todo/backend`.
        object: String,
        /// Field path; empty when the object is missing.
        field: String,
    }

    /// What a health endpoint answered, asked through the API server's Service proxy. `metadata` names the Service.
    struct AppAnswer {
        metadata: ObjectMeta,
        path: String,
        /// HTTP status.
        code: i64,
        /// The answer is the API server's, not the application's.
        refused: bool,
        body: String,
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
        /// When the client certificate of the kubeconfig ends.
        credentials_end: Option<Timestamp>,
    }
}

resources!(PodLog, ReleaseDrift, AppAnswer, ClusterInfo);
