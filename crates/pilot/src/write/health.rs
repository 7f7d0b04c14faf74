//! Whether a workload is where it is to be, from its object and its pods.

use serde_json::Value;

/// How far a change is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It is there.
    Done(String),
    /// Not yet.
    Waiting(String),
    /// It will not get there.
    Failed(String),
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

fn condition<'a>(object: &'a Value, type_: &str) -> Option<&'a Value> {
    object.pointer("/status/conditions")?.as_array()?.iter().find(|c| c["type"] == type_)
}

/// How far the rollout of a workload is, as `kubectl rollout status` counts it.
pub fn rollout(kind: &str, object: &Value) -> Progress {
    if number(object, "/status/observedGeneration") < number(object, "/metadata/generation") {
        return Progress::Waiting("the controller has not seen the change yet".to_owned());
    }
    match kind {
        "Deployment" => deployment(object),
        "StatefulSet" => stateful_set(object),
        "DaemonSet" => daemon_set(object),
        "Pod" => pod(object),
        _ => Progress::Done("accepted".to_owned()),
    }
}

fn deployment(object: &Value) -> Progress {
    if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return Progress::Done("the rollout is paused".to_owned());
    }
    if condition(object, "Progressing").is_some_and(|c| c["reason"] == "ProgressDeadlineExceeded") {
        return Progress::Failed("the rollout has exceeded its progress deadline".to_owned());
    }
    let wanted = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let (all, updated, available) = (
        number(object, "/status/replicas"),
        number(object, "/status/updatedReplicas"),
        number(object, "/status/availableReplicas"),
    );
    if updated >= wanted && all <= updated && available >= updated {
        Progress::Done(format!("{available} of {wanted} pods are new and available"))
    } else {
        Progress::Waiting(format!("{updated} of {wanted} pods are new, {available} available, {all} in all"))
    }
}

fn stateful_set(object: &Value) -> Progress {
    let wanted = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        return Progress::Done("its pods change when they are deleted (OnDelete)".to_owned());
    }
    let (ready, updated) = (number(object, "/status/readyReplicas"), number(object, "/status/updatedReplicas"));
    let from = number(object, "/spec/updateStrategy/rollingUpdate/partition");
    let same = text(object, "/status/updateRevision") == text(object, "/status/currentRevision");
    if ready >= wanted && number(object, "/status/replicas") <= wanted && (same || updated >= wanted - from) {
        Progress::Done(format!("{ready} of {wanted} pods are ready"))
    } else {
        Progress::Waiting(format!("{updated} of {wanted} pods are new, {ready} ready"))
    }
}

fn daemon_set(object: &Value) -> Progress {
    let wanted = number(object, "/status/desiredNumberScheduled");
    if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        return Progress::Done("its pods change when they are deleted (OnDelete)".to_owned());
    }
    let (updated, available) =
        (number(object, "/status/updatedNumberScheduled"), number(object, "/status/numberAvailable"));
    if updated >= wanted && available >= wanted {
        Progress::Done(format!("{available} of {wanted} pods are new and available"))
    } else {
        Progress::Waiting(format!("{updated} of {wanted} pods are new, {available} available"))
    }
}

fn pod(object: &Value) -> Progress {
    match text(object, "/status/phase") {
        "Succeeded" => Progress::Done("it has ended well".to_owned()),
        "Failed" => Progress::Failed("it has failed".to_owned()),
        _ if condition(object, "Ready").is_some_and(|c| c["status"] == "True") => {
            Progress::Done("it is ready".to_owned())
        }
        _ => Progress::Waiting("it is not ready".to_owned()),
    }
}

/// States of a container that do not pass by themselves.
const STUCK: &[&str] = &[
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "StartError",
];

/// Why a pod will not become ready by itself.
pub fn trouble(pod: &Value) -> Option<String> {
    let name = text(pod, "/metadata/name");
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        return None;
    }
    let statuses = ["/status/initContainerStatuses", "/status/containerStatuses"];
    let mut all = statuses.iter().filter_map(|p| pod.pointer(p)).filter_map(Value::as_array).flatten();
    all.find_map(|status| {
        let container = status["name"].as_str().unwrap_or("");
        let waiting = text(status, "/state/waiting/reason");
        if STUCK.contains(&waiting) {
            let message = text(status, "/state/waiting/message");
            let message = if message.is_empty() { String::new() } else { format!(": {message}") };
            return Some(format!("pod {name}, container {container}: {waiting}{message}"));
        }
        let killed = ["/state/terminated/reason", "/lastState/terminated/reason"];
        killed
            .iter()
            .any(|p| text(status, p) == "OOMKilled")
            .then(|| format!("pod {name}, container {container} was killed for want of memory (OOMKilled)"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rollout_is_done_when_only_new_pods_are_left_and_available() {
        let deployment = |replicas: i64, updated: i64, available: i64, all: i64| {
            json!({"metadata": {"generation": 2}, "spec": {"replicas": replicas},
                "status": {"observedGeneration": 2, "replicas": all, "updatedReplicas": updated, "availableReplicas": available}})
        };
        assert!(matches!(rollout("Deployment", &deployment(2, 2, 2, 2)), Progress::Done(_)));
        assert!(matches!(rollout("Deployment", &deployment(0, 0, 0, 0)), Progress::Done(_)));
        for (replicas, updated, available, all) in [(2, 1, 2, 2), (2, 2, 1, 2), (2, 2, 2, 3)] {
            let object = deployment(replicas, updated, available, all);
            assert!(matches!(rollout("Deployment", &object), Progress::Waiting(_)), "{object}");
        }
        let mut unseen = deployment(2, 2, 2, 2);
        unseen["metadata"]["generation"] = json!(3);
        assert!(matches!(rollout("Deployment", &unseen), Progress::Waiting(_)));
        let mut late = deployment(2, 1, 1, 2);
        late["status"]["conditions"] =
            json!([{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]);
        assert!(matches!(rollout("Deployment", &late), Progress::Failed(_)));
    }

    #[test]
    fn stateful_sets_and_daemon_sets_are_counted_by_their_own_fields() {
        let set = json!({"spec": {"replicas": 2}, "status": {"replicas": 2, "readyReplicas": 2, "updatedReplicas": 1,
            "currentRevision": "a", "updateRevision": "b"}});
        assert!(matches!(rollout("StatefulSet", &set), Progress::Waiting(_)));
        let daemon =
            json!({"status": {"desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberAvailable": 3}});
        assert!(matches!(rollout("DaemonSet", &daemon), Progress::Done(_)));
    }

    #[test]
    fn a_pod_that_cannot_start_is_told_from_one_that_starts() {
        let pod = |reason: &str| json!({"metadata": {"name": "p"}, "status": {"containerStatuses": [{"name": "app", "state": {"waiting": {"reason": reason}}}]}});
        assert!(trouble(&pod("CrashLoopBackOff")).unwrap().contains("pod p, container app: CrashLoopBackOff"));
        assert_eq!(trouble(&pod("ContainerCreating")), None);
        assert_eq!(trouble(&pod("PodInitializing")), None);
        let oom = json!({"metadata": {"name": "p"}, "status": {"containerStatuses": [
            {"name": "app", "state": {"running": {}}, "lastState": {"terminated": {"reason": "OOMKilled"}}}]}});
        assert!(trouble(&oom).unwrap().contains("OOMKilled"));
    }
}
