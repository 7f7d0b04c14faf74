//! Who answers a message: the built-in assistant what it understands, a model the rest, and the built-in assistant again when
//! the model does not answer.

use std::time::Duration;

use jiff::SignedDuration;
use todo_store::conversations::MessageRow;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    agent::{self, Answered, Errand},
    builtin::{Intent, Memory, Reading, Response, Situation, Step, Watch, lexicon_of, respond, understand},
    model::{Budget, Model, ModelError},
    tools::{Effect, ToolContext, ToolError},
};

/// Earlier messages that are read for a model; its token budget decides how many it gets.
const HISTORY: u32 = 60;

/// A message and its circumstances.
pub(super) struct Inquiry<'a> {
    pub message: &'a str,
    pub memory: &'a Memory,
    pub tools: &'a ToolContext,
    /// The user's language tag.
    pub language: &'a str,
    pub conversation: Uuid,
    /// Id of the stored message.
    pub user_message: Uuid,
    pub model: Option<&'a Model>,
    /// The caller waits no longer than this.
    pub longest: Option<Duration>,
}

/// An answer, and who gave it.
pub(super) struct Told {
    pub response: Response,
    /// The model; `None` when the built-in assistant answered.
    pub model: Option<String>,
    /// What a model cost, in and out, whether or not it answered.
    pub tokens: Option<(i64, i64)>,
    /// Why the model did not answer, when it should have.
    pub failure: Option<&'static str>,
}

impl Told {
    const fn built_in(response: Response) -> Self {
        Self { response, model: None, tokens: None, failure: None }
    }
}

/// Answers.
///
/// # Errors
/// Only the store's failures.
pub(super) async fn answer(inquiry: &Inquiry<'_>, watch: &mut dyn Watch) -> Result<Told, ToolError> {
    let built_in = async |watch: &mut dyn Watch| {
        respond(inquiry.message, inquiry.memory, inquiry.tools, inquiry.language, watch).await
    };
    let Some(model) = inquiry.model else { return built_in(watch).await.map(Told::built_in) };
    let reading = read(inquiry);
    let mut first: Option<Response> = None;
    if belongs_to_built_in(&reading, model) {
        let response = built_in(watch).await?;
        let acted = response.calls.iter().any(|call| Effect::of(call.tool, &call.input).is_some());
        if !response.lost || acted || response.stopped {
            return Ok(Told::built_in(response));
        }
        // The sentence was clear, but not what it speaks of. At most something was looked up.
        first = Some(response);
    }
    let answered = ask(inquiry, model, is_wary(&reading), watch).await?;
    let changed = answered.changed_something();
    let Answered { mut response, failure, usage } = answered;
    if let Some(first) = &mut first {
        response.calls.splice(..0, std::mem::take(&mut first.calls));
    }
    let tokens = Some((to_i64(usage.prompt), to_i64(usage.completion)));
    let Some(failure) = failure else {
        return Ok(Told { response, model: Some(model.name().to_owned()), tokens, failure: None });
    };
    tracing::warn!(
        code = failure.code(), error = %failure, model = model.name(), provider = model.settings().profile.name,
        "the model gave no answer"
    );
    let code = Some(failure.code());
    if changed {
        // It was told what was done; the built-in assistant must not do it again.
        return Ok(Told { response, model: Some(model.name().to_owned()), tokens, failure: code });
    }
    let second = match first {
        Some(first) => first,
        None => built_in(watch).await?,
    };
    let notice = match failure {
        ModelError::Budget(Budget::DailyTokens) => "model.budget",
        _ => "model.failed",
    };
    let response = joined(response, second, lexicon_of(inquiry.language).say(notice));
    Ok(Told { response, model: None, tokens, failure: code })
}

/// How the built-in assistant reads the message.
fn read(inquiry: &Inquiry<'_>) -> Reading {
    let situation = Situation {
        context: &inquiry.tools.language,
        language: inquiry.language,
        pending: inquiry.memory.question.as_ref(),
    };
    understand(inquiry.message, &situation).0
}

/// An answer to an open question goes to whoever asked it; a clear sentence takes the fast path where there is one.
fn belongs_to_built_in(reading: &Reading, model: &Model) -> bool {
    match reading {
        Reading::Answer(_) => true,
        Reading::Steps(steps) => model.settings().fast_path && steps.iter().all(is_clear),
    }
}

fn is_clear(step: &Step) -> bool {
    match &step.intent {
        Intent::Unknown | Intent::OfferToAdd { .. } | Intent::LeaveAlone => false,
        // With a model there is more to say about what can be done.
        Intent::Talk { say } => !matches!(say.as_str(), "who-are-you" | "cannot"),
        _ => true,
    }
}

fn is_wary(reading: &Reading) -> bool {
    matches!(reading, Reading::Steps(steps) if steps.iter().any(|step| matches!(step.intent, Intent::LeaveAlone)))
}

async fn ask(inquiry: &Inquiry<'_>, model: &Model, wary: bool, watch: &mut dyn Watch) -> Result<Answered, ToolError> {
    let limits = model.settings().limits;
    let scope = &inquiry.tools.scope;
    if limits.daily_tokens > 0 {
        let now = inquiry.tools.language.now.timestamp();
        let since = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(now);
        if scope.tokens_since(since).await? >= to_i64(limits.daily_tokens) {
            return Ok(Answered::failed(ModelError::Budget(Budget::DailyTokens)));
        }
    }
    let page = scope.messages(inquiry.conversation, HISTORY, Some(inquiry.user_message)).await?;
    let history: Vec<MessageRow> = page.map(|page| page.messages).unwrap_or_default();
    let time = inquiry.longest.map_or(limits.time, |longest| longest.min(limits.time));
    let errand = Errand {
        model,
        message: inquiry.message,
        history: &history,
        memory: inquiry.memory,
        tools: inquiry.tools,
        language: inquiry.language,
        deadline: Instant::now() + time,
        wary,
    };
    agent::answer(&errand, watch).await
}

/// What a model had said when it broke off, a word about it, and the built-in assistant's answer.
fn joined(first: Response, second: Response, notice: &str) -> Response {
    let mut text = first.text;
    if !text.is_empty() {
        text.push_str(" …\n\n");
    }
    text.push_str(notice);
    text.push('\n');
    text.push_str(&second.text);
    let calls = first.calls.into_iter().chain(second.calls).collect();
    Response { text, calls, ..second }
}

fn to_i64(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
