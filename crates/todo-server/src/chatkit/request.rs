//! What can be asked.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use todo_service::Problem;

use crate::extract;

/// A request by its type. See [`Request::read`].
#[derive(Debug, Deserialize)]
pub enum Request {
    /// Begin a thread with a message.
    #[serde(rename = "threads.create")]
    Create { input: Input },
    /// Say something in a thread.
    #[serde(rename = "threads.add_user_message")]
    Say { thread_id: String, input: Input },
    /// Answer the question that an item asks.
    #[serde(rename = "threads.add_structured_input")]
    Reply { thread_id: String, item_id: String, input: Submission },
    /// Answer a message again.
    #[serde(rename = "threads.retry_after_item")]
    Retry { thread_id: String, item_id: String },
    /// Read a thread with its first items.
    #[serde(rename = "threads.get_by_id")]
    Get { thread_id: String },
    /// List threads.
    #[serde(rename = "threads.list")]
    Threads(Paging),
    /// List the items of a thread.
    #[serde(rename = "items.list")]
    Items {
        thread_id: String,
        #[serde(default)]
        limit: Option<i64>,
        #[serde(default)]
        order: Order,
        #[serde(default)]
        after: Option<String>,
    },
    /// Say whether answers were good.
    #[serde(rename = "items.feedback")]
    Feedback { thread_id: String, item_ids: Vec<String>, kind: Feedback },
    /// Rename a thread.
    #[serde(rename = "threads.update")]
    Rename { thread_id: String, title: String },
    /// Delete a thread.
    #[serde(rename = "threads.delete")]
    Delete { thread_id: String },
    /// Tools that run in the page: this server calls none.
    #[serde(rename = "threads.add_client_tool_output")]
    ClientTool {},
    /// Widgets: this server shows none.
    #[serde(rename = "threads.custom_action")]
    Action {},
    /// See [`Self::Action`].
    #[serde(rename = "threads.sync_custom_action")]
    SyncAction {},
    /// Files: this server takes none.
    #[serde(rename = "attachments.create")]
    Attach {},
    /// See [`Self::Attach`].
    #[serde(rename = "attachments.delete")]
    Detach {},
    /// Dictation: this server hears nothing.
    #[serde(rename = "input.transcribe")]
    Transcribe {},
}

/// A request as it travels. Clients may add `metadata`, which means nothing here.
#[derive(Deserialize)]
struct Envelope {
    r#type: String,
    params: Value,
}

impl Request {
    /// Reads `{"type": …, "params": …}`: first the envelope, then what is in it. As one enum with a tag and a content, whose
    /// order is free, everything would be compiled twice.
    ///
    /// # Errors
    /// What [`extract::from_slice`] refuses.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        let Envelope { r#type, params } = extract::from_slice(body)?;
        let prefix = format!("{}.", r#type);
        let named =
            serde_json::to_vec(&BTreeMap::from([(r#type, params)])).map_err(|error| Problem::internal(&error))?;
        extract::from_slice(&named).map_err(|mut problem| {
            let field = problem.field.take().unwrap_or_default();
            problem.field =
                Some(field.strip_prefix(&prefix).map_or("type".into(), |field| format!("params.{field}").into()));
            problem
        })
    }
}

/// A message of the user.
#[derive(Debug, Deserialize)]
pub struct Input {
    content: Vec<Content>,
    /// Ids of files.
    #[serde(default)]
    pub attachments: Vec<String>,
}

/// A piece of a message.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Content {
    #[serde(rename = "input_text")]
    Text { text: String },
    #[serde(rename = "input_tag")]
    Tag { text: String },
}

impl Input {
    /// The message as one text.
    pub fn text(&self) -> String {
        let piece = |content: &Content| match content {
            Content::Text { text } | Content::Tag { text } => text.clone(),
        };
        self.content.iter().map(piece).collect()
    }
}

/// The answer to a question.
#[derive(Debug, Deserialize)]
pub struct Submission {
    #[serde(default)]
    status: Status,
    #[serde(default)]
    answers: std::collections::BTreeMap<String, Answer>,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    #[default]
    Answered,
    Skipped,
}

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    skipped: bool,
}

impl Submission {
    /// What was chosen or written; none when the question was skipped.
    pub fn chosen(self) -> Option<String> {
        if self.status == Status::Skipped {
            return None;
        }
        let answer = self.answers.into_values().find(|answer| !answer.skipped)?;
        answer.values.into_iter().find(|value| !value.trim().is_empty())
    }
}

/// A page: how many, which way, after which id.
#[derive(Debug, Deserialize)]
pub struct Paging {
    #[serde(default)]
    pub limit: Option<i64>,
    #[serde(default)]
    pub order: Order,
    #[serde(default)]
    pub after: Option<String>,
}

/// Which way.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    Asc,
    #[default]
    Desc,
}

/// Whether an answer was good.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Feedback {
    Positive,
    Negative,
}

impl Feedback {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
        }
    }
}
