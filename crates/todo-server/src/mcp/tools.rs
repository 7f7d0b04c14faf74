//! Tools of the registry: listed, called, recorded.

use std::time::Instant;

use jiff::Timestamp;
use rmcp::{
    ErrorData,
    model::{CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations},
};
use serde_json::{Value, json};
use todo_assistant::tools::{self, Output, ToolContext, ToolError};
use todo_auth::{Scope, Scopes};
use todo_store::conversations::{DirectCall, ToolCallRow};
use uuid::Uuid;

/// Whether a credential may use a tool here. Who may enter may do everything, unless the credential is for reading only
/// (`read` without `write`).
fn allowed(tool: &tools::Tool, scopes: Scopes) -> bool {
    tool.annotations.read_only || scopes.has(Scope::Write) || !scopes.has(Scope::Read)
}

/// The tools that a credential may use, always in the same order.
pub fn list(scopes: Scopes) -> Vec<Tool> {
    tools::all().iter().filter(|tool| allowed(tool, scopes)).map(described).collect()
}

/// A tool by name, as clients see it.
pub fn find(name: &str) -> Option<Tool> {
    tools::find(name).map(described)
}

fn described(tool: &tools::Tool) -> Tool {
    let schema = match tool.schema() {
        Value::Object(schema) => schema,
        _ => JsonObject::new(),
    };
    let hints = tool.annotations;
    let annotations = ToolAnnotations::with_title(tool.title)
        .read_only(hints.read_only)
        .destructive(hints.destructive)
        .idempotent(hints.idempotent)
        .open_world(false);
    Tool::new(tool.name, tool.description, schema).with_title(tool.title).with_annotations(annotations)
}

/// Calls a tool and records the call. What the caller could do better, such as an argument that does not fit, is a result that
/// says so; a tool that does not exist is an error of the protocol.
///
/// # Errors
/// Invalid params for an unknown tool.
pub async fn call(
    context: ToolContext,
    scopes: Scopes,
    name: &str,
    arguments: Option<JsonObject>,
) -> Result<CallToolResult, ErrorData> {
    let unknown = || ErrorData::invalid_params(ToolError::Unknown(name.chars().take(64).collect()).to_string(), None);
    let tool = tools::find(name).ok_or_else(unknown)?;
    if !allowed(tool, scopes) {
        let detail =
            format!("This token is for reading only; `{}` changes tasks and needs the scope `write`.", tool.name);
        return Ok(failed(&json!({ "error": { "code": "INSUFFICIENT_SCOPE", "detail": detail } }), &detail));
    }
    let arguments = arguments.map_or(Value::Null, Value::Object);
    // A task of its own: a client that goes away leaves no call half done or unrecorded.
    let call = tokio::spawn(run(context, tool, arguments));
    call.await.map_err(|error| {
        tracing::error!(%error, tool = tool.name, "a tool call broke off");
        ErrorData::internal_error("The tool failed; the operator's log has the cause.", None)
    })
}

async fn run(context: ToolContext, tool: &'static tools::Tool, arguments: Value) -> CallToolResult {
    let input = arguments.to_string();
    let started = Timestamp::now();
    let clock = Instant::now();
    let outcome = tools::call(&context, tool.name, arguments).await;
    let took = clock.elapsed();
    let (output, result, error_code) = match outcome {
        Ok(output) => {
            let json = structured(tool.name, output);
            (json.to_string(), CallToolResult::structured(json), None)
        }
        Err(error) => {
            if let ToolError::Store(cause) = &error {
                tracing::warn!(error = %cause, tool = tool.name, "a tool could not reach the store");
            }
            let json = error.to_json();
            (json.to_string(), failed(&json, &error.detail()), Some(error.code().to_owned()))
        }
    };
    let direct = DirectCall {
        caller: "mcp".to_owned(),
        call: ToolCallRow {
            id: Uuid::now_v7(),
            tool: tool.name.to_owned(),
            input,
            output,
            success: error_code.is_none(),
            duration_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        },
        error_code,
        started,
        finished: started.checked_add(jiff::SignedDuration::try_from(took).unwrap_or_default()).unwrap_or(started),
    };
    // What was done is done; a record that can't be written must not make the client do it again.
    if let Err(error) = context.scope.record_direct_call(direct).await {
        tracing::warn!(%error, tool = tool.name, "a tool call could not be recorded");
    }
    result
}

/// A failure that the caller reads: the sentence first, the machine's form beside it.
fn failed(error: &Value, detail: &str) -> CallToolResult {
    let mut result = CallToolResult::structured_error(error.clone());
    result.content = vec![ContentBlock::text(detail)];
    result
}

/// The result as an object, which clients of the earlier era demand: a list stands under the name of what it lists.
fn structured(tool: &str, output: Output) -> Value {
    let Value::Array(items) = output.json else { return output.json };
    let name = tool.strip_prefix("list_").unwrap_or("tasks");
    let mut object = json!({ name: items });
    if let Some(total) = output.total {
        object["total"] = total.into();
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_of_the_registry_is_offered_with_an_object_schema() {
        let listed = list(Scopes::ALL);
        assert_eq!(listed.len(), tools::all().len());
        for tool in listed {
            assert_eq!(tool.input_schema["type"], "object", "{}", tool.name);
            let hints = tool.annotations.unwrap();
            assert_eq!(hints.open_world_hint, Some(false));
            assert!(hints.read_only_hint.is_some() && hints.destructive_hint.is_some());
        }
    }

    #[test]
    fn a_token_for_reading_only_reads() {
        let names = |scopes: &str| -> Vec<String> {
            list(Scopes::parse(scopes).unwrap()).into_iter().map(|tool| tool.name.into_owned()).collect()
        };
        assert_eq!(names("mcp").len(), tools::all().len());
        assert_eq!(names("mcp write").len(), tools::all().len());
        let reading = names("mcp read");
        assert!(reading.contains(&"list_tasks".to_owned()) && !reading.contains(&"add_task".to_owned()), "{reading:?}");
    }

    #[test]
    fn lists_become_objects() {
        let list = Output { json: json!([1]), total: Some(7), ..Output::default() };
        assert_eq!(structured("search_tasks", list), json!({ "tasks": [1], "total": 7 }));
        assert_eq!(structured("list_labels", Output { json: json!([]), ..Output::default() }), json!({ "labels": [] }));
        assert_eq!(structured("undo", Output { json: json!({ "a": 1 }), ..Output::default() }), json!({ "a": 1 }));
    }
}
