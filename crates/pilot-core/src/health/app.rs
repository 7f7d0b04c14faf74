//! The todo application, known by the labels of its chart (HLT-291): what its own health endpoint says, whether its
//! schema is that of its program, whether the keys it cannot do without are there.

use serde_json::Value;

use super::catalogue::APP_NOT_READY;
use super::draft::{Draft, Found};
use super::world::World;
use crate::finding::EvidenceSource;
use crate::model::{Labels, ObjectRef, condition};

/// `app.kubernetes.io/name` of everything that belongs to it.
pub const APP: &str = "todo-chatbot";
/// Keys of its Secret without which it does not start.
const REQUIRED: &[&str] = &["better-auth-secret", "database-url"];
/// Keys that are of use together only.
const PAIRS: &[(&str, &str)] = &[("vapid-public-key", "vapid-private-key"), ("vapid-private-key", "vapid-public-key")];

fn label<'a>(labels: &'a Labels, key: &str) -> &'a str {
    labels.get(&format!("app.kubernetes.io/{key}")).map_or("", String::as_str)
}

/// Whether an object belongs to the application.
pub fn is_ours(labels: &Labels) -> bool {
    label(labels, "name") == APP
}

/// Findings about the application.
pub fn check(world: &World<'_>) -> Vec<Found> {
    let mut found = health(world);
    found.extend(schema(world));
    found.extend(keys(world));
    found
}

/// What the endpoints said that were asked through the Service proxy.
fn health(world: &World<'_>) -> Vec<Found> {
    let refused = world.snapshot.app_answers.iter().filter(|answer| answer.code >= 500 && !answer.refused);
    refused
        .map(|answer| {
            let object = ObjectRef { api_version: "v1".into(), kind: "Service".into(), ..answer.metadata.object_ref() };
            let reason = said(&answer.body);
            let draft = Draft::new(
                &APP_NOT_READY,
                format!("{} answers {} with HTTP {}{reason}", object.name, answer.path, answer.code),
            )
            .seen(EvidenceSource::Status, &answer.path, answer.body.clone())
            .advice(advice(&answer.body), "what it waits for has to be put right first");
            draft.about(object)
        })
        .collect()
}

/// What a health document says is not well: `: database is unreachable`.
fn said(body: &str) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str(body) else { return String::new() };
    let well = ["ready", "ok", "up", "connected", "healthy", "current", "applied", "enabled"];
    let parts: Vec<String> = fields
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "status" | "service" | "version"))
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .filter(|(_, value)| !well.contains(value))
        .map(|(key, value)| format!("{key} is {value}"))
        .collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn advice(body: &str) -> &'static str {
    if body.contains("database") {
        "Look at the database: its pod, its Service, and DATABASE_URL."
    } else {
        "Read its log: it says what it waits for."
    }
}

/// A backend whose migration Job is missing, unfinished or of another image has another schema than it expects.
fn schema(world: &World<'_>) -> Vec<Found> {
    let snapshot = world.snapshot;
    let backends = snapshot
        .deployments
        .iter()
        .filter(|d| is_ours(&d.metadata.labels) && label(&d.metadata.labels, "component") == "backend");
    backends
        .filter_map(|backend| {
            let meta = &backend.metadata;
            let image = &backend.spec.template.spec.containers.first()?.image;
            let jobs = snapshot.jobs.iter().filter(|job| {
                let labels = &job.metadata.labels;
                job.metadata.namespace == meta.namespace
                    && is_ours(labels)
                    && label(labels, "instance") == label(&meta.labels, "instance")
                    && matches!(label(labels, "component"), "migrate" | "schema" | "migrations")
            });
            let newest = jobs.max_by_key(|job| job.metadata.creation_timestamp)?;
            let migrated = &newest.spec.template.spec.containers.first()?.image;
            let done = condition(&newest.status.conditions, "Complete").is_some_and(|c| c.is_true());
            let job = newest.metadata.object_ref();
            let message = match (done, migrated == image) {
                (true, true) => return None,
                (false, _) => format!("the schema is not migrated: {job} has not completed"),
                (true, false) => format!("the schema was migrated by {migrated}, and the program is {image}"),
            };
            let draft = Draft::new(&APP_NOT_READY, message)
                .seen(EvidenceSource::Spec, "image", format!("program {image}, migration {migrated}"))
                .advice("Run the migration of this version: upgrade the release.", "a migration changes data")
                .waits_for("Job", &job.namespace, &job.name);
            Some(draft.about(meta.object_ref()))
        })
        .collect()
}

/// Keys that are missing or empty in the application's own Secret.
fn keys(world: &World<'_>) -> Vec<Found> {
    let secrets = world
        .snapshot
        .secrets
        .iter()
        .filter(|s| is_ours(&s.metadata.labels) && label(&s.metadata.labels, "component") == "secrets");
    secrets
        .flat_map(|secret| {
            let empty = |key: &str| secret.keys.get(key).is_some_and(|k| k.size == 0);
            let has = |key: &str| secret.keys.contains_key(key);
            let required = REQUIRED.iter().filter(|key| empty(key) || (**key == "better-auth-secret" && !has(key)));
            let half =
                PAIRS.iter().filter(|(one, other)| has(one) && (!has(other) || empty(other))).map(|(_, other)| other);
            let missing: Vec<&str> = required.chain(half).copied().collect();
            missing.into_iter().map(move |key| {
                let word = if has(key) { "is empty" } else { "is missing" };
                Draft::new(&APP_NOT_READY, format!("key {key} of Secret {} {word}", secret.metadata.name))
                    .field(format!("data.{key}"))
                    .advice(
                        "Set it in the values of the release, or in the Secret it names.",
                        "its value has to come from you",
                    )
                    .about(secret.metadata.object_ref())
            })
        })
        .collect()
}
