//! One sample of `metrics.k8s.io`.

use jiff::Timestamp;

use super::meta::resources;
use super::{ObjectMeta, Resources, read};

read! {
    struct PodMetrics {
        metadata: ObjectMeta,
        timestamp: Option<Timestamp>,
        window: String,
        containers: Vec<ContainerMetrics>,
    }

    struct ContainerMetrics { name: String, usage: Resources, }

    struct NodeMetrics {
        metadata: ObjectMeta,
        timestamp: Option<Timestamp>,
        window: String,
        usage: Resources,
    }
}

resources!(PodMetrics, NodeMetrics);
