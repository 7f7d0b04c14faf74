//! A Kubernetes API server that keeps what it is told: resource versions, generations, dry runs, strict fields, merge and
//! strategic patches, server-side apply with its conflicts, preconditions; with controllers and a kubelet that follow a
//! script.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pilot_core::patch;
use serde_json::{Value, json};

use super::kubelet;
use super::server::{Request, Server, refusal};

/// What the machines know, that no object says.
#[derive(Clone)]
pub struct Script {
    /// Images that can be pulled.
    pub images: Vec<&'static str>,
    /// Images whose program ends at once.
    pub crashing: Vec<&'static str>,
    /// Memory that the program needs, in MiB.
    pub needs_mib: u64,
    /// Paths that the program answers.
    pub paths: Vec<&'static str>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            images: vec![
                "registry.example/backend:1.4.0",
                "registry.example/backend:1.5.0",
                "registry.example/frontend:1.4.0",
            ],
            crashing: vec!["registry.example/backend:1.5.0"],
            needs_mib: 100,
            paths: vec!["/health/ready"],
        }
    }
}

/// Objects by path.
pub struct State {
    objects: BTreeMap<String, Value>,
    logs: BTreeMap<String, String>,
    version: u64,
    /// What the machines know.
    pub script: Script,
}

/// The server and its state.
pub struct Api {
    /// The server.
    pub server: Server,
    state: Arc<Mutex<State>>,
}

impl Api {
    /// Serves these objects.
    pub fn start(objects: Vec<Value>, script: Script) -> Self {
        let mut state = State { objects: BTreeMap::new(), logs: BTreeMap::new(), version: 100, script };
        for object in objects {
            state.seed(object);
        }
        state.endpoints();
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        let server = Server::with(move |request| shared.lock().unwrap().handle(request));
        Self { server, state }
    }

    /// One more object, or a log.
    pub fn add(&self, object: Value) {
        self.state.lock().unwrap().seed(object);
    }

    /// Where everything is.
    pub fn paths(&self) -> Vec<String> {
        self.state.lock().unwrap().objects.keys().cloned().collect()
    }

    /// An object as it is stored.
    pub fn get(&self, path: &str) -> Value {
        self.state.lock().unwrap().objects.get(path).cloned().unwrap_or_default()
    }

    /// Somebody else changes an object.
    pub fn meddle(&self, path: &str, patch: &Value) {
        let mut state = self.state.lock().unwrap();
        let mut object = state.objects[path].clone();
        patch::merge(&mut object, patch);
        state.store(path, object);
    }
}

/// Plural of a kind, and whether it lives in namespaces.
fn plural(kind: &str) -> (String, bool) {
    let lower = kind.to_ascii_lowercase();
    let plural = match kind {
        "Ingress" | "StorageClass" | "IngressClass" => format!("{lower}es"),
        "NetworkPolicy" => "networkpolicies".to_owned(),
        _ => format!("{lower}s"),
    };
    (
        plural,
        !matches!(
            kind,
            "Namespace" | "Node" | "StorageClass" | "PersistentVolume" | "ClusterRole" | "ClusterRoleBinding"
        ),
    )
}

impl State {
    fn seed(&mut self, mut object: Value) {
        let (kind, api) =
            (object["kind"].as_str().unwrap().to_owned(), object["apiVersion"].as_str().unwrap().to_owned());
        if api == "pilot/v1" {
            let lines = object["lines"].as_array().cloned().unwrap_or_default();
            let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
            let (namespace, name) = (object["metadata"]["namespace"].as_str(), object["metadata"]["name"].as_str());
            let path = format!("/api/v1/namespaces/{}/pods/{}/log", namespace.unwrap_or(""), name.unwrap());
            self.logs.insert(path, lines.join("\n") + "\n");
            return;
        }
        let (plural, namespaced) = plural(&kind);
        let root = if api.contains('/') { "apis" } else { "api" };
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default").to_owned();
        let path = if namespaced {
            format!("/{root}/{api}/namespaces/{namespace}/{plural}/{name}")
        } else {
            format!("/{root}/{api}/{plural}/{name}")
        };
        // A recorded Secret has the names of its keys; here they have values again.
        for key in object["pilot"]["keys"].as_object().cloned().unwrap_or_default().keys() {
            object["data"][key] = json!("c29tZSB2YWx1ZSB0aGF0IGlzIGxvbmcgZW5vdWdo");
        }
        self.version += 1;
        object["metadata"]["uid"] = json!(format!("uid-{}", self.version));
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        object["metadata"]["generation"] = json!(1);
        if kind == "Deployment" {
            object["status"]["observedGeneration"] = json!(1);
        }
        self.objects.insert(path, object);
    }

    fn store(&mut self, path: &str, mut object: Value) -> Value {
        self.version += 1;
        let old = self.objects.get(path);
        let generation = old.map_or(0, |o| o["metadata"]["generation"].as_i64().unwrap_or(1));
        let changed = old.is_none_or(|old| old["spec"] != object["spec"]);
        object["metadata"]["generation"] = json!(generation + i64::from(changed));
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        if object["metadata"]["uid"].is_null() {
            object["metadata"]["uid"] = json!(format!("uid-{}", self.version));
        }
        self.objects.insert(path.to_owned(), object.clone());
        object
    }

    fn handle(&mut self, request: &Request) -> (u16, String) {
        let path = request.path().to_owned();
        // As the real server: a deletion with a body has its options there, and its query is not looked at.
        let dry = match request.method.as_str() {
            "DELETE" if !request.body.is_empty() => {
                serde_json::from_slice::<Value>(&request.body).is_ok_and(|body| body["dryRun"] == json!(["All"]))
            }
            _ => request.target.contains("dryRun=All"),
        };
        if request.method == "GET" {
            return self.read(&path, &request.target);
        }
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else { return refusal(400, "not JSON") };
        let result = match request.method.as_str() {
            "POST" if path.ends_with("/eviction") => self.evict(path.trim_end_matches("/eviction"), dry),
            "POST" => self.create(&path, body, dry),
            "PATCH" => self.patch(&path, body, &request.content_type, dry),
            "DELETE" => self.delete(&path, &body, dry),
            _ => Err(refusal(405, "no such method")),
        };
        match result {
            Ok(object) => {
                if !dry {
                    self.follow();
                }
                (200, object.to_string())
            }
            Err(refused) => refused,
        }
    }

    fn read(&self, path: &str, target: &str) -> (u16, String) {
        if path == "/version" {
            return (200, json!({"gitVersion": "v1.34.1"}).to_string());
        }
        if let Some(object) = self.objects.get(path) {
            return (200, object.to_string());
        }
        if let Some(log) = self.logs.get(path).filter(|_| self.objects.contains_key(path.trim_end_matches("/log"))) {
            return (200, log.clone());
        }
        let last = path.rsplit('/').next().unwrap_or("");
        let segments = path.split('/').count();
        let is_list =
            last.ends_with('s') && !path.contains("metrics.k8s.io") && !path.contains("gateway.") && segments <= 7;
        let named = segments == 6 && path.starts_with("/api/v1/namespaces/") && path.ends_with(|c: char| c != 's');
        if !is_list || named {
            return refusal(404, "not found");
        }
        let selector = target.split("labelSelector=").nth(1).map(|s| s.split('&').next().unwrap_or(""));
        let selector =
            selector.map(|s| s.replace("%3D", "=").replace("%2C", ",").replace("%2F", "/")).unwrap_or_default();
        let fits = |object: &Value| {
            selector.split(',').filter(|s| !s.is_empty()).all(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                object["metadata"]["labels"][key] == value
            })
        };
        // `/api/v1/pods` lists all namespaces, `/api/v1/namespaces/x/pods` one.
        let root = &path[..path.len() - last.len() - 1];
        let items: Vec<&Value> = self
            .objects
            .iter()
            .filter(|(at, _)| {
                let mut parts = at.rsplitn(3, '/');
                let (_, plural, parent) = (parts.next(), parts.next(), parts.next().unwrap_or(""));
                let all =
                    parent.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with("/namespaces/"));
                plural == Some(last) && all
            })
            .map(|(_, object)| object)
            .filter(|object| fits(object))
            .collect();
        (200, json!({"kind": "List", "metadata": {}, "items": items}).to_string())
    }

    fn create(&mut self, path: &str, mut body: Value, dry: bool) -> Result<Value, (u16, String)> {
        strict(&body)?;
        let at = format!("{path}/{}", body["metadata"]["name"].as_str().unwrap_or(""));
        if self.objects.contains_key(&at) {
            return Err(refusal(409, "already exists"));
        }
        if let Some(namespace) = path.split("/namespaces/").nth(1).and_then(|rest| rest.split('/').next())
            && !self.objects.contains_key(&format!("/api/v1/namespaces/{namespace}"))
        {
            return Err(refusal(404, &format!("namespaces {namespace:?} not found")));
        }
        body["metadata"]["creationTimestamp"] = json!("2026-01-15T12:00:00Z");
        Ok(if dry { body } else { self.store(&at, body) })
    }

    fn patch(&mut self, path: &str, mut body: Value, content: &str, dry: bool) -> Result<Value, (u16, String)> {
        strict(&body)?;
        let known = self.objects.get(path).cloned();
        let wanted = body["metadata"].as_object_mut().and_then(|m| m.remove("resourceVersion"));
        if let (Some(wanted), Some(known)) = (&wanted, &known)
            && *wanted != known["metadata"]["resourceVersion"]
        {
            return Err(refusal(409, "the object has been modified; please apply your changes to the latest version"));
        }
        let mut object = match known {
            Some(known) => known,
            None if content.contains("apply") => json!({}),
            None => return Err(refusal(404, "not found")),
        };
        match content {
            "application/strategic-merge-patch+json" => patch::strategic(&mut object, &body),
            "application/merge-patch+json" => patch::merge(&mut object, &body),
            "application/apply-patch+yaml" => {
                conflicts(&object, &body)?;
                patch::strategic(&mut object, &body);
            }
            other => return Err(refusal(415, other)),
        }
        Ok(if dry { object } else { self.store(path, object) })
    }

    fn delete(&mut self, path: &str, body: &Value, dry: bool) -> Result<Value, (u16, String)> {
        let Some(known) = self.objects.get(path).cloned() else { return Err(refusal(404, "not found")) };
        let wanted = &body["preconditions"]["resourceVersion"];
        if !wanted.is_null() && *wanted != known["metadata"]["resourceVersion"] {
            return Err(refusal(409, "precondition failed"));
        }
        if !dry {
            self.objects.remove(path);
            let below = format!("{path}/");
            self.objects.retain(|at, _| !at.starts_with(&below));
        }
        Ok(json!({"kind": "Status", "status": "Success"}))
    }

    fn evict(&mut self, path: &str, dry: bool) -> Result<Value, (u16, String)> {
        if !self.objects.contains_key(path) {
            return Err(refusal(404, "not found"));
        }
        if !dry {
            self.objects.remove(path);
        }
        Ok(json!({"kind": "Status", "status": "Success"}))
    }

    /// Controllers and kubelet bring the world up to date.
    fn follow(&mut self) {
        let deployments: Vec<String> = self.objects.keys().filter(|p| p.contains("/deployments/")).cloned().collect();
        for path in deployments {
            self.deployment(&path);
        }
        self.endpoints();
    }

    fn of(&self, plural: &str, namespace: &Value) -> Vec<(String, Value)> {
        let is = |path: &str| path.rsplit('/').nth(1) == Some(plural);
        let all = self.objects.iter().filter(|(path, o)| is(path) && o["metadata"]["namespace"] == *namespace);
        all.map(|(path, object)| (path.clone(), object.clone())).collect()
    }

    fn deployment(&mut self, path: &str) {
        let mut deployment = self.objects[path].clone();
        let generation = deployment["metadata"]["generation"].clone();
        if deployment["status"]["observedGeneration"] == generation {
            return;
        }
        let (name, namespace) = (deployment["metadata"]["name"].clone(), deployment["metadata"]["namespace"].clone());
        let name = name.as_str().unwrap();
        let owned = |object: &Value| object["metadata"]["ownerReferences"][0]["name"] == name;
        let mut sets: Vec<(String, Value)> =
            self.of("replicasets", &namespace).into_iter().filter(|(_, s)| owned(s)).collect();
        let same = |set: &Value| kubelet::without_hash(&set["spec"]["template"]) == deployment["spec"]["template"];
        let revision = |set: &Value| {
            set["metadata"]["annotations"]["deployment.kubernetes.io/revision"]
                .as_str()
                .unwrap_or("0")
                .parse::<i64>()
                .unwrap()
        };
        let newest = sets.iter().map(|(_, s)| revision(s)).max().unwrap_or(0);
        let wanted = deployment["spec"]["replicas"].as_i64().unwrap_or(1);
        let at = sets.iter().position(|(_, set)| same(set));
        let (set_path, mut set) = match at {
            Some(at) => sets.remove(at),
            None => kubelet::replica_set(&deployment, self.version),
        };
        if revision(&set) < newest || at.is_none() {
            set["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!((newest + 1).to_string());
        }
        let images: Vec<String> = deployment["spec"]["template"]["spec"]["containers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["image"].to_string())
            .collect();
        let trouble = kubelet::trouble(&self.script, &deployment["spec"]["template"], &self.objects, &namespace);
        let ready = if trouble.is_none() { wanted } else { 0 };
        // Old pods stay until the new ones are ready.
        let pods: Vec<(String, Value)> = self.of("pods", &namespace);
        let mut kept = 0;
        for (pod_path, pod) in pods {
            let by = pod["metadata"]["ownerReferences"][0]["name"].as_str().unwrap_or("").to_owned();
            let old = sets.iter().any(|(_, s)| s["metadata"]["name"] == by.as_str());
            let is_ready = pod["status"]["conditions"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|c| c["type"] == "Ready" && c["status"] == "True");
            if (old && (ready == wanted || !is_ready)) || set["metadata"]["name"] == by.as_str() {
                self.objects.remove(&pod_path);
            } else if old {
                kept += 1;
            }
        }
        for (path, mut old) in sets {
            let stays = if ready == wanted { 0 } else { old["status"]["readyReplicas"].as_i64().unwrap_or(0) };
            old["spec"]["replicas"] = json!(stays);
            old["status"] = json!({"replicas": stays, "readyReplicas": stays});
            self.store(&path, old);
        }
        set["spec"]["replicas"] = json!(wanted);
        set["status"] = json!({"replicas": wanted, "readyReplicas": ready});
        for number in 0..wanted {
            self.version += 1;
            let (path, pod) = kubelet::pod(&set, number, self.version, trouble.as_ref());
            self.store(&path, pod);
        }
        self.store(&set_path, set);
        assert!(!images.is_empty(), "a deployment without containers");
        deployment["status"] = json!({"observedGeneration": generation, "replicas": wanted + kept, "updatedReplicas": wanted,
            "readyReplicas": ready + kept, "availableReplicas": ready + kept, "unavailableReplicas": wanted - ready});
        self.version += 1;
        deployment["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.objects.insert(path.to_owned(), deployment);
        // What was said about pods that are gone is said no more.
        let objects = &self.objects;
        let gone: Vec<String> = objects
            .iter()
            .filter(|(path, o)| {
                let about = &o["involvedObject"];
                let pod = format!(
                    "/api/v1/namespaces/{}/pods/{}",
                    namespace.as_str().unwrap(),
                    about["name"].as_str().unwrap_or("")
                );
                path.contains("/events/") && about["kind"] == "Pod" && !objects.contains_key(&pod)
            })
            .map(|(path, _)| path.clone())
            .collect();
        gone.iter().for_each(|path| {
            self.objects.remove(path);
        });
    }

    /// One EndpointSlice per Service, from the pods it selects.
    fn endpoints(&mut self) {
        let services: Vec<Value> = self
            .objects
            .iter()
            .filter(|(p, _)| p.rsplit('/').nth(1) == Some("services"))
            .map(|(_, o)| o.clone())
            .collect();
        for service in services {
            let namespace = service["metadata"]["namespace"].clone();
            let name = service["metadata"]["name"].as_str().unwrap().to_owned();
            let pods = self.of("pods", &namespace);
            let slice = kubelet::endpoint_slice(&service, &pods);
            let path =
                format!("/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices/{name}-1", namespace.as_str().unwrap());
            self.objects.insert(path, slice);
        }
    }
}

/// Unknown fields are refused, as `fieldValidation=Strict` does.
fn strict(body: &Value) -> Result<(), (u16, String)> {
    let known = [
        "replicas",
        "selector",
        "template",
        "strategy",
        "paused",
        "minReadySeconds",
        "progressDeadlineSeconds",
        "revisionHistoryLimit",
        "ports",
        "type",
        "clusterIP",
        "podSelector",
        "policyTypes",
        "ingress",
        "egress",
        "unschedulable",
        "scaleTargetRef",
        "minReplicas",
        "maxReplicas",
        "metrics",
        "suspend",
        "schedule",
        "jobTemplate",
        "containers",
        "hard",
        "resources",
        "accessModes",
        "storageClassName",
    ];
    let unknown = body["spec"].as_object().into_iter().flatten().find(|(key, _)| !known.contains(&key.as_str()));
    match unknown {
        Some((key, _)) => Err(refusal(400, &format!("strict decoding error: unknown field \"spec.{key}\""))),
        None => Ok(()),
    }
}

/// Server-side apply does not take fields from another manager.
fn conflicts(object: &Value, body: &Value) -> Result<(), (u16, String)> {
    let others = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
    for entry in others.iter().filter(|e| e["manager"] != "pilot") {
        let owned = entry["fieldsV1"]["f:spec"].as_object().cloned().unwrap_or_default();
        for key in owned.keys().filter_map(|k| k.strip_prefix("f:")) {
            let new = &body["spec"][key];
            if !new.is_null() && *new != object["spec"][key] {
                let manager = entry["manager"].as_str().unwrap_or("");
                return Err(refusal(
                    409,
                    &format!("Apply failed with 1 conflict: conflict with {manager:?}: .spec.{key}"),
                ));
            }
        }
    }
    Ok(())
}
