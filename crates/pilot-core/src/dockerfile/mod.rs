//! Reviews a Dockerfile: security, size, cache, signals. Every rule is a pure function over the
//! parsed file; most findings carry an edit of its text.

mod base;
mod edit;
mod files;
mod packages;
mod parse;
mod runtime;

pub use edit::{Edit, apply, unified_diff};
pub use parse::{Dockerfile, Instruction, Stage};

use crate::finding::{Category, Confidence, Finding, Location, Remediation, Severity, Subject};
use crate::model::ObjectRef;

/// What is known beside the file itself.
#[derive(Debug, Clone, Default)]
pub struct BuildContext {
    /// Path of the Dockerfile, for the report.
    pub path: String,
    /// Text of `.dockerignore`; `None` when there is none.
    pub dockerignore: Option<String>,
    /// Names at the top of the build context, such as `.git` and `target`.
    pub files: Vec<String>,
    /// Kubernetes probes check the container, so that HEALTHCHECK matters little.
    pub has_probes: bool,
}

/// A finding with the edit that removes it.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageFinding {
    /// What is wrong.
    pub finding: Finding,
    /// The change of the text, when there is a safe one.
    pub edit: Option<Edit>,
}

/// One rule of the review.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// `IMG-001`.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    severity: Severity,
    remediation: &'static str,
    no_edit: &'static str,
    check: fn(&mut Review<'_>),
}

impl Rule {
    const fn new(
        id: &'static str,
        severity: Severity,
        title: &'static str,
        remediation: &'static str,
        no_edit: &'static str,
        check: fn(&mut Review<'_>),
    ) -> Self {
        Self { id, title, severity, remediation, no_edit, check }
    }
}

/// All rules, by id.
pub fn table() -> impl Iterator<Item = &'static Rule> {
    [base::RULES, files::RULES, packages::RULES, runtime::RULES].into_iter().flatten()
}

/// Reviews a Dockerfile. Findings are sorted as everywhere: worst first.
pub fn review(text: &str, context: &BuildContext) -> Vec<ImageFinding> {
    let file = Dockerfile::parse(text);
    let mut found = Vec::new();
    for rule in table() {
        let mut review = Review { file: &file, text, context, rule, found: Vec::new() };
        if !file.stages.is_empty() {
            (rule.check)(&mut review);
        }
        found.append(&mut review.found);
    }
    found.sort_by(|a, b| {
        let key = |item: &ImageFinding| {
            let finding = &item.finding;
            (
                finding.severity,
                finding.id.clone(),
                finding.location.as_ref().map_or(0, |place| place.line),
                finding.message.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    found
}

/// One run of one rule.
struct Review<'a> {
    file: &'a Dockerfile,
    text: &'a str,
    context: &'a BuildContext,
    rule: &'static Rule,
    found: Vec<ImageFinding>,
}

impl<'a> Review<'a> {
    fn last(&self) -> (usize, &'a Stage) {
        let index = self.file.stages.len() - 1;
        (index, &self.file.stages[index])
    }

    /// Every instruction with its stage.
    fn all(&self) -> impl Iterator<Item = (usize, &'a Instruction)> + use<'a> {
        let file = self.file;
        file.stages
            .iter()
            .enumerate()
            .flat_map(|(stage, all)| all.instructions.iter().map(move |instruction| (stage, instruction)))
    }

    /// The lines of an instruction as written.
    fn source(&self, instruction: &Instruction) -> Vec<String> {
        let first = instruction.line as usize - 1;
        self.text
            .lines()
            .skip(first)
            .take((instruction.last_line - instruction.line) as usize + 1)
            .map(str::to_owned)
            .collect()
    }

    /// An edit that replaces text inside an instruction.
    fn replace(&self, instruction: &Instruction, from: &str, to: &str) -> Option<Edit> {
        let old = self.source(instruction);
        let new: Vec<String> = old.iter().map(|line| line.replace(from, to)).collect();
        (old != new).then_some(Edit { first: instruction.line, last: instruction.last_line, lines: new })
    }

    /// An edit that removes an instruction.
    fn remove(&self, instruction: &Instruction) -> Option<Edit> {
        Some(Edit { first: instruction.line, last: instruction.last_line, lines: Vec::new() })
    }

    fn report(&mut self, line: u32, place: &str, severity: Severity, message: impl Into<String>, edit: Option<Edit>) {
        let rule = self.rule;
        let object = ObjectRef {
            api_version: String::new(),
            kind: "Dockerfile".to_owned(),
            namespace: String::new(),
            name: self.context.path.clone(),
        };
        let finding = Finding {
            id: rule.id.to_owned(),
            title: rule.title.to_owned(),
            severity,
            category: Category::Image,
            subject: Subject { object, container: None, field: Some(place.to_owned()) },
            message: message.into(),
            evidence: Vec::new(),
            affected: Vec::new(),
            cause_of: Vec::new(),
            caused_by: Vec::new(),
            remediation: Remediation {
                text: rule.remediation.to_owned(),
                no_patch: (edit.is_none() && !rule.no_edit.is_empty()).then(|| rule.no_edit.to_owned()),
                ..Remediation::default()
            },
            confidence: Confidence::High,
            reference: "https://docs.docker.com/build/building/best-practices/".to_owned(),
            location: Some(Location { file: self.context.path.clone(), line }),
            suppressed: None,
        };
        self.found.push(ImageFinding { finding, edit });
    }

    /// Reports on an instruction at the rule's own severity.
    fn on(&mut self, stage: usize, instruction: &Instruction, message: impl Into<String>, edit: Option<Edit>) {
        let severity = self.rule.severity;
        let place = format!(
            "stage {stage} {} {}",
            instruction.keyword,
            instruction.arguments.chars().take(40).collect::<String>()
        );
        self.report(instruction.line, &place, severity, message, edit);
    }
}
