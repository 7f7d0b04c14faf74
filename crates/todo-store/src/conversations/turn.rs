//! One message and its answer. The conversation is claimed for the time of the answer, by a lease in its row, so that two
//! messages at once take turns on any number of replicas, and a process that dies holds nobody up for long.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{MESSAGE, MessageRow, RunRow, TITLE_MAX, runs};
use crate::{
    db::{Repeat, Tx},
    error::Result,
    scope::UserScope,
    vals,
};

/// A message that arrives.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The conversation; a new one when absent.
    pub conversation: Option<Uuid>,
    /// What the user wrote.
    pub message: String,
    /// The stored message that is answered again, in place of a new one: what came after it goes.
    pub again: Option<Uuid>,
    /// Id for the run.
    pub run: Uuid,
    /// Who answers (`built-in`, or the name of a model).
    pub model: String,
    /// The client's key: the same key again finds the run of the first time.
    pub client_key: Option<String>,
    /// The present moment.
    pub now: Timestamp,
    /// How long the answer may take before somebody else may go on.
    pub lease: Duration,
    /// Most messages per minute.
    pub per_minute: u32,
    /// How many earlier messages to read.
    pub history: u32,
}

/// What became of it.
#[derive(Clone, Debug)]
pub enum Begun {
    /// The conversation is claimed; answer, then [`UserScope::finish_turn`].
    Started {
        /// The conversation.
        conversation: Uuid,
        /// Id of the stored message.
        message: Uuid,
        /// Earlier messages, oldest first.
        history: Vec<MessageRow>,
    },
    /// A message with that key was sent before.
    Known(Box<RunRow>),
    /// Another message is being answered.
    Busy,
    /// There is no such conversation.
    NotFound,
    /// Too many messages within a minute.
    TooMany {
        /// Try again after so long.
        retry_after: Duration,
    },
}

/// A tool call to record.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCallRow {
    /// UUIDv7.
    pub id: Uuid,
    /// Name of the tool.
    pub tool: String,
    /// Its arguments, as JSON.
    pub input: String,
    /// Its result or error, as JSON.
    pub output: String,
    /// Whether it succeeded.
    pub success: bool,
    /// How long it took.
    pub duration_ms: i64,
}

/// An answer to record.
#[derive(Clone, Debug)]
pub struct Finish {
    /// The run.
    pub run: Uuid,
    /// The conversation.
    pub conversation: Uuid,
    /// The answer; no message is stored when absent (the run failed before it had one).
    pub content: Option<String>,
    /// Its tool calls, as JSON for the reader of messages.
    pub tool_calls: Option<String>,
    /// What to remember, as JSON.
    pub memory: Option<String>,
    /// `ok`, `error` or `stopped`.
    pub status: &'static str,
    /// Why it failed.
    pub error_code: Option<String>,
    /// What was streamed, as JSON.
    pub events: Option<String>,
    /// Every tool call.
    pub calls: Vec<ToolCallRow>,
    /// Who answered after all, when it was not [`Begin::model`].
    pub model: Option<String>,
    /// Tokens of a model: in, out.
    pub tokens: Option<(i64, i64)>,
    /// When it began and ended.
    pub started: Timestamp,
    /// See `started`.
    pub finished: Timestamp,
    /// Id for the answer's message.
    pub message: Uuid,
}

impl UserScope {
    /// Stores a message and claims its conversation, or says why not. Nothing is stored unless [`Begun::Started`] is answered.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_turn(&self, begin: Begin) -> Result<Begun> {
        let user = self.user_id().clone();
        self.db()
            .write(self.identity(), Repeat::Unsafe, move |tx| {
                let (user, begin) = (user.clone(), begin.clone());
                Box::pin(async move {
                    if let Some(known) = known(tx, user.as_str(), &begin).await? {
                        return Ok(known);
                    }
                    let Some(conversation) = begin.conversation else {
                        let id = Uuid::now_v7();
                        insert_conversation(tx, user.as_str(), id, &begin).await?;
                        let message = insert(tx, user.as_str(), id, &begin).await?;
                        return Ok(Begun::Started { conversation: id, message, history: Vec::new() });
                    };
                    if let Some(again) = begin.again
                        && !is_message(tx, user.as_str(), conversation, again).await?
                    {
                        return Ok(Begun::NotFound);
                    }
                    let claimed = tx
                        .execute(
                            "UPDATE conversations SET claimed_by = $3, claimed_until = $4, updated_at = $5
                             WHERE user_id = $1 AND id = $2 AND (claimed_until IS NULL OR claimed_until <= $5)",
                            &vals![user.as_str(), conversation, begin.run, until(&begin), begin.now],
                        )
                        .await?;
                    if claimed == 0 {
                        let there: Option<(i64,)> = tx
                            .query_opt(
                                "SELECT 1 FROM conversations WHERE user_id = $1 AND id = $2",
                                &vals![user.as_str(), conversation],
                            )
                            .await?;
                        return Ok(if there.is_some() { Begun::Busy } else { Begun::NotFound });
                    }
                    if let Some(again) = begin.again {
                        rewind(tx, user.as_str(), conversation, again).await?;
                    }
                    let mut history: Vec<MessageRow> = tx
                        .query(
                            &format!(
                                "SELECT {MESSAGE} FROM messages WHERE user_id = $1 AND conversation_id = $2 AND id < $4
                                 ORDER BY id DESC LIMIT $3"
                            ),
                            &vals![user.as_str(), conversation, begin.history, begin.again.unwrap_or(Uuid::max())],
                        )
                        .await?;
                    history.reverse();
                    let message = insert(tx, user.as_str(), conversation, &begin).await?;
                    Ok(Begun::Started { conversation, message, history })
                })
            })
            .await
    }

    /// Stores the answer with its tool calls and lets the conversation go.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish_turn(&self, finish: Finish) -> Result<()> {
        let user = self.user_id().clone();
        self.db()
            .write(self.identity(), Repeat::Safe, move |tx| {
                let (user, finish) = (user.clone(), finish.clone());
                Box::pin(async move { record(tx, user.as_str(), &finish).await })
            })
            .await
    }
}

async fn known(tx: &Tx, user: &str, begin: &Begin) -> Result<Option<Begun>> {
    if let Some(key) = &begin.client_key {
        let sql = format!("SELECT {} FROM agent_runs WHERE user_id = $1 AND client_key = $2", runs::COLUMNS);
        if let Some(run) = tx.query_opt(&sql, &vals![user, key]).await? {
            return Ok(Some(Begun::Known(Box::new(run))));
        }
    }
    let minute = Duration::from_secs(60);
    let since = begin.now.checked_sub(minute).unwrap_or(begin.now);
    let (count, first): (i64, Option<Timestamp>) = tx
        .query_one(
            "SELECT count(*), min(started_at) FROM agent_runs
             WHERE user_id = $1 AND started_at > $2 AND conversation_id IS NOT NULL",
            &vals![user, since],
        )
        .await?;
    if count < i64::from(begin.per_minute) {
        return Ok(None);
    }
    let age = first
        .map_or(Duration::ZERO, |first| Duration::try_from(begin.now.duration_since(first)).unwrap_or(Duration::ZERO));
    Ok(Some(Begun::TooMany { retry_after: minute.saturating_sub(age).max(Duration::from_secs(1)) }))
}

fn until(begin: &Begin) -> Timestamp {
    begin.now.checked_add(begin.lease).unwrap_or(Timestamp::MAX)
}

async fn insert_conversation(tx: &Tx, user: &str, id: Uuid, begin: &Begin) -> Result<()> {
    let title: String =
        begin.message.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TITLE_MAX).collect();
    tx.execute(
        "INSERT INTO conversations (user_id, id, title, created_at, updated_at, claimed_by, claimed_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &vals![user, id, title, begin.now, begin.now, begin.run, until(begin)],
    )
    .await?;
    Ok(())
}

/// Whether it is a user's message of that conversation.
async fn is_message(tx: &Tx, user: &str, conversation: Uuid, message: Uuid) -> Result<bool> {
    let there: Option<(i64,)> = tx
        .query_opt(
            "SELECT 1 FROM messages WHERE user_id = $1 AND conversation_id = $2 AND id = $3 AND role = 'user'",
            &vals![user, conversation, message],
        )
        .await?;
    Ok(there.is_some())
}

/// Takes a conversation back to a message. The runs of what goes stay in the record, without their messages.
async fn rewind(tx: &Tx, user: &str, conversation: Uuid, to: Uuid) -> Result<()> {
    tx.execute(
        "UPDATE agent_runs SET user_message_id = NULL, assistant_message_id = NULL
         WHERE user_id = $1 AND conversation_id = $2 AND user_message_id >= $3",
        &vals![user, conversation, to],
    )
    .await?;
    tx.execute(
        "DELETE FROM messages WHERE user_id = $1 AND conversation_id = $2 AND id > $3",
        &vals![user, conversation, to],
    )
    .await?;
    Ok(())
}

async fn insert(tx: &Tx, user: &str, conversation: Uuid, begin: &Begin) -> Result<Uuid> {
    let message = begin.again.unwrap_or_else(Uuid::now_v7);
    if begin.again.is_none() {
        tx.execute(
            "INSERT INTO messages (user_id, id, conversation_id, role, content, created_at) VALUES ($1, $2, $3, 'user', $4, $5)",
            &vals![user, message, conversation, &begin.message, begin.now],
        )
        .await?;
    }
    tx.execute(
        "INSERT INTO agent_runs (user_id, id, conversation_id, user_message_id, model, status, started_at, client_key)
         VALUES ($1, $2, $3, $4, $5, 'running', $6, $7)",
        &vals![user, begin.run, conversation, message, &begin.model, begin.now, begin.client_key.clone()],
    )
    .await?;
    Ok(message)
}

async fn record(tx: &Tx, user: &str, finish: &Finish) -> Result<()> {
    // A second try after a lost connection finds the run finished.
    let (prompt, completion) = finish.tokens.map_or((None, None), |(a, b)| (Some(a), Some(b)));
    let took = finish.finished.duration_since(finish.started).as_millis();
    let message = finish.content.as_ref().map(|_| finish.message);
    let open = tx
        .execute(
            "UPDATE agent_runs SET status = $3, error_code = $4, assistant_message_id = $5, prompt_tokens = $6,
                 completion_tokens = $7, finished_at = $8, duration_ms = $9, events = $10, model = coalesce($11, model)
             WHERE user_id = $1 AND id = $2 AND status = 'running'",
            &vals![
                user,
                finish.run,
                finish.status,
                finish.error_code.clone(),
                message,
                prompt,
                completion,
                finish.finished,
                i64::try_from(took).unwrap_or(i64::MAX),
                finish.events.clone(),
                finish.model.clone(),
            ],
        )
        .await?;
    if open == 0 {
        return Ok(());
    }
    if let Some(content) = &finish.content {
        tx.execute(
            "INSERT INTO messages (user_id, id, conversation_id, role, content, tool_calls, memory, created_at)
             VALUES ($1, $2, $3, 'assistant', $4, $5, $6, $7)",
            &vals![
                user,
                finish.message,
                finish.conversation,
                content,
                finish.tool_calls.clone(),
                finish.memory.clone(),
                finish.finished
            ],
        )
        .await?;
    }
    for call in &finish.calls {
        insert_call(tx, user, finish.run, message, call, finish.finished).await?;
    }
    tx.execute(
        "UPDATE conversations SET updated_at = $3, claimed_by = NULL, claimed_until = NULL
         WHERE user_id = $1 AND id = $2 AND claimed_by = $4",
        &vals![user, finish.conversation, finish.finished, finish.run],
    )
    .await?;
    Ok(())
}

/// Stores a tool call of a run.
pub(super) async fn insert_call(
    tx: &Tx,
    user: &str,
    run: Uuid,
    message: Option<Uuid>,
    call: &ToolCallRow,
    at: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO tool_calls (user_id, id, run_id, message_id, tool_name, parameters, result, success, duration_ms, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &vals![
            user,
            call.id,
            run,
            message,
            &call.tool,
            &call.input,
            &call.output,
            call.success,
            call.duration_ms,
            at
        ],
    )
    .await?;
    Ok(())
}
