//! From the claim of a conversation to the record of its answer.

use std::time::Duration;

use futures::FutureExt as _;
use jiff::{Timestamp, Zoned};
use serde_json::Value;
use todo_domain::Command;
use todo_store::{
    StoreError, UserScope,
    conversations::{Begin, Begun, Finish, MessageRow, RunRow, ToolCallRow, Walk},
};
use tokio::sync::{mpsc::UnboundedSender, watch};
use uuid::Uuid;

use super::{
    Answer, AnswerCall, BUILT_IN, ChatError, Event, Limits, clean,
    engine::{self, Inquiry, Told},
    recorder::Recorder,
};
use crate::{
    builtin::{Call, Memory},
    model::Model,
    tools::{ToolContext, ToolError},
};

/// Messages that are read for the memory: the last answer is among them, whatever stands between.
const HISTORY: u32 = 8;
/// Pauses between two tries for a conversation that is busy, or for a run that is not finished.
const PAUSE: Duration = Duration::from_millis(25);
/// How often a run looks whether somebody asked for a stop.
const STOP_CHECK: Duration = Duration::from_millis(250);
/// Text goes out in pieces of about so many characters.
const DELTA: usize = 48;

/// What became of a message.
pub enum Started {
    /// It is being answered: run the turn.
    Turn(Box<Turn>),
    /// It was sent before under the same key; this is the run of the first time.
    Known(Uuid),
}

/// A message that is claimed and waits for its answer.
pub struct Turn {
    context: ToolContext,
    language: String,
    run: Uuid,
    conversation: Uuid,
    user_message: Uuid,
    message: String,
    memory: Memory,
    started: Timestamp,
    model: Option<Model>,
    longest: Option<Duration>,
}

/// Stores a message and claims its conversation, waiting a while for an earlier message.
///
/// # Errors
/// [`ChatError`]: the message, the conversation, or the limits.
pub async fn start(
    context: ToolContext,
    language: &str,
    conversation: Option<Uuid>,
    message: &str,
    client_key: Option<String>,
    limits: Limits,
) -> Result<Started, ChatError> {
    let said = Said { conversation, message: clean(message)?.to_owned(), again: None, client_key };
    claim(context, language, said, limits).await
}

/// Takes a conversation back to one of its messages, to answer that again. What the answers since have changed is undone, as far
/// as nothing else has changed it, so that a wish is not granted twice.
///
/// # Errors
/// [`ChatError`]: the conversation or the message is not there, or the limits.
pub async fn retry(
    context: ToolContext,
    language: &str,
    conversation: Uuid,
    message: Uuid,
    limits: Limits,
) -> Result<Started, ChatError> {
    let since = Walk { newest_first: false, from: Some(message), limit: u32::MAX >> 1 };
    let turns = context.scope.turns(conversation, since).await?;
    let first = turns.first().filter(|turn| turn.id == message).ok_or(ChatError::UnknownConversation)?;
    let said =
        Said { conversation: Some(conversation), message: first.said.clone(), again: Some(message), client_key: None };
    let started = claim(context.clone(), language, said, limits).await?;
    let done: Vec<AnswerCall> = turns
        .iter()
        .filter_map(|turn| turn.answer.as_ref()?.tool_calls.as_deref())
        .filter_map(|json| serde_json::from_str::<Vec<AnswerCall>>(json).ok())
        .flatten()
        .collect();
    for operation in done.iter().rev().filter_map(|call| call.operation_id) {
        let undone = context.scope.run(Command::Undo { operation }, &context.command()).await;
        // Undone before, or changed by something else since: that stays.
        if let Err(error) = undone
            && !matches!(error, StoreError::Domain(_))
        {
            return Err(error.into());
        }
    }
    Ok(started)
}

/// What is to be answered.
struct Said {
    conversation: Option<Uuid>,
    message: String,
    /// A stored message that is answered again.
    again: Option<Uuid>,
    client_key: Option<String>,
}

async fn claim(context: ToolContext, language: &str, said: Said, limits: Limits) -> Result<Started, ChatError> {
    let Said { conversation, message, again, client_key } = said;
    let run = Uuid::now_v7();
    let waits_until = tokio::time::Instant::now() + limits.wait;
    loop {
        let now = context.language.now.timestamp();
        let begin = Begin {
            conversation,
            message: message.clone(),
            again,
            run,
            model: BUILT_IN.to_owned(),
            client_key: client_key.clone(),
            now,
            lease: limits.lease,
            per_minute: limits.per_minute,
            history: HISTORY,
        };
        match context.scope.begin_turn(begin).await? {
            Begun::Started { conversation, message: user_message, history } => {
                let memory = remembered(&history);
                let language = language.to_owned();
                let turn = Turn {
                    context,
                    language,
                    run,
                    conversation,
                    user_message,
                    message,
                    memory,
                    started: now,
                    model: None,
                    longest: None,
                };
                return Ok(Started::Turn(Box::new(turn)));
            }
            Begun::Known(known) if known.message.as_deref().is_some_and(|known| known != message) => {
                return Err(ChatError::KeyReused);
            }
            Begun::Known(known) => return Ok(Started::Known(known.id)),
            Begun::NotFound => return Err(ChatError::UnknownConversation),
            Begun::TooMany { retry_after } => return Err(ChatError::TooMany { retry_after }),
            Begun::Busy if tokio::time::Instant::now() >= waits_until => return Err(ChatError::Busy),
            Begun::Busy => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// What the last answer left behind.
fn remembered(history: &[MessageRow]) -> Memory {
    history
        .iter()
        .rev()
        .find_map(|message| message.memory.as_deref())
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}

impl Turn {
    /// The run.
    #[must_use]
    pub const fn run_id(&self) -> Uuid {
        self.run
    }

    /// The message that it answers.
    #[must_use]
    pub const fn message_id(&self) -> Uuid {
        self.user_message
    }

    /// The conversation.
    #[must_use]
    pub const fn conversation_id(&self) -> Uuid {
        self.conversation
    }

    /// Lets a model answer what the built-in assistant can't place.
    #[must_use]
    pub fn with_model(mut self, model: Option<Model>) -> Self {
        self.model = model;
        self
    }

    /// Bounds the time of the answer by the caller's own.
    #[must_use]
    pub const fn within(mut self, longest: Duration) -> Self {
        self.longest = Some(longest);
        self
    }

    /// Answers. Events go to `sink` as they happen; nobody needs to listen. To be run in a task of its own, so that a reader who
    /// goes away does not leave it half done.
    ///
    /// # Errors
    /// The store's failures; the run is recorded as failed where the store allows.
    pub async fn answer(self, sink: UnboundedSender<Event>) -> Result<Answer, ChatError> {
        // Somebody may have asked for a stop while the message waited.
        let asked = self.context.scope.run_by_id(self.run).await?.is_some_and(|row| row.stop_requested);
        let (stop, stopped) = watch::channel(asked);
        let poll = tokio::spawn(watch_for_stop(self.context.scope.clone(), self.run, stop).boxed());
        let patience = self.model.as_ref().map(|model| model.settings().limits.patience);
        let mut recorder = Recorder::new(sink, stopped, patience);
        recorder.emit(Event::RunStarted {
            run_id: self.run,
            conversation_id: self.conversation,
            user_message_id: self.user_message,
            started_at: self.started,
        });
        let before = std::time::Instant::now();
        let inquiry = Inquiry {
            message: &self.message,
            memory: &self.memory,
            tools: &self.context,
            language: &self.language,
            conversation: self.conversation,
            user_message: self.user_message,
            model: self.model.as_ref(),
            longest: self.longest,
        };
        let outcome = engine::answer(&inquiry, &mut recorder).await;
        poll.abort();
        // The clock may be frozen; the time that passed is real all the same.
        let finished = self
            .started
            .checked_add(jiff::SignedDuration::try_from(before.elapsed()).unwrap_or_default())
            .unwrap_or(self.started);
        match outcome {
            Ok(told) => self.record(told, recorder, finished).await,
            Err(error) => self.record_failure(error, recorder, finished).await,
        }
    }

    async fn record(self, told: Told, mut recorder: Recorder, finished: Timestamp) -> Result<Answer, ChatError> {
        let Told { response, model, tokens, failure } = told;
        let message_id = Uuid::now_v7();
        let operation_ids: Vec<Uuid> = response.calls.iter().filter_map(|call| call.operation).collect();
        let question = response.memory.question.as_ref().map(Into::into);
        for delta in deltas(recorder.unsaid(&response.text)) {
            recorder.emit(Event::TextDelta { delta: delta.to_owned() });
        }
        if let Some(question) = &question {
            recorder.emit(Event::Question { question: Clone::clone(question) });
        }
        if !operation_ids.is_empty() {
            recorder.emit(Event::Operations { operation_ids: operation_ids.clone() });
        }
        let answer = Answer {
            conversation_id: self.conversation,
            response: response.text,
            tool_calls: response.calls.iter().map(AnswerCall::from).collect(),
            run_id: self.run,
            message_id,
            user_message_id: self.user_message,
            status: if response.stopped { "stopped" } else { "ok" }.to_owned(),
            model: model.clone(),
            question,
            operation_ids,
        };
        recorder.events.push(Event::Done { answer: answer.clone() });
        let finish = Finish {
            content: Some(answer.response.clone()),
            tool_calls: Some(json(&answer.tool_calls)),
            memory: Some(json(&response.memory)),
            status: if response.stopped { "stopped" } else { "ok" },
            error_code: failure.map(str::to_owned),
            events: Some(json(&recorder.events)),
            model,
            tokens,
            calls: response.calls.iter().map(row).collect(),
            message: message_id,
            ..self.finish(finished)
        };
        self.context.scope.finish_turn(finish).await?;
        // Only what is stored is told as done.
        recorder.send_last();
        Ok(answer)
    }

    async fn record_failure(
        self,
        error: ToolError,
        mut recorder: Recorder,
        finished: Timestamp,
    ) -> Result<Answer, ChatError> {
        recorder.events.push(Event::Error { code: error.code().to_owned(), detail: error.detail().into_owned() });
        let finish = Finish {
            status: "error",
            error_code: Some(error.code().to_owned()),
            events: Some(json(&recorder.events)),
            ..self.finish(finished)
        };
        // The store has just failed; what can't be recorded now is let go by the lease.
        if let Err(second) = self.context.scope.finish_turn(finish).await {
            tracing::warn!(error = %second, run_id = %self.run, "a failed run could not be recorded");
        }
        recorder.send_last();
        Err(error.into())
    }

    fn finish(&self, finished: Timestamp) -> Finish {
        Finish {
            run: self.run,
            conversation: self.conversation,
            content: None,
            tool_calls: None,
            memory: None,
            status: "error",
            error_code: None,
            events: None,
            calls: Vec::new(),
            model: None,
            tokens: None,
            started: self.started,
            finished,
            message: Uuid::now_v7(),
        }
    }
}

async fn watch_for_stop(scope: UserScope, run: Uuid, stop: watch::Sender<bool>) {
    loop {
        tokio::time::sleep(STOP_CHECK).await;
        match scope.run_by_id(run).await {
            Ok(Some(row)) if row.stop_requested => {
                stop.send_replace(true);
                return;
            }
            Ok(Some(row)) if row.status == "running" => {}
            // A failed look is tried again.
            Err(_) => {}
            Ok(_) => return,
        }
    }
}

/// The events of a run from the one after `after` on, waiting for a run that is not finished.
///
/// # Errors
/// [`ChatError::UnknownRun`]; [`ChatError::Busy`] when the run does not finish within `wait`.
pub async fn replay(
    scope: &UserScope,
    run: Uuid,
    after: usize,
    wait: Duration,
) -> Result<Vec<(usize, Event)>, ChatError> {
    let waits_until = tokio::time::Instant::now() + wait;
    loop {
        let row: RunRow = scope.run_by_id(run).await?.ok_or(ChatError::UnknownRun)?;
        if let Some(events) = row.events {
            let events: Vec<Event> = serde_json::from_str(&events)
                .map_err(|error| todo_store::StoreError::Corrupt(format!("events of a run: {error}")))?;
            return Ok((1..).zip(events).skip(after).collect());
        }
        if tokio::time::Instant::now() >= waits_until {
            return Err(ChatError::Busy);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl From<&Call> for AnswerCall {
    fn from(call: &Call) -> Self {
        Self {
            id: call.id,
            tool: call.tool.to_owned(),
            input: call.input.clone(),
            output: call.output.clone(),
            status: if call.success { "ok" } else { "error" }.to_owned(),
            duration_ms: (call.took.as_secs_f64() * 1_000_000.0).round() / 1_000.0,
            operation_id: call.operation,
        }
    }
}

fn row(call: &Call) -> ToolCallRow {
    ToolCallRow {
        id: call.id,
        tool: call.tool.to_owned(),
        input: call.input.to_string(),
        output: call.output.to_string(),
        success: call.success,
        duration_ms: i64::try_from(call.took.as_millis()).unwrap_or(i64::MAX),
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap_or(Value::Null).to_string()
}

/// Pieces of a text, cut at word ends.
fn deltas(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let cut = rest
            .char_indices()
            .skip(DELTA)
            .find(|(_, c)| c.is_whitespace())
            .map_or(rest.len(), |(at, c)| at + c.len_utf8());
        let (piece, after) = rest.split_at(cut);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// The present moment in a zone named by a client, else as it was.
///
/// # Errors
/// A validation error on `timezone`.
pub fn now_in(now: &Zoned, timezone: Option<&str>) -> Result<Zoned, todo_domain::DomainError> {
    match timezone.map(str::trim).filter(|name| !name.is_empty()) {
        None => Ok(now.clone()),
        Some(name) => Ok(now.with_time_zone(todo_domain::wire::time_zone("timezone", name)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas_make_up_the_text() {
        let text = "Added “Buy milk” (#1) — due tomorrow 17:00, urgent priority.\n".repeat(5) + "ü🙂";
        let pieces = deltas(&text);
        assert!(pieces.len() > 3);
        assert_eq!(pieces.concat(), text);
        assert!(deltas("").is_empty());
    }
}
