//! `POST /responses`: the request, and the reply assembled from its stream. Nothing is kept at the provider.
//! <https://platform.openai.com/docs/api-reference/responses-streaming>

use serde_json::{Value, json};

use super::{
    CALLS_MAX, ModelError,
    exchange::{Item, Reply, Request, ToolCall, Usage},
    read_json, reported,
};

/// The body of a request.
pub(super) fn body(request: &Request, model: &str) -> Value {
    let mut body = json!({
        "model": model,
        "instructions": request.instructions,
        "input": request.items.iter().flat_map(items).collect::<Vec<_>>(),
        "stream": true,
        "store": false,
        "max_output_tokens": request.max_output,
    });
    if !request.tools.is_empty() {
        body["tools"] = request
            .tools
            .iter()
            .map(|tool| {
                json!({ "type": "function", "name": tool.name, "description": tool.description,
                    "parameters": tool.parameters, "strict": false })
            })
            .collect();
    }
    body
}

fn items(item: &Item) -> Vec<Value> {
    match item {
        Item::User(text) => vec![json!({ "role": "user", "content": text })],
        Item::Assistant { text, calls } => {
            let text = (!text.is_empty()).then(|| json!({ "role": "assistant", "content": text }));
            let calls = calls.iter().map(|call| {
                json!({ "type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments })
            });
            text.into_iter().chain(calls).collect()
        }
        Item::Result { call, output } => {
            vec![json!({ "type": "function_call_output", "call_id": call, "output": output })]
        }
    }
}

/// A reply in the making.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    text: String,
    calls: Vec<Open>,
    usage: Option<Usage>,
    end: Option<End>,
}

/// A call by the id of its item, and by its place in the output.
#[derive(Debug, Default)]
struct Open {
    item: String,
    place: Option<u64>,
    call: ToolCall,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Completed,
    Length,
    Withheld,
}

impl Assembly {
    /// Takes the data of one event; gives the text that it added. Events of unknown types are passed over.
    pub(super) fn event(&mut self, data: &str) -> Result<Option<String>, ModelError> {
        let data = data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Ok(None);
        }
        let event: Value = read_json(data)?;
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        match event["type"].as_str().unwrap_or_default() {
            "response.output_text.delta" | "response.refusal.delta" => return Ok(self.wrote(text("delta"))),
            "response.output_item.added" | "response.output_item.done" => self.item(&event["item"], &event)?,
            "response.function_call_arguments.delta" => {
                let piece = text("delta");
                if let Some(open) = self.open(&event)? {
                    open.call.arguments.push_str(&piece);
                }
            }
            "response.function_call_arguments.done" => {
                let whole = text("arguments");
                if let Some(open) = self.open(&event)? {
                    open.call.arguments = whole;
                }
            }
            kind @ ("response.completed" | "response.incomplete" | "response.failed") => {
                let status = kind.trim_start_matches("response.");
                return self.response(&event["response"], status);
            }
            "error" => {
                return Err(reported(if event["error"].is_object() { &event["error"] } else { &event }));
            }
            // A server that does not stream sends the response itself; a proxy may send its error without a type.
            "" if event["object"] == "response" => return self.response(&event, "completed"),
            "" if event["error"].is_object() => return Err(reported(&event["error"])),
            _ => {}
        }
        Ok(None)
    }

    fn wrote(&mut self, text: String) -> Option<String> {
        self.text.push_str(&text);
        (!text.is_empty()).then_some(text)
    }

    /// The whole response, at its end; `status` is what the event says where the response itself does not.
    fn response(&mut self, response: &Value, status: &str) -> Result<Option<String>, ModelError> {
        let reason = response["incomplete_details"]["reason"].as_str().unwrap_or_default();
        self.end = match response["status"].as_str().unwrap_or(status) {
            "failed" | "cancelled" => return Err(reported(&response["error"])),
            "incomplete" if reason == "content_filter" => Some(End::Withheld),
            "incomplete" => Some(End::Length),
            "completed" => Some(End::Completed),
            _ => None,
        };
        let tokens = |name: &str| response["usage"][name].as_u64();
        if let (Some(prompt), Some(completion)) = (tokens("input_tokens"), tokens("output_tokens")) {
            self.usage = Some(Usage { prompt, completion });
        }
        if !self.text.is_empty() || !self.calls.is_empty() {
            return Ok(None);
        }
        // Whatever did not come in pieces stands here.
        let mut text = String::new();
        for (place, item) in (0_u64..).zip(response["output"].as_array().into_iter().flatten()) {
            self.item(item, &json!({ "output_index": place }))?;
            for part in item["content"].as_array().into_iter().flatten() {
                text.push_str(part["text"].as_str().or(part["refusal"].as_str()).unwrap_or_default());
            }
        }
        Ok(self.wrote(text))
    }

    /// An item that begins, or that is complete: then its arguments are the last word.
    fn item(&mut self, item: &Value, event: &Value) -> Result<(), ModelError> {
        if item["type"] != "function_call" {
            return Ok(());
        }
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let place = event["output_index"].as_u64();
        let open = self.at(&text("id"), place)?;
        if let Some(open) = open {
            for (field, value) in [
                (&mut open.call.id, text("call_id")),
                (&mut open.call.name, text("name")),
                (&mut open.call.arguments, text("arguments")),
            ] {
                if !value.is_empty() {
                    *field = value;
                }
            }
        }
        Ok(())
    }

    /// The call that a piece of arguments belongs to.
    fn open(&mut self, event: &Value) -> Result<Option<&mut Open>, ModelError> {
        self.at(event["item_id"].as_str().unwrap_or_default(), event["output_index"].as_u64())
    }

    /// The call of that item, or of that place in the output; a new one when there is none.
    fn at(&mut self, item: &str, place: Option<u64>) -> Result<Option<&mut Open>, ModelError> {
        let by_item = self.calls.iter().position(|open| !item.is_empty() && open.item == item);
        let found = by_item.or_else(|| self.calls.iter().position(|open| place.is_some() && open.place == place));
        if found.is_none() && self.calls.len() >= CALLS_MAX {
            return Err(ModelError::TooLarge);
        }
        if found.is_none() {
            self.calls.push(Open { item: item.to_owned(), place, call: ToolCall::default() });
        }
        let at = found.unwrap_or(self.calls.len() - 1);
        Ok(self.calls.get_mut(at))
    }

    /// The reply, when it is whole.
    pub(super) fn finish(self) -> Result<Reply, ModelError> {
        let calls: Vec<ToolCall> = self.calls.into_iter().map(|open| open.call).collect();
        match self.end {
            None => return Err(ModelError::BrokenOff),
            Some(End::Withheld) => return Err(ModelError::Withheld),
            Some(End::Length) if !calls.is_empty() => return Err(ModelError::Cut),
            Some(_) => {}
        }
        Reply::whole(self.text, calls, self.usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assemble(events: &[Value]) -> Result<(Reply, String), ModelError> {
        let mut assembly = Assembly::default();
        let mut seen = String::new();
        for event in events {
            seen.extend(assembly.event(&event.to_string())?);
        }
        Ok((assembly.finish()?, seen))
    }

    fn completed() -> Value {
        json!({ "type": "response.completed",
            "response": { "status": "completed", "usage": { "input_tokens": 5, "output_tokens": 3 } } })
    }

    #[test]
    fn text_in_pieces() {
        let (reply, seen) = assemble(&[
            json!({ "type": "response.created", "response": { "status": "in_progress" } }),
            json!({ "type": "response.output_item.added", "item": { "type": "message", "id": "msg_1" } }),
            json!({ "type": "response.output_text.delta", "delta": "Hel" }),
            json!({ "type": "response.output_text.delta", "delta": "lo" }),
            json!({ "type": "response.output_text.done", "text": "Hello" }),
            json!({ "type": "response.something.new", "x": 1 }),
            completed(),
        ])
        .unwrap();
        assert_eq!((reply.text.as_str(), seen.as_str()), ("Hello", "Hello"));
        assert_eq!(reply.usage, Some(Usage { prompt: 5, completion: 3 }));
    }

    #[test]
    fn a_call_is_answered_by_its_call_id() {
        let added = |at: u64, item: &str, call: &str| {
            json!({ "type": "response.output_item.added", "output_index": at,
                "item": { "type": "function_call", "id": item, "call_id": call, "name": "add_task", "arguments": "" } })
        };
        let piece = |item: &str, text: &str| json!({ "type": "response.function_call_arguments.delta", "item_id": item, "delta": text });
        let (reply, _) = assemble(&[
            added(0, "fc_1", "call_a"),
            added(1, "fc_2", "call_b"),
            piece("fc_1", "{\"title\":"),
            piece("fc_2", "{\"title\":\"b"),
            piece("fc_1", "\"a\"}"),
            json!({ "type": "response.function_call_arguments.done", "item_id": "fc_2", "arguments": "{\"title\":\"b\"}" }),
            completed(),
        ])
        .unwrap();
        let found: Vec<_> = reply.calls.iter().map(|call| (call.id.as_str(), call.arguments.as_str())).collect();
        assert_eq!(found, [("call_a", "{\"title\":\"a\"}"), ("call_b", "{\"title\":\"b\"}")]);
    }

    #[test]
    fn a_response_that_was_not_streamed() {
        let (reply, seen) = assemble(&[json!({ "object": "response", "status": "completed", "output": [
            { "type": "reasoning", "summary": [] },
            { "type": "message", "content": [{ "type": "output_text", "text": "Hi" }] },
            { "type": "function_call", "id": "fc", "call_id": "c", "name": "undo", "arguments": "{}" },
        ] })])
        .unwrap();
        assert_eq!((reply.text.as_str(), seen.as_str(), reply.calls.len()), ("Hi", "Hi", 1));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let text = || json!({ "type": "response.output_text.delta", "delta": "x" });
        let call = || {
            json!({ "type": "response.output_item.added", "output_index": 0,
                "item": { "type": "function_call", "call_id": "c", "name": "delete_task", "arguments": "{\"task_id\":" } })
        };
        let incomplete = |reason: &str| {
            json!({ "type": "response.incomplete",
                "response": { "status": "incomplete", "incomplete_details": { "reason": reason } } })
        };
        assert_eq!(assemble(&[text()]), Err(ModelError::BrokenOff));
        assert_eq!(assemble(&[call()]), Err(ModelError::BrokenOff));
        assert_eq!(assemble(&[call(), incomplete("max_output_tokens")]), Err(ModelError::Cut));
        assert_eq!(assemble(&[text(), incomplete("content_filter")]), Err(ModelError::Withheld));
        assert!(assemble(&[text(), incomplete("max_output_tokens")]).is_ok());
        let failed = json!({ "type": "response.failed",
            "response": { "status": "failed", "error": { "code": "server_error", "message": "no" } } });
        let reported = Err(ModelError::Reported { code: "server_error".into(), message: "no".into() });
        assert_eq!(assemble(&[text(), failed]), reported);
        assert_eq!(assemble(&[json!({ "type": "error", "code": "server_error", "message": "no" })]), reported);
        assert_eq!(assemble(&[completed()]), Err(ModelError::Empty));
    }

    #[test]
    fn the_request_is_stateless() {
        let request = Request {
            instructions: "Be brief.".into(),
            items: vec![
                Item::User("hi".into()),
                Item::Assistant {
                    text: "Looking.".into(),
                    calls: vec![ToolCall { id: "c".into(), name: "undo".into(), arguments: "{}".into() }],
                },
                Item::Result { call: "c".into(), output: "ok".into() },
            ],
            tools: Vec::new(),
            max_output: 9,
        };
        let body = body(&request, "m");
        assert_eq!((&body["store"], &body["max_output_tokens"]), (&json!(false), &json!(9)));
        let kinds: Vec<&str> =
            body["input"].as_array().unwrap().iter().map(|item| item["type"].as_str().unwrap_or("message")).collect();
        assert_eq!(kinds, ["message", "message", "function_call", "function_call_output"]);
    }
}
