//! Everything a user has, page by page.

use std::sync::Arc;

use futures::{Stream, stream};
use jiff::{Timestamp, Zoned};
use serde::Serialize;
use serde_json::Value;
use todo_domain::{
    Filter, Task, TaskQuery,
    query::{Order, SortKey, Start},
};
use uuid::Uuid;

use crate::{
    db::{FromRow, Row},
    error::Result,
    scope::UserScope,
    tasks::list::List,
    vals,
};

/// Tasks that are read at once.
const CHUNK: u32 = 500;
/// Other rows that are read at once; some are large.
const ROWS: u32 = 100;

/// A row that is read in the order of its id.
trait Numbered: FromRow + Send + 'static {
    const SQL: &'static str;
    fn id(&self) -> Uuid;
}

/// A step of the history, with what it changed.
#[derive(Debug, Serialize)]
pub struct HistoryRecord {
    /// UUIDv7.
    id: Uuid,
    kind: String,
    summary: String,
    door: String,
    created_at: Timestamp,
    undone_at: Option<Timestamp>,
    changes: Value,
}

/// A conversation, without its messages.
#[derive(Debug, Serialize)]
pub struct ConversationRecord {
    id: Uuid,
    title: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A message of a conversation.
#[derive(Debug, Serialize)]
pub struct MessageRecord {
    id: Uuid,
    conversation_id: Uuid,
    role: String,
    content: String,
    tool_calls: Option<Value>,
    /// What the assistant remembers of it.
    memory: Option<Value>,
    created_at: Timestamp,
}

/// The making of an answer.
#[derive(Debug, Serialize)]
pub struct RunRecord {
    id: Uuid,
    conversation_id: Option<Uuid>,
    user_message_id: Option<Uuid>,
    assistant_message_id: Option<Uuid>,
    model: String,
    status: String,
    error_code: Option<String>,
    prompt_tokens: Option<i64>,
    completion_tokens: Option<i64>,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    duration_ms: Option<i64>,
}

/// A call of a tool by the assistant.
#[derive(Debug, Serialize)]
pub struct ToolCallRecord {
    id: Uuid,
    run_id: Option<Uuid>,
    message_id: Option<Uuid>,
    tool_name: String,
    parameters: Value,
    result: Value,
    success: bool,
    duration_ms: i64,
    created_at: Timestamp,
}

/// A column of JSON; what is none is told as the text that it is.
fn json(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

impl FromRow for HistoryRecord {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            summary: row.get(2)?,
            door: row.get(3)?,
            created_at: row.get(4)?,
            undone_at: row.get(5)?,
            changes: json(row.get(6)?),
        })
    }
}

impl Numbered for HistoryRecord {
    const SQL: &'static str = "SELECT id, kind, summary, door, created_at, undone_at, changes FROM operations \
        WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    fn id(&self) -> Uuid {
        self.id
    }
}

impl FromRow for ConversationRecord {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get(0)?, title: row.get(1)?, created_at: row.get(2)?, updated_at: row.get(3)? })
    }
}

impl Numbered for ConversationRecord {
    const SQL: &'static str = "SELECT id, title, created_at, updated_at FROM conversations \
        WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    fn id(&self) -> Uuid {
        self.id
    }
}

impl FromRow for MessageRecord {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            conversation_id: row.get(1)?,
            role: row.get(2)?,
            content: row.get(3)?,
            tool_calls: row.get::<Option<String>>(4)?.map(json),
            memory: row.get::<Option<String>>(5)?.map(json),
            created_at: row.get(6)?,
        })
    }
}

impl Numbered for MessageRecord {
    const SQL: &'static str = "SELECT id, conversation_id, role, content, tool_calls, memory, created_at FROM messages \
        WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    fn id(&self) -> Uuid {
        self.id
    }
}

impl FromRow for RunRecord {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            conversation_id: row.get(1)?,
            user_message_id: row.get(2)?,
            assistant_message_id: row.get(3)?,
            model: row.get(4)?,
            status: row.get(5)?,
            error_code: row.get(6)?,
            prompt_tokens: row.get(7)?,
            completion_tokens: row.get(8)?,
            started_at: row.get(9)?,
            finished_at: row.get(10)?,
            duration_ms: row.get(11)?,
        })
    }
}

impl Numbered for RunRecord {
    const SQL: &'static str = "SELECT id, conversation_id, user_message_id, assistant_message_id, model, status, error_code, \
        prompt_tokens, completion_tokens, started_at, finished_at, duration_ms FROM agent_runs \
        WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    fn id(&self) -> Uuid {
        self.id
    }
}

impl FromRow for ToolCallRecord {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            run_id: row.get(1)?,
            message_id: row.get(2)?,
            tool_name: row.get(3)?,
            parameters: json(row.get(4)?),
            result: json(row.get(5)?),
            success: row.get(6)?,
            duration_ms: row.get(7)?,
            created_at: row.get(8)?,
        })
    }
}

impl Numbered for ToolCallRecord {
    const SQL: &'static str = "SELECT id, run_id, message_id, tool_name, parameters, result, success, duration_ms, created_at \
        FROM tool_calls WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    fn id(&self) -> Uuid {
        self.id
    }
}

impl UserScope {
    /// All tasks by number, in chunks: memory stays small however many there are. Changes meanwhile neither double nor lose a
    /// task that was there all the time.
    pub fn export_all(&self, now: &Zoned) -> impl Stream<Item = Result<Vec<Task>>> + Send + use<> {
        let (scope, now) = (self.clone(), now.clone());
        stream::try_unfold(Some(Start::Offset(0)), move |start| {
            let (scope, now) = (scope.clone(), now.clone());
            async move {
                let Some(start) = start else { return Ok(None) };
                let query = TaskQuery { start, ..TaskQuery::new(Filter::All).sorted(SortKey::Number, Order::Asc) };
                let list = Arc::new(List::of_length(scope.user_id(), &query, &now, CHUNK)?);
                let page = scope
                    .db()
                    .read_paced(scope.identity(), true, move |tx| {
                        let list = list.clone();
                        Box::pin(async move { list.page(tx).await })
                    })
                    .await?;
                if page.tasks.is_empty() {
                    return Ok(None);
                }
                Ok(Some((page.tasks, page.next_cursor.map(Start::Cursor))))
            }
        })
    }

    /// The history, oldest first.
    pub fn export_history(&self) -> impl Stream<Item = Result<Vec<HistoryRecord>>> + Send + use<> {
        self.by_id()
    }

    /// All conversations.
    pub fn export_conversations(&self) -> impl Stream<Item = Result<Vec<ConversationRecord>>> + Send + use<> {
        self.by_id()
    }

    /// All messages, oldest first.
    pub fn export_messages(&self) -> impl Stream<Item = Result<Vec<MessageRecord>>> + Send + use<> {
        self.by_id()
    }

    /// How every answer was made.
    pub fn export_runs(&self) -> impl Stream<Item = Result<Vec<RunRecord>>> + Send + use<> {
        self.by_id()
    }

    /// Every call of a tool.
    pub fn export_tool_calls(&self) -> impl Stream<Item = Result<Vec<ToolCallRecord>>> + Send + use<> {
        self.by_id()
    }

    /// Rows in the order of their ids, in chunks.
    fn by_id<T: Numbered>(&self) -> impl Stream<Item = Result<Vec<T>>> + Send + use<T> {
        let scope = self.clone();
        stream::try_unfold(Some(Uuid::nil()), move |after| {
            let scope = scope.clone();
            async move {
                let Some(after) = after else { return Ok(None) };
                let params = vals![scope.user_id(), after, ROWS];
                let rows: Vec<T> = scope.db().query(scope.identity(), T::SQL, params).await?;
                let last = rows.last().filter(|_| rows.len() == ROWS as usize).map(Numbered::id);
                Ok((!rows.is_empty()).then_some((rows, last)))
            }
        })
    }
}
