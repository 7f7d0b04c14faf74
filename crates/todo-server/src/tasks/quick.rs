//! Adding by sentence, and showing what a sentence means before it is sent.

use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use todo_domain::{Command, DomainError, NewTask, language, parsed::ParsedJson, wire::TaskJson};
use todo_service::Problem;
use utoipa::ToSchema;

use crate::{
    answer::{Answer, Submission, execute},
    caller::Caller,
    extract::Json,
    openapi::Refusals,
};

/// Most lines in one text.
const LINES_MAX: usize = 100;
/// Longest text, in characters.
const TEXT_MAX: usize = 20_000;

/// A text as people write it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuickInput {
    /// `Call Sam tomorrow 5pm p1 @phone #Work`; several lines make several tasks.
    text: String,
    /// Take the text as it is, without looking for dates and marks.
    #[serde(default)]
    literal: bool,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuickOutput {
    /// The tasks, in the order of the lines.
    tasks: Vec<TaskJson>,
}

/// Add tasks by sentence
///
/// The grammar finds dates, recurrences, reminders, priorities, labels, projects and durations; the rest is the title.
#[utoipa::path(post, path = "/tasks/quick", tag = "tasks", request_body = QuickInput,
    responses((status = 201, body = QuickOutput), Refusals))]
pub async fn quick_add(caller: Caller, input: Submission<QuickInput>) -> Result<Response, Problem> {
    let QuickInput { text, literal } = input.value;
    let context = caller.language();
    let lines = lines(&text)?;
    let task = |line: &&str| if literal { NewTask::titled(*line) } else { language::quick_add(line, &context).into() };
    let tasks: Vec<NewTask> = lines.iter().map(task).collect();
    if lines.len() > 1 {
        // Of many lines, which one is to blame.
        for (index, task) in tasks.iter().enumerate() {
            let error = |error: DomainError| Problem::invalid("text", format!("Line {}: {}", index + 1, error.detail));
            task.clone().check().map_err(error)?;
        }
    }
    execute(&caller, input.once, Command::Create(tasks), |outcome| {
        Answer::json(StatusCode::CREATED, &QuickOutput { tasks: outcome.tasks.iter().map(TaskJson::from).collect() })
    })
    .await
}

/// Say what a sentence means
///
/// Changes nothing.
#[utoipa::path(post, path = "/parse", tag = "tasks", request_body = QuickInput,
    responses((status = 200, body = ParsedJson), Refusals))]
pub async fn parse(caller: Caller, Json(input): Json<QuickInput>) -> Result<Json<ParsedJson>, Problem> {
    if input.text.chars().count() > TEXT_MAX {
        return Err(too_long());
    }
    Ok(Json(ParsedJson::new(&input.text, &language::quick_add(&input.text, &caller.language()))))
}

fn lines(text: &str) -> Result<Vec<&str>, Problem> {
    if text.chars().count() > TEXT_MAX {
        return Err(too_long());
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.len() {
        0 => Err(Problem::invalid("text", "`text` must not be empty.")),
        1..=LINES_MAX => Ok(lines),
        _ => Err(Problem::invalid("text", format!("`text` may have at most {LINES_MAX} lines."))),
    }
}

fn too_long() -> Problem {
    Problem::invalid("text", format!("`text` must have at most {TEXT_MAX} characters."))
}
