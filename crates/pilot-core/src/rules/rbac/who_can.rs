//! The who-can table: RBC-018.

use super::permissions::DANGEROUS;
use super::{REFERENCE, referenced, rules, user_bindings};
use crate::finding::EvidenceSource;
use crate::finding::Severity::Info;
use crate::rules::scan::Scan;
use crate::rules::{Context, Rule, Workload};

pub(super) const RULES: &[Rule] = &[Rule::new(
    "RBC-018",
    Info,
    "Who can do dangerous things",
    "Check that each of them needs it.",
    REFERENCE,
    who_can,
)
.needs(&["ClusterRole", "ClusterRoleBinding"])];

fn who_can(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for binding in user_bindings(ctx) {
        let Some(role) = referenced(ctx, binding) else { continue };
        let rules = rules(ctx, role);
        let powers: Vec<&str> = DANGEROUS
            .iter()
            .filter(|permission| !permission.granted_by(&rules).is_empty())
            .map(|permission| permission.what)
            .collect();
        if powers.is_empty() {
            continue;
        }
        for (index, subject) in binding.subjects.iter().enumerate() {
            let namespace = if subject.namespace.is_empty() { &binding.metadata.namespace } else { &subject.namespace };
            let scope = if binding.metadata.kind == "ClusterRoleBinding" {
                "everywhere"
            } else {
                binding.metadata.namespace.as_str()
            };
            let mut hit = scan
                .object(
                    &binding.metadata,
                    format!("{} {} can, {scope}: {}", subject.kind, subject.name, powers.join("; ")),
                )
                .root_field(&format!("subjects[{index}]"));
            if subject.kind == "ServiceAccount" {
                for workload in ctx
                    .all_workloads
                    .iter()
                    .filter(|w| w.meta.namespace == *namespace && w.spec.service_account() == subject.name)
                {
                    let outside = if is_reachable(ctx, workload) { ", reachable from outside" } else { "" };
                    hit = hit.evidence(
                        EvidenceSource::Computed,
                        "runs as it",
                        format!("{}{outside}", workload.meta.object_ref()),
                    );
                }
            }
            drop(hit);
        }
    }
}

/// Behind a NodePort, a load balancer, an Ingress or an HTTPRoute.
fn is_reachable(ctx: &Context<'_>, workload: &Workload<'_>) -> bool {
    workload.services.iter().any(|service| {
        let meta = &service.metadata;
        let by_ingress =
            ctx.snapshot.ingresses.iter().filter(|ingress| ingress.metadata.namespace == meta.namespace).any(
                |ingress| {
                    let paths = ingress
                        .spec
                        .rules
                        .iter()
                        .filter_map(|rule| rule.http.as_ref())
                        .flat_map(|http| &http.paths)
                        .map(|path| &path.backend);
                    paths
                        .chain(&ingress.spec.default_backend)
                        .any(|backend| backend.service.as_ref().is_some_and(|target| target.name == meta.name))
                },
            );
        let by_route = ctx.snapshot.http_routes.iter().any(|route| {
            route.spec.rules.iter().flat_map(|rule| &rule.backend_refs).any(|backend| {
                backend.name == meta.name
                    && backend.namespace.as_ref().unwrap_or(&route.metadata.namespace) == &meta.namespace
            })
        });
        matches!(service.type_(), "NodePort" | "LoadBalancer") || by_ingress || by_route
    })
}
