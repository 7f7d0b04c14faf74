//! One message and its answer: understood, acted on by tools, told from what the tools returned.

use std::time::{Duration, Instant};

use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use uuid::Uuid;

use super::{
    act::Actor,
    answer::Answer,
    intent::{Intent, Item, Step, Target},
    lexicon,
    memory::{Memory, Question, QuestionKind},
    understand::{Reading, Situation, understand},
};
use crate::tools::{self, Output, ToolContext, ToolError};

/// A tool call of an answer, recorded as it happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Id of the call.
    pub id: Uuid,
    /// The tool.
    pub tool: &'static str,
    /// Its arguments.
    pub input: Value,
    /// Its result, or `{"error": …}`.
    pub output: Value,
    /// Whether it succeeded.
    pub success: bool,
    /// How long it took.
    pub took: Duration,
    /// The operation by which it can be undone.
    pub operation: Option<Uuid>,
}

/// What happens while an answer is made, for those who watch.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// A tool is about to run.
    Started {
        /// Id of the call.
        id: Uuid,
        /// The tool.
        tool: &'static str,
        /// Its arguments.
        input: Value,
    },
    /// A tool has run.
    Finished(Call),
    /// A piece of the answer's text, as a model writes it.
    Text(String),
}

/// Watches, and may stop the answer before its next step.
pub trait Watch: Send + Sync {
    /// Something happened.
    fn progress(&mut self, progress: Progress);
    /// Whether to stop before the next tool.
    fn stopped(&mut self) -> bool {
        false
    }
    /// Ends when the answer is to stop, for those who wait for something.
    fn until_stopped(&self) -> BoxFuture<'static, ()> {
        std::future::pending().boxed()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The text.
    pub text: String,
    /// Every tool call, in order.
    pub calls: Vec<Call>,
    /// What the next message must know; its question is the one that is open now.
    pub memory: Memory,
    /// It was stopped before it was through.
    pub stopped: bool,
    /// The message, or what it speaks of, could not be placed.
    pub lost: bool,
}

/// Answers a message. `language` is the user's language tag; `memory` is what the last answer left.
///
/// # Errors
/// Only the store's failures; what a person did wrong is answered in words.
pub async fn respond(
    message: &str,
    memory: &Memory,
    tools: &ToolContext,
    language: &str,
    watch: &mut dyn Watch,
) -> Result<Response, ToolError> {
    let situation = Situation { context: &tools.language, language, pending: memory.question.as_ref() };
    let (reading, spoken) = understand(message, &situation);
    let mut tools = tools.clone();
    tools.language = tools.language.with_language(spoken);
    let mut actor = Actor::new(&tools, lexicon::of(spoken), memory, Caller::new(watch));
    match reading {
        Reading::Steps(steps) => {
            for step in steps {
                actor.act(step, false).await?;
            }
        }
        Reading::Answer(answer) => {
            if let Some(question) = &memory.question {
                answered(&mut actor, question, answer).await?;
            }
        }
    }
    actor.response(message).await
}

async fn answered(actor: &mut Actor<'_>, question: &Question, answer: Answer) -> Result<(), ToolError> {
    actor.open_questions(question.next.clone());
    match (answer, question.kind) {
        (Answer::No, _) => {
            actor.say_key("dismissed");
            Ok(())
        }
        (Answer::Yes, _) => match question.step.clone() {
            Some(step) => actor.act(Step { doubt: false, ..step }, true).await,
            None => Ok(()),
        },
        (Answer::Text(text), QuestionKind::Text) => {
            let items = vec![Item { text, ..Item::default() }];
            actor.act(Step { intent: Intent::Add { items }, said: String::new(), doubt: false }, true).await
        }
        (Answer::Text(_), _) => Ok(()),
        (Answer::Choose(places), _) => {
            let chosen: Vec<_> = places.iter().filter_map(|at| question.choices.get(*at)).collect();
            for choice in &chosen {
                if let Some(intent) = &choice.intent {
                    let step = Step { intent: intent.clone(), said: String::new(), doubt: false };
                    actor.act(step, true).await?;
                }
            }
            let ids: Vec<Uuid> = chosen.iter().filter_map(|choice| choice.task).collect();
            let Some(mut step) = question.step.clone().filter(|_| !ids.is_empty()) else { return Ok(()) };
            if let Some(target) = step.intent.target_mut() {
                *target = settled(target, ids);
            }
            // Who chooses "all of them" has seen them: choosing is the confirmation.
            actor.act(Step { doubt: false, ..step }, true).await
        }
    }
}

/// The target with its open part chosen; the other parts of a list stay.
fn settled(target: &Target, ids: Vec<Uuid>) -> Target {
    match target {
        Target::Except { all, .. } => Target::Except { all: all.clone(), except: Box::new(Target::Ids { ids }) },
        _ => Target::Ids { ids },
    }
}

/// Calls tools, and keeps the record of it.
pub(crate) struct Caller<'a> {
    watch: &'a mut dyn Watch,
    pub calls: Vec<Call>,
    pub stopped: bool,
}

impl<'a> Caller<'a> {
    pub(crate) fn new(watch: &'a mut dyn Watch) -> Self {
        Self { watch, calls: Vec::new(), stopped: false }
    }

    /// Ends when the answer is to stop.
    pub(crate) fn until_stopped(&self) -> BoxFuture<'static, ()> {
        self.watch.until_stopped()
    }

    /// A piece of text goes out.
    pub(crate) fn say(&mut self, text: String) {
        self.watch.progress(Progress::Text(text));
    }

    /// A call that failed before its tool was reached.
    pub(crate) fn refused(&mut self, tool: &'static str, input: Value, error: &ToolError) {
        let id = Uuid::now_v7();
        self.watch.progress(Progress::Started { id, tool, input: input.clone() });
        let call =
            Call { id, tool, input, output: error.to_json(), success: false, took: Duration::ZERO, operation: None };
        self.watch.progress(Progress::Finished(call.clone()));
        self.calls.push(call);
    }

    /// Runs a tool. `None` when somebody asked to stop.
    pub(crate) async fn call(
        &mut self,
        context: &ToolContext,
        tool: &'static str,
        input: Value,
    ) -> Option<Result<Output, ToolError>> {
        if self.stopped || self.watch.stopped() {
            self.stopped = true;
            return None;
        }
        let id = Uuid::now_v7();
        self.watch.progress(Progress::Started { id, tool, input: input.clone() });
        let start = Instant::now();
        let result = tools::call(context, tool, input.clone()).await;
        let (output, success, operation) = match &result {
            Ok(output) => (output.json.clone(), true, output.operation.as_ref().map(|operation| operation.id)),
            Err(error) => (error.to_json(), false, None),
        };
        // What is undone is no operation to undo.
        let operation = operation.filter(|_| tool != "undo");
        let call = Call { id, tool, input, output, success, took: start.elapsed(), operation };
        self.watch.progress(Progress::Finished(call.clone()));
        self.calls.push(call);
        Some(result)
    }
}
