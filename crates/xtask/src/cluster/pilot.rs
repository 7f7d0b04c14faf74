//! `kubectl-pilot` as somebody at the keyboard has it: their kubeconfig, their `helm`, an audit log of their own.

use std::{
    env, fs,
    os::unix,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::access::Access;

/// How long a change may take until it counts as failed.
const WAIT: &str = "90s";

/// The program, at one cluster.
#[derive(Debug)]
pub struct Pilot {
    program: PathBuf,
    kubeconfig: PathBuf,
    /// Home, and the folder with `helm`.
    home: tempfile::TempDir,
    path: std::ffi::OsString,
}

/// What it answered.
#[derive(Debug)]
pub struct Answer {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub text: String,
    /// Standard error.
    pub errors: String,
}

impl Answer {
    /// The answer as JSON.
    ///
    /// # Errors
    /// When it is none; the message has what was printed.
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.text).with_context(|| self.to_string())
    }

    /// An error unless the exit code is this one.
    ///
    /// # Errors
    /// With what was printed.
    pub fn expect(self, code: i32) -> anyhow::Result<Self> {
        ensure!(self.code == code, "expected exit code {code}: {self}");
        Ok(self)
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit code {}\n{}\n{}", self.code, self.text.trim(), self.errors.trim())
    }
}

impl Pilot {
    /// The program that was built beside this one.
    ///
    /// # Errors
    /// When it was not built.
    pub fn at(access: &Access) -> anyhow::Result<Self> {
        let program = env::current_exe()?.with_file_name("kubectl-pilot");
        if !program.exists() {
            bail!("{} is missing; build it: cargo build -p pilot", program.display());
        }
        let home = tempfile::tempdir()?;
        let helm = PathBuf::from(&access.helm);
        let mut folders = Vec::new();
        if helm.is_absolute() {
            // The one on PATH may be another version; the cache's may have another name.
            let folder = home.path().join("bin");
            fs::create_dir(&folder)?;
            unix::fs::symlink(&helm, folder.join("helm"))?;
            folders.push(folder);
        }
        folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let path = env::join_paths(folders)?;
        Ok(Self { program, kubeconfig: access.kubeconfig.clone(), home, path })
    }

    /// Runs it without a terminal.
    ///
    /// # Errors
    /// When it can't start.
    pub fn run(&self, namespace: &str, arguments: &[&str]) -> anyhow::Result<Answer> {
        self.run_for(WAIT, namespace, arguments)
    }

    /// As [`run`](Self::run); a change may take so long.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_for(&self, wait: &str, namespace: &str, arguments: &[&str]) -> anyhow::Result<Answer> {
        let output = Command::new(&self.program)
            .args(["--namespace", namespace, "--settle", "3s", "--wait", wait])
            .args(arguments)
            .env("KUBECONFIG", &self.kubeconfig)
            .env("PATH", &self.path)
            .env("HOME", self.home.path())
            .env("PILOT_AUDIT_LOG", self.home.path().join("audit.jsonl"))
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("can't start {}", self.program.display()))?;
        Ok(Answer {
            code: output.status.code().unwrap_or(-1),
            text: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}
