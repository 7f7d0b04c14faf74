//! Runs the program and hands its answer back.

#![expect(dead_code, reason = "every test file uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

pub mod api;
pub mod kubelet;
pub mod person;
pub mod server;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What the program answered.
pub struct Answer {
    /// Standard output.
    pub text: String,
    /// Standard error.
    pub errors: String,
    /// Exit code.
    pub code: i32,
}

impl Answer {
    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {}", self.text, self.errors))
    }
}

/// A command that sees no cluster and no history of the machine it runs on.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-pilot"));
    command.env_clear().env("HOME", "/nonexistent").env("KUBECONFIG", "/nonexistent/config");
    command
}

/// Runs the program.
pub fn pilot(args: &[&str]) -> Answer {
    pilot_with(args, "")
}

/// Runs the program with standard input.
pub fn pilot_with(args: &[&str], input: &str) -> Answer {
    answer_of(command().args(args), input)
}

/// Runs a command with standard input.
pub fn answer_of(command: &mut Command, input: &str) -> Answer {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // The program may end before it has read everything.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Answer {
        text: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    }
}

/// The folder of the broken deployments.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

/// A temporary file with a name that can be passed on.
pub struct TempFile(tempfile::TempPath);

impl TempFile {
    /// Its path.
    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

/// A file of this content and ending.
pub fn file(content: &str, suffix: &str) -> TempFile {
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    TempFile(file.into_temp_path())
}

/// A broken deployment as a snapshot, in the cluster that all cases stand in.
pub fn broken(case: &str) -> TempFile {
    let read = |path: &str| std::fs::read_to_string(folder().join(path)).unwrap();
    let case = read(&format!("{case}.yaml"));
    let mut parts = vec![read("base/cluster.yaml")];
    if !case.contains("kind: Node\n") {
        parts.push(read("base/node.yaml"));
    }
    parts.push(case);
    file(&parts.join("---\n"), ".yaml")
}
