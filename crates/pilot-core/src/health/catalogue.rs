//! The health rules by id: title, usual severity, and the page that explains the subject.

use crate::finding::Severity;

/// One rule of the HLT catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `HLT-104`.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Unless a finding says otherwise.
    pub severity: Severity,
    /// Public documentation.
    pub reference: &'static str,
}

const PODS: &str = "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/";
const DEBUG: &str = "https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/";
const IMAGES: &str = "https://kubernetes.io/docs/concepts/containers/images/";
const PROBES: &str =
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/";
const SCHEDULING: &str = "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/";
const DEPLOYMENTS: &str = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/";
const JOBS: &str = "https://kubernetes.io/docs/concepts/workloads/controllers/job/";
const VOLUMES: &str = "https://kubernetes.io/docs/concepts/storage/persistent-volumes/";
const NODES: &str = "https://kubernetes.io/docs/reference/node/node-status/";
const HPA: &str = "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/";
const DNS: &str = "https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/";
const RBAC: &str = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/";
const SERVICES: &str = "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/";
const HELM: &str = "https://helm.sh/docs/helm/helm_rollback/";
const HELM_DRIFT: &str = "https://helm.sh/docs/helm/helm_get_manifest/";
const ACCESS: &str = "https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/";
const EVICTION: &str = "https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/";
const EVENTS: &str = "https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/";

macro_rules! rules {
    ($($name:ident = $id:literal $severity:ident $reference:ident $title:literal;)*) => {
        $(#[doc = $title]
        pub static $name: Rule = Rule {
            id: $id, title: $title, severity: Severity::$severity, reference: $reference,
        };)*

        /// Every rule, by id.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    UNSCHEDULABLE = "HLT-101" High SCHEDULING "Pod fits on no node";
    GATED = "HLT-102" Medium SCHEDULING "Pod waits for a scheduling gate";
    NO_SCHEDULER = "HLT-103" High SCHEDULING "No scheduler has looked at the pod";
    IMAGE_PULL = "HLT-104" High IMAGES "Image cannot be pulled";
    IMAGE_LOCAL = "HLT-105" High IMAGES "Image exists only locally and the pull policy forbids to use it";
    CONFIG_MISSING = "HLT-106" High DEBUG "Container configuration refers to something that is missing";
    START_FAILED = "HLT-107" High DEBUG "Container command cannot be started";
    CRASH_LOOP = "HLT-108" Critical DEBUG "Container keeps crashing";
    OOM_KILLED = "HLT-109" Critical DEBUG "Container is killed for exceeding its memory limit";
    LIVENESS_FAILS = "HLT-110" High PROBES "Liveness probe fails and restarts the container";
    READINESS_FAILS = "HLT-111" High PROBES "Readiness probe fails";
    STARTUP_FAILS = "HLT-112" High PROBES "Startup probe fails";
    INIT_FAILS = "HLT-113" High PODS "Init container holds the pod back";
    CREATING = "HLT-114" High DEBUG "Container stays in ContainerCreating";
    EVICTED = "HLT-115" High EVICTION "Pod was evicted";
    TERMINATING = "HLT-116" Medium PODS "Pod does not terminate";
    RESTARTS = "HLT-117" Medium PODS "Container restarts often";
    UNKNOWN_STATE = "HLT-118" Medium PODS "State of the pod is unknown";
    DISK_FULL = "HLT-119" High VOLUMES "A volume is full";
    LOG_ERRORS = "HLT-120" Medium DEBUG "Log of a running container reports errors";
    NOT_ENOUGH_READY = "HLT-201" High DEPLOYMENTS "Fewer replicas are ready than desired";
    CREATE_FAILED = "HLT-202" High DEPLOYMENTS "Controller cannot create pods";
    NOT_ROLLING = "HLT-203" Low DEPLOYMENTS "Workload is paused, scaled to zero or not yet observed";
    ROLLOUT_STUCK = "HLT-204" High DEPLOYMENTS "Rollout is stuck between two revisions";
    STATEFUL_SET_WAITS = "HLT-211" High PODS "StatefulSet waits for one of its pods";
    DAEMON_SET_WAITS = "HLT-212" High PODS "DaemonSet is not ready on every node";
    JOB_FAILED = "HLT-213" High JOBS "Job failed";
    SUSPENDED = "HLT-214" Medium JOBS "Job or CronJob is suspended";
    CRON_LATE = "HLT-215" Medium JOBS "CronJob has not succeeded for a while";
    HPA_CANNOT_SCALE = "HLT-221" High HPA "Autoscaler cannot work";
    HPA_AT_MAX = "HLT-222" Medium HPA "Autoscaler is at its maximum and still above target";
    CLAIM_PENDING = "HLT-231" High VOLUMES "Volume claim is not bound";
    VOLUME_LOST = "HLT-232" High VOLUMES "Volume is lost or failed";
    DEFAULT_CLASSES = "HLT-233" Low VOLUMES "More than one default StorageClass";
    NODE_UNHEALTHY = "HLT-241" Critical NODES "Node is not healthy";
    NODE_LIMITED = "HLT-242" Medium NODES "Node takes no more pods";
    CLUSTER_FACTS = "HLT-243" Info NODES "Cluster lacks something that is usual";
    RBAC_REFUSED = "HLT-251" High RBAC "Service account lacks a permission it asks for";
    DNS_FAILS = "HLT-252" High DNS "A host name does not resolve";
    PEER_REFUSES = "HLT-253" High SERVICES "A service that is called does not answer";
    HELM_RELEASE = "HLT-261" High HELM "Helm release failed or is stuck";
    RELEASE_DRIFT = "HLT-262" Medium HELM_DRIFT "Live objects are not as their Helm release says";
    API_ACCESS = "HLT-271" Critical ACCESS "The API server cannot be reached, or will not be for long";
    REPEATED_EVENTS = "HLT-281" Medium EVENTS "The same warning repeats";
    APP_NOT_READY = "HLT-291" High PROBES "The application says that it is not ready";
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn ids_are_unique_and_in_order() {
        assert!(RULES.windows(2).all(|pair| pair[0].id < pair[1].id));
    }
}
