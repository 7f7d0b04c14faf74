//! Package managers and shells: IMG-005, 006, 007, 013.

use super::files::append;
use super::{Instruction, Review, Rule};
use crate::finding::Severity::{Low, Medium};

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "IMG-005",
        Medium,
        "apt leaves its leftovers or waits for an answer",
        "apt-get update && apt-get install -y --no-install-recommends … && rm -rf /var/lib/apt/lists/*, in one RUN.",
        "the update belongs into the RUN that installs",
        apt,
    ),
    Rule::new(
        "IMG-006",
        Medium,
        "Package cache in the image",
        "apk add --no-cache; dnf, yum and zypper: clean in the same RUN.",
        "",
        caches,
    ),
    Rule::new(
        "IMG-007",
        Low,
        "sudo, cd or a distribution upgrade",
        "Use USER, WORKDIR and a newer base image.",
        "",
        habits,
    ),
    Rule::new("IMG-013", Low, "Both curl and wget", "Use one of them.", "", two_downloaders),
];

fn runs<'a>(review: &Review<'a>) -> Vec<(usize, &'a Instruction)> {
    review.all().filter(|(_, instruction)| instruction.keyword == "RUN").collect()
}

fn is_apt(words: &[&str], verb: &str) -> bool {
    words.iter().any(|word| matches!(*word, "apt-get" | "apt")) && words.contains(&verb)
}

fn has_cache_mount(run: &Instruction, folder: &str) -> bool {
    run.flags.iter().any(|(name, value)| name == "mount" && value.contains("type=cache") && value.contains(folder))
}

fn apt(review: &mut Review<'_>) {
    for (stage, run) in runs(review) {
        let commands = run.commands();
        let updates = commands.iter().any(|words| is_apt(words, "update"));
        let installs: Vec<&Vec<&str>> = commands.iter().filter(|words| is_apt(words, "install")).collect();
        if installs.is_empty() {
            if updates && !commands.iter().any(|words| is_apt(words, "upgrade") || is_apt(words, "dist-upgrade")) {
                review.on(
                    stage,
                    run,
                    "updates the package lists in a layer of its own: later installs use stale ones",
                    None,
                );
            }
            continue;
        }
        let yes = |words: &&Vec<&str>| {
            words
                .iter()
                .any(|word| matches!(*word, "-y" | "--yes" | "--assume-yes" | "-qq" | "-yq" | "-qy" | "-yqq" | "-qqy"))
        };
        let lean = |words: &&Vec<&str>| words.contains(&"--no-install-recommends");
        let cleans = run.arguments.contains("/var/lib/apt/lists") || run.heredoc.contains("/var/lib/apt/lists");
        let cleaned = cleans || has_cache_mount(run, "/var/lib/apt") || has_cache_mount(run, "/var/cache/apt");
        let mut faults = Vec::new();
        let mut flags = String::new();
        if !installs.iter().all(yes) {
            faults.push("waits for an answer (-y)");
            flags.push_str(" -y");
        }
        if !installs.iter().all(lean) {
            faults.push("installs recommended packages too");
            flags.push_str(" --no-install-recommends");
        }
        if !cleaned {
            faults.push("keeps the package lists");
        }
        if faults.is_empty() {
            continue;
        }
        let mut edit = if cleaned { None } else { append(review, run, " && rm -rf /var/lib/apt/lists/*") };
        if !flags.is_empty() && run.exec.is_none() {
            let edit = edit.get_or_insert_with(|| super::Edit {
                first: run.line,
                last: run.last_line,
                lines: review.source(run),
            });
            for line in &mut edit.lines {
                for name in ["apt-get", "apt"] {
                    *line = line.replace(&format!("{name} install"), &format!("{name} install{flags}"));
                }
            }
        }
        review.on(stage, run, faults.join(", "), edit);
    }
}

fn caches(review: &mut Review<'_>) {
    for (stage, run) in runs(review) {
        let commands = run.commands();
        let text = format!("{} {}", run.arguments, run.heredoc);
        if commands
            .iter()
            .any(|words| words.starts_with(&["apk"]) && words.contains(&"add") && !words.contains(&"--no-cache"))
            && !text.contains("/var/cache/apk")
            && !has_cache_mount(run, "/var/cache/apk")
        {
            let edit = review.replace(run, "apk add", "apk add --no-cache");
            review.on(stage, run, "apk keeps its index: no --no-cache", edit);
        }
        for tool in ["dnf", "microdnf", "yum", "zypper"] {
            let installs = commands
                .iter()
                .any(|words| words.first() == Some(&tool) && (words.contains(&"install") || words.contains(&"in")));
            let cleaned = commands
                .iter()
                .any(|words| words.first() == Some(&tool) && (words.contains(&"clean") || words.contains(&"cc")))
                || text.contains("rm -rf /var/cache/")
                || has_cache_mount(run, "/var/cache");
            if installs && !cleaned {
                let clean = if tool == "zypper" { "zypper clean --all" } else { "clean all" };
                let tail = if tool == "zypper" { format!(" && {clean}") } else { format!(" && {tool} {clean}") };
                let edit = append(review, run, &tail);
                review.on(stage, run, format!("{tool} keeps its cache"), edit);
            }
        }
    }
}

fn habits(review: &mut Review<'_>) {
    for (stage, run) in runs(review) {
        for words in run.commands() {
            let message = match words[..] {
                ["sudo", ..] => "sudo needs a password or is not there; set USER instead",
                // A step of its own that only changes the folder has no effect on the next one.
                ["cd", ..] if run.commands().len() == 1 => "cd does not last beyond this RUN; use WORKDIR",
                ["cd", folder, ..] if folder.starts_with('/') => {
                    "changes the folder; WORKDIR says so for all that follows"
                }
                _ if is_apt(&words, "dist-upgrade") => "upgrades the distribution; use a newer base image",
                _ => continue,
            };
            review.on(stage, run, message, None);
        }
    }
}

fn two_downloaders(review: &mut Review<'_>) {
    for (index, stage) in review.file.stages.iter().enumerate() {
        let uses = |tool: &str| {
            stage.instructions.iter().find(|instruction| {
                instruction.keyword == "RUN" && instruction.commands().iter().any(|words| words.contains(&tool))
            })
        };
        if let (Some(_), Some(second)) = (uses("curl"), uses("wget")) {
            review.on(index, second, "the stage uses curl and wget", None);
        }
    }
}
