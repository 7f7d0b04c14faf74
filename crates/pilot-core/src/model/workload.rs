//! Controllers that make pods.

use jiff::Timestamp;

use super::meta::resources;
use super::{Condition, LabelSelector, Labels, ObjectMeta, PersistentVolumeClaim, PodTemplate, RollingUpdate, read};

read! {
    struct Deployment { metadata: ObjectMeta, spec: DeploymentSpec, status: ReplicaStatus, }

    struct DeploymentSpec {
        replicas: Option<i64>,
        selector: LabelSelector,
        template: PodTemplate,
        strategy: Strategy,
        paused: bool,
        min_ready_seconds: Option<i64>,
        progress_deadline_seconds: Option<i64>,
        revision_history_limit: Option<i64>,
    }

    /// Of a Deployment (`strategy`) and of StatefulSets and DaemonSets (`updateStrategy`).
    struct Strategy {
        #[serde(rename = "type")]
        type_: String,
        rolling_update: Option<RollingUpdate>,
    }

    /// The counters of Deployments, ReplicaSets, StatefulSets and ReplicationControllers.
    struct ReplicaStatus {
        replicas: i64,
        ready_replicas: i64,
        available_replicas: i64,
        updated_replicas: i64,
        unavailable_replicas: i64,
        current_replicas: i64,
        observed_generation: Option<i64>,
        current_revision: String,
        update_revision: String,
        conditions: Vec<Condition>,
    }

    struct ReplicaSet { metadata: ObjectMeta, spec: ReplicaSetSpec, status: ReplicaStatus, }

    struct ReplicaSetSpec {
        replicas: Option<i64>,
        selector: LabelSelector,
        template: PodTemplate,
    }

    struct ReplicationController {
        metadata: ObjectMeta,
        spec: ReplicationControllerSpec,
        status: ReplicaStatus,
    }

    struct ReplicationControllerSpec {
        replicas: Option<i64>,
        selector: Labels,
        template: PodTemplate,
    }

    struct StatefulSet { metadata: ObjectMeta, spec: StatefulSetSpec, status: ReplicaStatus, }

    struct StatefulSetSpec {
        replicas: Option<i64>,
        selector: LabelSelector,
        template: PodTemplate,
        service_name: String,
        update_strategy: Strategy,
        pod_management_policy: String,
        volume_claim_templates: Vec<PersistentVolumeClaim>,
    }

    struct DaemonSet { metadata: ObjectMeta, spec: DaemonSetSpec, status: DaemonSetStatus, }

    struct DaemonSetSpec {
        selector: LabelSelector,
        template: PodTemplate,
        update_strategy: Strategy,
    }

    struct DaemonSetStatus {
        desired_number_scheduled: i64,
        current_number_scheduled: i64,
        number_ready: i64,
        number_available: i64,
        number_unavailable: i64,
        number_misscheduled: i64,
        updated_number_scheduled: i64,
        observed_generation: Option<i64>,
        conditions: Vec<Condition>,
    }

    struct Job { metadata: ObjectMeta, spec: JobSpec, status: JobStatus, }

    struct JobSpec {
        template: PodTemplate,
        backoff_limit: Option<i64>,
        active_deadline_seconds: Option<i64>,
        ttl_seconds_after_finished: Option<i64>,
        completions: Option<i64>,
        parallelism: Option<i64>,
        suspend: bool,
    }

    struct JobStatus {
        active: i64,
        succeeded: i64,
        failed: i64,
        start_time: Option<Timestamp>,
        completion_time: Option<Timestamp>,
        conditions: Vec<Condition>,
    }

    struct CronJob { metadata: ObjectMeta, spec: CronJobSpec, status: CronJobStatus, }

    struct CronJobSpec {
        schedule: String,
        time_zone: Option<String>,
        suspend: bool,
        concurrency_policy: String,
        starting_deadline_seconds: Option<i64>,
        job_template: JobTemplate,
        successful_jobs_history_limit: Option<i64>,
        failed_jobs_history_limit: Option<i64>,
    }

    struct JobTemplate { metadata: ObjectMeta, spec: JobSpec, }

    struct CronJobStatus {
        active: Vec<super::NameRef>,
        last_schedule_time: Option<Timestamp>,
        last_successful_time: Option<Timestamp>,
    }
}

resources!(Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job, CronJob);
