//! A cluster seen from outside: `kubectl` and `helm` with one kubeconfig. Ours and any other look alike from here.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde_json::Value;

use super::command::{run, run_with};

/// Label of the suite's namespaces.
const MARK: &str = "todo/end-to-end";

/// Where the programs are, which cluster, and which images it has.
#[derive(Clone, Debug)]
pub struct Access {
    /// The checkout.
    pub root: PathBuf,
    /// `KUBECONFIG`.
    pub kubeconfig: PathBuf,
    /// `kubectl`, perhaps with a first argument.
    pub kubectl: Vec<String>,
    /// `helm`, of version 3 or 4.
    pub helm: String,
    /// Registry in front of all image names; empty when the node has them.
    pub registry: String,
    /// Tag of the release under test; the next one has `-next` behind it.
    pub tag: String,
    /// Address of a node, at which NodePorts answer.
    pub node: String,
    /// `ctr` with its arguments, where the node's containerd is at hand.
    pub containerd: Option<Vec<String>>,
}

impl Access {
    /// Runs `kubectl`.
    ///
    /// # Errors
    /// When it fails, with what it printed.
    pub fn kubectl(&self, namespace: &str, arguments: &[&str]) -> anyhow::Result<String> {
        run(self.kubectl_command(namespace).args(arguments))
    }

    /// Applies objects.
    ///
    /// # Errors
    /// When the cluster refuses one.
    pub fn apply(&self, namespace: &str, objects: &[Value]) -> anyhow::Result<()> {
        let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": objects });
        run_with(self.kubectl_command(namespace).args(["apply", "--filename=-"]), &list.to_string()).map(drop)
    }

    /// Sends an object to a path of the API.
    ///
    /// # Errors
    /// When the cluster refuses it.
    pub fn create_raw(&self, path: &str, object: &Value) -> anyhow::Result<()> {
        let mut command = self.kubectl_command("default");
        run_with(command.args(["create", "--raw", path, "--filename=-"]), &object.to_string()).map(drop)
    }

    /// An object, or a list of objects, as JSON.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn get(&self, namespace: &str, arguments: &[&str]) -> anyhow::Result<Value> {
        let text = run(self.kubectl_command(namespace).arg("get").args(arguments).arg("--output=json"))?;
        serde_json::from_str(&text).context("kubectl answered no JSON")
    }

    /// Runs `helm`.
    ///
    /// # Errors
    /// When it fails, with what it printed.
    pub fn helm(&self, namespace: &str, arguments: &[&str]) -> anyhow::Result<String> {
        run(self.helm_command(namespace).args(arguments))
    }

    /// The command, to be given arguments.
    #[must_use]
    pub fn helm_command(&self, namespace: &str) -> Command {
        let mut command = Command::new(&self.helm);
        command.env("KUBECONFIG", &self.kubeconfig).args(["--namespace", namespace]);
        command
    }

    fn kubectl_command(&self, namespace: &str) -> Command {
        let mut command = Command::new(&self.kubectl[0]);
        command.args(&self.kubectl[1..]).env("KUBECONFIG", &self.kubeconfig).args(["--namespace", namespace]);
        command
    }

    /// An image as the cluster pulls it.
    #[must_use]
    pub fn image(&self, name: &str) -> String {
        if self.registry.is_empty() { name.to_owned() } else { format!("{}/{name}", self.registry) }
    }

    /// The chart.
    #[must_use]
    pub fn chart(&self) -> String {
        self.root.join("deploy/chart/todo-chatbot").display().to_string()
    }

    /// A file of values beside the chart.
    #[must_use]
    pub fn values(&self, name: &str) -> String {
        Path::new(&self.chart()).join(name).display().to_string()
    }

    /// Makes a namespace that enforces Pod Security `restricted`; removes an older one of that name first.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub fn fresh_namespace(&self, name: &str) -> anyhow::Result<()> {
        self.remove_namespace(name)?;
        let labels = serde_json::json!({
            MARK: "true",
            "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest" });
        let namespace = serde_json::json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } });
        self.apply("default", &[namespace])
    }

    /// Removes what an earlier run of the suite left.
    ///
    /// # Errors
    /// When it does not go within three minutes.
    pub fn clean(&self) -> anyhow::Result<()> {
        self.kubectl("default", &["delete", "namespace", &format!("--selector={MARK}"), "--timeout=180s"]).map(drop)
    }

    /// Removes a namespace with everything in it.
    ///
    /// # Errors
    /// When it does not go within two minutes.
    pub fn remove_namespace(&self, name: &str) -> anyhow::Result<()> {
        self.kubectl("default", &["delete", "namespace", name, "--ignore-not-found", "--timeout=120s"]).map(drop)
    }

    /// Removes a namespace without waiting for its pods.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub fn leave_namespace(&self, name: &str) -> anyhow::Result<()> {
        self.kubectl("default", &["delete", "namespace", name, "--ignore-not-found", "--wait=false"]).map(drop)
    }

    /// 3 or 4: some flags have other names.
    ///
    /// # Errors
    /// When helm does not tell.
    pub fn helm_major(&self) -> anyhow::Result<u32> {
        let version = self.helm("default", &["version", "--template={{.Version}}"])?;
        version
            .trim()
            .trim_start_matches('v')
            .split('.')
            .next()
            .unwrap_or_default()
            .parse()
            .context("helm told no version")
    }

    /// Kills a pod's container without warning; `before` is asked right before.
    ///
    /// # Errors
    /// When the pod has no running container.
    pub fn kill<T>(&self, namespace: &str, pod: &str, before: impl FnOnce() -> T) -> anyhow::Result<T> {
        let object = self.get(namespace, &["pod", pod])?;
        let id =
            object["status"]["containerStatuses"][0]["containerID"].as_str().context("the pod has no container")?;
        let id = id.trim_start_matches("containerd://");
        let seen = before();
        match &self.containerd {
            Some(ctr) => {
                run(Command::new(&ctr[0]).args(&ctr[1..]).args(["tasks", "kill", "--signal", "SIGKILL", id]))?;
            }
            // The nearest that the API offers.
            None => {
                self.kubectl(namespace, &["delete", "pod", pod, "--grace-period=0", "--force"])?;
            }
        }
        Ok(seen)
    }

    /// The port of a Service on every node.
    ///
    /// # Errors
    /// When the Service has none.
    pub fn node_port(&self, namespace: &str, service: &str) -> anyhow::Result<u64> {
        let service = self.get(namespace, &["service", service])?;
        service["spec"]["ports"][0]["nodePort"].as_u64().context("the Service has no node port")
    }

    /// Names of the running pods of a component.
    ///
    /// # Errors
    /// When they can't be listed.
    pub fn pods(&self, namespace: &str, component: &str) -> anyhow::Result<Vec<String>> {
        let selector = format!("--selector=app.kubernetes.io/component={component}");
        let list = self.get(namespace, &["pods", &selector, "--field-selector=status.phase=Running"])?;
        let pods = list["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(pods
            .iter()
            .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
            .filter_map(|pod| pod["metadata"]["name"].as_str().map(str::to_owned))
            .collect())
    }
}

/// Tries until it succeeds.
///
/// # Errors
/// The last error when time is up.
pub fn eventually<T>(limit: Duration, mut attempt: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let started = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return Ok(value),
            Err(error) if started.elapsed() > limit => {
                bail!("{error:#}, and not otherwise within {} s", limit.as_secs());
            }
            Err(_) => sleep(Duration::from_millis(100)),
        }
    }
}
