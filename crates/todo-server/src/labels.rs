//! Labels (tags) over REST.

use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use todo_domain::{Command, Label, wire::Field};
use todo_service::Problem;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    answer::{Answer, Bare, Submission, execute},
    caller::Caller,
    errors::problem,
    extract::{Json, Path},
    openapi::Refusals,
    routes::{Routes, routes},
};

/// A label as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Label)]
struct LabelJson {
    id: Uuid,
    name: String,
    /// `#RRGGBB`.
    color: Option<String>,
    /// How many open tasks have it.
    open_tasks: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
}

impl From<&Label> for LabelJson {
    fn from(label: &Label) -> Self {
        Self {
            id: label.id,
            name: label.name.clone(),
            color: label.color.clone(),
            open_tasks: label.open_tasks,
            created_at: label.created_at,
        }
    }
}

/// All labels, in alphabetical order.
#[derive(Debug, Serialize, ToSchema)]
struct LabelList {
    labels: Vec<LabelJson>,
    /// The same, under the name that clients of the original contract know.
    tags: Vec<LabelJson>,
    total: usize,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LabelInput {
    /// 1 to 50 characters, unique without case.
    name: String,
    /// `#RRGGBB`.
    #[serde(default)]
    color: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct LabelPatch {
    /// New name, on all tasks that have the label.
    #[schema(value_type = Option<String>, required = false)]
    name: Field<String>,
    /// New colour; null for none.
    #[schema(value_type = Option<String>, required = false)]
    color: Field<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct LabelPath {
    /// Id of the label.
    label: Uuid,
}

/// The routes of labels, under both names.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(replace, update, delete))
        .routes(routes!(tags::list, tags::create))
        .routes(routes!(tags::update, tags::delete))
}

/// List labels
#[utoipa::path(get, path = "/labels", tag = "labels", responses((status = 200, body = LabelList), Refusals))]
async fn list(caller: Caller) -> Result<Json<LabelList>, Problem> {
    let labels = caller.scope.labels().await.map_err(problem)?;
    let json = || labels.iter().map(LabelJson::from).collect();
    Ok(Json(LabelList { labels: json(), tags: json(), total: labels.len() }))
}

/// Create a label
#[utoipa::path(post, path = "/labels", tag = "labels", request_body = LabelInput,
    responses((status = 201, body = LabelJson), Refusals))]
async fn create(caller: Caller, input: Submission<LabelInput>) -> Result<Response, Problem> {
    let LabelInput { name, color } = input.value;
    let command = Command::CreateLabel { name, color };
    execute(&caller, input.once, command, |outcome| {
        Answer::json(StatusCode::CREATED, &outcome.label.as_ref().map(LabelJson::from))
    })
    .await
}

/// Rename or recolour a label
#[utoipa::path(put, path = "/labels/{label}", tag = "labels", params(LabelPath), request_body = LabelPatch,
    responses((status = 200, body = LabelJson), Refusals))]
async fn replace(caller: Caller, path: Path<LabelPath>, input: Submission<LabelPatch>) -> Result<Response, Problem> {
    change(caller, path, input).await
}

/// Rename or recolour a label
#[utoipa::path(patch, path = "/labels/{label}", tag = "labels", params(LabelPath), request_body = LabelPatch,
    responses((status = 200, body = LabelJson), Refusals))]
async fn update(caller: Caller, path: Path<LabelPath>, input: Submission<LabelPatch>) -> Result<Response, Problem> {
    change(caller, path, input).await
}

async fn change(caller: Caller, path: Path<LabelPath>, input: Submission<LabelPatch>) -> Result<Response, Problem> {
    let LabelPatch { name, color } = input.value;
    let name = name.required("name").map_err(|error| problem(error.into()))?;
    let command = Command::UpdateLabel { id: path.0.label, name, color: color.into_option() };
    execute(&caller, input.once, command, |outcome| {
        Answer::json(StatusCode::OK, &outcome.label.as_ref().map(LabelJson::from))
    })
    .await
}

/// Delete a label
///
/// Its tasks stay.
#[utoipa::path(delete, path = "/labels/{label}", tag = "labels", params(LabelPath),
    responses((status = 204, description = "Deleted"), Refusals))]
async fn delete(caller: Caller, path: Path<LabelPath>, bare: Bare) -> Result<Response, Problem> {
    execute(&caller, bare.once, Command::DeleteLabel { id: path.0.label }, |_| Answer::empty()).await
}

/// The same routes under the name that clients of the original contract know.
mod tags {
    use super::{
        Bare, Caller, Json, LabelInput, LabelJson, LabelList, LabelPatch, LabelPath, Path, Problem, Refusals, Response,
        Submission,
    };

    /// List tags
    #[utoipa::path(get, path = "/tags", tag = "labels", responses((status = 200, body = LabelList), Refusals))]
    pub async fn list(caller: Caller) -> Result<Json<LabelList>, Problem> {
        super::list(caller).await
    }

    /// Create a tag
    #[utoipa::path(post, path = "/tags", tag = "labels", request_body = LabelInput,
        responses((status = 201, body = LabelJson), Refusals))]
    pub async fn create(caller: Caller, input: Submission<LabelInput>) -> Result<Response, Problem> {
        super::create(caller, input).await
    }

    /// Rename a tag
    #[utoipa::path(put, path = "/tags/{label}", tag = "labels", params(LabelPath), request_body = LabelPatch,
        responses((status = 200, body = LabelJson), Refusals))]
    pub async fn update(
        caller: Caller,
        path: Path<LabelPath>,
        input: Submission<LabelPatch>,
    ) -> Result<Response, Problem> {
        super::change(caller, path, input).await
    }

    /// Delete a tag
    #[utoipa::path(delete, path = "/tags/{label}", tag = "labels", params(LabelPath),
        responses((status = 204, description = "Deleted"), Refusals))]
    pub async fn delete(caller: Caller, path: Path<LabelPath>, bare: Bare) -> Result<Response, Problem> {
        super::delete(caller, path, bare).await
    }
}
