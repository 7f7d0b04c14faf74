//! Tools that ask the client something while they run, as the earlier era does, and one that lets its connection go.

use std::time::Duration;

use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolRequestParams, CallToolResponse, CustomRequest, ServerRequest},
    service::RequestContext,
};
use serde_json::{Value, json};
use todo_server::mcp::Line;

use crate::{complete, text};

/// Their names.
pub const TOOLS: [&str; 5] = [
    "test_sampling",
    "test_elicitation",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
    "test_reconnection",
];

type Context = RequestContext<RoleServer>;

/// Calls one of them; `None` for a tool that is none of them.
pub async fn call(request: &CallToolRequestParams, context: &Context) -> Option<Result<CallToolResponse, ErrorData>> {
    let argument =
        |name: &str| request.arguments.as_ref().and_then(|given| given.get(name)).cloned().unwrap_or_default();
    let question = match request.name.as_ref() {
        "test_sampling" => {
            let message = json!({ "role": "user", "content": { "type": "text", "text": argument("prompt") } });
            ("sampling/createMessage", json!({ "messages": [message], "maxTokens": 100 }))
        }
        "test_elicitation" => form(
            argument("message"),
            json!({
                "username": { "type": "string", "description": "User's response" },
                "email": { "type": "string", "description": "User's email address" },
            }),
            &["username", "email"],
        ),
        "test_elicitation_sep1034_defaults" => form("Please review".into(), defaults(), &[]),
        "test_elicitation_sep1330_enums" => form("Please choose".into(), choices(), &[]),
        "test_reconnection" => return Some(reconnection(context).await),
        _ => return None,
    };
    Some(ask(question, context).await)
}

fn form(message: Value, properties: Value, required: &[&str]) -> (&'static str, Value) {
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    ("elicitation/create", json!({ "message": message, "requestedSchema": schema }))
}

fn defaults() -> Value {
    json!({
        "name": { "type": "string", "default": "John Doe" },
        "age": { "type": "integer", "default": 30 },
        "score": { "type": "number", "default": 95.5 },
        "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
        "verified": { "type": "boolean", "default": true },
    })
}

fn choices() -> Value {
    let titled = |names: [&str; 3]| -> Vec<Value> {
        let each = names.iter().zip(["value1", "value2", "value3"]);
        each.map(|(title, value)| json!({ "const": value, "title": title })).collect()
    };
    json!({
        "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
        "titledSingle": { "type": "string", "oneOf": titled(["First Option", "Second Option", "Third Option"]) },
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": { "type": "array", "items": { "type": "string", "enum": ["option1", "option2", "option3"] } },
        "titledMulti": { "type": "array", "items": { "anyOf": titled(["First Choice", "Second Choice", "Third Choice"]) } },
    })
}

async fn ask((method, params): (&str, Value), context: &Context) -> Result<CallToolResponse, ErrorData> {
    let request = ServerRequest::CustomRequest(CustomRequest::new(method, Some(params)));
    let answer = context.peer.send_request(request).await;
    let answer = answer.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    complete(text(&format!("The client answered: {}", json!(answer))))
}

/// Lets the connection go, and tells the result on the next one.
async fn reconnection(context: &Context) -> Result<CallToolResponse, ErrorData> {
    let line = context.extensions.get::<http::request::Parts>().and_then(|parts| parts.extensions.get::<Line>());
    let line = line.ok_or_else(|| ErrorData::invalid_request("There is no connection to let go.", None))?;
    line.hang_up().await.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    complete(text("Reconnection test completed."))
}
