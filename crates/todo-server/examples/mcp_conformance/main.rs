//! `/mcp` with what the official conformance runner wants to find besides: its tools, resources and prompts, behind the door of
//! the product and beside the product's own. Never part of a release.
#![expect(deprecated, reason = "the runner tries what the current revision deprecates, too")]

mod questions;

use std::time::Duration;

use axum::Router;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
        GetPromptRequestParams, GetPromptResponse, GetPromptResult, InputRequiredResult, InputResponses,
        ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, LoggingLevel,
        LoggingMessageNotificationParam, PaginatedRequestParams, ProgressNotificationParam, Prompt,
        ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource, ResourceTemplate, ServerConfig,
        SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
    },
    service::{RequestContext, SubscriptionContext},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use todo_server::{Config, Defaults, auth, health, mcp, serve};
use todo_service::{config::Environment, logs};

/// A red pixel, and a silence.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";
/// What a state must be to be taken back. The product keeps none; this is only for the runner to tamper with.
const STATE: &str = "state-1";
const STATE_OF_STEP_2: &str = "state-2";

#[derive(Clone)]
struct Fixture(mcp::Server);

type Context = RequestContext<RoleServer>;

/// Reads what stands here as JSON into the library's types.
fn read<T: DeserializeOwned>(json: Value) -> Result<T, ErrorData> {
    serde_json::from_value(json).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

fn tools() -> Result<Vec<Tool>, ErrorData> {
    const NAMES: [&str; 19] = [
        "test_simple_text",
        "test_image_content",
        "test_audio_content",
        "test_embedded_resource",
        "test_multiple_content_types",
        "test_tool_with_logging",
        "test_error_handling",
        "test_tool_with_progress",
        "test_missing_capability",
        "test_logging_tool",
        "test_streaming_elicitation",
        "test_input_required_result_elicitation",
        "test_input_required_result_sampling",
        "test_input_required_result_list_roots",
        "test_input_required_result_request_state",
        "test_input_required_result_multiple_inputs",
        "test_input_required_result_multi_round",
        "test_input_required_result_tampered_state",
        "test_input_required_result_capabilities",
    ];
    let plain = NAMES.into_iter().chain(questions::TOOLS);
    let plain = plain.map(|name| json!({ "name": name, "description": name, "inputSchema": { "type": "object" } }));
    let headers = json!({
        "name": "test_custom_headers",
        "inputSchema": {
            "type": "object",
            "properties": {
                "region": { "type": "string", "x-mcp-header": "Region" },
                "count": { "type": "integer", "x-mcp-header": "Count" },
            },
        },
    });
    let schema = json!({
        "name": "json_schema_2020_12_tool",
        "description": "Tool with JSON Schema 2020-12 features",
        "inputSchema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": {
                "address": {
                    "$anchor": "addressDef",
                    "type": "object",
                    "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
                },
            },
            "properties": {
                "name": { "type": "string" },
                "address": { "$ref": "#/$defs/address" },
                "contactMethod": { "type": "string", "enum": ["phone", "email"] },
                "phone": { "type": "string" },
                "email": { "type": "string" },
            },
            "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
            "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
            "then": { "required": ["phone"] },
            "else": { "required": ["email"] },
            "additionalProperties": false,
        },
    });
    plain.chain([headers, schema]).map(read).collect()
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

fn complete(mut json: Value) -> Result<CallToolResponse, ErrorData> {
    json["resultType"] = "complete".into();
    Ok(read::<CallToolResult>(json)?.into())
}

/// A form with one field.
fn form(message: &str, field: &str, kind: &str) -> Value {
    let schema = json!({ "type": "object", "properties": { field: { "type": kind } }, "required": [field] });
    json!({ "method": "elicitation/create", "params": { "mode": "form", "message": message, "requestedSchema": schema } })
}

fn sampling(prompt: &str) -> Value {
    let message = json!({ "role": "user", "content": { "type": "text", "text": prompt } });
    json!({ "method": "sampling/createMessage", "params": { "messages": [message], "maxTokens": 100 } })
}

fn roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}

fn asking(requests: Value, state: Option<&str>) -> Result<InputRequiredResult, ErrorData> {
    let mut result = json!({ "resultType": "input_required", "inputRequests": requests });
    if let Some(state) = state {
        result["requestState"] = state.into();
    }
    read(result)
}

/// A tool that asks before it answers.
fn ask(
    name: &str,
    given: &InputResponses,
    state: Option<&str>,
    context: &Context,
) -> Option<Result<CallToolResponse, ErrorData>> {
    let has = |key: &str| given.contains_key(key);
    let told = || complete(text(&format!("state-ok {}", json!(given))));
    let asked = |requests: Value, state: Option<&str>| asking(requests, state).map(Into::into);
    let tampered = || Err(ErrorData::invalid_params("the request state is none of this server's", None));
    Some(match name {
        "test_input_required_result_elicitation" if has("user_name") => told(),
        "test_input_required_result_elicitation" => {
            asked(json!({ "user_name": form("What is your name?", "name", "string") }), None)
        }
        "test_input_required_result_sampling" if has("capital_question") => told(),
        "test_input_required_result_sampling" => {
            asked(json!({ "capital_question": sampling("What is the capital of France?") }), None)
        }
        "test_input_required_result_list_roots" if has("client_roots") => told(),
        "test_input_required_result_list_roots" => asked(json!({ "client_roots": roots() }), None),
        "test_input_required_result_request_state" | "test_input_required_result_tampered_state" => match state {
            Some(STATE) if has("confirm") => told(),
            Some(_) => tampered(),
            None => asked(json!({ "confirm": form("Please confirm", "ok", "boolean") }), Some(STATE)),
        },
        "test_input_required_result_multiple_inputs" => match state {
            Some(STATE) if has("user_name") && has("greeting") && has("client_roots") => told(),
            _ => {
                let name = form("What is your name?", "name", "string");
                let all =
                    json!({ "user_name": name, "greeting": sampling("Generate a greeting"), "client_roots": roots() });
                asked(all, Some(STATE))
            }
        },
        "test_input_required_result_multi_round" => match state {
            Some(STATE_OF_STEP_2) if has("step2") => told(),
            Some(STATE) if has("step1") => asked(
                json!({ "step2": form("Step 2: What is your favorite color?", "color", "string") }),
                Some(STATE_OF_STEP_2),
            ),
            _ => asked(json!({ "step1": form("Step 1: What is your name?", "name", "string") }), Some(STATE)),
        },
        "test_input_required_result_capabilities" => {
            let can = context.client_capabilities().unwrap_or_default();
            let mut requests = json!({});
            if can.elicitation.is_some() {
                requests["user_name"] = form("What is your name?", "name", "string");
            }
            if can.sampling.is_some() {
                requests["greeting"] = sampling("Generate a greeting");
            }
            asked(requests, None)
        }
        "test_streaming_elicitation" => {
            asked(json!({ "user_name": form("What is your name?", "name", "string") }), None)
        }
        _ => return None,
    })
}

impl Fixture {
    async fn fixture(
        &self,
        request: &CallToolRequestParams,
        context: &Context,
    ) -> Option<Result<CallToolResponse, ErrorData>> {
        let given = request.input_responses.clone().unwrap_or_default();
        if let Some(answer) = ask(&request.name, &given, request.request_state.as_deref(), context) {
            return Some(answer);
        }
        let image = json!({ "type": "image", "data": PNG, "mimeType": "image/png" });
        Some(match request.name.as_ref() {
            "test_simple_text" => complete(text("This is a simple text response for testing.")),
            "test_image_content" => complete(json!({ "content": [image] })),
            "test_audio_content" => {
                complete(json!({ "content": [{ "type": "audio", "data": WAV, "mimeType": "audio/wav" }] }))
            }
            "test_embedded_resource" => {
                let resource = json!({ "uri": "test://embedded-resource", "mimeType": "text/plain", "text": "An embedded resource." });
                complete(json!({ "content": [{ "type": "resource", "resource": resource }] }))
            }
            "test_multiple_content_types" => {
                let resource = json!({ "uri": "test://mixed-content-resource", "mimeType": "application/json", "text": "{\"test\":1}" });
                let words = json!({ "type": "text", "text": "Multiple content types test:" });
                complete(json!({ "content": [words, image, { "type": "resource", "resource": resource }] }))
            }
            "test_error_handling" => {
                let mut failed = text("This tool intentionally returns an error for testing");
                failed["isError"] = true.into();
                complete(failed)
            }
            "test_tool_with_logging" | "test_logging_tool" => {
                for line in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
                    self.log(line, request.name == "test_tool_with_logging", context).await;
                }
                complete(text("logged"))
            }
            "test_tool_with_progress" => {
                if let Some(token) = context.meta.get_progress_token() {
                    for done in [0.0, 50.0, 100.0] {
                        let progress = ProgressNotificationParam::new(token.clone(), done).with_total(100.0);
                        let _gone = context.peer.notify_progress(progress).await;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
                complete(text("done"))
            }
            "test_missing_capability" => {
                let needed = rmcp::model::ClientCapabilities::builder().enable_sampling().build();
                Err(ErrorData::missing_required_client_capability(needed))
            }
            "test_custom_headers" | "json_schema_2020_12_tool" => complete(text("ok")),
            _ => return None,
        })
    }

    async fn log(&self, line: &str, always: bool, context: &Context) {
        if always || context.meta.log_level().is_some() {
            let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, line.into());
            let _gone = context.peer.notify_logging_message(message).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        self.0.get_info()
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools().ok()?.into_iter().find(|tool| tool.name == name).or_else(|| self.0.get_tool(name))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut listed = self.0.list_tools(request, context).await?;
        listed.tools.extend(tools()?);
        Ok(listed)
    }

    async fn call_tool(&self, request: CallToolRequestParams, context: Context) -> Result<CallToolResponse, ErrorData> {
        if let Some(answer) = questions::call(&request, &context).await {
            return answer;
        }
        match self.fixture(&request, &context).await {
            Some(answer) => answer,
            None => self.0.call_tool(request, context).await,
        }
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut listed = self.0.list_resources(request, context).await?;
        listed.resources.push(Resource::new("test://static-text", "static text"));
        listed.resources.push(Resource::new("test://static-binary", "static binary"));
        Ok(listed)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut listed = self.0.list_resource_templates(request, context).await?;
        listed.resource_templates.push(ResourceTemplate::new("test://template/{id}/data", "template"));
        Ok(listed)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri.clone();
        let contents = match uri.as_str() {
            "test://static-text" => json!({ "uri": uri, "mimeType": "text/plain", "text": "The static text." }),
            "test://static-binary" => json!({ "uri": uri, "mimeType": "image/png", "blob": PNG }),
            _ => match uri.strip_prefix("test://template/").and_then(|rest| rest.strip_suffix("/data")) {
                Some(id) => {
                    let text = json!({ "id": id, "templateTest": true }).to_string();
                    json!({ "uri": uri, "mimeType": "application/json", "text": text })
                }
                None => return self.0.read_resource(request, context).await,
            },
        };
        Ok(read::<ReadResourceResult>(
            json!({ "resultType": "complete", "contents": [contents], "ttlMs": 0, "cacheScope": "private" }),
        )?
        .into())
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut listed = self.0.list_prompts(request, context).await?;
        let names = [
            "test_simple_prompt",
            "test_prompt_with_arguments",
            "test_prompt_with_embedded_resource",
            "test_prompt_with_image",
        ];
        listed.prompts.extend(names.map(|name| Prompt::new(name, Some(name), None)));
        Ok(listed)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        let given = request.arguments.clone().unwrap_or_default();
        let argument = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let says = |content: Value| json!({ "role": "user", "content": content });
        let words = |text: &str| says(json!({ "type": "text", "text": text }));
        let messages = match request.name.as_str() {
            "test_simple_prompt" => json!([words("This is a simple prompt for testing.")]),
            "test_prompt_with_arguments" => {
                json!([words(&format!("arg1='{}', arg2='{}'", argument("arg1"), argument("arg2")))])
            }
            "test_prompt_with_embedded_resource" => {
                let resource = json!({ "uri": argument("resourceUri"), "mimeType": "text/plain", "text": "Embedded." });
                json!([
                    says(json!({ "type": "resource", "resource": resource })),
                    words("Please process the resource above.")
                ])
            }
            "test_prompt_with_image" => {
                json!([
                    says(json!({ "type": "image", "data": PNG, "mimeType": "image/png" })),
                    words("Please analyze the image.")
                ])
            }
            "test_input_required_result_prompt" if request.input_responses.is_some() => {
                json!([words("With your context.")])
            }
            "test_input_required_result_prompt" => {
                let question = form("What context should the prompt use?", "context", "string");
                return Ok(asking(json!({ "user_context": question }), None)?.into());
            }
            _ => return self.0.get_prompt(request, context).await,
        };
        Ok(read::<GetPromptResult>(json!({ "resultType": "complete", "messages": messages }))?.into())
    }

    async fn complete(&self, request: CompleteRequestParams, context: Context) -> Result<CompleteResult, ErrorData> {
        match &request.r#ref {
            rmcp::model::Reference::Prompt(prompt) if prompt.name.starts_with("test_") => Ok(CompleteResult::default()),
            _ => self.0.complete(request, context).await,
        }
    }

    async fn set_level(&self, request: SetLevelRequestParams, context: Context) -> Result<(), ErrorData> {
        self.0.set_level(request, context).await
    }

    async fn subscribe(&self, request: SubscribeRequestParams, context: Context) -> Result<(), ErrorData> {
        match mcp::Session::of(&context) {
            Some(session) if request.uri.starts_with("test://") => session.follow(&request.uri, true).await,
            _ => self.0.subscribe(request, context).await,
        }
    }

    async fn unsubscribe(&self, request: UnsubscribeRequestParams, context: Context) -> Result<(), ErrorData> {
        self.0.unsubscribe(request, context).await
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.0.accepted_subscription_filter(requested)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.0.listen(context).await
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::read(&Environment, Defaults::backend())?;
    logs::start(&config.log_level, config.log_format)?;
    let store = serve::open_store(&config)?;
    store.migrate().await?;
    let state = serve::state(config, store)?;
    let fixture = Fixture(mcp::Server::new(state.clone()));
    let app =
        Router::new().merge(mcp::open(&state, fixture)).merge(auth::router(state.clone())).merge(health::router());
    serve::serve(&state, app.with_state(state.clone())).await
}
