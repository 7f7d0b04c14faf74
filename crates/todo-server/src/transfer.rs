//! Export and import of files.

use std::pin::pin;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
    response::Response,
};
use futures::{Stream, TryStreamExt};
use serde::{Deserialize, Serialize};
use todo_domain::{
    Command, NewTask, Task,
    command::{BULK_MAX, Context, Door},
    transfer::{self, Format, Skipped},
};
use todo_service::Problem;
use todo_store::StoreError;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    caller::Caller,
    download::{Broken, Outgoing, download},
    errors::problem,
    extract::{Json, Query},
    openapi::Refusals,
    routes::{Routes, routes},
};

/// Largest file, in bytes.
const FILE_MAX: usize = 16 * 1024 * 1024;
/// Tasks that are written at once.
const TASKS_AT_ONCE: usize = 25;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportParams {
    /// `json`, `csv`, `todoist`, `taskwarrior` or `ics`.
    #[param(required = false)]
    format: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportParams {
    /// `json`, `csv`, `todoist`, `taskwarrior` or `ics`.
    #[param(required = false)]
    format: Option<String>,
    /// Only say what would be made.
    #[param(required = false)]
    dry_run: Option<bool>,
}

/// What an import made, or would make.
#[derive(Debug, Serialize, ToSchema)]
struct ImportReport {
    /// Whether nothing was made.
    dry_run: bool,
    /// How many tasks were made, or would be.
    imported: usize,
    /// The first hundred of them, by title.
    preview: Vec<String>,
    /// Entries that can't be taken over.
    #[schema(value_type = Vec<Object>)]
    skipped: Vec<Skipped>,
    /// The operations to undo.
    operations: Vec<Uuid>,
}

/// The routes of export and import.
pub fn router() -> Routes {
    Routes::new().routes(routes!(export)).routes(routes!(import))
}

/// Export all tasks
#[utoipa::path(get, path = "/export", tag = "transfer", params(ExportParams),
    responses((status = 200, description = "The file",
        content((serde_json::Value = "application/json"), (String = "text/csv"), (String = "text/calendar"))), Refusals))]
async fn export(caller: Caller, Query(params): Query<ExportParams>) -> Result<Response, Problem> {
    let format = parse(params.format.as_deref())?;
    let labels = caller.scope.labels().await.map_err(problem)?;
    let projects = caller.scope.projects().await.map_err(problem)?;
    let writer = transfer::Writer::new(format, labels, projects, caller.now.timestamp());
    let tasks = caller.scope.export_all(&caller.now);
    Ok(download(format.media_type(), format.file_name(), |file| write(writer, tasks, file)))
}

/// Writes a few tasks at a time, so that other requests get their turn.
async fn write(
    mut writer: transfer::Writer,
    chunks: impl Stream<Item = Result<Vec<Task>, StoreError>>,
    mut file: Outgoing,
) -> Result<Outgoing, Broken> {
    file.buffer().extend_from_slice(writer.begin()?.as_bytes());
    let mut chunks = pin!(chunks);
    while let Some(chunk) = chunks.try_next().await? {
        let mut chunk = chunk.into_iter().peekable();
        while chunk.peek().is_some() {
            let text = writer.tasks(chunk.by_ref().take(TASKS_AT_ONCE).collect())?;
            file.buffer().extend_from_slice(text.as_bytes());
            file.send_if_full().await?;
        }
    }
    for piece in writer.end() {
        file.buffer().extend_from_slice(piece?.as_bytes());
        file.send_if_full().await?;
    }
    Ok(file)
}

/// Import tasks
///
/// The body is the file. `dry_run=true` only says what would be made.
#[utoipa::path(post, path = "/import", tag = "transfer", params(ImportParams), request_body(content = String,
    description = "The file", content_type = "text/plain"), responses((status = 200, body = ImportReport), Refusals))]
async fn import(
    caller: Caller,
    Query(params): Query<ImportParams>,
    File(file): File,
) -> Result<Json<ImportReport>, Problem> {
    let format = parse(params.format.as_deref())?;
    let dry_run = params.dry_run.unwrap_or(false);
    let text = std::str::from_utf8(&file).map_err(|_| Problem::invalid("file", "The file must be text in UTF-8."))?;
    let plan =
        transfer::read(format, text, &caller.language(), &mut Uuid::now_v7).map_err(|error| problem(error.into()))?;
    let preview = plan.tasks.iter().take(100).map(|planned| planned.task.title.clone()).collect();
    let imported = plan.tasks.len();
    let mut operations = Vec::new();
    if !dry_run {
        let context = Context { door: Door::Import, ..caller.context() };
        let tasks: Vec<NewTask> = plan.tasks.into_iter().map(|planned| planned.task).collect();
        for chunk in tasks.chunks(BULK_MAX) {
            let outcome = caller.scope.run(Command::Create(chunk.to_vec()), &context).await.map_err(problem)?;
            operations.extend(outcome.operation.map(|operation| operation.id));
        }
    }
    Ok(Json(ImportReport { dry_run, imported, preview, skipped: plan.skipped, operations }))
}

fn parse(format: Option<&str>) -> Result<Format, Problem> {
    Format::parse(format.unwrap_or("json")).map_err(|error| problem(error.into()))
}

/// A body that may be larger than that of other requests.
struct File(Bytes);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Self::Rejection> {
        match http_body_util::BodyExt::collect(http_body_util::Limited::new(request.into_body(), FILE_MAX)).await {
            Ok(body) => Ok(Self(body.to_bytes())),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "PAYLOAD_TOO_LARGE",
                format!("A file must have at most {FILE_MAX} bytes; split it."),
            )),
            Err(error) => Err(Problem::bad_request(format!("The body could not be read: {error}."))),
        }
    }
}
