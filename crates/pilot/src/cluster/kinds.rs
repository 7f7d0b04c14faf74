//! The kinds that pilot reads, and where the API serves them.

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// `v1`, `apps/v1`.
    pub api_version: &'static str,
    /// `Deployment`.
    pub kind: &'static str,
    /// `deployments`.
    pub plural: &'static str,
    /// `deploy`; empty when there is none.
    pub short: &'static str,
    /// Lives in namespaces.
    pub namespaced: bool,
}

const fn kind(
    api_version: &'static str,
    kind: &'static str,
    plural: &'static str,
    short: &'static str,
    namespaced: bool,
) -> Kind {
    Kind { api_version, kind, plural, short, namespaced }
}

/// All of them, in the order they are listed.
pub const KINDS: &[Kind] = &[
    kind("v1", "Namespace", "namespaces", "ns", false),
    kind("v1", "Node", "nodes", "no", false),
    kind("v1", "Pod", "pods", "po", true),
    kind("apps/v1", "Deployment", "deployments", "deploy", true),
    kind("apps/v1", "ReplicaSet", "replicasets", "rs", true),
    kind("apps/v1", "StatefulSet", "statefulsets", "sts", true),
    kind("apps/v1", "DaemonSet", "daemonsets", "ds", true),
    kind("v1", "ReplicationController", "replicationcontrollers", "rc", true),
    kind("batch/v1", "Job", "jobs", "", true),
    kind("batch/v1", "CronJob", "cronjobs", "cj", true),
    kind("v1", "Service", "services", "svc", true),
    kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", "", true),
    kind("networking.k8s.io/v1", "Ingress", "ingresses", "ing", true),
    kind("networking.k8s.io/v1", "IngressClass", "ingressclasses", "", false),
    kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", "netpol", true),
    kind("gateway.networking.k8s.io/v1", "Gateway", "gateways", "gtw", true),
    kind("gateway.networking.k8s.io/v1", "GatewayClass", "gatewayclasses", "gc", false),
    kind("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", "", true),
    kind(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        "",
        false,
    ),
    kind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "", false),
    kind("v1", "ConfigMap", "configmaps", "cm", true),
    kind("v1", "Secret", "secrets", "", true),
    kind("v1", "ServiceAccount", "serviceaccounts", "sa", true),
    kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", true),
    kind("v1", "PersistentVolume", "persistentvolumes", "pv", false),
    kind("storage.k8s.io/v1", "StorageClass", "storageclasses", "sc", false),
    kind("v1", "ResourceQuota", "resourcequotas", "quota", true),
    kind("v1", "LimitRange", "limitranges", "limits", true),
    kind("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", "pc", false),
    kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", true),
    kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", true),
    kind("rbac.authorization.k8s.io/v1", "Role", "roles", "", true),
    kind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", "", false),
    kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", "", true),
    kind("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", "", false),
    kind("v1", "Event", "events", "ev", true),
    kind("metrics.k8s.io/v1beta1", "PodMetrics", "pods", "", true),
    kind("metrics.k8s.io/v1beta1", "NodeMetrics", "nodes", "", false),
];

/// The kind that a person means: `deploy`, `deployments`, `Deployment`.
pub fn find(word: &str) -> Option<&'static Kind> {
    let word = word.to_ascii_lowercase();
    KINDS
        .iter()
        .filter(|k| !k.api_version.starts_with("metrics"))
        .find(|k| k.kind.to_ascii_lowercase() == word || k.plural == word || (!k.short.is_empty() && k.short == word))
}

impl Kind {
    /// Path of the list: in a namespace, or everywhere.
    pub fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.api_version.contains('/') { "apis" } else { "api" };
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => {
                format!("/{root}/{}/namespaces/{}/{}", self.api_version, segment(namespace), self.plural)
            }
            None => format!("/{root}/{}/{}", self.api_version, self.plural),
        }
    }

    /// Path of one object.
    pub fn object_path(&self, namespace: &str, name: &str) -> String {
        format!("{}/{}", self.path(Some(namespace).filter(|n| !n.is_empty())), segment(name))
    }

    /// Served by an add-on that many clusters lack.
    pub fn is_optional(&self) -> bool {
        self.api_version.starts_with("gateway.") || self.api_version.starts_with("metrics.")
    }
}

/// One path segment, percent-encoded: a name can never lead to another path.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' if text != "." && text != ".." => {
                out.push(char::from(byte))
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_go_by_all_their_names() {
        for word in ["deploy", "Deployments", "deployment"] {
            assert_eq!(find(word).map(|k| k.plural), Some("deployments"));
        }
        assert_eq!(find("pods").map(|k| k.api_version), Some("v1"));
        assert_eq!(find(""), None);
        assert_eq!(find("nonsense"), None);
    }

    #[test]
    fn a_name_cannot_leave_its_path() {
        let pods = find("pod").unwrap();
        assert_eq!(pods.object_path("a", "../../secrets"), "/api/v1/namespaces/a/pods/..%2F..%2Fsecrets");
        assert_eq!(pods.object_path("a", ".."), "/api/v1/namespaces/a/pods/%2E%2E");
        assert_eq!(find("ds").unwrap().path(None), "/apis/apps/v1/daemonsets");
    }
}
