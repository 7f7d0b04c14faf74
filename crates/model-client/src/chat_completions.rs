//! `POST /chat/completions`: the request, and the reply assembled from its stream.
//! <https://platform.openai.com/docs/api-reference/chat/streaming>

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    CALLS_MAX, ModelError, Profile,
    exchange::{Item, Reply, Request, ToolCall, Usage},
    read_json, reported, text_of,
};

/// The body of a request.
pub(super) fn body(request: &Request, model: &str, profile: &Profile) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": request.instructions })];
    messages.extend(request.items.iter().map(message));
    let mut body = json!({ "model": model, "messages": messages, "stream": true });
    body[profile.max_tokens] = request.max_output.into();
    if profile.stream_options {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if !request.tools.is_empty() {
        body["tools"] = request
            .tools
            .iter()
            .map(|tool| {
                json!({ "type": "function", "function": {
                    "name": tool.name, "description": tool.description, "parameters": tool.parameters,
                } })
            })
            .collect();
    }
    body
}

fn message(item: &Item) -> Value {
    match item {
        Item::User(text) => json!({ "role": "user", "content": text }),
        Item::Assistant { text, calls } => {
            let mut message = json!({ "role": "assistant", "content": text });
            if !calls.is_empty() {
                if text.is_empty() {
                    message["content"] = Value::Null;
                }
                message["tool_calls"] = calls
                    .iter()
                    .map(|call| {
                        json!({ "id": call.id, "type": "function",
                            "function": { "name": call.name, "arguments": call.arguments } })
                    })
                    .collect();
            }
            message
        }
        Item::Result { call, output } => json!({ "role": "tool", "tool_call_id": call, "content": output }),
    }
}

/// A reply in the making.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    text: String,
    calls: Vec<(Option<u64>, ToolCall)>,
    usage: Option<Usage>,
    finish: Option<String>,
    done: bool,
}

/// A chunk of a stream, or a whole completion. Everything may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<UsageJson>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    delta: Option<Delta>,
    /// Where a server does not stream.
    message: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Value,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
    /// What came before `tool_calls`.
    function_call: Option<FunctionDelta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CallDelta {
    index: Option<u64>,
    id: Option<String>,
    function: Option<FunctionDelta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Value,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct UsageJson {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
}

impl Assembly {
    /// Takes the data of one event; gives the text that it added.
    pub(super) fn event(&mut self, data: &str) -> Result<Option<String>, ModelError> {
        let data = data.trim();
        if data == "[DONE]" {
            self.done = true;
            return Ok(None);
        }
        if data.is_empty() {
            return Ok(None);
        }
        let chunk: Chunk = read_json(data)?;
        self.chunk(chunk)
    }

    fn chunk(&mut self, chunk: Chunk) -> Result<Option<String>, ModelError> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(reported(&error));
        }
        if let Some(usage) = chunk.usage {
            self.usage = Some(Usage {
                prompt: usage.prompt_tokens.unwrap_or(0),
                completion: usage.completion_tokens.unwrap_or(0),
            });
        }
        // The chunk with the usage has no choices.
        let Some(choice) = chunk.choices.into_iter().flatten().next() else { return Ok(None) };
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
            self.finish = Some(reason);
        }
        let Some(delta) = choice.delta.or(choice.message) else { return Ok(None) };
        for call in delta.tool_calls.into_iter().flatten() {
            self.call(call)?;
        }
        if let Some(function) = delta.function_call {
            self.call(CallDelta { index: Some(0), id: None, function: Some(function) })?;
        }
        let mut added = text_of(&delta.content);
        added.push_str(delta.refusal.as_deref().unwrap_or_default());
        self.text.push_str(&added);
        Ok((!added.is_empty()).then_some(added))
    }

    /// A fragment belongs to the call of its index; without one, to the call of its id, else to the last.
    fn call(&mut self, fragment: CallDelta) -> Result<(), ModelError> {
        let id = fragment.id.unwrap_or_default();
        let place = match fragment.index {
            Some(_) => self.calls.iter().position(|(index, _)| *index == fragment.index),
            None if id.is_empty() => self.calls.len().checked_sub(1),
            None => self.calls.iter().position(|(_, call)| call.id == id),
        };
        let place = match place {
            Some(place) => place,
            None if self.calls.len() >= CALLS_MAX => return Err(ModelError::TooLarge),
            None => {
                self.calls.push((fragment.index, ToolCall::default()));
                self.calls.len() - 1
            }
        };
        let Some((_, call)) = self.calls.get_mut(place) else { return Ok(()) };
        if call.id.is_empty() {
            call.id = id;
        }
        let Some(function) = fragment.function else { return Ok(()) };
        // Some servers repeat the name in every fragment.
        if call.name.is_empty() {
            call.name = function.name.unwrap_or_default();
        }
        match function.arguments {
            Value::Null => {}
            Value::String(piece) => call.arguments.push_str(&piece),
            // Some servers send the arguments as what they are.
            whole => call.arguments = whole.to_string(),
        }
        Ok(())
    }

    /// The reply, when it is whole.
    pub(super) fn finish(self) -> Result<Reply, ModelError> {
        let calls: Vec<ToolCall> = self.calls.into_iter().map(|(_, call)| call).collect();
        match self.finish.as_deref() {
            None if !self.done => return Err(ModelError::BrokenOff),
            Some("content_filter") => return Err(ModelError::Withheld),
            // The last arguments may be half.
            Some("length") if !calls.is_empty() => return Err(ModelError::Cut),
            Some("error") => return Err(ModelError::BrokenOff),
            _ => {}
        }
        Reply::whole(self.text, calls, self.usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::named;

    fn assemble(events: &[Value]) -> Result<(Reply, String), ModelError> {
        let mut assembly = Assembly::default();
        let mut seen = String::new();
        for event in events {
            let data = event.as_str().map_or_else(|| event.to_string(), str::to_owned);
            seen.extend(assembly.event(&data)?);
        }
        Ok((assembly.finish()?, seen))
    }

    fn delta(delta: Value) -> Value {
        json!({ "choices": [{ "index": 0, "delta": delta }] })
    }

    fn fragment(index: u64, id: Option<&str>, name: Option<&str>, arguments: &str) -> Value {
        delta(json!({ "tool_calls": [{ "index": index, "id": id, "type": "function",
            "function": { "name": name, "arguments": arguments } }] }))
    }

    fn end(reason: &str) -> Value {
        json!({ "choices": [{ "delta": {}, "finish_reason": reason }] })
    }

    #[test]
    fn text_and_usage() {
        let (reply, seen) = assemble(&[
            delta(json!({ "role": "assistant", "content": null })),
            delta(json!({ "content": "Hel" })),
            delta(json!({ "content": [{ "type": "text", "text": "lo" }] })),
            end("stop"),
            json!({ "choices": [], "usage": { "prompt_tokens": 7, "completion_tokens": 2 } }),
            json!("[DONE]"),
        ])
        .unwrap();
        assert_eq!((reply.text.as_str(), seen.as_str()), ("Hello", "Hello"));
        assert_eq!(reply.usage, Some(Usage { prompt: 7, completion: 2 }));
    }

    #[test]
    fn interleaved_calls_are_told_apart_by_their_index() {
        let (reply, _) = assemble(&[
            fragment(0, Some("a"), Some("add_task"), ""),
            fragment(1, Some("b"), Some("list_tasks"), "{\"sta"),
            fragment(0, None, None, "{\"title\":"),
            fragment(1, None, None, "tus\":\"all\"}"),
            fragment(0, None, Some("add_task"), "\"ü\"}"),
            end("tool_calls"),
        ])
        .unwrap();
        let call = |id: &str, name: &str, arguments: &str| ToolCall {
            id: id.into(),
            name: name.into(),
            arguments: arguments.into(),
        };
        assert_eq!(
            reply.calls,
            [call("a", "add_task", "{\"title\":\"ü\"}"), call("b", "list_tasks", "{\"status\":\"all\"}")]
        );
    }

    #[test]
    fn odd_but_whole_replies_are_read() {
        let no_index =
            |id: &str| delta(json!({ "tool_calls": [{ "id": id, "function": { "name": "undo", "arguments": {} } }] }));
        let (reply, _) = assemble(&[no_index("x"), no_index("y"), json!("[DONE]")]).unwrap();
        assert_eq!(reply.calls.len(), 2);
        assert_eq!(reply.calls[0].arguments, "{}");
        let (reply, _) =
            assemble(&[json!({ "choices": [{ "message": { "content": "whole" }, "finish_reason": "stop" }] })])
                .unwrap();
        assert_eq!(reply.text, "whole");
        let (reply, _) =
            assemble(&[delta(json!({ "function_call": { "name": "undo", "arguments": "" } })), end("function_call")])
                .unwrap();
        assert_eq!((reply.calls[0].name.as_str(), reply.calls[0].id.as_str()), ("undo", "call_0"));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let text = || delta(json!({ "content": "x" }));
        let call = || fragment(0, Some("a"), Some("delete_task"), "{\"task_id\":1");
        assert_eq!(assemble(&[text()]), Err(ModelError::BrokenOff));
        assert_eq!(assemble(&[call()]), Err(ModelError::BrokenOff));
        assert_eq!(assemble(&[call(), end("length")]), Err(ModelError::Cut));
        assert_eq!(assemble(&[text(), end("content_filter")]), Err(ModelError::Withheld));
        assert_eq!(assemble(&[end("stop")]), Err(ModelError::Empty));
        assert!(matches!(assemble(&[json!("{\"choices\":")]), Err(ModelError::Garbled(_))));
        let error = json!({ "error": { "code": 502, "message": "Provider\nreturned error" } });
        assert_eq!(
            assemble(&[text(), error]),
            Err(ModelError::Reported { code: "502".into(), message: "Provider\\nreturned error".into() })
        );
        let many: Vec<Value> = (0..=CALLS_MAX as u64).map(|at| fragment(at, None, Some("undo"), "")).collect();
        assert_eq!(assemble(&many), Err(ModelError::TooLarge));
    }

    #[test]
    fn the_request_has_only_what_the_provider_takes() {
        let request = Request {
            instructions: "Be brief.".into(),
            items: vec![
                Item::User("hi".into()),
                Item::Assistant {
                    text: String::new(),
                    calls: vec![ToolCall { id: "a".into(), name: "undo".into(), arguments: "{}".into() }],
                },
                Item::Result { call: "a".into(), output: "ok".into() },
            ],
            tools: Vec::new(),
            max_output: 500,
        };
        let openai = body(&request, "m", named("openai").unwrap());
        assert_eq!(openai["max_completion_tokens"], 500);
        assert_eq!(openai["stream_options"]["include_usage"], true);
        assert_eq!(openai["messages"][2]["content"], Value::Null);
        assert_eq!(openai["messages"][3]["tool_call_id"], "a");
        assert_eq!(openai.get("tools"), None, "an empty list of tools is refused by some");
        let cohere = body(&request, "m", named("cohere").unwrap());
        assert_eq!(cohere.get("stream_options"), None);
        assert_eq!(cohere["max_tokens"], 500);
    }
}
