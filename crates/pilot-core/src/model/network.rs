//! Services and their endpoints, Ingress, Gateway API, network policies.

use std::collections::BTreeMap;

use super::meta::resources;
use super::{Condition, IntOrString, LabelSelector, Labels, ObjectMeta, read};

read! {
    struct Service { metadata: ObjectMeta, spec: ServiceSpec, status: ServiceStatus, }

    struct ServiceSpec {
        #[serde(rename = "type")]
        type_: String,
        selector: Labels,
        ports: Vec<ServicePort>,
        #[serde(rename = "clusterIP")]
        cluster_ip: String,
        #[serde(rename = "externalIPs")]
        external_ips: Vec<String>,
        external_name: String,
        external_traffic_policy: String,
        load_balancer_class: String,
        publish_not_ready_addresses: bool,
    }

    struct ServicePort {
        name: String,
        port: i64,
        target_port: Option<IntOrString>,
        node_port: Option<i64>,
        protocol: Option<String>,
    }

    struct ServiceStatus { load_balancer: LoadBalancerStatus, }

    struct LoadBalancerStatus { ingress: Vec<LoadBalancerIngress>, }

    struct LoadBalancerIngress { ip: String, hostname: String, }

    struct Endpoints { metadata: ObjectMeta, subsets: Vec<EndpointSubset>, }

    struct EndpointSubset {
        addresses: Vec<EndpointAddress>,
        not_ready_addresses: Vec<EndpointAddress>,
    }

    struct EndpointAddress { ip: String, target_ref: Option<TargetRef>, }

    struct TargetRef { kind: String, namespace: String, name: String, api_version: String, }

    struct EndpointSlice { metadata: ObjectMeta, endpoints: Vec<Endpoint>, }

    struct Endpoint {
        addresses: Vec<String>,
        conditions: EndpointConditions,
        target_ref: Option<TargetRef>,
    }

    struct EndpointConditions {
        ready: Option<bool>,
        serving: Option<bool>,
        terminating: Option<bool>,
    }

    struct Ingress { metadata: ObjectMeta, spec: IngressSpec, status: ServiceStatus, }

    struct IngressSpec {
        ingress_class_name: Option<String>,
        default_backend: Option<IngressBackend>,
        rules: Vec<IngressRule>,
        tls: Vec<IngressTls>,
    }

    struct IngressRule { host: String, http: Option<HttpIngressRule>, }

    struct HttpIngressRule { paths: Vec<HttpIngressPath>, }

    struct HttpIngressPath { path: String, path_type: String, backend: IngressBackend, }

    struct IngressBackend {
        service: Option<IngressServiceBackend>,
        resource: Option<TargetRef>,
    }

    struct IngressServiceBackend { name: String, port: ServiceBackendPort, }

    struct ServiceBackendPort { name: String, number: Option<i64>, }

    struct IngressTls { hosts: Vec<String>, secret_name: String, }

    struct IngressClass { metadata: ObjectMeta, spec: IngressClassSpec, }

    struct IngressClassSpec { controller: String, }

    struct NetworkPolicy { metadata: ObjectMeta, spec: NetworkPolicySpec, }

    struct NetworkPolicySpec {
        pod_selector: LabelSelector,
        policy_types: Vec<String>,
        ingress: Vec<NetworkPolicyIngressRule>,
        egress: Vec<NetworkPolicyEgressRule>,
    }

    struct NetworkPolicyIngressRule { from: Vec<NetworkPolicyPeer>, ports: Vec<NetworkPolicyPort>, }

    struct NetworkPolicyEgressRule { to: Vec<NetworkPolicyPeer>, ports: Vec<NetworkPolicyPort>, }

    struct NetworkPolicyPeer {
        pod_selector: Option<LabelSelector>,
        namespace_selector: Option<LabelSelector>,
        ip_block: Option<IpBlock>,
    }

    struct IpBlock { cidr: String, except: Vec<String>, }

    struct NetworkPolicyPort {
        port: Option<IntOrString>,
        end_port: Option<i64>,
        protocol: Option<String>,
    }

    struct Gateway { metadata: ObjectMeta, spec: GatewaySpec, status: GatewayStatus, }

    struct GatewaySpec { gateway_class_name: String, listeners: Vec<Listener>, }

    struct Listener {
        name: String,
        port: i64,
        protocol: String,
        hostname: Option<String>,
        allowed_routes: Option<AllowedRoutes>,
    }

    struct AllowedRoutes { namespaces: RouteNamespaces, }

    struct RouteNamespaces { from: Option<String>, selector: Option<LabelSelector>, }

    struct GatewayStatus { conditions: Vec<Condition>, }

    struct GatewayClass { metadata: ObjectMeta, spec: GatewayClassSpec, status: GatewayStatus, }

    struct GatewayClassSpec { controller_name: String, }

    struct HttpRoute { metadata: ObjectMeta, spec: HttpRouteSpec, status: RouteStatus, }

    struct HttpRouteSpec {
        parent_refs: Vec<ParentRef>,
        hostnames: Vec<String>,
        rules: Vec<HttpRouteRule>,
    }

    struct ParentRef {
        group: Option<String>,
        kind: Option<String>,
        namespace: Option<String>,
        name: String,
        section_name: Option<String>,
        port: Option<i64>,
    }

    struct HttpRouteRule { backend_refs: Vec<BackendRef>, }

    struct BackendRef {
        group: Option<String>,
        kind: Option<String>,
        namespace: Option<String>,
        name: String,
        port: Option<i64>,
    }

    struct RouteStatus { parents: Vec<RouteParentStatus>, }

    struct RouteParentStatus { parent_ref: ParentRef, conditions: Vec<Condition>, }

    struct WebhookConfiguration { metadata: ObjectMeta, webhooks: Vec<Webhook>, }

    struct Webhook {
        name: String,
        failure_policy: Option<String>,
        client_config: WebhookClient,
    }

    struct WebhookClient { service: Option<WebhookService>, url: Option<String>, }

    struct WebhookService { namespace: String, name: String, port: Option<i64>, path: String, }
}

/// Annotations of an object, by key.
pub type Annotations = BTreeMap<String, String>;

impl ServicePort {
    /// The protocol in force (`TCP` when unset).
    pub fn protocol(&self) -> &str {
        self.protocol.as_deref().unwrap_or("TCP")
    }

    /// The port of the pod (`port` when `targetPort` is unset).
    pub fn target(&self) -> IntOrString {
        self.target_port.clone().unwrap_or(IntOrString::Int(self.port))
    }
}

impl Service {
    /// The type in force (`ClusterIP` when unset).
    pub fn type_(&self) -> &str {
        if self.spec.type_.is_empty() { "ClusterIP" } else { &self.spec.type_ }
    }

    /// `clusterIP: None`.
    pub fn is_headless(&self) -> bool {
        self.spec.cluster_ip == "None"
    }
}

impl NetworkPolicy {
    /// Whether the policy isolates in this direction (`Ingress` or `Egress`), defaults applied.
    pub fn isolates(&self, direction: &str) -> bool {
        if self.spec.policy_types.is_empty() {
            direction == "Ingress" || !self.spec.egress.is_empty()
        } else {
            self.spec.policy_types.iter().any(|listed| listed == direction)
        }
    }
}

resources!(
    Service,
    Endpoints,
    EndpointSlice,
    Ingress,
    IngressClass,
    NetworkPolicy,
    Gateway,
    GatewayClass,
    HttpRoute,
    WebhookConfiguration,
);
