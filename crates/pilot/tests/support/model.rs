//! A model server that plays a script: chat completions, as one document.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::server::Server;

/// What the model says next.
pub enum Says {
    /// An answer.
    Text(String),
    /// Calls of tools: name and arguments.
    Calls(Vec<(&'static str, Value)>),
    /// A status that is no success.
    Fails(u16),
}

/// A running model.
pub struct Model {
    server: Server,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Model {
    /// Answers each request by `script`, which sees the request and the results of all tools so far.
    pub fn start(script: impl Fn(&Value, &[String]) -> Says + Send + Sync + 'static) -> Self {
        let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
        let log = asked.clone();
        let server = Server::with(move |request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            log.lock().unwrap().push(body.clone());
            let messages = body["messages"].as_array().cloned().unwrap_or_default();
            let results: Vec<String> = messages
                .iter()
                .filter(|m| m["role"] == "tool")
                .map(|m| m["content"].as_str().unwrap().to_owned())
                .collect();
            let message = match script(&body, &results) {
                Says::Text(text) => json!({"role": "assistant", "content": text}),
                Says::Calls(calls) => {
                    let calls: Vec<Value> = calls
                        .iter()
                        .enumerate()
                        .map(|(n, (name, arguments))| {
                            json!({"id": format!("call_{}_{n}", messages.len()), "type": "function",
                                "function": {"name": name, "arguments": arguments.to_string()}})
                        })
                        .collect();
                    json!({"role": "assistant", "content": null, "tool_calls": calls})
                }
                Says::Fails(status) => return (status, json!({"error": {"message": "no"}}).to_string()),
            };
            let finish = if message["tool_calls"].is_array() { "tool_calls" } else { "stop" };
            let usage = json!({"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000});
            (
                200,
                json!({"id": "x", "object": "chat.completion", "model": "scripted", "usage": usage,
                "choices": [{"index": 0, "finish_reason": finish, "message": message}]})
                .to_string(),
            )
        });
        Self { server, asked }
    }

    /// The variables that lead to it.
    pub fn variables(&self) -> Vec<(String, String)> {
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            set("PILOT_MODEL", "scripted"),
            set("BASE_URL", &format!("{}/v1", self.server.url())),
            set("OPENAI_API_KEY", "sk-the-key-of-the-model-0123456789"),
        ]
    }

    /// Bodies of the requests so far.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }
}
