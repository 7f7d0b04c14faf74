//! NET: Services, ingress, gateways and policies, and what stands between a client and its server.

mod connection;
mod dependencies;
mod endpoints;
mod gateway;
mod ingress;
mod policies;
mod ports;
mod reach;
mod services;
mod webhooks;

pub use connection::{Connection, Way, connection};
pub(crate) use reach::cidr_contains;

use super::Rule;

pub(super) const RULES: &[&[Rule]] = &[
    services::RULES,
    endpoints::RULES,
    ports::RULES,
    ingress::RULES,
    policies::RULES,
    dependencies::RULES,
    gateway::RULES,
    webhooks::RULES,
];

const SERVICE: &str = "https://kubernetes.io/docs/concepts/services-networking/service/";
