//! Horizontal autoscalers and disruption budgets.

use jiff::Timestamp;

use super::meta::resources;
use super::{Condition, IntOrString, LabelSelector, ObjectMeta, TargetRef, read};
use crate::quantity::Quantity;

read! {
    struct HorizontalPodAutoscaler { metadata: ObjectMeta, spec: HpaSpec, status: HpaStatus, }

    struct HpaSpec {
        scale_target_ref: TargetRef,
        min_replicas: Option<i64>,
        max_replicas: i64,
        metrics: Vec<MetricSpec>,
        /// `autoscaling/v1` only.
        #[serde(rename = "targetCPUUtilizationPercentage")]
        target_cpu_utilization_percentage: Option<i64>,
    }

    struct MetricSpec {
        #[serde(rename = "type")]
        type_: String,
        resource: Option<ResourceMetric>,
        container_resource: Option<ResourceMetric>,
    }

    struct ResourceMetric { name: String, container: String, target: MetricTarget, }

    struct MetricTarget {
        #[serde(rename = "type")]
        type_: String,
        average_utilization: Option<i64>,
        average_value: Option<Quantity>,
    }

    struct HpaStatus {
        current_replicas: i64,
        desired_replicas: i64,
        last_scale_time: Option<Timestamp>,
        current_metrics: Vec<MetricStatus>,
        conditions: Vec<Condition>,
    }

    struct MetricStatus {
        #[serde(rename = "type")]
        type_: String,
        resource: Option<ResourceMetricStatus>,
    }

    struct ResourceMetricStatus { name: String, current: MetricTarget, }

    struct PodDisruptionBudget { metadata: ObjectMeta, spec: PdbSpec, status: PdbStatus, }

    struct PdbSpec {
        /// `None` selects no pod; an empty selector selects every pod of the namespace.
        selector: Option<LabelSelector>,
        min_available: Option<IntOrString>,
        max_unavailable: Option<IntOrString>,
        unhealthy_pod_eviction_policy: Option<String>,
    }

    struct PdbStatus {
        current_healthy: i64,
        desired_healthy: i64,
        disruptions_allowed: i64,
        expected_pods: i64,
        conditions: Vec<Condition>,
    }
}

impl HorizontalPodAutoscaler {
    /// `minReplicas` in force (1 when unset).
    pub fn min(&self) -> i64 {
        self.spec.min_replicas.map_or(1, bounded)
    }

    /// `maxReplicas`, kept within the API's 32 bits.
    pub fn max(&self) -> i64 {
        bounded(self.spec.max_replicas)
    }

    /// Resources that are scaled on by utilisation (a share of the request), with the container
    /// when the metric names one.
    pub fn utilization_metrics(&self) -> Vec<(&str, Option<&str>)> {
        let mut found: Vec<(&str, Option<&str>)> = Vec::new();
        if self.spec.target_cpu_utilization_percentage.is_some() {
            found.push(("cpu", None));
        }
        for metric in &self.spec.metrics {
            if let Some(resource) = &metric.resource
                && resource.target.average_utilization.is_some()
            {
                found.push((&resource.name, None));
            }
            if let Some(resource) = &metric.container_resource
                && resource.target.average_utilization.is_some()
            {
                found.push((&resource.name, Some(&resource.container)));
            }
        }
        // An autoscaler without metrics scales on CPU at 80 % (v1 and v2 default).
        if found.is_empty() && self.spec.metrics.is_empty() {
            found.push(("cpu", None));
        }
        found
    }
}

/// The API's replica counts have 32 bits.
fn bounded(replicas: i64) -> i64 {
    replicas.clamp(0, i64::from(i32::MAX))
}

resources!(HorizontalPodAutoscaler, PodDisruptionBudget);
