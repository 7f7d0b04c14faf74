//! Pods and pod templates.

use super::meta::resources;
use super::{
    Affinity, Container, IntOrString, Labels, NameRef, ObjectMeta, PodSecurityContext, PodStatus, Resources,
    Toleration, TopologySpreadConstraint, Volume, read,
};

read! {
    struct Pod {
        metadata: ObjectMeta,
        spec: PodSpec,
        status: PodStatus,
    }

    struct PodTemplate {
        metadata: ObjectMeta,
        spec: PodSpec,
    }

    struct PodSpec {
        containers: Vec<Container>,
        init_containers: Vec<Container>,
        ephemeral_containers: Vec<Container>,
        volumes: Vec<Volume>,
        security_context: Option<PodSecurityContext>,
        /// Read with [`PodSpec::service_account`], which also knows the deprecated twin field.
        service_account_name: String,
        #[serde(rename = "serviceAccount")]
        deprecated_service_account: String,
        automount_service_account_token: Option<bool>,
        image_pull_secrets: Vec<NameRef>,
        host_network: bool,
        #[serde(rename = "hostPID")]
        host_pid: bool,
        #[serde(rename = "hostIPC")]
        host_ipc: bool,
        host_users: Option<bool>,
        host_aliases: Vec<HostAlias>,
        restart_policy: String,
        node_name: String,
        node_selector: Labels,
        affinity: Option<Affinity>,
        tolerations: Vec<Toleration>,
        topology_spread_constraints: Vec<TopologySpreadConstraint>,
        priority_class_name: String,
        priority: Option<i64>,
        scheduler_name: String,
        scheduling_gates: Vec<NameRef>,
        termination_grace_period_seconds: Option<i64>,
        dns_policy: String,
        dns_config: Option<DnsConfig>,
        os: Option<PodOs>,
        overhead: Resources,
        resources: Option<super::ResourceRequirements>,
    }

    struct HostAlias { ip: String, hostnames: Vec<String>, }

    struct DnsConfig { options: Vec<DnsOption>, }

    struct DnsOption { name: String, value: Option<String>, }

    struct PodOs { name: String, }
}

/// Which list of the pod a container stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerKind {
    Main,
    Init,
    Ephemeral,
}

/// A container and its place in the pod spec.
#[derive(Debug, Clone, Copy)]
pub struct ContainerAt<'a> {
    pub container: &'a Container,
    pub kind: ContainerKind,
    pub index: usize,
}

impl ContainerAt<'_> {
    /// `containers`, `initContainers` or `ephemeralContainers`.
    pub fn list(&self) -> &'static str {
        match self.kind {
            ContainerKind::Main => "containers",
            ContainerKind::Init => "initContainers",
            ContainerKind::Ephemeral => "ephemeralContainers",
        }
    }

    /// Path inside the pod spec: `containers[0]`.
    pub fn path(&self) -> String {
        format!("{}[{}]", self.list(), self.index)
    }

    /// A main container, or a sidecar: an init container with `restartPolicy: Always`.
    pub fn is_long_running(&self) -> bool {
        match self.kind {
            ContainerKind::Main => true,
            ContainerKind::Init => self.container.restart_policy == "Always",
            ContainerKind::Ephemeral => false,
        }
    }
}

impl PodSpec {
    /// Every container: init, main, ephemeral, in that order.
    pub fn all_containers(&self) -> impl Iterator<Item = ContainerAt<'_>> {
        let list = |containers, kind| at(containers, kind);
        list(&self.init_containers, ContainerKind::Init)
            .chain(list(&self.containers, ContainerKind::Main))
            .chain(list(&self.ephemeral_containers, ContainerKind::Ephemeral))
    }

    /// Main containers and sidecars.
    pub fn long_running(&self) -> impl Iterator<Item = ContainerAt<'_>> {
        self.all_containers().filter(ContainerAt::is_long_running)
    }

    /// The account the pod runs as; `default` when none is named.
    pub fn service_account(&self) -> &str {
        [&self.service_account_name, &self.deprecated_service_account]
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("default", String::as_str)
    }

    /// `spec.os.name: windows`.
    pub fn is_windows(&self) -> bool {
        self.os.as_ref().is_some_and(|os| os.name == "windows")
    }

    /// What the scheduler counts for `resource`: the larger of the main containers with their
    /// sidecars and the hungriest init container, plus the overhead.
    pub fn scheduled_request(&self, resource: &str) -> crate::quantity::Quantity {
        let amount = |container: &Container| container.request(resource).unwrap_or_default();
        let mut sidecars = crate::quantity::Quantity::default();
        let mut peak = sidecars;
        for container in &self.init_containers {
            if container.restart_policy == "Always" {
                sidecars = sidecars + amount(container);
                peak = peak.max(sidecars);
            } else {
                peak = peak.max(sidecars + amount(container));
            }
        }
        let steady = self.containers.iter().map(amount).fold(sidecars, |sum, next| sum + next);
        peak.max(steady) + self.overhead.get(resource).copied().unwrap_or_default()
    }

    /// Ports that the long-running containers declare, as `(name, number, protocol)`.
    pub fn resolve_port(&self, port: &IntOrString, protocol: &str) -> Option<i64> {
        self.long_running()
            .flat_map(|at| &at.container.ports)
            .find(|declared| {
                declared.protocol() == protocol
                    && match port {
                        IntOrString::Int(number) => declared.container_port == *number,
                        IntOrString::String(name) => declared.name == *name,
                    }
            })
            .map(|declared| declared.container_port)
    }
}

fn at(containers: &[Container], kind: ContainerKind) -> impl Iterator<Item = ContainerAt<'_>> {
    containers.iter().enumerate().map(move |(index, container)| ContainerAt { container, kind, index })
}

resources!(Pod, PodTemplate);
