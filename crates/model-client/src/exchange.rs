//! One request to a model and its reply, in words that both APIs share.

use super::error::ModelError;
use serde_json::Value;

/// What a model is asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// The standing instructions.
    pub instructions: String,
    /// The conversation, oldest first.
    pub items: Vec<Item>,
    /// The tools that it may call.
    pub tools: Vec<ToolSpec>,
    /// Most tokens of the reply.
    pub max_output: u32,
}

/// A piece of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// What the user wrote.
    User(String),
    /// What the model answered.
    Assistant {
        /// Its text, perhaps empty.
        text: String,
        /// The tools that it called. A result for each must follow.
        calls: Vec<ToolCall>,
    },
    /// The result of a tool call.
    Result {
        /// Id of the call.
        call: String,
        /// The result, as text.
        output: String,
    },
}

/// A tool call as a model makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// The id by which its result is answered. Never empty, never twice in one reply.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments as they came: JSON text, or what a model takes for it.
    pub arguments: String,
}

/// A tool as a model is told of it.
#[derive(Clone, Debug)]
pub struct ToolSpec {
    /// Name.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// JSON schema of the arguments.
    pub parameters: Value,
}

/// A whole reply.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// Its text.
    pub text: String,
    /// The tools that it calls.
    pub calls: Vec<ToolCall>,
    /// What it cost, where the provider says.
    pub usage: Option<Usage>,
}

/// Tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Read by the model.
    pub prompt: u64,
    /// Written by it.
    pub completion: u64,
}

impl Usage {
    /// Both together.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.prompt.saturating_add(self.completion)
    }

    /// The cost of two requests.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            prompt: self.prompt.saturating_add(other.prompt),
            completion: self.completion.saturating_add(other.completion),
        }
    }
}

impl Reply {
    /// A reply that came to its end, with every call under an id of its own.
    ///
    /// # Errors
    /// [`ModelError::Empty`] when it says and calls nothing.
    pub(super) fn whole(text: String, mut calls: Vec<ToolCall>, usage: Option<Usage>) -> Result<Self, ModelError> {
        if text.trim().is_empty() && calls.is_empty() {
            return Err(ModelError::Empty);
        }
        name_calls(&mut calls);
        Ok(Self { text, calls, usage })
    }
}

/// Gives every call an id of its own: some providers send none, some the same one twice.
fn name_calls(calls: &mut [ToolCall]) {
    for at in 0..calls.len() {
        let (before, rest) = calls.split_at_mut(at);
        let Some(call) = rest.first_mut() else { return };
        if call.id.is_empty() || before.iter().any(|other| other.id == call.id) {
            call.id = format!("{}call_{at}", call.id);
        }
    }
}

/// About how many tokens a text has. Four ASCII characters make one; letters of other scripts often make one each.
#[must_use]
pub fn estimated_tokens(text: &str) -> u64 {
    let (ascii, other) = text
        .chars()
        .fold((0_u64, 0_u64), |(ascii, other), c| if c.is_ascii() { (ascii + 1, other) } else { (ascii, other + 1) });
    ascii.div_ceil(4) + other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_has_an_id_of_its_own() {
        let call = |id: &str| ToolCall { id: id.to_owned(), ..ToolCall::default() };
        let mut calls = vec![call("a"), call("a"), call(""), call("b")];
        name_calls(&mut calls);
        let ids: Vec<&str> = calls.iter().map(|call| call.id.as_str()).collect();
        assert_eq!(ids, ["a", "acall_1", "call_2", "b"]);
    }
}
