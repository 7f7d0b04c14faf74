//! The loop of one answer: the model is asked, its calls are made or held, and it is asked again with their results.

use serde_json::Value;
use todo_domain::{Code, error::DomainError};
use todo_store::conversations::MessageRow;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    claims::Facts,
    draft::Draft,
    guard::{Guard, Verdict},
    history,
    prompt::{self, Fence, RESULT_MAX},
};
use crate::{
    builtin::{Caller, Held, Lexicon, Memory, Phrasing, Response, Watch, account, ask_for, lexicon_of},
    model::{Budget, Item, Model, ModelError, Reply, Request, ToolCall, Usage, estimated_tokens},
    tools::{self, Effect, Output, ToolContext, ToolError},
};

/// Most tool calls of one answer.
const CALLS_MAX: usize = 32;
/// How often a model is told that its arguments are invalid.
const INVALID_MAX: u32 = 2;

/// What a model is asked to do.
pub(crate) struct Errand<'a> {
    pub model: &'a Model,
    pub message: &'a str,
    /// Earlier messages, oldest first.
    pub history: &'a [MessageRow],
    pub memory: &'a Memory,
    pub tools: &'a ToolContext,
    /// The user's language tag.
    pub language: &'a str,
    /// When the answer must be there.
    pub deadline: Instant,
    /// The message reads like a no or a doubt: every change is asked about first.
    pub wary: bool,
}

/// What came of it.
pub(crate) struct Answered {
    /// The answer as far as it came; its text is what has gone out.
    pub response: Response,
    /// Why the model did not get to the end.
    pub failure: Option<ModelError>,
    /// What it cost.
    pub usage: Usage,
}

impl Answered {
    /// Nothing, for a reason.
    pub(crate) fn failed(failure: ModelError) -> Self {
        let response =
            Response { text: String::new(), calls: Vec::new(), memory: Memory::default(), stopped: false, lost: false };
        Self { response, failure: Some(failure), usage: Usage::default() }
    }

    /// Whether something was changed before it ended.
    pub(crate) fn changed_something(&self) -> bool {
        self.response.calls.iter().any(|call| call.operation.is_some() || call.success && call.tool == "undo")
    }
}

/// Answers a message.
///
/// # Errors
/// Only the store's failures.
pub(crate) async fn answer(errand: &Errand<'_>, watch: &mut dyn Watch) -> Result<Answered, ToolError> {
    let fence = Fence::new();
    let limits = errand.model.settings().limits;
    let history = history::rebuild(errand.history, limits.history, &fence);
    let tainted = history.items.iter().any(|item| !matches!(item, Item::User(_)));
    let mut said = history.said;
    said.push(errand.message.to_owned());
    let lexicon = lexicon_of(errand.language);
    let mut items = history.items;
    items.push(Item::User(errand.message.to_owned()));
    let mut run = Run {
        errand,
        lexicon,
        fence,
        guard: Guard::new(lexicon, errand.memory, &said, history.open, tainted, errand.wary),
        caller: Caller::new(watch),
        draft: Draft::default(),
        facts: Facts::default(),
        done: Vec::new(),
        held: Vec::new(),
        after: Memory { question: None, ..errand.memory.clone() },
        operations: Vec::new(),
        usage: Usage::default(),
        invalid: 0,
    };
    let failure = run.go(items).await?;
    run.end(failure)
}

struct Run<'a> {
    errand: &'a Errand<'a>,
    lexicon: &'static Lexicon,
    fence: Fence,
    guard: Guard<'a>,
    caller: Caller<'a>,
    draft: Draft,
    facts: Facts,
    /// What changed, for the account.
    done: Vec<(Effect, Output)>,
    held: Vec<Held>,
    after: Memory,
    operations: Vec<Uuid>,
    usage: Usage,
    invalid: u32,
}

impl Run<'_> {
    /// Turn after turn, until the model has nothing to call. `Some` when it did not get there.
    async fn go(&mut self, items: Vec<Item>) -> Result<Option<ModelError>, ToolError> {
        let limits = self.errand.model.settings().limits;
        let mut request = Request {
            instructions: prompt::instructions(self.errand.tools, self.errand.language, &self.fence),
            items,
            tools: prompt::tools(),
            max_output: limits.reply,
        };
        for _ in 0..limits.turns {
            let reply = match self.ask(&request).await {
                None => {
                    self.caller.stopped = true;
                    return Ok(None);
                }
                Some(Ok(reply)) => reply,
                Some(Err(error)) => return Ok(Some(error)),
            };
            let Reply { text, calls, .. } = reply;
            let over = self.usage.total() > limits.tokens;
            // A turn that is too dear is not acted on: what it asks for would have to be paid again to be told.
            if over && !calls.is_empty() {
                return Ok(Some(ModelError::Budget(Budget::Tokens)));
            }
            let last = calls.is_empty();
            let results = match self.make(&calls).await? {
                Ok(results) => results,
                Err(error) => return Ok(Some(error)),
            };
            self.settle();
            if last || self.caller.stopped || !self.held.is_empty() {
                return Ok(None);
            }
            request.items.push(Item::Assistant { text, calls });
            request.items.extend(results);
        }
        Ok(Some(ModelError::Budget(Budget::Turns)))
    }

    /// One request; `None` when somebody asked to stop, which also ends the request.
    async fn ask(&mut self, request: &Request) -> Option<Result<Reply, ModelError>> {
        let stop = self.caller.until_stopped();
        let Self { errand, draft, caller, .. } = self;
        let mut wrote = 0;
        let mut on_text = |piece: &str| {
            wrote += estimated_tokens(piece);
            let out = draft.feed(piece);
            if !out.is_empty() {
                caller.say(out);
            }
        };
        let reply = tokio::select! {
            biased;
            () = stop => None,
            reply = errand.model.ask(request, errand.deadline, &mut on_text) => Some(reply),
        };
        let usage = reply.as_ref().and_then(|reply| reply.as_ref().ok()).and_then(|reply| reply.usage);
        // Not all providers say what it cost, and none does when the answer breaks off.
        let usage = usage.unwrap_or_else(|| Usage { prompt: read_by_model(request), completion: wrote });
        self.usage = self.usage.plus(usage);
        if !matches!(reply, Some(Ok(_))) {
            self.draft.abandon();
        }
        reply
    }

    /// Makes the calls of a whole turn, in order; a result for each.
    async fn make(&mut self, calls: &[ToolCall]) -> Result<Result<Vec<Item>, ModelError>, ToolError> {
        let mut results = Vec::new();
        for call in calls {
            if self.caller.calls.len() >= CALLS_MAX {
                return Ok(Err(ModelError::Budget(Budget::Turns)));
            }
            let result = self.one(call).await?;
            if self.caller.stopped {
                break;
            }
            if self.invalid > INVALID_MAX {
                return Ok(Err(ModelError::InvalidCalls));
            }
            let output = self.fence.around(&result, RESULT_MAX);
            results.push(Item::Result { call: call.id.clone(), output });
        }
        Ok(Ok(results))
    }

    async fn one(&mut self, call: &ToolCall) -> Result<Value, ToolError> {
        let Some(tool) = tools::find(&call.name) else {
            let error = ToolError::Unknown(call.name.chars().take(64).collect());
            return Ok(self.refuse("unknown", Value::String(short(&call.arguments)), &error));
        };
        let input = match arguments(&call.arguments) {
            Ok(input) => input,
            Err(error) => return Ok(self.refuse(tool.name, Value::String(short(&call.arguments)), &error)),
        };
        if let Verdict::Hold(held) = self.guard.judge(self.errand.tools, tool.name, &input).await? {
            self.held.push(*held);
            return Ok(serde_json::json!({ "status": "waits for the user's yes; nothing was done" }));
        }
        let effect = Effect::of(tool.name, &input);
        match self.caller.call(self.errand.tools, tool.name, input).await {
            None => Ok(Value::Null),
            Some(Ok(output)) => {
                // From here on the prompt has text that anybody may have written.
                self.guard.tainted = true;
                self.learn(effect, &output);
                Ok(output.json)
            }
            Some(Err(error @ ToolError::Store(_))) => Err(error),
            Some(Err(error)) => {
                if matches!(&error, ToolError::Refused(error) if error.code == Code::ValidationError) {
                    self.invalid += 1;
                }
                Ok(error.to_json())
            }
        }
    }

    fn refuse(&mut self, tool: &'static str, input: Value, error: &ToolError) -> Value {
        self.invalid += 1;
        self.caller.refused(tool, input, error);
        error.to_json()
    }

    /// Keeps what the next message and the account must know.
    fn learn(&mut self, effect: Option<Effect>, output: &Output) {
        self.facts.learn(effect, output);
        let ids = || output.tasks.iter().map(|task| task.id).collect::<Vec<_>>();
        match effect {
            None if !output.tasks.is_empty() => {
                self.after.shown = ids();
                self.after.mentioned = if output.tasks.len() == 1 { ids() } else { Vec::new() };
                self.after.listing = None;
            }
            None => {}
            Some(effect) => {
                self.after.mentioned = if effect == Effect::Delete { Vec::new() } else { ids() };
                self.operations
                    .extend(output.operation.as_ref().filter(|_| effect != Effect::Undo).map(|made| made.id));
                self.done.push((effect, output.clone()));
            }
        }
    }

    /// What waited for the tools goes out.
    fn settle(&mut self) {
        let out = self.draft.settle(&self.facts, self.lexicon.say("claim.false"));
        if !out.is_empty() {
            self.caller.say(out);
        }
    }

    fn end(mut self, failure: Option<ModelError>) -> Result<Answered, ToolError> {
        let phrasing = Phrasing { lexicon: self.lexicon, now: &self.errand.tools.language.now, projects: &[] };
        if failure.is_some() || self.caller.stopped {
            self.draft.abandon();
        }
        let mut text = self.draft.said().to_owned();
        let mut add = |more: &str, gap: &str| {
            if !text.is_empty() && !more.is_empty() {
                text.push_str(gap);
            }
            text.push_str(more);
        };
        match &failure {
            // What was done is told whatever happens; the built-in assistant must not do it again.
            Some(_) if !self.done.is_empty() => {
                add(self.lexicon.say("model.broke.off"), "\n\n");
                add(&account(&phrasing, &self.done).join("\n"), "\n");
            }
            Some(_) => {}
            None if self.caller.stopped => add(self.lexicon.say("stopped"), "\n\n"),
            None => {
                if self.draft.said().trim().is_empty() {
                    add(&account(&phrasing, &self.done).join("\n"), "\n\n");
                }
                // In a language whose claims can't be read the truth stands beside them.
                if self.facts.nothing_changed() && self.held.is_empty() && is_foreign(self.draft.said()) {
                    add(self.lexicon.say("nothing.changed"), "\n\n");
                }
                if !self.held.is_empty() {
                    let question = ask_for(std::mem::take(&mut self.held), &phrasing);
                    add(&question.prompt, "\n\n");
                    self.after.question = Some(question);
                }
            }
        }
        if text.is_empty() && failure.is_none() {
            text = self.lexicon.say("model.nothing").to_owned();
        }
        if !self.operations.is_empty() {
            self.after.operations = self.operations;
        }
        let Caller { calls, stopped, .. } = self.caller;
        let response = Response { text, calls, memory: self.after, stopped, lost: false };
        Ok(Answered { response, failure, usage: self.usage })
    }
}

/// The arguments of a call. Nothing at all is an empty object; anything but JSON is an error that the model is told of.
fn arguments(text: &str) -> Result<Value, ToolError> {
    match text.trim() {
        "" => Ok(Value::Object(serde_json::Map::new())),
        text => serde_json::from_str(text)
            .map_err(|error| DomainError::invalid("arguments", format!("The arguments are no JSON: {error}.")).into()),
    }
}

fn short(text: &str) -> String {
    text.chars().take(1_000).collect()
}

fn read_by_model(request: &Request) -> u64 {
    let items = request.items.iter().map(|item| match item {
        Item::User(text) | Item::Assistant { text, .. } => estimated_tokens(text),
        Item::Result { output, .. } => estimated_tokens(output),
    });
    let tools = request.tools.iter().map(|tool| estimated_tokens(&tool.parameters.to_string()));
    estimated_tokens(&request.instructions) + items.chain(tools).sum::<u64>()
}

/// Whether a text is in none of the languages whose words are known.
fn is_foreign(text: &str) -> bool {
    let tokens = crate::builtin::tokens(text);
    let known = |token: &&crate::builtin::Token| {
        crate::builtin::lexicons().iter().any(|lexicon| lexicon.symbol(&token.fold) != 0)
    };
    tokens.len() >= 2 && tokens.iter().filter(known).count() * 4 < tokens.len()
}
