//! Conversations to look back on.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use todo_assistant::chat::{BUILT_IN, ChatError};
use todo_service::Problem;
use todo_store::conversations::{ConversationRow, MessageRow, TITLE_MAX};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::refused;
use crate::{
    caller::Caller,
    errors::problem,
    extract::{Json, Path, Query},
    openapi::Refusals,
};

/// Conversations, or messages, on a page when nothing is said.
const PAGE_DEFAULT: u32 = 50;
/// Most on a page.
const PAGE_MAX: u32 = 100;

/// A conversation in the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationJson {
    id: Uuid,
    /// Its first message, or the name that was given.
    title: String,
    /// At most 100 characters of the last message.
    last_message_preview: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: jiff::Timestamp,
}

impl From<ConversationRow> for ConversationJson {
    fn from(row: ConversationRow) -> Self {
        Self {
            id: row.id,
            title: row.title,
            last_message_preview: row.preview,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConversationList {
    conversations: Vec<ConversationJson>,
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageJson {
    id: Uuid,
    /// `user` or `assistant`.
    role: String,
    content: String,
    /// The tool calls of an answer.
    tool_calls: Value,
    /// The model that gave an answer; absent when the built-in assistant did.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
}

impl From<MessageRow> for MessageJson {
    fn from(row: MessageRow) -> Self {
        let tool_calls =
            row.tool_calls.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or(Value::Array(Vec::new()));
        let model = row.model.filter(|model| model != BUILT_IN);
        Self { id: row.id, role: row.role, content: row.content, tool_calls, model, created_at: row.created_at }
    }
}

/// Oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageList {
    messages: Vec<MessageJson>,
    /// Whether there are older ones: ask again with `before`.
    has_more: bool,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ConversationPath {
    /// Id of the conversation.
    conversation: Uuid,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// 1 to 100.
    #[param(required = false, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Skip so many.
    #[param(required = false, maximum = 1_000_000)]
    offset: Option<u64>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessageParams {
    /// 1 to 100.
    #[param(required = false, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only messages before this one.
    #[param(required = false)]
    before: Option<Uuid>,
}

/// A new name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameInput {
    /// 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    title: String,
}

/// What was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deleted {
    deleted: bool,
}

fn limit(wanted: Option<u32>) -> Result<u32, Problem> {
    match wanted.unwrap_or(PAGE_DEFAULT) {
        limit @ 1..=PAGE_MAX => Ok(limit),
        _ => Err(Problem::invalid("limit", format!("`limit` must be 1 to {PAGE_MAX}."))),
    }
}

fn unknown() -> Problem {
    refused(ChatError::UnknownConversation)
}

/// List conversations
#[utoipa::path(get, path = "/conversations", tag = "chat", params(PageParams),
    responses((status = 200, body = ConversationList), Refusals))]
pub async fn list(caller: Caller, Query(params): Query<PageParams>) -> Result<Json<ConversationList>, Problem> {
    let offset = params.offset.unwrap_or(0);
    if offset > 1_000_000 {
        return Err(Problem::invalid("offset", "`offset` must be at most 1000000."));
    }
    let rows = caller.scope.conversations(limit(params.limit)?, offset).await.map_err(problem)?;
    Ok(Json(ConversationList { conversations: rows.into_iter().map(Into::into).collect() }))
}

/// Read a conversation
#[utoipa::path(get, path = "/conversations/{conversation}/messages", tag = "chat", params(ConversationPath, MessageParams),
    responses((status = 200, body = MessageList), Refusals))]
pub async fn messages(
    caller: Caller,
    path: Path<ConversationPath>,
    Query(params): Query<MessageParams>,
) -> Result<Json<MessageList>, Problem> {
    let limit = limit(params.limit)?;
    let page =
        caller.scope.messages(path.0.conversation, limit, params.before).await.map_err(problem)?.ok_or_else(unknown)?;
    Ok(Json(MessageList { messages: page.messages.into_iter().map(Into::into).collect(), has_more: page.has_more }))
}

/// Rename a conversation
#[utoipa::path(patch, path = "/conversations/{conversation}", tag = "chat", params(ConversationPath), request_body = RenameInput,
    responses((status = 200, body = ConversationJson), Refusals))]
pub async fn rename(
    caller: Caller,
    path: Path<ConversationPath>,
    input: Json<RenameInput>,
) -> Result<Json<ConversationJson>, Problem> {
    let title = input.0.title.trim();
    if !(1..=TITLE_MAX).contains(&title.chars().count()) || title.chars().any(char::is_control) {
        return Err(Problem::invalid("title", format!("`title` must be one line of 1 to {TITLE_MAX} characters.")));
    }
    if !caller.scope.rename_conversation(path.0.conversation, title).await.map_err(problem)? {
        return Err(unknown());
    }
    let row = caller.scope.conversation(path.0.conversation).await.map_err(problem)?.ok_or_else(unknown)?;
    Ok(Json(row.into()))
}

/// Delete a conversation
///
/// With its messages; the tasks stay.
#[utoipa::path(delete, path = "/conversations/{conversation}", tag = "chat", params(ConversationPath),
    responses((status = 200, body = Deleted), Refusals))]
pub async fn delete(caller: Caller, path: Path<ConversationPath>) -> Result<Json<Deleted>, Problem> {
    match caller.scope.delete_conversation(path.0.conversation).await.map_err(problem)? {
        true => Ok(Json(Deleted { deleted: true })),
        false => Err(unknown()),
    }
}
