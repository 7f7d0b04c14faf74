//! Talking to the assistant.

use serde_json::Value;

use crate::{Client, Result};

impl Client {
    /// Says something and waits for the whole answer: `{conversation_id, response, tool_calls, …}`.
    ///
    /// # Errors
    /// Any [`crate::ClientError`].
    pub async fn chat(&self, message: &Value) -> Result<Value> {
        Ok(self.post("/api/chat", message).await?.value)
    }
}
