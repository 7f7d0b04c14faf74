//! Projects (categories) over REST.

use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use todo_domain::{Command, Project, wire::Field};
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

/// A project as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
struct ProjectJson {
    id: Uuid,
    name: String,
    /// `#RRGGBB`.
    color: Option<String>,
    /// The project above it.
    parent_id: Option<Uuid>,
    /// Hidden from lists.
    archived: bool,
    /// How many open tasks it holds.
    open_tasks: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
}

impl From<&Project> for ProjectJson {
    fn from(project: &Project) -> Self {
        Self {
            id: project.id,
            name: project.name.clone(),
            color: project.color.clone(),
            parent_id: project.parent_id,
            archived: project.archived,
            open_tasks: project.open_tasks,
            created_at: project.created_at,
        }
    }
}

/// All projects, in alphabetical order.
#[derive(Debug, Serialize, ToSchema)]
struct ProjectList {
    projects: Vec<ProjectJson>,
    /// The same, under the name that clients of the original contract know.
    categories: Vec<ProjectJson>,
    total: usize,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProjectInput {
    /// 1 to 100 characters, unique without case.
    name: String,
    /// `#RRGGBB`.
    #[serde(default)]
    color: Option<String>,
    /// The project above it.
    #[serde(default)]
    parent_id: Option<Uuid>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct ProjectPatch {
    /// New name.
    #[schema(value_type = Option<String>, required = false)]
    name: Field<String>,
    /// New colour; null for none.
    #[schema(value_type = Option<String>, required = false)]
    color: Field<String>,
    /// New place; null for the top.
    #[schema(value_type = Option<Uuid>, required = false)]
    parent_id: Field<Uuid>,
    /// Hide from lists, or show again.
    #[schema(value_type = Option<bool>, required = false)]
    archived: Field<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ProjectPath {
    /// Id of the project.
    project: Uuid,
}

/// The routes of projects, under both names.
pub fn router() -> Routes {
    Routes::new()
        .routes(routes!(list, create))
        .routes(routes!(replace, update, delete))
        .routes(routes!(categories::list, categories::create))
        .routes(routes!(categories::delete))
}

/// List projects
#[utoipa::path(get, path = "/projects", tag = "projects", responses((status = 200, body = ProjectList), Refusals))]
async fn list(caller: Caller) -> Result<Json<ProjectList>, Problem> {
    let projects = caller.scope.projects().await.map_err(problem)?;
    let json = || projects.iter().map(ProjectJson::from).collect();
    Ok(Json(ProjectList { projects: json(), categories: json(), total: projects.len() }))
}

/// Create a project
#[utoipa::path(post, path = "/projects", tag = "projects", request_body = ProjectInput,
    responses((status = 201, body = ProjectJson), Refusals))]
async fn create(caller: Caller, input: Submission<ProjectInput>) -> Result<Response, Problem> {
    let ProjectInput { name, color, parent_id } = input.value;
    let command = Command::CreateProject { name, color, parent_id };
    execute(&caller, input.once, command, |outcome| {
        Answer::json(StatusCode::CREATED, &outcome.project.as_ref().map(ProjectJson::from))
    })
    .await
}

/// Change a project
#[utoipa::path(put, path = "/projects/{project}", tag = "projects", params(ProjectPath), request_body = ProjectPatch,
    responses((status = 200, body = ProjectJson), Refusals))]
async fn replace(
    caller: Caller,
    path: Path<ProjectPath>,
    input: Submission<ProjectPatch>,
) -> Result<Response, Problem> {
    change(caller, path, input).await
}

/// Change a project
#[utoipa::path(patch, path = "/projects/{project}", tag = "projects", params(ProjectPath), request_body = ProjectPatch,
    responses((status = 200, body = ProjectJson), Refusals))]
async fn update(caller: Caller, path: Path<ProjectPath>, input: Submission<ProjectPatch>) -> Result<Response, Problem> {
    change(caller, path, input).await
}

async fn change(caller: Caller, path: Path<ProjectPath>, input: Submission<ProjectPatch>) -> Result<Response, Problem> {
    let ProjectPatch { name, color, parent_id, archived } = input.value;
    let refused = |error: todo_domain::DomainError| problem(error.into());
    let command = Command::UpdateProject {
        id: path.0.project,
        name: name.required("name").map_err(refused)?,
        color: color.into_option(),
        parent_id: parent_id.into_option(),
        archived: archived.required("archived").map_err(refused)?,
    };
    execute(&caller, input.once, command, |outcome| {
        Answer::json(StatusCode::OK, &outcome.project.as_ref().map(ProjectJson::from))
    })
    .await
}

/// Delete a project
///
/// Its tasks go back to the inbox.
#[utoipa::path(delete, path = "/projects/{project}", tag = "projects", params(ProjectPath),
    responses((status = 204, description = "Deleted"), Refusals))]
async fn delete(caller: Caller, path: Path<ProjectPath>, bare: Bare) -> Result<Response, Problem> {
    execute(&caller, bare.once, Command::DeleteProject { id: path.0.project }, |_| Answer::empty()).await
}

/// The same routes under the name that clients of the original contract know.
mod categories {
    use super::{
        Bare, Caller, Json, Path, Problem, ProjectInput, ProjectJson, ProjectList, ProjectPath, Refusals, Response,
        Submission,
    };

    /// List categories
    #[utoipa::path(get, path = "/categories", tag = "projects", responses((status = 200, body = ProjectList), Refusals))]
    pub async fn list(caller: Caller) -> Result<Json<ProjectList>, Problem> {
        super::list(caller).await
    }

    /// Create a category
    #[utoipa::path(post, path = "/categories", tag = "projects", request_body = ProjectInput,
        responses((status = 201, body = ProjectJson), Refusals))]
    pub async fn create(caller: Caller, input: Submission<ProjectInput>) -> Result<Response, Problem> {
        super::create(caller, input).await
    }

    /// Delete a category
    #[utoipa::path(delete, path = "/categories/{project}", tag = "projects", params(ProjectPath),
        responses((status = 204, description = "Deleted"), Refusals))]
    pub async fn delete(caller: Caller, path: Path<ProjectPath>, bare: Bare) -> Result<Response, Problem> {
        super::delete(caller, path, bare).await
    }
}
