//! Who may do what.

use pilot_core::rules::who_may;
use serde_json::{Value, json};

use crate::cluster::{self, find_kind};
use crate::commands::{Ask, PERMISSIONS};
use crate::exit::{Error, Outcome};
use crate::input::Wanted;
use crate::report::{Cell, Report};

/// API group and resource of a word such as `deploy` or `pods/log`.
fn named(word: &str) -> (&'static str, String) {
    let (word, subresource) = word.split_once('/').map_or((word, None), |(word, sub)| (word, Some(sub)));
    let kind = find_kind(word);
    let group = kind.and_then(|k| k.api_version.split_once('/')).map_or("", |(group, _)| group);
    let resource = kind.map_or(word, |k| k.plural);
    (group, subresource.map_or_else(|| resource.to_owned(), |sub| format!("{resource}/{sub}")))
}

/// Everybody who may, as the roles and bindings say.
///
/// # Errors
/// When they can't be read.
pub async fn who(ask: &Ask, verb: &str, resource: &str) -> Result<Outcome, Error> {
    let loaded = ask.load(Wanted::objects().only(PERMISSIONS)).await?;
    let (group, resource) = named(resource);
    let grants = who_may(&loaded.snapshot, verb, group, &resource, ask.namespace());
    let mut report = Report::new("");
    let place = ask.namespace().map_or_else(|| "anywhere".to_owned(), |n| format!("in namespace {n}"));
    report.text(format!("{} may {verb} {resource} {place}:", if grants.is_empty() { "nobody" } else { "they" }));
    let rows = grants.iter().map(|grant| {
        vec![
            Cell::new(&grant.kind),
            Cell::new(&grant.subject),
            Cell::new(grant.namespace.as_deref().unwrap_or("everywhere")),
            Cell::new(if grant.only.is_empty() { "all".to_owned() } else { grant.only.join(", ") }),
            Cell::new(format!("{} → {}", grant.binding, grant.role)),
        ]
    });
    if !grants.is_empty() {
        report.table(&["KIND", "NAME", "WHERE", "OBJECTS", "BY"], rows.collect());
    }
    report.text("Besides, the group system:masters may do everything, and other authorizers than RBAC may say yes.");
    report.data =
        json!({"kind": "WhoMay", "verb": verb, "resource": resource, "namespace": ask.namespace(), "items": grants});
    ask.answer_about(&report, &loaded.snapshot, PERMISSIONS)
}

/// Asks the API server whether somebody may do something: an access review stores nothing.
///
/// # Errors
/// Without a live cluster, or when it does not say.
pub async fn may(ask: &Ask, verb: &str, resource: &str, subject: &str) -> Result<Outcome, Error> {
    let namespace = ask.namespace();
    if !ask.is_live() {
        return Err(Error::Usage("permissions are asked of a live cluster".to_owned()));
    }
    let from = cluster::connect(&ask.input.cluster).await?;
    let (group, resource) = named(resource);
    let (resource, subresource) = resource.split_once('/').unwrap_or((&resource, ""));
    let mut attributes = json!({"verb": verb, "resource": resource, "group": group, "subresource": subresource});
    if let Some(namespace) = namespace {
        attributes["namespace"] = json!(namespace);
    }
    let (kind, path, spec) = if subject == "me" {
        ("SelfSubjectAccessReview", "selfsubjectaccessreviews", json!({"resourceAttributes": attributes}))
    } else {
        ("SubjectAccessReview", "subjectaccessreviews", json!({"resourceAttributes": attributes, "user": subject}))
    };
    let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec});
    let body = serde_json::to_vec(&review).map_err(|e| Error::Usage(e.to_string()))?;
    let request = http::Request::post(format!("/apis/authorization.k8s.io/v1/{path}"))
        .header("content-type", "application/json")
        .body(body)
        .map_err(|e| Error::Usage(e.to_string()))?;
    let found: Value = from.client.request(request).await.map_err(|e| from.explain(&e))?;
    let allowed = found.pointer("/status/allowed").and_then(Value::as_bool).unwrap_or(false);
    let reason = found.pointer("/status/reason").and_then(Value::as_str).unwrap_or("");
    let mut report = Report::new("");
    let place = namespace.map_or_else(|| " in the whole cluster".to_owned(), |n| format!(" in namespace {n}"));
    let who = if subject == "me" { "you" } else { subject };
    report.text(format!(
        "{}: {who} may{} {verb} {resource}{place}",
        if allowed { "yes" } else { "no" },
        if allowed { "" } else { " not" }
    ));
    if !reason.is_empty() {
        report.text(reason);
    }
    report.data = json!({"kind": "Access", "allowed": allowed, "reason": reason});
    ask.answer(&report)
}
