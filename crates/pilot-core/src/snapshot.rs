//! A snapshot: the objects of a cluster, a chart or a folder at one instant.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::*;

/// Where the objects come from. Outside a live cluster "not there" may only mean "not given".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// A running cluster, now or recorded.
    #[default]
    Live,
    /// Manifests: a folder, a rendered chart, standard input.
    Files,
}

/// What the loader must be told.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Live or files.
    pub origin: Origin,
    /// The namespace of objects that name none.
    pub default_namespace: String,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { origin: Origin::Live, default_namespace: "default".to_owned() }
    }
}

impl LoadOptions {
    /// Manifests into the namespace `default`.
    pub fn files() -> Self {
        Self { origin: Origin::Files, ..Self::default() }
    }
}

/// An object that could not be read. The others of its batch are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}{object}: {field}: {message}", place(.file, *.line))]
pub struct ObjectError {
    /// The file, when there is one.
    pub file: Option<String>,
    /// The line of the field, from 1; 0 when unknown.
    pub line: u32,
    /// Kind and name, as far as they are known.
    pub object: String,
    /// The field that is wrong.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

fn place(file: &Option<String>, line: u32) -> String {
    match (file, line) {
        (None, _) => String::new(),
        (Some(file), 0) => format!("{file}: "),
        (Some(file), line) => format!("{file}:{line}: "),
    }
}

/// Something that could not be read from the cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gap {
    /// The kind, as rules name it: `Secret`.
    pub kind: String,
    /// `list` or `get`.
    pub verb: String,
    /// Empty for the whole cluster.
    pub namespace: String,
    /// HTTP status; 0 when there was no answer.
    pub code: u16,
}

/// Major and minor of a Kubernetes version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KubeVersion {
    /// 1.
    pub major: u32,
    /// 34 of `v1.34.2`.
    pub minor: u32,
}

impl KubeVersion {
    /// The newest release this program's tables know.
    pub const LATEST: Self = Self::new(37);

    /// `1.minor`.
    pub const fn new(minor: u32) -> Self {
        Self { major: 1, minor }
    }

    /// Reads `v1.34.2`, `1.34`, `1.34+`, `v1.33.1-gke.5`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().trim_start_matches('v').split('.');
        let major = parts.next()?.parse().ok()?;
        let minor: String = parts.next()?.chars().take_while(char::is_ascii_digit).collect();
        Some(Self { major, minor: minor.parse().ok()? })
    }
}

impl std::fmt::Display for KubeVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $field:ident: $type:ident = [$($group:literal / $kind:literal),+],)*) => {
        /// Everything pilot knows, by kind; each list is sorted by namespace and name.
        #[derive(Debug, Clone, Default)]
        pub struct Snapshot {
            /// The instant all ages are counted from.
            pub taken_at: Timestamp,
            /// Live or files.
            pub origin: Origin,
            /// Of the API server; `None` for files.
            pub server_version: Option<KubeVersion>,
            /// What could not be listed.
            pub gaps: Vec<Gap>,
            /// Objects that could not be read.
            pub errors: Vec<ObjectError>,
            $($(#[$doc])* pub $field: Vec<$type>,)*
            /// Secrets, without values.
            pub secrets: Vec<Secret>,
            /// Objects of any other kind.
            pub others: Vec<Other>,
        }

        impl Snapshot {
            fn read(&mut self, group: &str, kind: &str, object: Value) -> Result<&mut ObjectMeta, PathError> {
                $($(if group == $group && kind == $kind {
                    return push(&mut self.$field, object);
                })+)*
                if group.is_empty() && kind == "Secret" {
                    return Ok(last(&mut self.secrets, Secret::from_object(object)?));
                }
                push(&mut self.others, object)
            }

            fn sort(&mut self) {
                $(sort(&mut self.$field);)*
                sort(&mut self.secrets);
                sort(&mut self.others);
            }

            /// The metadata of every object, kind by kind.
            pub fn all(&self) -> impl Iterator<Item = &ObjectMeta> {
                std::iter::empty()
                    $(.chain(self.$field.iter().map(Resource::meta)))*
                    .chain(self.secrets.iter().map(Resource::meta))
                    .chain(self.others.iter().map(Resource::meta))
            }
        }
    };
}

type PathError = serde_path_to_error::Error<serde_json::Error>;

kinds! {
    /// Pods.
    pods: Pod = [""/"Pod"],
    /// Deployments.
    deployments: Deployment = ["apps"/"Deployment", "extensions"/"Deployment"],
    /// ReplicaSets.
    replica_sets: ReplicaSet = ["apps"/"ReplicaSet", "extensions"/"ReplicaSet"],
    /// ReplicationControllers.
    replication_controllers: ReplicationController = [""/"ReplicationController"],
    /// StatefulSets.
    stateful_sets: StatefulSet = ["apps"/"StatefulSet"],
    /// DaemonSets.
    daemon_sets: DaemonSet = ["apps"/"DaemonSet", "extensions"/"DaemonSet"],
    /// Jobs.
    jobs: Job = ["batch"/"Job"],
    /// CronJobs.
    cron_jobs: CronJob = ["batch"/"CronJob"],
    /// Services.
    services: Service = [""/"Service"],
    /// Endpoints (the older API).
    endpoints: Endpoints = [""/"Endpoints"],
    /// EndpointSlices.
    endpoint_slices: EndpointSlice = ["discovery.k8s.io"/"EndpointSlice"],
    /// Ingresses.
    ingresses: Ingress = ["networking.k8s.io"/"Ingress", "extensions"/"Ingress"],
    /// IngressClasses.
    ingress_classes: IngressClass = ["networking.k8s.io"/"IngressClass"],
    /// NetworkPolicies.
    network_policies: NetworkPolicy = ["networking.k8s.io"/"NetworkPolicy"],
    /// Gateways.
    gateways: Gateway = ["gateway.networking.k8s.io"/"Gateway"],
    /// GatewayClasses.
    gateway_classes: GatewayClass = ["gateway.networking.k8s.io"/"GatewayClass"],
    /// HTTPRoutes.
    http_routes: HttpRoute = ["gateway.networking.k8s.io"/"HTTPRoute"],
    /// Validating and mutating webhook configurations.
    webhooks: WebhookConfiguration = [
        "admissionregistration.k8s.io"/"ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io"/"MutatingWebhookConfiguration"
    ],
    /// ConfigMaps.
    config_maps: ConfigMap = [""/"ConfigMap"],
    /// ServiceAccounts.
    service_accounts: ServiceAccount = [""/"ServiceAccount"],
    /// PersistentVolumeClaims.
    claims: PersistentVolumeClaim = [""/"PersistentVolumeClaim"],
    /// PersistentVolumes.
    volumes: PersistentVolume = [""/"PersistentVolume"],
    /// StorageClasses.
    storage_classes: StorageClass = ["storage.k8s.io"/"StorageClass"],
    /// Namespaces.
    namespaces: Namespace = [""/"Namespace"],
    /// Nodes.
    nodes: Node = [""/"Node"],
    /// ResourceQuotas.
    quotas: ResourceQuota = [""/"ResourceQuota"],
    /// LimitRanges.
    limit_ranges: LimitRange = [""/"LimitRange"],
    /// PriorityClasses.
    priority_classes: PriorityClass = ["scheduling.k8s.io"/"PriorityClass"],
    /// Events of both APIs.
    events: Event = [""/"Event", "events.k8s.io"/"Event"],
    /// HorizontalPodAutoscalers.
    autoscalers: HorizontalPodAutoscaler = ["autoscaling"/"HorizontalPodAutoscaler"],
    /// PodDisruptionBudgets.
    disruption_budgets: PodDisruptionBudget = ["policy"/"PodDisruptionBudget"],
    /// Roles and ClusterRoles.
    roles: Role = ["rbac.authorization.k8s.io"/"Role", "rbac.authorization.k8s.io"/"ClusterRole"],
    /// RoleBindings and ClusterRoleBindings.
    role_bindings: RoleBinding = [
        "rbac.authorization.k8s.io"/"RoleBinding",
        "rbac.authorization.k8s.io"/"ClusterRoleBinding"
    ],
    /// Usage of pods, one sample.
    pod_metrics: PodMetrics = ["metrics.k8s.io"/"PodMetrics"],
    /// Usage of nodes, one sample.
    node_metrics: NodeMetrics = ["metrics.k8s.io"/"NodeMetrics"],
    /// Log excerpts of a recorded snapshot.
    logs: PodLog = ["pilot"/"PodLog"],
    /// What is not as a release's manifest says.
    drifts: ReleaseDrift = ["pilot"/"ReleaseDrift"],
    /// What health endpoints answered.
    app_answers: AppAnswer = ["pilot"/"AppAnswer"],
    /// Facts of a recorded cluster.
    cluster_info: ClusterInfo = ["pilot"/"ClusterInfo"],
}

fn push<T: DeserializeOwned + Resource>(list: &mut Vec<T>, object: Value) -> Result<&mut ObjectMeta, PathError> {
    Ok(last(list, serde_path_to_error::deserialize(object)?))
}

fn last<T: Resource>(list: &mut Vec<T>, item: T) -> &mut ObjectMeta {
    let index = list.len();
    list.push(item);
    list[index].meta_mut()
}

fn sort<T: Resource>(list: &mut [T]) {
    list.sort_by(|a, b| {
        let key = |meta: &ObjectMeta| (meta.namespace.clone(), meta.name.clone(), meta.kind.clone());
        key(a.meta()).cmp(&key(b.meta()))
    });
}

/// Kinds without a namespace. Objects of unknown kinds keep what they have.
const CLUSTER_SCOPED: [&str; 17] = [
    "Namespace",
    "Node",
    "PersistentVolume",
    "StorageClass",
    "IngressClass",
    "GatewayClass",
    "PriorityClass",
    "ClusterRole",
    "ClusterRoleBinding",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "NodeMetrics",
    "ClusterInfo",
    "CustomResourceDefinition",
    "RuntimeClass",
    "CSIDriver",
    "APIService",
];

impl Snapshot {
    /// Builds a snapshot of a live or recorded cluster. Objects that can't be read end up in
    /// [`Snapshot::errors`]; nothing panics.
    pub fn from_objects(objects: impl Iterator<Item = (Value, Option<Source>)>, taken_at: Timestamp) -> Self {
        Self::load(objects, taken_at, &LoadOptions::default())
    }

    /// Builds a snapshot. Lists (`kind: List`, `PodList`, …) are opened; `null` counts as absent.
    pub fn load(
        objects: impl Iterator<Item = (Value, Option<Source>)>,
        taken_at: Timestamp,
        options: &LoadOptions,
    ) -> Self {
        let mut snapshot = Self { taken_at, origin: options.origin, ..Self::default() };
        for (object, source) in objects {
            snapshot.add(object, source.map(Arc::new), options);
        }
        snapshot.server_version =
            snapshot.cluster_info.first().and_then(|info| KubeVersion::parse(&info.server_version));
        snapshot.sort();
        snapshot
    }

    fn add(&mut self, mut object: Value, source: Option<Arc<Source>>, options: &LoadOptions) {
        if object.is_null() {
            return;
        }
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if !object.is_object() || kind.is_empty() || api_version.is_empty() {
            let field = if kind.is_empty() { "kind" } else { "apiVersion" };
            return self.refuse(&source, "object".to_owned(), field, "is missing: not a Kubernetes object".to_owned());
        }
        if kind.ends_with("List") && object.get("items").is_some_and(Value::is_array) {
            let items = object.get_mut("items").map(Value::take);
            let item_kind = kind.strip_suffix("List").unwrap_or("");
            for mut item in items.into_iter().flat_map(into_array) {
                // Typed lists leave apiVersion and kind out of their items.
                if let Value::Object(fields) = &mut item
                    && !item_kind.is_empty()
                {
                    fields.entry("apiVersion").or_insert_with(|| api_version.clone().into());
                    fields.entry("kind").or_insert_with(|| item_kind.into());
                }
                self.add(item, source.clone(), options);
            }
            return;
        }
        strip_nulls(&mut object);
        let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("").to_owned();
        match self.read(api_group(&api_version), &kind, object) {
            Ok(meta) => {
                meta.annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
                if CLUSTER_SCOPED.contains(&kind.as_str()) {
                    meta.namespace.clear();
                } else if meta.namespace.is_empty() {
                    meta.namespace.clone_from(&options.default_namespace);
                    meta.namespace_assumed = true;
                }
                meta.api_version = api_version;
                meta.kind = kind;
                meta.source = source;
            }
            Err(error) => {
                let field = error.path().to_string();
                let message = without_value(&error.into_inner().to_string());
                self.refuse(&source, format!("{kind}/{name}"), &field, message);
            }
        }
    }

    fn refuse(&mut self, source: &Option<Arc<Source>>, object: String, field: &str, message: String) {
        self.errors.push(ObjectError {
            file: source.as_ref().map(|source| source.file.clone()),
            line: source.as_ref().map_or(0, |source| source.line_of(field)),
            object,
            field: field.to_owned(),
            message,
        });
    }
}

fn into_array(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

/// Removes keys whose value is `null`: to the API server they are absent.
fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(strip_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_nulls),
        _ => {}
    }
}

/// Rewrites serde's "invalid type: string "x", expected y" so that the value, which may be a secret,
/// is not repeated.
fn without_value(message: &str) -> String {
    let Some(rest) = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: ")) else {
        return message.to_owned();
    };
    match rest.rfind(", expected ") {
        Some(cut) => {
            let found: String = rest.chars().take_while(|c| c.is_alphabetic() || *c == ' ').collect();
            format!("{}, found {}", &rest[cut + 2..], found.trim())
        }
        None => "has the wrong type".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn load(objects: Vec<Value>) -> Snapshot {
        Snapshot::from_objects(objects.into_iter().map(|object| (object, None)), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn lists_are_opened_and_typed_items_get_their_kind() {
        let pod = json!({"metadata": {"name": "b", "namespace": "n"}, "spec": {"containers": null}});
        let snapshot = load(vec![
            json!({"apiVersion": "v1", "kind": "PodList", "items": [pod]}),
            json!({"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a", "namespace": "x"}}]}),
        ]);
        assert_eq!(snapshot.pods[0].metadata.kind, "Pod");
        assert_eq!(snapshot.nodes[0].metadata.namespace, "");
        assert!(snapshot.errors.is_empty(), "{:?}", snapshot.errors);
    }

    #[test]
    fn the_group_decides_not_the_kind_alone() {
        let snapshot = load(vec![
            json!({"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": 7}}),
        ]);
        assert!(snapshot.services.is_empty());
        assert_eq!(snapshot.others.len(), 1);
    }

    #[test]
    fn a_bad_object_is_named_with_file_line_and_field_and_the_rest_is_kept() {
        let source = Source {
            file: "a.yaml".to_owned(),
            line: 3,
            field_lines: [("spec.containers[0].env[0].value".to_owned(), 9)].into(),
        };
        let bad = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "env": [{"name": "A", "value": 48151623}]}]}});
        let good = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "q"}});
        let objects = vec![(bad, Some(source)), (good, None), (json!([1]), None), (json!({"kind": "Pod"}), None)];
        let snapshot = Snapshot::from_objects(objects.into_iter(), Timestamp::UNIX_EPOCH);
        assert_eq!(snapshot.pods.len(), 1);
        assert_eq!(snapshot.errors.len(), 3);
        let text = snapshot.errors[0].to_string();
        assert_eq!(text, "a.yaml:9: Pod/p: spec.containers[0].env[0].value: expected a string, found integer");
    }

    #[test]
    fn secret_values_do_not_survive_reading() {
        let snapshot = load(vec![json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"data\":{\"a\":\"aHVudGVyMg==\"}}"}},
            "data": {"a": "aHVudGVyMg==", "b": "Y2hhbmdlbWU=", "c": "%%%", "d": ""},
            "stringData": {"e": "hunter2"},
        })]);
        let secret = &snapshot.secrets[0];
        assert_eq!(secret.keys["a"], SecretKey { size: 7, placeholder: false, malformed: false });
        assert!(secret.keys["b"].placeholder && secret.keys["d"].placeholder);
        assert!(secret.keys["c"].malformed);
        let everything = format!("{snapshot:?}");
        assert!(!everything.contains("hunter2") && !everything.contains("aHVudGVyMg"));
    }

    #[test]
    fn versions_are_read_in_every_vendor_spelling() {
        for (text, minor) in [("v1.34.2", 34), ("1.34", 34), ("v1.33.1-gke.5", 33), ("1.30+", 30)] {
            assert_eq!(KubeVersion::parse(text), Some(KubeVersion::new(minor)));
        }
        assert_eq!(KubeVersion::parse("latest"), None);
    }
}
