//! The assistant: tools that chat, MCP and the command line share, and a conversation that runs them with no model, no key and
//! no network.
//!
//! - [`tools`]: one definition per tool (name, description, JSON schema, annotations, handler). Every door uses these.
//! - [`builtin`]: the grammar that turns a sentence into tool calls, and tool results into an answer.
//! - [`model`]: a client of the OpenAI protocols, for a model behind the assistant; `agent` lets it work on tasks.
//! - [`chat`]: one message and its answer, recorded, streamed as events, one at a time per conversation.

mod agent;
pub mod builtin;
pub mod chat;
pub mod tools;

pub use model_client as model;
