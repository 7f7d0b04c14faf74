//! Somebody at the keyboard, at a cluster made of a broken case.

use serde_json::Value;

use super::api::Api;
use super::temp::TempFile;
use super::{Answer, answer_of, command};

/// Where most cases are broken.
pub const BACKEND: &str = "/apis/apps/v1/namespaces/todo/deployments/backend";

/// A person at this cluster: a kubeconfig and a home of their own.
pub struct Person<'a> {
    api: &'a Api,
    kubeconfig: TempFile,
    /// Their home.
    pub home: tempfile::TempDir,
}

impl<'a> Person<'a> {
    /// A person with a home of their own.
    pub fn at(api: &'a Api) -> Self {
        Self { api, kubeconfig: api.server.kubeconfig(), home: tempfile::tempdir().unwrap() }
    }

    /// The kubeconfig that leads to the cluster.
    pub fn kubeconfig(&self) -> &str {
        self.kubeconfig.path()
    }

    /// Runs the program.
    pub fn run(&self, args: &[&str]) -> Answer {
        self.run_with(args, &[])
    }

    /// Runs the program with more variables.
    pub fn run_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Answer {
        let mut all = vec!["--kubeconfig", self.kubeconfig.path(), "--settle", "1s", "--wait", "4s"];
        all.extend(args);
        let mut command = command();
        command.env("HOME", self.home.path()).env("USER", "alice").envs(variables.iter().copied());
        answer_of(command.args(all), "")
    }

    /// The entries of the audit log.
    pub fn audit(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Where the audit log is.
    pub fn log(&self) -> std::path::PathBuf {
        self.home.path().join(".local/state/pilot/audit.jsonl")
    }

    /// Replicas of the backend.
    pub fn replicas(&self) -> Value {
        self.api.get(BACKEND)["spec"]["replicas"].clone()
    }
}
