//! Why a pod does not run: the checks in the order of cause, the first that holds names it.

mod config;
mod crash;
mod ending;
mod image;
mod probe;
mod scheduling;
mod start;

use super::draft::Draft;
use super::world::World;
use crate::model::{ContainerStatus, ObjectRef, Pod};

/// One pod to look at.
#[derive(Debug, Clone, Copy)]
pub struct Case<'w> {
    /// Everything around it.
    pub world: &'w World<'w>,
    /// The pod.
    pub pod: &'w Pod,
    /// Its topmost owner.
    pub root: &'w ObjectRef,
}

type Check = fn(&Case<'_>) -> Option<Draft>;

/// What can be wrong with a pod that is to go. That its containers end and nothing is ready is as it should be.
const ENDING: &[Check] = &[ending::evicted, ending::unknown, ending::terminating];

/// From the node up to the program: an earlier one explains what the later ones would say.
const RUNNING: &[Check] = &[
    scheduling::unschedulable,
    scheduling::gated,
    scheduling::no_scheduler,
    config::missing_reference,
    config::creating,
    image::local_only,
    image::pull,
    start::failed,
    crash::oom_killed,
    probe::startup,
    probe::liveness,
    crash::crash_loop,
    crash::init_waits,
    probe::readiness,
    crash::restarts,
];

/// The first cause of the pod's trouble.
pub fn cause(case: &Case<'_>) -> Option<Draft> {
    if case.pod.status.phase == "Succeeded" {
        return None;
    }
    let running = if case.pod.metadata.deletion_timestamp.is_some() { &[][..] } else { RUNNING };
    ENDING.iter().chain(running).find_map(|check| check(case))
}

impl<'w> Case<'w> {
    /// Seconds since the pod was created.
    pub fn age(&self) -> i64 {
        self.pod.metadata.age_seconds(self.world.now).unwrap_or(0)
    }

    /// Statuses of all containers with the list they stand in.
    pub fn containers(&self) -> impl Iterator<Item = (&'static str, &'w ContainerStatus)> + use<'w> {
        let status = &self.pod.status;
        let init = status.init_container_statuses.iter().map(|c| ("initContainers", c));
        init.chain(status.container_statuses.iter().map(|c| ("containers", c)))
    }

    /// The first container that waits for one of these reasons: list, status, reason, message.
    pub fn waiting(&self, reasons: &[&str]) -> Option<(&'static str, &'w ContainerStatus, &'w str, &'w str)> {
        self.containers().find_map(|(list, status)| {
            let waiting = status.state.waiting.as_ref()?;
            reasons.contains(&waiting.reason.as_str()).then_some((
                list,
                status,
                waiting.reason.as_str(),
                waiting.message.as_str(),
            ))
        })
    }

    /// Path of a container's field in the root's template: `spec.template.spec.containers[0].image`.
    pub fn field(&self, list: &str, container: &str, field: &str) -> String {
        let index = self
            .pod
            .spec
            .all_containers()
            .find(|at| at.list() == list && at.container.name == container)
            .map_or(0, |at| at.index);
        format!("{}.{list}[{index}].{field}", self.pod_spec_path())
    }

    /// Where the pod spec stands in the root object.
    pub fn pod_spec_path(&self) -> &'static str {
        match self.root.kind.as_str() {
            "Pod" => "spec",
            "CronJob" => "spec.jobTemplate.spec.template.spec",
            _ => "spec.template.spec",
        }
    }
}
