//! What an answer leaves behind for the next message: the list shown, the tasks spoken of, the question asked, what can be undone.
//! It is stored with the answer's message, so that any process can go on.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::intent::{Intent, Step};
use crate::tools::Selection;

/// The memory of a conversation after an answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The tasks of the last list, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<Uuid>,
    /// What the last list showed, and how far: for "more".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing: Option<Listing>,
    /// The tasks last spoken of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentioned: Vec<Uuid>,
    /// Operations of the last answer that changed something, in order: what "undo" takes back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Uuid>,
    /// The question that is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
}

/// A list that may have more pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// Which tasks.
    pub selection: Selection,
    /// Where the next page begins.
    pub next: u64,
    /// How many there are.
    pub total: i64,
}

/// A question with its possible answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The question as asked.
    pub prompt: String,
    /// What kind of answer it wants.
    pub kind: QuestionKind,
    /// The answers to choose from, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// What goes on with the answer; `None` for a choice that brings its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// Further questions, asked one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Question>,
}

/// What a question wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Which of several tasks.
    Which,
    /// Yes or no.
    Confirm,
    /// Which of several readings.
    Reading,
    /// Free text.
    Text,
}

/// One possible answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// As shown.
    pub label: String,
    /// The task it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Uuid>,
    /// The task's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// What it leads to, where it is no task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
}
