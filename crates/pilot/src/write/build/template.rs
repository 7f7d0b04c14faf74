//! Changes of the pod template: image, resources, environment, probes.

use std::collections::BTreeMap;

use pilot_core::action::{Hidden, ImageChange, MapChange, Probe, ProbeKind, Target};
use pilot_core::image_ref::ImageRef;
use pilot_core::model::{Container, ObjectRef};
use pilot_core::quantity::Quantity;
use serde_json::{Map, Value, json};

use super::Build;
use crate::exit::Error;
use crate::plan::{Plan, Step, template};

/// The container that is meant: the named one, or the only one.
fn container<'a>(build: &Build<'a>, target: &ObjectRef, name: Option<&str>) -> Result<&'a Container, Error> {
    let Some(template) = build.world.template(target) else {
        return Err(Error::NotFound(format!("{target} has no pod template")));
    };
    let all = &template.spec.containers;
    let names = || all.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, all.as_slice()) {
        (Some(name), _) => all
            .iter()
            .find(|c| c.name == name)
            .ok_or_else(|| Error::NotFound(format!("{target} has no container {name:?}; it has {}", names()))),
        (None, [only]) => Ok(only),
        (None, _) => Err(Error::Refused(format!("{target} has containers {}: name one (CONTAINER=…)", names()))),
    }
}

/// A step that changes fields of one container.
fn change(target: &ObjectRef, container: &str, mut fields: Value) -> Step {
    fields["name"] = json!(container);
    Step::patch(&template(target, json!({"spec": {"containers": [fields]}})))
}

pub fn set_image(build: &Build<'_>, target: &Target, name: Option<&str>, image: &ImageChange) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    let container = container(build, &target, name)?;
    let image = with(&container.image, image)?;
    let mut plan = Plan::new(format!("run {image} in container {} of {target}", container.name));
    plan.push(change(&target, &container.name, json!({"image": image})));
    Ok(plan)
}

/// The image reference after a change.
pub fn with(now: &str, change: &ImageChange) -> Result<String, Error> {
    let image = match change {
        ImageChange::Image(image) => image.clone(),
        ImageChange::Tag(tag) => {
            let reference = ImageRef::parse(now);
            let separator = if tag.contains(':') { '@' } else { ':' };
            format!("{}{separator}{tag}", reference.name)
        }
    };
    if image.is_empty() || image.contains(char::is_whitespace) || image.contains(char::is_control) {
        return Err(Error::Usage(format!("{image:?} is not an image")));
    }
    Ok(image)
}

pub fn set_resources(
    build: &Build<'_>,
    target: &Target,
    name: Option<&str>,
    requests: &MapChange,
    limits: &MapChange,
) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    let container = container(build, &target, name)?;
    let mut resources = Map::new();
    for (field, changes) in [("requests", requests), ("limits", limits)] {
        for (resource, amount) in changes {
            if let Some(amount) = amount
                && amount.parse::<Quantity>().is_err()
            {
                return Err(Error::Usage(format!(
                    "{field}.{resource}: {amount:?} is not an amount such as 200m or 256Mi"
                )));
            }
        }
        if !changes.is_empty() {
            resources.insert(field.to_owned(), json!(changes));
        }
    }
    if resources.is_empty() {
        return Err(Error::Usage("name a request or limit: cpu or memory".to_owned()));
    }
    let mut plan = Plan::new(format!("set resources of container {} of {target}", container.name));
    let after = |map: &BTreeMap<String, Quantity>, changes: &MapChange, resource: &str| match changes.get(resource) {
        Some(change) => change.as_deref().and_then(|c| c.parse().ok()),
        None => map.get(resource).cloned(),
    };
    for resource in ["cpu", "memory"] {
        let request: Option<Quantity> = after(&container.resources.requests, requests, resource);
        let limit: Option<Quantity> = after(&container.resources.limits, limits, resource);
        if let (Some(request), Some(limit)) = (&request, &limit)
            && request > limit
        {
            return Err(Error::Refused(format!(
                "{resource}: a request of {request} is above the limit of {limit}; change both"
            )));
        }
    }
    plan.push(change(&target, &container.name, json!({"resources": resources})));
    Ok(plan)
}

pub fn set_env(
    build: &Build<'_>,
    target: &Target,
    name: Option<&str>,
    env: &BTreeMap<String, Option<Hidden>>,
) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    let container = container(build, &target, name)?;
    if env.is_empty() {
        return Err(Error::Usage("name a variable: NAME=value".to_owned()));
    }
    let changes: Vec<Value> = env
        .iter()
        .map(|(name, value)| match value {
            // A value replaces a reference that the variable had.
            Some(value) => json!({"name": name, "value": value.reveal(), "valueFrom": null}),
            None => json!({"name": name, "$patch": "delete"}),
        })
        .collect();
    let names: Vec<&str> = env.keys().map(String::as_str).collect();
    let mut plan =
        Plan::new(format!("set environment {} of container {} of {target}", names.join(", "), container.name));
    plan.push(change(&target, &container.name, json!({"env": changes})));
    Ok(plan)
}

pub fn set_probe(
    build: &Build<'_>,
    target: &Target,
    name: Option<&str>,
    kind: ProbeKind,
    probe: &Probe,
) -> Result<Plan, Error> {
    let target = build.workload(target)?;
    let container = container(build, &target, name)?;
    let (field, word, now) = match kind {
        ProbeKind::Readiness => ("readinessProbe", "readiness", &container.readiness_probe),
        ProbeKind::Liveness => ("livenessProbe", "liveness", &container.liveness_probe),
        ProbeKind::Startup => ("startupProbe", "startup", &container.startup_probe),
    };
    let mut fields = Map::new();
    let mut http = Map::new();
    if let Some(path) = &probe.path {
        let path = if path.starts_with('/') { path.clone() } else { format!("/{path}") };
        http.insert("path".to_owned(), json!(path));
    }
    let port = probe.port.as_ref().map(|port| port.parse::<u16>().map_or_else(|_| json!(port), |n| json!(n)));
    let has_http = now.as_ref().is_some_and(|p| p.http_get.is_some());
    match port {
        Some(port) => {
            http.insert("port".to_owned(), port);
        }
        None if probe.path.is_some() && !has_http => {
            let Some(port) = container.ports.first() else {
                return Err(Error::Usage(format!("container {} declares no port: name the probe's", container.name)));
            };
            http.insert("port".to_owned(), json!(port.container_port));
        }
        None => {}
    }
    if !http.is_empty() {
        fields.insert("httpGet".to_owned(), Value::Object(http));
        // A probe has one way of asking: the others go.
        for other in ["exec", "tcpSocket", "grpc"].into_iter().filter(|_| now.is_some() && !has_http) {
            fields.insert(other.to_owned(), Value::Null);
        }
    }
    for (field, value) in [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("periodSeconds", probe.period_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("failureThreshold", probe.failure_threshold),
    ] {
        if let Some(value) = value {
            fields.insert(field.to_owned(), json!(value));
        }
    }
    if fields.is_empty() {
        return Err(Error::Usage("say what of the probe is to change: path, port or a time".to_owned()));
    }
    let mut plan = Plan::new(format!("set the {word} probe of container {} of {target}", container.name));
    plan.push(change(&target, &container.name, json!({(field): fields})));
    Ok(plan)
}
