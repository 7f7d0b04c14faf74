//! What programs and models may ask for: the typed actions that sentences become, as tools with JSON schemas. Reads only;
//! a change can be planned here and nothing more.
//!
//! `catalogue` lists the questions, `changes` what may be planned, `schema` writes JSON schemas, `told` is an answer on its
//! way out: redacted, marked as untrusted where anybody may have written it, bounded in size.
//!
//! Which cluster, as whom, and (with `-n`) which namespace is decided by whoever started the program, never by arguments.

mod catalogue;
mod changes;
mod schema;
mod told;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pilot_core::action::{LogQuery, Read};
use pilot_core::dockerfile::BuildContext;
use serde_json::{Map, Value, json};

use crate::commands::{self, Answers, Ask};
use crate::exit::Outcome;
use crate::plan::Plan;
use crate::report::{Door, Report};
use crate::sentence;
use crate::write;

pub use catalogue::{Tool, all, find};
pub use changes::schema as changes_schema;
pub use told::Told;

/// Longest time for one answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Lines of a log when no number is given, and at most.
const LINES: u64 = 200;
const LINES_MAX: u64 = 2_000;

/// Why a call has no answer. The text has passed the door.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no such tool.
    #[error("there is no tool {0:?}")]
    Unknown(String),
    /// The arguments do not fit.
    #[error("{0}")]
    Arguments(String),
    /// It was tried.
    #[error("{0}")]
    Failed(String),
}

/// An [`Ask`] whose answers are kept for a program; nothing of the command line's output or consent applies.
pub fn quietly(ask: &Ask) -> (Ask, Arc<Mutex<Vec<Report>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let mut ask = ask.clone();
    ask.answers = Answers::Kept(kept.clone());
    ask.write.save_plan = None;
    ask.write.yes = false;
    ask.write.yes_delete.clear();
    (ask, kept)
}

/// Answers a question.
///
/// # Errors
/// [`Refusal`].
pub async fn call(ask: &Ask, door: &Door, name: &str, arguments: Value) -> Result<Told, Refusal> {
    let tool = find(name).ok_or_else(|| Refusal::Unknown(door.line(&name.chars().take(64).collect::<String>())))?;
    let (ask, kept) = quietly(ask);
    let arguments = object(arguments)?;
    confined(&ask, &Value::Object(arguments.clone()))?;
    let answered = tokio::time::timeout(PATIENCE, answer(&ask, tool, arguments)).await;
    let outcome = match answered {
        Ok(outcome) => outcome.map_err(|refusal| passed(door, refusal))?,
        Err(_) => return Err(Refusal::Failed(format!("no answer within {} seconds", PATIENCE.as_secs()))),
    };
    let reports = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Told::new(door, tool, &reports, outcome))
}

async fn answer(ask: &Ask, tool: &Tool, mut arguments: Map<String, Value>) -> Result<Outcome, Refusal> {
    let failed = |error: crate::exit::Error| Refusal::Failed(error.to_string());
    if tool.action == "imageReview" {
        let text = arguments.get("text").and_then(Value::as_str);
        let text = text.ok_or_else(|| Refusal::Arguments("`text` is missing: the Dockerfile".to_owned()))?;
        let context = BuildContext { path: "Dockerfile".to_owned(), ..BuildContext::default() };
        return commands::review(ask, text, &context, true).map_err(failed);
    }
    if let Some(missing) = tool.missing(&arguments) {
        return Err(Refusal::Arguments(format!("`{missing}` is missing")));
    }
    arguments.insert("action".to_owned(), json!(tool.action));
    let mut read: Read = serde_json::from_value(Value::Object(arguments))
        .map_err(|error| Refusal::Arguments(format!("the arguments of {} do not fit: {error}", tool.name)))?;
    if let Read::Logs(LogQuery { tail, errors: false, .. }) = &mut read {
        *tail = Some(tail.unwrap_or(LINES).min(LINES_MAX));
    }
    sentence::answer(ask, &read).await.map_err(failed)
}

/// Plans changes; nothing is changed.
///
/// # Errors
/// [`Refusal`].
pub async fn plan(ask: &Ask, door: &Door, arguments: Value) -> Result<Plan, Refusal> {
    let (ask, _) = quietly(ask);
    let arguments = object(arguments)?;
    confined(&ask, &Value::Object(arguments.clone()))?;
    let writes = changes::read(arguments).map_err(|refusal| passed(door, refusal))?;
    match tokio::time::timeout(PATIENCE, write::propose(&ask, &writes)).await {
        Ok(Ok(plan)) => Ok(plan),
        Ok(Err(error)) => Err(passed(door, Refusal::Failed(error.to_string()))),
        Err(_) => Err(Refusal::Failed(format!("no plan within {} seconds", PATIENCE.as_secs()))),
    }
}

fn object(arguments: Value) -> Result<Map<String, Value>, Refusal> {
    match arguments {
        Value::Object(fields) => Ok(fields),
        Value::Null => Ok(Map::new()),
        _ => Err(Refusal::Arguments("the arguments must be a JSON object".to_owned())),
    }
}

/// With `-n`, no other namespace is looked at.
fn confined(ask: &Ask, arguments: &Value) -> Result<(), Refusal> {
    let Some(only) = ask.namespace() else { return Ok(()) };
    let refused = || Refusal::Arguments(format!("only namespace {only} may be asked about here"));
    match arguments {
        Value::Object(fields) => fields.iter().try_for_each(|(key, value)| match value {
            Value::String(name) if key == "namespace" && name != only => Err(refused()),
            value => confined(ask, value),
        }),
        Value::Array(items) => items.iter().try_for_each(|item| confined(ask, item)),
        _ => Ok(()),
    }
}

fn passed(door: &Door, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Unknown(name) => Refusal::Unknown(door.line(&name)),
        Refusal::Arguments(text) => Refusal::Arguments(door.literal(&text)),
        Refusal::Failed(text) => Refusal::Failed(door.literal(&text)),
    }
}
