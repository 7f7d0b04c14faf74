//! Threads and items as ChatKit's JSON. What has no value is left out.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use todo_assistant::{
    builtin::Memory,
    chat::{AnswerCall, AnswerQuestion},
    tools,
};
use todo_store::conversations::{ConversationRow, TurnRow};
use uuid::Uuid;

use super::ids::{self, Part};

/// A page of anything.
#[derive(Debug, Serialize)]
pub struct Page {
    /// Its entries.
    pub data: Vec<Value>,
    /// Whether there are more.
    pub has_more: bool,
    /// Ask for the next page with this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Page {
    /// A page that `more` may follow.
    pub fn new(data: Vec<Value>, has_more: bool) -> Self {
        let last = || data.last().and_then(|entry| entry["id"].as_str()).map(str::to_owned);
        let after = if has_more { last() } else { None };
        Self { data, has_more, after }
    }
}

/// A thread with a page of its items.
pub fn thread(row: &ConversationRow, items: Page) -> Value {
    json!({
        "id": ids::thread(row.id),
        "title": row.title,
        "created_at": row.created_at,
        "status": { "type": "active" },
        "metadata": {},
        "items": items,
    })
}

/// The items of a turn, oldest first. The question of an answer is open as long as it is the `latest` turn.
pub fn items(conversation: Uuid, turn: &TurnRow, latest: bool) -> Vec<(Part, Value)> {
    let mut items = vec![(Part::Said, said(conversation, turn.id, &turn.said, turn.said_at))];
    let Some(answer) = &turn.answer else { return items };
    let about = About { conversation, turn: turn.id, at: answer.at };
    let calls: Vec<AnswerCall> =
        answer.tool_calls.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    if !calls.is_empty() {
        items.push((
            Part::Work,
            about.work(calls.iter().map(|call| task(&call.tool, Some(call.status == "ok"))).collect()),
        ));
    }
    items.push((Part::Answer, about.answer(vec![text(&answer.content)])));
    if let Some(question) = question(answer.memory.as_deref()) {
        items.push((Part::Question, about.question(&question, latest)));
    }
    items
}

/// The question that an answer ended in.
pub fn question(memory: Option<&str>) -> Option<AnswerQuestion> {
    let memory: Memory = serde_json::from_str(memory?).ok()?;
    memory.question.as_ref().map(Into::into)
}

/// A user's message.
pub fn said(conversation: Uuid, turn: Uuid, text: &str, at: Timestamp) -> Value {
    json!({
        "id": ids::item(turn, Part::Said),
        "thread_id": ids::thread(conversation),
        "created_at": at,
        "type": "user_message",
        "content": [{ "type": "input_text", "text": text }],
        "attachments": [],
        "inference_options": {},
    })
}

/// Whose items.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The conversation.
    pub conversation: Uuid,
    /// The user's message.
    pub turn: Uuid,
    /// When they were made.
    pub at: Timestamp,
}

impl About {
    /// The tool calls.
    pub fn work(self, tasks: Vec<Value>) -> Value {
        self.item(Part::Work, "workflow", "workflow", json!({ "type": "custom", "tasks": tasks, "expanded": false }))
    }

    /// The answer's text.
    pub fn answer(self, content: Vec<Value>) -> Value {
        self.item(Part::Answer, "assistant_message", "content", Value::Array(content))
    }

    /// The question, with what can be chosen; anything else may be written too.
    pub fn question(self, question: &AnswerQuestion, open: bool) -> Value {
        let options: Vec<Value> = question.choices.iter().map(|choice| json!({ "value": choice.label })).collect();
        let mut input = json!({ "id": "answer", "question": question.prompt });
        if options.is_empty() {
            input["type"] = "freeform".into();
        } else {
            input["type"] = "multiple_choice".into();
            input["options"] = options.into();
            input["multiple"] = false.into();
        }
        let mut item = self.item(Part::Question, "structured_input", "inputs", json!([input]));
        item["status"] = if open { "pending" } else { "answered" }.into();
        item
    }

    fn item(self, part: Part, kind: &str, field: &str, value: Value) -> Value {
        let mut item = json!({
            "id": ids::item(self.turn, part),
            "thread_id": ids::thread(self.conversation),
            "created_at": self.at,
            "type": kind,
        });
        item[field] = value;
        item
    }
}

/// A piece of an answer's text.
pub fn text(text: &str) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [] })
}

/// A tool call as a step of work: running, done, or failed.
pub fn task(tool: &str, went_well: Option<bool>) -> Value {
    let title = tools::find(tool).map_or(tool, |tool| tool.title);
    let (title, indicator) = match went_well {
        None => (title.to_owned(), "loading"),
        Some(true) => (title.to_owned(), "complete"),
        Some(false) => (format!("{title}: failed"), "none"),
    };
    json!({ "type": "custom", "title": title, "status_indicator": indicator })
}
