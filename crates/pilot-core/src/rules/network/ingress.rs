//! Ingress: NET-006 to NET-009.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::finding::Patch;
use crate::finding::Severity::{High, Medium};
use crate::model::{HttpIngressPath, Ingress, IngressServiceBackend, Service};
use crate::nearest::nearest;
use crate::rules::scan::{Scan, merge};
use crate::rules::{Context, Rule};

const REFERENCE: &str = "https://kubernetes.io/docs/concepts/services-networking/ingress/";

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "NET-006",
        High,
        "Ingress leads nowhere",
        "Correct the Service, its port or the path.",
        REFERENCE,
        backends,
    )
    .no_patch("no Service or port of a similar name exists"),
    Rule::new(
        "NET-007",
        High,
        "Ingress that no controller serves",
        "Set ingressClassName to a class that exists.",
        REFERENCE,
        classes,
    )
    .needs(&["IngressClass"])
    .no_patch("several classes exist, or none"),
    Rule::new(
        "NET-008",
        Medium,
        "TLS certificate missing or unfit",
        "Create or renew the certificate.",
        REFERENCE,
        certificates,
    )
    .needs(&["Secret"])
    .no_patch("a certificate comes from an authority"),
    Rule::new("NET-009", Medium, "Two Ingresses claim the same path", "Keep one of them.", REFERENCE, conflicts)
        .no_patch("which of the two is meant can't be known"),
];

/// Why a backend does not work, and the Service name or port that would.
struct Fault {
    message: String,
    sure: bool,
    absent: bool,
    fixed: Option<Value>,
}

fn judge(ctx: &Context<'_>, namespace: &str, backend: &IngressServiceBackend) -> Option<Fault> {
    let Some(service) = ctx.services.get(&(namespace, backend.name.as_str())) else {
        let names = ctx.services.keys().filter(|(ns, _)| *ns == namespace).map(|(_, name)| *name);
        let similar = nearest(&backend.name, names);
        let hint = similar.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
        let port = if backend.port.name.is_empty() {
            json!({ "number": backend.port.number })
        } else {
            json!({ "name": backend.port.name })
        };
        return Some(Fault {
            message: format!("Service {} does not exist{hint}", backend.name),
            sure: similar.is_some(),
            absent: true,
            fixed: similar.map(|name| json!({ "name": name, "port": port })),
        });
    };
    let found = service.spec.ports.iter().any(|port| match backend.port.number {
        Some(number) => port.port == number,
        None => !backend.port.name.is_empty() && port.name == backend.port.name,
    });
    if found {
        return None;
    }
    let wanted = backend.port.number.map_or_else(|| backend.port.name.clone(), |number| number.to_string());
    let fixed = match &service.spec.ports[..] {
        [only] => Some(json!({ "name": backend.name, "port": { "number": only.port } })),
        _ => None,
    };
    Some(Fault {
        message: format!("Service {} has no port {wanted}; it has {}", backend.name, ports_of(service)),
        sure: true,
        absent: false,
        fixed,
    })
}

fn ports_of(service: &Service) -> String {
    let ports: Vec<String> = service
        .spec
        .ports
        .iter()
        .map(|port| if port.name.is_empty() { port.port.to_string() } else { format!("{} ({})", port.port, port.name) })
        .collect();
    if ports.is_empty() { "none".to_owned() } else { ports.join(", ") }
}

fn backends(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for ingress in ctx.user(&ctx.snapshot.ingresses) {
        let meta = &ingress.metadata;
        if let Some(service) = ingress.spec.default_backend.as_ref().and_then(|backend| backend.service.as_ref())
            && let Some(fault) = judge(ctx, &meta.namespace, service)
        {
            let patch =
                fault.fixed.map(|service| merge(meta, json!({ "spec": { "defaultBackend": { "service": service } } })));
            let hit = scan
                .object(meta, format!("default backend: {}", fault.message))
                .root_field("spec.defaultBackend")
                .maybe_patch(patch);
            if fault.absent {
                hit.absent(ctx.absence(High, fault.sure));
            }
        }
        for (rule_index, rule) in ingress.spec.rules.iter().enumerate() {
            let Some(http) = &rule.http else { continue };
            for (path_index, path) in http.paths.iter().enumerate() {
                let field = format!("spec.rules[{rule_index}].http.paths[{path_index}]");
                if let Some(message) = bad_path(path) {
                    scan.object(meta, message)
                        .root_field(&format!("{field}.pathType"))
                        .no_patch("what the path should match can't be known");
                }
                let Some(service) = &path.backend.service else { continue };
                let Some(fault) = judge(ctx, &meta.namespace, service) else { continue };
                let patch = fault.fixed.map(|fixed| rules_patch(ingress, (rule_index, path_index), &fixed));
                let hit = scan
                    .object(meta, format!("{}{}: {}", rule.host, path.path, fault.message))
                    .root_field(&format!("{field}.backend.service"))
                    .maybe_patch(patch);
                if fault.absent {
                    hit.absent(ctx.absence(High, fault.sure));
                }
            }
        }
    }
}

fn bad_path(path: &HttpIngressPath) -> Option<String> {
    match path.path_type.as_str() {
        "Exact" | "Prefix" if !path.path.starts_with('/') => {
            Some(format!("path {:?} does not begin with /", path.path))
        }
        "Exact" | "Prefix" | "ImplementationSpecific" => None,
        other => Some(format!("pathType {other:?} is not Exact, Prefix or ImplementationSpecific")),
    }
}

/// The rules written out anew with one backend replaced: lists of an Ingress can't be merged.
fn rules_patch(ingress: &Ingress, place: (usize, usize), fixed: &Value) -> Patch {
    let rules: Vec<Value> = ingress
        .spec
        .rules
        .iter()
        .enumerate()
        .map(|(rule_index, rule)| {
            let mut value = json!({});
            if !rule.host.is_empty() {
                value["host"] = json!(rule.host);
            }
            if let Some(http) = &rule.http {
                let paths = http.paths.iter().enumerate().map(|(path_index, path)| {
                    let backend = if (rule_index, path_index) == place {
                        json!({ "service": fixed })
                    } else {
                        backend_json(path)
                    };
                    json!({ "path": path.path, "pathType": path.path_type, "backend": backend })
                });
                value["http"] = json!({ "paths": paths.collect::<Vec<_>>() });
            }
            value
        })
        .collect();
    merge(&ingress.metadata, json!({ "spec": { "rules": rules } }))
}

fn backend_json(path: &HttpIngressPath) -> Value {
    if let Some(service) = &path.backend.service {
        let port = match service.port.number {
            Some(number) => json!({ "number": number }),
            None => json!({ "name": service.port.name }),
        };
        return json!({ "service": { "name": service.name, "port": port } });
    }
    let resource = path.backend.resource.as_ref();
    json!({ "resource": resource.map(|resource| json!({ "kind": resource.kind, "name": resource.name, "apiGroup": crate::model::api_group(&resource.api_version) })) })
}

const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

fn class_of(ingress: &Ingress) -> Option<&str> {
    let annotated = ingress.metadata.annotations.get(CLASS_ANNOTATION).map(String::as_str);
    ingress.spec.ingress_class_name.as_deref().or(annotated).filter(|class| !class.is_empty())
}

fn classes(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let classes = &ctx.snapshot.ingress_classes;
    let has_default = classes.iter().any(|class| {
        class
            .metadata
            .annotations
            .get("ingressclass.kubernetes.io/is-default-class")
            .is_some_and(|value| value == "true")
    });
    for ingress in ctx.user(&ctx.snapshot.ingresses) {
        let wanted = class_of(ingress);
        let message = match wanted {
            Some(class) if classes.iter().any(|known| known.metadata.name == class) => continue,
            // Controllers may serve annotated classes for which there is no object.
            Some(_) if ingress.spec.ingress_class_name.is_none() => continue,
            Some(class) => format!("class {class} does not exist"),
            None if has_default => continue,
            None => "names no class, and no class is the default".to_owned(),
        };
        let names = || classes.iter().map(|class| class.metadata.name.as_str());
        let similar = wanted.and_then(|wanted| nearest(wanted, names()));
        let only = if classes.len() == 1 { names().next() } else { None };
        let patch =
            similar.or(only).map(|class| merge(&ingress.metadata, json!({ "spec": { "ingressClassName": class } })));
        scan.object(&ingress.metadata, message)
            .root_field("spec.ingressClassName")
            .absent(ctx.absence(High, similar.is_some()))
            .maybe_patch(patch);
    }
}

fn name_matches(pattern: &str, host: &str) -> bool {
    pattern.eq_ignore_ascii_case(host)
        || pattern
            .strip_prefix("*.")
            .is_some_and(|parent| host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)))
}

fn certificates(scan: &mut Scan<'_>) {
    const DAY: i64 = 86_400;
    let ctx = scan.ctx;
    for ingress in ctx.user(&ctx.snapshot.ingresses) {
        let meta = &ingress.metadata;
        for (index, tls) in ingress.spec.tls.iter().enumerate() {
            let field = format!("spec.tls[{index}]");
            if tls.secret_name.is_empty() {
                continue;
            }
            let Some(secret) = ctx.secrets.get(&(meta.namespace.as_str(), tls.secret_name.as_str())) else {
                // An issuer named in the annotations creates it.
                let issued = meta
                    .annotations
                    .keys()
                    .any(|key| key.starts_with("cert-manager.io/") || key == "kubernetes.io/tls-acme");
                let absence = ctx.absence(Medium, false);
                if !issued || ctx.is_live() {
                    scan.object(meta, format!("Secret {} with the certificate does not exist", tls.secret_name))
                        .root_field(&field)
                        .absent(absence);
                }
                continue;
            };
            if secret.type_ != "kubernetes.io/tls" && !(secret.has_key("tls.crt") && secret.has_key("tls.key")) {
                scan.object(
                    meta,
                    format!("Secret {} is of type {}, not kubernetes.io/tls", tls.secret_name, secret.type_),
                )
                .root_field(&field);
                continue;
            }
            let Some(certificate) = &secret.certificate else { continue };
            let left =
                certificate.not_after.map(|end| (end.as_second() - ctx.snapshot.taken_at.as_second()).div_euclid(DAY));
            if let Some(days) = left.filter(|days| *days < 30) {
                let when =
                    if days < 0 { format!("expired {} days ago", -days) } else { format!("expires in {days} days") };
                scan.object(meta, format!("the certificate in {} {when}", tls.secret_name))
                    .severity(if days < 0 { High } else { Medium })
                    .root_field(&field);
            }
            for host in
                tls.hosts.iter().filter(|host| !certificate.dns_names.iter().any(|name| name_matches(name, host)))
            {
                scan.object(meta, format!("the certificate in {} is not for {host}", tls.secret_name))
                    .root_field(&format!("{field}.hosts"));
            }
        }
    }
}

fn conflicts(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    let mut claimed: BTreeMap<(Option<&str>, &str, &str), &Ingress> = BTreeMap::new();
    for ingress in ctx.user(&ctx.snapshot.ingresses) {
        for rule in &ingress.spec.rules {
            for path in rule.http.iter().flat_map(|http| &http.paths) {
                let key = (class_of(ingress), rule.host.as_str(), path.path.as_str());
                match claimed.get(&key) {
                    Some(other) if !std::ptr::eq(*other, ingress) => {
                        let other = other.metadata.object_ref();
                        scan.object(&ingress.metadata, format!("{other} claims {}{} too", rule.host, path.path))
                            .root_field("spec.rules");
                    }
                    _ => {
                        claimed.insert(key, ingress);
                    }
                }
            }
        }
    }
}
