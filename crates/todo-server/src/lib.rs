//! The backend: REST, chat, ChatKit, MCP, accounts, live events, documentation and health over one task service. Handlers translate; they decide
//! nothing.

pub mod answer;
pub mod auth;
pub mod caller;
pub mod chat;
pub mod chatkit;
pub mod config;
pub mod counts;
pub mod docs;
pub mod download;
pub mod errors;
pub mod events;
pub mod extract;
pub mod health;
pub mod labels;
pub mod mcp;
pub mod meter;
pub mod openapi;
pub mod operations;
pub mod profile;
pub mod projects;
pub mod push;
pub mod router;
pub mod routes;
pub mod saved_filters;
pub mod selftest;
pub mod serve;
pub mod state;
pub mod stats;
pub mod tasks;
pub mod tls;
pub mod transfer;

pub use config::{Config, Defaults};
pub use state::AppState;
