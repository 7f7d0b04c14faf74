//! What is streamed while a message is answered, and the answer as a whole.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::builtin::{Question, QuestionKind};

/// One event of a run; its place among the run's events, from 1, is its id in the stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ChatEvent))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The message is stored and the answer begins.
    RunStarted {
        /// The run.
        run_id: Uuid,
        /// The conversation.
        conversation_id: Uuid,
        /// The stored message.
        user_message_id: Uuid,
        /// When.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
        started_at: Timestamp,
    },
    /// A tool is about to run.
    ToolCallStarted {
        /// Id of the call.
        id: Uuid,
        /// The tool.
        tool: String,
        /// Its arguments.
        input: Value,
    },
    /// A tool has run.
    ToolCallFinished {
        /// Id of the call.
        id: Uuid,
        /// The tool.
        tool: String,
        /// Its result, or `{"error": …}`.
        output: Value,
        /// `ok` or `error`.
        status: String,
        /// How long it took.
        duration_ms: f64,
        /// The operation by which it can be undone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operation_id: Option<Uuid>,
    },
    /// A piece of the answer's text.
    TextDelta {
        /// The piece.
        delta: String,
    },
    /// The answer ends in a question.
    Question {
        /// It.
        question: AnswerQuestion,
    },
    /// What can be undone.
    Operations {
        /// Operations, in order.
        operation_ids: Vec<Uuid>,
    },
    /// The answer is complete and stored.
    Done {
        /// All of it.
        answer: Answer,
    },
    /// The answer failed; nothing more comes.
    Error {
        /// Stable reason.
        code: String,
        /// One sentence for people.
        detail: String,
    },
}

impl Event {
    /// The name of the event in a stream.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run_started",
            Self::ToolCallStarted { .. } => "tool_call_started",
            Self::ToolCallFinished { .. } => "tool_call_finished",
            Self::TextDelta { .. } => "text_delta",
            Self::Question { .. } => "question",
            Self::Operations { .. } => "operations",
            Self::Done { .. } => "done",
            Self::Error { .. } => "error",
        }
    }

    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Error { .. })
    }
}

/// The answer to a message: the original contract's `conversation_id`, `response` and `tool_calls`, and more beside them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ChatAnswer))]
pub struct Answer {
    /// The conversation.
    pub conversation_id: Uuid,
    /// The text.
    pub response: String,
    /// What was done for it.
    pub tool_calls: Vec<AnswerCall>,
    /// The run.
    pub run_id: Uuid,
    /// The stored answer.
    pub message_id: Uuid,
    /// The stored message.
    pub user_message_id: Uuid,
    /// `ok` or `stopped`.
    pub status: String,
    /// The model that answered; absent when the built-in assistant did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The question it ends in.
    #[serde(default)]
    pub question: Option<AnswerQuestion>,
    /// Operations that `undo` takes back, in order.
    #[serde(default)]
    pub operation_ids: Vec<Uuid>,
}

/// A tool call of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ChatAnswerCall))]
pub struct AnswerCall {
    /// Id of the call.
    pub id: Uuid,
    /// The tool.
    pub tool: String,
    /// Its arguments.
    pub input: Value,
    /// Its result, or `{"error": …}`.
    pub output: Value,
    /// `ok` or `error`.
    pub status: String,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
    /// The operation by which it can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<Uuid>,
}

/// A question with the answers to choose from; sending a choice's `value` as the next message chooses it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ChatAnswerQuestion))]
pub struct AnswerQuestion {
    /// The question.
    pub prompt: String,
    /// `which`, `confirm`, `reading` or `text`.
    pub kind: QuestionKind,
    /// The answers.
    pub choices: Vec<AnswerChoice>,
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ChatAnswerChoice))]
pub struct AnswerChoice {
    /// As shown.
    pub label: String,
    /// What to send to choose it.
    pub value: String,
    /// The task it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Uuid>,
}

impl From<&Question> for AnswerQuestion {
    fn from(question: &Question) -> Self {
        let choices = question
            .choices
            .iter()
            .enumerate()
            .map(|(at, choice)| AnswerChoice {
                label: choice.label.clone(),
                value: match question.kind {
                    QuestionKind::Confirm => choice.label.to_lowercase(),
                    _ => (at + 1).to_string(),
                },
                task_id: choice.task,
            })
            .collect();
        Self { prompt: question.prompt.clone(), kind: question.kind, choices }
    }
}
