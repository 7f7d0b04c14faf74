//! Actions in words: what `understood as: …` prints.

use std::fmt;

use super::{Action, Filter, ImageChange, LogQuery, MapChange, Order, Read, Replicas, Target, Usage, Write};

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(read) => read.fmt(f),
            Self::Write(write) => write.fmt(f),
        }
    }
}

/// ` of deployment todo/backend`, ` in namespace todo`, or nothing.
struct About<'a>(Option<&'a Target>, Option<&'a str>);

impl fmt::Display for About<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(target) = self.0 {
            write!(f, " of {target}")?;
        }
        if let Some(namespace) = self.1 {
            write!(f, " in namespace {namespace}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(healthy) = self.healthy {
            f.write_str(if healthy { " that are well" } else { " that are not well" })?;
        }
        if let Some(status) = &self.status {
            write!(f, " in state {status}")?;
        }
        if let Some(name) = &self.name {
            write!(f, " with {name} in the name")?;
        }
        if let Some(selector) = &self.selector {
            write!(f, " with labels {selector}")?;
        }
        if let Some(least) = self.min_restarts {
            write!(f, " restarted at least {least} times")?;
        }
        match self.max_restarts {
            Some(0) => f.write_str(" never restarted")?,
            Some(most) => write!(f, " restarted at most {most} times")?,
            None => {}
        }
        About(None, self.namespace.as_deref()).fmt(f)
    }
}

impl fmt::Display for LogQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.question, self.errors) {
            (true, _) => "are there errors in the log",
            (false, true) => "show what the log says",
            (false, false) => "show the log",
        })?;
        About(self.target.as_ref(), None).fmt(f)?;
        if let Some(container) = &self.container {
            write!(f, ", container {container}")?;
        }
        if self.previous {
            f.write_str(", of the previous run")?;
        }
        if let Some(tail) = self.tail {
            write!(f, ", last {tail} lines")?;
        }
        if let Some(since) = self.since_seconds {
            write!(f, ", last {since} s")?;
        }
        if let Some(pattern) = &self.pattern {
            write!(f, ", lines with {pattern:?}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = |target: &Option<Target>, namespace: &Option<String>| {
            About(target.as_ref(), namespace.as_deref()).to_string()
        };
        match self {
            Self::List { kinds, filter } => write!(f, "list {}{filter}", kinds.join(", ")),
            Self::Count { kind, filter } => write!(f, "count {kind}{filter}"),
            Self::Status { target, namespace } => write!(f, "check the health{}", about(target, namespace)),
            Self::Describe { target } => write!(f, "describe {target}"),
            Self::Logs(query) => query.fmt(f),
            Self::Events { target, namespace, warnings, since_seconds } => {
                let what = if *warnings { "warnings" } else { "events" };
                write!(f, "show {what}{}", about(target, namespace))?;
                since_seconds.map_or(Ok(()), |since| write!(f, ", last {since} s"))
            }
            Self::Top { nodes, namespace, target, by, order, limit } => {
                let what = if *nodes { "nodes" } else { "pods" };
                let by = if *by == Usage::Cpu { "CPU" } else { "memory" };
                let order = if *order == Order::Most { "most" } else { "least" };
                write!(f, "show usage of {what}{}, {order} {by} first", about(target, namespace))?;
                limit.map_or(Ok(()), |limit| write!(f, ", {limit} of them"))
            }
            Self::Diagnose { target, namespace } => write!(f, "diagnose the cause{}", about(target, namespace)),
            Self::Images { target, namespace } => write!(f, "list the images{}", about(target, namespace)),
            Self::Urls { target, namespace } => write!(f, "show the addresses{}", about(target, namespace)),
            Self::Capacity => f.write_str("show nodes and their capacity"),
            Self::RolloutStatus { target } => write!(f, "show the rollout of {target}"),
            Self::RolloutHistory { target } => write!(f, "show the revisions of {target}"),
            Self::CanI { verb, resource, subject, namespace } => {
                match subject {
                    Some(subject) if subject == "me" => write!(f, "may I {verb} {resource}")?,
                    Some(subject) => write!(f, "may {subject} {verb} {resource}")?,
                    None => write!(f, "who may {verb} {resource}")?,
                }
                About(None, namespace.as_deref()).fmt(f)
            }
            Self::Reach { from, to, port } => {
                write!(f, "can {from} reach {to}")?;
                port.map_or(Ok(()), |port| write!(f, " on port {port}"))
            }
            Self::Analyze { target, namespace } => write!(f, "analyze everything{}", about(target, namespace)),
            Self::SecurityScan { target, namespace, rbac, level } => {
                f.write_str(if *rbac { "check the permissions" } else { "check the security" })?;
                f.write_str(&about(target, namespace))?;
                level.as_ref().map_or(Ok(()), |level| write!(f, " against Pod Security level {level}"))
            }
            Self::Optimize { target, namespace } => {
                write!(f, "recommend requests and limits{}", about(target, namespace))
            }
            Self::Performance { target, namespace } => write!(f, "find bottlenecks{}", about(target, namespace)),
            Self::Cost { namespace, by } => {
                write!(f, "estimate the cost{}", about(&None, namespace))?;
                by.as_ref().map_or(Ok(()), |by| write!(f, " by {by}"))
            }
            Self::PolicyAudit { kinds, namespace, .. } => {
                f.write_str("list violations")?;
                if !kinds.is_empty() {
                    write!(f, " of {}", kinds.join(", "))?;
                }
                f.write_str(&about(&None, namespace))
            }
            Self::Releases { namespace } => write!(f, "list Helm releases{}", about(&None, namespace)),
            Self::ReleaseStatus { release, verify } => {
                write!(f, "{} release {release}", if *verify { "verify" } else { "show" })
            }
            Self::ReleaseHistory { release } => write!(f, "show the revisions of release {release}"),
            Self::ReleaseValues { release } => write!(f, "show the values of release {release}"),
            Self::Contexts => f.write_str("list contexts"),
            Self::Generate { template, namespace } => {
                write!(f, "print a manifest of {} {}", template.kind(), template.name())?;
                f.write_str(&about(&None, namespace))
            }
            Self::ImageReview { path, .. } => write!(f, "review {path}"),
            Self::Explain { .. } => f.write_str("explain the text"),
            Self::Help { topic: Some(topic) } => write!(f, "help about {topic}"),
            Self::Help { topic: None } => f.write_str("help"),
        }
    }
}

/// `cpu=200m, memory-`.
fn changes(map: &MapChange) -> String {
    let parts = map.iter().map(|(key, value)| match value {
        Some(value) => format!("{key}={value}"),
        None => format!("{key}-"),
    });
    parts.collect::<Vec<_>>().join(", ")
}

impl fmt::Display for ImageChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(image) => write!(f, "image {image}"),
            Self::Tag(tag) => write!(f, "tag {tag}"),
        }
    }
}

/// ` [container]`, or nothing.
fn of(container: &Option<String>) -> String {
    container.as_ref().map_or_else(String::new, |c| format!(" [{c}]"))
}

impl fmt::Display for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |namespace: &Option<String>| About(None, namespace.as_deref()).to_string();
        match self {
            Self::Scale { target, replicas } => match replicas {
                Replicas::To(n) => write!(f, "scale {target} to {n}"),
                Replicas::By(n) => write!(f, "scale {target} by {n:+}"),
                Replicas::Percent(n) => write!(f, "scale {target} to {n} % of now"),
            },
            Self::Restart { target } => write!(f, "restart {target}"),
            Self::Undo { target, revision: Some(revision) } => write!(f, "take {target} back to revision {revision}"),
            Self::Undo { target, revision: None } => write!(f, "take {target} back to the revision before"),
            Self::SetImage { target, container, image } => write!(f, "run {image} in {target}{}", of(container)),
            Self::SetResources { target, container, requests, limits } => {
                write!(f, "set")?;
                for (word, map) in [("requests", requests), ("limits", limits)] {
                    if !map.is_empty() {
                        write!(f, " {word} {}", changes(map))?;
                    }
                }
                write!(f, " of {target}{}", of(container))
            }
            Self::SetEnv { target, container, env } => {
                let names: Vec<&str> = env.keys().map(String::as_str).collect();
                write!(f, "set environment {} of {target}{}", names.join(", "), of(container))
            }
            Self::SetProbe { target, container, kind, .. } => {
                write!(f, "set the {kind:?} probe of {target}{}", of(container))
            }
            Self::Autoscale { target, min, max, cpu_percent } => write!(
                f,
                "autoscale {target} from {} to {max} replicas at {} % CPU",
                min.unwrap_or(1),
                cpu_percent.unwrap_or(80)
            ),
            Self::Expose { target, port, .. } => write!(f, "expose {target} on port {port}"),
            Self::SwitchTraffic { service, to } => write!(f, "switch the traffic of {service} to {to}"),
            Self::Canary { target, image, percent } => write!(f, "run {image} in {percent} % of {target}"),
            Self::Label { target, labels } => write!(f, "label {target} with {}", changes(labels)),
            Self::Annotate { target, annotations } => write!(f, "annotate {target} with {}", changes(annotations)),
            Self::Create { template, namespace } => {
                write!(f, "create {} {}{}", template.kind(), template.name(), place(namespace))
            }
            Self::Apply { objects } => write!(f, "apply {} objects", objects.len()),
            Self::Patch { target, .. } => write!(f, "patch {target}"),
            Self::ResizeVolume { target, size } => write!(f, "resize {target} to {size}"),
            Self::Optimize { target, namespace, .. } => {
                write!(f, "set the recommended requests and limits{}", About(target.as_ref(), namespace.as_deref()))
            }
            Self::Fix { target: Some(target), .. } => write!(f, "fix {target}"),
            Self::Fix { target: None, namespace } => write!(f, "fix what is broken{}", place(namespace)),
            Self::Suspend { target, suspend: true } => write!(f, "suspend {target}"),
            Self::Suspend { target, suspend: false } => write!(f, "resume {target}"),
            Self::Pause { target, pause: true } => write!(f, "pause the rollout of {target}"),
            Self::Pause { target, pause: false } => write!(f, "resume the rollout of {target}"),
            Self::Trigger { target } => write!(f, "run {target} now"),
            Self::Cordon { node, cordon: true } => write!(f, "cordon node {node}"),
            Self::Cordon { node, cordon: false } => write!(f, "uncordon node {node}"),
            Self::Drain { node } => write!(f, "drain node {node}"),
            Self::Delete { target } => write!(f, "delete {target}"),
            Self::HelmInstall { release, chart, namespace, .. } => {
                write!(f, "install chart {chart} as release {release}{}", place(namespace))
            }
            Self::HelmUpgrade { release, chart, .. } => write!(f, "upgrade release {release} to chart {chart}"),
            Self::HelmRollback { release, revision: Some(n) } => {
                write!(f, "roll release {release} back to revision {n}")
            }
            Self::HelmRollback { release, revision: None } => {
                write!(f, "roll release {release} back to its last good revision")
            }
            Self::HelmUnlock { release } => write!(f, "free the stuck release {release}"),
            Self::HelmUninstall { release } => write!(f, "uninstall release {release}"),
        }
    }
}
