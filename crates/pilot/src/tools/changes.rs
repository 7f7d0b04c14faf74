//! What a program or a model may plan. Left out is what brings content of its own along: whole manifests, patches, charts,
//! values, new objects and environment variables are planned by people.

use pilot_core::action::Write;
use serde_json::{Map, Value, json};

use super::Refusal;
use super::schema::{self, Field, Kind, may, must};

/// Most changes in one plan.
const MOST: usize = 10;

const TARGET: Field = must("target", Kind::Target, "the object");
const CONTAINER: Field = may("container", Kind::Text, "may be absent when there is only one");
const RELEASE: Field = must("release", Kind::Target, "the Helm release");
const NODE: Field = must("node", Kind::Text, "the node");

/// Action, what it does, its fields.
const ALL: &[(&str, &str, &[Field])] = &[
    (
        "fix",
        "find the cause of a failure and plan the change that removes it, where a safe one is known",
        &[
            may("target", Kind::Target, "an object; the worst of everything when absent"),
            may("namespace", Kind::Text, ""),
        ],
    ),
    ("scale", "number of replicas", &[TARGET, must("replicas", Kind::Replicas, "")]),
    ("restart", "new pods one after the other", &[TARGET]),
    ("undo", "back to an earlier revision", &[TARGET, may("revision", Kind::Number, "the one before when absent")]),
    ("setImage", "another image", &[TARGET, CONTAINER, must("image", Kind::Image, "")]),
    (
        "setResources",
        "requests and limits; what is absent stays",
        &[
            TARGET,
            CONTAINER,
            may("requests", Kind::Texted, "cpu, memory to amounts"),
            may("limits", Kind::Texted, "cpu, memory to amounts"),
        ],
    ),
    (
        "setProbe",
        "a probe",
        &[
            TARGET,
            CONTAINER,
            must("kind", Kind::OneOf(&["readiness", "liveness", "startup"]), ""),
            must("probe", Kind::Probe, ""),
        ],
    ),
    (
        "autoscale",
        "a HorizontalPodAutoscaler, new or changed",
        &[
            TARGET,
            may("min", Kind::Number, ""),
            must("max", Kind::Number, ""),
            may("cpuPercent", Kind::Number, "of the CPU request; 80 when absent"),
        ],
    ),
    (
        "expose",
        "a Service for a workload",
        &[
            TARGET,
            may("name", Kind::Text, "of the Service"),
            must("port", Kind::Number, ""),
            may("targetPort", Kind::Text, "of the pods; the same when absent"),
            may("serviceType", Kind::OneOf(&["ClusterIP", "NodePort", "LoadBalancer"]), ""),
        ],
    ),
    (
        "switchTraffic",
        "a Service selects the pods of another workload",
        &[
            must("service", Kind::Target, "the Service"),
            must("to", Kind::Target, "the workload that is to get the traffic"),
        ],
    ),
    (
        "canary",
        "a second Deployment of a new image with a share of the replicas",
        &[TARGET, must("image", Kind::Image, ""), must("percent", Kind::Number, "1 to 99")],
    ),
    ("label", "labels", &[TARGET, must("labels", Kind::Texted, "null removes")]),
    ("annotate", "annotations", &[TARGET, must("annotations", Kind::Texted, "null removes")]),
    ("resizeVolume", "a larger volume", &[TARGET, must("size", Kind::Text, "such as 15Gi")]),
    (
        "optimize",
        "requests and limits as recommended",
        &[may("target", Kind::Target, "one workload; all when absent"), may("namespace", Kind::Text, "")],
    ),
    ("suspend", "suspend or resume a CronJob or Job", &[TARGET, must("suspend", Kind::Flag, "false resumes")]),
    ("pause", "pause or resume a rollout", &[TARGET, must("pause", Kind::Flag, "false resumes")]),
    ("trigger", "run a CronJob now", &[TARGET]),
    ("cordon", "keep new pods off a node", &[NODE, must("cordon", Kind::Flag, "false uncordons")]),
    ("drain", "cordon a node and evict its pods", &[NODE]),
    ("delete", "remove an object; its kind must be given", &[TARGET]),
    (
        "helmRollback",
        "a release goes back to an earlier revision",
        &[RELEASE, may("revision", Kind::Number, "the last good one when absent")],
    ),
    ("helmUnlock", "free a release that is stuck in pending-*", &[RELEASE]),
    ("helmUninstall", "remove a release and its objects", &[RELEASE]),
];

/// JSON schema of the arguments: one or more changes, one plan.
pub fn schema() -> Value {
    let changes: Vec<Value> = ALL
        .iter()
        .map(|(action, about, fields)| {
            let mut schema = schema::object(fields);
            schema["description"] = json!(about);
            schema["properties"]["action"] = json!({"const": action});
            if let Some(required) = schema["required"].as_array_mut() {
                required.insert(0, json!("action"));
            }
            schema
        })
        .collect();
    json!({"type": "object", "required": ["changes"], "additionalProperties": false, "properties": {
        "changes": {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"anyOf": changes}},
    }})
}

/// The changes that the arguments name.
///
/// # Errors
/// When there are none, too many, or one that may not be planned here.
pub fn read(mut arguments: Map<String, Value>) -> Result<Vec<Write>, Refusal> {
    let wrong = |why: String| Refusal::Arguments(why);
    let changes = match arguments.remove("changes") {
        Some(Value::Array(changes)) if !changes.is_empty() && changes.len() <= MOST => changes,
        _ => return Err(wrong(format!("`changes` must be a list of 1 to {MOST} changes"))),
    };
    if let Some(unknown) = arguments.keys().next() {
        return Err(wrong(format!("`{unknown}` is no argument; `changes` is the only one")));
    }
    let one = |change: Value| {
        let action = change["action"].as_str().unwrap_or("");
        if !ALL.iter().any(|(name, ..)| *name == action) {
            let names: Vec<&str> = ALL.iter().map(|(name, ..)| *name).collect();
            return Err(wrong(format!("{action:?} cannot be planned here; what can: {}", names.join(", "))));
        }
        serde_json::from_value(change.clone())
            .map_err(|error| wrong(format!("the change {action} does not fit: {error}")))
    };
    changes.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_describes_its_change() {
        let schemas = schema()["properties"]["changes"]["items"]["anyOf"].as_array().cloned().unwrap();
        assert_eq!(schemas.len(), ALL.len());
        for schema in schemas {
            let mut example = schema::example(&schema);
            example["action"] = schema["properties"]["action"]["const"].clone();
            let read = read(json!({"changes": [example]}).as_object().cloned().unwrap());
            assert!(read.is_ok(), "{example}: {}", read.unwrap_err());
        }
    }

    #[test]
    fn what_brings_content_along_is_not_planned() {
        let of = |change: Value| read(json!({"changes": [change]}).as_object().cloned().unwrap());
        for change in [
            json!({"action": "apply", "objects": []}),
            json!({"action": "patch", "target": {"name": "a"}, "type": "merge", "body": {}}),
            json!({"action": "create", "template": {"kind": "Namespace", "name": "a"}}),
            json!({"action": "helmInstall", "release": "a", "chart": "/etc"}),
            json!({"action": "setEnv", "target": {"name": "a"}, "env": {}}),
            json!({"action": "scale", "target": {"name": "a"}, "replicas": {"to": 1}, "context": "prod"}),
            json!("scale"),
            json!({}),
        ] {
            assert!(matches!(of(change.clone()), Err(Refusal::Arguments(_))), "{change}");
        }
        assert!(read(Map::new()).is_err());
    }
}
