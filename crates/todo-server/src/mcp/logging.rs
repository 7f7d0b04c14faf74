//! What a client is told of tool calls besides their results, if it asks: `logging/setLevel` in the earlier era, `logLevel` with
//! each request in the current one. The current revision of the protocol deprecates it; clients of the earlier one expect it.
#![expect(deprecated, reason = "deprecated for new designs, part of the revisions that are spoken here")]

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use rmcp::{
    RoleServer,
    model::{CallToolResult, LoggingLevel, LoggingMessageNotificationParam},
    service::RequestContext,
};
use serde_json::json;

use super::Session;

/// The level that the client of a lasting connection asked for. Over HTTP it stands in the session.
#[derive(Clone, Debug)]
pub struct Level(Arc<AtomicU8>);

/// Nothing is told.
const SILENT: u8 = u8::MAX;

impl Default for Level {
    fn default() -> Self {
        Self(Arc::new(AtomicU8::new(SILENT)))
    }
}

impl Level {
    /// From now on, messages of this level and above.
    pub fn set(&self, level: LoggingLevel) {
        self.0.store(severity(level), Ordering::Relaxed);
    }

    /// Tells how a call went, if the client wants to know.
    pub async fn tell(&self, context: &RequestContext<RoleServer>, tool: &str, result: &CallToolResult) {
        let asked =
            context.meta.log_level().or_else(|| Session::of(context).and_then(|session| named(session.log_level()?)));
        let least = asked.map_or_else(|| self.0.load(Ordering::Relaxed), severity);
        let failed = result.is_error == Some(true);
        let level = if failed { LoggingLevel::Warning } else { LoggingLevel::Info };
        if severity(level) < least {
            return;
        }
        let data = json!({ "tool": tool, "status": if failed { "error" } else { "ok" } });
        let message = LoggingMessageNotificationParam::new(level, data).with_logger("tools");
        // A client that has gone is told nothing; its call is done all the same.
        let _gone = context.peer.notify_logging_message(message).await;
    }
}

/// A level's name, as sessions keep it.
pub fn name(level: LoggingLevel) -> String {
    serde_json::to_value(level).ok().and_then(|name| Some(name.as_str()?.to_owned())).unwrap_or_default()
}

fn named(name: &str) -> Option<LoggingLevel> {
    serde_json::from_value(name.into()).ok()
}

/// How severe a level is (RFC 5424's order).
const fn severity(level: LoggingLevel) -> u8 {
    match level {
        LoggingLevel::Debug => 0,
        LoggingLevel::Info => 1,
        LoggingLevel::Notice => 2,
        LoggingLevel::Warning => 3,
        LoggingLevel::Error => 4,
        LoggingLevel::Critical => 5,
        LoggingLevel::Alert => 6,
        LoggingLevel::Emergency => 7,
    }
}
