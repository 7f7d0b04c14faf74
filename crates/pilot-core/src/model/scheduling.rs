//! Where a pod may run: affinity, spread, tolerations.

use super::{IntOrString, LabelSelector, Requirement, read};

read! {
    struct Affinity {
        node_affinity: Option<NodeAffinity>,
        pod_affinity: Option<PodAffinity>,
        pod_anti_affinity: Option<PodAffinity>,
    }

    struct NodeAffinity {
        required_during_scheduling_ignored_during_execution: Option<NodeSelector>,
    }

    /// Terms are ORed.
    struct NodeSelector { node_selector_terms: Vec<NodeSelectorTerm>, }

    /// Requirements are ANDed; a term with none matches no node.
    struct NodeSelectorTerm {
        match_expressions: Vec<Requirement>,
        match_fields: Vec<Requirement>,
    }

    struct PodAffinity {
        required_during_scheduling_ignored_during_execution: Vec<PodAffinityTerm>,
        preferred_during_scheduling_ignored_during_execution: Vec<WeightedPodAffinityTerm>,
    }

    struct WeightedPodAffinityTerm { weight: i64, pod_affinity_term: PodAffinityTerm, }

    struct PodAffinityTerm {
        label_selector: Option<LabelSelector>,
        namespaces: Vec<String>,
        namespace_selector: Option<LabelSelector>,
        topology_key: String,
    }

    struct TopologySpreadConstraint {
        max_skew: i64,
        topology_key: String,
        when_unsatisfiable: String,
        label_selector: Option<LabelSelector>,
        min_domains: Option<i64>,
    }

    struct Toleration {
        key: String,
        operator: String,
        value: String,
        effect: String,
        toleration_seconds: Option<i64>,
    }

    struct Taint { key: String, value: String, effect: String, }

    /// `maxSurge` and `maxUnavailable` of a rolling update.
    struct RollingUpdate {
        max_surge: Option<IntOrString>,
        max_unavailable: Option<IntOrString>,
    }
}

impl Toleration {
    /// Whether the toleration covers the taint: an empty key with `Exists` covers all, an empty
    /// effect covers every effect.
    pub fn tolerates(&self, taint: &Taint) -> bool {
        let effect = self.effect.is_empty() || self.effect == taint.effect;
        let key = self.key == taint.key || (self.key.is_empty() && self.operator == "Exists");
        let value = self.operator == "Exists" || self.value == taint.value;
        effect && key && value
    }
}
