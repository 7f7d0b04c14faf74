//! The turns of a model, within its budgets.

use std::collections::BTreeSet;

use model_client::{Budget, Item, Limits, Model, ModelError, Request, ToolCall, estimated_tokens};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::prompt::{self, PROPOSE};
use crate::commands::Ask;
use crate::mcp::shown;
use crate::plan::Plan;
use crate::report::Door;
use crate::tools;

/// Calls that could not be read or have no tool, before the model is given up.
const INVALID: usize = 5;
/// Longest sentence that is sent, in characters.
const SAID: usize = 4_000;

/// A plan that the model proposes.
pub struct Proposal {
    /// The plan, tried by the server.
    pub plan: Plan,
    /// Whether pilot's own rules chose every step of it.
    pub grounded: bool,
}

/// What came of a run.
pub struct Ended {
    /// The answer, as the model wrote it.
    pub text: String,
    /// Ids of the findings that it has seen.
    pub findings: BTreeSet<String>,
    /// The first free text that it has read.
    pub tainted: Option<String>,
    /// Texts that read like orders, with where they come from.
    pub flagged: Vec<(String, String)>,
    /// What it proposes.
    pub proposal: Option<Proposal>,
    /// What it cost.
    pub tokens: u64,
}

/// A model at work.
pub struct Run<'a> {
    ask: &'a Ask,
    door: &'a Door,
    model: &'a Model,
    limits: Limits,
    items: Vec<Item>,
    invalid: usize,
    ended: Ended,
}

impl<'a> Run<'a> {
    /// A run that has not begun.
    pub fn new(ask: &'a Ask, door: &'a Door, model: &'a Model) -> Self {
        let ended = Ended {
            text: String::new(),
            findings: BTreeSet::new(),
            tainted: None,
            flagged: Vec::new(),
            proposal: None,
            tokens: 0,
        };
        Self { ask, door, model, limits: model.settings().limits, items: Vec::new(), invalid: 0, ended }
    }

    /// Lets the model work until it answers.
    ///
    /// # Errors
    /// When it fails or a budget is used up. Nothing was changed.
    pub async fn answer(mut self, said: &str) -> Result<Ended, ModelError> {
        let deadline = Instant::now() + self.limits.time;
        let said: String = said.chars().take(SAID).collect();
        self.items.push(Item::User(self.door.literal(&said)));
        let (instructions, tools) = (prompt::instructions(self.ask), prompt::tools());
        for _ in 0..self.limits.turns {
            if self.ended.tokens >= self.limits.tokens {
                return Err(ModelError::Budget(Budget::Tokens));
            }
            let request = Request {
                instructions: instructions.clone(),
                items: self.items.clone(),
                tools: tools.clone(),
                max_output: self.limits.reply,
            };
            let reply = self.model.ask(&request, deadline, &mut |_| {}).await.map_err(|error| match error {
                ModelError::Timeout if Instant::now() >= deadline => ModelError::Budget(Budget::Seconds),
                error => error,
            })?;
            let guess = || self.items.iter().map(size).sum::<u64>() + estimated_tokens(&reply.text);
            self.ended.tokens += reply.usage.map_or_else(guess, |usage| usage.total());
            if reply.calls.is_empty() {
                self.ended.text = reply.text;
                return Ok(self.ended);
            }
            let calls = reply.calls.clone();
            self.items.push(Item::Assistant { text: reply.text, calls: reply.calls });
            for call in calls {
                let work = tokio::time::timeout_at(deadline, self.call(&call)).await;
                let output = work.map_err(|_| ModelError::Budget(Budget::Seconds))?;
                self.items.push(Item::Result { call: call.id, output });
            }
            if self.invalid > INVALID {
                return Err(ModelError::InvalidCalls);
            }
        }
        Err(ModelError::Budget(Budget::Turns))
    }

    async fn call(&mut self, call: &ToolCall) -> String {
        let arguments = match call.arguments.trim() {
            "" => Ok(json!({})),
            text => serde_json::from_str::<Value>(text),
        };
        let Ok(arguments) = arguments else {
            self.invalid += 1;
            return json!({"error": "the arguments are no JSON"}).to_string();
        };
        if call.name == PROPOSE {
            return self.propose(arguments).await.to_string();
        }
        match tools::call(self.ask, self.door, &call.name, arguments).await {
            Ok(told) => {
                if self.ended.tainted.is_none() {
                    self.ended.tainted.clone_from(&told.tainted_by);
                }
                self.ended.flagged.extend(told.flagged.into_iter().map(|line| (call.name.clone(), line)));
                self.ended.findings.extend(told.findings);
                told.value.to_string()
            }
            Err(refusal) => {
                self.invalid += usize::from(!matches!(refusal, tools::Refusal::Failed(_)));
                json!({"error": refusal.to_string()}).to_string()
            }
        }
    }

    async fn propose(&mut self, arguments: Value) -> Value {
        let actions = arguments["changes"].as_array().into_iter().flatten().map(|c| c["action"].as_str());
        let grounded = actions.into_iter().all(|action| matches!(action, Some("fix" | "optimize")));
        match tools::plan(self.ask, self.door, arguments).await {
            Ok(plan) => {
                let told = json!({"untrusted": true, "plan": shown(&plan, self.door), "next": "the user reads it and decides"});
                self.ended
                    .findings
                    .extend(plan.findings.iter().filter_map(|key| key.split('|').next()).map(str::to_owned));
                // The last one counts: a plan is one answer to one question.
                self.ended.proposal = (!plan.steps.is_empty()).then_some(Proposal { plan, grounded });
                told
            }
            Err(refusal) => {
                self.invalid += usize::from(!matches!(refusal, tools::Refusal::Failed(_)));
                json!({"error": refusal.to_string()})
            }
        }
    }
}

fn size(item: &Item) -> u64 {
    match item {
        Item::User(text) => estimated_tokens(text),
        Item::Assistant { text, calls } => {
            estimated_tokens(text) + calls.iter().map(|call| estimated_tokens(&call.arguments)).sum::<u64>()
        }
        Item::Result { output, .. } => estimated_tokens(output),
    }
}
