//! Reading arguments: every refusal names the field.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, json};
use todo_domain::{TaskRef, error::DomainError};

use super::ToolError;

/// Reads the arguments of a tool.
pub(super) fn read<T: DeserializeOwned>(arguments: Value) -> Result<T, ToolError> {
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let path = error.path().to_string();
        let text = error.into_inner().to_string();
        let named = ["unknown field `", "missing field `"]
            .iter()
            .find_map(|lead| text.strip_prefix(lead))
            .and_then(|rest| rest.split('`').next());
        let field = match (path.as_str(), named) {
            (".", Some(name)) => name.to_owned(),
            (".", None) => "arguments".to_owned(),
            (path, _) => path.to_owned(),
        };
        DomainError::invalid(field, format!("{text}.")).into()
    })
}

/// A task by number, `#3` or UUID; numbers may come as JSON numbers or strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference(pub TaskRef);

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || serde::de::Error::custom("a task is named by its number or its UUID");
        match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_i64().filter(|n| *n > 0).map(TaskRef::Number),
            Value::String(text) => TaskRef::parse(&text),
            _ => None,
        }
        .map(Self)
        .ok_or_else(wrong)
    }
}

/// The contract's id: an integer; ours besides: a UUID.
pub(super) fn task_id_schema() -> Value {
    json!({
        "type": ["integer", "string"],
        "description": "Number of the task (as in \"task 3\"), or its UUID."
    })
}

/// An object schema that takes nothing else. `user_id` is the contract's; it may be left out and must be the caller's own.
pub(super) fn object(properties: Value, required: &[&str]) -> Value {
    let mut properties = properties;
    properties["user_id"] = json!({ "type": "string", "description": "The caller's own id; may be left out." });
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
