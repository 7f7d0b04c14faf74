//! How the container runs: IMG-009, 010, 012, 016, 018.

use super::{Edit, Review, Rule};
use crate::finding::Severity::{Info, Low, Medium};

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "IMG-009",
        Medium,
        "Instruction without effect, or no health check",
        "Keep one CMD, ENTRYPOINT and HEALTHCHECK per stage.",
        "",
        single,
    ),
    Rule::new(
        "IMG-010",
        Medium,
        "Port that should not be exposed",
        "Expose the program's own port.",
        "which port is meant can't be known",
        ports,
    ),
    Rule::new("IMG-012", Low, "MAINTAINER", "Use LABEL org.opencontainers.image.authors.", "", maintainer),
    Rule::new(
        "IMG-016",
        Medium,
        "Development server",
        "Start the production server.",
        "the production command is the project's own",
        development,
    ),
    Rule::new(
        "IMG-018",
        Medium,
        "Program that gets no signals",
        "Use the JSON form: a shell in between swallows SIGTERM, and every stop takes until it is killed.",
        "the command uses a shell's features: start it with exec in a script",
        shell_form,
    ),
];

fn single(review: &mut Review<'_>) {
    for (index, stage) in review.file.stages.iter().enumerate() {
        for keyword in ["CMD", "ENTRYPOINT", "HEALTHCHECK"] {
            let all: Vec<_> = stage.instructions.iter().filter(|instruction| instruction.keyword == keyword).collect();
            if let Some((_, earlier)) = all.split_last() {
                for instruction in earlier {
                    let edit = review.remove(instruction);
                    review.on(index, instruction, format!("a later {keyword} replaces it"), edit);
                }
            }
        }
    }
    let (last, stage) = review.last();
    let has = review.file.ancestry(last).into_iter().any(|index| {
        review.file.stages[index].instructions.iter().any(|instruction| instruction.keyword == "HEALTHCHECK")
    });
    if !has {
        let severity = if review.context.has_probes { Info } else { Low };
        review.report(
            stage.from.line,
            "HEALTHCHECK",
            severity,
            "no HEALTHCHECK: docker and compose can't tell whether it works",
            None,
        );
    }
}

fn ports(review: &mut Review<'_>) {
    for (stage, instruction) in review.all().filter(|(_, instruction)| instruction.keyword == "EXPOSE") {
        for word in instruction.words() {
            let port = word.split('/').next().unwrap_or("");
            let message = match port.parse::<i64>() {
                Ok(22) => "exposes SSH".to_owned(),
                Ok(number) if !(1..=65_535).contains(&number) => format!("{number} is not a port"),
                _ => continue,
            };
            review.on(stage, instruction, message, None);
        }
    }
}

fn maintainer(review: &mut Review<'_>) {
    for (stage, instruction) in review.all().filter(|(_, instruction)| instruction.keyword == "MAINTAINER") {
        let name = instruction.arguments.trim_matches('"').replace('"', "'");
        let line = format!("LABEL org.opencontainers.image.authors=\"{name}\"");
        let edit = Edit { first: instruction.line, last: instruction.last_line, lines: vec![line] };
        review.on(stage, instruction, "MAINTAINER is deprecated", Some(edit));
    }
}

fn development(review: &mut Review<'_>) {
    let (last, stage) = review.last();
    for instruction in
        stage.instructions.iter().filter(|instruction| matches!(instruction.keyword.as_str(), "CMD" | "ENTRYPOINT"))
    {
        let words: Vec<&str> = match &instruction.exec {
            Some(exec) => exec.iter().flat_map(|word| word.split_whitespace()).collect(),
            None => instruction.words(),
        };
        let reloads = words
            .iter()
            .find(|word| matches!(**word, "--reload" | "nodemon" | "runserver" | "--debug" | "webpack-dev-server"));
        let scripts = words
            .windows(2)
            .any(|pair| matches!(pair, ["run" | "yarn" | "pnpm" | "next" | "vite", "dev" | "start:dev"]))
            || words == ["vite"]
            || words == ["npx", "vite"];
        if reloads.is_some() || scripts {
            review.on(last, instruction, format!("{} is a development server", words.join(" ")), None);
        }
    }
}

fn shell_form(review: &mut Review<'_>) {
    let (last, stage) = review.last();
    for instruction in
        stage.instructions.iter().filter(|instruction| matches!(instruction.keyword.as_str(), "CMD" | "ENTRYPOINT"))
    {
        if instruction.exec.is_some() || instruction.arguments.starts_with("exec ") || instruction.arguments.is_empty()
        {
            continue;
        }
        // Only a plain command can be rewritten without a shell.
        let plain =
            !instruction.arguments.contains(['$', '&', '|', ';', '<', '>', '*', '`', '"', '\'', '(', '[', '~', '\\']);
        let edit = plain.then(|| {
            let words = serde_json::Value::from(instruction.words()).to_string();
            Edit {
                first: instruction.line,
                last: instruction.last_line,
                lines: vec![format!("{} {}", instruction.keyword, words)],
            }
        });
        review.on(
            last,
            instruction,
            format!("{} runs under /bin/sh, which does not pass signals on", instruction.keyword),
            edit,
        );
    }
}
