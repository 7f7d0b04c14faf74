//! SEC: security of workloads and of what exposes them.

mod credentials;
mod exposure;
mod host;
mod identity;
mod images;
mod isolation;
mod kernel;
mod privileges;

use super::Rule;
use crate::model::{ContainerAt, ContainerSecurityContext, PodSecurityContext, PodSpec};

pub(super) const RULES: &[&[Rule]] = &[
    privileges::RULES,
    kernel::RULES,
    host::RULES,
    identity::RULES,
    credentials::RULES,
    images::RULES,
    exposure::RULES,
    isolation::RULES,
];

const STANDARDS: &str = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";
const CONTEXT: &str = "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/";

/// The value in force: the container's, else the pod's.
fn effective<T>(
    spec: &PodSpec,
    at: &ContainerAt<'_>,
    container: impl Fn(&ContainerSecurityContext) -> Option<T>,
    pod: impl Fn(&PodSecurityContext) -> Option<T>,
) -> Option<T> {
    at.container.security_context.as_ref().and_then(container).or_else(|| spec.security_context.as_ref().and_then(pod))
}

fn run_as_user(spec: &PodSpec, at: &ContainerAt<'_>) -> Option<i64> {
    effective(spec, at, |c| c.run_as_user, |p| p.run_as_user)
}

fn run_as_group(spec: &PodSpec, at: &ContainerAt<'_>) -> Option<i64> {
    effective(spec, at, |c| c.run_as_group, |p| p.run_as_group)
}

fn run_as_non_root(spec: &PodSpec, at: &ContainerAt<'_>) -> bool {
    effective(spec, at, |c| c.run_as_non_root, |p| p.run_as_non_root) == Some(true)
}

/// A capability's name without the `CAP_` some people write.
fn capability(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    upper.strip_prefix("CAP_").map(str::to_owned).unwrap_or(upper)
}

fn added(at: &ContainerAt<'_>) -> Vec<String> {
    capabilities(at).map(|caps| caps.add.iter().map(|name| capability(name)).collect()).unwrap_or_default()
}

fn drops(at: &ContainerAt<'_>, wanted: &str) -> bool {
    capabilities(at).is_some_and(|caps| caps.drop.iter().any(|name| capability(name) == wanted))
}

fn capabilities<'a>(at: &ContainerAt<'a>) -> Option<&'a crate::model::Capabilities> {
    at.container.security_context.as_ref()?.capabilities.as_ref()
}
