//! Namespaces, quotas, priorities, events.

use jiff::Timestamp;

use super::meta::resources;
use super::{ObjectMeta, Resources, TargetRef, read};

read! {
    struct Namespace { metadata: ObjectMeta, status: NamespaceStatus, }

    struct NamespaceStatus { phase: String, }

    struct ResourceQuota { metadata: ObjectMeta, spec: QuotaSpec, status: QuotaStatus, }

    struct QuotaSpec { hard: Resources, }

    struct QuotaStatus { hard: Resources, used: Resources, }

    struct LimitRange { metadata: ObjectMeta, spec: LimitRangeSpec, }

    struct LimitRangeSpec { limits: Vec<LimitRangeItem>, }

    struct LimitRangeItem {
        #[serde(rename = "type")]
        type_: String,
        max: Resources,
        min: Resources,
        default: Resources,
        default_request: Resources,
        max_limit_request_ratio: Resources,
    }

    struct PriorityClass { metadata: ObjectMeta, value: i64, global_default: bool, }

    /// An event of either API: core `v1` or `events.k8s.io/v1`.
    struct Event {
        metadata: ObjectMeta,
        #[serde(rename = "type")]
        type_: String,
        reason: String,
        #[serde(alias = "note")]
        message: String,
        #[serde(alias = "regarding")]
        involved_object: TargetRef,
        #[serde(alias = "deprecatedCount")]
        count: Option<i64>,
        #[serde(alias = "deprecatedFirstTimestamp")]
        first_timestamp: Option<Timestamp>,
        #[serde(alias = "deprecatedLastTimestamp")]
        last_timestamp: Option<Timestamp>,
        event_time: Option<Timestamp>,
        series: Option<EventSeries>,
        #[serde(alias = "reportingComponent")]
        reporting_controller: String,
    }

    struct EventSeries { count: i64, last_observed_time: Option<Timestamp>, }
}

impl Event {
    /// When it was last seen. Events with a series or of the newer API have no `lastTimestamp`.
    pub fn last_seen(&self) -> Option<Timestamp> {
        self.series
            .as_ref()
            .and_then(|series| series.last_observed_time)
            .or(self.last_timestamp)
            .or(self.event_time)
            .or(self.metadata.creation_timestamp)
    }

    /// How often it was seen, at least once.
    pub fn occurrences(&self) -> i64 {
        self.series.as_ref().map(|series| series.count).or(self.count).unwrap_or(1).max(1)
    }
}

resources!(Namespace, ResourceQuota, LimitRange, PriorityClass, Event);
