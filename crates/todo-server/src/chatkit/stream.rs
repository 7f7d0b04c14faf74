//! The events of a run as ChatKit's: lines of `data:` without names, in the order of its reference server.

use std::convert::Infallible;

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Value, json};
use todo_assistant::chat::{Answer, Event};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::{
    ids::{self, Part},
    thread::{About, said, task, text},
};

/// What is known when a stream begins.
pub struct Opening {
    /// Events to send first, such as `thread.created`.
    pub first: Vec<Value>,
    /// What the user said, when it is new.
    pub said: Option<String>,
}

/// The answer as it is made.
pub fn live(opening: Opening, events: UnboundedReceiver<Event>) -> Response {
    let Opening { first, said } = opening;
    let state = (Translation { said, about: None, tasks: Vec::new(), begun: false }, events);
    let rest = stream::unfold(state, |(mut translation, mut events)| async move {
        let event = events.recv().await?;
        Some((stream::iter(translation.translate(event)), (translation, events)))
    });
    response(stream::iter(first).chain(rest.flatten()))
}

/// A stream that is complete already.
pub fn complete(events: Vec<Value>) -> Response {
    response(stream::iter(events))
}

fn response(events: impl Stream<Item = Value> + Send + 'static) -> Response {
    let lines = events.map(|event| Ok::<_, Infallible>(Bytes::from(format!("data: {event}\n\n"))));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(lines)).into_response()
}

/// One run's way from our events to ChatKit's.
struct Translation {
    said: Option<String>,
    about: Option<About>,
    /// The tool calls so far: their ids and names.
    tasks: Vec<(Uuid, Value)>,
    /// Whether the answer's item is there.
    begun: bool,
}

impl Translation {
    fn translate(&mut self, event: Event) -> Vec<Value> {
        if let Event::RunStarted { conversation_id, user_message_id, started_at, .. } = &event {
            let (conversation, turn, at) = (*conversation_id, *user_message_id, *started_at);
            self.about = Some(About { conversation, turn, at });
            let shown = self.said.take().map(|text| item("thread.item.done", said(conversation, turn, &text, at)));
            let options = json!({ "type": "stream_options", "stream_options": { "allow_cancel": true } });
            return shown.into_iter().chain([options]).collect();
        }
        // Nothing comes before the start of the run but its failure.
        let Some(about) = self.about else { return failure(&event) };
        match event {
            Event::ToolCallStarted { id, tool, .. } => self.work_began(about, id, &tool),
            Event::ToolCallFinished { id, tool, status, .. } => {
                self.work_ended(about, id, task(&tool, Some(status == "ok")))
            }
            Event::TextDelta { delta } => {
                let mut events = self.begin(about);
                let update =
                    json!({ "type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": delta });
                events.push(updated(about, Part::Answer, update));
                events
            }
            Event::Done { answer } => self.end(about, &answer),
            failed @ Event::Error { .. } => failure(&failed),
            Event::RunStarted { .. } | Event::Question { .. } | Event::Operations { .. } => Vec::new(),
        }
    }

    fn work_began(&mut self, about: About, id: Uuid, tool: &str) -> Vec<Value> {
        let mut events = Vec::new();
        if self.tasks.is_empty() {
            events.push(item("thread.item.added", about.work(Vec::new())));
        }
        let task = task(tool, None);
        let update = json!({ "type": "workflow.task.added", "task_index": self.tasks.len(), "task": task });
        self.tasks.push((id, task));
        events.push(updated(about, Part::Work, update));
        events
    }

    fn work_ended(&mut self, about: About, id: Uuid, task: Value) -> Vec<Value> {
        let Some(at) = self.tasks.iter().position(|(known, _)| *known == id) else { return Vec::new() };
        if let Some(known) = self.tasks.get_mut(at) {
            known.1 = task.clone();
        }
        vec![updated(about, Part::Work, json!({ "type": "workflow.task.updated", "task_index": at, "task": task }))]
    }

    /// The answer's item appears with its first words.
    fn begin(&mut self, about: About) -> Vec<Value> {
        if std::mem::replace(&mut self.begun, true) {
            return Vec::new();
        }
        let update = json!({ "type": "assistant_message.content_part.added", "content_index": 0, "content": text("") });
        vec![item("thread.item.added", about.answer(Vec::new())), updated(about, Part::Answer, update)]
    }

    fn end(&mut self, about: About, answer: &Answer) -> Vec<Value> {
        let mut events = self.begin(about);
        let part = text(&answer.response);
        let update = json!({ "type": "assistant_message.content_part.done", "content_index": 0, "content": part });
        events.push(updated(about, Part::Answer, update));
        if !self.tasks.is_empty() {
            let tasks = self.tasks.iter().map(|(_, task)| task.clone()).collect();
            events.push(item("thread.item.done", about.work(tasks)));
        }
        events.push(item("thread.item.done", about.answer(vec![part])));
        if let Some(question) = &answer.question {
            events.push(item("thread.item.done", about.question(question, true)));
        }
        events
    }
}

fn failure(event: &Event) -> Vec<Value> {
    let Event::Error { detail, .. } = event else { return Vec::new() };
    vec![json!({ "type": "error", "code": "custom", "message": detail, "allow_retry": true })]
}

fn item(kind: &str, item: Value) -> Value {
    json!({ "type": kind, "item": item })
}

fn updated(about: About, part: Part, update: Value) -> Value {
    json!({ "type": "thread.item.updated", "item_id": ids::item(about.turn, part), "update": update })
}

/// The item of an answered question takes the place of the open one.
pub fn replaced(item: Value) -> Value {
    json!({ "type": "thread.item.replaced", "item": item })
}

/// A thread has begun.
pub fn created(thread: Value) -> Value {
    json!({ "type": "thread.created", "thread": thread })
}
