//! API versions that Kubernetes has deprecated or removed.
//!
//! Taken from the `zz_generated.prerelease-lifecycle.go` files of `k8s.io/api` v0.37.2; versions that
//! are gone from there stand in the Kubernetes deprecation guide.

/// One deprecated API version of some kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifecycle {
    /// `policy/v1beta1`.
    pub api_version: &'static str,
    /// The kinds it applies to.
    pub kinds: &'static [&'static str],
    /// Minor version that deprecates it.
    pub deprecated: u32,
    /// Minor version that no longer serves it.
    pub removed: u32,
    /// What to use instead; empty when there is nothing.
    pub replacement: &'static str,
}

/// What is known about a kind at an API version.
pub fn lifecycle(api_version: &str, kind: &str) -> Option<&'static Lifecycle> {
    TABLE.iter().find(|entry| entry.api_version == api_version && entry.kinds.contains(&kind))
}

const fn entry(
    api_version: &'static str,
    kinds: &'static [&'static str],
    deprecated: u32,
    removed: u32,
    replacement: &'static str,
) -> Lifecycle {
    Lifecycle { api_version, kinds, deprecated, removed, replacement }
}

const TABLE: &[Lifecycle] = &[
    entry(
        "admissionregistration.k8s.io/v1alpha1",
        &["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"],
        35,
        38,
        "",
    ),
    entry(
        "admissionregistration.k8s.io/v1alpha1",
        &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
        29,
        32,
        "",
    ),
    entry(
        "admissionregistration.k8s.io/v1beta1",
        &["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"],
        37,
        40,
        "admissionregistration.k8s.io/v1",
    ),
    entry(
        "admissionregistration.k8s.io/v1beta1",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        16,
        22,
        "admissionregistration.k8s.io/v1",
    ),
    entry(
        "admissionregistration.k8s.io/v1beta1",
        &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
        31,
        34,
        "",
    ),
    entry("apidiscovery.k8s.io/v2beta1", &["APIGroupDiscovery"], 32, 35, ""),
    entry("apiextensions.k8s.io/v1beta1", &["CustomResourceDefinition"], 16, 22, "apiextensions.k8s.io/v1"),
    entry("apiregistration.k8s.io/v1beta1", &["APIService"], 19, 22, "apiregistration.k8s.io/v1"),
    entry("apps/v1beta1", &["ControllerRevision", "Deployment", "StatefulSet"], 8, 16, "apps/v1"),
    entry(
        "apps/v1beta2",
        &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
        9,
        16,
        "apps/v1",
    ),
    entry("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], 22, 25, "autoscaling/v2"),
    entry("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], 23, 26, "autoscaling/v2"),
    entry("batch/v1beta1", &["CronJob"], 21, 25, "batch/v1"),
    entry("batch/v2alpha1", &["CronJob"], 21, 21, "batch/v1"),
    entry("certificates.k8s.io/v1alpha1", &["ClusterTrustBundle"], 34, 37, ""),
    entry("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"], 19, 22, "certificates.k8s.io/v1"),
    entry(
        "certificates.k8s.io/v1beta1",
        &["ClusterTrustBundle", "PodCertificateRequest"],
        37,
        40,
        "certificates.k8s.io/v1",
    ),
    entry("coordination.k8s.io/v1alpha2", &["LeaseCandidate"], 35, 38, ""),
    entry("coordination.k8s.io/v1beta1", &["Lease"], 19, 22, "coordination.k8s.io/v1"),
    entry("coordination.k8s.io/v1beta1", &["LeaseCandidate"], 36, 39, ""),
    entry("discovery.k8s.io/v1beta1", &["EndpointSlice"], 21, 25, "discovery.k8s.io/v1"),
    entry("events.k8s.io/v1beta1", &["Event"], 22, 25, "events.k8s.io/v1"),
    entry("extensions/v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], 8, 16, "apps/v1"),
    entry("extensions/v1beta1", &["Ingress"], 14, 22, "networking.k8s.io/v1"),
    entry("extensions/v1beta1", &["NetworkPolicy"], 9, 16, "networking.k8s.io/v1"),
    entry("extensions/v1beta1", &["PodSecurityPolicy"], 11, 16, ""),
    entry(
        "flowcontrol.apiserver.k8s.io/v1beta1",
        &["FlowSchema", "PriorityLevelConfiguration"],
        23,
        26,
        "flowcontrol.apiserver.k8s.io/v1beta3",
    ),
    entry(
        "flowcontrol.apiserver.k8s.io/v1beta2",
        &["FlowSchema", "PriorityLevelConfiguration"],
        26,
        29,
        "flowcontrol.apiserver.k8s.io/v1beta3",
    ),
    entry(
        "flowcontrol.apiserver.k8s.io/v1beta3",
        &["FlowSchema", "PriorityLevelConfiguration"],
        29,
        32,
        "flowcontrol.apiserver.k8s.io/v1",
    ),
    entry("lifecycle.k8s.io/v1alpha1", &["EvictionRequest"], 40, 43, ""),
    entry("networking.k8s.io/v1beta1", &["IPAddress", "ServiceCIDR"], 34, 37, ""),
    entry("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], 19, 22, "networking.k8s.io/v1"),
    entry("node.k8s.io/v1beta1", &["RuntimeClass"], 22, 25, "node.k8s.io/v1"),
    entry("policy/v1beta1", &["PodDisruptionBudget"], 21, 25, "policy/v1"),
    entry("policy/v1beta1", &["PodSecurityPolicy"], 21, 25, ""),
    entry(
        "rbac.authorization.k8s.io/v1beta1",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        17,
        22,
        "rbac.authorization.k8s.io/v1",
    ),
    entry("resource.k8s.io/v1alpha3", &["DeviceTaintRule"], 36, 39, ""),
    entry("resource.k8s.io/v1alpha3", &["ResourcePoolStatusRequest"], 39, 42, ""),
    entry(
        "resource.k8s.io/v1beta1",
        &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
        35,
        38,
        "",
    ),
    entry(
        "resource.k8s.io/v1beta2",
        &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
        36,
        39,
        "",
    ),
    entry("resource.k8s.io/v1beta2", &["DeviceTaintRule"], 39, 42, ""),
    entry("scheduling.k8s.io/v1beta1", &["PodGroup", "Workload"], 40, 43, ""),
    entry("scheduling.k8s.io/v1beta1", &["PriorityClass"], 14, 22, "scheduling.k8s.io/v1"),
    entry("storage.k8s.io/v1alpha1", &["CSIStorageCapacity"], 21, 24, "storage.k8s.io/v1beta1"),
    entry("storage.k8s.io/v1alpha1", &["VolumeAttachment"], 21, 24, "storage.k8s.io/v1"),
    entry("storage.k8s.io/v1alpha1", &["VolumeAttributesClass"], 32, 35, "storage.k8s.io/v1"),
    entry("storage.k8s.io/v1beta1", &["CSIDriver", "StorageClass", "VolumeAttachment"], 19, 22, "storage.k8s.io/v1"),
    entry("storage.k8s.io/v1beta1", &["CSINode"], 17, 22, "storage.k8s.io/v1"),
    entry("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], 24, 27, "storage.k8s.io/v1"),
    entry("storage.k8s.io/v1beta1", &["VolumeAttributesClass"], 34, 37, "storage.k8s.io/v1"),
    entry("storagemigration.k8s.io/v1beta1", &["StorageVersionMigration"], 37, 40, "storagemigration.k8s.io/v1"),
];
