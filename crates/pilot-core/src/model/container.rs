//! A container of a pod: image, command, environment, ports, probes, resources.

use std::collections::BTreeMap;

use super::{ContainerSecurityContext, IntOrString, read};
use crate::quantity::Quantity;

/// Resource name (`cpu`, `memory`, …) to amount.
pub type Resources = BTreeMap<String, Quantity>;

read! {
    struct Container {
        name: String,
        image: String,
        image_pull_policy: String,
        command: Vec<String>,
        args: Vec<String>,
        working_dir: String,
        env: Vec<EnvVar>,
        env_from: Vec<EnvFrom>,
        ports: Vec<ContainerPort>,
        liveness_probe: Option<Probe>,
        readiness_probe: Option<Probe>,
        startup_probe: Option<Probe>,
        lifecycle: Option<Lifecycle>,
        resources: ResourceRequirements,
        security_context: Option<ContainerSecurityContext>,
        volume_mounts: Vec<VolumeMount>,
        /// `Always` on an init container makes it a sidecar.
        restart_policy: String,
        stdin: bool,
        tty: bool,
    }

    struct EnvVar {
        name: String,
        value: Option<String>,
        value_from: Option<EnvVarSource>,
    }

    struct EnvVarSource {
        config_map_key_ref: Option<KeyRef>,
        secret_key_ref: Option<KeyRef>,
        field_ref: Option<FieldRef>,
        resource_field_ref: Option<ResourceFieldRef>,
    }

    struct KeyRef {
        name: String,
        key: String,
        optional: Option<bool>,
    }

    struct FieldRef { field_path: String, }

    struct ResourceFieldRef { resource: String, }

    struct EnvFrom {
        prefix: String,
        config_map_ref: Option<NameRef>,
        secret_ref: Option<NameRef>,
    }

    struct NameRef {
        name: String,
        optional: Option<bool>,
    }

    struct ContainerPort {
        name: String,
        container_port: i64,
        host_port: Option<i64>,
        protocol: Option<String>,
    }

    struct Probe {
        http_get: Option<HttpGetAction>,
        tcp_socket: Option<TcpSocketAction>,
        exec: Option<ExecAction>,
        grpc: Option<GrpcAction>,
        initial_delay_seconds: Option<i64>,
        timeout_seconds: Option<i64>,
        period_seconds: Option<i64>,
        success_threshold: Option<i64>,
        failure_threshold: Option<i64>,
    }

    struct HttpGetAction {
        path: String,
        port: IntOrString,
        host: String,
        scheme: String,
    }

    struct TcpSocketAction { port: IntOrString, host: String, }

    struct ExecAction { command: Vec<String>, }

    struct GrpcAction { port: i64, service: Option<String>, }

    struct Lifecycle {
        post_start: Option<LifecycleHandler>,
        pre_stop: Option<LifecycleHandler>,
    }

    struct LifecycleHandler {
        http_get: Option<HttpGetAction>,
        tcp_socket: Option<TcpSocketAction>,
        exec: Option<ExecAction>,
        sleep: Option<SleepAction>,
    }

    struct SleepAction { seconds: i64, }

    struct ResourceRequirements {
        requests: Resources,
        limits: Resources,
    }

    struct VolumeMount {
        name: String,
        mount_path: String,
        sub_path: String,
        read_only: bool,
    }
}

impl Container {
    /// The request in force: a limit without a request sets the request too, as the API server does.
    pub fn request(&self, resource: &str) -> Option<Quantity> {
        self.resources.requests.get(resource).or_else(|| self.resources.limits.get(resource)).copied()
    }

    /// The limit of a resource.
    pub fn limit(&self, resource: &str) -> Option<Quantity> {
        self.resources.limits.get(resource).copied()
    }
}

impl ContainerPort {
    /// The protocol in force (`TCP` when unset).
    pub fn protocol(&self) -> &str {
        self.protocol.as_deref().unwrap_or("TCP")
    }
}

impl Probe {
    /// The port the probe connects to; `None` for exec.
    pub fn port(&self) -> Option<IntOrString> {
        if let Some(http) = &self.http_get {
            Some(http.port.clone())
        } else if let Some(tcp) = &self.tcp_socket {
            Some(tcp.port.clone())
        } else {
            self.grpc.as_ref().map(|grpc| IntOrString::Int(grpc.port))
        }
    }

    /// Seconds between probes (default 10).
    pub fn period(&self) -> i64 {
        positive(self.period_seconds).unwrap_or(10)
    }

    /// Seconds until one probe counts as failed (default 1).
    pub fn timeout(&self) -> i64 {
        positive(self.timeout_seconds).unwrap_or(1)
    }

    /// Failures in a row that count (default 3).
    pub fn failures(&self) -> i64 {
        positive(self.failure_threshold).unwrap_or(3)
    }

    /// Seconds before the first probe (default 0).
    pub fn delay(&self) -> i64 {
        positive(self.initial_delay_seconds).unwrap_or(0)
    }

    /// Whether both do the same check (handler type, path, port as written, command).
    pub fn same_handler(&self, other: &Self) -> bool {
        self.http_get == other.http_get
            && self.tcp_socket == other.tcp_socket
            && self.exec == other.exec
            && self.grpc == other.grpc
    }
}

/// A positive number as the API means it: 32 bits, so that sums and products of a few fit 64.
fn positive(value: Option<i64>) -> Option<i64> {
    value.filter(|value| *value > 0).map(|value| value.min(i64::from(i32::MAX)))
}
