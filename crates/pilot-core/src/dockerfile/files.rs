//! What gets into the image: IMG-003, 004, 008, 015, 017, 020.

use super::{Edit, Review, Rule};
use crate::finding::Severity::{Critical, High, Low, Medium};
use crate::redact::{is_secret_value, is_sensitive_name};

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "IMG-003",
        Critical,
        "Secret in a layer",
        "Pass it at run time, or with RUN --mount=type=secret; rotate it: layers keep what later layers delete.",
        "it must be passed in another way",
        secrets,
    ),
    Rule::new("IMG-004", Low, "ADD of local files", "Use COPY: ADD also unpacks and downloads.", "", add),
    Rule::new(
        "IMG-008",
        Medium,
        "WORKDIR that is relative or the system's",
        "Use an absolute folder of your own such as /app.",
        "which folder is meant can't be known",
        workdir,
    ),
    Rule::new(
        "IMG-015",
        Medium,
        "Dependencies are installed anew at every change",
        "Copy the dependency manifests first, install, and copy the sources after that.",
        "the names of the manifests depend on the project",
        cache_order,
    ),
    Rule::new(
        "IMG-017",
        Medium,
        "Build context with things that don't belong in it",
        "Write a .dockerignore with .git, build output and .env files.",
        "the .dockerignore is another file",
        ignore_file,
    ),
    Rule::new(
        "IMG-020",
        High,
        "Secret baked into a front end",
        "Keep secrets at the server: what a front end is built with, every visitor can read.",
        "it must be kept at the server",
        baked,
    ),
];

fn secrets(review: &mut Review<'_>) {
    for (stage, instruction) in review.all() {
        match instruction.keyword.as_str() {
            "ENV" | "ARG" => {
                for (name, value) in instruction.pairs() {
                    let value = value.unwrap_or_default();
                    let holds = !value.is_empty()
                        && !value.starts_with('$')
                        && (is_sensitive_name(name) || is_secret_value(value));
                    // An argument without default still ends up in the image's history.
                    if holds || (instruction.keyword == "ARG" && is_sensitive_name(name)) {
                        review.on(
                            stage,
                            instruction,
                            format!("{} {name} stays readable in the image", instruction.keyword),
                            None,
                        );
                    }
                }
            }
            "COPY" | "ADD" if instruction.flag("from").is_none() => {
                let words = instruction.words();
                let sources = words.split_last().map(|(_, sources)| sources).unwrap_or_default();
                if let Some(file) = sources.iter().find(|file| is_secret_file(file)) {
                    review.on(stage, instruction, format!("{file} stays readable in the image"), None);
                }
            }
            "RUN" if is_secret_value(&instruction.arguments) => {
                review.on(stage, instruction, "the command holds a secret, which the image's history shows", None);
            }
            _ => {}
        }
    }
}

fn is_secret_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    matches!(
        name.as_str(),
        ".env"
            | "id_rsa"
            | "id_ed25519"
            | "id_ecdsa"
            | ".npmrc"
            | ".pypirc"
            | ".netrc"
            | "credentials.json"
            | ".git-credentials"
            | ".dockerconfigjson"
            | "kubeconfig"
    ) || (name.starts_with(".env.") && !name.ends_with("example") && !name.ends_with("sample"))
        || [".pem", ".key", ".p12", ".pfx", ".jks"].iter().any(|ending| name.ends_with(ending))
        || path.contains(".ssh/")
        || path.contains(".aws/")
}

fn add(review: &mut Review<'_>) {
    for (stage, instruction) in review.all().filter(|(_, instruction)| instruction.keyword == "ADD") {
        let words = instruction.words();
        let sources = words.split_last().map(|(_, sources)| sources).unwrap_or_default();
        let needs_add = |source: &&str| {
            source.contains("://")
                || source.starts_with("git@")
                || [".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".txz"]
                    .iter()
                    .any(|ending| source.ends_with(ending))
        };
        if !sources.iter().any(needs_add) && instruction.flags.is_empty() {
            let edit =
                review.replace(instruction, "ADD ", "COPY ").or_else(|| review.replace(instruction, "add ", "COPY "));
            review.on(stage, instruction, "ADD copies plain files", edit);
        }
    }
}

fn workdir(review: &mut Review<'_>) {
    const SYSTEM: [&str; 10] = ["/", "/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/sbin", "/sys", "/root"];
    for (stage, instruction) in review.all().filter(|(_, instruction)| instruction.keyword == "WORKDIR") {
        let path = instruction.arguments.trim_matches(['"', '\'']);
        let is_windows = path.get(1..2) == Some(":");
        if path.starts_with('$') || is_windows {
            continue;
        }
        if !path.starts_with('/') {
            let edit = review.replace(instruction, path, &format!("/{path}"));
            review.on(stage, instruction, format!("WORKDIR {path} depends on what was set before"), edit);
        } else if SYSTEM.contains(&path.trim_end_matches('/'))
            || (path != "/"
                && SYSTEM[1..].iter().any(|dir| path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))))
        {
            review.on(stage, instruction, format!("{path} belongs to the system"), None);
        }
    }
}

/// Commands that install what a manifest lists.
fn installs(words: &[&str]) -> bool {
    matches!(
        words,
        ["npm", "ci" | "install" | "i", ..]
            | ["yarn", "install", ..]
            | ["yarn"]
            | ["pnpm", "install" | "i", ..]
            | ["go", "mod", "download", ..]
            | ["bundle", "install", ..]
            | ["composer", "install", ..]
            | ["poetry", "install", ..]
            | ["uv", "sync", ..]
    ) || (words.contains(&"install") && words.contains(&"-r") && words.iter().any(|word| word.ends_with(".txt")))
}

fn cache_order(review: &mut Review<'_>) {
    for (index, stage) in review.file.stages.iter().enumerate() {
        let everything = stage.instructions.iter().position(|instruction| {
            instruction.keyword == "COPY"
                && instruction.flag("from").is_none()
                && matches!(instruction.words().first(), Some(&("." | "./")))
        });
        let Some(copied) = everything else { continue };
        let before = stage.instructions[..copied].iter().any(|instruction| {
            instruction.keyword == "RUN" && instruction.commands().iter().any(|words| installs(words))
        });
        let after = stage.instructions[copied..].iter().find(|instruction| {
            instruction.keyword == "RUN" && instruction.commands().iter().any(|words| installs(words))
        });
        if let Some(run) = after.filter(|_| !before) {
            review.on(
                index,
                run,
                "comes after COPY . : every change of a source file installs all dependencies again",
                None,
            );
        }
    }
}

fn ignore_file(review: &mut Review<'_>) {
    let copies_all = review.all().any(|(_, instruction)| {
        matches!(instruction.keyword.as_str(), "COPY" | "ADD")
            && instruction.flag("from").is_none()
            && matches!(instruction.words().first(), Some(&("." | "./")))
    });
    if !copies_all {
        return;
    }
    let patterns: Vec<String> = review
        .context
        .dockerignore
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| line.trim().trim_start_matches("**/").trim_matches('/').to_owned())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let covered = |name: &str| {
        patterns.iter().any(|pattern| {
            pattern == name
                || pattern == "*"
                || (pattern.ends_with('*') && name.starts_with(pattern.trim_end_matches('*')))
        })
    };
    let line = review.file.stages[0].from.line;
    if review.context.dockerignore.is_none() {
        review.report(
            line,
            ".dockerignore",
            Medium,
            "there is no .dockerignore: .git, build output and .env files become part of the image",
            None,
        );
        return;
    }
    let unwanted = [".git", "target", "node_modules", ".env", ".venv", "dist"];
    let missing: Vec<&str> = unwanted
        .into_iter()
        .filter(|name| matches!(*name, ".git" | ".env") || review.context.files.iter().any(|file| file == name))
        .filter(|name| !covered(name))
        .collect();
    if !missing.is_empty() {
        review.report(line, ".dockerignore", Medium, format!(".dockerignore lets {} in", missing.join(", ")), None);
    }
}

fn baked(review: &mut Review<'_>) {
    const PREFIXES: [&str; 6] = ["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "NUXT_PUBLIC_", "PUBLIC_", "EXPO_PUBLIC_"];
    for (stage, instruction) in
        review.all().filter(|(_, instruction)| matches!(instruction.keyword.as_str(), "ENV" | "ARG"))
    {
        for (name, _) in instruction.pairs() {
            let public = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
            if let Some(rest) = public.filter(|rest| is_sensitive_name(rest)) {
                review.on(
                    stage,
                    instruction,
                    format!("{name} is sent to every visitor, and {rest} sounds secret"),
                    None,
                );
            }
        }
    }
}

/// An edit that appends to the last line of an instruction.
pub(super) fn append(review: &Review<'_>, instruction: &super::Instruction, tail: &str) -> Option<Edit> {
    if !instruction.heredoc.is_empty() || instruction.exec.is_some() {
        return None;
    }
    let mut lines = review.source(instruction);
    lines.last_mut()?.push_str(tail);
    Some(Edit { first: instruction.line, last: instruction.last_line, lines })
}
