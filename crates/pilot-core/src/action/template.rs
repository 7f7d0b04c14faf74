//! Objects that a sentence can describe completely.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::Class;

/// A text that may be secret: it can be used, never shown or written down.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the body of a request and for a redactor to learn.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("[REDACTED]")
    }
}

/// A new object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Template {
    /// A namespace.
    Namespace {
        /// Its name.
        name: String,
    },
    /// Settings.
    ConfigMap {
        /// Its name.
        name: String,
        /// Keys and values.
        #[serde(default)]
        data: BTreeMap<String, String>,
    },
    /// Secret settings.
    Secret {
        /// Its name.
        name: String,
        /// Keys and values.
        #[serde(default)]
        data: BTreeMap<String, Hidden>,
    },
    /// An identity for pods.
    ServiceAccount {
        /// Its name.
        name: String,
    },
    /// Permissions in a namespace, and whom they are for.
    Role {
        /// Its name, and the binding's.
        name: String,
        /// `get`, `list`.
        verbs: Vec<String>,
        /// Plurals, with the group after a dot: `pods`, `deployments.apps`.
        resources: Vec<String>,
        /// ServiceAccount of the same namespace that gets it; no binding when absent.
        #[serde(default)]
        service_account: Option<String>,
    },
    /// Who may connect to pods.
    NetworkPolicy {
        /// Its name.
        name: String,
        /// Labels of the pods it is for; all pods when empty.
        #[serde(default)]
        pods: BTreeMap<String, String>,
        /// Labels of the pods that may connect; nobody when empty.
        #[serde(default)]
        from: BTreeMap<String, String>,
        /// The only TCP port; all when absent.
        #[serde(default)]
        port: Option<u16>,
    },
    /// A ceiling for a namespace.
    ResourceQuota {
        /// Its name.
        name: String,
        /// `pods`, `requests.cpu`, … to amounts.
        hard: BTreeMap<String, String>,
    },
    /// A program that keeps running.
    Deployment {
        /// Its name.
        name: String,
        /// Image.
        image: String,
        /// 1 when absent.
        #[serde(default)]
        replicas: Option<u32>,
        /// Port the program listens on.
        #[serde(default)]
        port: Option<u16>,
    },
    /// One pod.
    Pod {
        /// Its name.
        name: String,
        /// Image.
        image: String,
        /// Arguments of the image's program; its own when empty.
        #[serde(default)]
        command: Vec<String>,
    },
    /// A program that ends.
    Job {
        /// Its name.
        name: String,
        /// Image.
        image: String,
        /// What to run.
        #[serde(default)]
        command: Vec<String>,
    },
    /// A program that runs at set times.
    CronJob {
        /// Its name.
        name: String,
        /// Image.
        image: String,
        /// Five fields, as cron has them.
        schedule: String,
        /// What to run.
        #[serde(default)]
        command: Vec<String>,
    },
    /// A volume.
    PersistentVolumeClaim {
        /// Its name.
        name: String,
        /// Such as `5Gi`.
        size: String,
        /// The default class when absent.
        #[serde(default)]
        class: Option<String>,
    },
}

impl Template {
    /// `Namespace`, `ConfigMap`, …
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Namespace { .. } => "Namespace",
            Self::ConfigMap { .. } => "ConfigMap",
            Self::Secret { .. } => "Secret",
            Self::ServiceAccount { .. } => "ServiceAccount",
            Self::Role { .. } => "Role",
            Self::NetworkPolicy { .. } => "NetworkPolicy",
            Self::ResourceQuota { .. } => "ResourceQuota",
            Self::Deployment { .. } => "Deployment",
            Self::Pod { .. } => "Pod",
            Self::Job { .. } => "Job",
            Self::CronJob { .. } => "CronJob",
            Self::PersistentVolumeClaim { .. } => "PersistentVolumeClaim",
        }
    }

    /// Name of the object.
    pub fn name(&self) -> &str {
        match self {
            Self::Namespace { name }
            | Self::ConfigMap { name, .. }
            | Self::Secret { name, .. }
            | Self::ServiceAccount { name }
            | Self::Role { name, .. }
            | Self::NetworkPolicy { name, .. }
            | Self::ResourceQuota { name, .. }
            | Self::Deployment { name, .. }
            | Self::Pod { name, .. }
            | Self::Job { name, .. }
            | Self::CronJob { name, .. }
            | Self::PersistentVolumeClaim { name, .. } => name,
        }
    }

    /// A role grants permissions: that is more than a new object. A new namespace takes nothing away.
    pub fn class(&self) -> Class {
        if matches!(self, Self::Role { .. }) { Class::Destructive } else { Class::Write }
    }

    /// The manifests, in the order in which they are made. Programs run without root and without privileges: an image
    /// that needs more fails visibly.
    pub fn objects(&self, namespace: &str) -> Vec<Value> {
        let name = self.name();
        let meta = json!({"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/name": name}});
        let object = |api: &str, fields: Value| {
            let mut object = json!({"apiVersion": api, "kind": self.kind(), "metadata": meta});
            if let (Some(object), Value::Object(fields)) = (object.as_object_mut(), fields) {
                object.extend(fields);
            }
            object
        };
        match self {
            Self::Namespace { name } => {
                vec![json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})]
            }
            Self::ConfigMap { data, .. } => vec![object("v1", json!({"data": data}))],
            Self::Secret { data, .. } => {
                let data: BTreeMap<&str, &str> = data.iter().map(|(k, v)| (k.as_str(), v.reveal())).collect();
                vec![object("v1", json!({"type": "Opaque", "stringData": data}))]
            }
            Self::ServiceAccount { .. } => vec![object("v1", json!({}))],
            Self::Role { verbs, resources, service_account, .. } => {
                role(&object, name, namespace, verbs, resources, service_account.as_deref())
            }
            Self::NetworkPolicy { pods, from, port, .. } => {
                let peers = if from.is_empty() {
                    json!([])
                } else {
                    let ports = port.map(|port| json!([{"protocol": "TCP", "port": port}]));
                    let mut rule = json!({"from": [{"podSelector": {"matchLabels": from}}]});
                    if let Some(ports) = ports {
                        rule["ports"] = ports;
                    }
                    json!([rule])
                };
                let selector = if pods.is_empty() { json!({}) } else { json!({"matchLabels": pods}) };
                let spec = json!({"podSelector": selector, "policyTypes": ["Ingress"], "ingress": peers});
                vec![object("networking.k8s.io/v1", json!({"spec": spec}))]
            }
            Self::ResourceQuota { hard, .. } => vec![object("v1", json!({"spec": {"hard": hard}}))],
            Self::Deployment { image, replicas, port, .. } => {
                let labels = json!({"app.kubernetes.io/name": name});
                let mut pod = pod(name, image, &[], "Always");
                if let Some(port) = port {
                    pod["containers"][0]["ports"] = json!([{"name": "http", "containerPort": port}]);
                }
                let spec = json!({"replicas": replicas.unwrap_or(1), "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": pod}});
                vec![object("apps/v1", json!({"spec": spec}))]
            }
            Self::Pod { image, command, .. } => {
                vec![object("v1", json!({"spec": pod(name, image, command, "Always")}))]
            }
            Self::Job { image, command, .. } => {
                let spec = json!({"backoffLimit": 2, "ttlSecondsAfterFinished": 86_400,
                    "template": {"spec": pod(name, image, command, "Never")}});
                vec![object("batch/v1", json!({"spec": spec}))]
            }
            Self::CronJob { image, schedule, command, .. } => {
                let job =
                    json!({"spec": {"backoffLimit": 2, "template": {"spec": pod(name, image, command, "Never")}}});
                let spec = json!({"schedule": schedule, "concurrencyPolicy": "Forbid", "jobTemplate": job});
                vec![object("batch/v1", json!({"spec": spec}))]
            }
            Self::PersistentVolumeClaim { size, class, .. } => {
                let mut spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}});
                if let Some(class) = class {
                    spec["storageClassName"] = json!(class);
                }
                vec![object("v1", json!({"spec": spec}))]
            }
        }
    }
}

fn pod(name: &str, image: &str, command: &[String], restart: &str) -> Value {
    let mut container = json!({
        "name": name, "image": image,
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
    });
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    json!({"restartPolicy": restart, "automountServiceAccountToken": false,
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container]})
}

fn role(
    object: &impl Fn(&str, Value) -> Value,
    name: &str,
    namespace: &str,
    verbs: &[String],
    resources: &[String],
    account: Option<&str>,
) -> Vec<Value> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for resource in resources {
        let (plural, group) = resource.split_once('.').unwrap_or((resource, ""));
        groups.entry(group).or_default().push(plural);
    }
    let rules: Vec<Value> = groups
        .into_iter()
        .map(|(group, resources)| json!({"apiGroups": [group], "resources": resources, "verbs": verbs}))
        .collect();
    let mut made = vec![object("rbac.authorization.k8s.io/v1", json!({"rules": rules}))];
    if let Some(account) = account {
        made.push(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
        }));
    }
    made
}
