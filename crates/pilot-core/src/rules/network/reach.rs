//! Whether network policies let one pod reach another: egress of the source and ingress of the
//! destination. Policies add up: one that allows is enough, none that selects means open.

use std::net::IpAddr;

use crate::model::{IntOrString, IpBlock, Labels, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, PodSpec};
use crate::rules::{Context, Workload};

/// One end of a connection.
#[derive(Clone, Copy)]
pub(crate) struct End<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) labels: &'a Labels,
    /// To resolve named ports; `None` when the pods are not known.
    pub(crate) spec: Option<&'a PodSpec>,
    /// Addresses of the pods, as far as they are known.
    pub(crate) ips: &'a [&'a str],
    pub(crate) host_network: bool,
}

impl<'a> End<'a> {
    pub(crate) fn of(workload: &'a Workload<'a>) -> Self {
        Self {
            namespace: &workload.meta.namespace,
            labels: workload.labels(),
            spec: Some(workload.spec),
            ips: &[],
            host_network: workload.spec.host_network,
        }
    }
}

/// The policies that isolate `end` in this direction.
pub(crate) fn isolating<'a>(ctx: &Context<'a>, end: End<'_>, direction: &str) -> Vec<&'a NetworkPolicy> {
    if end.host_network {
        return Vec::new();
    }
    ctx.snapshot
        .network_policies
        .iter()
        .filter(|policy| policy.metadata.namespace == end.namespace)
        .filter(|policy| policy.isolates(direction) && policy.spec.pod_selector.matches(end.labels))
        .collect()
}

/// Whether `source` may open a connection to `port` of `target`, by its own policies.
pub(crate) fn egress_allowed(ctx: &Context<'_>, source: End<'_>, target: End<'_>, port: i64, protocol: &str) -> bool {
    let policies = isolating(ctx, source, "Egress");
    policies.is_empty()
        || policies.iter().any(|policy| {
            policy.spec.egress.iter().any(|rule| {
                peers_match(ctx, &policy.metadata.namespace, &rule.to, target)
                    && ports_match(&rule.ports, target, port, protocol)
            })
        })
}

/// Whether `target` accepts a connection to `port` from `source`, by its own policies.
pub(crate) fn ingress_allowed(ctx: &Context<'_>, source: End<'_>, target: End<'_>, port: i64, protocol: &str) -> bool {
    let policies = isolating(ctx, target, "Ingress");
    policies.is_empty()
        || policies.iter().any(|policy| {
            policy.spec.ingress.iter().any(|rule| {
                peers_match(ctx, &policy.metadata.namespace, &rule.from, source)
                    && ports_match(&rule.ports, target, port, protocol)
            })
        })
}

/// No peers means everybody.
fn peers_match(ctx: &Context<'_>, namespace: &str, peers: &[NetworkPolicyPeer], end: End<'_>) -> bool {
    peers.is_empty() || peers.iter().any(|peer| peer_matches(ctx, namespace, peer, end))
}

fn peer_matches(ctx: &Context<'_>, namespace: &str, peer: &NetworkPolicyPeer, end: End<'_>) -> bool {
    if let Some(block) = &peer.ip_block {
        // Without known addresses only a block of everything is sure to cover a pod.
        let known = end.ips.iter().any(|ip| block_contains(block, ip));
        return known || (matches!(block.cidr.as_str(), "0.0.0.0/0" | "::/0") && block.except.is_empty());
    }
    let in_namespace = match &peer.namespace_selector {
        Some(selector) => selector.matches(&ctx.labels_of_namespace(end.namespace)),
        None => end.namespace == namespace,
    };
    in_namespace && peer.pod_selector.as_ref().is_none_or(|selector| selector.matches(end.labels))
}

fn ports_match(ports: &[NetworkPolicyPort], target: End<'_>, port: i64, protocol: &str) -> bool {
    ports.is_empty()
        || ports.iter().any(|allowed| {
            allowed.protocol.as_deref().unwrap_or("TCP") == protocol
                && match &allowed.port {
                    None => true,
                    Some(IntOrString::Int(low)) => (*low..=allowed.end_port.unwrap_or(*low)).contains(&port),
                    Some(name) => target.spec.is_some_and(|spec| spec.resolve_port(name, protocol) == Some(port)),
                }
        })
}

fn block_contains(block: &IpBlock, ip: &str) -> bool {
    cidr_contains(&block.cidr, ip) && !block.except.iter().any(|except| cidr_contains(except, ip))
}

/// Whether an address lies in a CIDR block; false when either can't be read.
pub(crate) fn cidr_contains(cidr: &str, ip: &str) -> bool {
    let parts = cidr.split_once('/').and_then(|(base, length)| Some((base.parse().ok()?, length.parse::<u32>().ok()?)));
    let (Some((base, length)), Ok(ip)) = (parts, ip.parse::<IpAddr>()) else { return false };
    let (base, ip, bits) = match (base, ip) {
        (IpAddr::V4(base), IpAddr::V4(ip)) => (u128::from(u32::from(base)), u128::from(u32::from(ip)), 32),
        (IpAddr::V6(base), IpAddr::V6(ip)) => (u128::from(base), u128::from(ip), 128),
        _ => return false,
    };
    if length > bits {
        return false;
    }
    let shift = bits - length;
    // A shift by the whole width is not defined; /0 contains everything.
    shift >= 128 || (base >> shift) == (ip >> shift)
}

#[cfg(test)]
mod tests {
    use super::cidr_contains;

    #[test]
    fn blocks_contain_their_addresses_only() {
        for (cidr, ip, inside) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("::/0", "fe80::1", true),
            ("::/0", "1.2.3.4", false),
            ("192.168.1.7/32", "192.168.1.7", true),
            ("10.0.0.0/33", "10.0.0.0", false),
            ("nonsense", "10.0.0.0", false),
        ] {
            assert_eq!(cidr_contains(cidr, ip), inside, "{cidr} {ip}");
        }
    }
}
