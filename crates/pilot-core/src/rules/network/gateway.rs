//! Gateway API: NET-015.

use serde_json::json;

use crate::finding::Severity::High;
use crate::model::{Gateway, HttpRoute, ParentRef, condition};
use crate::nearest::nearest;
use crate::rules::scan::{Scan, merge};
use crate::rules::{Context, Rule};

pub(super) const RULES: &[Rule] = &[Rule::new(
    "NET-015",
    High,
    "Gateway or route that does not work",
    "Correct the class, the parent or the backend.",
    "https://gateway-api.sigs.k8s.io/",
    gateways,
)
.needs(&["Gateway", "GatewayClass", "HTTPRoute"])
.no_patch("the right name can't be known, or stands in a list that patches replace")];

fn gateways(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let classes = &ctx.snapshot.gateway_classes;
    for gateway in ctx.user(&ctx.snapshot.gateways) {
        let class = gateway.spec.gateway_class_name.as_str();
        if !classes.iter().any(|known| known.metadata.name == class) {
            let similar = nearest(class, classes.iter().map(|known| known.metadata.name.as_str()));
            let patch = similar.map(|name| merge(&gateway.metadata, json!({ "spec": { "gatewayClassName": name } })));
            scan.object(&gateway.metadata, format!("class {class} does not exist"))
                .root_field("spec.gatewayClassName")
                .absent(ctx.absence(High, similar.is_some()))
                .maybe_patch(patch);
        }
        if let Some(accepted) = condition(&gateway.status.conditions, "Accepted").filter(|accepted| !accepted.is_true())
        {
            scan.object(
                &gateway.metadata,
                format!("is not accepted by its controller: {} {}", accepted.reason, accepted.message),
            )
            .root_field("status.conditions[Accepted]");
        }
    }
    for route in ctx.user(&ctx.snapshot.http_routes) {
        for (index, parent) in route.spec.parent_refs.iter().enumerate() {
            if parent.kind.as_deref().unwrap_or("Gateway") == "Gateway"
                && let Some((message, absent)) = bad_parent(ctx, route, parent)
            {
                let hit = scan.object(&route.metadata, message).root_field(&format!("spec.parentRefs[{index}]"));
                if absent {
                    hit.absent(ctx.absence(High, false));
                }
            }
        }
        backends(scan, route);
        for status in &route.status.parents {
            if let Some(bad) = status.conditions.iter().find(|condition| {
                matches!(condition.type_.as_str(), "Accepted" | "ResolvedRefs") && condition.is_false()
            }) {
                scan.object(
                    &route.metadata,
                    format!("{} is not {}: {} {}", status.parent_ref.name, bad.type_, bad.reason, bad.message),
                )
                .root_field(&format!("status.parents[{}]", bad.type_));
            }
        }
    }
}

fn bad_parent(ctx: &Context<'_>, route: &HttpRoute, parent: &ParentRef) -> Option<(String, bool)> {
    let namespace = parent.namespace.as_ref().unwrap_or(&route.metadata.namespace);
    let gateway = ctx
        .snapshot
        .gateways
        .iter()
        .find(|gateway| gateway.metadata.namespace == *namespace && gateway.metadata.name == parent.name);
    let Some(gateway) = gateway else {
        return Some((format!("Gateway {namespace}/{} does not exist", parent.name), true));
    };
    let listeners: Vec<_> = gateway
        .spec
        .listeners
        .iter()
        .filter(|listener| parent.section_name.as_ref().is_none_or(|section| *section == listener.name))
        .filter(|listener| parent.port.is_none_or(|port| port == listener.port))
        .collect();
    if listeners.is_empty() {
        return Some((format!("Gateway {namespace}/{} has no such listener", parent.name), false));
    }
    let allowed = listeners
        .iter()
        .any(|listener| allows(ctx, gateway, listener.allowed_routes.as_ref(), &route.metadata.namespace));
    (!allowed).then(|| {
        (
            format!("Gateway {namespace}/{} takes no routes from namespace {}", parent.name, route.metadata.namespace),
            false,
        )
    })
}

fn allows(ctx: &Context<'_>, gateway: &Gateway, routes: Option<&crate::model::AllowedRoutes>, namespace: &str) -> bool {
    let from = routes.and_then(|routes| routes.namespaces.from.as_deref()).unwrap_or("Same");
    match from {
        "All" => true,
        "Selector" => routes
            .and_then(|routes| routes.namespaces.selector.as_ref())
            .is_some_and(|selector| selector.matches(&ctx.labels_of_namespace(namespace))),
        _ => gateway.metadata.namespace == namespace,
    }
}

fn backends(scan: &mut Scan<'_>, route: &HttpRoute) {
    let ctx = scan.ctx;
    for (rule_index, rule) in route.spec.rules.iter().enumerate() {
        for (index, backend) in rule.backend_refs.iter().enumerate() {
            if backend.kind.as_deref().unwrap_or("Service") != "Service"
                || backend.group.as_deref().is_some_and(|group| !group.is_empty())
            {
                continue;
            }
            let namespace = backend.namespace.as_ref().unwrap_or(&route.metadata.namespace);
            let field = format!("spec.rules[{rule_index}].backendRefs[{index}]");
            match ctx.services.get(&(namespace.as_str(), backend.name.as_str())) {
                None => {
                    let similar = nearest(
                        &backend.name,
                        ctx.services.keys().filter(|(ns, _)| ns == namespace).map(|(_, name)| *name),
                    );
                    let hint = similar.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
                    scan.object(&route.metadata, format!("Service {} does not exist{hint}", backend.name))
                        .root_field(&field)
                        .absent(ctx.absence(High, similar.is_some()));
                }
                Some(service) if !service.spec.ports.iter().any(|port| backend.port == Some(port.port)) => {
                    let wanted = backend.port.map_or_else(|| "(none given)".to_owned(), |port| port.to_string());
                    scan.object(&route.metadata, format!("Service {} has no port {wanted}", backend.name))
                        .root_field(&field);
                }
                Some(_) => {}
            }
        }
    }
}
