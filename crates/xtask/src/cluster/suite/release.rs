//! A release of the chart beside a PostgreSQL that is not part of it, as in production: what most tests start from.

use std::{process::Command, time::Duration};

use anyhow::Context;
use serde_json::{Value, json};

use crate::cluster::{
    access::{Access, eventually},
    command::run,
};

/// Name of every release that the suite installs.
pub const NAME: &str = "todo";
/// Long enough for a busy machine.
pub const PATIENCE: &str = "--timeout=120s";
/// The database's password, good for nothing else.
const PASSWORD: &str = "cluster-test";

/// A release in a namespace of its own.
#[derive(Debug)]
pub struct Release<'a> {
    /// The cluster.
    pub access: &'a Access,
    /// The namespace.
    pub namespace: String,
}

impl<'a> Release<'a> {
    /// A fresh namespace with a PostgreSQL that is ready.
    ///
    /// # Errors
    /// When the cluster refuses, or PostgreSQL does not become ready.
    pub fn prepare(access: &'a Access, namespace: &str) -> anyhow::Result<Self> {
        access.fresh_namespace(namespace)?;
        access.apply(namespace, &database(access))?;
        access.kubectl(namespace, &["rollout", "status", "statefulset/database", PATIENCE])?;
        let release = Self { access, namespace: namespace.to_owned() };
        // An ordinary role, so that row-level security holds.
        release.sql_in("postgres", &format!("CREATE ROLE todo LOGIN PASSWORD '{PASSWORD}'"))?;
        release.sql_in("postgres", "CREATE DATABASE todo OWNER todo")?;
        Ok(release)
    }

    /// `helm upgrade --install --wait` with those values on top of the suite's; answers what helm printed.
    ///
    /// # Errors
    /// When helm fails.
    pub fn deploy(&self, settings: &[String], flags: &[&str]) -> anyhow::Result<String> {
        run(self.deployment_command(settings).args(flags))
    }

    /// The command of [`deploy`](Self::deploy), to be given flags.
    #[must_use]
    pub fn deployment_command(&self, settings: &[String]) -> Command {
        let mut command = self.access.helm_command(&self.namespace);
        command.args(["upgrade", "--install", NAME, &self.access.chart(), "--wait", PATIENCE]);
        for setting in self.settings().iter().chain(settings) {
            command.args(set(setting));
        }
        command
    }

    /// What Helm says of the release: `deployed`, `pending-upgrade`, …
    ///
    /// # Errors
    /// When there is no release.
    pub fn status(&self) -> anyhow::Result<String> {
        let text = self.access.helm(&self.namespace, &["status", NAME, "--output=json"])?;
        let status: Value = serde_json::from_str(&text)?;
        Ok(status["info"]["status"].as_str().unwrap_or("unknown").to_owned())
    }

    /// Values of every deployment of the suite, as text.
    #[must_use]
    pub fn settings(&self) -> Vec<String> {
        let mut settings = image_settings(self.access, &self.access.tag);
        settings.extend([
            format!("secrets.databaseUrl={}", database_url()),
            "secrets.betterAuthSecret=cluster-test-cluster-test-cluster-00".to_owned(),
            "config.environment=test".to_owned(),
            "frontend.service.type=NodePort".to_owned(),
        ]);
        settings
    }

    /// Values that make pods leave at once, for tests in which nobody is served meanwhile.
    #[must_use]
    pub fn hasty() -> Vec<String> {
        ["backend", "frontend"]
            .iter()
            .flat_map(|component| ["preStopSeconds", "delaySeconds"].map(|it| format!("{component}.drain.{it}=0")))
            .collect()
    }

    /// Address of the page from outside.
    ///
    /// # Errors
    /// When the Service has no node port.
    pub fn address(&self) -> anyhow::Result<String> {
        let port = self.access.node_port(&self.namespace, &format!("{NAME}-frontend"))?;
        Ok(format!("http://{}:{port}", self.access.node))
    }

    /// Name of a component's Deployment.
    #[must_use]
    pub fn deployment(component: &str) -> String {
        format!("deployment/{NAME}-{component}")
    }

    /// Waits until the pods of both services are the wanted ones and no old pod is left.
    ///
    /// # Errors
    /// When that takes more than two minutes.
    pub fn settle(&self) -> anyhow::Result<()> {
        for component in ["backend", "frontend"] {
            self.access.kubectl(&self.namespace, &["rollout", "status", &Self::deployment(component), PATIENCE])?;
            eventually(Duration::from_secs(120), || {
                let selector = format!("--selector=app.kubernetes.io/component={component}");
                let pods = self.access.get(&self.namespace, &["pods", &selector])?;
                let pods = pods["items"].as_array().map(Vec::as_slice).unwrap_or_default();
                let leaving = pods.iter().filter(|pod| !pod["metadata"]["deletionTimestamp"].is_null()).count();
                anyhow::ensure!(leaving == 0, "{leaving} old pods of the {component} are still there");
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Runs SQL in the release's database, as superuser.
    ///
    /// # Errors
    /// When PostgreSQL refuses it.
    pub fn sql(&self, statement: &str) -> anyhow::Result<String> {
        self.sql_in("todo", statement)
    }

    fn sql_in(&self, database: &str, statement: &str) -> anyhow::Result<String> {
        let psql = [
            "exec",
            "database-0",
            "--",
            "psql",
            "--host=/var/run/postgresql",
            "--username=postgres",
            "--dbname",
            database,
        ];
        let options = ["--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", "--command", statement];
        self.access.kubectl(&self.namespace, &[&psql[..], &options[..]].concat()).map(|text| text.trim().to_owned())
    }

    /// Restarts of every container of the release so far.
    ///
    /// # Errors
    /// When the pods can't be listed.
    pub fn restarts(&self) -> anyhow::Result<u64> {
        let list =
            self.access.get(&self.namespace, &["pods", &format!("--selector=app.kubernetes.io/instance={NAME}")])?;
        let pods = list["items"].as_array().context("no pods")?;
        Ok(pods
            .iter()
            .filter_map(|pod| pod["status"]["containerStatuses"].as_array())
            .flatten()
            .filter_map(|container| container["restartCount"].as_u64())
            .sum())
    }

    /// Removes the namespace, without waiting for its pods.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub fn remove(self) -> anyhow::Result<()> {
        self.access.helm(&self.namespace, &["uninstall", NAME, "--ignore-not-found"])?;
        self.access.leave_namespace(&self.namespace)
    }
}

/// The flag of helm for one setting: a tag stays text, also one of digits only; a number is a number.
#[must_use]
pub fn set(setting: &str) -> [&str; 2] {
    let is_number = setting.rsplit('=').next().is_some_and(|value| value.parse::<u32>().is_ok());
    [if is_number && !setting.contains(".tag=") { "--set" } else { "--set-string" }, setting]
}

/// Which images to deploy.
#[must_use]
pub fn image_settings(access: &Access, tag: &str) -> Vec<String> {
    let mut settings = Vec::new();
    for component in ["backend", "frontend"] {
        settings.push(format!("{component}.image.tag={tag}"));
    }
    if !access.registry.is_empty() {
        settings.push(format!("global.imageRegistry={}", access.registry));
    }
    settings
}

/// How the services reach the database.
#[must_use]
pub fn database_url() -> String {
    format!("postgresql://todo:{PASSWORD}@database:5432/todo?sslmode=disable")
}

/// A PostgreSQL outside the release: its data survive the container, not the pod.
fn database(access: &Access) -> Vec<Value> {
    let labels = json!({ "app": "database" });
    let probe =
        json!({ "exec": { "command": ["pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres"] }, "periodSeconds": 1 });
    vec![
        json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "database" }, "stringData": { "password": PASSWORD } }),
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "database" },
            "spec": { "selector": labels, "ports": [{ "port": 5432 }] } }),
        json!({ "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": { "name": "database" }, "spec": {
            "serviceName": "database", "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": {
                "automountServiceAccountToken": false,
                "securityContext": { "runAsNonRoot": true, "runAsUser": 999, "runAsGroup": 999, "fsGroup": 999,
                    "seccompProfile": { "type": "RuntimeDefault" } },
                "containers": [{
                    "name": "postgres", "image": access.image("todo-postgres:15"),
                    "env": [
                        { "name": "POSTGRES_DB", "value": "postgres" }, { "name": "POSTGRES_USER", "value": "postgres" },
                        { "name": "POSTGRES_PASSWORD_FILE", "value": "/run/secrets/database/password" },
                        { "name": "PGDATA", "value": "/var/lib/postgresql/data/pgdata" } ],
                    "readinessProbe": probe,
                    "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
                    "volumeMounts": [
                        { "name": "data", "mountPath": "/var/lib/postgresql/data" },
                        { "name": "run", "mountPath": "/var/run/postgresql" },
                        { "name": "password", "mountPath": "/run/secrets/database", "readOnly": true } ] }],
                "volumes": [
                    { "name": "data", "emptyDir": {} }, { "name": "run", "emptyDir": {} },
                    { "name": "password", "secret": { "secretName": "database" } } ] } } } }),
    ]
}
