//! The `helm` program, version 3 or 4. It is called without a shell; values go in through standard input, because
//! arguments can be seen by everybody on the machine.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use pilot_core::action::{HelmValues, Hidden};
use serde_json::{Map, Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::cli::ClusterArgs;
use crate::exit::Error;
use crate::report::Door;

/// The program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
    /// 3 or 4.
    pub major: u32,
    /// As it says itself.
    pub version: String,
}

impl Program {
    /// Looks on PATH and asks for the version.
    ///
    /// # Errors
    /// When it is missing or of another version.
    pub async fn find() -> Result<Self, Error> {
        let missing = || {
            Error::Refused(
                "the helm program is not on PATH: install and upgrade need it (version 3 or 4); \
                 helm history, status, verify and unlock work without it"
                    .to_owned(),
            )
        };
        let path = std::env::var_os("PATH").ok_or_else(missing)?;
        let path = std::env::split_paths(&path).map(|p| p.join("helm")).find(|p| p.is_file()).ok_or_else(missing)?;
        let output = Command::new(&path)
            .args(["version", "--template", "{{.Version}}"])
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|e| Error::Refused(format!("{}: {e}", path.display())))?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let major = version.trim_start_matches('v').split('.').next().and_then(|m| m.parse().ok());
        match major {
            Some(major @ (3 | 4)) => Ok(Self { path, major, version }),
            _ => Err(Error::Refused(format!("{}: pilot knows helm 3 and 4, not {version:?}", path.display()))),
        }
    }

    /// The flag that takes a failed install or upgrade back: Helm 4 has renamed it.
    pub fn rollback_on_failure(&self) -> &'static str {
        if self.major >= 4 { "--rollback-on-failure" } else { "--atomic" }
    }

    /// Runs it on the cluster of the command line and returns what it prints.
    ///
    /// # Errors
    /// When it fails, with its last lines, or takes longer than `limit`.
    pub async fn run(
        &self,
        cluster: &ClusterArgs,
        args: &[String],
        input: Option<&Hidden>,
        limit: Duration,
    ) -> Result<String, Error> {
        let mut command = Command::new(&self.path);
        command.args(args).kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (flag, value) in [
            ("--kube-context", cluster.context.as_deref()),
            ("--kube-as-user", cluster.impersonate.as_deref()),
            ("--kubeconfig", cluster.kubeconfig.as_deref().and_then(|p| p.to_str())),
        ] {
            if let Some(value) = value {
                command.arg(flag).arg(value);
            }
        }
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let failed = |why: String| Error::Refused(format!("helm {}: {why}", args.first().map_or("", String::as_str)));
        let mut child = command.spawn().map_err(|e| failed(e.to_string()))?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            // A program that ends before it has read says why by itself.
            let _ = stdin.write_all(input.reveal().as_bytes()).await;
        }
        let output = tokio::time::timeout(limit, child.wait_with_output())
            .await
            .map_err(|_| failed(format!("has not ended after {} s", limit.as_secs())))?
            .map_err(|e| failed(e.to_string()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
        let last = lines[lines.len().saturating_sub(3)..].join("; ");
        Err(failed(Door::default().line(&last)))
    }
}

/// `--set` values as the document that `--values -` reads: `a.b=2` becomes `{"a": {"b": 2}}`.
///
/// # Errors
/// When a key is not a path of names.
pub fn values(given: &HelmValues) -> Result<Option<Hidden>, Error> {
    let mut document = json!({});
    for (key, value) in &given.set {
        let parts: Vec<&str> = key.split('.').collect();
        if parts.iter().any(|p| p.is_empty() || p.contains(['[', ']', '=', ','])) {
            return Err(Error::Usage(format!("{key:?} is not a path of names such as image.tag: use a values file")));
        }
        let text = value.reveal();
        // As --set does: numbers, true, false and null are what they look like.
        let scalar = match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => value,
            _ => Value::from(text),
        };
        let mut at = &mut document;
        for part in &parts {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            at = &mut at[*part];
        }
        *at = scalar;
    }
    let empty = document.as_object().is_none_or(Map::is_empty);
    Ok((!empty).then(|| Hidden::new(document.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_a_document() {
        let set = [("image.tag", "1.4"), ("replicas", "2"), ("debug", "true"), ("name", "a,b=c"), ("image.repo", "x")];
        let set = set.into_iter().map(|(k, v)| (k.to_owned(), Hidden::new(v))).collect();
        let given = HelmValues { set, files: Vec::new() };
        let document: Value = serde_json::from_str(values(&given).unwrap().unwrap().reveal()).unwrap();
        assert_eq!(
            document,
            json!({"image": {"tag": 1.4, "repo": "x"}, "replicas": 2, "debug": true, "name": "a,b=c"})
        );
        assert_eq!(values(&HelmValues::default()).unwrap(), None);
        let bad = HelmValues { set: [("a[0]".to_owned(), Hidden::new("1"))].into(), files: Vec::new() };
        assert!(values(&bad).is_err());
    }

    #[test]
    fn helm_4_calls_it_otherwise() {
        let program = |major| Program { path: PathBuf::new(), major, version: String::new() };
        assert_eq!(program(3).rollback_on_failure(), "--atomic");
        assert_eq!(program(4).rollback_on_failure(), "--rollback-on-failure");
    }
}
