//! A Dockerfile as instructions and stages: continuation lines, comments, the escape directive,
//! flags, JSON forms and here-documents.

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Upper case: `RUN`.
    pub keyword: String,
    /// `--name=value` flags, in order; value empty for bare flags.
    pub flags: Vec<(String, String)>,
    /// What follows the flags, on one line.
    pub arguments: String,
    /// The elements of the JSON form, if it is one.
    pub exec: Option<Vec<String>>,
    /// Lines of here-documents.
    pub heredoc: String,
    /// First line, from 1.
    pub line: u32,
    /// Last line.
    pub last_line: u32,
}

/// One `FROM` and what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The image as written, global `ARG` defaults filled in.
    pub base: String,
    /// After `AS`, lower case.
    pub name: Option<String>,
    /// The `FROM` itself.
    pub from: Instruction,
    /// The rest.
    pub instructions: Vec<Instruction>,
}

/// A parsed Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// `ARG`s before the first `FROM`.
    pub globals: Vec<Instruction>,
    /// Stages in order; the last is the image.
    pub stages: Vec<Stage>,
}

impl Instruction {
    /// Words of the arguments.
    pub fn words(&self) -> Vec<&str> {
        self.arguments.split_whitespace().collect()
    }

    /// The value of a flag.
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|(flag, _)| flag == name).map(|(_, value)| value.as_str())
    }

    /// The commands of a `RUN`, split at `&&`, `||`, `;`, `|` and line ends, each as words.
    pub fn commands(&self) -> Vec<Vec<&str>> {
        let text = [self.arguments.as_str(), self.heredoc.as_str()];
        text.iter()
            .flat_map(|text| text.split(['\n', ';', '|', '&']))
            .map(|command| command.split_whitespace().collect::<Vec<_>>())
            .filter(|words| !words.is_empty())
            .collect()
    }

    /// `NAME=value` pairs of `ENV` and `ARG`; `ENV NAME value` too. The value is `None` when absent.
    pub fn pairs(&self) -> Vec<(&str, Option<&str>)> {
        let words = self.words();
        if self.keyword == "ENV" && words.len() >= 2 && !words[0].contains('=') {
            let value = self.arguments.trim_start().split_once(char::is_whitespace).map(|(_, value)| value.trim());
            return vec![(words[0], value)];
        }
        words
            .into_iter()
            .map(|word| match word.split_once('=') {
                Some((name, value)) => (name, Some(value.trim_matches(['"', '\'']))),
                None => (word, None),
            })
            .collect()
    }
}

impl Dockerfile {
    /// Reads a Dockerfile. Unknown instructions are kept; nothing fails.
    pub fn parse(text: &str) -> Self {
        let mut file = Self::default();
        for instruction in instructions(text) {
            if instruction.keyword == "FROM" {
                let stage = stage(&file.globals, instruction);
                file.stages.push(stage);
            } else if let Some(stage) = file.stages.last_mut() {
                stage.instructions.push(instruction);
            } else {
                file.globals.push(instruction);
            }
        }
        file
    }

    /// The stage that a name or number refers to, among those before `before`.
    pub fn stage(&self, reference: &str, before: usize) -> Option<usize> {
        let earlier = &self.stages[..before.min(self.stages.len())];
        let by_name = earlier.iter().rposition(|stage| stage.name.as_deref() == Some(&reference.to_ascii_lowercase()));
        by_name.or_else(|| reference.parse::<usize>().ok().filter(|number| *number < earlier.len()))
    }

    /// A stage and the stages it is built on, itself first.
    pub fn ancestry(&self, stage: usize) -> Vec<usize> {
        let mut line = vec![stage];
        while let Some(&last) = line.last() {
            match self.stage(&self.stages[last].base, last) {
                Some(parent) => line.push(parent),
                None => break,
            }
        }
        line
    }
}

fn stage(globals: &[Instruction], from: Instruction) -> Stage {
    let words = from.words();
    let mut base = words.first().copied().unwrap_or_default().to_owned();
    for (name, value) in globals.iter().filter(|global| global.keyword == "ARG").flat_map(Instruction::pairs) {
        let value = value.unwrap_or_default();
        base = base.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
    }
    let name = match words[..] {
        [_, keyword, name, ..] if keyword.eq_ignore_ascii_case("as") => Some(name.to_ascii_lowercase()),
        _ => None,
    };
    Stage { base, name, from, instructions: Vec::new() }
}

fn instructions(text: &str) -> Vec<Instruction> {
    let lines: Vec<&str> = text.lines().collect();
    let escape = escape_character(&lines);
    let mut found = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let first = index;
        let trimmed = lines[index].trim();
        index += 1;
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let mut whole = trimmed.to_owned();
        let mut last = first;
        while whole.ends_with(escape) {
            whole.pop();
            let Some(next) = lines.get(index) else { break };
            // Comments and blank lines inside a continued instruction are skipped.
            let next = next.trim();
            last = index;
            index += 1;
            if next.is_empty() || next.starts_with('#') {
                whole.push(escape);
            } else {
                whole.push(' ');
                whole.push_str(next);
            }
        }
        let mut heredoc = String::new();
        for word in heredoc_words(&whole) {
            while let Some(line) = lines.get(index) {
                last = index;
                index += 1;
                if line.trim() == word {
                    break;
                }
                heredoc.push_str(line);
                heredoc.push('\n');
            }
        }
        found.push(instruction(&whole, heredoc, first, last));
    }
    found
}

/// `# escape=` in the directives at the top; a backslash otherwise.
fn escape_character(lines: &[&str]) -> char {
    lines
        .iter()
        .take_while(|line| line.trim_start().starts_with('#'))
        .find_map(|line| line.trim_start_matches(['#', ' ']).strip_prefix("escape="))
        .and_then(|value| value.trim().chars().next())
        .unwrap_or('\\')
}

/// End words of here-documents: `<<EOF`, `<<-"EOF"`.
fn heredoc_words(line: &str) -> Vec<String> {
    let keyword = line.split_whitespace().next().unwrap_or("").to_ascii_uppercase();
    if !matches!(keyword.as_str(), "RUN" | "COPY" | "ADD") {
        return Vec::new();
    }
    line.split_whitespace()
        .filter_map(|word| word.strip_prefix("<<"))
        .map(|word| word.trim_start_matches('-').trim_matches(['"', '\'']).to_owned())
        .filter(|word| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_'))
        .collect()
}

fn instruction(whole: &str, heredoc: String, first: usize, last: usize) -> Instruction {
    let (keyword, mut rest) = whole.split_once(char::is_whitespace).unwrap_or((whole, ""));
    rest = rest.trim();
    let mut flags = Vec::new();
    while let Some(flag) = rest.strip_prefix("--") {
        let (word, tail) = flag.split_once(char::is_whitespace).unwrap_or((flag, ""));
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        flags.push((name.to_owned(), value.to_owned()));
        rest = tail.trim_start();
    }
    let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
    Instruction {
        keyword: keyword.to_ascii_uppercase(),
        flags,
        exec: rest.starts_with('[').then(|| serde_json::from_str(rest).ok()).flatten(),
        arguments: rest.to_owned(),
        heredoc,
        line: number(first),
        last_line: number(last),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn continuation_comments_flags_and_heredocs() {
        let file = Dockerfile::parse(
            "# syntax=x\nARG V=3\nFROM --platform=linux/amd64 alpine:${V} AS Build\nRUN --mount=type=cache,target=/x a && \\\n  # why\n\n  b\nRUN <<EOF\nc\nd\nEOF\nCMD [\"x\", \"y\"]\n",
        );
        let stage = &file.stages[0];
        assert_eq!((stage.base.as_str(), stage.name.as_deref()), ("alpine:3", Some("build")));
        assert_eq!(stage.instructions[0].commands(), vec![vec!["a"], vec!["b"]]);
        assert_eq!((stage.instructions[0].line, stage.instructions[0].last_line), (4, 7));
        assert_eq!(stage.instructions[1].commands(), vec![vec!["<<EOF"], vec!["c"], vec!["d"]]);
        assert_eq!(stage.instructions[2].exec, Some(vec!["x".to_owned(), "y".to_owned()]));
    }

    #[test]
    fn another_escape_character() {
        let file = Dockerfile::parse("# escape=`\nFROM a\nRUN dir C:\\ `\n && x\n");
        assert_eq!(file.stages[0].instructions.len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(FROM|RUN|COPY|<<E|#|\\\\|\\[|\"|\n| |a|AS|--x=){0,40}") {
            let file = Dockerfile::parse(&text);
            for stage in 0..file.stages.len() {
                let _ = file.ancestry(stage);
            }
        }
    }
}
