//! A fresh installation of every profile that needs nothing from outside: from an empty database to Ready, then `helm test`.
//! The namespaces enforce Pod Security `restricted`, so a pod that is not admitted fails the installation.

use std::time::Instant;

use super::release::{NAME, PATIENCE, Release, image_settings};
use crate::cluster::access::Access;

/// The most that an installation may take, in seconds. Printed, not asserted: the machine may be busy.
const BAR: f64 = 10.0;

pub fn test(access: &Access) -> anyhow::Result<()> {
    for profile in ["dev", "minikube", "s0", "s1", "s2", "s3"] {
        let namespace = format!("todo-test-{profile}");
        let (seconds, tests) = match profile {
            "dev" | "minikube" => bundled(access, profile, &namespace)?,
            "s3" => two_releases(access, &namespace)?,
            _ => beside_database(access, profile, &namespace)?,
        };
        let judged = if seconds <= BAR { "within" } else { "OVER" };
        println!("  {profile}: Ready after {seconds:.1} s ({judged} {BAR} s), helm test passed ({tests} pods)");
        for release in [NAME, "backend", "frontend"] {
            // Frees the node ports at once, for the next profile; the pods may take their time.
            access.helm(&namespace, &["uninstall", release, "--ignore-not-found"])?;
        }
        access.leave_namespace(&namespace)?;
    }
    Ok(())
}

/// A profile that brings its own PostgreSQL on a volume.
fn bundled(access: &Access, profile: &str, namespace: &str) -> anyhow::Result<(f64, usize)> {
    access.fresh_namespace(namespace)?;
    let mut settings = image_settings(access, &access.tag);
    if access.registry.is_empty() {
        settings.push("database.bundled.image.repository=library/todo-postgres".to_owned());
        settings.push("database.bundled.image.tag=15".to_owned());
    }
    if profile == "minikube" {
        // As deploy/minikube/up: a Secret of ours, and the database's password.
        secret(access, namespace, "todo-secrets", &[("better-auth-secret", SECRET)])?;
        settings.push("database.bundled.password=cluster-test".to_owned());
    }
    let seconds = install(access, namespace, NAME, &format!("values-{profile}.yaml"), &settings)?;
    Ok((seconds, helm_test(access, namespace, NAME)?))
}

const SECRET: &str = "cluster-test-cluster-test-cluster-00";

/// A profile with a PostgreSQL that is there already; the migration is a hook.
fn beside_database(access: &Access, profile: &str, namespace: &str) -> anyhow::Result<(f64, usize)> {
    Release::prepare(access, namespace)?;
    let mut settings = image_settings(access, &access.tag);
    settings.push(format!("secrets.databaseUrl={}", super::release::database_url()));
    settings.push(format!("secrets.betterAuthSecret={SECRET}"));
    if profile == "s2" {
        // Nothing here hands out addresses to Services of type LoadBalancer, and helm would wait for one.
        settings.push("frontend.service.type=NodePort".to_owned());
    }
    let seconds = install(access, namespace, NAME, &format!("values-{profile}.yaml"), &settings)?;
    Ok((seconds, helm_test(access, namespace, NAME)?))
}

/// The variant with a release each for backend and frontend.
fn two_releases(access: &Access, namespace: &str) -> anyhow::Result<(f64, usize)> {
    Release::prepare(access, namespace)?;
    let url = super::release::database_url();
    let address = "http://localhost:30000";
    secret(access, namespace, "frontend-secrets", &[("auth-secret", SECRET)])?;
    let keys = [("database-url", url.as_str()), ("openai-api-key", ""), ("auth-secret", SECRET), ("auth-url", address)];
    secret(access, namespace, "backend-secrets", &keys)?;
    let settings = image_settings(access, &access.tag);
    let mut seconds = 0.0;
    let mut tests = 0;
    for release in ["backend", "frontend"] {
        seconds += install(access, namespace, release, &format!("values-s3-{release}.yaml"), &settings)?;
        tests += helm_test(access, namespace, release)?;
    }
    Ok((seconds, tests))
}

fn install(access: &Access, namespace: &str, release: &str, values: &str, settings: &[String]) -> anyhow::Result<f64> {
    let values = access.values(values);
    let chart = access.chart();
    let mut arguments = vec!["install", release, &chart, "--values", &values, "--wait", PATIENCE];
    for setting in settings {
        arguments.extend(["--set-string", setting]);
    }
    let started = Instant::now();
    if let Err(error) = access.helm(namespace, &arguments) {
        let pods = access.kubectl(namespace, &["get", "pods,jobs"]).unwrap_or_default();
        let events = access.kubectl(namespace, &["get", "events", "--sort-by=.lastTimestamp"]).unwrap_or_default();
        anyhow::bail!("{values}: {error:#}\n{pods}\n{events}");
    }
    Ok(started.elapsed().as_secs_f64())
}

/// Runs the chart's own tests; answers how many pods they were.
fn helm_test(access: &Access, namespace: &str, release: &str) -> anyhow::Result<usize> {
    let printed = access.helm(namespace, &["test", release, "--logs", PATIENCE])?;
    Ok(printed.matches("Succeeded").count())
}

fn secret(access: &Access, namespace: &str, name: &str, entries: &[(&str, &str)]) -> anyhow::Result<()> {
    let data: serde_json::Map<String, serde_json::Value> =
        entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
    access.apply(
        namespace,
        &[serde_json::json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name }, "stringData": data })],
    )
}
