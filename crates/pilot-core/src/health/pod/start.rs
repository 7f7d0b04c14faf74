//! Commands that can't be started (HLT-107).

use super::Case;
use crate::finding::EvidenceSource;
use crate::health::catalogue::START_FAILED;
use crate::health::draft::Draft;
use crate::health::world::container;
use crate::model::ContainerStatus;
use crate::nearest::nearest;

const REASONS: &[&str] = &[
    "CreateContainerError",
    "RunContainerError",
    "StartError",
    "ContainerCannotRun",
    "PreStartHookError",
    "PostStartHookError",
    "CreateContainerHookError",
];
const COMMON: &[&str] = &[
    "sh",
    "bash",
    "ash",
    "node",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "python",
    "python3",
    "pip",
    "uvicorn",
    "gunicorn",
    "java",
    "nginx",
    "redis-server",
    "postgres",
    "ruby",
    "php",
    "php-fpm",
    "dotnet",
    "go",
    "cargo",
    "sleep",
    "cat",
    "echo",
    "tail",
    "curl",
    "wget",
    "envoy",
    "caddy",
    "httpd",
    "mysqld",
    "mongod",
    "entrypoint.sh",
    "docker-entrypoint.sh",
];

pub fn failed(case: &Case<'_>) -> Option<Draft> {
    let (list, status, reason, message) = case.containers().find_map(|(list, status)| {
        let (reason, message) = words(status)?;
        Some((list, status, reason, message))
    })?;
    let spec = container(case.pod, &status.name)?;
    let text = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let command = spec.command.first().or(spec.args.first()).map_or("", String::as_str);
    let field = if spec.command.is_empty() && !spec.args.is_empty() { "args" } else { "command" };
    let program = quoted(message).unwrap_or(command);

    let (cause, advice) = if says(&["executable file not found", "no such file or directory", "not found in $path"])
        && !says(&["mount", "workdir", "chdir"])
    {
        let meant = nearest(program.rsplit('/').next().unwrap_or(program), COMMON.iter().copied());
        let advice = match meant {
            Some(meant) => format!("Did you mean {meant:?}? Correct {field}, or add the program to the image."),
            None => format!("Correct {field}, or add the program to the image."),
        };
        (format!("{program:?} is not in image {}", spec.image), advice)
    } else if says(&["exec format error"]) {
        (
            format!(
                "{program:?} in image {} is built for another processor, or is a script without #! line",
                spec.image
            ),
            "Build the image for the node's architecture, or add the #! line.".to_owned(),
        )
    } else if says(&["permission denied"]) {
        (
            format!("{program:?} may not be executed"),
            "Make the file executable in the image (chmod +x) for the user the container runs as.".to_owned(),
        )
    } else if says(&["read-only file system"]) {
        (
            "the root file system is read-only and a mount point does not exist in the image".to_owned(),
            "Create the directory in the image, or mount a volume above it.".to_owned(),
        )
    } else if says(&["not a directory", "mount"]) {
        (
            "a volume cannot be mounted into the container".to_owned(),
            "A file cannot be mounted over a directory, nor a directory over a file: correct mountPath or subPath."
                .to_owned(),
        )
    } else if says(&["chdir", "workdir"]) {
        (
            "the working directory does not exist in the image".to_owned(),
            "Correct workingDir, or create the directory in the image.".to_owned(),
        )
    } else if reason.contains("Hook") {
        ("a lifecycle hook fails".to_owned(), "Correct the hook's command, or remove it.".to_owned())
    } else {
        (format!("the container runtime cannot start it ({reason})"), "Read the runtime's message below.".to_owned())
    };
    Some(
        Draft::new(&START_FAILED, format!("container {} cannot start: {cause}", status.name))
            .container(&status.name)
            .field(case.field(list, &status.name, field))
            .seen(EvidenceSource::Status, format!("{list}[{}].{reason}", status.name), message)
            .advice(advice, "only you know what the command should be"),
    )
}

/// The runtime's words, whether the container waits after the failure or is counted as terminated.
fn words(status: &ContainerStatus) -> Option<(&str, &str)> {
    if let Some(waiting) = &status.state.waiting
        && REASONS.contains(&waiting.reason.as_str())
    {
        return Some((&waiting.reason, &waiting.message));
    }
    [&status.state.terminated, &status.last_state.terminated]
        .into_iter()
        .flatten()
        .find(|t| {
            REASONS.contains(&t.reason.as_str()) || (matches!(t.exit_code, 126..=128) && t.message.contains("exec:"))
        })
        .map(|t| (t.reason.as_str(), t.message.as_str()))
}

/// The program named in `exec: "prog": …`.
fn quoted(message: &str) -> Option<&str> {
    let rest = &message[message.find("exec: \"").or_else(|| message.find("exec \""))?..];
    let start = rest.find('"')? + 1;
    let end = rest[start..].find('"')? + start;
    Some(&rest[start..end])
}
