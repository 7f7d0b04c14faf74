//! Secrets where they don't belong, and weak ones: SEC-024, 025, 026, 044, 045.

use crate::finding::EvidenceSource;
use crate::finding::Severity::{High, Low};
use crate::redact::{is_secret_value, is_sensitive_name};
use crate::rules::Rule;
use crate::rules::scan::Scan;

const REFERENCE: &str = "https://kubernetes.io/docs/concepts/security/secrets-good-practices/";

pub(super) const RULES: &[Rule] = &[
    Rule::new("SEC-024", High, "Secret in an environment value", "Store the value in a Secret, refer to it with secretKeyRef, and rotate it: it has been readable by everyone who can read the manifest.", REFERENCE, env_values)
        .no_patch("the value must be rotated and stored in a Secret first"),
    Rule::new("SEC-025", High, "Secret in a ConfigMap", "Move the value to a Secret and rotate it.", REFERENCE, config_maps)
        .no_patch("the value must be rotated and stored in a Secret first"),
    Rule::new("SEC-026", Low, "Secret exposed through the environment", "Mount the Secret as a file: the environment leaks into child processes and crash reports.", REFERENCE, env_references).opt_in(),
    Rule::new("SEC-044", Low, "Placeholder or short secret", "Generate a random value of at least 32 bytes.", REFERENCE, weak_values).needs(&["Secret"]),
    Rule::new("SEC-045", Low, "Service account token that never expires", "Delete the Secret; pods get short-lived tokens by themselves, others with kubectl create token.", REFERENCE, long_lived_tokens).needs(&["Secret"]),
];

/// Whether a named literal holds a secret: the name says so, or the value gives itself away.
fn holds_secret(name: &str, value: &str) -> bool {
    let value = value.trim();
    if value.is_empty() || value.starts_with("$(") || matches!(value.to_ascii_lowercase().as_str(), "true" | "false") {
        return false;
    }
    is_secret_value(value) || (is_sensitive_name(name) && !value.starts_with('/') && value.parse::<i32>().is_err())
}

fn env_values(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            for (index, env) in at.container.env.iter().enumerate() {
                let Some(value) = &env.value else { continue };
                if holds_secret(&env.name, value) {
                    scan.container(
                        workload,
                        &at,
                        format!("environment variable {} holds a secret in plain text", env.name),
                    )
                    .field(&format!("env[{index}].value"))
                    .evidence(
                        EvidenceSource::Spec,
                        &env.name,
                        format!("{} characters", value.chars().count()),
                    );
                }
            }
        }
    }
}

fn config_maps(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for map in ctx.user(&ctx.snapshot.config_maps) {
        for (key, value) in &map.data {
            // A whole file is judged by what it holds, a single value also by its name.
            let single_line = !value.trim().contains('\n');
            let line = value.lines().position(line_holds_secret);
            if line.is_none() && !(single_line && holds_secret(key, value)) {
                continue;
            }
            let place = line.filter(|_| !single_line).map(|line| format!(" (line {})", line + 1)).unwrap_or_default();
            scan.object(&map.metadata, format!("key {key}{place} holds a secret in plain text"))
                .root_field(&format!("data.{key}"))
                .evidence(EvidenceSource::Spec, key, format!("{} characters", value.chars().count()));
        }
    }
}

/// A line of a configuration file: `name = value` or `name: value`.
fn line_holds_secret(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with(['#', ';']) || line.starts_with("//") {
        return false;
    }
    if is_secret_value(line) {
        return true;
    }
    let Some((name, value)) = line.split_once(['=', ':']) else { return false };
    let name = name.trim().trim_start_matches("export ").trim_matches(['"', '\'', '-', ' ']);
    let value = value.trim().trim_matches(['"', '\'', ',']);
    !name.contains(' ')
        && !value.contains(' ')
        && !value.starts_with(['{', '[', '|', '>', '$'])
        && holds_secret(name, value)
}

fn env_references(scan: &mut Scan<'_>) {
    for workload in scan.workloads() {
        for at in workload.spec.all_containers() {
            for (index, env) in at.container.env.iter().enumerate() {
                if env.value_from.as_ref().is_some_and(|from| from.secret_key_ref.is_some()) {
                    scan.container(workload, &at, format!("{} comes from a Secret through the environment", env.name))
                        .field(&format!("env[{index}]"));
                }
            }
            for (index, from) in at.container.env_from.iter().enumerate() {
                if let Some(secret) = &from.secret_ref {
                    scan.container(workload, &at, format!("all keys of Secret {} are in the environment", secret.name))
                        .field(&format!("envFrom[{index}]"));
                }
            }
        }
    }
}

/// Keys that sign or encrypt, where length is strength.
fn is_signing_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    [
        "jwt",
        "auth_secret",
        "session_secret",
        "signing_key",
        "signing_secret",
        "cookie_secret",
        "encryption_key",
        "secret_key_base",
    ]
    .iter()
    .any(|word| name.contains(word))
        && !name.contains("public")
}

fn weak_values(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for secret in ctx.user(&ctx.snapshot.secrets) {
        if !matches!(secret.type_.as_str(), "" | "Opaque") {
            continue;
        }
        for (key, facts) in &secret.keys {
            let message = if facts.placeholder {
                format!("key {key} is blank or a well-known placeholder")
            } else if is_signing_key(key) && facts.size < 32 && !facts.malformed {
                format!("key {key} has {} bytes; 32 are needed", facts.size)
            } else {
                continue;
            };
            scan.object(&secret.metadata, message).root_field(&format!("data.{key}"));
        }
    }
}

fn long_lived_tokens(scan: &mut Scan<'_>) {
    let ctx = scan.ctx;
    for secret in ctx.user(&ctx.snapshot.secrets) {
        if secret.type_ == "kubernetes.io/service-account-token" {
            let account = secret.metadata.annotations.get("kubernetes.io/service-account.name");
            let account = account.map_or("a service account", String::as_str);
            scan.object(&secret.metadata, format!("holds a token of {account} that never expires")).root_field("type");
        }
    }
}
