//! Requests become tool calls, or a question first. Destructive and bulk actions ask, unless they are single and can be undone.
//!
//! | file | what |
//! |---|---|
//! | `add.rs` | new tasks |
//! | `held.rs` | what a model wanted and the user agreed to |
//! | `look.rs` | what only reads |
//! | `edit.rs` | changes of tasks there are, and taking back |
//! | `unsure.rs` | no task fits, or several do |

mod add;
mod edit;
pub(crate) mod held;
mod look;
mod unsure;

use serde_json::Value;
use todo_domain::Task;
use uuid::Uuid;

use super::{
    intent::{Intent, Item, Step},
    lexicon::Lexicon,
    memory::{Choice, Memory, Question, QuestionKind},
    phrasing::Phrasing,
    respond::{Caller, Response},
    suggest,
};
use crate::tools::{Output, ToolContext, ToolError};

/// Tasks per page of a list in chat.
const PAGE: u32 = 20;
/// Tasks that an answer about many names one by one.
const NAMED_MAX: usize = 10;

/// Carries out the steps of one message.
pub(crate) struct Actor<'a> {
    pub(crate) tools: &'a ToolContext,
    lexicon: &'static Lexicon,
    before: &'a Memory,
    after: Memory,
    caller: Caller<'a>,
    lines: Vec<String>,
    questions: Vec<Question>,
    operations: Vec<Uuid>,
    projects: Vec<(Uuid, String)>,
    /// The message, or what it speaks of, could not be placed.
    lost: bool,
}

/// What to do with resolved tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Complete,
    Reopen,
    Delete,
    Change,
}

impl Verb {
    const fn key(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Reopen => "reopen",
            Self::Delete => "delete",
            Self::Change => "change",
        }
    }
}

impl<'a> Actor<'a> {
    pub(crate) fn new(
        tools: &'a ToolContext,
        lexicon: &'static Lexicon,
        before: &'a Memory,
        caller: Caller<'a>,
    ) -> Self {
        let after = Memory { question: None, ..before.clone() };
        Self {
            tools,
            lexicon,
            before,
            after,
            caller,
            lines: Vec::new(),
            questions: Vec::new(),
            operations: Vec::new(),
            projects: Vec::new(),
            lost: false,
        }
    }

    pub(crate) fn phrasing(&self) -> Phrasing<'_> {
        Phrasing { lexicon: self.lexicon, now: &self.tools.language.now, projects: &self.projects }
    }

    fn say(&mut self, key: &str, places: &[(&str, &str)]) {
        let line = self.phrasing().say(key, places);
        self.lines.push(line);
    }

    pub(crate) fn say_key(&mut self, key: &str) {
        self.say(key, &[]);
    }

    pub(crate) fn open_questions(&mut self, questions: Vec<Question>) {
        self.questions.extend(questions);
    }

    /// Runs a tool; a refusal is told and answered as `None`.
    async fn call(&mut self, tool: &'static str, input: Value) -> Result<Option<Output>, ToolError> {
        match self.caller.call(self.tools, tool, input).await {
            None => Ok(None),
            Some(Ok(output)) => {
                if let Some(operation) = output.operation.as_ref().filter(|_| tool != "undo") {
                    self.operations.push(operation.id);
                }
                Ok(Some(output))
            }
            Some(Err(error @ ToolError::Store(_))) => Err(error),
            Some(Err(error)) => {
                let detail = error.detail().into_owned();
                self.say("failed", &[("error", &detail)]);
                Ok(None)
            }
        }
    }

    /// The answer with its memory, when all steps are done.
    pub(crate) async fn response(mut self, message: &str) -> Result<Response, ToolError> {
        if !self.operations.is_empty() {
            self.after.operations = std::mem::take(&mut self.operations);
        }
        let mut text = std::mem::take(&mut self.lines).join("\n");
        let mut questions = std::mem::take(&mut self.questions).into_iter();
        if let Some(mut question) = questions.next() {
            question.next.extend(questions);
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&question.prompt);
            // Yes and no need no numbers.
            if matches!(question.kind, QuestionKind::Which | QuestionKind::Reading) {
                for (at, choice) in question.choices.iter().enumerate() {
                    text.push_str(&format!("\n{}. {}", at + 1, choice.label));
                }
            }
            self.after.question = Some(question);
        }
        if text.is_empty() {
            self.lost = !self.caller.stopped;
            let examples = suggest::nearest(message, self.lexicon);
            text = self
                .phrasing()
                .say(if self.caller.stopped { "stopped" } else { "unknown" }, &[("examples", &examples)]);
        }
        let Caller { calls, stopped, .. } = self.caller;
        Ok(Response { text, calls, memory: self.after, stopped, lost: self.lost })
    }

    /// Carries out a step. `confirmed`: the user was asked and said yes.
    pub(crate) async fn act(&mut self, step: Step, confirmed: bool) -> Result<(), ToolError> {
        if self.caller.stopped {
            return Ok(());
        }
        match step.intent.clone() {
            Intent::Add { items } => self.add(items, &step, confirmed).await,
            Intent::AddUntitled => {
                let prompt = self.phrasing().say("ask.title", &[]);
                self.ask(Question {
                    prompt,
                    kind: QuestionKind::Text,
                    choices: Vec::new(),
                    step: None,
                    next: Vec::new(),
                });
                Ok(())
            }
            Intent::OfferToAdd { text } => {
                self.offer(&text, "offer.add");
                Ok(())
            }
            Intent::List { selection } => self.list(selection).await,
            Intent::Count { selection } => self.count(selection).await,
            Intent::Search { text } => self.search(&text).await,
            Intent::Show { ref target } => self.show(target, &step).await,
            Intent::Complete { ref target, .. } => self.on_tasks(Verb::Complete, target, &step, confirmed).await,
            Intent::Reopen { ref target } => self.on_tasks(Verb::Reopen, target, &step, confirmed).await,
            Intent::Delete { ref target } => self.on_tasks(Verb::Delete, target, &step, confirmed).await,
            Intent::Change { ref target, .. } => self.on_tasks(Verb::Change, target, &step, confirmed).await,
            Intent::Undo { count, about } => self.undo(count, about.as_deref()).await,
            Intent::Summary { day } => self.summary(day).await,
            Intent::Labels => self.labels().await,
            Intent::Projects => self.list_projects().await,
            Intent::More => self.more().await,
            Intent::Help => {
                let lines: Vec<String> =
                    self.lexicon.say("help.lines").split(" | ").map(|line| format!("• {line}")).collect();
                self.say_key("help");
                self.lines.extend(lines);
                Ok(())
            }
            Intent::Talk { say } => {
                self.say_key(&say);
                Ok(())
            }
            Intent::Calls { calls } => self.carry_out(calls).await,
            Intent::LeaveAlone => {
                self.say_key("left.alone");
                Ok(())
            }
            Intent::Unknown => {
                self.lost = true;
                let examples = suggest::nearest(&step.said, self.lexicon);
                self.say("unknown", &[("examples", &examples)]);
                Ok(())
            }
        }
    }

    fn ask(&mut self, question: Question) {
        self.questions.push(question);
    }

    fn confirm(&mut self, prompt: String, step: Step) {
        let choices = ["yes", "no"]
            .map(|key| Choice { label: self.lexicon.say(key).to_owned(), task: None, number: None, intent: None })
            .to_vec();
        self.ask(Question { prompt, kind: QuestionKind::Confirm, choices, step: Some(step), next: Vec::new() });
    }

    fn offer(&mut self, text: &str, key: &str) {
        self.lost = true;
        let short: String = text.chars().take(200).collect();
        let examples = suggest::nearest(text, self.lexicon);
        let prompt = self.phrasing().say(key, &[("text", &short), ("examples", &examples)]);
        let items = vec![Item { text: short.clone(), ..Item::default() }];
        self.confirm(prompt, Step { intent: Intent::Add { items }, said: short, doubt: false });
    }

    fn spoke_of(&mut self, tasks: &[Task]) {
        self.after.mentioned = tasks.iter().map(|task| task.id).collect();
    }

    fn showed(&mut self, tasks: &[Task]) {
        self.after.shown = tasks.iter().map(|task| task.id).collect();
        self.after.mentioned = if tasks.len() == 1 { self.after.shown.clone() } else { Vec::new() };
        self.after.listing = None;
    }

    fn say_many(&mut self, key: &str, tasks: &[Task]) {
        self.say(key, &[("count", &tasks.len().to_string())]);
        let lines: Vec<String> = tasks.iter().take(NAMED_MAX).map(|task| self.phrasing().line(task)).collect();
        self.lines.extend(lines);
        if tasks.len() > NAMED_MAX {
            let hidden = (tasks.len() - NAMED_MAX).to_string();
            self.say("summary.more", &[("count", &hidden)]);
        }
    }

    /// Names of projects, when one of the tasks is in one.
    async fn load_projects(&mut self, tasks: &[Task]) -> Result<(), ToolError> {
        let unknown = tasks
            .iter()
            .filter_map(|task| task.project_id)
            .any(|id| !self.projects.iter().any(|(known, _)| *known == id));
        if unknown {
            let projects = self.tools.scope.projects().await?;
            self.projects = projects.into_iter().map(|project| (project.id, project.name)).collect();
        }
        Ok(())
    }

    /// Whether there is a project of that name.
    pub(crate) async fn has_project(&self, name: &str) -> Result<bool, ToolError> {
        let key = name.to_lowercase();
        Ok(self.tools.scope.projects().await?.iter().any(|project| project.name.to_lowercase() == key))
    }

    /// Asks before a change that may not be what was meant.
    pub(crate) fn ask_about_change(&mut self, tasks: &[Task], step: &Step) {
        self.ask_to_confirm(Verb::Change, tasks, step);
    }

    /// Nothing to change.
    pub(crate) fn say_unchanged(&mut self, task: &Task) {
        let title = self.phrasing().title(task);
        self.say("unchanged", &[("title", &title)]);
        self.spoke_of(std::slice::from_ref(task));
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
