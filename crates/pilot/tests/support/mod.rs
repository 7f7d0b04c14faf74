//! Runs the program and hands its answer back.

#![expect(dead_code, reason = "every test file uses its own part of this")]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

pub mod api;
pub mod cases;
pub mod kubelet;
pub mod model;
pub mod person;
pub mod server;
pub mod temp;

use std::io::Write as _;
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
