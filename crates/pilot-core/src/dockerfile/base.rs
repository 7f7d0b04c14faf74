//! Base images, stages and the user: IMG-001, 002, 011, 014, 019, 021.

use std::collections::BTreeSet;

use super::{Edit, Review, Rule, Stage};
use crate::finding::Severity::{High, Info, Medium};
use crate::image_ref::ImageRef;

pub(super) const RULES: &[Rule] = &[
    Rule::new("IMG-001", High, "Image runs as root", "End with a numeric USER.", "", root),
    Rule::new(
        "IMG-002",
        Medium,
        "Base image without a version",
        "Name a version, best with its digest.",
        "which version is meant can't be known",
        untagged,
    ),
    Rule::new(
        "IMG-011",
        Medium,
        "Stage or copy that can't be meant",
        "Correct the stage's name or the destination.",
        "what was meant can't be known",
        stages,
    ),
    Rule::new(
        "IMG-014",
        Medium,
        "Build tools in the final image",
        "Build in one stage and copy the result into a second, small one.",
        "the split into stages depends on what the build makes",
        one_stage,
    ),
    Rule::new(
        "IMG-019",
        Medium,
        "USER by name",
        "Use a number: Kubernetes can't tell from a name that it is not root.",
        "the user's number is not in the Dockerfile",
        named_user,
    ),
    Rule::new(
        "IMG-021",
        High,
        "Binary for another C library",
        "Build statically (musl target, CGO_ENABLED=0), or use a base with the same C library.",
        "it needs another build target or another base",
        other_libc,
    ),
];

fn root(review: &mut Review<'_>) {
    let (last, stage) = review.last();
    let file = review.file;
    // The user is inherited along the stages.
    let user = file.ancestry(last).into_iter().find_map(|index| {
        file.stages[index]
            .instructions
            .iter()
            .rev()
            .find(|instruction| instruction.keyword == "USER")
            .map(|instruction| (index, instruction))
    });
    let edit_user = "65532:65532";
    match user {
        Some((index, instruction)) => {
            let name = instruction.arguments.split(':').next().unwrap_or("").trim();
            if matches!(name, "root" | "0") {
                let edit = Edit {
                    first: instruction.line,
                    last: instruction.last_line,
                    lines: vec![format!("USER {edit_user}")],
                };
                review.on(index, instruction, "the last USER is root", Some(edit));
            }
        }
        None => {
            let root = file.ancestry(last).into_iter().next_back().map_or("", |index| file.stages[index].base.as_str());
            if root.contains("nonroot") || root.contains("cgr.dev/chainguard") {
                return;
            }
            let start = stage
                .instructions
                .iter()
                .find(|instruction| matches!(instruction.keyword.as_str(), "CMD" | "ENTRYPOINT"));
            let line = start
                .map_or_else(|| stage.instructions.last().unwrap_or(&stage.from).last_line + 1, |start| start.line);
            review.report(
                stage.from.line,
                "final stage USER",
                High,
                "no USER: the program runs as root",
                Some(Edit::insert_before(line, vec![format!("USER {edit_user}")])),
            );
        }
    }
}

fn untagged(review: &mut Review<'_>) {
    for (index, stage) in review.file.stages.iter().enumerate() {
        if stage.base == "scratch"
            || stage.base.is_empty()
            || stage.base.contains('$')
            || review.file.stage(&stage.base, index).is_some()
        {
            continue;
        }
        let image = ImageRef::parse(&stage.base);
        let place = format!("stage {index} FROM");
        if image.digest.is_some() {
            continue;
        }
        match image.tag {
            None => review.report(
                stage.from.line,
                &place,
                Medium,
                format!("{image} has no tag: it means whatever is newest"),
                None,
            ),
            Some("latest") => {
                review.report(stage.from.line, &place, Medium, format!("{image} is whatever is newest"), None)
            }
            Some(_) => review.report(stage.from.line, &place, Info, format!("{image} is not pinned by digest"), None),
        }
    }
}

fn stages(review: &mut Review<'_>) {
    let mut names = BTreeSet::new();
    for stage in &review.file.stages {
        if let Some(name) = &stage.name
            && !names.insert(name)
        {
            review.report(
                stage.from.line,
                &format!("FROM AS {name}"),
                Medium,
                format!("two stages are called {name}"),
                None,
            );
        }
    }
    for (index, copy) in review.all().filter(|(_, instruction)| matches!(instruction.keyword.as_str(), "COPY" | "ADD"))
    {
        let own = review.file.stages[index].name.as_deref();
        if let Some(from) = copy.flag("from")
            && (own == Some(&from.to_ascii_lowercase()) || from == index.to_string())
        {
            review.on(index, copy, "copies from the stage it stands in", None);
        }
        let words = copy.exec.as_ref().map_or_else(|| copy.words(), |exec| exec.iter().map(String::as_str).collect());
        if words.len() > 2
            && copy.heredoc.is_empty()
            && let Some(destination) = words.last()
            && !destination.ends_with('/')
            && *destination != "."
        {
            let edit = copy
                .exec
                .is_none()
                .then(|| review.replace_last(copy, destination, &format!("{destination}/")))
                .flatten();
            review.on(index, copy, format!("several sources need a folder: {destination} must end with /"), edit);
        }
    }
}

impl Review<'_> {
    /// Replaces the last occurrence of a word in an instruction.
    fn replace_last(&self, instruction: &super::Instruction, from: &str, to: &str) -> Option<Edit> {
        let mut lines = self.source(instruction);
        let line = lines.iter_mut().rev().find(|line| line.contains(from))?;
        let at = line.rfind(from)?;
        line.replace_range(at..at + from.len(), to);
        Some(Edit { first: instruction.line, last: instruction.last_line, lines })
    }
}

/// Packages and images that only a build needs.
const BUILD_PACKAGES: [&str; 14] = [
    "gcc",
    "g++",
    "make",
    "cmake",
    "build-essential",
    "build-base",
    "clang",
    "cargo",
    "rustc",
    "golang",
    "musl-dev",
    "python3-dev",
    "libpq-dev",
    "default-jdk",
];

fn one_stage(review: &mut Review<'_>) {
    let (last, stage) = review.last();
    for run in stage.instructions.iter().filter(|instruction| instruction.keyword == "RUN") {
        let commands = run.commands();
        // A virtual package that is deleted in the same step leaves nothing behind.
        let removed = commands
            .iter()
            .any(|words| words.contains(&"del") || words.contains(&"purge") || words.contains(&"autoremove"));
        let installs = commands.iter().filter(|words| words.iter().any(|word| matches!(*word, "install" | "add")));
        let tool = installs.flatten().find(|word| BUILD_PACKAGES.contains(word));
        if let Some(tool) = tool.filter(|_| !removed) {
            review.on(last, run, format!("installs {tool}, which only a build needs"), None);
        }
    }
    let compiles = |stage: &Stage| {
        let name = ImageRef::parse(&stage.base).name;
        matches!(name.rsplit('/').next(), Some("rust" | "golang" | "maven" | "gradle" | "gcc"))
    };
    if compiles(stage) {
        review.report(
            stage.from.line,
            "final FROM",
            Medium,
            format!("the image is built on {}, with its whole compiler", stage.base),
            None,
        );
    }
}

fn named_user(review: &mut Review<'_>) {
    let (last, stage) = review.last();
    let Some(user) = stage.instructions.iter().rev().find(|instruction| instruction.keyword == "USER") else { return };
    let name = user.arguments.split(':').next().unwrap_or("").trim();
    if name.is_empty() || name == "root" || name.starts_with('$') || name.bytes().all(|b| b.is_ascii_digit()) {
        return;
    }
    // The number often stands in the command that makes the user.
    let known = stage
        .instructions
        .iter()
        .filter(|instruction| instruction.keyword == "RUN")
        .flat_map(|run| run.commands())
        .find_map(|words| {
            let makes = words.iter().any(|word| matches!(*word, "useradd" | "adduser")) && words.contains(&name);
            let id =
                words.iter().position(|word| matches!(*word, "-u" | "--uid")).and_then(|at| words.get(at + 1).copied());
            id.or_else(|| words.iter().find_map(|word| word.strip_prefix("--uid=")))
                .filter(|id| makes && id.bytes().all(|b| b.is_ascii_digit()))
                .map(str::to_owned)
        });
    let edit = known.map(|id| Edit { first: user.line, last: user.last_line, lines: vec![format!("USER {id}")] });
    review.on(last, user, format!("USER {name} is a name: runAsNonRoot can't check it"), edit);
}

#[derive(PartialEq)]
enum Libc {
    Glibc,
    Musl,
    None,
    Unknown,
}

fn libc(base: &str) -> Libc {
    let image = ImageRef::parse(base);
    let short = image.name.rsplit('/').next().unwrap_or("");
    let tag = image.tag.unwrap_or("");
    match short {
        "scratch" => Libc::None,
        "static" | "static-debian12" | "static-debian13" => Libc::None,
        "alpine" => Libc::Musl,
        _ if tag.contains("alpine") => Libc::Musl,
        "debian" | "ubuntu" | "rust" | "golang" | "gcc" | "python" | "node" | "fedora" | "rockylinux" | "almalinux" => {
            Libc::Glibc
        }
        _ => Libc::Unknown,
    }
}

fn other_libc(review: &mut Review<'_>) {
    let (last, stage) = review.last();
    let file = review.file;
    let root = |index: usize| {
        file.ancestry(index).into_iter().next_back().map_or("", |index| file.stages[index].base.as_str())
    };
    let target = libc(root(last));
    if !matches!(target, Libc::Musl | Libc::None) {
        return;
    }
    for copy in stage.instructions.iter().filter(|instruction| instruction.keyword == "COPY") {
        let Some(source) = copy.flag("from").and_then(|from| file.stage(from, last)) else { continue };
        let line = file.ancestry(source);
        let text: String = line
            .iter()
            .flat_map(|index| &file.stages[*index].instructions)
            .map(|i| format!("{} {}\n", i.arguments, i.heredoc))
            .collect();
        let compiles = ["cargo build", "go build", "gcc ", "g++ ", "make"].iter().any(|word| text.contains(word));
        let is_static = ["musl", "CGO_ENABLED=0", "CGO_ENABLED 0", "-static", "crt-static", "zigbuild"]
            .iter()
            .any(|word| text.contains(word));
        if compiles && !is_static && libc(root(source)) == Libc::Glibc {
            review.on(
                last,
                copy,
                format!("a program built on {} (glibc) can't start on {}", root(source), root(last)),
                None,
            );
        }
    }
}
