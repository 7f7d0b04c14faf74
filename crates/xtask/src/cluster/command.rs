//! Short commands, run to their end, quietly unless they fail.

use std::{
    io::Write as _,
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail};

/// Runs a command and answers what it printed.
///
/// # Errors
/// When it can't start or fails, with the end of what it printed.
pub fn run(command: &mut Command) -> anyhow::Result<String> {
    let name = shown(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("can't start {name}"))?;
    finish(&name, &output)
}

/// Starts a command in a process group of its own, quietly, so that [`kill`] ends it with all that it starts.
///
/// # Errors
/// When it can't start.
pub fn start(command: &mut Command) -> anyhow::Result<Child> {
    Ok(command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
}

/// Kills what [`start`] started, and all that it started. It may have ended already.
///
/// # Errors
/// When `kill` can't be run.
pub fn kill(mut child: Child) -> anyhow::Result<()> {
    let group = format!("-{}", child.id());
    Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status()?;
    child.wait()?;
    Ok(())
}

/// Runs a command with that input.
///
/// # Errors
/// As [`run`].
pub fn run_with(command: &mut Command, input: &str) -> anyhow::Result<String> {
    let name = shown(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("can't start {name}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    finish(&name, &child.wait_with_output()?)
}

fn finish(name: &str, output: &std::process::Output) -> anyhow::Result<String> {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(printed);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let all = format!("{}\n{}", printed.trim(), complaint.trim());
    let lines: Vec<&str> = all.lines().collect();
    bail!("{name} failed:\n{}", lines[lines.len().saturating_sub(20)..].join("\n"));
}

/// The program and its first arguments: enough to know which one it was.
fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    let text = words.join(" ");
    if text.chars().count() > 160 { format!("{}…", text.chars().take(160).collect::<String>()) } else { text }
}
